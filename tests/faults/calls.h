/* calls.h: every public call on a session, as a list: the sweeps run each of them with every fault
 * in turn. The sessions are on the sample's library, with the archive attached, and find there
 * what calls_fill() wrote. */
#ifndef CALLS_H
#define CALLS_H

#include "sample.h"

enum {
    CALL_READS = 1,  /* in a session that reads */
    CALL_WRITES = 2, /* in one that writes */
    CALL_APART = 4   /* writes two databases */
};

struct call {
    const char *name;
    unsigned flags;
    /* Makes the call and checks what it returned: CLEAT_OK, the failure, or CLEAT_VALUE for a
     * result that is wrong. Frees all it was given. */
    cleat_status (*run)(cleat_session *session);
};

extern const struct call calls[];
extern const size_t call_count;

/* Writes what the calls expect to find. */
void calls_fill(cleat_registry *registry);

#endif
