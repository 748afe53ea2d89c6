/* operations.h: every public call that is of a registry or makes one, and what sessions do from
 * their opening to their commit, as a list: the sweeps run each of them with every fault in turn.
 * They work on what calls_open() has made, and each can be done again and again. */
#ifndef OPERATIONS_H
#define OPERATIONS_H

#include "sample.h"

enum {
    OPERATION_PARTIAL = 1, /* a commit over two files: CLEAT_PARTIAL is an answer */
    OPERATION_ANEW = 2,    /* `prepare` before it is done again too */
    OPERATION_READS = 4    /* leaves all as it was */
};

struct operation {
    const char *name;
    unsigned flags;
    /* Makes the files ready; NULL for nothing. Not to be disturbed. */
    void (*prepare)(struct sample *sample);
    /* Does it and checks what came of it: CLEAT_OK, the failure with its error, or CLEAT_VALUE for
     * a result that is wrong. Frees and closes all it was given. */
    cleat_status (*run)(struct sample *sample, cleat_error *ret_error);
    /* Whether a failure left nothing that it should not have, once it was done again; NULL: that
     * is all in `run`. Not to be disturbed. */
    bool (*whole)(struct sample *sample);
};

/* A plain unit over both databases, for those of an atomic group: whole or absent. */
extern const struct operation operation_of_group;

/* The operation of a place, NULL past the last. */
const struct operation *operation_at(size_t place);

#endif
