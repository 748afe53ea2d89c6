/* migrate_write.c: writes the next migration of a database. The state that the history leads to and
 * the schema are compared, the plan becomes a file's text, and the text is read and proven like any
 * other before it is given away. What SQLite cannot do in place after all is planned again as a
 * rebuild; a way back that does not lead back is left out. */
#include "migrate_write.h"

#include "command/command.h"
#include "common/arena.h"
#include "emit/emit.h"
#include "execution/migration/history.h"
#include "migrate_plan.h"
#include "migrate_prove.h"
#include "migrations.h"
#include "model/names.h"

#include <stdio.h>
#include <string.h>

/* ---- the state before ---- */

#define STATE_SQL                                                                                   \
    "SELECT sql, name FROM sqlite_schema AS s WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite^_%' " \
    "ESCAPE '^' AND tbl_name NOT LIKE 'cleat^_%' ESCAPE '^' AND NOT EXISTS (SELECT 1 FROM "         \
    "pragma_table_list AS l WHERE l.name = s.tbl_name AND l.type = 'shadow') "                      \
    "ORDER BY type = 'trigger', type = 'view', rowid"

/* What was renamed before stays declared in the schema: the state says that it is done. */
static void
append_renames(GString *text, const GPtrArray *migrations, const char *table)
{
    const char *prefix = arena_printf("%s.", table);
    FOR_EACH(struct migration, migration, migrations) {
        GHashTable *renames = migration_renames(migration);
        GHashTableIter all;
        gpointer key, value;
        g_hash_table_iter_init(&all, renames);
        while (g_hash_table_iter_next(&all, &key, &value))
            if (g_str_has_prefix(key, prefix))
                g_string_append_printf(text, "-- cleat: renamed %s from %s\n",
                                       sql_quote_name(value),
                                       sql_quote_name((const char *)key + strlen(prefix)));
        g_hash_table_unref(renames);
    }
}

const char *
migrations_state(const char *database, const GPtrArray *migrations)
{
    cleat_error error;
    struct cleat_database *compiled = migrations_compile(database, migrations, "");
    struct history history = {.count = migrations->len};
    history.order = arena_alloc((migrations->len + 1) * sizeof *history.order);
    for (guint i = 0; i < migrations->len; i++)
        history.order[i] = i;
    sqlite3 *handle = NULL;
    GString *text = g_string_new(NULL);
    const char *state = NULL;
    if (cleat_history_replay(compiled, &history, &handle, &error) == CLEAT_OK) {
        sqlite3_stmt *rows = NULL;
        sqlite3_prepare_v2(handle, STATE_SQL, -1, &rows, NULL);
        while (sqlite3_step(rows) == SQLITE_ROW) {
            append_renames(text, migrations, (const char *)sqlite3_column_text(rows, 1));
            g_string_append_printf(text, "%s;\n", (const char *)sqlite3_column_text(rows, 0));
        }
        sqlite3_finalize(rows);
        state = arena_string(text->str);
    } else {
        fprintf(stderr, "cleat: %s\n", error.text);
    }
    g_string_free(text, TRUE);
    sqlite3_close(handle);
    return state;
}

static struct snapshot *
read_snapshot(const char *database, const char *text)
{
    GError *error = NULL;
    struct snapshot *snapshot = NULL;
    if (snapshot_read_text(database, database, text, &snapshot, &error))
        return snapshot;
    fprintf(stderr, "cleat: %s\n", error->message);
    g_error_free(error);
    return NULL;
}

/* ---- plans ---- */

struct writer {
    const struct database *database;
    const GPtrArray *migrations;
    const struct draft *draft;
    const char *old_text;
    const char *new_text;
    struct comparison *up;
    struct comparison *down;
    bool rebuild;
    bool one_way;
};

/* The way back renames in the other direction. */
static void
turn_renames(const struct comparison *up, struct snapshot *target)
{
    FOR_EACH(struct snapshot_table, table, target->tables) {
        table->was = NULL;
        table->renames = arena_list();
    }
    FOR_EACH(struct table_pair, pair, up->tables) {
        if (pair->old_table == NULL || pair->new_table == NULL)
            continue;
        struct snapshot_table *table = snapshot_table(target, pair->old_table->name);
        if (table == NULL)
            continue;
        if (strcmp(pair->old_table->name, pair->new_table->name) != 0)
            table->was = pair->new_table->name;
        FOR_EACH(struct column_pair, column, pair->columns) {
            if (column->rename == NULL)
                continue;
            struct snapshot_rename *rename = ARENA_NEW(struct snapshot_rename);
            rename->column = column->old_column->name;
            rename->from = column->new_column->name;
            g_ptr_array_add(table->renames, rename);
        }
    }
}

static bool
compare(struct writer *writer)
{
    const char *name = writer->database->name;
    struct snapshot *before = read_snapshot(name, writer->old_text);
    struct snapshot *after = read_snapshot(name, writer->new_text);
    struct snapshot *target = read_snapshot(name, writer->old_text);
    if (before == NULL || after == NULL || target == NULL)
        return false;
    writer->up = compare_snapshots(before, after);
    turn_renames(writer->up, target);
    writer->down = compare_snapshots(after, target);
    return true;
}

/* The names that a label's table and column had, and the label the other way round. */
static struct label_rename *
turn_label(const struct comparison *up, const struct label_rename *rename)
{
    struct label_rename *turned = ARENA_NEW(struct label_rename);
    *turned = (struct label_rename){rename->table, rename->column, rename->to, rename->from};
    FOR_EACH(struct table_pair, pair, up->tables) {
        if (pair->old_table == NULL || pair->new_table == NULL ||
            g_ascii_strcasecmp(pair->new_table->name, rename->table) != 0)
            continue;
        turned->table = pair->old_table->name;
        FOR_EACH(struct column_pair, column, pair->columns)
            if (column->old_column != NULL && column->new_column != NULL &&
                g_ascii_strcasecmp(column->new_column->name, rename->column) == 0)
                turned->column = column->old_column->name;
    }
    return turned;
}

static GPtrArray *
turn_labels(const struct writer *writer)
{
    GPtrArray *turned = arena_list();
    FOR_EACH(struct label_rename, rename, writer->draft->labels)
        g_ptr_array_add(turned, turn_label(writer->up, rename));
    return turned;
}

static GPtrArray *
dropped_names(const struct draft *draft)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct backfill, dropped, draft->dropped)
        g_ptr_array_add(names, (char *)dropped->table);
    return names;
}

static bool
print_problems(const struct writer *writer, const struct plan *plan)
{
    FOR_EACH(const char, problem, plan->problems)
        fprintf(stderr, "cleat: %s: %s\n", writer->database->name, problem);
    return plan->problems->len > 0;
}

/* ---- the text ---- */

static void
append_hand(GString *text, const char *hand)
{
    if (hand != NULL)
        g_string_append_printf(text, "-- by hand%s-- end by hand\n\n", hand);
}

static void
append_header(GString *text, const struct writer *writer)
{
    const struct draft *draft = writer->draft;
    const char *parents = *draft->parents_text == '\0' ? "none" : draft->parents_text;
    g_string_append_printf(text, "-- %s\n-- revises: %s\n-- schema: %s\n\n-- up\n\n",
                           draft->message, parents, writer->database->revision);
    FOR_EACH(struct backfill, dropped, draft->dropped)
        g_string_append_printf(text, "-- dropped %s: %s\n\n", dropped->table, dropped->sql);
    FOR_EACH(struct backfill, moved, draft->moved)
        g_string_append_printf(text, "-- moved %s: %s\n\n", moved->table, moved->sql);
    FOR_EACH(struct label_rename, rename, draft->labels)
        g_string_append_printf(text, "-- renamed label %s.%s: %s = %s\n\n", rename->table,
                               rename->column, rename->from, rename->to);
    FOR_EACH(struct backfill, backfill, draft->backfills)
        g_string_append_printf(text, "-- backfill %s.%s: %s\n\n", backfill->table, backfill->column,
                               backfill->sql);
}

static void
append_first(GString *text, const struct database *database)
{
    FOR_EACH(struct statement, statement, database->statements)
        g_string_append_printf(text, "%s;\n\n", statement->sql);
}

/* Returns false after printing what has to be declared first. */
static bool
append_up(GString *text, const struct writer *writer, bool *ret_loses)
{
    struct plan_request request = {
        .comparison = writer->up,
        .backfills = writer->draft->backfills,
        .dropped = dropped_names(writer->draft),
        .moved = writer->draft->moved,
        .labels = writer->draft->labels,
        .rebuild = writer->rebuild,
    };
    struct plan plan = migration_plan(&request);
    bool fine = !print_problems(writer, &plan);
    if (fine && !writer->rebuild)
        FOR_EACH(const char, note, plan.notes)
            fprintf(stderr, "cleat: %s: %s\n", writer->database->name, note);
    *ret_loses = plan.loses;
    g_string_append(text, plan.sql->str);
    g_string_free(plan.sql, TRUE);
    return fine;
}

static void
append_down(GString *text, const struct writer *writer, bool loses)
{
    const struct draft *draft = writer->draft;
    struct plan_request request = {
        .comparison = writer->down,
        .backfills = arena_list(),
        .dropped = arena_list(),
        .moved = arena_list(),
        .labels = turn_labels(writer),
        .rebuild = writer->rebuild,
        .is_down = true,
    };
    bool by_hand = draft->before_hand != NULL || draft->after_hand != NULL;
    struct plan plan = {.sql = NULL};
    if (draft->down_hand != NULL) {
        g_string_append(text, "-- down\n\n");
        append_hand(text, draft->down_hand);
        if (by_hand)
            return;
    }
    if (!loses && !by_hand && !writer->one_way)
        plan = migration_plan(&request);
    if (plan.sql != NULL && plan.problems->len == 0)
        g_string_append_printf(text, "%s%s", draft->down_hand == NULL ? "-- down\n\n" : "",
                               plan.sql->str);
    else if (draft->down_hand == NULL)
        g_string_append_printf(text, "-- irreversible: %s\n",
                               loses ? "what goes is nowhere else" : "no way back is known");
    if (plan.sql != NULL)
        g_string_free(plan.sql, TRUE);
}

static const char *
migration_text(const struct writer *writer)
{
    GString *text = g_string_new(NULL);
    bool fine = true, loses = false;
    append_header(text, writer);
    append_hand(text, writer->draft->before_hand);
    if (writer->migrations->len == 0) {
        append_first(text, writer->database);
        g_string_append(text, "-- irreversible: nothing was before it\n");
    } else {
        fine = append_up(text, writer, &loses);
        append_hand(text, writer->draft->after_hand);
        append_down(text, writer, loses);
    }
    while (text->len > 1 && g_str_has_suffix(text->str, "\n\n"))
        g_string_truncate(text, text->len - 1);
    const char *result = fine ? arena_string(text->str) : NULL;
    g_string_free(text, TRUE);
    return result;
}

/* ---- the file ---- */

static const char *
slug_of(const char *message)
{
    GString *slug = g_string_new(NULL);
    for (const char *c = message; *c != '\0' && slug->len < 40; c++) {
        if (g_ascii_isalnum(*c))
            g_string_append_c(slug, g_ascii_tolower(*c));
        else if (slug->len > 0 && slug->str[slug->len - 1] != '_')
            g_string_append_c(slug, '_');
    }
    while (slug->len > 0 && slug->str[slug->len - 1] == '_')
        g_string_truncate(slug, slug->len - 1);
    const char *text = arena_string(slug->len == 0 ? "migration" : slug->str);
    g_string_free(slug, TRUE);
    return text;
}

/* The text as a migration, under the name that it will have. */
static struct migration *
read_back(const struct database *database, const char *parents, const char *message,
          const char *text, struct diag *diag, const char **ret_name)
{
    struct source *source = ARENA_NEW(struct source);
    *ret_name = arena_printf("%s_%s.sql", migration_hash(parents, text), slug_of(message));
    source->path = arena_printf("%s/%s", database->name, *ret_name);
    source->text = text;
    source->length = strlen(text);
    return migration_parse(source, diag);
}

/* Whether a history that ends with the migration leads to the schema, and loses nothing. */
static bool
is_proven(const struct writer *writer, struct migration *migration, struct diag *diag)
{
    GPtrArray *migrations = arena_list();
    g_ptr_array_extend(migrations, (GPtrArray *)writer->migrations, NULL, NULL);
    g_ptr_array_add(migrations, migration);
    migrations_prove(writer->database, migrations, diag);
    return diag_error_count(diag) == 0;
}

/* First in place, then anew, then without a way back. */
static struct migration *
try_ways(struct writer *writer, const char **ret_name)
{
    for (int attempt = 0;; attempt++) {
        writer->rebuild = attempt > 0;
        writer->one_way = attempt > 1;
        const char *text = migration_text(writer);
        if (text == NULL)
            return NULL;
        struct diag *diag = diag_new();
        struct migration *migration = read_back(writer->database, writer->draft->parents_text,
                                                writer->draft->message, text, diag, ret_name);
        bool proven = migration != NULL && is_proven(writer, migration, diag);
        if (!proven && attempt == 2)
            diag_print(diag, stderr, has_colour());
        diag_free(diag);
        if (proven || attempt == 2)
            return proven ? migration : NULL;
    }
}

struct migration *
migration_write(const struct database *database, const GPtrArray *migrations,
                const struct draft *draft, const char **ret_name)
{
    struct writer writer = {.database = database, .migrations = migrations, .draft = draft};
    GString *sql = g_string_new(NULL);
    emit_sql(database, sql);
    writer.new_text = arena_string(sql->str);
    g_string_free(sql, TRUE);
    writer.old_text = migrations_state(database->name, migrations);
    if (writer.old_text == NULL || !compare(&writer))
        return NULL;
    return try_ways(&writer, ret_name);
}

struct migration *
migration_join(const struct database *database, const GPtrArray *migrations, const char *message,
               const char **ret_name)
{
    const GPtrArray *heads = migration_heads(migrations);
    GString *parents = g_string_new(NULL);
    FOR_EACH(struct migration, head, heads)
        g_string_append_printf(parents, "%s%s", parents->len == 0 ? "" : ", ", head->revision);
    const char *text = arena_printf("-- %s\n-- revises: %s\n-- schema: %s\n\n-- up\n\n-- down\n",
                                    message, parents->str, database->revision);
    struct writer writer = {.database = database, .migrations = migrations};
    struct diag *diag = diag_new();
    struct migration *migration = read_back(database, parents->str, message, text, diag, ret_name);
    if (migration != NULL && !is_proven(&writer, migration, diag)) {
        diag_print(diag, stderr, has_colour());
        fprintf(stderr,
                "cleat: %s: the two ends cannot be joined as they are; put one after the other "
                "with: cleat migrate rebase REVISION\n",
                database->name);
        migration = NULL;
    }
    g_string_free(parents, TRUE);
    diag_free(diag);
    return migration;
}
