/* execution.h: what the files of the execution layer share: connections, sessions, and statements
 * of generated SQL with what their loops need to know about each column. Only this directory
 * includes sqlite3.h.
 *
 * A ticket is a number that is never given twice in a registry. A unit of work begins with one,
 * and everything lent in it (a cursor, a lent row, a statement) has a later one; so what is left
 * over from an earlier unit is recognised by comparing two numbers. */
#ifndef CLEAT_EXECUTION_H
#define CLEAT_EXECUTION_H

#include "runtime.h"

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
    bool collects; /* its rows go to the collector, instead of one step each */
    bool fires;    /* triggers; found out for appends only */
    struct statement *held_before, *held_after; /* among those that cursors hold */
    uint64_t ticket;                            /* of who holds it; free when older than the unit */
    int64_t nanoseconds;                        /* so far, when statements are timed */
};

/* What the first byte of a variant's signature is. */
enum { VARIANT_PATCH, VARIANT_PAGE, VARIANT_QUERY, VARIANT_WHERE };

/* A statement that is one of many of its table: a set of columns, a form of page. It is found by
 * its signature, which says all that its SQL depends on. */
struct variant {
    struct statement statement;
    struct variant *next; /* the one used before it */
    size_t size;
    unsigned char signature[];
};

/* Where a statement gets a column of many rows from: the program's array. */
struct feed {
    const char *members;
    const char *has; /* NULL when every row has a value */
    size_t step;     /* from one row to the next */
    uint8_t kind;    /* a cleat_kind; of text also where a row would have an array */
};

/* The rows of a program that a statement reads as a table; see feed.c. */
struct feeder {
    struct feed *feeds;  /* one for each column of the table */
    const size_t *order; /* the rows' places as they are read; NULL: as they are */
    size_t count;
    size_t place;               /* of the row that was read last, in the array */
    const struct column *fault; /* what cannot be stored, or NULL */
    int fault_code;
};

/* The tables in which a row lies that extends others, the first one first, and the statements that
 * make writes of all of them one. */
struct parts {
    sqlite3_stmt *savepoint, *undo, *release;
    cleat_extends whole; /* what the parts' descriptors say about themselves */
    unsigned count;
    cleat_table tables[]; /* as they lie in the row */
};

/* All that a connection knows about one table, or one full-text index. */
struct entry {
    const void *identity; /* the cleat_table or cleat_full_text */
    const cleat_table *table;
    const cleat_full_text *index; /* NULL for a table */
    struct column *columns;
    struct column **key_columns; /* of every key, one after the other */
    uint16_t *key_starts;
    struct column **owned; /* the texts and blobs, of which a row has its own copies */
    unsigned owned_count;
    const cleat_column *assigned; /* the key column that insert gives a value, or NULL */
    bool strict;                  /* SQLite checks the types of stored values */
    bool update_now;              /* some column is set to the time by an update */
    bool sequence; /* the database has AUTOINCREMENT, though perhaps not in this table */
    struct feeder feeder;
    struct parts *parts; /* of a table that extends others; else NULL */
    struct variant *variants;
    size_t slot_count;
    struct statement slots[];
};

/* ---- connections ---- */

enum { KEPT_STATEMENTS = 16, KEPT_VARIANTS = 16 };

/* An assigned primary key under which a row is stored. */
struct stored_key {
    int64_t number;
    char text[37];
};

/* A row of an array that was there already, under this key. */
struct met_row {
    size_t place;
    struct stored_key key;
};

/* What cleat_met() and cleat_found() have seen: how many rows were there already, the key of the
 * last of them and, where an array is written and `rows` is set, which they were. */
struct met {
    size_t count;
    struct stored_key key;
    const struct feeder *feeder;
    struct met_row *rows; /* as many as the array has, or NULL */
    bool lost;            /* SQLite had read the array before it wrote: the places are not known */
};

/* What a connection has counted. The thread that uses it writes, any thread may read. */
struct counts {
    atomic_uint_fast64_t commits, rollbacks;
    atomic_uint_fast64_t statements, prepared;
    atomic_uint_fast64_t waits, timeouts, wait_ns, longest_wait_ns;
};

/* An addition by the one writer: no more than an addition. */
static inline void
cleat_count(atomic_uint_fast64_t *counter, uint64_t more)
{
    uint64_t before = atomic_load_explicit(counter, memory_order_relaxed);
    atomic_store_explicit(counter, before + more, memory_order_relaxed);
}

/* What a connection knows about the notes of commits in a database that it reaches; see marks.c. */
struct reach {
    uint32_t version; /* of the file's content, when it was looked at last */
    int64_t cookie;   /* of its schema */
    bool marked, intends;
    sqlite3_stmt *schema, *marks, *last;
};

struct connection {
    sqlite3 *handle;
    cleat_registry *registry;
    struct database *database;
    struct connection *next;                   /* in the pool */
    struct connection *all_before, *all_after; /* of the same database, used or not */
    bool known;                                /* it is among those */
    struct counts counts;
    int64_t waited; /* in the wait for a lock that goes on, in nanoseconds */
    sqlite3_stmt *begin, *commit, *rollback;
    sqlite3_stmt *savepoint, *release, *rollback_to;
    sqlite3_stmt *locks[CLEAT_REACH_MAX]; /* by place; NULL where there is no table */
    struct reach reach[CLEAT_REACH_MAX];
    struct capture *capture; /* of connections for atomic sessions, else NULL */
    struct entry *last;      /* the one used last */
    struct entry **entries;  /* a hash table */
    size_t entry_count, entry_capacity;
    char *scratch;   /* room for one row of any entry */
    size_t *lengths; /* of its texts and blobs, by column */
    size_t scratch_size, length_count;
    sqlite3_stmt *kept[KEPT_STATEMENTS]; /* statements of programs, for the next time */
    unsigned kept_next;
    struct met met;
    struct collection *collection; /* what the collector fills, while it does */
    struct stream *streams;        /* open ones, and those to be used again */
    int64_t deadline;              /* of the wait for a lock, in nanoseconds */
    bool suspect;                  /* SQLite ran out of memory in it, and may not be the same */
    int64_t patience;              /* how long it waits, 0: as the settings say */
    unsigned turns;                /* to write: a bit for each place whose turn it has */
};

/* Opens a file that exists, hardened; see prologue.c. On failure *ret_handle may be set, for its
 * message, and must be closed. `schema_flags` are those of all databases that it will see. */
int cleat_handle_open(const char *path, unsigned schema_flags, sqlite3 **ret_handle);

/* The pragmas of the main database and its connection; those of an attached one. */
int cleat_pragmas_main(sqlite3 *handle, const struct database *database);
int cleat_pragmas_attached(sqlite3 *handle, const struct database *database);

/* Refuses a database with a view or trigger that is not of its schema; asks each database once. */
cleat_status cleat_planted_check(sqlite3 *handle, struct database *database, cleat_error *error);

/* Opens a connection with everything attached. On failure nothing is left. */
cleat_status cleat_connection_open(cleat_registry *registry, struct database *database,
                                   struct connection **ret_connection, cleat_error *error);
void cleat_connection_close(struct connection *connection);

/* After a change of the temporary schema, which has SQLite prepare every statement again when it is
 * next run: a rollback must work without memory. Returns SQLite's code. */
int cleat_connection_renew_rollback(struct connection *connection);

/* Has the checkpointer, when there is one, hear of the connection's commits. */
void cleat_checkpointer_watch(struct connection *connection);

/* The functions that generated SQL calls. */
int cleat_met_register(struct connection *connection);

/* Gives the row the primary key that is stored. */
void cleat_take_met_key(const struct stored_key *key, const cleat_column *assigned, void *row);
int cleat_collect_register(struct connection *connection);
int cleat_array_register(struct connection *connection);

/* Binds a C array as one parameter, for `IN (:ids...)`; its items are copied or borrowed until the
 * statement is reset. SQLITE_MISMATCH: one has no label; SQLITE_CONSTRAINT_NOTNULL: there is none. */
int cleat_array_bind(sqlite3_stmt *handle, int place, const cleat_parameter *parameter,
                     cleat_blob items, bool copies);

/* Runs a bound statement and collects its rows into a generated rows struct. */
cleat_status cleat_collect_run(cleat_session *session, struct statement *statement, void *ret_rows);

/* The database at a place of a connection: 0 is its own, then come those it attaches. */
static inline struct database *
cleat_reach_at(const struct database *own, size_t place)
{
    return place == 0 ? (struct database *)own : own->links[place - 1];
}

/* The places in the order of names, in which locks are taken everywhere. */
static inline size_t
cleat_reach_place(const struct database *own, size_t turn)
{
    return turn == own->rank ? 0 : turn < own->rank ? turn + 1 : turn;
}

/* The place of a database by its name, -1 when it is out of reach. */
int cleat_reach_find(const struct database *own, const char *name);

/* Let the pool know of a connection, used or not, from its opening to its end. */
void cleat_pool_add(struct connection *connection);
void cleat_pool_remove(struct connection *connection);

struct connection *cleat_pool_take(struct database *database);
void cleat_pool_give(struct database *database, struct connection *connection);

/* Takes the turn to write a database, waiting for `patience` nanoseconds at most; whoever has it
 * goes on to SQLite's lock. False when others had it all the time. *ret_waited is how long. */
bool cleat_turn_take(struct database *database, int64_t patience, int64_t *ret_waited);
void cleat_turn_give(struct database *database);

/* Counts a wait of a connection for a lock, in nanoseconds. */
void cleat_wait_begin(struct connection *connection);
void cleat_wait_count(struct connection *connection, int64_t nanoseconds);

/* ---- errors ---- */

/* The status of one of SQLite's result codes that is no success. */
cleat_status cleat_status_of(int sqlite_code);

/* Fills an error from a connection's last failure. The table may be NULL. */
cleat_status cleat_error_sqlite(cleat_error *error, sqlite3 *handle, int code, const char *database,
                                const cleat_table *table, const char *sql);

/* ---- sessions ---- */

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
#define CLEAT_TICKETS UINT64_C(1048576)

/* Gives a session another connection in place of one that is suspect. */
cleat_status cleat_session_renew(cleat_session *session);

/* Begins a unit of work. On failure the session has the error. */
cleat_status cleat_unit_begin(cleat_session *session);

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

/* A variant that nobody holds, or NULL. */
struct statement *cleat_variant_find(const cleat_session *session, struct entry *entry,
                                     const void *signature, size_t size);

/* Prepares a new variant; of sets of columns only the last KEPT_VARIANTS of a kind stay. Frees `sql`, which may be
 * NULL for lack of memory. */
cleat_status cleat_variant_add(cleat_session *session, struct entry *entry, const void *signature,
                               size_t size, char *sql, struct statement **ret_statement);

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
    if (operation >= CLEAT_SQL_GET) /* one for each key */
        place = CLEAT_SQL_GET + (operation - CLEAT_SQL_GET) * entry->table->key_count + key;
    struct statement *statement = &entry->slots[place];
    cleat_count(&session->connection->counts.statements, 1);
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

/* ---- what SQLite would do ---- */

enum { CLEAT_PLAN_SIZE = 512 };

/* Writes the lines of a query's plan, of CLEAT_PLAN_SIZE bytes at most; an empty text when they are
 * longer. Returns a result code of SQLite. */
int cleat_plan_read(sqlite3 *handle, const char *sql, char *ret_plan);

/* Whether the program of a statement has an opcode. */
int cleat_plan_has(sqlite3 *handle, const char *sql, const char *opcode, bool *ret_has);

/* ---- rows ---- */

/* Binds every written column. On failure the session has the error. */
cleat_status cleat_row_bind(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
                            const void *row);

/* The same for a statement that needs not all of them. */
cleat_status cleat_row_bind_needed(cleat_session *session, const struct entry *entry,
                                   sqlite3_stmt *handle, const void *row);

/* Binds the columns whose bits are set, and those of the primary key. */
cleat_status cleat_row_bind_some(cleat_session *session, const struct entry *entry,
                                 sqlite3_stmt *handle, const void *row, const unsigned char *bits);

/* Binds one column of a row and lets SQLite keep a copy. */
cleat_status cleat_column_bind_copy(cleat_session *session, const struct entry *entry,
                                    const struct column *column, sqlite3_stmt *handle,
                                    int parameter, const void *row);

/* Whether a row has NULL in a column. */
bool cleat_column_is_null(const struct column *column, const void *row);

/* Says why a value of a column could not be bound. */
cleat_status cleat_bind_fail(cleat_session *session, const struct entry *entry,
                             const struct column *column, int rc);

/* Binds the columns of a key, from the values of a call or from a row. */
cleat_status cleat_key_bind(cleat_session *session, const struct entry *entry, unsigned key,
                            sqlite3_stmt *handle, const cleat_value *values);
cleat_status cleat_key_bind_row(cleat_session *session, const struct entry *entry, unsigned key,
                                sqlite3_stmt *handle, const void *row);

/* The same for a statement that outlives the call. */
cleat_status cleat_key_bind_copies(cleat_session *session, const struct entry *entry, unsigned key,
                                   sqlite3_stmt *handle, const cleat_value *values);

/* Reads a row that lends its texts and blobs; `lengths` gets their sizes. */
cleat_status cleat_row_read(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
                            char *ret_row, size_t *lengths);

/* The same from the arguments of a function, one for each column. */
cleat_status cleat_row_read_values(cleat_session *session, const struct entry *entry,
                                   sqlite3_value **values, char *ret_row, size_t *lengths);

/* Reads one column of a result into its member. */
cleat_status cleat_column_read(cleat_session *session, const struct entry *entry,
                               const struct column *column, sqlite3_stmt *handle, int place,
                               char *row);

/* How many bytes the texts and blobs of a row need, and copying them there. */
size_t cleat_row_bytes(const struct entry *entry, const char *row, const size_t *lengths);
void cleat_row_move(const struct entry *entry, char *row, const size_t *lengths, char *to);

/* Copies texts and blobs into the block of *owned, which grows when it must, and lets the row
 * point there. */
cleat_status cleat_row_keep(const struct entry *entry, char *row, const size_t *lengths,
                            void **owned);

/* Copies what a row points to into a block of its own, so that its key can be a new text. */
cleat_status cleat_row_own(cleat_session *session, const struct entry *entry, char *row);

/* ---- many rows ---- */

/* Makes the virtual table that feeds rows to an entry's statements, once. */
cleat_status cleat_feed_open(cleat_session *session, struct entry *entry);

/* Feeds rows, or the arrays of a key's values, to the next statement. */
void cleat_feed_rows(struct entry *entry, const void *rows, size_t count, const size_t *order);
void cleat_feed_keys(struct entry *entry, unsigned key, const void *const *values, size_t count);

/* What the feed could not give is said better than by SQLite. Returns a status for `rc`. */
cleat_status cleat_feed_blame(cleat_session *session, const struct entry *entry, cleat_status rc);

/* Forgets what was fed: it belongs to the program. */
void cleat_feed_end(struct entry *entry);

/* The order in which to read what is fed so that near keys are near: by the first column of a key,
 * and as they are where that is equal. *ret_order stays NULL when they have it already. The caller
 * puts it into the feeder, and frees it. */
cleat_status cleat_feed_sort(cleat_session *session, const struct entry *entry, unsigned key,
                             size_t **ret_order);

/* Replaces the select of a collecting operation by one that hands its rows to the collector, where
 * that keeps their order. */
cleat_status cleat_collect_choose(cleat_session *session, const struct entry *entry,
                                  enum operation operation, unsigned key, char **sql,
                                  bool *ret_collects);

/* A cursor for a statement that is bound and ready. NULL makes one that is at its end. */
void cleat_cursor_hold(cleat_cursor *cursor, cleat_session *session, const cleat_table *table,
                       struct statement *statement);

/* Ends the hold of a cursor on its statement. */
void cleat_cursor_end(cleat_session *session, struct statement *statement);

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
