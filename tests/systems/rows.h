/* rows.h: rows of any table by its descriptor, as the tests see them: compared column by column,
 * with keys taken from one row to another. */
#ifndef SYSTEMS_ROWS_H
#define SYSTEMS_ROWS_H

#include "harness.h"

/* The column whose member is at this offset. */
const cleat_column *column_at(const cleat_table *table, uint16_t offset);

bool is_set(const cleat_column *column, const void *row);
void unset(const cleat_column *column, void *row);
bool same_value(const cleat_column *column, const void *one, const void *other);

/* The microseconds of a timestamp or datetime. */
int64_t time_of(const cleat_column *column, const void *row);

/* The label of an enum's value in a row. */
const char *label_of(const cleat_table *table, const cleat_column *column, const void *row);

/* `key` is a place in table->keys. */
bool has_key(const cleat_table *table, unsigned key, const void *row);
bool same_key(const cleat_table *table, unsigned key, const void *one, const void *other);
void copy_key(const cleat_table *table, unsigned key, const void *from, void *row);

/* The names of a key's columns, as an error lists them. */
const char *names_of_key(const cleat_table *table, unsigned key);

/* Below 0, 0 or above 0, by the columns of the primary key in their order. */
int compare_keys(const cleat_table *table, const void *one, const void *other);

/* Fails at the first column that differs. Columns that the database computes are left out. */
void check_same_row(const cleat_table *table, const void *row, const void *expected);

/* Fails when the row in the file, read with plain SQLite, has another type or value in a column. */
void check_stored_row(const cleat_table *table, const void *row);

#endif
