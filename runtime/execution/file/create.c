/* create.c: makes database files that are complete or absent. Each is built beside its place under
 * another name, brought to disk, and only then linked to its own. The caller builds all files before
 * it publishes the first, so that the system writes one while the next is built; it makes the new
 * names last, all at once; and it holds the lock of the directory, so a file left over there by a
 * crash is nobody's. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* sync_file_range() */
#endif
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool
cleat_file_has(const struct database *database, const char *suffix)
{
    struct stat found;
    char path[PATH_MAX + 16];
    int length = snprintf(path, sizeof path, "%s%s", database->path, suffix);
    return (size_t)length >= sizeof path || (stat(path, &found) == 0 && found.st_size > 0);
}

/* A failure of the system, about a file. */
static cleat_status
fail_system(cleat_error *error, const char *path, int code)
{
    return cleat_error_set(error, cleat_status_of_system(code), "%s: %s", path, strerror(code));
}

/* ---- the schema ---- */

static int
write_number(sqlite3 *handle, const char *pragma, int number)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA %s=%d", pragma, number);
    return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

/* A new file has the schema that all migrations lead to. */
static int
write_history(sqlite3 *handle, const cleat_database *schema)
{
    int rc = schema->migration_count == 0 ? SQLITE_OK : cleat_history_create(handle);
    for (size_t i = 0; rc == SQLITE_OK && i < schema->migration_count; i++)
        rc = cleat_history_add(handle, &schema->migrations[i], ORIGIN_CREATED);
    return rc;
}

/* Runs every statement of the schema; *ret_sql is the one that failed. */
static int
write_schema(sqlite3 *handle, const cleat_database *schema, const char **ret_sql)
{
    *ret_sql = "BEGIN";
    int rc = sqlite3_exec(handle, "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; BEGIN", NULL,
                          NULL, NULL);
    for (const char *const *sql = schema->schema; rc == SQLITE_OK && *sql != NULL; sql++) {
        *ret_sql = *sql;
        rc = sqlite3_exec(handle, *sql, NULL, NULL, NULL);
    }
    if (rc != SQLITE_OK)
        return rc;
    *ret_sql = "COMMIT";
    rc = write_history(handle, schema);
    if (rc == SQLITE_OK)
        rc = write_number(handle, "application_id", cleat_file_application(schema));
    if (rc == SQLITE_OK)
        rc = write_number(handle, "user_version", cleat_file_version(schema));
    if (rc == SQLITE_OK)
        rc = write_number(handle, "schema_version", (int)CLEAT_COOKIE);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
    return rc;
}

static cleat_status
build(const struct database *database, const char *path, cleat_error *error)
{
    const cleat_database *schema = database->schema;
    const char *sql = NULL;
    sqlite3 *handle = NULL;
    int rc = sqlite3_open_v2(path, &handle,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                             NULL);
    if (rc == SQLITE_OK)
        rc = write_schema(handle, schema, &sql);
    cleat_status status = CLEAT_OK;
    if (rc != SQLITE_OK)
        status = cleat_error_sqlite(error, handle, rc, schema->name, NULL, sql);
    rc = sqlite3_close(handle);
    if (status == CLEAT_OK && rc != SQLITE_OK)
        status = cleat_error_sqlite(error, NULL, rc, schema->name, NULL, NULL);
    return status;
}

/* ---- the file ---- */

struct beside {
    char path[PATH_MAX + 16];
};

/* The name of the file in the making. */
static struct beside
beside(const struct database *database)
{
    struct beside name;
    snprintf(name.path, sizeof name.path, "%s.cleat-new", database->path);
    return name;
}

/* Creates an empty file for its owner alone. */
static cleat_status
create_empty(const char *path, cleat_error *error)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return fail_system(error, path, errno);
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return fail_system(error, path, errno);
    close(file);
    return CLEAT_OK;
}

/* Marks the file as one with a write-ahead log, when it shall have one. The system is asked to begin
 * with writing it, where it can be; whether that succeeds, publishing sees. */
static cleat_status
finish(const char *path, bool wal, cleat_error *error)
{
    static const unsigned char versions[2] = {2, 2};
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return fail_system(error, path, errno);
    cleat_status rc = CLEAT_OK;
    if (wal && pwrite(file, versions, sizeof versions, 18) != (ssize_t)sizeof versions)
        rc = fail_system(error, path, errno);
#ifdef SYNC_FILE_RANGE_WRITE
    sync_file_range(file, 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
    close(file);
    return rc;
}

static cleat_status
sync_file(const char *path, cleat_error *error)
{
    int file = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return fail_system(error, path, errno);
    cleat_status rc = fsync(file) == 0 ? CLEAT_OK : fail_system(error, path, errno);
    close(file);
    return rc;
}

/* A log or journal without its database would be taken for one of the new file. */
static cleat_status
remove_stale(const struct database *database, cleat_error *error)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    cleat_status rc = CLEAT_OK;
    for (size_t i = 0; rc == CLEAT_OK && i < CLEAT_COUNT(suffixes); i++) {
        char *path = cleat_text("%s%s", database->path, suffixes[i]);
        if (path == NULL)
            return cleat_error_memory(error);
        if (unlink(path) != 0 && errno != ENOENT)
            rc = fail_system(error, path, errno);
        free(path);
    }
    return rc;
}

/* Gives the file its name. CLEAT_OK: somebody else's is there already. */
static cleat_status
give_name(const struct database *database, const char *path, cleat_error *error)
{
    struct stat found;
    if (stat(database->path, &found) == 0) {
        if (found.st_size > 0)
            return CLEAT_OK;
        /* an empty file holds nothing, and under the lock nobody else fills it */
        if (rename(path, database->path) != 0)
            return fail_system(error, database->path, errno);
        return CLEAT_CREATED;
    }
    cleat_status rc = remove_stale(database, error);
    if (rc < 0)
        return rc;
    if (link(path, database->path) == 0)
        return CLEAT_CREATED;
    if (errno == EEXIST)
        return CLEAT_OK;
    /* a file system without hard links: the lock still keeps others away */
    /* NOLINTNEXTLINE(misc-redundant-expression): two names of one number, on Linux only */
    if ((errno == EPERM || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS) &&
        rename(path, database->path) == 0)
        return CLEAT_CREATED;
    return fail_system(error, database->path, errno);
}

/* ---- for boot ---- */

cleat_status
cleat_file_build(const struct database *database, cleat_error *error)
{
    struct beside new = beside(database);
    bool wal = strcmp(database->options.journal_mode, "WAL") == 0;
    cleat_status rc = create_empty(new.path, error);
    if (rc == CLEAT_OK)
        rc = build(database, new.path, error);
    if (rc == CLEAT_OK)
        rc = finish(new.path, wal, error);
    return rc;
}

cleat_status
cleat_file_publish(const struct database *database, cleat_error *error)
{
    struct beside new = beside(database);
    cleat_status rc = sync_file(new.path, error);
    if (rc == CLEAT_OK)
        rc = give_name(database, new.path, error);
    unlink(new.path);
    return rc;
}

void
cleat_file_abandon(const struct database *database)
{
    unlink(beside(database).path);
}

/* Some file systems cannot, which is no reason to fail. */
cleat_status
cleat_file_sync_directory(const struct database *database, cleat_error *error)
{
    char *path = cleat_text("%.*s", (int)(strrchr(database->path, '/') - database->path) + 1,
                            database->path);
    if (path == NULL)
        return cleat_error_memory(error);
    cleat_status rc = CLEAT_OK;
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        if (fsync(directory) != 0 && errno != EINVAL && errno != ENOTSUP)
            rc = fail_system(error, path, errno);
        close(directory);
    }
    free(path);
    return rc;
}
