/* collect.h: rows on their way into an array. */
#ifndef CLEAT_COLLECT_H
#define CLEAT_COLLECT_H

#include "rows/rows.h"

struct collection {
    cleat_session *session;
    const struct entry *entry;
    char *items;
    size_t count, capacity;
    struct room room; /* of texts and blobs */
    size_t *places;   /* where each row's key was fed from; NULL when nobody asks */
    size_t most;      /* rows; 0 for any number */
    cleat_status status;
};

/* Runs a select that is bound, and appends its rows. */
cleat_status cleat_collection_fill(struct collection *collection, struct statement *statement);

/* Gives the rows to the program when `rc` is CLEAT_OK, else frees them; returns `rc`. */
cleat_status cleat_collection_give(struct collection *collection, cleat_status rc, void *ret_rows);

#endif
