/* find_broken.c: what no longer compiles on the new side: views, triggers, full-text indexes and the
 * queries of modules. A real SQLite holds every database under its own name and prepares them. */
#include "find.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "model/names.h"

#include <sqlite3.h>
#include <string.h>

static bool
prepares(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    bool fine = sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK;
    sqlite3_finalize(statement);
    return fine;
}

/* ---- views and triggers ---- */

static sqlite3 *
open_snapshot(const struct snapshot *snapshot)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK ||
        sqlite3_exec(db, snapshot->source->text, NULL, NULL, NULL) != SQLITE_OK) {
        sqlite3_close(db);
        return NULL;
    }
    return db;
}

static struct place
place_in_snapshot(const struct snapshot *snapshot, unsigned line)
{
    return (struct place){snapshot->path, MAX(1, line), 1};
}

static struct place
object_place(const struct review *review, const struct snapshot *snapshot, const char *name,
             unsigned line)
{
    struct place place = side_object_place(review->new_side, name);
    return place.path == NULL ? place_in_snapshot(snapshot, line) : place;
}

static void
check_views(struct review *review, const struct snapshot *snapshot, sqlite3 *db)
{
    FOR_EACH(struct snapshot_view, view, snapshot->views)
        if (!prepares(db, arena_printf("SELECT * FROM %s", sql_quote_name(view->name))))
            review_report_at(review, FINDING_DEPENDENT_BROKEN, snapshot->database,
                             arena_printf("%s.%s", snapshot->database, view->name),
                             object_place(review, snapshot, view->name, view->line),
                             "view '%s' does not compile: %s", view->name, sqlite3_errmsg(db));
}

/* Compiling a write compiles every trigger of the table; foreign keys are a matter of lint. */
static void
check_triggers(struct review *review, const struct snapshot *snapshot,
               const struct snapshot_table *table, sqlite3 *db)
{
    const char *name = sql_quote_name(table->name);
    const char *const writes[] = {
        arena_printf("EXPLAIN INSERT INTO %s DEFAULT VALUES", name),
        arena_printf("EXPLAIN DELETE FROM %s", name),
    };
    const struct snapshot_trigger *first = g_ptr_array_index(table->triggers, 0);
    for (gsize i = 0; i < G_N_ELEMENTS(writes); i++) {
        if (prepares(db, writes[i]))
            continue;
        review_report_at(review, FINDING_DEPENDENT_BROKEN, snapshot->database,
                         arena_printf("%s.%s", snapshot->database, table->name),
                         object_place(review, snapshot, first->name, first->line),
                         "a trigger of '%s' does not compile: %s", table->name, sqlite3_errmsg(db));
        return;
    }
    FOR_EACH(struct snapshot_column, column, table->columns) {
        if (column->generated != GENERATED_NOT ||
            prepares(db, arena_printf("EXPLAIN UPDATE %s SET %s = NULL", name,
                                      sql_quote_name(column->name))))
            continue;
        review_report_at(review, FINDING_DEPENDENT_BROKEN, snapshot->database,
                         arena_printf("%s.%s", snapshot->database, table->name),
                         object_place(review, snapshot, first->name, first->line),
                         "a trigger of '%s' does not compile: %s", table->name, sqlite3_errmsg(db));
        return;
    }
}

/* ---- full text ---- */

static const char *
option_value(const struct snapshot_table *table, const char *name)
{
    FOR_EACH(const char, argument, table->arguments) {
        struct sql sql = sql_new(argument);
        bool found = sql_count(&sql) == 3 && sql_is(&sql, 0, name) && sql_is(&sql, 1, "=");
        const char *value = NULL;
        if (found) {
            const struct token *token = sql_token(&sql, 2);
            bool quoted = token->kind != TOKEN_WORD && token->length > 1;
            value = arena_string_n(argument + token->offset + (quoted ? 1 : 0),
                                   token->length - (quoted ? 2 : 0));
        }
        sql_free(&sql);
        if (found)
            return value;
    }
    return NULL;
}

static void
report_full_text(struct review *review, const struct snapshot *snapshot,
                 const struct snapshot_table *table, const char *what)
{
    struct place place = side_place(review->new_side, snapshot->database, table->name, NULL);
    if (place.path == NULL)
        place = place_in_snapshot(snapshot, table->line);
    review_report_at(review, FINDING_FTS_OUT_OF_STEP, snapshot->database,
                     arena_printf("%s.%s", snapshot->database, table->name), place,
                     "full-text index '%s' reads %s, which is not there", table->name, what);
}

static void
check_full_text(struct review *review, const struct snapshot *snapshot,
                const struct snapshot_table *table)
{
    const char *content = option_value(table, "content");
    if (content == NULL || *content == '\0')
        return;
    const struct snapshot_table *source = snapshot_table(snapshot, content);
    if (source == NULL) {
        if (snapshot_view(snapshot, content) == NULL)
            report_full_text(review, snapshot, table, arena_printf("table '%s'", content));
        return;
    }
    FOR_EACH(struct snapshot_column, column, table->columns)
        if (snapshot_column(source, column->name) == NULL &&
            g_ascii_strcasecmp(column->name, table->name) != 0 && strcmp(column->name, "rank") != 0)
            report_full_text(review, snapshot, table,
                             arena_printf("column '%s.%s'", content, column->name));
}

static void
check_snapshot(struct review *review, const struct snapshot *snapshot)
{
    sqlite3 *db = open_snapshot(snapshot);
    if (db == NULL) {
        review_report_at(review, FINDING_SNAPSHOT_DIFFERS, snapshot->database, snapshot->database,
                         place_in_snapshot(snapshot, 1), "the snapshot does not run by itself");
        return;
    }
    check_views(review, snapshot, db);
    FOR_EACH(struct snapshot_table, table, snapshot->tables) {
        if (table->triggers->len > 0)
            check_triggers(review, snapshot, table, db);
        if (g_strcmp0(table->module, "fts5") == 0)
            check_full_text(review, snapshot, table);
    }
    sqlite3_close(db);
}

/* ---- queries ---- */

/* All databases of the new side on one connection; SQLite attaches ten at most, so that those the
 * query names are attached for it alone. */
static sqlite3 *
open_named(const struct side *side, const struct sql *sql)
{
    sqlite3 *db = NULL;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return db;
    FOR_EACH(struct snapshot, snapshot, side->snapshots) {
        bool named = false;
        for (int i = 0; i < sql_count(sql) && !named; i++)
            named = sql_has_name(sql, i, snapshot->database) && sql_is(sql, i + 1, ".");
        if (!named)
            continue;
        char *attach = sqlite3_mprintf("ATTACH ':memory:' AS \"%w\"", snapshot->database);
        sqlite3_exec(db, attach, NULL, NULL, NULL);
        sqlite3_free(attach);
        FOR_EACH(struct snapshot_table, table, snapshot->tables) {
            GString *create = g_string_new(table->sql);
            const char *name = strstr(create->str, "TABLE ");
            if (name != NULL)
                g_string_insert(create, (gssize)(name - create->str) + (gssize)strlen("TABLE "),
                                arena_printf("%s.", sql_quote_name(snapshot->database)));
            sqlite3_exec(db, create->str, NULL, NULL, NULL);
            g_string_free(create, TRUE);
        }
        FOR_EACH(struct snapshot_view, view, snapshot->views) {
            GString *create = g_string_new(view->sql);
            g_string_insert(create, (gssize)strlen("CREATE VIEW "),
                            arena_printf("%s.", sql_quote_name(snapshot->database)));
            sqlite3_exec(db, create->str, NULL, NULL, NULL);
            g_string_free(create, TRUE);
        }
    }
    return db;
}

/* `(:names...)` is `(:names)` to SQLite. */
static const char *
without_arrays(const struct sql *sql, const char *text)
{
    char *plain = arena_string(text);
    for (int i = 0; i < sql_count(sql); i++)
        if (sql_is(sql, i, "..."))
            memset(plain + sql_token(sql, i)->offset, ' ', 3);
    return plain;
}

static void
check_query(struct review *review, const char *path, unsigned line, const char *name,
            const char *text)
{
    struct sql sql = sql_new(text);
    if (sql_count(&sql) > 0) {
        sqlite3 *db = open_named(review->new_side, &sql);
        if (db != NULL && !prepares(db, without_arrays(&sql, text)))
            review_report_at(review, FINDING_QUERY_BROKEN, "", name, (struct place){path, line, 1},
                             "query '%s' does not prepare any more: %s", name, sqlite3_errmsg(db));
        sqlite3_close(db);
    }
    sql_free(&sql);
}

/* Statements follow lines of the form `-- name: books_by_author :many`. */
static void
check_queries(struct review *review, const char *path, const char *text)
{
    static const char mark[] = "-- name:";
    unsigned line = 1;
    const char *counted = text;
    for (const char *at = strstr(text, mark); at != NULL;) {
        const char *name = at + strlen(mark);
        const char *next = strstr(name, mark);
        const char *end = next == NULL ? text + strlen(text) : next;
        const char *body = name + strcspn(name, "\n");
        for (; counted < at; counted++)
            line += *counted == '\n';
        name += strspn(name, " ");
        check_query(review, path, line, arena_string_n(name, strcspn(name, " \n:")),
                    arena_string_n(body, (gsize)(end - body)));
        at = next;
    }
}

void
review_find_broken(struct review *review)
{
    FOR_EACH(struct comparison, comparison, review->comparisons)
        if (comparison->new_snapshot != NULL && comparison->new_snapshot->source != NULL &&
            comparison->changes->len > 0)
            check_snapshot(review, comparison->new_snapshot);
    if (review->live_path != NULL || review->new_side == NULL)
        return;
    FOR_EACH(const char, path, review->new_side->files)
        if (g_str_has_suffix(path, "/db_queries.sql") && side_text(review->new_side, path) != NULL)
            check_queries(review, path, side_text(review->new_side, path));
}
