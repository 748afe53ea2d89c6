/* migrate.h: brings one file from one revision of its database to another, each step whole or not
 * at all. Works on a plain handle, for the runtime's boot and for the tool. */
#ifndef CLEAT_MIGRATE_H
#define CLEAT_MIGRATE_H

#include "history.h"

/* What to do with one file, and what came of it. The caller fills the first part and zeroes the
 * second. */
struct migrate {
    sqlite3 *handle; /* opened by cleat_migrate_open() */
    const cleat_database *database;
    const char *to; /* the last revision to run, or the one to go back to; NULL: the head */
    bool dry;       /* roll everything back in the end */
    bool name_rows; /* a refusal names rows by texts too; else only by numbers */
    cleat_progress_hook *progress;
    void *progress_data;
    /* called for each step that was committed, or would have been */
    void (*done)(void *data, const cleat_migration *migration);
    void *done_data;

    size_t count;    /* steps that were run */
    int64_t allowed; /* references without a target from before the step, which are noted */
    bool carries;    /* there are statistics to put back */
    cleat_progress now;
    bool writes; /* the step changes rows */
};

/* Opens a file for migrations: with patience for locks, without foreign key actions. Close it also
 * after a failure. Returns SQLite's code. */
int cleat_migrate_open(const char *path, unsigned schema_flags, int busy_timeout_ms,
                       sqlite3 **ret_handle);

/* Runs every migration up to `to` that the file does not have, each in a transaction of its own
 * with its row in the list. After a failure the file is as the last whole step left it. A dry run
 * does all of it in one transaction that ends in a rollback. */
cleat_status cleat_migrate_up(struct migrate *migrate, cleat_error *error);

/* Undoes the migrations after `to`, the latest first; NULL undoes one. */
cleat_status cleat_migrate_down(struct migrate *migrate, cleat_error *error);

/* Enters `to` and all that lead to it into the list of a file without one, or one that only lacks
 * them, without running them. CLEAT_DRIFT when the file's schema is another. */
cleat_status cleat_migrate_stamp(struct migrate *migrate, cleat_error *error);

/* Writes the header's numbers, which a defensive handle may not. */
int cleat_migrate_mark(const struct migrate *migrate, const cleat_migration *last);

/* Fills an error from SQLite's, with the migration that was running. */
cleat_status cleat_migrate_fail(const struct migrate *migrate, int rc, const char *sql,
                                cleat_error *error);

/* ---- before it ---- */

/* Copies the whole database, page by page, into a new file at `path` for its owner alone. */
cleat_status cleat_migrate_backup(sqlite3 *handle, const char *path, const char *database,
                                  cleat_error *error);

#endif
