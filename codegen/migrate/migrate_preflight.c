/* migrate_preflight.c: SELECTs that find the rows which a table would refuse after a change, to run
 * before anything is copied: SQLite would only name the first constraint that failed, and no row.
 * They look at the rows as they will be: every column by its new name, with the value that the copy
 * will have. */
#include "migrate_planner.h"

#include "common/arena.h"
#include "common/sql_normal.h"
#include "model/names.h"

#include <string.h>

static void
append(const struct table_plan *table, const char *must, const char *where)
{
    g_string_append_printf(table->plan->sql, "-- preflight: %s\n%s;\n\n", must, where);
}

static bool
changes_values(const struct table_plan *table)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (pair->new_column != NULL && !plan_keeps_value(table, pair) &&
            pair->new_column->generated == GENERATED_NOT)
            return true;
    return false;
}

/* What names a row there. */
static const char *
key_to_be(const struct table_plan *table)
{
    return changes_values(table) ? "cleat_key" : plan_row_key(table);
}

/* The rows as they will be; only what differs from the table itself needs a subquery. */
static const char *
rows_to_be(const struct table_plan *table)
{
    const char *key = plan_row_key(table);
    if (!changes_values(table))
        return sql_quote_name(table->name);
    GString *sql = g_string_new(NULL);
    g_string_append_printf(sql, "(SELECT %s AS cleat_key", key);
    FOR_EACH(struct column_pair, pair, table->pair->columns) {
        if (pair->new_column == NULL)
            continue;
        const char *name = sql_quote_name(pair->new_column->name);
        const char *value = plan_value(table, pair);
        if (value == NULL && pair->new_column->generated_sql != NULL)
            value = pair->old_column != NULL ? name : "NULL";
        if (value != NULL && strcmp(value, name) == 0)
            g_string_append_printf(sql, ", %s", name);
        else if (value != NULL)
            g_string_append_printf(sql, ", %s AS %s", value, name);
    }
    g_string_append_printf(sql, " FROM %s)", sql_quote_name(table->name));
    const char *text = arena_string(sql->str);
    g_string_free(sql, TRUE);
    return text;
}

/* ---- columns ---- */

static void
check_null(const struct table_plan *table, const struct column_pair *pair)
{
    const struct snapshot_column *column = pair->new_column;
    const char *value = plan_value(table, pair);
    if (value == NULL || !column->not_null || pair->old_column == NULL)
        return;
    if (pair->old_column->not_null && plan_backfill(table, column->name) == NULL)
        return;
    if (g_str_has_prefix(value, "coalesce(") && plan_backfill(table, column->name) == NULL)
        return;
    append(table, arena_printf("%s.%s has a value", table->name, column->name),
           arena_printf("SELECT %s FROM %s\nWHERE %s IS NULL", key_to_be(table), rows_to_be(table),
                        sql_quote_name(column->name)));
}

static void
check_backfill(const struct table_plan *table, const struct column_pair *pair)
{
    const struct snapshot_column *column = pair->new_column;
    if (pair->old_column != NULL || !column->not_null || plan_backfill(table, column->name) == NULL)
        return;
    append(table, arena_printf("the backfill gives %s.%s a value", table->name, column->name),
           arena_printf("SELECT %s FROM %s\nWHERE %s IS NULL", key_to_be(table), rows_to_be(table),
                        sql_quote_name(column->name)));
}

/* A value may change its type only when it can be changed back to what it was. */
static void
check_type(const struct table_plan *table, const struct column_pair *pair)
{
    if (pair->old_column == NULL || plan_value(table, pair) == NULL ||
        g_ascii_strcasecmp(pair->old_column->type, pair->new_column->type) == 0 ||
        plan_backfill(table, pair->new_column->name) != NULL || *pair->old_column->type == '\0' ||
        *pair->new_column->type == '\0')
        return;
    const char *name = sql_quote_name(pair->new_column->name);
    append(
        table,
        arena_printf("%s.%s is the same as %s", table->name, pair->new_column->name,
                     pair->new_column->type),
        arena_printf("SELECT %s FROM %s\nWHERE CAST(CAST(%s AS %s) AS %s) IS NOT %s COLLATE BINARY",
                     plan_row_key(table), sql_quote_name(table->name), name, pair->new_column->type,
                     pair->old_column->type, name));
}

static const char *
storage_class(const char *type)
{
    static const char *const classes[][2] = {{"INTEGER", "'integer'"},
                                             {"INT", "'integer'"},
                                             {"REAL", "'real', 'integer'"},
                                             {"TEXT", "'text'"},
                                             {"BLOB", "'blob'"}};
    for (gsize i = 0; i < G_N_ELEMENTS(classes); i++)
        if (g_ascii_strcasecmp(classes[i][0], type) == 0)
            return classes[i][1];
    return NULL;
}

/* A table that was not strict may hold anything anywhere. */
static void
check_strict(const struct table_plan *table, const struct column_pair *pair)
{
    const char *classes = storage_class(pair->new_column->type);
    if (pair->old_column == NULL || !table->pair->new_table->strict ||
        table->pair->old_table->strict || classes == NULL || !plan_keeps_value(table, pair))
        return;
    const char *name = sql_quote_name(pair->new_column->name);
    append(table,
           arena_printf("%s.%s is %s", table->name, pair->new_column->name, pair->new_column->type),
           arena_printf("SELECT %s FROM %s\nWHERE typeof(%s) NOT IN (%s, 'null')",
                        plan_row_key(table), sql_quote_name(table->name), name, classes));
}

/* ---- checks ---- */

static bool
has_label(const GPtrArray *labels, const char *label)
{
    FOR_EACH(const char, other, labels)
        if (strcmp(other, label) == 0)
            return true;
    return false;
}

/* Whether rows that keep one check keep another. */
static bool
implies(const struct snapshot_check *old_check, const struct snapshot_check *check,
        GHashTable *renames)
{
    if (sql_same(old_check->sql, check->sql, renames))
        return true;
    if (old_check->column == NULL || check->column == NULL)
        return false;
    const char *renamed = g_hash_table_lookup(renames, old_check->column);
    if (g_ascii_strcasecmp(renamed == NULL ? old_check->column : renamed, check->column) != 0)
        return false;
    if (old_check->max_length >= 0 && check->max_length >= old_check->max_length)
        return true;
    if (old_check->labels == NULL || check->labels == NULL)
        return false;
    FOR_EACH(const char, label, old_check->labels)
        if (!has_label(check->labels, label))
            return false;
    return true;
}

/* Whether the only column that a check reads is new, with a constant of the schema in it. */
static bool
is_about_new(const struct table_plan *table, const struct snapshot_check *check)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (check->column != NULL && pair->new_column != NULL && pair->old_column == NULL &&
            g_ascii_strcasecmp(pair->new_column->name, check->column) == 0)
            return plan_backfill(table, check->column) == NULL;
    return false;
}

static bool
reads_changed(const struct table_plan *table, const struct snapshot_check *check)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (check->column != NULL && pair->new_column != NULL && pair->old_column != NULL &&
            g_ascii_strcasecmp(pair->new_column->name, check->column) == 0)
            return !plan_keeps_value(table, pair);
    return check->column == NULL;
}

static char *
lower_name(const char *name)
{
    char *lower = g_ascii_strdown(name, -1);
    char *copy = arena_string(lower);
    g_free(lower);
    return copy;
}

static GHashTable *
renames_of(const struct table_plan *table)
{
    GHashTable *renames = g_hash_table_new(g_str_hash, g_str_equal);
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (pair->old_column != NULL && pair->new_column != NULL)
            g_hash_table_insert(renames, lower_name(pair->old_column->name),
                                lower_name(pair->new_column->name));
    return renames;
}

static void
check_checks(const struct table_plan *table)
{
    GHashTable *renames = renames_of(table);
    FOR_EACH(struct snapshot_check, check, table->pair->new_table->checks) {
        bool held = is_about_new(table, check);
        FOR_EACH(struct snapshot_check, old_check, table->pair->old_table->checks)
            held = held || (implies(old_check, check, renames) &&
                            (!reads_changed(table, check) || check->column == NULL));
        if (held)
            continue;
        append(table, arena_printf("%s: %s", table->name, check->sql),
               arena_printf("SELECT %s FROM %s\nWHERE NOT (%s)", key_to_be(table),
                            rows_to_be(table), check->sql));
    }
    g_hash_table_unref(renames);
}

/* ---- keys ---- */

static const char *
part_text(const struct snapshot_key_part *part)
{
    const char *item = part->column == NULL ? part->expression : sql_quote_name(part->column);
    if (part->collation == NULL || g_ascii_strcasecmp(part->collation, "binary") == 0)
        return item;
    return arena_printf("%s COLLATE %s", item, part->collation);
}

static void
check_unique(const struct table_plan *table, const GPtrArray *parts, const char *where)
{
    GString *items = g_string_new(NULL), *filter = g_string_new(where == NULL ? "" : where);
    GString *names = g_string_new(NULL);
    if (where != NULL)
        g_string_printf(filter, "(%s)", where);
    FOR_EACH(struct snapshot_key_part, part, parts) {
        g_string_append_printf(items, "%s%s", items->len == 0 ? "" : ", ", part_text(part));
        g_string_append_printf(names, "%s%s", names->len == 0 ? "" : ", ",
                               part->column == NULL ? part->expression : part->column);
        g_string_append_printf(filter, "%s%s IS NOT NULL", filter->len == 0 ? "" : " AND ",
                               part->column == NULL ? part->expression
                                                    : sql_quote_name(part->column));
    }
    append(table, arena_printf("%s (%s) is unique", table->name, names->str),
           arena_printf(
               "SELECT cleat_key FROM (SELECT %s AS cleat_key, count(*) OVER (PARTITION BY %s) "
               "AS cleat_count\n    FROM %s\n    WHERE %s)\nWHERE cleat_count > 1",
               key_to_be(table), items->str, rows_to_be(table), filter->str));
    g_string_free(items, TRUE);
    g_string_free(filter, TRUE);
    g_string_free(names, TRUE);
}

static bool
reads_any_changed(const struct table_plan *table, const GPtrArray *parts)
{
    FOR_EACH(struct snapshot_key_part, part, parts)
        FOR_EACH(struct column_pair, pair, table->pair->columns)
            if (part->column != NULL && pair->new_column != NULL && pair->old_column != NULL &&
                strcmp(pair->new_column->name, part->column) == 0 && !plan_keeps_value(table, pair))
                return true;
    return false;
}

static void
check_keys(const struct table_plan *table)
{
    const struct snapshot_table *new_table = table->pair->new_table;
    bool key_changed = reads_any_changed(table, new_table->primary_key);
    FOR_EACH(struct change, change, table->pair->changes) {
        if (change->kind == CHANGE_PRIMARY_KEY)
            key_changed = true;
        const struct snapshot_index *index = change->new_index;
        bool comes = change->kind == CHANGE_UNIQUE_ADDED || change->kind == CHANGE_INDEX_ADDED ||
                     change->kind == CHANGE_INDEX_CHANGED;
        if (comes && index != NULL && index->unique)
            check_unique(table, index->parts, index->where);
    }
    FOR_EACH(struct snapshot_index, index, new_table->indexes)
        if (index->unique && reads_any_changed(table, index->parts))
            check_unique(table, index->parts, index->where);
    bool is_rowid = new_table->rowid_column != NULL;
    const char *key = is_rowid ? sql_quote_name(new_table->rowid_column) : "";
    if (key_changed && new_table->primary_key->len > 0 && strcmp(key, plan_row_key(table)) != 0)
        check_unique(table, new_table->primary_key, NULL);
}

/* ---- references ---- */

static void
check_reference(const struct table_plan *table, const struct snapshot_foreign_key *key)
{
    GString *here = g_string_new(NULL), *match = g_string_new(NULL);
    for (guint i = 0; i < key->columns->len; i++) {
        const char *column = sql_quote_name(g_ptr_array_index(key->columns, i));
        const char *target = sql_quote_name(g_ptr_array_index(key->targets, i));
        g_string_append_printf(here, "%sr.%s IS NOT NULL", i == 0 ? "" : " AND ", column);
        g_string_append_printf(match, "%sp.%s = r.%s", i == 0 ? "" : " AND ", target, column);
    }
    append(table,
           arena_printf("every %s.%s is there in %s", table->name,
                        (char *)g_ptr_array_index(key->columns, 0), key->table),
           arena_printf("SELECT %s FROM %s AS r\nWHERE %s AND NOT EXISTS (SELECT 1 FROM %s "
                        "AS p WHERE %s)",
                        key_to_be(table), rows_to_be(table), here->str, sql_quote_name(key->table),
                        match->str));
    g_string_free(here, TRUE);
    g_string_free(match, TRUE);
}

void
plan_preflights(const struct table_plan *table)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns) {
        if (pair->new_column == NULL)
            continue;
        check_null(table, pair);
        check_backfill(table, pair);
        check_type(table, pair);
        check_strict(table, pair);
    }
    if (table->rebuilds)
        check_checks(table);
    check_keys(table);
    FOR_EACH(struct change, change, table->pair->changes)
        if (change->kind == CHANGE_FOREIGN_KEY_ADDED && table->rebuilds)
            check_reference(table, change->new_foreign_key);
}
