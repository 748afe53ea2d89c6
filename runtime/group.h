/* group.h: pieces of work that are committed together, for those who hand them over. */
#ifndef CLEAT_RUNTIME_GROUP_H
#define CLEAT_RUNTIME_GROUP_H

#include "runtime.h"

/* So many may wait. */
enum { CLEAT_GROUP_WAITING = 1024 };

/* Who waits for one or several units. */
struct submitter {
    pthread_cond_t changed;
    size_t left; /* not yet done */
};

/* A piece of work, on its submitter's memory. */
struct unit {
    cleat_work *work;
    void *data;
    cleat_error *error;  /* may be NULL */
    cleat_status status; /* the outcome */
    struct database *database;
    struct submitter *submitter;
    struct unit *next;
};

/* Does a list of units, in order, each with its own outcome; returns when all are done.
 * CLEAT_MISUSE: the thread is the leader of this group, and nothing was done. */
cleat_status cleat_group_do(cleat_registry *registry, struct database *database,
                            struct unit *units);

/* Gives a unit its outcome. The error is that of what was tried, when it is about this status. */
void cleat_unit_end(struct unit *unit, cleat_status status, const cleat_error *error);

#endif
