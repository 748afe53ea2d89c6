/* cleat/operations.h: what keeps databases well while a program runs: backups, checks, the
 * write-ahead log, figures. <cleat/cleat.h> includes it.
 *
 * All functions may be called by any thread while sessions work. They open connections of their
 * own and take no session away. On failure cleat_registry_error() says what was wrong. */
#ifndef CLEAT_OPERATIONS_H
#define CLEAT_OPERATIONS_H

#include <cleat/cleat.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- the write-ahead log ---- */

/* Moves what is in the write-ahead log of a database, or of all for NULL, into its file and
 * empties the log. Waits for sessions that read or write, at most the busy timeout: CLEAT_BUSY
 * when one does so for longer, and then the log keeps what they still need. All databases are
 * tried, the first failure is returned. Nothing is done for one without such a log. */
cleat_status cleat_registry_checkpoint(cleat_registry *registry, const char *database);

/* Brings what SQLite knows about the distribution of values up to date, for a database or for all
 * with NULL, so that it chooses good indexes. Looks at a sample: takes milliseconds, during which
 * writers wait. New connections use it at once. For once a day, or after a large import. */
cleat_status cleat_registry_optimize(cleat_registry *registry, const char *database);

/* ---- backups ---- */

/* Hears how far a backup is, in pages of the database it is at. false ends it. */
typedef bool cleat_backup_hook(void *data, const char *database, int64_t done, int64_t total);

/* Copies all databases into a directory, as NAME.db: the state of one moment, across all of them.
 * Writers wait only while that moment is chosen; in a rollback-journal mode their commits wait
 * until their database is copied. `hook` may be NULL.
 *
 * The set is whole or absent: it is made beside the directory as "<directory>.XXXXXX", brought to
 * disk, and renamed. A process that is killed meanwhile leaves that one, which may be deleted. A
 * call that fails leaves nothing, unless the disk fails so that nothing can be undone.
 * A program can be started with the setting `directory` on a backup.
 *
 * Returns CLEAT_CONFLICT when the directory is there and not empty, CLEAT_BUSY when writers did
 * not let go in time, CLEAT_INTERRUPTED when the hook ended it. */
cleat_status cleat_registry_backup(cleat_registry *registry, const char *directory,
                                   cleat_backup_hook *hook, void *data);

/* ---- checks ---- */

enum {
    CLEAT_CHECK_QUICK = 0, /* every page, row and reference: about 2 ms for each MB */
    CLEAT_CHECK_FULL = 1   /* every index against its table too: about 7 ms for each MB */
};

/* Hears of each thing that is wrong with a database, in one sentence. Values are never in it. */
typedef void cleat_check_hook(void *data, const char *database, const char *problem);

/* Checks the files of a database, or of all for NULL: their pages, their schema, the targets of
 * foreign keys, the full-text indexes (when `mode` is CLEAT_CHECK_FULL, against the rows that they
 * index). `hook` may be NULL: problems go to the log, as errors. Writers wait while full-text
 * indexes are checked; nothing is changed.
 *
 * Returns CLEAT_OK when all is well, else the status of the first problem: CLEAT_CORRUPT,
 * CLEAT_DRIFT or CLEAT_FOREIGN_KEY. All problems of all databases are reported, up to 100 of
 * each. */
cleat_status cleat_registry_check(cleat_registry *registry, const char *database, unsigned mode,
                                  cleat_check_hook *hook, void *data);

/* ---- figures ---- */

/* What happened to a database since the registry was opened. Times are in nanoseconds. */
typedef struct cleat_stats {
    uint64_t sessions;           /* opened */
    uint64_t commits;            /* of sessions that write */
    uint64_t rollbacks;          /* likewise, also by closing them */
    uint64_t statements;         /* of generated functions that were looked up */
    uint64_t prepared;           /* those of them that were not in the cache */
    uint64_t waits;              /* for a lock */
    uint64_t timeouts;           /* waits that ended with CLEAT_BUSY */
    uint64_t wait_ns;            /* all waits together */
    uint64_t longest_wait_ns;    /* the longest one */
    uint64_t connections_opened; /* since the beginning */
    uint64_t connections_used;   /* at this moment, by sessions */
    uint64_t connections_idle;   /* at this moment, in the pool */
    uint64_t most_used;          /* at once */
    uint64_t group_units;        /* done by cleat_group_run() and cleat_async_submit() */
    uint64_t group_batches;      /* transactions for them */
    uint64_t group_largest;      /* units of the largest one */
    uint64_t group_repeated;     /* units done again because a transaction failed */
    uint64_t group_waiting;      /* units that wait at this moment */
    int64_t file_size, log_size; /* bytes of the database and of its write-ahead log */
} cleat_stats;

/* The figures of a database, or the sums over all for NULL (most_used and longest_wait_ns: the
 * greatest). A moment's view: other threads go on counting. */
cleat_status cleat_registry_stats(cleat_registry *registry, const char *database,
                                  cleat_stats *ret_stats);

/* Prints the figures of all databases as a table with a line for each; into the log, with level
 * info, when `file` is NULL. */
cleat_status cleat_stats_print(cleat_registry *registry, FILE *file);

#ifdef __cplusplus
}
#endif

#endif
