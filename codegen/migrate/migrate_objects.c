/* migrate_objects.c: what hangs on tables: views, triggers, full text, indexes. What differs goes before
 * anything is changed, and what the new schema has comes back at the end, word by word as it has it.
 * None of them holds rows. */
#include "migrate_planner.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "execution/migration/compare.h"
#include "model/names.h"

#include <string.h>

/* The statement that makes an object of this name on one side, NULL when there is none. Views,
 * triggers and full-text tables hold no rows, so that they are made again when a word is different:
 * SQLite follows a renamed column into some of them and not into others. */
static const char *
object_sql(const struct snapshot *snapshot, const char *name)
{
    FOR_EACH(struct snapshot_view, view, snapshot->views)
        if (strcmp(view->name, name) == 0)
            return view->sql;
    FOR_EACH(struct snapshot_trigger, trigger, snapshot->view_triggers)
        if (strcmp(trigger->name, name) == 0)
            return trigger->sql;
    FOR_EACH(struct snapshot_table, table, snapshot->tables) {
        if (table->module != NULL && strcmp(table->name, name) == 0)
            return table->sql;
        FOR_EACH(struct snapshot_trigger, trigger, table->triggers)
            if (strcmp(trigger->name, name) == 0)
                return trigger->sql;
    }
    return NULL;
}

static bool
has_word(const char *text, const char *name)
{
    struct sql sql = sql_new(text);
    bool has = false;
    for (int i = 0; i < sql_count(&sql); i++)
        has = has || sql_has_name(&sql, i, name);
    sql_free(&sql);
    return has;
}

/* Whether a text names something that gets another name. SQLite would write the new one into it,
 * also where two take each other's names and the text means the other one from then on. */
static bool
names_renamed(const struct comparison *comparison, const char *text)
{
    FOR_EACH(struct table_pair, pair, comparison->tables) {
        if (pair->old_table == NULL || pair->new_table == NULL)
            continue;
        if (strcmp(pair->old_table->name, pair->new_table->name) != 0 &&
            has_word(text, pair->old_table->name))
            return true;
        FOR_EACH(struct column_pair, column, pair->columns)
            if (column->rename != NULL && has_word(text, column->old_column->name))
                return true;
    }
    return false;
}

/* Whether an object of one side has to be made again: the other side has it with other words or not
 * at all. */
static bool
differs(const struct comparison *comparison, const struct snapshot *other, const char *name,
        const char *sql)
{
    const char *there = object_sql(other, name);
    return there == NULL || !cleat_sql_same(there, sql) || names_renamed(comparison, sql);
}

/* Triggers fire in an order that follows that of their creation, so that one that comes takes the
 * others of its table with it: a file would do other things than a new one. */
static bool
reorders(const struct planner *planner, const struct snapshot_table *new_table)
{
    const struct comparison *comparison = planner->request->comparison;
    bool comes = false, stays = false;
    for (guint i = 0; new_table != NULL && i < new_table->triggers->len; i++) {
        const struct snapshot_trigger *trigger = g_ptr_array_index(new_table->triggers, i);
        bool is_new = differs(comparison, comparison->old_snapshot, trigger->name, trigger->sql);
        comes = comes || is_new;
        stays = stays || !is_new;
    }
    return comes && stays;
}

static void
drop_triggers(const struct planner *planner, const GPtrArray *triggers, bool all)
{
    FOR_EACH(struct snapshot_trigger, trigger, triggers)
        if (all || differs(planner->request->comparison, planner->request->comparison->new_snapshot,
                           trigger->name, trigger->sql))
            plan_sql(planner, "DROP TRIGGER %s", sql_quote_name(trigger->name));
}

/* What a table of before is afterwards, NULL when it goes. */
static const struct snapshot_table *
table_after(const struct planner *planner, const struct snapshot_table *old_table)
{
    FOR_EACH(struct table_pair, pair, planner->request->comparison->tables)
        if (pair->old_table == old_table)
            return pair->new_table;
    return NULL;
}

void
plan_drop_objects(const struct planner *planner)
{
    const struct snapshot *before = planner->request->comparison->old_snapshot;
    const struct snapshot *after = planner->request->comparison->new_snapshot;
    drop_triggers(planner, before->view_triggers, false);
    FOR_EACH(struct snapshot_table, table, before->tables)
        drop_triggers(planner, table->triggers, reorders(planner, table_after(planner, table)));
    FOR_EACH(struct snapshot_view, view, before->views)
        if (differs(planner->request->comparison, after, view->name, view->sql))
            plan_sql(planner, "DROP VIEW %s", sql_quote_name(view->name));
    FOR_EACH(struct snapshot_table, table, before->tables)
        if (table->module != NULL &&
            differs(planner->request->comparison, after, table->name, table->sql))
            plan_sql(planner, "DROP TABLE %s", sql_quote_name(table->name));
    FOR_EACH(struct table_plan, table, planner->tables)
        FOR_EACH(struct change, change, table->pair->changes)
            if ((change->kind == CHANGE_INDEX_DROPPED || change->kind == CHANGE_INDEX_CHANGED ||
                 change->kind == CHANGE_INDEX_RENAMED) &&
                change->old_index->sql != NULL)
                plan_sql(planner, "DROP INDEX %s", sql_quote_name(change->old_index->name));
}

static void
create_indexes(const struct planner *planner, const struct table_plan *table)
{
    FOR_EACH(struct snapshot_index, index, table->pair->new_table->indexes) {
        bool comes = table->rebuilds;
        FOR_EACH(struct change, change, table->pair->changes)
            comes = comes || (change->new_index == index && (change->kind == CHANGE_INDEX_ADDED ||
                                                             change->kind == CHANGE_INDEX_CHANGED ||
                                                             change->kind == CHANGE_INDEX_RENAMED));
        if (comes && index->sql != NULL)
            plan_text(planner, index->sql);
    }
}

static int
compare_lines(gconstpointer left, gconstpointer right)
{
    const struct snapshot_trigger *l = *(const struct snapshot_trigger *const *)left;
    const struct snapshot_trigger *r = *(const struct snapshot_trigger *const *)right;
    return (l->line > r->line) - (l->line < r->line);
}

static void
create_triggers(const struct planner *planner, const GPtrArray *by_name, bool all)
{
    GPtrArray *triggers = arena_list();
    g_ptr_array_extend(triggers, (GPtrArray *)by_name, NULL, NULL);
    g_ptr_array_sort(triggers, compare_lines);
    FOR_EACH(struct snapshot_trigger, trigger, triggers)
        if (all || differs(planner->request->comparison, planner->request->comparison->old_snapshot,
                           trigger->name, trigger->sql))
            plan_text(planner, trigger->sql);
}

static bool
is_rebuilt(const struct planner *planner, const struct snapshot_table *new_table)
{
    FOR_EACH(struct table_plan, table, planner->tables)
        if (table->pair->new_table == new_table)
            return table->rebuilds;
    return false;
}

/* The table that a full-text index points into, "" for none. */
static const char *
content_of(const struct snapshot_table *table)
{
    FOR_EACH(const char, argument, table->arguments)
        if (g_str_has_prefix(argument, "content="))
            return arena_string(g_strdelimit(arena_string(argument + 8), "'\" ", ' '));
    return "";
}

static void
create_full_text(const struct planner *planner, const struct snapshot_table *table)
{
    const char *name = sql_quote_name(table->name);
    bool has_content = *content_of(table) != '\0';
    plan_text(planner, table->sql);
    if (has_content && strcmp(table->module, "fts5") == 0)
        plan_sql(planner, "INSERT INTO %s (%s) VALUES ('rebuild')", name, name);
}

/* Whether the copy of a table has other values in a column of its full-text index. */
static bool
changes_indexed(const struct table_plan *table, const struct snapshot_table *index)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        FOR_EACH(struct snapshot_column, column, index->columns)
            if (pair->new_column != NULL && !plan_keeps_value(table, pair) &&
                g_ascii_strcasecmp(pair->new_column->name, column->name) == 0)
                return true;
    return false;
}

/* SQLite's own check of a file does not see a full-text index that points elsewhere. */
static void
check_full_text(const struct planner *planner)
{
    const struct comparison *comparison = planner->request->comparison;
    FOR_EACH(struct snapshot_table, index, comparison->new_snapshot->tables) {
        if (index->module == NULL || strcmp(index->module, "fts5") != 0)
            continue;
        char *content = g_strstrip(g_strdup(content_of(index)));
        bool touched = differs(comparison, comparison->old_snapshot, index->name, index->sql);
        bool stale = false;
        FOR_EACH(struct table_plan, table, planner->tables) {
            if (!table->rebuilds || g_ascii_strcasecmp(table->name, content) != 0)
                continue;
            stale = !touched && changes_indexed(table, index);
            touched = true;
        }
        g_free(content);
        const char *name = sql_quote_name(index->name);
        if (stale)
            plan_sql(planner, "INSERT INTO %s (%s) VALUES ('rebuild')", name, name);
        if (touched)
            plan_sql(planner, "INSERT INTO %s (%s, rank) VALUES ('integrity-check', 1)", name,
                     name);
    }
}

void
plan_create_objects(const struct planner *planner)
{
    const struct comparison *comparison = planner->request->comparison;
    FOR_EACH(struct table_plan, table, planner->tables)
        create_indexes(planner, table);
    const struct snapshot *before = comparison->old_snapshot, *after = comparison->new_snapshot;
    FOR_EACH(struct snapshot_table, table, after->tables)
        if (table->module != NULL && differs(comparison, before, table->name, table->sql))
            create_full_text(planner, table);
    FOR_EACH(struct snapshot_view, view, after->views)
        if (differs(comparison, before, view->name, view->sql))
            plan_text(planner, view->sql);
    FOR_EACH(struct snapshot_table, table, after->tables)
        create_triggers(planner, table->triggers,
                        is_rebuilt(planner, table) || reorders(planner, table));
    FOR_EACH(struct snapshot_view, view, after->views)
        FOR_EACH(struct snapshot_trigger, trigger, after->view_triggers)
            if (strcmp(trigger->table, view->name) == 0 &&
                (differs(comparison, before, view->name, view->sql) ||
                 differs(comparison, before, trigger->name, trigger->sql)))
                plan_text(planner, trigger->sql);
    check_full_text(planner);
}
