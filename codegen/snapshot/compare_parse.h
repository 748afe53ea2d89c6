/* compare_parse.h: what the files of compare.h share. */
#ifndef CLEAT_COMPARE_PARSE_H
#define CLEAT_COMPARE_PARSE_H

#include "compare.h"

/* The old names in lower case that lead to what stands for them now. */
struct renames {
    GHashTable *tables;
    GHashTable *names; /* tables, and columns of all tables: for views and triggers */
};

/* compare_table.c: pairs the columns of a table and lists its changes. */
void compare_table(const struct comparison *comparison, struct table_pair *pair,
                   const struct renames *renames);

/* compare_table.c: the names of a table that others use for it now: its own or those in `renames`. */
void compare_column_renames(const struct table_pair *pair, GHashTable *names);

/* compare_table.c: pairs the columns, by declared rename and by name. */
void compare_pair_columns(struct table_pair *pair);

/* compare_index.c: keys, indexes and foreign keys of a table, and virtual tables. */
void compare_keys(const struct comparison *comparison, struct table_pair *pair,
                  const struct renames *renames, GHashTable *columns);
void compare_virtual(const struct comparison *comparison, struct table_pair *pair,
                     const struct renames *renames);

/* A new change of a table, with its sides filled in. */
struct change *compare_change(const struct comparison *comparison, struct table_pair *pair,
                              enum change_kind kind);

/* Whether two lists have the same texts, names in any case; `renames` is for the left one. */
bool compare_same_names(const GPtrArray *left, const GPtrArray *right, GHashTable *renames);
bool compare_same_name(const char *left, const char *right, GHashTable *renames);

#endif
