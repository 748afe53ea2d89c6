/* memory.h: allocations that fail, one of them or all from one on: those of the runtime, for which a
 * program is linked with --wrap=malloc,calloc,realloc,free, and those of SQLite. */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>
#include <stddef.h>

enum { MEMORY_PLACES = 100000 }; /* as many are told apart */

/* Once, before SQLite is used. */
void memory_install(void);

/* Lets the allocation at `place`, from 1, fail, and with `lasting` all after it. */
void memory_arm(long place, bool lasting);

/* Ends that. Whether the failure was never reached. */
bool memory_disarm(void);

/* Which allocations fail in CI: of the runtime's own and of SQLite's, whose authors try all of them,
 * one in so many. A soak tries each. */
struct strides {
    long own, foreign;
};

/* The one after `place`, after a run that was armed. */
long memory_next(long place, long total, struct strides strides);

long memory_count(void);  /* allocations since memory_arm() */
long memory_living(void); /* blocks of the runtime's own that are not freed */

#endif
