/* sql_shape.h: what SQLite's metadata does not say of a statement and decides whether a result can
 * be NULL or has another type: compounds, scalar subqueries, aggregates without groups. Doubt
 * always means "can be NULL". */
#ifndef CLEAT_SQL_SHAPE_H
#define CLEAT_SQL_SHAPE_H

#include "sql_scan.h"

/* Tokens from `from` up to, not including, `to`. */
struct range {
    int from;
    int to;
};

/* One item of the select list, or after RETURNING. */
struct item {
    struct range all;        /* with its alias */
    struct range expression; /* without */
    bool is_star;            /* * or t.* */
};

struct shape {
    bool has_compound; /* UNION, INTERSECT or EXCEPT, anywhere: only the first arm is described */
    bool has_doubt;    /* what feeds the result has scalar subqueries, or aggregates without groups:
                        * any column can be NULL */
    bool is_aggregate; /* the result is one row even of nothing: plain columns can be NULL */
    bool has_limit;
    bool has_outer_join;
    GArray *items; /* struct item */
};

struct shape shape_new(const struct sql *sql);
void shape_free(struct shape *shape);

/* The item that a result column comes from, when stars leave no doubt; else NULL. */
const struct item *shape_item(const struct shape *shape, int column, int columns);

/* The items of a SELECT that begins at `from`. The caller unrefs them. */
GArray *shape_items(const struct sql *sql, int from, int to);

/* The arguments of a call whose parenthesis opens at a place: struct range. */
GArray *shape_arguments(const struct sql *sql, int open);

/* The first SELECT, VALUES, INSERT, REPLACE, UPDATE or DELETE, after WITH. */
int shape_verb(const struct sql *sql);

/* Whether a range holds a keyword outside of parentheses. */
bool shape_has(const struct sql *sql, struct range range, const char *word);

#endif
