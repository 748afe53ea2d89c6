/* path.c: from the text of a setting to the one true path of a file: absolute, without `~`, URL,
 * symbolic links or dots. What leaves begins with a slash, so SQLite can never take it for a URI.
 * The directory exists afterwards. */
#include "runtime.h"

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

void
cleat_directory_forget(struct directory *directory)
{
    free(directory->text);
    free(directory->real);
    memset(directory, 0, sizeof *directory);
}

/* Whether a text begins with a scheme and "://". */
static bool
is_url(const char *text)
{
    size_t length = strspn(text,
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
    return length > 0 && strncmp(text + length, "://", 3) == 0;
}

/* Takes sqlite:/// off. A URL of something else is refused, and not repeated: it may have a
 * password in it. */
static cleat_status
strip_url(const char *text, const char **ret_path, cleat_error *error)
{
    static const char head[] = "sqlite:///";
    *ret_path = text;
    if (strncmp(text, "sqlite:", 7) != 0 && !is_url(text))
        return CLEAT_OK;
    if (strncmp(text, head, sizeof head - 1) != 0 || strchr(text, '?') != NULL)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "the URL of a database must be sqlite:///relative or "
                               "sqlite:////absolute, without a query");
    *ret_path = text + sizeof head - 1;
    return CLEAT_OK;
}

static const char *
home_directory(void)
{
    const char *home = getenv("HOME");
    if (home != NULL && home[0] == '/')
        return home;
    const struct passwd *user = getpwuid(getuid());
    return user == NULL ? NULL : user->pw_dir;
}

/* Expands `~` and puts the current directory before a relative path. */
static cleat_status
make_absolute(const char *path, char **ret_path, cleat_error *error)
{
    char directory[PATH_MAX];
    if (path[0] == '~' && (path[1] == '/' || path[1] == '\0')) {
        const char *home = home_directory();
        if (home == NULL)
            return cleat_error_set(error, CLEAT_MISUSE, "~ has no meaning: there is no home");
        *ret_path = cleat_text("%s%s", home, path + 1);
    } else if (path[0] == '~') {
        return cleat_error_set(error, CLEAT_MISUSE,
                               "only ~/ stands for a home: write ./~ for a file of this name");
    } else if (path[0] == '/') {
        *ret_path = cleat_text("%s", path);
    } else {
        if (getcwd(directory, sizeof directory) == NULL)
            return cleat_error_set(error, CLEAT_CANNOT_OPEN, "the current directory: %s",
                                   strerror(errno));
        *ret_path = cleat_text("%s/%s", directory, path);
    }
    return *ret_path == NULL ? cleat_error_memory(error) : CLEAT_OK;
}

/* Whether the directory of an absolute path is there already, as it nearly always is. */
static bool
has_directory(char *path)
{
    struct stat found;
    char *slash = strrchr(path, '/');
    *slash = '\0';
    bool there = slash == path || (stat(path, &found) == 0 && S_ISDIR(found.st_mode));
    *slash = '/';
    return there;
}

/* Creates every directory of an absolute path. */
static cleat_status
make_directories(char *path, cleat_error *error)
{
    if (has_directory(path))
        return CLEAT_OK;
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int rc = mkdir(path, 0700);
        int code = errno;
        struct stat found;
        bool there = rc == 0 || (stat(path, &found) == 0 && S_ISDIR(found.st_mode));
        if (!there) {
            cleat_error_set(error,
                            code == EACCES || code == EROFS ? CLEAT_READONLY : CLEAT_CANNOT_OPEN,
                            "the directory " CLEAT_SHOWN_PATH ": %s", path,
                            strerror(code == EEXIST ? ENOTDIR : code));
            return error->status;
        }
        *slash = '/';
    }
    return CLEAT_OK;
}

static cleat_status
fail_path(const char *path, cleat_error *error)
{
    return cleat_error_set(error, CLEAT_CANNOT_OPEN, CLEAT_SHOWN_PATH ": %s", path,
                           strerror(errno));
}

/* Makes the directory of an absolute path, and resolves it. The databases of a program mostly lie
 * in the same one, which is resolved once. */
static cleat_status
find_directory(char *path, struct directory *directory, cleat_error *error)
{
    char resolved[PATH_MAX];
    size_t length = (size_t)(strrchr(path, '/') + 1 - path);
    if (directory->text != NULL && strlen(directory->text) == length &&
        memcmp(directory->text, path, length) == 0)
        return CLEAT_OK;
    cleat_directory_forget(directory);
    cleat_status rc = make_directories(path, error);
    if (rc < 0)
        return rc;
    char *text = cleat_text("%.*s", (int)length, path);
    if (text == NULL)
        return cleat_error_memory(error);
    char *real = realpath(text, resolved);
    if (real == NULL)
        rc = fail_path(path, error);
    else if ((directory->real = cleat_text("%s", strcmp(real, "/") == 0 ? "" : real)) == NULL)
        rc = cleat_error_memory(error);
    else
        directory->text = text;
    if (rc < 0)
        free(text);
    return rc;
}

/* A file that is made through a link would be somewhere nobody looked. */
static cleat_status
fail_link(const char *path, cleat_error *error)
{
    if (errno != ENOENT)
        return fail_path(path, error);
    return cleat_error_set(error, CLEAT_CANNOT_OPEN,
                           CLEAT_SHOWN_PATH " is a symbolic link to a file that is not there",
                           path);
}

/* Resolves symbolic links, of the file too when it is one. */
static cleat_status
make_canonical(char *path, struct directory *directory, char **ret_path, struct stat *ret_found,
               cleat_error *error)
{
    char resolved[PATH_MAX];
    struct stat found;
    const char *name = strrchr(path, '/') + 1;
    if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return cleat_error_set(error, CLEAT_MISUSE, "%s is a directory, not a file", path);
    cleat_status rc = find_directory(path, directory, error);
    if (rc < 0)
        return rc;
    bool there = lstat(path, &found) == 0;
    if (there && S_ISLNK(found.st_mode)) {
        if (realpath(path, resolved) == NULL || stat(resolved, &found) != 0)
            return fail_link(path, error);
        *ret_path = cleat_text("%s", resolved);
    } else {
        *ret_path = cleat_text("%s/%s", directory->real, name);
    }
    if (*ret_path == NULL)
        return cleat_error_memory(error);
    if (there)
        *ret_found = found;
    else
        memset(ret_found, 0, sizeof *ret_found);
    return CLEAT_OK;
}

cleat_status
cleat_path_expand(const char *text, char **ret_path, cleat_error *error)
{
    const char *path;
    cleat_status rc = strip_url(text, &path, error);
    if (rc < 0)
        return rc;
    if (path[0] == '\0' || strcmp(path, ":memory:") == 0)
        return cleat_error_set(error, CLEAT_MISUSE, "a database needs the path of a file");
    return make_absolute(path, ret_path, error);
}

cleat_status
cleat_path_resolve(const char *text, struct directory *directory, char **ret_path,
                   struct stat *ret_found, cleat_error *error)
{
    char *absolute = NULL;
    cleat_status rc = cleat_path_expand(text, &absolute, error);
    if (rc == CLEAT_OK)
        rc = make_canonical(absolute, directory, ret_path, ret_found, error);
    free(absolute);
    return rc;
}
