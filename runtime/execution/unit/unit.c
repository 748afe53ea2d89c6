/* unit.c: units of work: how one begins, and what commit and rollback leave. A write unit locks
 * exactly the databases that it says it writes, in order of name, so that no two units wait for
 * each other; what it writes beyond those is locked when it is first written. A commit that fails
 * over several files tells for each of them what became of it. */
#include "atomic/atomic.h"
#include "connection/statement.h"

#include <stdio.h>

uint64_t
cleat_session_next_ticket(cleat_session *session)
{
    session->ticket++;
    if (session->ticket % CLEAT_TICKETS == 0)
        session->ticket = atomic_fetch_add(&session->registry->tickets, CLEAT_TICKETS) + 1;
    return session->ticket;
}

bool
cleat_session_has(const cleat_session *session, uint64_t ticket)
{
    return session->open && session->forks == cleat_forks && session->connection != NULL &&
           ticket >= session->unit;
}

void
cleat_session_end_loan(cleat_session *session)
{
    struct statement *lent = session->lent;
    session->lent = NULL;
    if (lent != NULL)
        cleat_statement_release(session, lent);
}

int
cleat_unit_step(const cleat_session *session, sqlite3_stmt *handle)
{
    int64_t start = session->timed ? cleat_clock() : 0;
    sqlite3_step(handle);
    int rc = sqlite3_reset(handle);
    if (session->timed)
        cleat_report(session, sqlite3_sql(handle), cleat_clock() - start);
    return rc;
}

/* Ends everything that was lent in the unit. */
void
cleat_session_end_loans(cleat_session *session)
{
    cleat_session_end_loan(session);
    while (session->held != NULL) {
        struct statement *held = session->held;
        session->held = held->held_after;
        cleat_statement_release(session, held);
    }
    cleat_queries_end(session, 0);
    cleat_streams_end(session->connection, 0);
    cleat_savepoints_forget(session);
}

/* ---- begin ---- */

void
cleat_unit_give_turns(struct connection *connection)
{
    unsigned turns = connection->turns;
    connection->turns = 0;
    for (size_t place = 0; turns >> place != 0; place++)
        if (turns >> place & 1)
            cleat_turn_give(cleat_reach_at(connection->database, place));
}

/* Ends a transaction that has done nothing yet. */
static void
give_up(const cleat_session *session)
{
    if (!sqlite3_get_autocommit(session->connection->handle))
        cleat_unit_step(session, session->connection->rollback);
    cleat_unit_give_turns(session->connection);
}

void
cleat_unit_break(cleat_session *session)
{
    give_up(session);
    session->ready = false;
    session->broken = true;
}

/* Takes the lock of a place when it is this thread's turn. Both together wait no longer than one
 * of them may. */
static int
take_lock(const cleat_session *session, size_t place)
{
    struct connection *connection = session->connection;
    int64_t patience = connection->database->options.busy_timeout_ms * INT64_C(1000000), waited;
    if (!cleat_turn_take(cleat_reach_at(session->database, place), patience, &waited)) {
        cleat_wait_begin(connection);
        cleat_wait_count(connection, waited);
        cleat_count(&connection->counts.timeouts, 1);
        return SQLITE_BUSY;
    }
    connection->turns |= 1u << place;
    if (CLEAT_LIKELY(waited == 0))
        return cleat_unit_step(session, connection->locks[place]);
    cleat_wait_begin(connection);
    cleat_wait_count(connection, waited);
    connection->patience = waited < patience ? patience - waited : 1;
    int rc = cleat_unit_step(session, connection->locks[place]);
    connection->patience = 0;
    return rc;
}

/* A file alone is locked by BEGIN IMMEDIATE. With others attached that would lock them all, so
 * there an empty delete takes each lock; *ret_name is the database that could not be had. */
static int
take_locks(const cleat_session *session, const char **ret_name)
{
    const struct connection *connection = session->connection;
    const struct database *own = session->database;
    *ret_name = own->schema->name;
    if (own->link_count == 0 && session->locked != 0) {
        int code = take_lock(session, 0);
        /* of a file that can only be read, SQLite takes another lock in silence */
        bool reads = code == SQLITE_OK && sqlite3_db_readonly(connection->handle, NULL) == 1;
        return reads ? SQLITE_READONLY : code;
    }
    int rc = cleat_unit_step(session, connection->begin);
    for (size_t turn = 0; rc == SQLITE_OK && session->locked != 0 && turn <= own->link_count;
         turn++) {
        size_t place = cleat_reach_place(own, turn);
        if ((session->locked >> place & 1) == 0 || connection->locks[place] == NULL)
            continue;
        *ret_name = cleat_reach_at(own, place)->schema->name;
        rc = take_lock(session, place);
    }
    return rc;
}

static cleat_status
begin_once(cleat_session *session, struct database **ret_torn)
{
    const char *name;
    session->unit = atomic_fetch_add(&session->registry->tickets, CLEAT_TICKETS);
    session->ticket = session->unit;
    int rc = take_locks(session, &name);
    cleat_status status = CLEAT_OK;
    if (rc != SQLITE_OK)
        status = cleat_session_fail_sqlite(session, rc, name, NULL, "BEGIN");
    else if (session->database->linked || session->database->link_count > 0)
        status = cleat_marks_check(session, ret_torn);
    if (status != CLEAT_OK)
        give_up(session);
    return status;
}

/* Others may commit meanwhile, or be cut short again, but not for ever. */
static cleat_status
complete_torn(cleat_session *session, struct database *torn, int turn)
{
    enum { TURNS = 8 };
    cleat_error error;
    if (turn == TURNS)
        return cleat_session_fail(session, CLEAT_BUSY,
                                  "no moment was found at which %s has all commits over several "
                                  "databases",
                                  torn->schema->name);
    cleat_status rc = cleat_redo_database(session->registry, torn, &error);
    if (rc < 0)
        session->error = error;
    return rc;
}

cleat_status
cleat_unit_begin(cleat_session *session)
{
    cleat_status rc = CLEAT_OK;
    if (session->connection->suspect)
        rc = cleat_session_renew(session);
    if (rc == CLEAT_OK && session->atomic)
        rc = cleat_atomic_prepare(session);
    for (int turn = 0; rc == CLEAT_OK && !session->ready; turn++) {
        struct database *torn = NULL;
        rc = begin_once(session, &torn);
        session->ready = rc == CLEAT_OK;
        if (rc == CLEAT_FOUND)
            rc = complete_torn(session, torn, turn);
    }
    return rc;
}

/* ---- entering ---- */

cleat_status
cleat_session_check(cleat_session *session)
{
    if (session == NULL)
        return CLEAT_MISUSE;
    if (session->forks != cleat_forks)
        return cleat_session_fail(session, CLEAT_FORKED,
                                  "the session was opened before this process was forked");
    if (!session->open)
        return cleat_session_fail(session, CLEAT_MISUSE, "the session is closed");
    return CLEAT_OK;
}

cleat_status
cleat_session_enter_any(cleat_session *session)
{
    cleat_status rc = cleat_session_check(session);
    if (rc < 0)
        return rc;
    if (session->error.status != CLEAT_OK)
        memset(&session->error, 0, sizeof session->error);
    cleat_session_end_loan(session);
    return CLEAT_OK;
}

cleat_status
cleat_session_enter_slowly(cleat_session *session)
{
    cleat_status rc = cleat_session_enter_any(session);
    if (rc < 0 || session->ready)
        return rc;
    if (session->broken)
        return cleat_session_fail(session, CLEAT_MISUSE,
                                  "the unit of work is lost, SQLite has rolled it back after an "
                                  "error: roll back or close the session");
    memset(session->outcomes, CLEAT_OUTCOME_NONE, sizeof session->outcomes);
    return cleat_unit_begin(session);
}

/* ---- the outcome of a commit ---- */

/* The places that the unit has written, as bits. */
static unsigned
find_written(const cleat_session *session)
{
    unsigned written = 0;
    for (size_t place = 0; place <= session->database->link_count; place++) {
        const char *name = cleat_reach_at(session->database, place)->schema->name;
        if (sqlite3_txn_state(session->connection->handle, name) == SQLITE_TXN_WRITE)
            written |= 1u << place;
    }
    return written;
}

static void
set_outcomes(cleat_session *session, unsigned places, cleat_outcome outcome)
{
    for (size_t place = 0; place < CLEAT_REACH_MAX; place++)
        if (places >> place & 1)
            session->outcomes[place] = (unsigned char)outcome;
}

/* Called by SQLite for each database with a write-ahead log that a commit has reached. */
static int
note_committed(void *data, sqlite3 *handle, const char *name, int pages)
{
    cleat_session *session = data;
    int place = cleat_reach_find(session->database, name);
    (void)handle;
    (void)pages;
    if (place >= 0)
        session->outcomes[place] = CLEAT_OUTCOME_COMMITTED;
    return SQLITE_OK;
}

/* After a commit that failed midway SQLite still owes the hook a call for each file that has it.
 * It pays with the next statement. The connection lost its own hook and is not used again. */
static void
find_committed(cleat_session *session)
{
    sqlite3 *handle = session->connection->handle;
    sqlite3_wal_hook(handle, note_committed, session);
    sqlite3_exec(handle, "SELECT 1", NULL, NULL, NULL);
    sqlite3_wal_hook(handle, NULL, NULL);
    session->connection->suspect = true;
}

/* "a is committed, b is rolled back" */
static void
describe_outcomes(const cleat_session *session, char *ret_text, size_t size)
{
    size_t length = 0;
    ret_text[0] = '\0';
    for (size_t place = 0; place <= session->database->link_count; place++) {
        if (session->outcomes[place] == CLEAT_OUTCOME_NONE || length >= size)
            continue;
        const char *name = cleat_reach_at(session->database, place)->schema->name;
        const char *outcome = cleat_outcome_name((cleat_outcome)session->outcomes[place]);
        length += (size_t)snprintf(ret_text + length, size - length, "%s%s is %s",
                                   length == 0 ? "" : ", ", name, outcome);
    }
}

void
cleat_unit_fail_partial(cleat_session *session)
{
    char outcomes[300], text[sizeof session->error.text + sizeof outcomes + 80];
    describe_outcomes(session, outcomes, sizeof outcomes);
    session->error.status = CLEAT_PARTIAL;
    snprintf(text, sizeof text, "the commit has reached some databases only: %s: %s", outcomes,
             session->error.text);
    cleat_text_copy(session->error.text, sizeof session->error.text, text);
}

/* Which of several files has failed a commit; the session's own when that is not known. */
static const char *
find_failed(const cleat_session *session, unsigned written)
{
    const char *own = session->database->schema->name;
    for (size_t place = 0; written >> place != 0; place++) {
        const char *name = cleat_reach_at(session->database, place)->schema->name;
        if ((written >> place & 1) && cleat_file_reason(session->connection->handle, name) != 0)
            return name;
    }
    return own;
}

/* A failed commit. SQLite keeps the unit when nothing was begun, such as when a reader is in the
 * way; else it rolls back what it still can. */
static cleat_status
fail_commit(cleat_session *session, int code, unsigned written)
{
    cleat_session_fail_sqlite(session, code, find_failed(session, written), NULL, "COMMIT");
    if (!sqlite3_get_autocommit(session->connection->handle))
        return session->error.status;
    set_outcomes(session, written, CLEAT_OUTCOME_ROLLED_BACK);
    if ((written & (written - 1)) == 0)
        return session->error.status;
    find_committed(session);
    unsigned committed = 0;
    for (size_t place = 0; place < CLEAT_REACH_MAX; place++)
        if (session->outcomes[place] == CLEAT_OUTCOME_COMMITTED)
            committed |= 1u << place;
    if (committed == 0)
        return session->error.status;
    if (session->atomic)
        return cleat_atomic_complete(session, committed, written);
    cleat_unit_fail_partial(session);
    return session->error.status;
}

/* What was written without having been locked at the start was not checked then. */
static cleat_status
check_others(cleat_session *session, unsigned written)
{
    struct database *torn = NULL;
    if ((written & ~session->locked) == 0)
        return CLEAT_OK;
    cleat_status rc = cleat_marks_check_places(session, written & ~session->locked, &torn);
    if (rc != CLEAT_FOUND)
        return rc;
    cleat_unit_break(session);
    cleat_error error;
    if (cleat_redo_database(session->registry, torn, &error) < 0) {
        session->error = error;
        return error.status;
    }
    return cleat_session_fail(session, CLEAT_BUSY,
                              "%s had a commit that was cut short and is complete now: roll back "
                              "and do the work again",
                              torn->schema->name);
}

/* Refuses the end of a unit to work that shares it with others. */
static cleat_status
enter_end(cleat_session *session)
{
    cleat_status rc = cleat_session_enter_any(session);
    if (rc == CLEAT_OK && session->grouped)
        rc = cleat_session_fail(session, CLEAT_MISUSE,
                                "work of a group cannot commit or roll back: it returns");
    return rc;
}

cleat_status
cleat_session_commit(cleat_session *session)
{
    unsigned written = 1;
    cleat_status rc = enter_end(session);
    if (rc < 0)
        return rc;
    if (session->broken)
        return cleat_session_enter_slowly(session);
    if (!session->ready)
        return CLEAT_OK;
    cleat_session_end_loans(session);
    if (session->mode == CLEAT_WRITE && session->database->link_count > 0) {
        written = find_written(session);
        rc = check_others(session, written);
        if (rc == CLEAT_OK && session->atomic)
            rc = cleat_atomic_finish(session);
        if (rc != CLEAT_OK)
            return rc;
    }
    if (session->connection->turns != 0 && session->database->commits_quickly && !session->atomic)
        cleat_unit_give_turns(session->connection);
    int code = cleat_unit_step(session, session->connection->commit);
    if (code != SQLITE_OK)
        return fail_commit(session, code, written);
    session->ready = false;
    cleat_unit_give_turns(session->connection);
    if (session->mode == CLEAT_WRITE) {
        set_outcomes(session, written, CLEAT_OUTCOME_COMMITTED);
        cleat_count(&session->connection->counts.commits, 1);
    }
    if (session->atomic)
        cleat_atomic_committed(session);
    return CLEAT_OK;
}

cleat_status
cleat_session_rollback(cleat_session *session)
{
    cleat_status rc = enter_end(session);
    if (rc < 0)
        return rc;
    cleat_session_end_loans(session);
    session->ready = false;
    session->broken = false;
    if (sqlite3_get_autocommit(session->connection->handle)) {
        cleat_unit_give_turns(session->connection);
        return CLEAT_OK;
    }
    if (session->mode == CLEAT_WRITE)
        cleat_count(&session->connection->counts.rollbacks, 1);
    int code = SQLITE_ERROR;
    if (session->mode == CLEAT_READ) /* the same, for a third less */
        code = cleat_unit_step(session, session->connection->commit);
    if (code != SQLITE_OK)
        code = cleat_unit_step(session, session->connection->rollback);
    cleat_unit_give_turns(session->connection);
    if (code == SQLITE_OK)
        return CLEAT_OK;
    session->broken = true;
    return cleat_session_fail_sqlite(session, code, session->database->schema->name, NULL,
                                     "ROLLBACK");
}

/* ---- outcomes, for programs ---- */

const char *
cleat_outcome_name(cleat_outcome outcome)
{
    switch (outcome) {
    case CLEAT_OUTCOME_NONE: return "not written";
    case CLEAT_OUTCOME_COMMITTED: return "committed";
    case CLEAT_OUTCOME_ROLLED_BACK: return "rolled back";
    case CLEAT_OUTCOME_PENDING: return "pending";
    }
    return "unknown";
}

cleat_outcome
cleat_session_outcome(const cleat_session *session, const char *database)
{
    if (session == NULL || session->database == NULL || session->forks != cleat_forks)
        return CLEAT_OUTCOME_NONE;
    if (database == NULL)
        database = session->database->schema->name;
    int place = cleat_reach_find(session->database, database);
    return place < 0 ? CLEAT_OUTCOME_NONE : (cleat_outcome)session->outcomes[place];
}
