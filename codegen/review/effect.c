/* effect.c: the price of changes. What SQLite's ALTER TABLE can do is free or a rewrite in place;
 * everything else is a rebuild, and so is what the plan of a migration makes anew. The seconds are
 * those of effect_prices.h, which bench/rebuild.c measures. */
#include "effect.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "effect_prices.h"
#include "find.h"
#include "migrate/migrate_plan.h"
#include "model/names.h"

#include <string.h>

/* ---- ADD COLUMN, DROP COLUMN ---- */

/* ALTER TABLE takes constants only. */
static bool
is_constant(const char *sql)
{
    return sql == NULL ||
           (strchr(sql, '(') == NULL && g_ascii_strncasecmp(sql, "current_", 8) != 0);
}

static bool
is_unique_alone(const struct snapshot_table *table, const char *column)
{
    FOR_EACH(struct snapshot_index, index, table->indexes) {
        const struct snapshot_key_part *part = g_ptr_array_index(index->parts, 0);
        if (index->is_constraint && part->column != NULL &&
            g_ascii_strcasecmp(part->column, column) == 0)
            return true;
    }
    return false;
}

static const char *
why_not_added(const struct change *change)
{
    const struct snapshot_column *column = change->new_column;
    if (column->generated == GENERATED_STORED)
        return "a stored generated column";
    if (!is_constant(column->default_sql))
        return "a default that is not constant";
    if (column->not_null && column->default_sql == NULL && column->generated == GENERATED_NOT)
        return "NOT NULL without a default";
    if (column->key_place > 0)
        return "a column of the primary key";
    if (is_unique_alone(change->new_table, column->name))
        return "a UNIQUE column";
    return find_refers(change->new_table, column->name) && column->default_sql != NULL
               ? "a reference with a default"
               : NULL;
}

static bool
mentions(const char *sql, const char *name)
{
    if (sql == NULL)
        return false;
    struct sql scanned = sql_new(sql);
    bool found = false;
    for (int i = 0; i < sql_count(&scanned) && !found; i++)
        found = sql_has_name(&scanned, i, name);
    sql_free(&scanned);
    return found;
}

static const char *
why_not_dropped(const struct change *change)
{
    const struct snapshot_table *table = change->old_table;
    const char *name = change->old_column->name;
    if (change->old_column->key_place > 0)
        return "a column of the primary key goes";
    if (is_unique_alone(table, name))
        return "a UNIQUE column goes";
    FOR_EACH(struct snapshot_check, check, table->checks)
        if (check->column == NULL && mentions(check->sql, name))
            return "a CHECK of the row reads the column that goes";
    FOR_EACH(struct snapshot_column, column, table->columns)
        if (column != change->old_column && mentions(column->generated_sql, name))
            return "a generated column reads the column that goes";
    FOR_EACH(struct snapshot_foreign_key, key, table->foreign_keys)
        if (key->columns->len > 1)
            FOR_EACH(const char, column, key->columns)
                if (g_ascii_strcasecmp(column, name) == 0)
                    return "a foreign key of several columns loses one";
    return NULL;
}

/* ---- one change ---- */

/* What came with a new column is part of ADD COLUMN, what goes with one of DROP COLUMN. */
static bool
goes_with_column(const struct table_pair *pair, const struct snapshot_foreign_key *key, bool is_new)
{
    if (key->columns->len != 1)
        return false;
    FOR_EACH(struct column_pair, columns, pair->columns) {
        const struct snapshot_column *column = is_new ? columns->new_column : columns->old_column;
        const struct snapshot_column *other = is_new ? columns->old_column : columns->new_column;
        if (column != NULL && other == NULL &&
            g_ascii_strcasecmp(column->name, g_ptr_array_index(key->columns, 0)) == 0)
            return true;
    }
    return false;
}

static struct effect
rebuild(const char *why)
{
    return (struct effect){EFFECT_REBUILD, why, SECONDS_REBUILD, NULL};
}

static struct effect
effect_of(const struct table_pair *pair, const struct change *change)
{
    static const struct effect none = {EFFECT_NONE, NULL, 0, NULL};
    static const struct effect index = {EFFECT_INDEX, NULL, SECONDS_INDEX, NULL};
    static const struct effect full_text = {EFFECT_FULL_TEXT, NULL, SECONDS_FULL_TEXT, NULL};
    static const struct effect drop = {EFFECT_DROP_COLUMN, NULL, SECONDS_DROP_COLUMN, NULL};
    const char *why = NULL;
    switch (change->kind) {
    case CHANGE_COLUMN_ADDED: why = why_not_added(change); return why == NULL ? none : rebuild(why);
    case CHANGE_COLUMN_DROPPED:
        why = why_not_dropped(change);
        return why == NULL ? drop : rebuild(why);
    case CHANGE_INDEX_ADDED:
    case CHANGE_INDEX_CHANGED:
    case CHANGE_INDEX_RENAMED: return index;
    case CHANGE_VIRTUAL_CHANGED:
    case CHANGE_VIRTUAL_ADDED: return full_text;
    case CHANGE_FOREIGN_KEY_ADDED:
        return goes_with_column(pair, change->new_foreign_key, true) ? none
                                                                     : rebuild("a foreign key");
    case CHANGE_FOREIGN_KEY_DROPPED:
        return goes_with_column(pair, change->old_foreign_key, false) ? none
                                                                      : rebuild("a foreign key");
    case CHANGE_FOREIGN_KEY_ACTION: return rebuild("the action of a foreign key");
    case CHANGE_STRICT: return rebuild("STRICT");
    case CHANGE_WITHOUT_ROWID: return rebuild("WITHOUT ROWID");
    case CHANGE_AUTOINCREMENT: return rebuild("AUTOINCREMENT");
    case CHANGE_PRIMARY_KEY: return rebuild("the primary key");
    case CHANGE_CONFLICT: return rebuild("an ON CONFLICT clause");
    case CHANGE_COLUMN_TYPE: return rebuild("a type");
    case CHANGE_COLUMN_NULL: return rebuild("NOT NULL");
    case CHANGE_COLUMN_DEFAULT: return rebuild("a default");
    case CHANGE_COLUMN_COLLATION: return rebuild("a collation");
    case CHANGE_COLUMN_GENERATED: return rebuild("a generated column");
    case CHANGE_COLUMN_ORDER: return rebuild("the order of columns");
    case CHANGE_LABEL_ADDED:
    case CHANGE_LABEL_REMOVED: return rebuild("the labels of an enum");
    case CHANGE_LENGTH: return rebuild("a LENGTH");
    case CHANGE_CHECK_ADDED:
    case CHANGE_CHECK_DROPPED: return rebuild("a CHECK");
    case CHANGE_UNIQUE_ADDED:
    case CHANGE_UNIQUE_DROPPED: return rebuild("a UNIQUE of the table");
    default: return none;
    }
}

/* SQLite adds columns at the end: what stands before others is the one thing that ALTER TABLE could do
 * and that is planned otherwise, so that a migrated table is like a new one. */
static bool
is_planned_anew(const struct table_pair *pair)
{
    bool both = pair->old_table != NULL && pair->new_table != NULL;
    return both && pair->old_table->module == NULL && pair->new_table->module == NULL &&
           plan_rebuild_reason(pair) != NULL;
}

struct effect
effect_of_table(const struct table_pair *pair)
{
    struct effect worst = {EFFECT_NONE, NULL, 0, NULL};
    FOR_EACH(struct change, change, pair->changes) {
        struct effect effect = effect_of(pair, change);
        if (effect.kind > worst.kind)
            worst = effect;
    }
    if (worst.kind == EFFECT_REBUILD || !is_planned_anew(pair))
        return worst;
    worst = rebuild("a new column that is not the last one");
    worst.help = "declare it as the last one, and nothing is copied";
    return worst;
}
