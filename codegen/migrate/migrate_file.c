/* migrate_file.c: status, up, down, verify and stamp. A file and a history enter; what the runtime's
 * boot would do with the file is done by the same code, step by step, and told on the way. */
#define _XOPEN_SOURCE 700 /* realpath */

#include "migrate_file.h"

#include "command/command.h"
#include "common/arena.h"
#include "execution/migration/migrate.h"
#include "migrations.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUSY_TIMEOUT_MS = 10000 };

struct work {
    const struct file_request *request;
    struct cleat_database *database;
    const char *path; /* absolute */
    sqlite3 *handle;
    const char *to;
    cleat_error error;
};

static int
fail(const struct work *work)
{
    fprintf(stderr, "cleat: %s\n", work->error.text);
    switch (work->error.status) {
    case CLEAT_CANNOT_OPEN:
    case CLEAT_IO:
    case CLEAT_FULL:
    case CLEAT_NOMEM:
    case CLEAT_BUSY:
    case CLEAT_READONLY: return EXIT_ENVIRONMENT;
    default: return EXIT_FINDINGS;
    }
}

/* ---- status and verify ---- */

static const char *
state_of(const struct work *work, size_t place, const struct history *history)
{
    sqlite3_stmt *row = NULL;
    const char *state = history->applied[place] ? "recognised" : "pending";
    if (!history->listed || !history->applied[place])
        return state;
    sqlite3_prepare_v2(work->handle,
                       "SELECT origin || ' ' || strftime('%Y-%m-%dT%H:%M:%SZ', applied_at / "
                       "1000000, 'unixepoch') FROM cleat_migrations WHERE revision = ?1",
                       -1, &row, NULL);
    sqlite3_bind_text(row, 1, work->database->migrations[place].revision, -1, SQLITE_STATIC);
    if (sqlite3_step(row) == SQLITE_ROW)
        state = arena_string((const char *)sqlite3_column_text(row, 0));
    sqlite3_finalize(row);
    return state;
}

static int
do_status(struct work *work)
{
    struct history history;
    cleat_status rc = cleat_history_read(work->handle, work->database, &history, &work->error);
    if (rc == CLEAT_OK && !history.unversioned && history.count > 0)
        rc = cleat_history_verify(work->handle, work->database, &history, &work->error);
    if (history.applied != NULL)
        for (size_t i = 0; i < work->database->migration_count; i++) {
            const cleat_migration *migration = &work->database->migrations[i];
            printf("%s  %-31s  %s%s\n", migration->revision, state_of(work, i, &history),
                   migration->message, migration->down == NULL ? " (no way back)" : "");
        }
    size_t pending = work->database->migration_count - history.count;
    bool unversioned = history.unversioned;
    cleat_history_free(&history);
    if (rc < 0)
        return fail(work);
    if (unversioned)
        fprintf(stderr, "cleat: %s: %s has none of its schemas and no list of migrations\n",
                work->database->name, work->path);
    return unversioned || pending > 0 ? EXIT_FINDINGS : EXIT_FINE;
}

static int
do_verify(struct work *work)
{
    struct history history;
    cleat_status rc = cleat_history_read(work->handle, work->database, &history, &work->error);
    bool known = rc == CLEAT_OK && !history.unversioned && history.count > 0;
    const char *last = "";
    if (known) {
        rc = cleat_history_verify(work->handle, work->database, &history, &work->error);
        last = work->database->migrations[history.order[history.count - 1]].revision;
    }
    cleat_history_free(&history);
    if (rc < 0)
        return fail(work);
    if (!known) {
        fprintf(stderr,
                "cleat: %s: %s has none of its schemas; cleat migrate stamp makes it part "
                "of the history when its schema is right\n",
                work->database->name, work->path);
        return EXIT_FINDINGS;
    }
    printf("%s: the schema is that of migration %s\n", work->database->name, last);
    return EXIT_FINE;
}

/* ---- up, down, stamp ---- */

struct told {
    const struct work *work;
    gint64 started;
    const char *word;
};

static void
tell(void *data, const cleat_migration *migration)
{
    struct told *told = data;
    gint64 now = g_get_monotonic_time();
    printf("%s %s  %s (%.3f s)\n", told->word, migration->revision, migration->message,
           (double)(now - told->started) / 1e6);
    told->started = now;
}

static bool
make_backup(struct work *work)
{
    GDateTime *now = g_date_time_new_now_utc();
    char *stamp = g_date_time_format(now, "%Y%m%dT%H%M%SZ");
    const char *path = arena_printf("%s.%s.backup", work->path, stamp);
    g_free(stamp);
    g_date_time_unref(now);
    if (cleat_migrate_backup(work->handle, path, work->database->name, &work->error) < 0)
        return false;
    printf("backup %s\n", path);
    return true;
}

static int
do_run(struct work *work)
{
    const struct file_request *request = work->request;
    bool up = request->action == MIGRATE_UP;
    struct told told = {work, g_get_monotonic_time(), up ? "up" : "down"};
    struct migrate migrate = {
        .handle = work->handle,
        .database = work->database,
        .to = work->to,
        .dry = request->dry_run,
        .name_rows = true,
        .done = tell,
        .done_data = &told,
    };
    if (request->backup && !request->dry_run && !make_backup(work))
        return fail(work);
    if (request->action == MIGRATE_STAMP)
        cleat_migrate_stamp(&migrate, &work->error);
    else if (up)
        cleat_migrate_up(&migrate, &work->error);
    else
        cleat_migrate_down(&migrate, &work->error);
    if (work->error.status < 0)
        return fail(work);
    if (request->action == MIGRATE_STAMP)
        printf("%s: %zu migrations are entered\n", work->database->name, migrate.count);
    else if (migrate.count == 0)
        printf("%s: there is nothing to run\n", work->database->name);
    if (request->dry_run)
        printf("%s: it was a dry run, and the file is as it was\n", work->database->name);
    return EXIT_FINE;
}

/* ---- the file ---- */

static bool
find_target(struct work *work)
{
    const struct migration *found = NULL;
    if (work->request->to == NULL)
        return true;
    found = migration_find(work->request->migrations, work->request->to);
    if (found == NULL) {
        fprintf(stderr, "cleat: %s has no migration %s\n", work->request->database,
                work->request->to);
        return false;
    }
    work->to = found->revision;
    return true;
}

int
migrate_file(const struct file_request *request)
{
    struct work work = {.request = request};
    char *path = realpath(request->path, NULL);
    if (path == NULL) {
        fprintf(stderr, "cleat: %s: %s\n", request->path, g_strerror(errno));
        return EXIT_ENVIRONMENT;
    }
    work.path = arena_string(path);
    free(path);
    work.database = migrations_compile(request->database, request->migrations, "");
    if (!find_target(&work))
        return EXIT_USAGE;
    int status = EXIT_FINDINGS;
    int rc = cleat_migrate_open(work.path, CLEAT_TRUSTED_SCHEMA, BUSY_TIMEOUT_MS, &work.handle);
    if (rc != SQLITE_OK) {
        struct migrate migrate = {.handle = work.handle, .database = work.database};
        cleat_migrate_fail(&migrate, rc, NULL, &work.error);
        status = fail(&work);
    } else if (request->action == MIGRATE_STATUS) {
        status = do_status(&work);
    } else if (request->action == MIGRATE_VERIFY) {
        status = do_verify(&work);
    } else {
        status = do_run(&work);
    }
    sqlite3_close(work.handle);
    return status;
}
