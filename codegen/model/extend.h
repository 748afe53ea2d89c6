/* extend.h: tables that extend others: what their rows have, and from which table. Every function
 * also takes a table that stands alone. */
#ifndef CLEAT_EXTEND_H
#define CLEAT_EXTEND_H

#include "model.h"

/* Makes the row of every table, after all references have found their tables. */
void extend_rows(struct model *model);

/* The columns of a table's row: those of the table that it extends, the first of all first, then
 * its own without its key. */
const GPtrArray *table_row(const struct table *table);

/* The tables that have a part of a table's row, struct table: the first of all, ..., itself. */
GPtrArray *table_parts(const struct table *table);

/* The column of a row that has the value of a column of one of its parts: the key is there once,
 * as the first table has it. */
struct column *row_column(const struct column *column);

/* Whether a table extends itself, over whatever others. */
bool extends_itself(const struct table *table);

/* Whether a column of the row always has one value, set by the table or one that it extends. */
const struct enumerator *row_constant(const struct table *table, const struct column *column);

#endif
