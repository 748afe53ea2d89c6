/* files.h: generated files, first in memory, then on disk all or none. */
#ifndef CLEAT_FILES_H
#define CLEAT_FILES_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* Files by path below the output directory. */
struct file_set;

struct file_set *file_set_new(void);
void file_set_free(struct file_set *files);

/* A new, empty file, whose text the caller appends to. Lends until file_set_free(). */
GString *file_set_add(struct file_set *files, const char *path);

/* Brings a directory to hold exactly these files: writes what has changed, keeps the time stamp of
 * what has not, removes files that an earlier run wrote and this one does not, touches nobody
 * else's. New contents are complete on disk before the first old file is replaced. */
bool file_set_write(const struct file_set *files, const char *directory, GError **ret_error);

/* Prints how the directory differs from these files, as unified diffs. Returns false, with the
 * reason, when it cannot be read; *ret_differs says whether anything differs. */
bool file_set_compare(const struct file_set *files, const char *directory, FILE *out,
                      bool *ret_differs, GError **ret_error);

#endif
