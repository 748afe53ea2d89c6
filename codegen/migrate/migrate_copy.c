/* migrate_copy.c: a table is rebuilt in the order that loses nothing: the new one is made aside, rows
 * are copied by name with their rowids, compared, and the mark of AUTOINCREMENT is carried over; the
 * old one is dropped, and the new one takes its name while SQLite leaves views, triggers and
 * references of others alone. Indexes and triggers follow at the end of the plan. */
#include "migrate_planner.h"

#include "common/arena.h"
#include "common/sql_scan.h"
#include "model/names.h"

#include <string.h>

#define ASIDE "cleat_new_"

const struct backfill *
plan_backfill(const struct table_plan *table, const char *column)
{
    FOR_EACH(struct backfill, backfill, table->request->backfills)
        if (g_ascii_strcasecmp(backfill->table, table->name) == 0 &&
            g_ascii_strcasecmp(backfill->column, column) == 0)
            return backfill;
    return NULL;
}

/* ---- the texts of a statement ---- */

/* The place behind the parenthesis that opens the columns. */
static int
first_column(const struct sql *sql)
{
    int at = 0;
    while (at < sql_count(sql) && !sql_is(sql, at, "("))
        at++;
    return at + 1;
}

const char *
plan_column_text(const struct snapshot_table *table, const char *column)
{
    struct sql sql = sql_new(table->sql);
    const char *found = NULL;
    int start = first_column(&sql);
    int end = sql_close(&sql, start - 1);
    for (int at = start; at < end && found == NULL; at++) {
        int next = at;
        while (next < end && !sql_is(&sql, next, ",")) {
            if (sql_is(&sql, next, "("))
                next = sql_close(&sql, next);
            next++;
        }
        const struct token *first = sql_token(&sql, at), *last = sql_token(&sql, next - 1);
        if (sql_has_name(&sql, at, column))
            found = arena_string_n(table->sql + first->offset,
                                   last->offset + last->length - first->offset);
        at = next;
    }
    sql_free(&sql);
    return found;
}

/* CREATE TABLE with another name. */
static const char *
create_aside(const struct snapshot_table *table)
{
    struct sql sql = sql_new(table->sql);
    const struct token *name = sql_token(&sql, 2);
    const char *rest = table->sql + name->offset + name->length;
    const char *text = arena_printf("CREATE TABLE %s%s",
                                    sql_quote_name(arena_printf(ASIDE "%s", table->name)),
                                    sql_without_comments(rest, strlen(rest)));
    sql_free(&sql);
    return text;
}

bool
plan_is_constant(const char *sql)
{
    return sql != NULL && *sql != '(' && g_ascii_strncasecmp(sql, "current_", 8) != 0;
}

/* ---- values ---- */

static bool
is_rowid_key(const struct snapshot_table *table, const struct snapshot_column *column)
{
    return table->rowid_column != NULL && strcmp(table->rowid_column, column->name) == 0;
}

/* A new key of integers takes the rowids that the rows had all along. */
static const char *
added_value(const struct table_plan *table, const struct snapshot_column *column)
{
    const struct snapshot_table *old_table = table->pair->old_table;
    if (is_rowid_key(table->pair->new_table, column) && !old_table->without_rowid)
        return old_table->rowid_column == NULL ? "rowid" : sql_quote_name(old_table->rowid_column);
    return column->default_sql == NULL ? "NULL" : column->default_sql;
}

const char *
plan_value(const struct table_plan *table, const struct column_pair *pair)
{
    const struct snapshot_column *column = pair->new_column;
    const struct backfill *backfill = plan_backfill(table, column->name);
    if (column->generated != GENERATED_NOT)
        return NULL;
    if (pair->old_column == NULL)
        return backfill != NULL ? backfill->sql : added_value(table, column);
    const char *value = plan_relabel(table, pair, sql_quote_name(column->name));
    bool converts = g_ascii_strcasecmp(pair->old_column->type, column->type) != 0;
    if (backfill != NULL && converts)
        return backfill->sql;
    if (converts && *column->type != '\0')
        value = arena_printf("CAST(%s AS %s)", value, column->type);
    if (column->not_null && !pair->old_column->not_null &&
        !is_rowid_key(table->pair->new_table, column)) {
        if (backfill != NULL)
            return arena_printf("coalesce(%s, %s)", value, backfill->sql);
        if (column->default_sql != NULL)
            return arena_printf("coalesce(%s, %s)", value, column->default_sql);
    }
    return value;
}

bool
plan_keeps_value(const struct table_plan *table, const struct column_pair *pair)
{
    const char *value = pair->new_column == NULL ? NULL : plan_value(table, pair);
    return pair->old_column != NULL && pair->old_column->generated == GENERATED_NOT &&
           value != NULL && strcmp(value, sql_quote_name(pair->new_column->name)) == 0;
}

/* The name of a rowid that no column of the table has taken; NULL when there is none. */
static const char *
rowid_name(const struct snapshot_table *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    if (table->without_rowid)
        return NULL;
    if (table->rowid_column != NULL)
        return sql_quote_name(table->rowid_column);
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
        if (snapshot_column(table, names[i]) == NULL)
            return names[i];
    return NULL;
}

/* The column of the new table that a column of the old one became, NULL when it is gone. */
static const char *
name_after(const struct table_plan *table, const char *column)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (column != NULL && pair->old_column != NULL && pair->new_column != NULL &&
            strcmp(pair->old_column->name, column) == 0)
            return pair->new_column->name;
    return NULL;
}

/* The parts of the key, as one text where there are several; NULL when one is gone. */
static const char *
key_text(const struct table_plan *table, const char *prefix)
{
    GString *text = g_string_new(NULL);
    bool whole = table->pair->old_table->primary_key->len > 0;
    FOR_EACH(struct snapshot_key_part, part, table->pair->old_table->primary_key) {
        const char *name = name_after(table, part->column);
        whole = whole && name != NULL;
        if (name != NULL)
            g_string_append_printf(text, "%s%s%s", text->len == 0 ? "" : " || ', ' || ", prefix,
                                   sql_quote_name(name));
    }
    const char *copy = whole ? arena_string(text->str) : NULL;
    g_string_free(text, TRUE);
    return copy;
}

static const char *
row_key(const struct table_plan *table, const char *prefix)
{
    const struct snapshot_table *old_table = table->pair->old_table;
    const char *rowid = rowid_name(old_table);
    const char *key = old_table->primary_key->len == 1 || rowid == NULL ? key_text(table, prefix)
                                                                        : NULL;
    if (key != NULL)
        return key;
    return rowid == NULL ? "NULL" : arena_printf("%s%s", prefix, rowid);
}

const char *
plan_row_key(const struct table_plan *table)
{
    return row_key(table, "");
}

/* ---- the copy ---- */

/* Rowids are copied where the new table has no key that is one: a full-text index, and whatever
 * else points to rows, would lose them. */
static bool
copies_rowid(const struct table_plan *table)
{
    return table->pair->new_table->rowid_column == NULL &&
           rowid_name(table->pair->new_table) != NULL && rowid_name(table->pair->old_table) != NULL;
}

static void
append_copy(const struct table_plan *table, GString *sql, const char *aside)
{
    GString *names = g_string_new(NULL), *values = g_string_new(NULL);
    if (copies_rowid(table)) {
        g_string_append(names, rowid_name(table->pair->new_table));
        g_string_append(values, rowid_name(table->pair->old_table));
    }
    FOR_EACH(struct column_pair, pair, table->pair->columns) {
        const char *value = pair->new_column == NULL ? NULL : plan_value(table, pair);
        if (value == NULL)
            continue;
        const char *separator = names->len == 0 ? "" : ", ";
        g_string_append_printf(names, "%s%s", separator, sql_quote_name(pair->new_column->name));
        g_string_append_printf(values, "%s%s", separator, value);
    }
    g_string_append_printf(sql, "INSERT INTO %s (%s)\nSELECT %s\nFROM %s;\n\n", aside, names->str,
                           values->str, sql_quote_name(table->name));
    g_string_free(names, TRUE);
    g_string_free(values, TRUE);
}

/* What the integer key of the new table is of an old row, NULL when it has none that can be told. */
static const char *
rowid_of_copy(const struct table_plan *table)
{
    FOR_EACH(struct column_pair, pair, table->pair->columns) {
        if (pair->new_column == NULL || !is_rowid_key(table->pair->new_table, pair->new_column))
            continue;
        const char *value = plan_value(table, pair);
        bool told = pair->old_column == NULL ? value != NULL && strcmp(value, "NULL") != 0
                                             : plan_keeps_value(table, pair);
        return told && plan_backfill(table, pair->new_column->name) == NULL ? value : NULL;
    }
    return NULL;
}

/* How the two copies of a row find each other: by rowid, or by a key that did not change. */
static const char *
join_condition(const struct table_plan *table)
{
    const struct snapshot_table *new_table = table->pair->new_table;
    const char *there = rowid_name(new_table);
    if (copies_rowid(table))
        return arena_printf("copy.%s = old.%s", there, rowid_name(table->pair->old_table));
    if (rowid_of_copy(table) != NULL)
        return arena_printf("copy.%s = old.%s", there, rowid_of_copy(table));
    GString *keys = g_string_new(NULL);
    FOR_EACH(struct column_pair, pair, table->pair->columns)
        if (pair->old_column != NULL && pair->new_column != NULL &&
            pair->old_column->key_place > 0 && pair->new_column->key_place > 0 &&
            plan_keeps_value(table, pair))
            g_string_append_printf(keys, "%scopy.%s = old.%s", keys->len == 0 ? "" : " AND ",
                                   sql_quote_name(pair->new_column->name),
                                   sql_quote_name(pair->new_column->name));
    const char *text = keys->len == 0 ? NULL : arena_string(keys->str);
    bool whole = true;
    FOR_EACH(struct snapshot_column, column, new_table->columns)
        whole = whole && (column->key_place == 0 ||
                          strstr(keys->str,
                                 arena_printf("copy.%s =", sql_quote_name(column->name))) != NULL);
    g_string_free(keys, TRUE);
    return whole ? text : NULL;
}

/* What a column of the copy must have, NULL when it is made from something else. */
static const char *
compared_value(const struct table_plan *table, const struct column_pair *pair)
{
    const char *name = pair->new_column == NULL ? "" : sql_quote_name(pair->new_column->name);
    const char *value = pair->new_column == NULL ? NULL : plan_value(table, pair);
    if (value == NULL || pair->old_column == NULL || pair->old_column->generated != GENERATED_NOT ||
        strcmp(value, plan_relabel(table, pair, name)) != 0)
        return NULL;
    return plan_relabel(table, pair, arena_printf("old.%s", name));
}

static void
append_compare(const struct table_plan *table, GString *sql, const char *aside)
{
    const char *join = join_condition(table);
    const char *name = sql_quote_name(table->name);
    if (join == NULL) {
        g_string_append_printf(sql,
                               "-- check: the copy of %s has all its rows\n"
                               "SELECT 1 WHERE (SELECT count(*) FROM %s) <> (SELECT count(*) FROM "
                               "%s);\n\n",
                               table->name, name, aside);
        return;
    }
    g_string_append_printf(sql,
                           "-- check: the copy of %s has all its rows and their values\n"
                           "SELECT %s FROM %s AS old LEFT JOIN %s AS copy ON %s\n"
                           "WHERE (SELECT count(*) FROM %s) <> (SELECT count(*) FROM %s)",
                           table->name, row_key(table, "old."), name, aside, join, name, aside);
    FOR_EACH(struct column_pair, pair, table->pair->columns) {
        const char *value = compared_value(table, pair);
        if (value != NULL)
            g_string_append_printf(sql, "\n    OR %s IS NOT copy.%s", value,
                                   sql_quote_name(pair->new_column->name));
    }
    g_string_append(sql, ";\n\n");
}

/* The greatest number that was ever given, also when no row has it any more. */
static void
append_sequence(const struct table_plan *table, GString *sql)
{
    if (!table->pair->old_table->autoincrement || !table->pair->new_table->autoincrement)
        return;
    g_string_append_printf(sql,
                           "DELETE FROM sqlite_sequence WHERE name = '" ASIDE
                           "%s';\n\n"
                           "INSERT INTO sqlite_sequence (name, seq)\n"
                           "SELECT '" ASIDE "%s', seq FROM sqlite_sequence WHERE name = '%s';\n\n",
                           table->name, table->name, table->name);
}

void
plan_rebuild(const struct table_plan *table, const char *why)
{
    GString *sql = table->plan->sql;
    const char *name = sql_quote_name(table->name);
    const char *aside = sql_quote_name(arena_printf(ASIDE "%s", table->name));
    g_string_append_printf(sql, "-- Table %s is made anew: %s.\n%s;\n\n", table->name, why,
                           create_aside(table->pair->new_table));
    append_copy(table, sql, aside);
    append_compare(table, sql, aside);
    append_sequence(table, sql);
    g_string_append_printf(sql,
                           "DROP TABLE %s;\n\n"
                           "PRAGMA legacy_alter_table = ON;\n\n"
                           "ALTER TABLE %s RENAME TO %s;\n\n"
                           "PRAGMA legacy_alter_table = OFF;\n\n",
                           name, aside, name);
}
