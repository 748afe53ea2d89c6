/* find_drift.c: a live file and the schema: what differs, what an upgrade costs, and how many rows
 * each finding is about. The file is opened read-only. */
#include "find.h"

#include "common/arena.h"
#include "effect.h"

#include <sqlite3.h>
#include <string.h>

enum { MOST_KEYS = 5 };

/* ---- rebuilds ---- */

static void
find_rebuild(struct review *review, const struct table_pair *pair)
{
    if (pair->old_table == NULL || pair->new_table == NULL || pair->changes->len == 0)
        return;
    struct effect effect = effect_of_table(pair);
    const struct change *first = g_ptr_array_index(pair->changes, 0);
    if (effect.kind != EFFECT_REBUILD)
        return;
    struct finding *finding = review_report(
        review, FINDING_REBUILD_NEEDED, first,
        "'%s' is copied row by row, because of %s: about %.1f s for a million rows",
        pair->new_table->name, effect.why, effect.seconds);
    finding->object = arena_printf("%s.%s", first->new_snapshot->database, pair->new_table->name);
    finding->help = effect.help;
}

/* ---- drift ---- */

static void
find_difference(struct review *review, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_TABLE_DROPPED:
    case CHANGE_VIRTUAL_DROPPED:
    case CHANGE_VIEW_DROPPED:
    case CHANGE_INDEX_DROPPED:
    case CHANGE_TRIGGER_DROPPED:
        review_report(review, FINDING_FOREIGN_OBJECT, change, "the schema does not know '%s'",
                      change_object(change));
        break;
    case CHANGE_TABLE_ADDED:
    case CHANGE_VIRTUAL_ADDED:
    case CHANGE_VIEW_ADDED:
    case CHANGE_INDEX_ADDED:
    case CHANGE_TRIGGER_ADDED:
        review_report(review, FINDING_MISSING_OBJECT, change, "the file has no '%s'",
                      change_object(change));
        break;
    default:
        review_report(review, FINDING_SHAPE_DIFFERS, change, "'%s' differs: %s",
                      change_object(change), change_kind_name(change->kind));
    }
}

/* What an older file should be is where its own last migration leads. */
static void
find_differences(struct review *review, const struct comparison *comparison)
{
    const struct snapshot *state = review_find_older(review, comparison);
    if (state != NULL)
        comparison = compare_snapshots(comparison->old_snapshot, state);
    FOR_EACH(struct change, change, comparison->changes)
        find_difference(review, change);
}

void
review_find_drift(struct review *review)
{
    FOR_EACH(struct comparison, comparison, review->comparisons) {
        FOR_EACH(struct table_pair, pair, comparison->tables)
            find_rebuild(review, pair);
        if (review->live_path != NULL)
            find_differences(review, comparison);
    }
}

/* ---- rows ---- */

static gint64
count_rows(sqlite3 *db, const char *query)
{
    sqlite3_stmt *statement = NULL;
    gint64 rows = -1;
    const char *sql = arena_printf("SELECT count(*) FROM (%s)", query);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        rows = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return rows;
}

static const char *
row_text(sqlite3_stmt *statement)
{
    GString *text = g_string_new(NULL);
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
        const char *value = (const char *)sqlite3_column_text(statement, i);
        g_string_append_printf(text, "%s%s", i == 0 ? "" : ", ", value == NULL ? "NULL" : value);
    }
    char *valid = g_utf8_make_valid(text->str, (gssize)text->len);
    const char *copy = arena_string(valid);
    g_free(valid);
    g_string_free(text, TRUE);
    return copy;
}

static GPtrArray *
first_keys(sqlite3 *db, const char *query)
{
    sqlite3_stmt *statement = NULL;
    GPtrArray *keys = arena_list();
    const char *sql = arena_printf("SELECT * FROM (%s) LIMIT %d", query, MOST_KEYS);
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK)
        while (sqlite3_step(statement) == SQLITE_ROW)
            g_ptr_array_add(keys, (char *)row_text(statement));
    sqlite3_finalize(statement);
    return keys;
}

void
review_count_rows(struct review *review)
{
    sqlite3 *db = NULL;
    if (review->live_path == NULL ||
        sqlite3_open_v2(review->live_path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK) {
        sqlite3_close(db);
        return;
    }
    FOR_EACH(struct finding, finding, review->findings) {
        if (finding->query != NULL) {
            finding->rows = count_rows(db, finding->query);
            finding->keys = finding->rows > 0 ? first_keys(db, finding->query) : NULL;
        }
        if (finding->rows == 0)
            finding->severity = LEVEL_NOTE; /* in this file nothing is lost or refused */
        else if (review->is_older && finding_rules[finding->id].class != CLASS_DRIFT)
            finding->severity = finding->rows > 0 ? LEVEL_WARNING : LEVEL_NOTE; /* it is pending */
    }
    sqlite3_close(db);
}
