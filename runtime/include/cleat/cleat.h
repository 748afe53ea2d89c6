/* cleat/cleat.h: the runtime of cleat, what a program calls beside its generated functions.
 *
 * In order of use: settings say where the databases are; the registry creates every database of
 * the init table and only then lets anyone connect; a session is one unit of work; generated
 * functions read and write rows in it.
 *
 * Every function that can fail returns a cleat_status. Values named ret_ are written only on
 * success. A pointer that may be NULL says so; a call that needs it is refused with CLEAT_MISUSE, or
 * CLEAT_NOT_NULL for a value, and does nothing when it returns no status.
 * Strings are UTF-8 and NUL-terminated. A registry may be used by all threads at once;
 * a session, its cursors and statements by one thread at a time. */
#ifndef CLEAT_CLEAT_H
#define CLEAT_CLEAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- status ---- */

/* 0 and above are outcomes, below 0 failures. A failure sets the error of the session or registry
 * it happened in. */
typedef enum cleat_status {
    CLEAT_OK = 0,
    CLEAT_ROW = 1,       /* next: a row was read */
    CLEAT_DONE = 2,      /* next: there are no more rows */
    CLEAT_NOT_FOUND = 3, /* no row has this key */
    CLEAT_CREATED = 4,   /* the row is new */
    CLEAT_FOUND = 5,     /* the row was already there */
    CLEAT_UPDATED = 6,   /* the row was there and has changed */
    CLEAT_UNCHANGED = 7, /* the row was there with these values */

    CLEAT_ERROR = -1,       /* anything the others do not name */
    CLEAT_CONFLICT = -2,    /* a primary or unique key is taken */
    CLEAT_FOREIGN_KEY = -3, /* a reference has no target, or a target is still referenced */
    CLEAT_NOT_NULL = -4,    /* a column that must have a value has none */
    CLEAT_CHECK = -5,       /* a value breaks a CHECK, a LENGTH, an enum or a type */
    CLEAT_BUSY = -6,        /* another connection holds the lock, and the busy timeout is over */
    CLEAT_FULL = -7,        /* the disk is full, or a limit or quota lets no file grow */
    CLEAT_READONLY = -8,    /* the file, its directory or the session may not be written */
    CLEAT_CORRUPT = -9,     /* the file is damaged or is no database */
    CLEAT_NOMEM = -10,
    CLEAT_MISUSE = -11,      /* a call in the wrong order, or on the wrong object */
    CLEAT_DRIFT = -12,       /* the file's schema is not the compiled one */
    CLEAT_NEWER = -13,       /* the file was written by a newer program */
    CLEAT_PARTIAL = -14,     /* a commit over several files reached some of them only */
    CLEAT_FORKED = -15,      /* the registry was opened by this process's parent */
    CLEAT_CANNOT_OPEN = -16, /* the file cannot be opened or created */
    CLEAT_IO = -17,          /* the system failed to read or write */
    CLEAT_TOO_BIG = -18,     /* a value is over SQLite's limits */
    CLEAT_VALUE = -19,       /* a stored value does not fit its column's C type */
    CLEAT_INTERRUPTED = -20
} cleat_status;

/* The name of a status, such as "CLEAT_CONFLICT". Never NULL. */
const char *cleat_status_name(cleat_status status);

/* What went wrong. It holds no values of rows, only names, SQL with placeholders, and words. */
typedef struct cleat_error {
    cleat_status status;
    int sqlite_code;   /* SQLite's extended result code, 0 when SQLite was not involved */
    char database[64]; /* "" when unknown, as are the next two */
    char table[64];
    char column[128]; /* one name, or several with commas for a key of several columns */
    char sql[1024];   /* the statement, cut off at this length; "" when there was none */
    char text[512];   /* one sentence for people */
    int64_t row;      /* in a call on many rows its place in the array, from 0; else -1 */
} cleat_error;

/* ---- settings ---- */

typedef enum cleat_log_level {
    CLEAT_LOG_DEBUG,
    CLEAT_LOG_INFO,
    CLEAT_LOG_WARNING,
    CLEAT_LOG_ERROR,
    CLEAT_LOG_NONE
} cleat_log_level;

/* Receives each line of the log, without a newline. Called by the thread that logs. */
typedef void cleat_log_hook(void *data, cleat_log_level level, const char *line);

/* Receives every SQL statement a session has run, with its time in nanoseconds. */
typedef void cleat_trace_hook(void *data, const char *database, const char *sql, int64_t ns);

/* Where the migration of a file is. The strings are lent. */
typedef struct cleat_progress {
    const char *database;
    const char *revision; /* of the migration, 12 hex digits */
    const char *message;
    size_t step, steps;           /* which migration of this file it is, from 1, and of how many */
    size_t statement, statements; /* how many of its statements have ended, and of how many */
} cleat_progress;

/* Called while a registry opens, before each statement of a migration and again and again during
 * long ones. Returning false stops the migration, which leaves no trace: opening fails with
 * CLEAT_INTERRUPTED. It may not use the registry. */
typedef bool cleat_progress_hook(void *data, const cleat_progress *progress);

struct cleat_init_table;

#define CLEAT_SETTINGS_MAX 512

/* Where the databases are and how they are opened. The caller allocates it; nothing in it needs
 * to be freed. The members are the runtime's: use the functions. */
typedef struct cleat_settings {
    const char *prefix;
    const char *file;
    cleat_log_hook *log;
    void *log_data;
    cleat_trace_hook *trace;
    void *trace_data;
    cleat_progress_hook *progress;
    void *progress_data;
    char refused[64]; /* the last key that does not exist */
    size_t count;
    struct {
        const char *key;
        const char *value;
    } values[CLEAT_SETTINGS_MAX];
} cleat_settings;

/* Prepares settings. A value is looked up, when a registry opens, in this order: what the program
 * said with cleat_settings_set(), the environment, the settings file, the default. `prefix` is
 * that of the environment variables, "IDX" for IDX_DATABASES__CATALOG_PATH; NULL leaves the
 * environment out. Borrows `prefix` until the registry is open. */
void cleat_settings_init(cleat_settings *settings, const char *prefix);

/* Sets one value for the program, over environment and file. The keys:
 *
 *   directory               where databases without a path of their own are ("data")
 *   NAME.path               the file of the database NAME ("<directory>/NAME.db"); `~/` at its
 *                           start is the home directory; sqlite:///relative and
 *                           sqlite:////absolute are accepted
 *   databases.NAME_path     the same
 *   default_database        the database of a session opened with NULL
 *   database_path           deprecated: the path of the default database
 *   log_level               debug, info, warning, error or none (info)
 *   echo_sql                on prints every statement on standard error (off)
 *   slow_statement_ms       statements that take as long are logged with their time (0: none)
 *   orphans                 report logs soft references without a target at the start (off)
 *
 * These hold for all databases, and as NAME.busy_timeout_ms and so on for one:
 *
 *   attach                  databases that its sessions attach beside those of the schema, names
 *                           with commas between ()
 *   busy_timeout_ms         how long a statement waits for a lock (5000)
 *   pool_size               connections kept open (8)
 *   journal_mode            WAL, DELETE, TRUNCATE or PERSIST (WAL)
 *   synchronous             OFF, NORMAL, FULL or EXTRA (NORMAL)
 *   cache_kb                page cache of a connection in KiB (2048)
 *   mmap_mb                 memory map in MiB (0)
 *   wal_autocheckpoint      pages of the write-ahead log after which a commit moves them (1000)
 *   journal_size_limit_kb   what a log or journal is cut down to when it is reset (-1: nothing)
 *   temp_store              DEFAULT, FILE or MEMORY (DEFAULT)
 *   secure_delete           DEFAULT, OFF, FAST or ON (DEFAULT: as SQLite was built)
 *   cache_spill, cell_size_check, automatic_index
 *                           SQLite's pragmas, on or off (on, off, on)
 *   sorter_threads          threads that help a large sort (0)
 *   migrate                 on runs the migrations that a file lacks, off refuses it (on)
 *   migrate_backup          on copies such a file first, to "<file>.<time>.backup" (off)
 *
 *   checkpointer            on has a thread move the write-ahead log, instead of commits (off)
 *   wal_limit_mb            with it: a log as long as that holds writers back until it is moved;
 *                           readers that stay can still make it grow (64)
 *
 * Foreign keys are always checked. In the environment a key is written in capitals after the
 * prefix and "_", with "__" for the dot.
 *
 * Borrows both strings until the registry is open. Returns CLEAT_MISUSE for a key that does not
 * exist, and the log of the registry will say which one was meant; CLEAT_FULL for more than
 * CLEAT_SETTINGS_MAX values. */
cleat_status cleat_settings_set(cleat_settings *settings, const char *key, const char *value);

/* Names a settings file: `key = value` lines, `#` comments, and sections such as `[catalog]` whose
 * name is put before the dot. A file that does not exist, or that has a line which is no setting,
 * is an error of cleat_registry_open(). Borrows `path`; NULL is none. */
void cleat_settings_file(cleat_settings *settings, const char *path);

/* Prints every setting with its value and where it comes from (default, the program, the name of
 * an environment variable, FILE:LINE), as a settings file that gives the same values. Opens and
 * creates nothing, so it also shows what keeps a registry from opening. Passwords in URLs are not
 * printed. Returns the failure of a settings file that cannot be read, after the rest. */
cleat_status cleat_settings_print(const cleat_settings *settings,
                                  const struct cleat_init_table *table, FILE *file);

/* Sends the log to a function instead of standard error. NULL ends that, as in the next two. */
void cleat_settings_log(cleat_settings *settings, cleat_log_hook *log, void *data);

/* Has every statement reported after it ran. */
void cleat_settings_trace(cleat_settings *settings, cleat_trace_hook *trace, void *data);

/* Has the progress of migrations reported. */
void cleat_settings_progress(cleat_settings *settings, cleat_progress_hook *progress, void *data);

/* ---- registry ---- */

typedef struct cleat_registry cleat_registry;
typedef struct cleat_init_table cleat_init_table; /* generated, or see <cleat/table.h> */

/* Opens every database of the init table: first verifies those that are there, then creates the
 * missing ones, each with its whole schema, and runs the migrations that older files lack, then
 * and only then allows connections. Processes that start at the same time wait for one another. A
 * crash leaves a database whole or absent, and a migration done or not begun.
 *
 * CLEAT_CHECK and CLEAT_FOREIGN_KEY say that the rows of a file do not fit its next schema,
 * CLEAT_NEWER and CLEAT_DRIFT that it is not one of this program's; such a file is left as it is.
 *
 * On failure *ret_registry is still set to an object that only has an error and must be closed, as
 * with sqlite3_open(); it is NULL when there was no memory for one. */
cleat_status cleat_registry_open(const cleat_init_table *table, const cleat_settings *settings,
                                 cleat_registry **ret_registry);

/* Rolls back and ends every session that is still open, then closes all connections. NULL is
 * allowed. No other thread may use the registry any more; its sessions, cursors and statements are
 * gone, and may not even be closed. */
void cleat_registry_close(cleat_registry *registry);

/* The error of the last registry call that failed; its status is CLEAT_OK when none has. Lends
 * until the next registry call that fails, on whichever thread: where several may fail at once,
 * only the status that a call returns is sure to be its own. Never NULL. */
const cleat_error *cleat_registry_error(const cleat_registry *registry);

/* Makes a registry the process's own, or none with NULL, and returns the one before. Tests install
 * their own. */
cleat_registry *cleat_registry_install(cleat_registry *registry);

/* The installed registry, NULL when there is none. */
cleat_registry *cleat_registry_current(void);

/* How many databases there are, and facts about each by its place from 0, in order of name. The
 * strings live as long as the registry. */
size_t cleat_registry_count(const cleat_registry *registry);

typedef struct cleat_database_info {
    const char *name;
    const char *path;     /* absolute */
    const char *revision; /* 12 hex digits that name the schema */
    size_t table_count;
    size_t module_count;
    const char *const *modules; /* their names, NULL behind the last, as in the next list */
    const char *const *links;   /* the databases that its sessions attach */
    bool created;               /* by this call of cleat_registry_open() */
    size_t migrated;            /* how many migrations it has run on the file */
} cleat_database_info;

/* Returns CLEAT_NOT_FOUND past the end. */
cleat_status cleat_registry_database(const cleat_registry *registry, size_t place,
                                     cleat_database_info *ret_info);

/* The same for a database by its name, NULL for the default one. */
cleat_status cleat_registry_database_named(const cleat_registry *registry, const char *name,
                                           cleat_database_info *ret_info);

/* ---- sessions ---- */

typedef struct cleat_session cleat_session;

enum {
    CLEAT_READ = 1,  /* one consistent view, cheap, never waits for writers */
    CLEAT_WRITE = 2, /* locks its database at the start */
    CLEAT_ATOMIC = 4 /* together with one of them: several databases are one, see below */
};

/* Begins a unit of work on a database, with those it is linked to attached. NULL is the default
 * database. Returns CLEAT_NOT_FOUND for a name the registry does not have, CLEAT_BUSY when the
 * lock was not to be had in time.
 *
 * A unit that writes locks its own database at the start; what it writes beside is locked when it
 * is first written, and its commit over several files may be cut short by a crash. With
 * CLEAT_WRITE | CLEAT_ATOMIC all linked databases are locked, in one order everywhere, and the
 * commit is whole: what a crash cuts off is completed before anyone writes there again. With
 * CLEAT_READ | CLEAT_ATOMIC all linked databases are seen after the same atomic commits. */
cleat_status cleat_session_open(cleat_registry *registry, const char *database, unsigned mode,
                                cleat_session **ret_session);

/* The same over exactly these databases: the first is the session's own, NULL for the default one,
 * the others must be linked to it. A unit that writes locks them all at the start. An atomic one
 * writes no others. Returns CLEAT_MISUSE, with the name in the error, for one that is not linked. */
cleat_status cleat_session_open_over(cleat_registry *registry, const char *const *databases,
                                     size_t count, unsigned mode, cleat_session **ret_session);

/* Makes the work durable and ends its cursors and statements. The session may be used again: its
 * next call begins a new unit of work. Returns CLEAT_PARTIAL when only some of several databases
 * have it; cleat_session_outcome() tells which. */
cleat_status cleat_session_commit(cleat_session *session);

/* What the last commit of a session has done to a database. */
typedef enum cleat_outcome {
    CLEAT_OUTCOME_NONE,        /* it was neither locked nor written, or not committed */
    CLEAT_OUTCOME_COMMITTED,   /* it has the work */
    CLEAT_OUTCOME_ROLLED_BACK, /* it has nothing of it */
    CLEAT_OUTCOME_PENDING      /* an atomic commit will be completed before anyone writes there */
} cleat_outcome;

/* Until the next unit of work begins. NULL is the session's own database. */
cleat_outcome cleat_session_outcome(const cleat_session *session, const char *database);

/* An outcome in words, such as "rolled back". Never NULL. */
const char *cleat_outcome_name(cleat_outcome outcome);

/* Undoes the work since the session was opened or committed, and ends its cursors. */
cleat_status cleat_session_rollback(cleat_session *session);

/* Sets a savepoint: work that comes after it can be undone alone, to any depth. A name may be given
 * again; the latest of a name counts. At most 63 bytes. CLEAT_MISUSE while a stream is open that
 * writes. */
cleat_status cleat_savepoint(cleat_session *session, const char *name);

/* Ends a savepoint and those set after it; their work is part of what is around them. Returns
 * CLEAT_MISUSE when the unit has no such savepoint. */
cleat_status cleat_savepoint_release(cleat_session *session, const char *name);

/* Undoes the work since a savepoint, which stays, and ends the cursors, statements and streams
 * opened since. */
cleat_status cleat_savepoint_rollback(cleat_session *session, const char *name);

/* Ends a session; what was not committed is rolled back. NULL is allowed, and a second close of
 * the same session does nothing. */
void cleat_session_close(cleat_session *session);

/* The error of the session's last call that failed. Lends until its next call. Never NULL. */
const cleat_error *cleat_session_error(const cleat_session *session);

/* The name of the session's own database. */
const char *cleat_session_database(const cleat_session *session);

/* Makes a session the current one of this thread for its database, until it is closed or released.
 * Uses nest: the one before comes back. */
cleat_status cleat_session_use(cleat_session *session);

/* Ends the latest cleat_session_use() of this session on this thread. */
cleat_status cleat_session_release(cleat_session *session);

/* This thread's current session for a database; NULL is the default database of the installed
 * registry. Returns NULL when none is in use. */
cleat_session *cleat_session_current(const char *database);

/* The same for code that cannot do without: CLEAT_MISUSE when none is in use, CLEAT_NOT_FOUND for a
 * database that the installed registry does not have, each with the name in the error of that
 * registry. */
cleat_status cleat_session_expect(const char *database, cleat_session **ret_session);

/* ---- soft references ---- */

enum { CLEAT_ORPHAN_KEYS = 5 };

/* A soft reference that leads nowhere in some rows. */
typedef struct cleat_orphan {
    const char *database, *table, *column; /* the names live as long as the init table */
    const char *target_database, *target_table, *target_column;
    int64_t count;                    /* of rows whose value no target has */
    size_t key_count;                 /* of the first of them, at most CLEAT_ORPHAN_KEYS */
    char keys[CLEAT_ORPHAN_KEYS][64]; /* primary keys in order, ", " between columns; cut off */
} cleat_orphan;

/* Finds the soft references of a database, or of all with NULL, that have rows without a target, in
 * the order of the schema. Free *ret_orphans, which is NULL for none, with cleat_free(). Reads
 * every row that has such a reference. On failure the registry has the error. */
cleat_status cleat_orphans(cleat_registry *registry, const char *database,
                           cleat_orphan **ret_orphans, size_t *ret_count);

/* ---- cursors ---- */

/* A position in a list of rows, made by generated _list functions and read with _next. The caller
 * allocates it; a zeroed one is closed. The members are the runtime's. */
typedef struct cleat_cursor {
    cleat_session *session;
    void *statement;
    const void *table;
    uint64_t unit;
} cleat_cursor;

/* Which side of a row a page lies on. */
typedef enum cleat_side {
    CLEAT_AFTER, /* the rows that follow it; of no row: the first ones */
    CLEAT_BEFORE /* the rows in front of it, in the same order; of no row: the last ones */
} cleat_side;

/* Ends a list before its last row. Not needed after CLEAT_DONE or a failure, and harmless then. */
void cleat_cursor_close(cleat_cursor *cursor);

/* One blob or text of a row, read or written piece by piece. It ends with its session's unit of
 * work, and is an error once its row was written by another call. The caller allocates it; a
 * zeroed one is closed. The members are the runtime's. */
typedef struct cleat_stream {
    cleat_session *session;
    void *stream;
    uint64_t unit;
} cleat_stream;

/* The bytes of the value, 0 for a stream that is closed. It never changes. */
size_t cleat_stream_size(const cleat_stream *stream);

/* Reads up to `size` bytes that begin at `offset`: CLEAT_OK with how many, fewer than asked for
 * only where the value ends, or CLEAT_DONE with 0 at its end. */
cleat_status cleat_stream_read(cleat_stream *stream, size_t offset, void *buffer, size_t size,
                               size_t *ret_size);

/* Writes over the bytes at `offset`, all or none of them. Returns CLEAT_TOO_BIG past the end of
 * the value and CLEAT_READONLY for a stream that was opened to read. */
cleat_status cleat_stream_write(cleat_stream *stream, size_t offset, const void *bytes,
                                size_t size);

/* NULL is allowed. */
void cleat_stream_close(cleat_stream *stream);

/* ---- rows against their schema ---- */

typedef enum cleat_rule {
    CLEAT_VIOLATION_NULL = 1, /* a column that must have a value has none */
    CLEAT_VIOLATION_LENGTH,   /* more characters or bytes than LENGTH allows */
    CLEAT_VIOLATION_ENUM,     /* no value, or no label, of the enum */
    CLEAT_VIOLATION_CHECK,    /* a CHECK does not hold */
    CLEAT_VIOLATION_JSON,     /* the text is no JSON */
    CLEAT_VIOLATION_TYPE,     /* no ULID, UUID or time, or a value of another type */
    CLEAT_VIOLATION_UTF8,     /* the text is no UTF-8 */
    CLEAT_VIOLATION_NUMBER,   /* not a number, or one that the column's type cannot hold */
    CLEAT_VIOLATION_UNKNOWN,  /* from JSON: no column has this name */
    CLEAT_VIOLATION_MISSING,  /* from JSON: the column is not there */
    CLEAT_VIOLATION_TWICE     /* from JSON: the column is there twice */
} cleat_rule;

/* The name of a rule, such as "length". Never NULL. */
const char *cleat_rule_name(cleat_rule rule);

typedef struct cleat_violation {
    cleat_rule rule;
    char column[64]; /* "" for a rule about the whole row or document */
    char text[128];  /* what is wrong, in words; never the value itself */
} cleat_violation;

#define CLEAT_VIOLATIONS_MAX 32

/* What is wrong with a row, in the order of its columns. The caller allocates it; nothing in it
 * needs to be freed. */
typedef struct cleat_violations {
    const char *database;
    const char *table;
    size_t total; /* how many there are */
    size_t count; /* how many of them are listed */
    cleat_violation items[CLEAT_VIOLATIONS_MAX];
} cleat_violations;

/* How generated _from_json functions take a document that is not exactly a row. */
enum {
    CLEAT_JSON_STRICT = 1, /* every column is there, no other name is, and the row is valid */
    CLEAT_JSON_LENIENT = 2 /* other names are ignored, missing columns have the schema's defaults */
};

/* Levels of arrays and objects that JSON may have. */
#define CLEAT_JSON_DEPTH_MAX 1000

/* Frees what a generated _to_json returned. NULL is allowed. */
void cleat_free(void *memory);

/* ---- full text ---- */

/* What a search does beside finding rows. The caller allocates it; zeroed, it is a plain search:
 * every word of the text must occur, and no character of it has a meaning of its own. */
typedef struct cleat_search {
    size_t limit;                 /* rows at most; 0 is all */
    bool operators;               /* the text is a query in FTS5's own language: AND, OR, NEAR */
    int snippet_tokens;           /* length of the snippet, 1 to 64; 0 for none */
    const char *snippet_column;   /* where it is from; NULL is the column that matches best */
    const char *highlight_column; /* the whole text of this column, with marks; NULL for none */
    const char *before, *after;   /* the marks around a match; NULL is "<b>" and "</b>" */
    const char *ellipsis;         /* where a snippet leaves text out; NULL is "…" */
} cleat_search;

/* What a search tells about a row. The texts are lent until the cursor's next call; they are NULL
 * when they were not asked for. They are not escaped: marks and text are put together as they
 * are. */
typedef struct cleat_match {
    double rank; /* bm25: the less, the better */
    const char *snippet;
    const char *highlight;
} cleat_match;

/* ---- your own SQL ---- */

/* A prepared statement in a session. Tables are named database.table. */
typedef struct cleat_statement cleat_statement;

/* Bytes that are lent or borrowed. size 0 with data not NULL is an empty blob; data NULL is NULL. */
typedef struct cleat_blob {
    const void *data;
    size_t size;
} cleat_blob;

/* Prepares one statement. Words that change transactions or attachments are refused with
 * CLEAT_MISUSE: sessions do that. */
cleat_status cleat_statement_open(cleat_session *session, const char *sql,
                                  cleat_statement **ret_statement);

/* Bind the value of a parameter, numbered from 1, before the first _next or after a _reset. Texts
 * and blobs are borrowed until the statement is reset or closed; NULL binds NULL. */
cleat_status cleat_statement_bind_integer(cleat_statement *statement, int parameter, int64_t value);
cleat_status cleat_statement_bind_real(cleat_statement *statement, int parameter, double value);
cleat_status cleat_statement_bind_text(cleat_statement *statement, int parameter,
                                       const char *value);
cleat_status cleat_statement_bind_blob(cleat_statement *statement, int parameter, cleat_blob value);
cleat_status cleat_statement_bind_null(cleat_statement *statement, int parameter);

/* Runs the statement to its next row: CLEAT_ROW or CLEAT_DONE. */
cleat_status cleat_statement_next(cleat_statement *statement);

/* Makes the statement ready to run again, with its bindings. */
cleat_status cleat_statement_reset(cleat_statement *statement);

/* The columns of the row, numbered from 0. Texts and blobs are lent until the next call on the
 * statement. A NULL reads as 0, 0.0, NULL and {NULL, 0}; a column that does not exist is NULL. */
bool cleat_statement_is_null(cleat_statement *statement, int column);
int64_t cleat_statement_integer(cleat_statement *statement, int column);
double cleat_statement_real(cleat_statement *statement, int column);
const char *cleat_statement_text(cleat_statement *statement, int column);
cleat_blob cleat_statement_blob(cleat_statement *statement, int column);

/* NULL is allowed. */
void cleat_statement_close(cleat_statement *statement);

/* Runs one statement without parameters or rows. */
cleat_status cleat_session_execute(cleat_session *session, const char *sql);

/* ---- identifiers and time ---- */

/* A new ULID: 26 characters of Crockford's base 32, 48 bits of milliseconds and 80 of chance, in
 * rising order within a process, whatever the clock does. Threads: any. */
void cleat_ulid_new(char ret_ulid[27]);

/* A new UUID in lower case: version 7 (RFC 9562) rises with time, version 4 is all chance. */
void cleat_uuid_new(char ret_uuid[37]);
void cleat_uuid4_new(char ret_uuid[37]);

/* Microseconds since 1970-01-01 00:00 UTC, without leap seconds. */
int64_t cleat_now(void);

/* A time as cleat stores a datetime, "2026-01-31T23:59:59.123Z": always 24 characters, so that the
 * order of the texts is the order of the times. Takes microseconds since 1970, in the years 0 to
 * 9999; writes "" for others. */
void cleat_datetime_format(int64_t microseconds, char ret_datetime[25]);

/* Reads a text of that form, or with 0 to 9 digits after the second or with an offset such as
 * +02:00 for Z. Returns CLEAT_VALUE for anything else. */
cleat_status cleat_datetime_parse(const char *datetime, int64_t *ret_microseconds);

#ifdef __cplusplus
}
#endif

#include <cleat/group.h>
#include <cleat/operations.h>

#endif
