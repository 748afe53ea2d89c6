/* migrate_fill.h: rows made up for tables that are only known from their SQL. */
#ifndef CLEAT_MIGRATE_FILL_H
#define CLEAT_MIGRATE_FILL_H

#include <sqlite3.h>
#include <stdbool.h>

/* Inserts a few rows into every table of a database: with references, NULLs, extremes and every
 * text that a check names; `gentle` gives each table one row without NULLs and extremes. Tables
 * whose checks no row could be found for stay as they are. */
void rows_make_up(sqlite3 *handle, unsigned seed, bool gentle);

/* Empties every table. */
void rows_remove(sqlite3 *handle);

/* What a step may do to rows. */
struct row_changes {
    struct _GHashTable *renames; /* "table" and "table.column" of before to new names */
    struct _GHashTable *ignored; /* a set of tables and "table.column" of before that may differ */
    struct _GHashTable *values;  /* "table.column" of before to SQL that gives the new value */
};

/* Says where rows of one database are not in the other with the same rowid and values, in the
 * arena; NULL when none is missing. */
const char *rows_compare(sqlite3 *before, sqlite3 *after, const struct row_changes *changes);

#endif
