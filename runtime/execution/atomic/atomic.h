/* atomic.h: what the files share that make a commit over several databases whole through crashes.
 *
 * SQLite commits a unit file by file: first the session's own database, the home, then those it
 * attaches. In the same transaction the home gets an intent: every change of a row in a peer, in
 * cleat_intents, in the order they were made; and each peer gets the number of that intent, in
 * cleat_marks. So after a crash a peer whose mark is behind the home's last intent is the only
 * thing that can have happened, and it is completed from there before anybody writes it again.
 *
 *   home  cleat_changes(id, peer, change, "table", keys, columns)   the kinds of changes there are
 *         cleat_intents(peer, id, part, change, "row")              1, 2, 3, … for each peer
 *   peer  cleat_marks(home, id)                                     the last intent that it has
 *
 * capture.c writes the intents, marks.c compares, redo.c completes, atomic.c is the unit. */
#ifndef CLEAT_ATOMIC_H
#define CLEAT_ATOMIC_H

#include "unit/unit.h"

/* After so many commits that may be lost with the power, one is brought to disk in all files, so
 * that the intents up to it can go. */
enum { CLEAT_INTENTS_KEPT = 256 };

/* ---- the connections of atomic sessions ---- */

/* Bytes that grow. */
struct packed {
    unsigned char *bytes;
    size_t size, capacity;
};

struct capture {
    unsigned ready;                    /* places whose changes become intents */
    unsigned open;                     /* those that the session was opened over */
    int64_t ids[CLEAT_REACH_MAX];      /* of the unit's intents, by place */
    int64_t lasting[CLEAT_REACH_MAX];  /* intents up to this one are on disk in the peer too */
    unsigned commits[CLEAT_REACH_MAX]; /* since then */
    bool full;                         /* this unit is brought to disk in all files */
    int64_t part;
    bool judges; /* SQL is prepared that may write what cannot be captured */
    struct packed packed;
    sqlite3_stmt *find, *forget, *marks[CLEAT_REACH_MAX];
    char objection[192]; /* why SQLite was told to refuse; "" when it was not */
};

struct connection *cleat_capture_take(cleat_registry *registry, struct database *database);
void cleat_capture_give(struct database *database, struct connection *connection);

/* Opens a connection whose writes to other databases can be captured. */
cleat_status cleat_capture_open(cleat_registry *registry, struct database *database,
                                struct connection **ret_connection, cleat_error *error);
void cleat_capture_free(struct connection *connection);

/* Around the preparing of SQL that may write what cannot be captured. */
static inline void
cleat_capture_judge(const struct connection *connection, bool judges)
{
    if (connection->capture != NULL)
        connection->capture->judges = judges;
}

/* Whether a session writes another database in ways that cannot be captured; then it has the error.
 */
cleat_status cleat_capture_refuse(cleat_session *session, const cleat_table *table,
                                  const char *what);

/* Has the changes of a place captured from now on. */
cleat_status cleat_capture_begin(cleat_session *session, size_t place);

/* Puts the reason of a refusal into the session's error; returns its status. */
cleat_status cleat_capture_explain(cleat_session *session, int code, cleat_status status);

/* ---- values of a row as bytes ---- */

/* Adds a value: a byte for its type, then 8 bytes of a number, or 4 of a size and the bytes, all
 * with the lowest first. */
bool cleat_pack(struct packed *packed, sqlite3_value *value);
bool cleat_pack_text(struct packed *packed, const char *text);

/* Binds the values, one after the other; SQLITE_CORRUPT when they are not as many. */
int cleat_unpack(const unsigned char *bytes, size_t size, sqlite3_stmt *handle);

/* Reads the next text; false at the end or when there is none. */
bool cleat_unpack_text(const unsigned char **bytes, size_t *size, const char **ret_text,
                       size_t *ret_length);

/* ---- marks ---- */

/* Whether the databases that a unit locks, or reads at once, lack nothing: CLEAT_OK, or
 * CLEAT_FOUND with the one that has to be completed first, or a failure in the session. */
cleat_status cleat_marks_check(cleat_session *session, struct database **ret_torn);

/* The same for some places of a session that writes. */
cleat_status cleat_marks_check_places(cleat_session *session, unsigned places,
                                      struct database **ret_torn);

/* ---- units ---- */

/* Whether a session over these places needs intents at all; takes CLEAT_ATOMIC out when plain
 * SQL is as good. */
cleat_status cleat_atomic_choose(cleat_registry *registry, const struct database *own,
                                 unsigned places, unsigned *mode);

/* Before a unit begins, before it commits, and after. */
cleat_status cleat_atomic_prepare(cleat_session *session);
cleat_status cleat_atomic_finish(cleat_session *session);
void cleat_atomic_committed(cleat_session *session);

/* Completes a commit that failed after it had reached the home. */
cleat_status cleat_atomic_complete(cleat_session *session, unsigned committed, unsigned written);

/* Turns the session's error into CLEAT_PARTIAL with the outcomes in words. */
void cleat_unit_fail_partial(cleat_session *session);

/* ---- forgetting ---- */

/* Brings the commits of a database to disk, as far as a handle has seen them. Returns SQLite's
 * code; SQLITE_NOTFOUND where nothing can be known. */
int cleat_log_sync(sqlite3 *handle, const struct database *database);

/* Takes the intents for a peer out of its home that it has on disk, which has this mark. Changes
 * nothing where that cannot be known. The handles may be one. */
int cleat_intents_forget(sqlite3 *home, sqlite3 *peer, const struct database *database,
                         int64_t mark);

/* The same for all peers of a home, before its idle connections are closed. */
void cleat_captures_forget(struct database *database);

/* ---- redo ---- */

/* Completes what other databases have intended for this one. Locks it; does nothing where nothing
 * is missing. */
cleat_status cleat_redo_database(cleat_registry *registry, struct database *database,
                                 cleat_error *error);

/* Opens one file alone, for bookkeeping: no triggers, no foreign keys. */
cleat_status cleat_plain_open(const struct database *database, sqlite3 **ret_handle,
                              cleat_error *error);

#endif
