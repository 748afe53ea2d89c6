/* files.h: which files there are below a directory. */
#ifndef HUB_FILES_H
#define HUB_FILES_H

#include <stdbool.h>
#include <stddef.h>

/* Paths in the order of strcmp(). A zeroed list is empty. */
struct file_list {
    char **paths;
    size_t count;
    size_t capacity;
};

/* Lists the regular files below a directory, by their path relative to it. Symbolic links, hidden
 * directories and build directories are passed over. Returns 0 or an errno.
 * Owns: file_list_clear(). */
int file_list_read(const char *root, struct file_list *ret_list);

bool file_list_has(const struct file_list *list, const char *path);

/* Frees what the list has and leaves it empty. */
void file_list_clear(struct file_list *list);

/* "directory/name", or the name alone when the directory is "". Returns NULL without memory.
 * Owns: free(). */
char *path_join(const char *directory, const char *name);

#endif
