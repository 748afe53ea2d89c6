/* cleat/group.h: writing from many threads, and from an event loop. <cleat/cleat.h> includes it. */
#ifndef CLEAT_GROUP_H
#define CLEAT_GROUP_H

#include <cleat/cleat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a program wants done in a session: reads and writes by typed calls or its own SQL. Below 0
 * undoes all of it. It neither commits, rolls back, closes nor keeps the session, which is also
 * the current one of the thread that runs it. */
typedef cleat_status cleat_work(cleat_session *session, void *data);

/* ---- group commit ---- */

/* Does a piece of work as a unit of its own, and returns when it is as durable as the setting
 * `synchronous` of the database says: what `work` returned, or the failure to commit it. Threads
 * that call it at the same time share one transaction, so that many wait for one write to disk
 * together; whoever comes first does the work of all, so `work` may run on another thread than
 * the caller's, while that one waits.
 *
 * A unit never fails for another one's fault: it is undone alone, and when the transaction as a
 * whole fails, each is done again in one of its own. So `work` may run more than once; only its
 * last run counts, and it must not depend on what an earlier one left in `data`. The units of one
 * thread are done in order. At most 1024 wait; more callers wait for room.
 *
 * `error` may be NULL; else it gets the error when the outcome is below 0. NULL is the default
 * database. Returns CLEAT_MISUSE when called by work of the same database's group. */
cleat_status cleat_group_run(cleat_registry *registry, const char *database, cleat_work *work,
                             void *data, cleat_error *error);

/* ---- for event loops ---- */

/* Work that is done by a thread of its own, which starts with the first piece, and results that
 * an event loop fetches when a file descriptor is readable. */
typedef struct cleat_async cleat_async;

typedef struct cleat_result {
    void *data;          /* as it was submitted */
    cleat_status status; /* what `work` returned, or why it could not be done */
    cleat_error error;   /* of a status below 0 */
} cleat_result;

/* Belongs to one registry, which must stay open; cleat_registry_close() also closes what is left.
 * A program may have several, for instance one for each loop. */
cleat_status cleat_async_open(cleat_registry *registry, cleat_async **ret_async);

/* Readable, for poll() and its like, exactly while there are results. Not to be read or closed. */
int cleat_async_fd(const cleat_async *async);

/* Hands over a piece of work and returns at once. `mode` is CLEAT_READ, or CLEAT_WRITE as with
 * cleat_group_run(): what is waiting together is committed together. Done in order. Any thread may
 * call it. Returns CLEAT_BUSY when 1024 pieces wait or have results that nobody fetched; like any
 * refusal it is in cleat_registry_error() too. `database` is not kept; `data` must live until its
 * result is fetched. */
cleat_status cleat_async_submit(cleat_async *async, const char *database, unsigned mode,
                                cleat_work *work, void *data);

/* The next result, in the order of submission: CLEAT_ROW, or CLEAT_DONE when none is ready. */
cleat_status cleat_async_next(cleat_async *async, cleat_result *ret_result);

/* Waits until all that was submitted is done; results that were not fetched are lost. NULL is
 * allowed. */
void cleat_async_close(cleat_async *async);

#ifdef __cplusplus
}
#endif

#endif
