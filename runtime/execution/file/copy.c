/* copy.c: a copy of a database before something is done to it. SQLite's backup copies pages, so
 * that also rowids nobody declared stay as they are. The copy has its name only once it is whole
 * and on the disk. */
#include "connection/connection.h"
#include "migration/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static cleat_status
fail_system(cleat_error *error, const char *path)
{
    int code = errno;
    return cleat_error_set(error, cleat_status_of_system(code), "the backup %s: %s", path,
                           strerror(code));
}

static cleat_status
copy_pages(sqlite3 *handle, const char *path, const char *database, cleat_error *error)
{
    sqlite3 *copy = NULL;
    int rc = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(copy, "PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF", NULL, NULL,
                          NULL);
    if (rc == SQLITE_OK) {
        sqlite3_backup *backup = sqlite3_backup_init(copy, "main", handle, "main");
        if (backup != NULL)
            sqlite3_backup_step(backup, -1);
        rc = backup == NULL ? sqlite3_errcode(copy) : sqlite3_backup_finish(backup);
    }
    cleat_status status = CLEAT_OK;
    if (rc != SQLITE_OK)
        status = cleat_error_sqlite(error, copy, rc, database, NULL, NULL);
    sqlite3_close(copy);
    return status;
}

static cleat_status
sync_file(const char *path, cleat_error *error)
{
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool fine = file >= 0 && fsync(file) == 0;
    cleat_status rc = fine ? CLEAT_OK : fail_system(error, path);
    if (file >= 0)
        close(file);
    return rc;
}

/* Makes the new name last, before the original is changed. Some file systems cannot. */
static cleat_status
sync_directory(const char *path, cleat_error *error)
{
    const char *slash = strrchr(path, '/');
    char *name = slash == NULL ? cleat_text(".")
                               : cleat_text("%.*s", (int)(slash - path) + 1, path);
    if (name == NULL)
        return cleat_error_memory(error);
    cleat_status rc = CLEAT_OK;
    int directory = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0 && fsync(directory) != 0 && errno != EINVAL && errno != ENOTSUP)
        rc = fail_system(error, name);
    if (directory >= 0)
        close(directory);
    free(name);
    return rc;
}

cleat_status
cleat_migrate_backup(sqlite3 *handle, const char *path, const char *database, cleat_error *error)
{
    char *beside = cleat_text("%s.part", path);
    if (beside == NULL)
        return cleat_error_memory(error);
    cleat_status rc = CLEAT_OK;
    unlink(beside);
    int file = open(beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        rc = fail_system(error, beside);
    else
        close(file);
    if (rc == CLEAT_OK)
        rc = copy_pages(handle, beside, database, error);
    if (rc == CLEAT_OK)
        rc = sync_file(beside, error);
    if (rc == CLEAT_OK && link(beside, path) != 0)
        rc = fail_system(error, path);
    unlink(beside);
    if (rc == CLEAT_OK)
        rc = sync_directory(path, error);
    free(beside);
    return rc;
}
