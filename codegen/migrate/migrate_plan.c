/* migrate_plan.c: the order of a migration. What hangs on tables and changes goes first (views,
 * triggers, full text, indexes), then names change, new tables come, rows are judged, tables change
 * their form or go, and what hangs on them comes back at the end, word by word as the new schema has
 * it. A table changes in place where SQLite can do that without a copy, and is made anew elsewhere. */
#include "migrate_plan.h"

#include "common/arena.h"
#include "execution/migration/compare.h"
#include "model/names.h"

#include <string.h>

static void G_GNUC_PRINTF(2, 3) add_problem(const struct planner *planner, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(planner->plan->problems, arena_string(text));
    g_free(text);
}

/* ---- in place, or anew ---- */

static bool
is_addable(const struct column_pair *pair)
{
    const struct snapshot_column *column = pair->new_column;
    if (column->generated == GENERATED_STORED || column->key_place > 0)
        return false;
    if (column->default_sql != NULL && !plan_is_constant(column->default_sql))
        return false;
    return !column->not_null || column->default_sql != NULL;
}

static bool
is_added(const struct table_plan *table, const char *name)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (pair->old_column == NULL && strcmp(pair->new_column->name, name) == 0)
            return true;
    return false;
}

/* A reference that comes with a column of NULLs cannot be without a target. */
static bool
is_new_reference(const struct table_plan *table, const struct snapshot_foreign_key *key)
{
    const char *name = g_ptr_array_index(key->columns, 0);
    if (key->columns->len != 1 || !is_added(table, name))
        return false;
    const struct snapshot_column *column = snapshot_column(table->pair->new_table, name);
    return column->default_sql == NULL;
}

/* New columns are the last ones: SQLite adds them there, and a migrated table is like a new one. */
static bool
adds_at_end(const struct table_plan *table)
{
    bool added = false;
    FOR_EACH(struct snapshot_column, column, table->pair->new_table->columns) {
        bool is_new = is_added(table, column->name);
        if (added && !is_new)
            return false;
        added = added || is_new;
    }
    return true;
}

/* Why SQLite cannot make a change in place, NULL when it can. */
static const char *
needs_rebuild(const struct table_plan *table, const struct change *change)
{
    switch (change->kind) {
    case CHANGE_TABLE_RENAMED:
    case CHANGE_COLUMN_RENAMED:
    case CHANGE_INDEX_ADDED:
    case CHANGE_INDEX_DROPPED:
    case CHANGE_INDEX_CHANGED:
    case CHANGE_INDEX_RENAMED:
    case CHANGE_TRIGGER_ADDED:
    case CHANGE_TRIGGER_DROPPED:
    case CHANGE_TRIGGER_CHANGED: return NULL;
    case CHANGE_COLUMN_DROPPED: return table->request->rebuild ? "a column goes" : NULL;
    case CHANGE_COLUMN_ADDED:
        if (!adds_at_end(table))
            return arena_printf("column %s stands before others", change->new_column->name);
        if (table->request->rebuild || plan_backfill(table, change->new_column->name) != NULL)
            return arena_printf("column %s comes", change->new_column->name);
        FOR_EACH(struct column_pair, pair, table->pair->columns)
            if (pair->new_column == change->new_column && !is_addable(pair))
                return arena_printf("column %s cannot be added in place", change->new_column->name);
        return NULL;
    case CHANGE_CHECK_ADDED:
    case CHANGE_LABEL_ADDED:
    case CHANGE_LENGTH:
        if (change->new_check != NULL && change->new_check->column != NULL &&
            is_added(table, change->new_check->column))
            return NULL;
        break;
    case CHANGE_FOREIGN_KEY_ADDED:
        if (is_new_reference(table, change->new_foreign_key))
            return NULL;
        break;
    default: break;
    }
    return arena_printf("%s of %s", change_kind_name(change->kind), change_object(change));
}

/* The first reason; NULL when the table keeps its place. In a second try a table whose text alone
 * is different is made anew as well: files hold texts. */
static const char *
rebuild_reason(const struct table_plan *table)
{
    if (table->request->rebuild &&
        !cleat_sql_same(table->pair->old_table->sql, table->pair->new_table->sql))
        return "its statement is different";
    FOR_EACH(struct change, change, table->pair->changes) {
        const char *why = needs_rebuild(table, change);
        if (why != NULL)
            return why;
    }
    return NULL;
}

const char *
plan_rebuild_reason(const struct table_pair *pair)
{
    struct plan_request request = {.backfills = arena_list(), .dropped = arena_list()};
    struct table_plan table = {.request = &request, .pair = pair};
    return rebuild_reason(&table);
}

/* ---- what has to be declared ---- */

static const struct backfill *
find_moved(const struct planner *planner, const char *table)
{
    FOR_EACH(struct backfill, moved, planner->request->moved)
        if (g_ascii_strcasecmp(moved->table, table) == 0)
            return moved;
    return NULL;
}

static bool
is_declared(const struct planner *planner, const char *table)
{
    if (find_moved(planner, table) != NULL)
        return true;
    FOR_EACH(const char, name, planner->request->dropped)
        if (g_ascii_strcasecmp(name, table) == 0)
            return true;
    return planner->request->is_down;
}

static void
judge_column(const struct planner *planner, const struct table_plan *table,
             const struct column_pair *pair)
{
    const struct snapshot_column *column = pair->new_column;
    bool is_rowid = table->pair->new_table->rowid_column != NULL &&
                    strcmp(table->pair->new_table->rowid_column, column->name) == 0;
    if (pair->old_column != NULL || !column->not_null || column->default_sql != NULL ||
        column->generated != GENERATED_NOT || is_rowid ||
        plan_backfill(table, column->name) != NULL)
        return;
    add_problem(planner,
                "column '%s.%s' is NOT_NULL and has no default, so rows that are there need a "
                "value; give it a DEFAULT, or say which: --backfill '%s.%s: expression'",
                table->name, column->name, table->name, column->name);
}

static void
judge(const struct planner *planner, const struct table_plan *table)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (pair->new_column != NULL)
            judge_column(planner, table, pair);
    FOR_EACH(struct change, change, table->pair->changes) {
        if (change->kind != CHANGE_COLUMN_DROPPED || change->old_column->generated != GENERATED_NOT)
            continue;
        planner->plan->loses = true;
        if (change->drop == NULL && !planner->request->is_down)
            add_problem(planner,
                        "column '%s.%s' is gone, and its values would be; when it has another "
                        "name now, the new one says RENAMED_FROM(%s); when it is to go, the table "
                        "says DROPPED(%s, \"why\")",
                        table->name, change->old_column->name, change->old_column->name,
                        change->old_column->name);
    }
}

static void
judge_tables(const struct planner *planner)
{
    FOR_EACH(struct table_plan, table, planner->tables) {
        judge(planner, table);
        plan_judge_labels(table);
    }
    FOR_EACH(struct table_pair, pair, planner->request->comparison->tables) {
        if (pair->new_table != NULL || pair->old_table->module != NULL)
            continue;
        planner->plan->loses = true;
        if (!is_declared(planner, pair->old_table->name))
            add_problem(planner,
                        "table '%s' is gone, and its rows would be; when it has another name now, "
                        "the new one says TABLE_WAS(%s); when another database has it now, say: "
                        "--moved '%s: database'; when it is to go, say: --drop '%s: why'",
                        pair->old_table->name, pair->old_table->name, pair->old_table->name,
                        pair->old_table->name);
    }
}

/* ---- names ---- */

/* Columns that take each other's names go through a third one. */
static void
rename_columns(const struct planner *planner, const struct table_plan *table)
{
    const char *name = sql_quote_name(table->pair->old_table->name);
    GPtrArray *through = arena_list();
    FOR_EACH(struct column_pair, pair, table->pair->columns) {
        if (pair->rename == NULL)
            continue;
        bool taken = snapshot_column(table->pair->old_table, pair->new_column->name) != NULL &&
                     g_ascii_strcasecmp(pair->old_column->name, pair->new_column->name) != 0;
        if (taken)
            g_ptr_array_add(through, pair);
        plan_sql(planner, "ALTER TABLE %s RENAME COLUMN %s TO %s", name,
                 sql_quote_name(pair->old_column->name),
                 sql_quote_name(taken ? arena_printf("cleat_%s", pair->new_column->name)
                                      : pair->new_column->name));
    }
    FOR_EACH(struct column_pair, pair, through)
        plan_sql(planner, "ALTER TABLE %s RENAME COLUMN %s TO %s", name,
                 sql_quote_name(arena_printf("cleat_%s", pair->new_column->name)),
                 sql_quote_name(pair->new_column->name));
}

static void
rename_table(const struct planner *planner, const char *from, const char *to)
{
    plan_sql(planner, "ALTER TABLE %s RENAME TO %s", sql_quote_name(from), sql_quote_name(to));
}

static void
rename_tables(const struct planner *planner)
{
    GPtrArray *through = arena_list();
    const struct snapshot *before = planner->request->comparison->old_snapshot;
    FOR_EACH(struct table_plan, table, planner->tables) {
        const char *from = table->pair->old_table->name, *to = table->name;
        if (strcmp(from, to) == 0)
            continue;
        bool taken = snapshot_table(before, to) != NULL && g_ascii_strcasecmp(from, to) != 0;
        if (taken)
            g_ptr_array_add(through, table);
        rename_table(planner, from, taken ? arena_printf("cleat_%s", to) : to);
    }
    FOR_EACH(struct table_plan, table, through)
        rename_table(planner, arena_printf("cleat_%s", table->name), table->name);
}

/* ---- tables ---- */

/* A table that another database has goes only when its rows did. */
static void
guard_moved(const struct planner *planner)
{
    FOR_EACH(struct table_pair, pair, planner->request->comparison->tables) {
        const struct snapshot_table *table = pair->old_table;
        const struct backfill *moved = table == NULL || pair->new_table != NULL
                                           ? NULL
                                           : find_moved(planner, table->name);
        if (moved == NULL)
            continue;
        const struct snapshot_key_part *part = table->primary_key->len == 1
                                                   ? g_ptr_array_index(table->primary_key, 0)
                                                   : NULL;
        plan_sql(
            planner,
            "-- preflight: the rows of %s are in %s, where this takes them: cleat migrate move "
            "%s FILE FILE-OF-%s\nSELECT %s FROM %s",
            table->name, moved->sql, table->name, moved->sql,
            part != NULL && part->column != NULL ? sql_quote_name(part->column)
            : table->without_rowid               ? "1"
                                                 : "rowid",
            sql_quote_name(table->name));
    }
}

static void
create_tables(const struct planner *planner)
{
    FOR_EACH(struct table_pair, pair, planner->request->comparison->tables) {
        if (pair->old_table != NULL || pair->new_table->module != NULL)
            continue;
        plan_text(planner, pair->new_table->sql);
        FOR_EACH(struct snapshot_index, index, pair->new_table->indexes)
            if (index->sql != NULL)
                plan_text(planner, index->sql);
    }
}

static void
drop_tables(const struct planner *planner)
{
    FOR_EACH(struct table_pair, pair, planner->request->comparison->tables)
        if (pair->new_table == NULL && pair->old_table->module == NULL)
            plan_sql(planner, "DROP TABLE %s", sql_quote_name(pair->old_table->name));
}

static void
alter_in_place(const struct planner *planner, const struct table_plan *table)
{
    const char *name = sql_quote_name(table->name);
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (pair->new_column == NULL)
            plan_sql(planner, "ALTER TABLE %s DROP COLUMN %s", name,
                     sql_quote_name(pair->old_column->name));
    FOR_EACH(struct snapshot_column, column, table->pair->new_table->columns)
        if (is_added(table, column->name))
            plan_sql(planner, "ALTER TABLE %s ADD COLUMN %s", name,
                     plan_column_text(table->pair->new_table, column->name));
}

static void
change_tables(const struct planner *planner)
{
    FOR_EACH(struct table_plan, table, planner->tables)
        plan_preflights(table);
    FOR_EACH(struct table_plan, table, planner->tables) {
        if (table->rebuilds)
            plan_rebuild(table, rebuild_reason(table));
        else
            alter_in_place(planner, table);
    }
}

static void
collect_tables(struct planner *planner)
{
    planner->tables = arena_list();
    FOR_EACH(struct table_pair, pair, planner->request->comparison->tables) {
        if (pair->old_table == NULL || pair->new_table == NULL || pair->new_table->module != NULL)
            continue;
        struct table_plan *table = ARENA_NEW(struct table_plan);
        table->request = planner->request;
        table->plan = planner->plan;
        table->pair = pair;
        table->name = pair->new_table->name;
        table->rebuilds = rebuild_reason(table) != NULL;
        g_ptr_array_add(planner->tables, table);
    }
}

struct plan
migration_plan(const struct plan_request *request)
{
    struct plan plan = {.sql = g_string_new(NULL), .problems = arena_list(), .notes = arena_list()};
    struct planner planner = {.request = request, .plan = &plan};
    collect_tables(&planner);
    judge_tables(&planner);
    if (plan.problems->len > 0)
        return plan;
    guard_moved(&planner);
    plan_drop_objects(&planner);
    FOR_EACH(struct table_plan, table, planner.tables)
        rename_columns(&planner, table);
    rename_tables(&planner);
    create_tables(&planner);
    change_tables(&planner);
    drop_tables(&planner);
    plan_create_objects(&planner);
    return plan;
}
