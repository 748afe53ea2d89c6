/* runtime.h: what the files of the runtime share. Nothing here knows SQLite: only files in
 * execution/ do.
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
#include <sys/stat.h>
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

struct pool;         /* execution/connection/pool.c */
struct turn;         /* execution/unit/turn.c */
struct group;        /* execution/unit/group.c */
struct checkpointer; /* execution/file/checkpointer.c */
struct watch;        /* execution/atomic/marks.c */
struct connection;   /* execution/connection/connection.h */

struct database {
    const cleat_database *schema;
    struct options options;
    char *path;              /* absolute, without symbolic links */
    struct database **links; /* those its connections attach, in order of name */
    size_t link_count;
    const char **link_names; /* of all of them, NULL behind the last, when a setting adds some */
    size_t rank;             /* how many links come before it in order of name */
    bool linked;             /* some other database is linked to it */
    bool commits_quickly;    /* who writes next may have the turn before */
    struct pool *pool;
    struct turn *turn; /* of those who write it */
    struct group *group;
    struct watch *watch;         /* guarded by the registry's mutex until it is there */
    struct connection *captures; /* idle, for atomic sessions; guarded by the registry's mutex */
    size_t table_count;
    bool found;         /* there was a file when the settings were read */
    int64_t found_size; /* of it, in bytes */
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
    uint64_t number;                   /* that no other registry of this process has */
    cleat_registry *open_next;         /* of all that are open */
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

/* Finds a database by its name, NULL for the default one: CLEAT_OK, or CLEAT_NOT_FOUND with an
 * error that has the name. */
cleat_status cleat_registry_choose(const cleat_registry *registry, const char *name,
                                   struct database **ret_database, cleat_error *error);

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
 * The caller frees *ret_path; *ret_found is what is there, its mode 0 for nothing. */
cleat_status cleat_path_resolve(const char *text, struct directory *directory, char **ret_path,
                                struct stat *ret_found, cleat_error *error);

/* How a path stands in an error: one that is too long must not hide what is wrong with it. */
#define CLEAT_SHOWN_PATH "%.320s"

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

/* ---- threads ---- */

/* Starts a thread that takes no signals. Returns the system's code, 0 when it runs. */
int cleat_thread_start(pthread_t *ret_thread, void *(*run)(void *), void *data);

/* ---- the ambient session ---- */

/* A registry is there; it and its sessions will not be there much longer. */
void cleat_ambient_open(cleat_registry *registry);
void cleat_ambient_close(cleat_registry *registry);

/* Forgets a session on this thread. */
void cleat_ambient_forget(const cleat_session *session);

/* ---- execution, as the rest sees it ---- */

/* Whether a file's header alone says that it is as it was compiled, with nothing to be completed or
 * migrated. It may be as well when this says no. */
bool cleat_file_is_current(const struct database *database);

/* Whether a file is there, is missing or empty, or is unfit. */
cleat_status cleat_file_look(struct database *database, bool *ret_absent, cleat_error *error);
/* Completes commits over several databases that a crash has cut short. */
cleat_status cleat_redo_all(cleat_registry *registry, cleat_error *error);

/* The same once some files were made beside others that were there, which may have commits over
 * both: the log says so. */
cleat_status cleat_redo_created(cleat_registry *registry, cleat_error *error);

/* Makes a file that is not there, under another name; gives it its own, when it is on the disk:
 * CLEAT_CREATED, or CLEAT_OK when somebody else has made it; or removes it again, if it is there. */
cleat_status cleat_file_build(const struct database *database, cleat_error *error);
cleat_status cleat_file_publish(const struct database *database, cleat_error *error);
void cleat_file_abandon(const struct database *database);

/* Makes the names of files last that were made in the directory of this one. */
cleat_status cleat_file_sync_directory(const struct database *database, cleat_error *error);

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
