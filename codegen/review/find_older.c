/* find_older.c: a live file that has a history is judged by it. Where its last migration is one that
 * others follow, the file is not wrong but older: what it differs in from the newest schema is what
 * the migrations bring that it lacks. Drift is only what it differs in from where its own last one
 * leads. A file with migrations that nobody here knows is of another branch, or newer. */
#include "find.h"

#include "common/arena.h"
#include "execution/migration/history.h"
#include "migrate/migrate_write.h"
#include "migrate/migrations.h"

/* ---- reading ---- */

static GPtrArray *
read_migrations(const struct review *review, const char *database)
{
    GPtrArray *migrations = NULL;
    struct diag *diag = diag_new();
    bool fine = review->migrations != NULL &&
                migrations_read(review->migrations, database, diag, &migrations, NULL) &&
                diag_error_count(diag) == 0;
    diag_free(diag);
    return fine && migrations->len > 0 ? migrations : NULL;
}

static const struct snapshot *
state_after(const char *database, const GPtrArray *migrations, const struct history *history)
{
    GPtrArray *applied = arena_list();
    struct snapshot *state = NULL;
    for (size_t i = 0; i < history->count; i++)
        g_ptr_array_add(applied, g_ptr_array_index(migrations, history->order[i]));
    const char *text = migrations_state(database, applied);
    return text != NULL && snapshot_read_text(database, database, text, &state, NULL) ? state
                                                                                      : NULL;
}

/* ---- judging ---- */

static struct place
place_of(const struct comparison *comparison)
{
    return (struct place){comparison->new_snapshot->path, 1, 1};
}

static const struct snapshot *
report_older(struct review *review, const struct comparison *comparison,
             const GPtrArray *migrations, const struct history *history)
{
    const char *database = comparison->new_snapshot->database;
    guint pending = migrations->len - (guint)history->count;
    const struct migration *last = g_ptr_array_index(migrations,
                                                     history->order[history->count - 1]);
    const struct snapshot *state = state_after(database, migrations, history);
    if (pending == 0 || state == NULL)
        return NULL;
    struct finding *finding = review_report_at(
        review, FINDING_OLDER_FILE, database, database, place_of(comparison),
        "%s is older: its last migration is '%s', and %u %s pending", review->live_path,
        last->revision, pending, pending == 1 ? "is" : "are");
    finding->help = arena_printf("what they do to it: cleat migrate up %s %s --dry-run", database,
                                 review->live_path);
    review->is_older = true;
    return state;
}

const struct snapshot *
review_find_older(struct review *review, const struct comparison *comparison)
{
    const char *database = comparison->new_snapshot->database;
    const GPtrArray *migrations = read_migrations(review, database);
    const struct snapshot *state = NULL;
    struct history history = {.count = 0};
    cleat_error error = {0};
    sqlite3 *handle = NULL;
    if (migrations != NULL &&
        sqlite3_open_v2(review->live_path, &handle, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK) {
        struct cleat_database *compiled = migrations_compile(database, migrations, "");
        cleat_status rc = cleat_history_read(handle, compiled, &history, &error);
        if (rc == CLEAT_NEWER || (rc == CLEAT_DRIFT && history.listed))
            review_report_at(review, FINDING_UNKNOWN_MIGRATION, database, database,
                             place_of(comparison), "%s", arena_string(error.text));
        else if (history.applied != NULL && !history.unversioned && history.count > 0)
            state = report_older(review, comparison, migrations, &history);
    }
    cleat_history_free(&history);
    sqlite3_close(handle);
    return state;
}
