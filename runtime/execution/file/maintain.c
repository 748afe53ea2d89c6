/* maintain.c: connections that look after a database and serve no session, and the short work they
 * do: moving the write-ahead log into the file, and sampling the distribution of values. */
#include "maintain.h"

#include <stdio.h>
#include <time.h>

#define MILLISECOND INT64_C(1000000)

cleat_status
cleat_maintain_open(const struct database *database, sqlite3 **ret_handle, cleat_error *error)
{
    int rc = cleat_handle_open(database->path, database->schema->flags, ret_handle);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(*ret_handle, database->options.busy_timeout_ms);
    if (rc == SQLITE_OK)
        return CLEAT_OK;
    cleat_error_open(error, *ret_handle, rc, database);
    sqlite3_close(*ret_handle);
    *ret_handle = NULL;
    return error->status;
}

cleat_status
cleat_each_database(cleat_registry *registry, const char *name, cleat_work_on *work, void *data)
{
    cleat_status status = cleat_registry_enter(registry);
    if (status < 0)
        return status;
    struct database *only = NULL;
    cleat_error error;
    if (name != NULL && cleat_registry_choose(registry, name, &only, &error) != CLEAT_OK)
        return cleat_registry_fail(registry, &error);
    for (size_t i = 0; i < registry->count; i++) {
        struct database *database = &registry->databases[i];
        if (only != NULL && database != only)
            continue;
        cleat_error one;
        cleat_status rc = work(database, data, &one);
        if (rc < 0 && status == CLEAT_OK) {
            status = rc;
            error = one;
        }
    }
    return status == CLEAT_OK ? status : cleat_registry_fail(registry, &error);
}

/* ---- the log ---- */

/* SQLite waits for who reads or writes, and not for who is moving the log as well. All waiting
 * together is no longer than the timeout. */
static int
move_log(sqlite3 *handle, const struct database *database)
{
    int64_t now = cleat_clock(), deadline = now + database->options.busy_timeout_ms * MILLISECOND;
    for (;;) {
        sqlite3_busy_timeout(handle, now < deadline ? (int)((deadline - now) / MILLISECOND) : 0);
        int rc = sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
        now = cleat_clock();
        if ((rc & 0xff) != SQLITE_BUSY || now >= deadline)
            return rc;
        struct timespec pause = {0, MILLISECOND};
        nanosleep(&pause, NULL);
    }
}

static cleat_status
checkpoint(struct database *database, void *data, cleat_error *error)
{
    sqlite3 *handle = NULL;
    (void)data;
    cleat_status status = cleat_maintain_open(database, &handle, error);
    if (status < 0)
        return status;
    /* a connection that has not read knows of no log */
    int number, rc = cleat_ask_number(handle, "PRAGMA user_version", &number);
    if (rc == SQLITE_OK)
        rc = move_log(handle, database);
    if (rc != SQLITE_OK)
        status = cleat_error_sqlite(error, handle, rc, database->schema->name, NULL, NULL);
    sqlite3_close(handle);
    return status;
}

cleat_status
cleat_registry_checkpoint(cleat_registry *registry, const char *database)
{
    return cleat_each_database(registry, database, checkpoint, NULL);
}

/* ---- statistics ---- */

/* The first ANALYZE adds SQLite's own tables to the schema, and so changes its version; a second
 * number that is known tells the next boot that nothing else did. It differs from the one before,
 * so every connection reads the schema again. */
static int
analyze(sqlite3 *handle)
{
    int before = 0, after = 0;
    int rc = sqlite3_exec(handle, "PRAGMA analysis_limit=400; BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = cleat_ask_number(handle, "PRAGMA schema_version", &before);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, "ANALYZE", NULL, NULL, NULL);
    /* a failure to read back what it wrote undoes all and is not told */
    if (rc == SQLITE_OK && sqlite3_get_autocommit(handle))
        rc = SQLITE_IOERR;
    if (rc == SQLITE_OK)
        rc = cleat_ask_number(handle, "PRAGMA schema_version", &after);
    if (rc == SQLITE_OK && cleat_cookie_is_own((uint32_t)before) && after != before)
        rc = cleat_cookie_set(handle);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
    return rc;
}

static cleat_status
optimize(struct database *database, void *data, cleat_error *error)
{
    sqlite3 *handle = NULL;
    (void)data;
    cleat_status status = cleat_maintain_open(database, &handle, error);
    if (status < 0)
        return status;
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL); /* it guards the version */
    int rc = analyze(handle);
    if (rc != SQLITE_OK)
        status = cleat_error_sqlite(error, handle, rc, database->schema->name, NULL, "ANALYZE");
    sqlite3_close(handle);
    return status;
}

cleat_status
cleat_registry_optimize(cleat_registry *registry, const char *database)
{
    return cleat_each_database(registry, database, optimize, NULL);
}
