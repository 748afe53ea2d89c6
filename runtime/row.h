/* row.h: what descriptors say about rows: which tables one lies in, its columns, its memory. */
#ifndef CLEAT_ROW_H
#define CLEAT_ROW_H

#include "runtime.h"

/* Whether a table extends another. */
static inline bool
cleat_is_joined(const cleat_table *table)
{
    return table->extends != NULL && table->extends->own != NULL;
}

/* How many tables a row lies in, and each of them, the first one first. */
unsigned cleat_part_count(const cleat_table *table);
const cleat_table *cleat_part(const cleat_table *table, unsigned place);

/* A table as it is in the file: of one that extends another, its own columns with their names. */
const cleat_table *cleat_stored_table(const cleat_table *table);

/* The column whose member is at an offset of the row. */
const cleat_column *cleat_table_column_at(const cleat_table *table, uint16_t offset);

/* Whether the column's row member has a has_ beside it. */
static inline bool
cleat_column_has(const cleat_column *column)
{
    return (column->flags & CLEAT_NULLABLE) && column->kind != CLEAT_KIND_TEXT &&
           column->kind != CLEAT_KIND_JSON && column->kind != CLEAT_KIND_BLOB;
}

/* The time, or an identifier, into a column of a row that is made for it. */
void cleat_row_set_now(const cleat_column *column, void *row);
void cleat_row_set_new_id(const cleat_column *column, void *row);

/* The time into the columns that an update sets. */
void cleat_row_set_update_times(const cleat_table *table, void *row);

/* Whether a column has the value that it has in every row of the table, or, unless the row is to
 * be added, in the rows of a table that extends it. And a column that has not, or NULL. */
bool cleat_row_has_constant(const cleat_table *table, const void *row, uint16_t offset, bool added);
const cleat_column *cleat_row_wrong_constant(const cleat_table *table, const void *row, bool added);

/* The memory of a row that owns its texts: the capacity, a size_t, then as many bytes. NULL when
 * out of memory. */
void *cleat_block_new(size_t capacity);

#endif
