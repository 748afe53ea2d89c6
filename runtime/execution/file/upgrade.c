/* upgrade.c: what boot does about a file that is behind. Finds out, without a write, which
 * migrations a file lacks; makes the backup that settings ask for; runs them and says so in the
 * log. The caller holds the lock of the directory. */
#include "file.h"
#include "migration/migrate.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

cleat_status
cleat_file_pending(const struct database *database, sqlite3 *handle, bool *ret_listed,
                   size_t *ret_pending, cleat_error *error)
{
    struct history history;
    cleat_status rc = cleat_history_read(handle, database->schema, &history, error);
    if (rc == CLEAT_OK) {
        size_t pending = 0;
        if (!history.unversioned)
            pending = database->schema->migration_count - history.count;
        if (pending > 0 && history.listed)
            rc = cleat_history_verify(handle, database->schema, &history, error);
        *ret_listed = history.listed || history.unversioned;
        *ret_pending = pending;
    }
    cleat_history_free(&history);
    return rc;
}

/* "<file>.20260131T235959Z.backup", with a number for another one in the same second. NULL without
 * memory. */
static char *
name_backup(const struct database *database, const char *stamp)
{
    char *path = cleat_text("%s.%s.backup", database->path, stamp);
    for (int number = 2; path != NULL && access(path, F_OK) == 0; number++) {
        free(path);
        path = cleat_text("%s.%s-%d.backup", database->path, stamp, number);
    }
    return path;
}

static cleat_status
back_up(const cleat_registry *registry, const struct database *database, sqlite3 *handle,
        cleat_error *error)
{
    char stamp[24] = "";
    time_t now = time(NULL);
    struct tm parts;
    if (gmtime_r(&now, &parts) != NULL)
        strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &parts);
    char *path = name_backup(database, stamp);
    if (path == NULL)
        return cleat_error_memory(error);
    cleat_status rc = cleat_migrate_backup(handle, path, database->schema->name, error);
    if (rc == CLEAT_OK)
        cleat_log(&registry->config, CLEAT_LOG_INFO, "bootstrap", "%s: Backup in %s",
                  database->schema->name, path);
    free(path);
    return rc;
}

struct report {
    const struct config *config;
    const char *database;
};

static void
log_step(void *data, const cleat_migration *migration)
{
    const struct report *report = data;
    cleat_log(report->config, CLEAT_LOG_INFO, "bootstrap", "%s: Migration %s applied: %s",
              report->database, migration->revision, migration->message);
}

static cleat_status
run(const cleat_registry *registry, struct database *database, sqlite3 *handle, cleat_error *error)
{
    struct report report = {&registry->config, database->schema->name};
    struct migrate migrate = {
        .handle = handle,
        .database = database->schema,
        .progress = registry->config.progress,
        .progress_data = registry->config.progress_data,
        .done = log_step,
        .done_data = &report,
    };
    cleat_status rc = cleat_migrate_up(&migrate, error);
    database->migrated += migrate.count;
    /* the log would otherwise stay as long as the widest step was, and boot looks at its size */
    if (rc == CLEAT_OK)
        sqlite3_wal_checkpoint_v2(handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc;
}

cleat_status
cleat_file_migrate(const cleat_registry *registry, struct database *database, cleat_error *error)
{
    sqlite3 *handle = NULL;
    const struct options *options = &database->options;
    cleat_status status = CLEAT_OK;
    if (!options->migrate && database->pending > 0)
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s lacks %zu migrations, and settings say not to run "
                               "them; run: cleat migrate up %s %s",
                               database->schema->name, database->path, database->pending,
                               database->schema->name, database->path);
    int rc = cleat_migrate_open(database->path, database->schema->flags, options->busy_timeout_ms,
                                &handle);
    if (rc != SQLITE_OK)
        status = cleat_error_sqlite(error, handle, rc, database->schema->name, NULL, NULL);
    if (status == CLEAT_OK && options->migrate_backup && database->pending > 0)
        status = back_up(registry, database, handle, error);
    if (status == CLEAT_OK)
        status = run(registry, database, handle, error);
    sqlite3_close(handle);
    return status;
}
