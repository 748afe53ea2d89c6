/* calls.h: every public call on a session, as a list: the sweeps run each of them with every fault
 * in turn. The sessions are on the sample's library, with the archive attached, or on a shop with
 * tables that extend others, and find there what calls_open() wrote. */
#ifndef CALLS_H
#define CALLS_H

#include "sample.h"

enum {
    CALL_READS = 1,  /* in a session that reads */
    CALL_WRITES = 2, /* in one that writes */
    CALL_APART = 4,  /* writes two databases */
    CALL_ATOMIC = 8, /* so that both have it, or none */
    CALL_SEVERAL =
        16 /* several calls that write: the first ones may have, when a later one fails */
};

struct call {
    const char *name;
    const char *database; /* of the session; NULL is the library */
    unsigned flags;
    /* Makes the call and checks what it returned: CLEAT_OK, the failure, or CLEAT_VALUE for a
     * result that is wrong. Frees all it was given. */
    cleat_status (*run)(cleat_session *session);
};

#define CALL(function, database, flags)                                                            \
    {                                                                                              \
#function, database, flags, function                                                       \
    }

/* The call of a place, NULL past the last. */
const struct call *call_at(size_t place);

/* A session as the call needs one. */
cleat_session *call_session(struct sample *sample, const struct call *call);

/* Opens the sample with the shop beside its databases, and writes what the calls expect to find.
 * From then on sample_open() opens the same. */
void calls_open(struct sample *sample);

/* The same with the library and the archive as one atomic group. */
void calls_open_group(struct sample *sample);

/* The part of that for the library alone. */
void calls_fill(cleat_registry *registry);

/* ---- for the lists ---- */

extern const struct call calls_of_rows[], calls_of_shop[], calls_of_rest[];
extern const size_t calls_of_rows_count, calls_of_shop_count, calls_of_rest_count;

/* What calls_fill() wrote into every book and loan, how many of them, and what every book is
 * called. */
enum { CALLS_FILLED = 6 };
extern const char calls_text[92];
#define CALLS_TITLE "A title with words"

/* Writes what the calls on the shop expect. */
void calls_fill_shop(cleat_registry *registry);

/* An outcome above 0 that is expected becomes CLEAT_OK, another one CLEAT_VALUE. */
static inline cleat_status
expect(cleat_status rc, cleat_status expected)
{
    return rc < 0 ? rc : rc == expected ? CLEAT_OK : CLEAT_VALUE;
}

static inline cleat_status
holds(bool condition)
{
    return condition ? CLEAT_OK : CLEAT_VALUE;
}

#endif
