/* connection.h: a connection, the statements of generated SQL that it keeps, and what their loops
 * need to know about each column. Only execution/ includes sqlite3.h.
 *
 * A ticket is a number that is never given twice in a registry. A unit of work begins with one,
 * and everything lent in it (a cursor, a lent row, a statement) has a later one; so what is left
 * over from an earlier unit is recognised by comparing two numbers. */
#ifndef CLEAT_CONNECTION_H
#define CLEAT_CONNECTION_H

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
    bool fires;    /* triggers; found out for appends */
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

/* Numbers that the database gives to rows of an array, which are put into these rows: after each
 * row the last number says whether it got one, unless all rows are read before the first is
 * written. */
struct given {
    sqlite3 *handle;
    char *members; /* of the first row */
    size_t step;   /* from one row to the next */
    int64_t last;
    size_t count;
};

/* The rows of a program that a statement reads as a table; see feed.c. */
struct feeder {
    struct given *given; /* NULL: nobody asks */
    struct feed *feeds;  /* one for each column of the table */
    const size_t *order; /* the rows' places as they are read; NULL: as they are */
    size_t count;
    size_t place;               /* of the row that was read last, in the array */
    const struct column *fault; /* what cannot be stored, or NULL */
    int fault_code;
};

/* The tables in which a row lies that extends others, the first one first. */
struct parts {
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
    bool sequence;      /* the database has AUTOINCREMENT, though perhaps not in this table */
    bool autoincrement; /* the table may have it */
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
    bool unreadable;      /* a key was none that a row can have */
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

/* The statements that make several writes one; NULL before they are needed. */
struct whole {
    sqlite3_stmt *savepoint, *undo, *release;
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
    struct whole whole;
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

/* Opens a connection with everything attached. On failure nothing is left. */
cleat_status cleat_connection_open(cleat_registry *registry, struct database *database,
                                   struct connection **ret_connection, cleat_error *error);
void cleat_connection_close(struct connection *connection);

/* After a change of the temporary schema, which has SQLite prepare every statement again when it is
 * next run: a rollback must work without memory. Returns SQLite's code. */
int cleat_connection_renew_rollback(struct connection *connection);

/* From now on the lock of a place is taken by its marks, which have no trigger: by a table whose
 * triggers write the connection's own database, SQLite would lock both, the latter before its turn.
 * Returns SQLite's code. */
int cleat_connection_lock_marks(struct connection *connection, size_t place);

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

/* Nanoseconds of a clock that only goes forward. */
int64_t cleat_clock(void);

/* Counts a wait of a connection for a lock, in nanoseconds. */
void cleat_wait_begin(struct connection *connection);
void cleat_wait_count(struct connection *connection, int64_t nanoseconds);

/* ---- errors ---- */

/* The status of one of SQLite's result codes that is no success. */
cleat_status cleat_status_of(int sqlite_code);

/* The status of one of the system's reasons (errno). */
cleat_status cleat_status_of_system(int code);

/* The last reason (errno) for which the system has failed a file of a connection, 0 for none. */
int cleat_file_reason(sqlite3 *handle, const char *database);

/* Fills an error from a connection's last failure. The table may be NULL. */
cleat_status cleat_error_sqlite(cleat_error *error, sqlite3 *handle, int code, const char *database,
                                const cleat_table *table, const char *sql);

/* The same for opening a database, with its file and why the system could not open that. */
cleat_status cleat_error_open(cleat_error *error, sqlite3 *handle, int code,
                              const struct database *database);

/* ---- what SQLite would do ---- */

enum { CLEAT_PLAN_SIZE = 512 };

/* Writes the lines of a query's plan, of CLEAT_PLAN_SIZE bytes at most; an empty text when they are
 * longer. Returns a result code of SQLite. */
int cleat_plan_read(sqlite3 *handle, const char *sql, char *ret_plan);

/* Whether the program of a statement has an opcode. */
int cleat_plan_has(sqlite3 *handle, const char *sql, const char *opcode, bool *ret_has);

#endif
