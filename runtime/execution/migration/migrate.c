/* migrate.c: the order in which migrations are run, undone or only entered. A handle and compiled
 * migrations enter; every step (step.c) is one transaction with its bookkeeping, so that a file is
 * at one revision or at the next whatever happens.
 *
 * Foreign keys are off: inside of a transaction they cannot be switched off any more, and dropping
 * a table would carry out its ON DELETE actions. */
#include "step.h"

int
cleat_migrate_open(const char *path, unsigned schema_flags, int busy_timeout_ms,
                   sqlite3 **ret_handle)
{
    int rc = cleat_handle_open(path, schema_flags, ret_handle);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_busy_timeout(*ret_handle, busy_timeout_ms);
    return sqlite3_exec(*ret_handle, "PRAGMA foreign_keys=OFF; PRAGMA synchronous=FULL", NULL, NULL,
                        NULL);
}

/* ---- transactions ---- */

static void
roll_back(const struct migrate *migrate)
{
    sqlite3_exec(migrate->handle, "ROLLBACK", NULL, NULL, NULL);
}

/* A dry run is one transaction. What it finds wrong with references it cannot try again, so it asks
 * first. */
static cleat_status
begin(struct migrate *migrate, cleat_error *error)
{
    if (!sqlite3_get_autocommit(migrate->handle))
        return CLEAT_OK;
    int rc = sqlite3_exec(migrate->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return cleat_migrate_fail(migrate, rc, "BEGIN IMMEDIATE", error);
    return migrate->dry ? cleat_migrate_allow(migrate, error) : CLEAT_OK;
}

static cleat_status
end_step(struct migrate *migrate, const cleat_migration *migration, cleat_error *error)
{
    int rc = migrate->dry ? SQLITE_OK : cleat_references_forget(migrate);
    if (rc == SQLITE_OK && !migrate->dry)
        rc = sqlite3_exec(migrate->handle, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return cleat_migrate_fail(migrate, rc, "COMMIT", error);
    migrate->count++;
    if (migrate->done != NULL)
        migrate->done(migrate->done_data, migration);
    return CLEAT_OK;
}

/* ---- up ---- */

/* A file without a list gets one of all that made it what it is. */
static cleat_status
write_list(const struct migrate *migrate, const struct history *history, enum origin origin,
           cleat_error *error)
{
    int rc = cleat_history_create(migrate->handle);
    for (size_t i = 0; rc == SQLITE_OK && i < history->count; i++)
        rc = cleat_history_add(migrate->handle, &migrate->database->migrations[history->order[i]],
                               origin);
    return rc == SQLITE_OK ? CLEAT_OK : cleat_migrate_fail(migrate, rc, NULL, error);
}

/* Which migrations are wanted: all, or those that lead to `to`. */
static cleat_status
want(const struct migrate *migrate, bool *ret_wanted, cleat_error *error)
{
    const cleat_database *database = migrate->database;
    size_t place = database->migration_count - 1;
    if (migrate->to != NULL)
        place = cleat_migration_find(database, migrate->to);
    if (place == database->migration_count)
        return cleat_error_set(error, CLEAT_NOT_FOUND, "%s has no migration %s", database->name,
                               migrate->to);
    cleat_migration_ancestors(database, place, ret_wanted);
    return CLEAT_OK;
}

static size_t
find_pending(const struct migrate *migrate, const struct history *history, const bool *wanted,
             size_t *ret_left)
{
    size_t next = migrate->database->migration_count;
    *ret_left = 0;
    for (size_t i = migrate->database->migration_count; i > 0; i--) {
        if (wanted[i - 1] && !history->applied[i - 1]) {
            next = i - 1;
            ++*ret_left;
        }
    }
    return next;
}

static cleat_status
read_history(const struct migrate *migrate, struct history *history, cleat_error *error)
{
    cleat_status rc = cleat_history_read(migrate->handle, migrate->database, history, error);
    if (rc == CLEAT_OK && history->unversioned)
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s has none of its schemas; cleat migrate stamp makes "
                               "a file part of the history whose schema is right",
                               migrate->database->name,
                               sqlite3_db_filename(migrate->handle, "main"));
    if (rc == CLEAT_OK && history->listed && migrate->count == 0)
        rc = cleat_history_verify(migrate->handle, migrate->database, history, error);
    return rc;
}

/* Reads how far the file is and runs the next migration, all in one transaction: another process
 * may have been quicker. CLEAT_DONE when nothing is left to do. */
static cleat_status
up_once(struct migrate *migrate, const bool *wanted, cleat_error *error)
{
    struct history history;
    size_t left = 0, place = 0;
    const cleat_database *database = migrate->database;
    cleat_status rc = read_history(migrate, &history, error);
    if (rc == CLEAT_OK && !history.listed)
        rc = write_list(migrate, &history, ORIGIN_RECOGNISED, error);
    if (rc == CLEAT_OK)
        place = find_pending(migrate, &history, wanted, &left);
    migrate->now.steps = migrate->count + left;
    if (rc == CLEAT_OK && left > 0) {
        const cleat_migration *migration = &database->migrations[place];
        rc = cleat_migrate_step(migrate, migration, true, migration, error);
        if (rc == CLEAT_OK)
            rc = end_step(migrate, migration, error);
    } else if (rc == CLEAT_OK && !history.listed) {
        int code = cleat_migrate_mark(migrate,
                                      &database->migrations[history.order[history.count - 1]]);
        if (code == SQLITE_OK && !migrate->dry)
            code = sqlite3_exec(migrate->handle, "COMMIT", NULL, NULL, NULL);
        rc = code == SQLITE_OK ? CLEAT_DONE : cleat_migrate_fail(migrate, code, NULL, error);
    } else if (rc == CLEAT_OK) {
        rc = CLEAT_DONE;
    }
    cleat_history_free(&history);
    return rc;
}

/* A step that leaves more references without a target than there may be is tried again when there
 * were some before it: only new ones are its fault. */
static cleat_status
retry(struct migrate *migrate, const bool *wanted, cleat_error *error)
{
    cleat_error first = *error;
    if (migrate->dry)
        return error->status;
    roll_back(migrate);
    cleat_status rc = begin(migrate, error);
    if (rc == CLEAT_OK)
        rc = cleat_migrate_allow(migrate, error);
    if (rc < 0)
        return rc;
    if (migrate->allowed > 0)
        return up_once(migrate, wanted, error);
    *error = first;
    return first.status;
}

cleat_status
cleat_migrate_up(struct migrate *migrate, cleat_error *error)
{
    bool *wanted = sqlite3_malloc64(migrate->database->migration_count + 1);
    if (wanted == NULL)
        return cleat_error_memory(error);
    memset(wanted, 0, migrate->database->migration_count + 1);
    cleat_status rc = want(migrate, wanted, error);
    while (rc == CLEAT_OK) {
        rc = begin(migrate, error);
        if (rc == CLEAT_OK)
            rc = up_once(migrate, wanted, error);
        if (rc == CLEAT_FOREIGN_KEY && migrate->allowed == 0)
            rc = retry(migrate, wanted, error);
    }
    if (!sqlite3_get_autocommit(migrate->handle))
        roll_back(migrate);
    sqlite3_free(wanted);
    return rc == CLEAT_DONE ? CLEAT_OK : rc;
}

/* ---- down ---- */

/* The migration to undo: the latest, unless it is wanted. */
static const cleat_migration *
find_undone(const struct migrate *migrate, const struct history *history, const bool *wanted,
            const cleat_migration **ret_last)
{
    const cleat_database *database = migrate->database;
    if (history->count < 2 || wanted[history->order[history->count - 1]])
        return NULL;
    *ret_last = &database->migrations[history->order[history->count - 2]];
    return &database->migrations[history->order[history->count - 1]];
}

static cleat_status
down_once(struct migrate *migrate, const bool *wanted, cleat_error *error)
{
    struct history history;
    const cleat_migration *last = NULL, *undone = NULL;
    cleat_status rc = read_history(migrate, &history, error);
    if (rc == CLEAT_OK && !history.listed)
        rc = write_list(migrate, &history, ORIGIN_RECOGNISED, error);
    if (rc == CLEAT_OK) {
        undone = find_undone(migrate, &history, wanted, &last);
        rc = undone == NULL ? CLEAT_DONE : CLEAT_OK;
    }
    cleat_history_free(&history);
    if (rc != CLEAT_OK)
        return rc;
    if (undone->down == NULL)
        return cleat_error_set(error, CLEAT_MISUSE,
                               "%s: migration %s (%s) has no way back; restore a backup",
                               migrate->database->name, undone->revision, undone->message);
    rc = cleat_migrate_allow(migrate, error);
    if (rc == CLEAT_OK)
        rc = cleat_migrate_step(migrate, undone, false, last, error);
    return rc == CLEAT_OK ? end_step(migrate, undone, error) : rc;
}

cleat_status
cleat_migrate_down(struct migrate *migrate, cleat_error *error)
{
    bool *wanted = sqlite3_malloc64(migrate->database->migration_count + 1);
    if (wanted == NULL)
        return cleat_error_memory(error);
    memset(wanted, 0, migrate->database->migration_count + 1);
    cleat_status rc = migrate->to == NULL ? CLEAT_OK : want(migrate, wanted, error);
    /* nothing that can fail is left to do after the one step: done again, it would be another */
    while (rc == CLEAT_OK && (migrate->to != NULL || migrate->count == 0)) {
        rc = begin(migrate, error);
        if (rc == CLEAT_OK)
            rc = down_once(migrate, wanted, error);
    }
    if (!sqlite3_get_autocommit(migrate->handle))
        roll_back(migrate);
    sqlite3_free(wanted);
    return rc == CLEAT_DONE ? CLEAT_OK : rc;
}

/* ---- stamp ---- */

static cleat_status
stamp(struct migrate *migrate, const bool *wanted, struct history *history, cleat_error *error)
{
    const cleat_database *database = migrate->database;
    size_t before = history->listed ? history->count : 0;
    history->count = before;
    for (size_t i = 0; i < database->migration_count; i++) {
        if (wanted[i] && (!history->listed || !history->applied[i])) {
            history->order[history->count++] = i;
            history->applied[i] = true;
        }
    }
    cleat_status rc = cleat_history_verify(migrate->handle, database, history, error);
    if (rc < 0)
        return rc;
    int code = cleat_history_create(migrate->handle);
    for (size_t i = before; code == SQLITE_OK && i < history->count; i++)
        code = cleat_history_add(migrate->handle, &database->migrations[history->order[i]],
                                 ORIGIN_STAMPED);
    if (code == SQLITE_OK)
        code = cleat_migrate_mark(migrate,
                                  &database->migrations[history->order[history->count - 1]]);
    if (code == SQLITE_OK && !migrate->dry)
        code = sqlite3_exec(migrate->handle, "COMMIT", NULL, NULL, NULL);
    migrate->count = history->count - before;
    return code == SQLITE_OK ? CLEAT_OK : cleat_migrate_fail(migrate, code, NULL, error);
}

cleat_status
cleat_migrate_stamp(struct migrate *migrate, cleat_error *error)
{
    struct history history = {.count = 0};
    bool *wanted = sqlite3_malloc64(migrate->database->migration_count + 1);
    if (wanted == NULL)
        return cleat_error_memory(error);
    memset(wanted, 0, migrate->database->migration_count + 1);
    cleat_status rc = want(migrate, wanted, error);
    if (rc == CLEAT_OK)
        rc = begin(migrate, error);
    if (rc == CLEAT_OK)
        rc = cleat_history_read(migrate->handle, migrate->database, &history, error);
    if (rc == CLEAT_OK)
        rc = stamp(migrate, wanted, &history, error);
    if (!sqlite3_get_autocommit(migrate->handle))
        roll_back(migrate);
    cleat_history_free(&history);
    sqlite3_free(wanted);
    return rc;
}
