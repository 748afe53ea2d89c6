/* files.c: the path of a directory enters, a sorted list of the regular files below it leaves. It
 * reads directories only, never a file, and has one of them open at a time however deep they are. */
#define _XOPEN_SOURCE 700
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

char *
path_join(const char *directory, const char *name)
{
    size_t size = strlen(directory);
    size_t name_size = strlen(name) + 1;
    char *path = malloc(size + 1 + name_size);
    if (path == NULL)
        return NULL;
    memcpy(path, directory, size);
    if (size > 0)
        path[size++] = '/';
    memcpy(path + size, name, name_size);
    return path;
}

/* Takes over the path, which may be NULL: the memory for it was not to be had. */
static int
add_path(struct file_list *list, char *path)
{
    if (path != NULL && list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 64 : 2 * list->capacity;
        char **paths = realloc(list->paths, capacity * sizeof *paths);
        if (paths == NULL) {
            free(path);
            return ENOMEM;
        }
        list->paths = paths;
        list->capacity = capacity;
    }
    if (path == NULL)
        return ENOMEM;
    list->paths[list->count++] = path;
    return 0;
}

/* What a build or another tool has made is no source. */
static bool
is_passed_over(const char *directory_name)
{
    return directory_name[0] == '.' || strcmp(directory_name, "build") == 0;
}

static int
add_entry(DIR *directory, const char *below, const char *name, struct file_list *directories,
          struct file_list *files)
{
    struct stat status;
    if (fstatat(dirfd(directory), name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : errno; /* gone since it was listed */
    if (S_ISREG(status.st_mode))
        return add_path(files, path_join(below, name));
    if (S_ISDIR(status.st_mode) && !is_passed_over(name))
        return add_path(directories, path_join(below, name));
    return 0;
}

static int
read_entries(DIR *directory, const char *below, struct file_list *directories,
             struct file_list *files)
{
    for (;;) {
        errno = 0; /* readdir() returns NULL at the end too */
        const struct dirent *entry = readdir(directory);
        if (entry == NULL)
            return errno;
        int error = add_entry(directory, below, entry->d_name, directories, files);
        if (error != 0)
            return error;
    }
}

static int
read_directory(const char *root, const char *below, struct file_list *directories,
               struct file_list *files)
{
    char *path = path_join(root, below);
    if (path == NULL)
        return ENOMEM;
    DIR *directory = opendir(path);
    int error = directory == NULL ? errno : 0;
    free(path);
    if (error != 0)
        return error;
    error = read_entries(directory, below, directories, files);
    closedir(directory);
    return error;
}

static int
compare_paths(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int
file_list_read(const char *root, struct file_list *ret_list)
{
    struct file_list directories = {0};
    struct file_list files = {0};
    int error = add_path(&directories, path_join("", ""));
    while (error == 0 && directories.count > 0) {
        char *below = directories.paths[--directories.count];
        error = read_directory(root, below, &directories, &files);
        free(below);
    }
    file_list_clear(&directories);
    if (error != 0) {
        file_list_clear(&files);
        return error;
    }
    if (files.count > 0)
        qsort(files.paths, files.count, sizeof *files.paths, compare_paths);
    *ret_list = files;
    return 0;
}

bool
file_list_has(const struct file_list *list, const char *path)
{
    return list->count > 0 &&
           bsearch(&path, list->paths, list->count, sizeof *list->paths, compare_paths) != NULL;
}

void
file_list_clear(struct file_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct file_list){0};
}
