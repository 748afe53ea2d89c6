/* sql_joined.c: the SQL that reads rows of tables that extend others: the join of all their parts
 * as if it were one table, so that every other select is written as for any table. SQLite takes
 * such a subquery apart, and plans the join with the rest of the statement. */
#include "sql_put.h"

#include <stdio.h>

/* ---- the join ---- */

struct join {
    struct buffer *buffer;
    const cleat_table *table;
    unsigned count; /* of the parts */
    unsigned first; /* the part that the others are joined to */
};

static void
put_alias(const struct join *join, unsigned place)
{
    char alias[16];
    snprintf(alias, sizeof alias, "p%u", place);
    cleat_put(join->buffer, alias);
}

static void
put_part_column(const struct join *join, unsigned place, uint16_t offset)
{
    put_alias(join, place);
    cleat_put(join->buffer, ".");
    cleat_put_name(join->buffer,
                   cleat_table_column_at(cleat_part(join->table, place), offset)->name);
}

/* The part with a column. All have the key: it is read where the join begins. */
static unsigned
part_with(const struct join *join, uint16_t offset)
{
    unsigned place = join->first;
    for (unsigned i = 1; i < join->count; i++) {
        if (cleat_table_column_at(cleat_part(join->table, place), offset) != NULL)
            break;
        place = (place + 1) % join->count;
    }
    return place;
}

static void
put_row(const struct join *join, const char *more)
{
    for (unsigned i = 0; i < join->table->column_count; i++) {
        const cleat_column *column = &join->table->columns[i];
        cleat_put(join->buffer, i == 0 ? "SELECT " : ",");
        put_part_column(join, part_with(join, column->offset), column->offset);
        cleat_put(join->buffer, " AS ");
        cleat_put_name(join->buffer, column->name);
    }
    if (more == NULL)
        return;
    cleat_put(join->buffer, ",");
    put_alias(join, join->count - 1);
    cleat_put(join->buffer, ".");
    cleat_put_name(join->buffer, more);
    cleat_put(join->buffer, " AS ");
    cleat_put_name(join->buffer, more);
}

/* A foreign key is compared as the column that it refers to, which stands on the left. */
static void
put_next_part(const struct join *join, unsigned place, const char *operator)
{
    const cleat_key *key = &join->table->keys[0];
    unsigned up = place < join->first ? place : join->first;
    unsigned down = place < join->first ? join->first : place;
    cleat_put(join->buffer, operator);
    cleat_put_table(join->buffer, cleat_part(join->table, place));
    cleat_put(join->buffer, " AS ");
    put_alias(join, place);
    for (unsigned i = 0; i < key->count; i++) {
        cleat_put(join->buffer, i == 0 ? " ON " : " AND ");
        put_part_column(join, up, key->offsets[i]);
        cleat_put(join->buffer, "=");
        put_part_column(join, down, key->offsets[i]);
    }
}

static void
put_join(struct buffer *buffer, const cleat_table *table, const cleat_key *key,
         const char *operator, const char * more)
{
    struct join join = {buffer, table, cleat_part_count(table), 0};
    join.first = join.count - 1;
    if (key != NULL)
        join.first = part_with(&join, key->offsets[0]);
    cleat_put(buffer, "(");
    put_row(&join, more);
    cleat_put(buffer, " FROM ");
    cleat_put_table(buffer, cleat_part(table, join.first));
    cleat_put(buffer, " AS ");
    put_alias(&join, join.first);
    for (unsigned i = 1; i < join.count; i++)
        put_next_part(&join, (join.first + i) % join.count, operator);
    cleat_put(buffer, ")");
}

void
cleat_put_source(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    if (cleat_is_joined(table))
        put_join(buffer, table, key, " JOIN ", NULL);
    else
        cleat_put_table(buffer, table);
}

void
cleat_put_next_source(struct buffer *buffer, const cleat_table *table, const cleat_key *key,
                      const char *more)
{
    if (cleat_is_joined(table))
        put_join(buffer, table, key, " CROSS JOIN ", more);
    else
        cleat_put_table(buffer, table);
}

/* ---- comparing ---- */

/* How the columns of a stored row are compared: with parameters, or as t with the fed rows k. */
struct comparison {
    struct buffer *buffer;
    const cleat_table *table;
    const cleat_key *key; /* by which the row was found */
    bool fed;
};

/* Keys stay as they are stored, and the time of an update is no difference. */
static bool
is_compared(const struct comparison *comparison, const cleat_column *column)
{
    return cleat_is_written(column) && !(column->flags & CLEAT_UPDATE_NOW) &&
           !cleat_in_key(&comparison->table->keys[0], column) &&
           !cleat_in_key(comparison->key, column);
}

static void
put_is_other(const struct comparison *comparison, const cleat_column *column)
{
    struct buffer *buffer = comparison->buffer;
    cleat_put(buffer, comparison->fed ? "t." : "");
    cleat_put_name(buffer, column->name);
    cleat_put(buffer, " COLLATE BINARY IS NOT ");
    if (comparison->fed)
        cleat_put_fed_column(buffer, "k.", comparison->table, column);
    else
        cleat_put_parameter(buffer, cleat_parameter_of(comparison->table, column));
}

/* Whether a part of the row differs. Every 30 comparisons have parentheses of their own, because
 * SQLite limits the depth. */
static void
put_differs(const struct comparison *comparison, const cleat_table *part, const char *nothing)
{
    struct buffer *buffer = comparison->buffer;
    unsigned compared = 0;
    for (unsigned i = 0; i < part->column_count; i++) {
        const cleat_column *column = cleat_table_column_at(comparison->table,
                                                           part->columns[i].offset);
        if (!is_compared(comparison, column))
            continue;
        cleat_put(buffer, compared == 0 ? "((" : compared % 30 == 0 ? ")OR(" : " OR ");
        put_is_other(comparison, column);
        compared++;
    }
    cleat_put(buffer, compared > 0 ? "))" : nothing);
}

bool
cleat_is_only_time(const cleat_table *table)
{
    const struct comparison comparison = {NULL, table, &table->keys[0], false};
    bool times = false;
    for (unsigned i = 0; i < table->column_count; i++) {
        if (is_compared(&comparison, &table->columns[i]))
            return false;
        times = times || (table->columns[i].flags & CLEAT_UPDATE_NOW) != 0;
    }
    return times;
}

void
cleat_put_compare(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const struct comparison comparison = {buffer, table, key, false};
    cleat_put(buffer, "SELECT ");
    cleat_put_key_columns(buffer, table, &table->keys[0]);
    if (key != &table->keys[0]) {
        cleat_put(buffer, ",");
        cleat_put_key_columns(buffer, table, key);
    }
    for (unsigned i = 0; i < cleat_part_count(table); i++) {
        cleat_put(buffer, ",");
        put_differs(&comparison, cleat_part(table, i), cleat_is_only_time(table) ? "1" : "0");
    }
    cleat_put_from(buffer, "", table, key);
    for (unsigned i = 0; i < key->count; i++) {
        const cleat_column *column = cleat_table_column_at(table, key->offsets[i]);
        cleat_put(buffer, i == 0 ? " WHERE " : " AND ");
        cleat_put_name(buffer, column->name);
        cleat_put(buffer, "=");
        cleat_put_parameter(buffer, cleat_parameter_of(table, column));
    }
}

/* cleat_met() counts the rows that were found. */
void
cleat_put_other_keys(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const struct comparison comparison = {buffer, table, key, true};
    const cleat_key *const keys[] = {&table->keys[0], key};
    cleat_put(buffer, " WHERE cleat_met(0,");
    for (size_t k = 0; k < CLEAT_COUNT(keys); k++) {
        for (unsigned i = 0; i < keys[k]->count; i++) {
            cleat_put(buffer, k + i == 0 ? "" : " OR ");
            put_is_other(&comparison, cleat_table_column_at(table, keys[k]->offsets[i]));
        }
    }
    cleat_put(buffer, ")");
}

static bool
has_time(const cleat_table *part)
{
    for (unsigned i = 0; i < part->column_count; i++)
        if (part->columns[i].flags & CLEAT_UPDATE_NOW)
            return true;
    return false;
}

/* Some part differs, and not every part that has a time of updates. */
void
cleat_put_aged(struct buffer *buffer, const cleat_table *table, const cleat_key *key)
{
    const struct comparison comparison = {buffer, table, key, true};
    unsigned count = cleat_part_count(table);
    for (unsigned i = 0; i < count; i++) {
        cleat_put(buffer, i == 0 ? " WHERE (" : " OR ");
        put_differs(&comparison, cleat_part(table, i), "0");
    }
    cleat_put(buffer, ") AND NOT (1");
    for (unsigned i = 0; i < count; i++) {
        if (!has_time(cleat_part(table, i)))
            continue;
        cleat_put(buffer, " AND ");
        put_differs(&comparison, cleat_part(table, i), "0");
    }
    cleat_put(buffer, ")");
}
