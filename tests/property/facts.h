/* facts.h: what make_schemas.py knows about its columns and no descriptor tells. */
#ifndef PROPERTY_FACTS_H
#define PROPERTY_FACTS_H

#include <stddef.h>

struct fact {
    const char *database;
    const char *table;
    const char *column;
    long length;           /* 0 for none */
    const char *collation; /* "" for BINARY */
    const char *base;      /* a generated column has the typeof() of this one; "" for others */
    const char *parent;    /* the ON_DELETE of a reference to the table's own key; "" for none */
};

/* What a table extends, and, where `column` is not NULL, the label that it has in each of its rows. */
struct chain_fact {
    const char *database;
    const char *table;
    const char *extends;
    const char *column;
    const char *label;
};

extern const unsigned property_seed;
extern const struct chain_fact property_chains[]; /* ends with a NULL database */
extern const struct fact property_facts[];        /* ends with a NULL database */

#endif
