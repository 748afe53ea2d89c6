/* extend.c: rows of tables that extend others. Tables with resolved references enter; every table
 * leaves with the columns of its row. One that extends nothing, or cannot, has just its own. The
 * columns of a row are those of the tables themselves, so that what is known about a column is
 * known once; only a key's members are named as the first table names them. */
#include "extend.h"

#include "common/arena.h"

#include <string.h>

const GPtrArray *
table_row(const struct table *table)
{
    return table->row != NULL ? table->row : table->columns;
}

/* The next table up, when the table's row has its columns. */
static const struct table *
extended_table(const struct table *table)
{
    const struct extension *extends = table->extends;
    return extends == NULL || extends->reference == NULL ? NULL : extends->table;
}

GPtrArray *
table_parts(const struct table *table)
{
    GPtrArray *parts = arena_list();
    for (; table != NULL; table = extended_table(table))
        g_ptr_array_insert(parts, 0, (gpointer)table);
    return parts;
}

struct column *
row_column(const struct column *column)
{
    while (column->primary_key && extended_table(column->table) != NULL) {
        const struct reference *reference = column->table->extends->reference;
        guint place = 0;
        if (!g_ptr_array_find(reference->columns, column, &place))
            break;
        column = g_ptr_array_index(reference->targets, place);
    }
    return (struct column *)column;
}

/* Steps are counted because the way up may lead into a circle that the table is not part of. */
bool
extends_itself(const struct table *table)
{
    guint steps = table->database == NULL ? 0 : table->database->tables->len;
    const struct table *up = table;
    do {
        up = up->extends == NULL ? NULL : up->extends->table;
    } while (up != NULL && up != table && steps-- > 0);
    return up == table;
}

const struct enumerator *
row_constant(const struct table *table, const struct column *column)
{
    for (; table != NULL; table = extended_table(table))
        if (table->extends != NULL && table->extends->column == column)
            return table->extends->value;
    return NULL;
}

/* ---- making rows ---- */

static bool
same_columns(const GPtrArray *columns, const GPtrArray *others)
{
    FOR_EACH(struct column, column, columns)
        if (!g_ptr_array_find((GPtrArray *)others, column, NULL))
            return false;
    return columns->len == others->len && columns->len > 0;
}

/* The foreign key that makes two rows one: from the whole key to the whole key. */
static const struct reference *
find_key(const struct table *table, const struct table *to)
{
    FOR_EACH(struct reference, reference, table->references)
        if (reference->table == to && reference->targets->len == reference->columns->len &&
            same_columns(reference->columns, table->primary_key) &&
            same_columns(reference->targets, to->primary_key))
            return reference;
    return NULL;
}

/* The module's header must know the types of every column that its rows have. */
static void
add_types(struct module *module, const struct column *column)
{
    bool knows_enumeration = column->enumeration == NULL;
    bool knows_distinct = column->distinct == NULL;
    FOR_EACH(struct enumeration, enumeration, module->enumerations)
        knows_enumeration = knows_enumeration ||
                            strcmp(enumeration->name, column->enumeration->name) == 0;
    FOR_EACH(struct distinct, distinct, module->distincts)
        knows_distinct = knows_distinct || strcmp(distinct->name, column->distinct->name) == 0;
    if (!knows_enumeration)
        g_ptr_array_add(module->enumerations, (gpointer)column->enumeration);
    if (!knows_distinct)
        g_ptr_array_add(module->distincts, (gpointer)column->distinct);
}

static void
find_constant(struct extension *extends)
{
    if (extends->column_name == NULL)
        return;
    FOR_EACH(struct column, column, table_row(extends->table))
        if (strcmp(column->name, extends->column_name) == 0)
            extends->column = column;
    if (extends->column == NULL || extends->column->type != TYPE_ENUM)
        return;
    FOR_EACH(struct enumerator, enumerator, extends->column->enumeration->enumerators)
        if (strcmp(enumerator->name, extends->value_name) == 0)
            extends->value = enumerator;
}

static void
make_row(struct table *table)
{
    struct extension *extends = table->extends;
    if (table->row != NULL)
        return;
    table->row = table->columns;
    if (extends == NULL || extends->table == NULL || extends_itself(table))
        return;
    make_row(extends->table);
    find_constant(extends);
    extends->reference = find_key(table, extends->table);
    if (extends->reference == NULL)
        return;
    table->row = arena_list();
    FOR_EACH(struct column, column, extends->table->row) {
        g_ptr_array_add(table->row, column);
        add_types(table->module, column);
    }
    FOR_EACH(struct column, own, table->columns) {
        if (own->primary_key)
            own->member = row_column(own)->member;
        else
            g_ptr_array_add(table->row, own);
    }
}

void
extend_rows(struct model *model)
{
    FOR_EACH(struct database, database, model->databases)
        FOR_EACH(struct table, table, database->tables)
            make_row(table);
}
