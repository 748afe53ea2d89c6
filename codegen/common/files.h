/* files.h: from texts to a directory that holds exactly them, or to a report of how it differs. */
#ifndef CLEAT_FILES_H
#define CLEAT_FILES_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* The files of one directory, one being made at a time. */
struct file_set;

/* Begins to write the files of a directory. */
struct file_set *file_set_new(const char *directory);

/* Begins to compare instead: differences go to `out` as unified diffs, and nothing is written. */
struct file_set *file_set_compare(const char *directory, FILE *out);

/* Begins a file, whose path is below the directory, and ends the one before. The caller appends its
 * text. Lends until the next call. */
GString *file_set_add(struct file_set *files, const char *path);

/* Ends the last file. When writing: every new text is complete on disk by now, and only now are the
 * old files replaced; those that keep their text keep their time stamp, and files of an earlier run
 * that this one does not have are removed, nobody else's. Returns false with the reason when
 * anything failed, with all old files as they were. *ret_differs says whether the directory was
 * not up to date. */
bool file_set_finish(struct file_set *files, bool *ret_differs, GError **ret_error);

/* Removes what was written and not finished. */
void file_set_free(struct file_set *files);

#endif
