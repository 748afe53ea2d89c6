/* unit.h: sessions, and the units of work that happen in them: how one begins, what is lent in it,
 * how it fails. */
#ifndef CLEAT_UNIT_H
#define CLEAT_UNIT_H

#include "connection/connection.h"

/* A savepoint of a unit. What was lent since it was set has a later ticket. */
struct savepoint {
    char name[64];
    uint64_t ticket;
};

struct cleat_session {
    bool ready; /* a unit of work is open and sound */
    bool timed; /* statements are reported */
    bool open;
    bool broken;     /* SQLite rolled the unit back by itself */
    bool grouped;    /* work of a group is at it, which may not end it */
    bool atomic;     /* CLEAT_ATOMIC, and intents or marks are needed for it */
    unsigned mode;   /* CLEAT_READ or CLEAT_WRITE */
    unsigned locked; /* a bit for each place that it locks up front */
    uint64_t opened; /* a number that no other opening has */
    unsigned forks;
    uint64_t unit;          /* the ticket it began with */
    uint64_t ticket;        /* the last one given */
    struct statement *lent; /* its row is lent until the next call */
    struct connection *connection;
    cleat_registry *registry;
    struct database *database;
    struct statement *held;      /* by cursors that are open */
    cleat_statement *statements; /* of the program, open */
    struct savepoint *savepoints;
    size_t savepoint_count, savepoint_capacity;
    unsigned char outcomes[CLEAT_REACH_MAX]; /* a cleat_outcome for each place */
    cleat_session *all_next;
    cleat_session *closed_next;
    cleat_error error;
};

/* How many tickets are taken from the registry at once. */
#define CLEAT_TICKETS UINT64_C(4096)

/* Gives a session another connection in place of one that is suspect. */
cleat_status cleat_session_renew(cleat_session *session);

/* Begins a unit of work. On failure the session has the error. */
cleat_status cleat_unit_begin(cleat_session *session);

/* Ends a unit that cannot be whole any more: all of it is undone, and what is called in it fails
 * until it is rolled back. */
void cleat_unit_break(cleat_session *session);

/* Lets others write what a unit had the turn of. */
void cleat_unit_give_turns(struct connection *connection);

/* Runs one of the statements that begin and end units. */
int cleat_unit_step(const cleat_session *session, sqlite3_stmt *handle);

/* Undoes what came since the savepoint at a depth was set, or releases it; either way what was lent
 * since ends, and so do the savepoints within. */
cleat_status cleat_savepoint_undo(cleat_session *session, size_t depth);
cleat_status cleat_savepoint_keep(cleat_session *session, size_t depth);

/* Forgets all savepoints of a unit; frees them. */
void cleat_savepoints_forget(cleat_session *session);
void cleat_savepoints_free(cleat_session *session);

/* What every call but close checks, whatever state the unit is in; ends the loan of a row. */
cleat_status cleat_session_enter_any(cleat_session *session);

/* The rest of cleat_session_enter(): begins a unit, or says why not. */
cleat_status cleat_session_enter_slowly(cleat_session *session);

/* Ends everything that was lent in the unit: cursors, statements, streams. */
void cleat_session_end_loans(cleat_session *session);

/* Ends the loan of a row. */
void cleat_session_end_loan(cleat_session *session);

/* Ends what programs hold of their own statements: one, or those opened since a ticket. */
void cleat_query_end(cleat_statement *statement);
void cleat_queries_end(cleat_session *session, uint64_t since);
void cleat_query_free(cleat_statement *statement);

/* Begins a call on a session: its error is cleared, a unit of work is open. */
static inline cleat_status
cleat_session_enter(cleat_session *session)
{
    if (CLEAT_UNLIKELY(session == NULL))
        return CLEAT_MISUSE;
    if (CLEAT_UNLIKELY(!session->ready || session->forks != cleat_forks ||
                       session->error.status != CLEAT_OK))
        return cleat_session_enter_slowly(session);
    if (CLEAT_UNLIKELY(session->lent != NULL))
        cleat_session_end_loan(session);
    return CLEAT_OK;
}

uint64_t cleat_session_next_ticket(cleat_session *session);

/* Whether a ticket belongs to the session's unit of work, in this process. */
bool cleat_session_has(const cleat_session *session, uint64_t ticket);

/* Puts a failure of SQLite into the session; notices when the unit is lost. */
cleat_status cleat_session_fail_sqlite(cleat_session *session, int code, const char *database,
                                       const cleat_table *table, const char *sql);

/* Puts a failure of the runtime's own into the session. */
cleat_status cleat_session_fail(cleat_session *session, cleat_status status, const char *format,
                                ...) CLEAT_PRINTF(3, 4);

/* The same, about a column of a table. */
cleat_status cleat_session_fail_column(cleat_session *session, cleat_status status,
                                       const cleat_table *table, const char *column,
                                       const char *what);

/* The same, about a table as a whole. */
cleat_status cleat_session_fail_table(cleat_session *session, cleat_status status,
                                      const cleat_table *table, const char *what);

/* Refuses a write in a read session; the table is NULL for a program's own statement. */
cleat_status cleat_session_fail_readonly(cleat_session *session, const cleat_table *table);

/* Ends the streams of a connection's session that were opened since a ticket; frees all. */
void cleat_streams_end(struct connection *connection, uint64_t since);
void cleat_streams_free(struct connection *connection);

/* Whether one is open that writes. */
bool cleat_streams_write(const struct connection *connection);

/* ---- turns ---- */

/* Takes the turn to write a database, waiting for `patience` nanoseconds at most; whoever has it
 * goes on to SQLite's lock. False when others had it all the time. *ret_waited is how long. */
bool cleat_turn_take(struct database *database, int64_t patience, int64_t *ret_waited);
void cleat_turn_give(struct database *database);

#endif
