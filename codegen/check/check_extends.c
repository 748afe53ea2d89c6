/* check_extends.c: rules about tables that extend others: there is such a table, the key leads to
 * its key, and a row of both has every name once and can be read by one statement. */
#include "check.h"

#include "common/arena.h"
#include "model/extend.h"

#include <string.h>

typedef void check_extension(const struct table *table, const struct extension *extends,
                             struct diag *diag);

static void
each_extension(const struct model *model, struct diag *diag, check_extension *check)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            if (table->extends != NULL)
                check(table, table->extends, diag);
}

/* ---- the table ---- */

/* Such a table in another database. */
static const struct table *
find_elsewhere(const struct model *model, const struct extension *extends)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            if (strcmp(table->name, extends->table_name) == 0)
                return table;
    return NULL;
}

static void
check_table_exists(const struct model *model, const struct table *table, struct diag *diag)
{
    const struct extension *extends = table->extends;
    if (extends == NULL || extends->table != NULL)
        return;
    const struct table *other = find_elsewhere(model, extends);
    if (other != NULL) {
        diag_error(diag, RULE_EXTENDS_TABLE, extends->table_at,
                   "table '%s' is in database '%s', and a table extends one of its own",
                   other->name, other->database->name);
        diag_note(diag, other->at, "the table is here");
        return;
    }
    GPtrArray *names = arena_list();
    FOR_EACH(struct table, known, table->database->tables)
        g_ptr_array_add(names, (char *)known->name);
    diag_error(diag, RULE_EXTENDS_TABLE, extends->table_at, "database '%s' has no table '%s'",
               table->database->name, extends->table_name);
    note_nearest(diag, extends->table_name, names);
}

void
check_extends_table(const struct model *model, struct diag *diag)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            check_table_exists(model, table, diag);
}

/* Every table of a circle is told about it. */
static void
check_circle(const struct table *table, const struct extension *extends, struct diag *diag)
{
    if (!extends_itself(table))
        return;
    diag_error(diag, RULE_EXTENDS_ITSELF, extends->table_at, "table '%s' extends itself",
               table->name);
    for (const struct table *up = extends->table; up != table; up = up->extends->table)
        diag_note(diag, up->extends->at, "over table '%s'", up->name);
}

void
check_extends_itself(const struct model *model, struct diag *diag)
{
    each_extension(model, diag, check_circle);
}

/* ---- the key ---- */

static void
check_key(const struct table *table, const struct extension *extends, struct diag *diag)
{
    if (extends->table == NULL || extends->reference != NULL || extends_itself(table))
        return;
    const struct table *other = extends->table;
    diag_error(diag, RULE_EXTENDS_KEY, extends->at,
               "the primary key of '%s' is no foreign key to that of '%s'", table->name,
               other->name);
    if (table->primary_key->len == 1 && other->primary_key->len == 1) {
        const struct column *key = g_ptr_array_index(table->primary_key, 0);
        const struct column *target = g_ptr_array_index(other->primary_key, 0);
        diag_note(diag, key->at, "write '%s' REFERENCES(%s, %s)", key->name, other->name,
                  target->name);
    } else {
        diag_note(diag, other->primary_key_at, "that key is here");
    }
}

void
check_extends_key(const struct model *model, struct diag *diag)
{
    each_extension(model, diag, check_key);
}

/* ---- columns ---- */

/* A column of the extended table's row that SQL or C could not tell from another. */
static const struct column *
find_same(const struct table *extended, const struct column *column)
{
    FOR_EACH(struct column, other, table_row(extended))
        if (g_ascii_strcasecmp(other->sql_name, column->sql_name) == 0 ||
            strcmp(other->name, column->name) == 0)
            return other;
    return NULL;
}

static void
check_columns(const struct table *table, const struct extension *extends, struct diag *diag)
{
    if (extends->reference == NULL)
        return;
    FOR_EACH(struct column, column, table->columns) {
        const struct column *same = find_same(extends->table, column);
        if (same == NULL || same == row_column(column))
            continue;
        diag_error(diag, RULE_EXTENDS_COLUMN, column->at,
                   "table '%s', which '%s' extends, has a column '%s' too", extends->table->name,
                   table->name, same->name);
        diag_note(diag, same->at, "it is here");
    }
}

void
check_extends_column(const struct model *model, struct diag *diag)
{
    each_extension(model, diag, check_columns);
}

/* ---- constants ---- */

static void
report_column(const struct extension *extends, struct diag *diag)
{
    GPtrArray *names = arena_list();
    FOR_EACH(struct column, column, table_row(extends->table))
        if (column->type == TYPE_ENUM)
            g_ptr_array_add(names, (char *)column->name);
    diag_error(diag, RULE_EXTENDS_CONSTANT, extends->column_at, "table '%s' has no column '%s'",
               extends->table->name, extends->column_name);
    note_nearest(diag, extends->column_name, names);
}

static void
report_value(const struct extension *extends, struct diag *diag)
{
    const struct enumeration *enumeration = extends->column->enumeration;
    GPtrArray *names = arena_list();
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators)
        g_ptr_array_add(names, (char *)enumerator->name);
    diag_error(diag, RULE_EXTENDS_CONSTANT, extends->value_at, "enum '%s' has no '%s'",
               enumeration->name, extends->value_name);
    note_nearest(diag, extends->value_name, names);
}

static void
check_constant(const struct table *table, const struct extension *extends, struct diag *diag)
{
    const struct column *column = extends->column;
    (void)table;
    if (extends->column_name == NULL || extends->reference == NULL)
        return;
    if (column == NULL) {
        report_column(extends, diag);
    } else if (column->type == TYPE_ENUM && column->not_null) {
        if (extends->value == NULL)
            report_value(extends, diag);
    } else if (column->type != TYPE_UNKNOWN) {
        diag_error(diag, RULE_EXTENDS_CONSTANT, extends->column_at,
                   "'%s' is no enum that is NOT_NULL", column->name);
        diag_note(diag, column->at, "it is here");
    }
}

void
check_extends_constant(const struct model *model, struct diag *diag)
{
    each_extension(model, diag, check_constant);
}

/* ---- how many ---- */

/* SQLite's own limit for a join; beside the parts of rows stand a feed or a full-text index. */
enum { MOST_JOINED = 64, MOST_PARTS = MOST_JOINED - 1 };

/* Tables that extend one with too many parts have too many for that reason alone. */
static void
check_parts(const struct table *table, const struct extension *extends, struct diag *diag)
{
    if (extends->reference == NULL || table_parts(table)->len != MOST_PARTS + 1)
        return;
    diag_error(diag, RULE_EXTENDS_LIMIT, extends->at,
               "table '%s' extends more than %d others, one over the other", table->name,
               MOST_PARTS - 1);
    const struct table *first = g_ptr_array_index(table_parts(table), 0);
    diag_note(diag, first->at, "the first of them is here");
}

void
check_extends_limit(const struct model *model, struct diag *diag)
{
    each_extension(model, diag, check_parts);
}
