/* places.h: where things are declared in db_models.h files, read as text: a review needs neither a
 * compiler nor the headers a schema includes. */
#ifndef CLEAT_PLACES_H
#define CLEAT_PLACES_H

#include "side.h"

/* One entry between the braces of a TABLE. */
struct entry_place {
    const char *text; /* without comments, on one line */
    const char *name; /* of the column; NULL for a line such as INDEX_ON */
    unsigned line;
    unsigned column;
};

struct declared_table {
    const char *name;
    unsigned line;
    unsigned column;
    GPtrArray *entries; /* struct entry_place */
};

struct module_file {
    const char *path;
    const char *database; /* NULL when the file does not say */
    GPtrArray *tables;    /* struct declared_table */
};

/* Fills side->modules. */
void places_read(struct side *side);

#endif
