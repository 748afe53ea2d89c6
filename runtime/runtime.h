/* runtime.h: what the files of the runtime share. Nothing here knows SQLite: only files in
 * execution/ do, through execution/execution.h.
 *
 * A registry owns its databases; each database owns a pool of connections; sessions belong to the
 * registry and are recycled, never freed before it. */
#ifndef CLEAT_RUNTIME_H
#define CLEAT_RUNTIME_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif

#include <cleat/cleat.h>
#include <cleat/table.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#if defined(__GNUC__)
#define CLEAT_PRINTF(place, first) __attribute__((format(printf, place, first)))
#define CLEAT_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define CLEAT_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define CLEAT_ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define CLEAT_PRINTF(place, first)
#define CLEAT_LIKELY(condition) (condition)
#define CLEAT_UNLIKELY(condition) (condition)
#define CLEAT_ALWAYS_INLINE inline
#endif

/* ---- what settings say, resolved ---- */

struct config {
    cleat_log_hook *log;
    void *log_data;
    cleat_log_level log_level;
    cleat_trace_hook *trace;
    void *trace_data;
    bool echo_sql;
    int slow_statement_ms; /* 0: none is slow */
    const char *orphans;   /* "off" or "report"; static */
    cleat_progress_hook *progress;
    void *progress_data;
};

/* What can be different for each database. The words are static. */
struct options {
    int busy_timeout_ms;
    int pool_size;
    const char *journal_mode;
    const char *synchronous;
    int cache_kb;
    int mmap_mb;
    int wal_autocheckpoint; /* pages; 0: never */
    int journal_size_limit_kb;
    const char *temp_store;
    bool cache_spill;
    const char *secure_delete; /* DEFAULT: as SQLite was built */
    bool cell_size_check;
    bool automatic_index;
    int sorter_threads;
    bool checkpointer;
    int wal_limit_mb;
    bool migrate;        /* run what a file lacks, instead of refusing it */
    bool migrate_backup; /* copy a file before that */
};

/* ---- the registry ---- */

/* The databases that a connection reaches: its own, and as many as SQLite attaches while it can
 * still VACUUM. */
enum { CLEAT_ATTACHED_MAX = 9, CLEAT_REACH_MAX = 1 + CLEAT_ATTACHED_MAX };

struct pool;         /* execution/pool.c */
struct turn;         /* execution/turn.c */
struct group;        /* execution/group.c */
struct checkpointer; /* execution/checkpointer.c */
struct watch;        /* execution/marks.c */
struct connection;   /* execution/execution.h */

struct database {
    const cleat_database *schema;
    struct options options;
    char *path;              /* absolute, without symbolic links */
    struct database **links; /* those its connections attach, in order of name */
    size_t link_count;
    size_t rank; /* how many links come before it in order of name */
    bool linked; /* some other database is linked to it */
    struct pool *pool;
    struct turn *turn; /* of those who write it */
    struct group *group;
    struct watch *watch;         /* guarded by the registry's mutex until it is there */
    struct connection *captures; /* idle, for atomic sessions; guarded by the registry's mutex */
    size_t table_count;
    bool found;         /* there was a file when the settings were read */
    bool absent;        /* there is no file, or an empty one */
    bool created;       /* by this registry */
    bool behind;        /* its file lacks migrations, or the list of those it has */
    size_t pending;     /* how many it lacks */
    size_t migrated;    /* how many this registry has run */
    atomic_bool vetted; /* its views and triggers are known to be its own */
};

struct cleat_registry {
    const cleat_init_table *table;
    struct config config;
    struct database *databases; /* in order of name */
    size_t count;
    struct database *home;             /* the default database, or NULL */
    unsigned forks;                    /* cleat_forks when it was opened */
    bool usable;                       /* every database is there */
    bool timed;                        /* somebody wants the time of statements */
    struct checkpointer *checkpointer; /* NULL: none */
    atomic_uint_fast64_t tickets;
    pthread_mutex_t mutex; /* guards what follows */
    cleat_async *asyncs;
    cleat_session *sessions; /* all there are, open or not */
    cleat_session *oldest;   /* closed ones, in order of closing */
    cleat_session *newest;
    size_t closed_count;
    cleat_statement *statements; /* all there are */
    cleat_statement *idle;       /* those not in use */
    cleat_error error;
};

struct database *cleat_registry_find(const cleat_registry *registry, const char *name);

/* Whether this process is not the one that opened the registry. */
bool cleat_registry_forked(const cleat_registry *registry);

/* Whether a registry can be used: CLEAT_OK, CLEAT_FORKED, or CLEAT_MISUSE when it never opened. */
cleat_status cleat_registry_enter(cleat_registry *registry);

/* Puts an error into the registry; returns its status. */
cleat_status cleat_registry_fail(cleat_registry *registry, const cleat_error *error);

/* Copies the error of the last call that failed. */
void cleat_registry_copy_error(cleat_registry *registry, cleat_error *ret_error);

/* ---- text ---- */

/* A formatted text that the caller frees, NULL when out of memory. */
char *cleat_text(const char *format, ...) CLEAT_PRINTF(1, 2);

/* Copies a text, cut off where it does not fit. */
void cleat_text_copy(char *ret_text, size_t size, const char *text);

/* ---- errors ---- */

/* Fills an error with a status and a sentence; returns the status. */
cleat_status cleat_error_set(cleat_error *error, cleat_status status, const char *format, ...)
    CLEAT_PRINTF(3, 4);
cleat_status cleat_error_memory(cleat_error *error);

/* ---- log ---- */

/* Sends "LEVEL - cleat.<source> - <text>" to the log. */
void cleat_log(const struct config *config, cleat_log_level level, const char *source,
               const char *format, ...) CLEAT_PRINTF(4, 5);

/* ---- settings ---- */

/* Reads the settings file, resolves every setting and the paths of the databases. */
cleat_status cleat_config_load(cleat_registry *registry, const cleat_settings *settings);

/* Makes the text of a setting an absolute path, and creates nothing. The caller frees it. */
cleat_status cleat_path_expand(const char *text, char **ret_path, cleat_error *error);

/* A directory as a path has it, with the slash, and without symbolic links. */
struct directory {
    char *text, *real;
};

void cleat_directory_forget(struct directory *directory);

/* Makes the path of a database absolute and canonical, and creates its directory. `text` is as in
 * a setting; `directory` is the one of the path before, or zero, and is to be forgotten in the end.
 * The caller frees *ret_path; *ret_found says whether something is there. */
cleat_status cleat_path_resolve(const char *text, struct directory *directory, char **ret_path,
                                bool *ret_found, cleat_error *error);

/* ---- what connections attach ---- */

/* The links that the schema has, and those that a setting adds: names with commas between. */
cleat_status cleat_plan_schema(cleat_registry *registry, struct database *database);
cleat_status cleat_plan_setting(cleat_registry *registry, struct database *database,
                                const char *names, const char *origin);

/* Logs the rows whose soft reference has no target, where a setting says so. */
void cleat_orphans_report(cleat_registry *registry);

/* ---- boot ---- */

/* Creates or verifies every database of the registry. */
cleat_status cleat_boot(cleat_registry *registry);

/* ---- fork ---- */

/* A number that no parent or child of this process has; 0 in a child that has not asked yet. */
extern const unsigned *cleat_fork_count;
#define cleat_forks (*cleat_fork_count)

/* Starts to count forks, and gives a child that nobody has told a number of its own. */
void cleat_fork_watch(void);

/* Hold new identifiers back while a fork copies their state. */
void cleat_id_lock(void);
void cleat_id_unlock(void);

/* ---- the ambient session ---- */

/* Forgets a session, or all of a registry, on this thread. */
void cleat_ambient_forget(const cleat_session *session);
void cleat_ambient_forget_all(const cleat_registry *registry);

/* ---- SQL text ---- */

/* What a cached statement of a table does; those from CLEAT_SQL_GET on exist for each key. */
enum operation {
    CLEAT_SQL_INSERT,
    CLEAT_SQL_UPDATE,
    CLEAT_SQL_COUNT,
    CLEAT_SQL_LIST,
    CLEAT_SQL_COLLECT, /* what LIST finds, all at once */
    CLEAT_SQL_INSERT_MANY,
    CLEAT_SQL_APPEND_MANY, /* without their number, which the database gives as they come */
    CLEAT_SQL_LAST, /* the greatest number that a key has, or had when it must never return */
    CLEAT_SQL_GET,
    CLEAT_SQL_EXISTS,
    CLEAT_SQL_DELETE,
    CLEAT_SQL_UPSERT,
    CLEAT_SQL_ENSURE,
    CLEAT_SQL_COUNT_BY,
    CLEAT_SQL_LIST_BY,
    CLEAT_SQL_COLLECT_BY,
    CLEAT_SQL_GET_MANY,
    CLEAT_SQL_UPSERT_MANY,
    CLEAT_SQL_ENSURE_MANY,
    CLEAT_SQL_STORED_KEYS, /* of the fed rows, those whose primary key is another one */
    CLEAT_SQL_END,
    /* for tables that extend others, on top */
    CLEAT_SQL_KEY = CLEAT_SQL_END, /* the primary key */
    CLEAT_SQL_COMPARE,             /* the keys, and for each part of the row whether it differs */
    CLEAT_SQL_FOUND_KEYS,          /* of the fed rows, those that have other keys; counts all */
    CLEAT_SQL_AGED,                /* of the fed rows, those of which a part needs a new time */
    /* for their parts */
    CLEAT_SQL_TOUCH_MANY, /* gives rows that are there the times of an update */
    CLEAT_SQL_DELETE_MANY,
    CLEAT_SQL_EXTENDED_END
};

/* Parameters are numbered: for insert, update, upsert, ensure and compare by the place of the column among
 * those that are written, from 1; for the others by its place in the key. Those for many rows take
 * them from the table's feed instead. The caller frees the text; NULL when out of memory. */
char *cleat_sql_build(const cleat_table *table, enum operation operation, unsigned key);

/* Whether a table extends another. */
static inline bool
cleat_is_joined(const cleat_table *table)
{
    return table->extends != NULL && table->extends->own != NULL;
}

/* How many tables a row lies in, and each of them, the first one first. */
unsigned cleat_part_count(const cleat_table *table);
const cleat_table *cleat_part(const cleat_table *table, unsigned place);

/* A table as it is in the file: of one that extends another, its own columns with their names. */
const cleat_table *cleat_stored_table(const cleat_table *table);

/* Like CLEAT_SQL_LAST, for a table of a database that has AUTOINCREMENT. NULL when there is none. */
char *cleat_sql_last(const cleat_table *table);

/* Updates the columns whose bits are set, by primary key. Parameters as for an update. */
char *cleat_sql_patch(const cleat_table *table, const unsigned char *columns);

/* Lists, counts or deletes the rows in which the columns whose bits are set have a value, or NULL
 * where the bit of `nulls` is set too. Parameters: the values, in the order of the columns. */
char *cleat_sql_where(const cleat_table *table, enum operation operation, const unsigned char *bits,
                      const unsigned char *nulls);

/* One column of the order of a page. */
struct page_column {
    uint16_t place; /* in table->columns */
    bool down;      /* the list goes from great to small */
    bool null;      /* the row that the page begins at has NULL here */
};

/* A page: its order without the columns of the key, whether it begins at a row, and whether it
 * ends there. Parameters: the columns of the key, those of the order that are not NULL, the limit.
 * `key` is NULL for all rows. */
char *cleat_sql_page(const cleat_table *table, const cleat_key *key,
                     const struct page_column *order, unsigned count, bool from_row, bool before);

/* Reads the order of a page by a key, or of all rows for NULL: what `key->order` says, then what
 * is missing of the primary key. `ret_order` has room for all columns. Returns how many. */
unsigned cleat_sql_page_order(const cleat_table *table, const cleat_key *key,
                              struct page_column *ret_order);

/* The select of a collecting operation without its order, every row handed to the collector. */
char *cleat_sql_collect(const cleat_table *table, enum operation operation, unsigned key);

/* The virtual table that feeds rows of the program to a statement; its columns are c0, c1, … */
char *cleat_sql_feed(const cleat_table *table);
char *cleat_sql_feed_columns(const cleat_table *table);

/* A statement over a full-text index: CLEAT_SQL_LIST finds the rows whose text matches ?1, best
 * first; CLEAT_SQL_COUNT only asks whether ?1 is a query. Behind the columns of the row come the
 * rank, the snippet and the highlighted text. Parameters from ?2 on: the limit, the column and
 * tokens of the snippet, the column to highlight, the marks, the ellipsis. */
char *cleat_sql_search(const cleat_full_text *index, enum operation operation);

/* Gives the index itself an order, such as 'rebuild'. */
char *cleat_sql_full_text(const cleat_full_text *index, const char *order, bool with_rank);

/* Takes the write lock of the table's database, and does nothing else. */
char *cleat_sql_lock(const cleat_table *table);

/* The words of a text as a full-text query that cannot be a syntax error; "" for no words. */
char *cleat_sql_words(const char *text);

/* The column whose member is at an offset of the row. */
const cleat_column *cleat_table_column_at(const cleat_table *table, uint16_t offset);

/* Whether the column's row member has a has_ beside it. */
static inline bool
cleat_column_has(const cleat_column *column)
{
    return (column->flags & CLEAT_NULLABLE) && column->kind != CLEAT_KIND_TEXT &&
           column->kind != CLEAT_KIND_JSON && column->kind != CLEAT_KIND_BLOB;
}

/* The time, or an identifier, into a column of a row that is made for it. */
void cleat_row_set_now(const cleat_column *column, void *row);
void cleat_row_set_new_id(const cleat_column *column, void *row);

/* The time into the columns that an update sets. */
void cleat_row_set_update_times(const cleat_table *table, void *row);

/* Whether a column has the value that it has in every row of the table, or, unless the row is to
 * be added, in the rows of a table that extends it. And a column that has not, or NULL. */
bool cleat_row_has_constant(const cleat_table *table, const void *row, uint16_t offset, bool added);
const cleat_column *cleat_row_wrong_constant(const cleat_table *table, const void *row, bool added);

/* The memory of a row that owns its texts: the capacity, a size_t, then as many bytes. NULL when
 * out of memory. */
void *cleat_block_new(size_t capacity);

/* ---- execution, as the rest sees it ---- */

/* Whether a file's header alone says that it is as it was compiled, with nothing to be completed or
 * migrated. It may be as well when this says no. */
bool cleat_file_is_current(const struct database *database);

/* Whether a file is there, is missing or empty, or is unfit. */
cleat_status cleat_file_look(struct database *database, bool *ret_absent, cleat_error *error);
/* Completes commits over several databases that a crash has cut short. */
cleat_status cleat_redo_all(cleat_registry *registry, cleat_error *error);
cleat_status cleat_file_create(struct database *database, cleat_error *error);
/* Whether a file is as it was compiled. One that is only behind is fine too, and marked so. */
cleat_status cleat_file_verify(struct database *database, cleat_error *error);

/* Runs the migrations that a file lacks. */
cleat_status cleat_file_migrate(const cleat_registry *registry, struct database *database,
                                cleat_error *error);

/* Whether a session may be used by this process; its error says why not. */
cleat_status cleat_session_check(cleat_session *session);

/* The number of this opening of the session; 0 when it is closed. */
uint64_t cleat_session_opened(const cleat_session *session);
const cleat_registry *cleat_session_registry(const cleat_session *session);

void cleat_watch_close(struct database *database);
void cleat_captures_close(struct database *database);

cleat_status cleat_pool_open(cleat_registry *registry, struct database *database);
void cleat_pool_close(struct database *database);

/* The same for the queue of its writers. */
cleat_status cleat_turn_open(struct database *database, cleat_error *error);
void cleat_turn_close(struct database *database);

/* The same for the queue of work that is committed together. */
cleat_status cleat_group_open(struct database *database, cleat_error *error);
void cleat_group_close(struct database *database);
void cleat_group_count(struct database *database, cleat_stats *stats);

/* The thread that moves write-ahead logs, when some database wants it. Stopped after the sessions
 * and before the pools. */
cleat_status cleat_checkpointer_start(cleat_registry *registry);
void cleat_checkpointer_stop(cleat_registry *registry);

/* Ends what event loops have left open. */
void cleat_asyncs_close(cleat_registry *registry);

/* Adds what the database's connections have counted. */
void cleat_pool_count(struct database *database, cleat_stats *stats);
void cleat_sessions_close(cleat_registry *registry);

#endif
