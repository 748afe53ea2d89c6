/* compare.h: whether two databases have the same schema, and what differs, in words. Also built
 * into the tool. */
#ifndef CLEAT_EXECUTION_COMPARE_H
#define CLEAT_EXECUTION_COMPARE_H

#include <cleat/table.h>

#include <sqlite3.h>

/* A list of differences: the first in words, the others counted. */
struct drift {
    char text[384];
    size_t count;
};

/* Compares every statement of two files: that of a file with one that is as it shall be. Blanks,
 * comments and the quotes of names make no difference: SQLite itself writes them anew when it
 * alters a table. Tables named cleat_… are the runtime's own and count on neither side. */
int cleat_schema_compare(sqlite3 *file, sqlite3 *compiled, struct drift *ret_drift);

/* Whether two SQL texts have the same tokens. NULL is the empty text. */
bool cleat_sql_same(const char *one, const char *other);

/* An empty database in memory. Close it also after a failure. */
int cleat_memory_open(sqlite3 **ret_handle);

/* A schema as SQLite stores it, in memory. Close it also after a failure. */
int cleat_schema_compile(const cleat_database *schema, sqlite3 **ret_handle);

#endif
