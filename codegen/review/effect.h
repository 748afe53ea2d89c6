/* effect.h: what an upgrade does to the rows of a table, and how long that takes. */
#ifndef CLEAT_EFFECT_H
#define CLEAT_EFFECT_H

#include "snapshot/compare.h"

/* In the order of their price. */
enum effect_kind {
    EFFECT_NONE,        /* only the schema changes: ADD COLUMN, RENAME, views, triggers */
    EFFECT_INDEX,       /* an index is built */
    EFFECT_DROP_COLUMN, /* SQLite rewrites every row in place */
    EFFECT_FULL_TEXT,   /* a full-text index is filled */
    EFFECT_REBUILD      /* a new table, all rows copied, the old one dropped */
};

struct effect {
    enum effect_kind kind;
    const char *why;  /* for a rebuild: the change that needs it; else NULL */
    double seconds;   /* per million rows; 0 for EFFECT_NONE */
    const char *help; /* how the same is had for less, or NULL */
};

/* The price of all changes of one table together. */
struct effect effect_of_table(const struct table_pair *pair);

#endif
