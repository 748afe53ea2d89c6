/* execution.h: what the files of the execution layer share: connections, sessions, and statements
 * of generated SQL with what their loops need to know about each column. Only this directory
 * includes sqlite3.h.
 *
 * A ticket is a number that is never given twice in a registry. A unit of work begins with one,
 * and everything lent in it (a cursor, a lent row, a statement) has a later one; so what is left
 * over from an earlier unit is recognised by comparing two numbers. */
#ifndef CLEAT_EXECUTION_H
#define CLEAT_EXECUTION_H

#include "../runtime.h"

#include <sqlite3.h>

/* ---- cached statements ---- */

/* A column as the loops that bind and read need it. */
struct column {
    const cleat_enum *labels;
    uint16_t offset;
    uint16_t has_offset;
    uint16_t parameter; /* in statements that write rows; 0 for none */
    uint8_t kind;       /* a cleat_kind */
    bool has;           /* whether there is a has_ member */
    bool null;          /* whether it may be NULL */
    bool assigned;      /* an integer key, NULL for 0 */
};

/* One prepared statement. The same SQL is there again when a cursor holds the first. */
struct statement {
    sqlite3_stmt *handle;
    struct statement *next;
    struct entry *entry;
    struct statement *held_before, *held_after; /* among those that cursors hold */
    uint64_t ticket;     /* of who holds it; free when older than the unit */
    int64_t nanoseconds; /* so far, when statements are timed */
};

/* All that a connection knows about one table, or one full-text index. */
struct entry {
    const void *identity; /* the cleat_table or cleat_full_text */
    const cleat_table *table;
    const cleat_full_text *index; /* NULL for a table */
    struct column *columns;
    struct column **key_columns; /* of every key, one after the other */
    uint16_t *key_starts;
    const cleat_column *assigned; /* the key column that insert gives a value, or NULL */
    bool strict;     /* SQLite checks the types of stored values */
    bool update_now; /* some column is set to the time by an update */
    size_t slot_count;
    struct statement slots[];
};

/* ---- connections ---- */

enum { KEPT_STATEMENTS = 16 };

struct connection {
    sqlite3 *handle;
    cleat_registry *registry;
    struct database *database;
    struct connection *next; /* in the pool */
    sqlite3_stmt *begin, *lock, *commit, *rollback;
    struct entry *last; /* the one used last */
    struct entry **entries; /* a hash table */
    size_t entry_count, entry_capacity;
    char *scratch;   /* room for one row of any entry */
    size_t *lengths; /* of its texts and blobs, by column */
    size_t scratch_size, length_count;
    sqlite3_stmt *kept[KEPT_STATEMENTS]; /* statements of programs, for the next time */
    unsigned kept_next;
    int64_t deadline; /* of the wait for a lock, in nanoseconds */
};

/* Opens a connection with everything attached. On failure nothing is left. */
cleat_status cleat_connection_open(cleat_registry *registry, struct database *database,
                                   struct connection **ret_connection, cleat_error *error);
void cleat_connection_close(struct connection *connection);

struct connection *cleat_pool_take(struct database *database);
void cleat_pool_give(struct database *database, struct connection *connection);

/* ---- errors ---- */

/* The status of one of SQLite's result codes that is no success. */
cleat_status cleat_status_of(int sqlite_code);

/* Fills an error from a connection's last failure. The table may be NULL. */
cleat_status cleat_error_sqlite(cleat_error *error, sqlite3 *handle, int code,
                                const char *database, const cleat_table *table, const char *sql);

/* ---- sessions ---- */

struct cleat_session {
    bool ready;  /* a unit of work is open and sound */
    bool timed;  /* statements are reported */
    bool open;
    bool broken; /* SQLite rolled the unit back by itself */
    unsigned mode;
    unsigned forks;
    uint64_t unit;   /* the ticket it began with */
    uint64_t ticket; /* the last one given */
    struct statement *lent; /* its row is lent until the next call */
    struct connection *connection;
    cleat_registry *registry;
    struct database *database;
    struct statement *held; /* by cursors that are open */
    cleat_statement *statements; /* of the program, open */
    cleat_session *all_next;
    cleat_session *closed_next;
    cleat_error error;
};

/* How many tickets are taken from the registry at once. */
#define CLEAT_TICKETS UINT64_C(1048576)

/* The rest of cleat_session_enter(): begins a unit, or says why not. */
cleat_status cleat_session_enter_slowly(cleat_session *session);

/* Ends the loan of a row. */
void cleat_session_end_loan(cleat_session *session);

/* Ends what programs hold of their own statements. */
void cleat_query_end(cleat_statement *statement);
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

/* Refuses a write in a read session. */
cleat_status cleat_session_fail_readonly(cleat_session *session, const char *what);

/* ---- time of statements ---- */

int64_t cleat_clock(void);
int cleat_step_timed(struct statement *statement);
void cleat_report(const cleat_session *session, const char *sql, int64_t nanoseconds);

static inline int
cleat_step(const cleat_session *session, struct statement *statement)
{
    if (CLEAT_UNLIKELY(session->timed))
        return cleat_step_timed(statement);
    return sqlite3_step(statement->handle);
}

/* Makes a statement ready for its next use. */
static inline void
cleat_statement_release(const cleat_session *session, struct statement *statement)
{
    if (CLEAT_UNLIKELY(session->timed)) {
        cleat_report(session, sqlite3_sql(statement->handle), statement->nanoseconds);
        statement->nanoseconds = 0;
    }
    sqlite3_reset(statement->handle);
    statement->ticket = 0;
}

/* ---- finding statements ---- */

cleat_status cleat_entry_open(cleat_session *session, const void *identity,
                              const cleat_table *table, const cleat_full_text *index,
                              struct entry **ret_entry);
void cleat_entries_close(struct connection *connection);
cleat_status cleat_statement_prepare(cleat_session *session, struct entry *entry,
                                     struct statement *statement, enum operation operation,
                                     unsigned key);
cleat_status cleat_statement_again(cleat_session *session, struct entry *entry,
                                   struct statement *first, enum operation operation, unsigned key,
                                   struct statement **ret_statement);

/* The entry of a table; *ret_entry is set on success. */
static inline cleat_status
cleat_entry_find(cleat_session *session, const cleat_table *table, struct entry **ret_entry)
{
    struct entry *last = session->connection->last;
    if (CLEAT_LIKELY(last != NULL && last->identity == table)) {
        *ret_entry = last;
        return CLEAT_OK;
    }
    return cleat_entry_open(session, table, table, NULL, ret_entry);
}

/* A statement of an entry that is ready to be bound. */
static inline cleat_status
cleat_statement_find(cleat_session *session, struct entry *entry, enum operation operation,
                     unsigned key, struct statement **ret_statement)
{
    size_t place = operation;
    if (operation > CLEAT_SQL_LIST) /* one for each key */
        place = CLEAT_SQL_GET + (operation - CLEAT_SQL_GET) * entry->table->key_count + key;
    struct statement *statement = &entry->slots[place];
    if (CLEAT_UNLIKELY(statement->handle == NULL)) {
        cleat_status rc = cleat_statement_prepare(session, entry, statement, operation, key);
        if (rc < 0)
            return rc;
    }
    if (CLEAT_UNLIKELY(statement->ticket >= session->unit))
        return cleat_statement_again(session, entry, statement, operation, key, ret_statement);
    *ret_statement = statement;
    return CLEAT_OK;
}

/* ---- rows ---- */

/* Binds every written column. On failure the session has the error. */
cleat_status cleat_row_bind(cleat_session *session, const struct entry *entry,
                            sqlite3_stmt *handle, const void *row);

/* Binds the columns of a key, from the values of a call or from a row. */
cleat_status cleat_key_bind(cleat_session *session, const struct entry *entry, unsigned key,
                            sqlite3_stmt *handle, const cleat_value *values);
cleat_status cleat_key_bind_row(cleat_session *session, const struct entry *entry, unsigned key,
                                sqlite3_stmt *handle, const void *row);

/* Reads a row that lends its texts and blobs; `lengths` gets their sizes. */
cleat_status cleat_row_read(cleat_session *session, const struct entry *entry,
                            sqlite3_stmt *handle, char *ret_row, size_t *lengths);

/* Copies texts and blobs into the block of *owned, which grows when it must, and lets the row
 * point there. */
cleat_status cleat_row_keep(const struct entry *entry, char *row, const size_t *lengths,
                            void **owned);

/* Copies all of a row but the pointer to what it owns. */
static inline void
cleat_row_assign(const cleat_table *table, char *ret_row, const char *row)
{
    size_t after = table->owned_offset + sizeof(void *);
    memcpy(ret_row, row, table->owned_offset);
    if (after < table->row_size)
        memcpy(ret_row + after, row + after, table->row_size - after);
}

#endif
