/* sql_normal.h: SQL in a form that is equal for texts that mean the same to SQLite: without
 * comments, blanks and needless quotes and parentheses, names and keywords in lower case. Only for
 * comparing; what people read is the text itself. */
#ifndef CLEAT_SQL_NORMAL_H
#define CLEAT_SQL_NORMAL_H

#include "sql_scan.h"

/* Whether SQLite takes a word in lower case for a keyword wherever a name is wanted. */
bool sql_is_reserved(const char *word);

/* The normal form of a text. `renames` leads from names in lower case to those that stand for them
 * now, and may be NULL. In the arena. */
const char *sql_normal(const char *text, GHashTable *renames);

/* The same of the tokens from one place to before another. */
const char *sql_normal_range(const struct sql *sql, int from, int to, GHashTable *renames);

/* Whether two texts have the same normal form, where NULL is only like NULL. `renames` is for the
 * first. */
bool sql_same(const char *left, const char *right, GHashTable *renames);

/* The text of the tokens from one place to before another, without comments, on one line; in the
 * arena. */
const char *sql_range(const struct sql *sql, int from, int to);

#endif
