/* history.h: what a database file says of itself: whose it is, which schema it has, and which
 * migrations made it so. Works on a plain handle, for the runtime and for the tool.
 *
 * A file of a database with migrations has a table cleat_migrations, one row for each in the order
 * in which they came. It is written in the same transaction as the change itself. */
#ifndef CLEAT_HISTORY_H
#define CLEAT_HISTORY_H

#include "compare.h"

/* The schema cookie of a new file. Any later change of the schema shows in the lower half, which says
 * what is in the file beside its schema: nothing, SQLite's statistics, the tables of commits over
 * several databases. The upper half counts migrations: a cookie that came back would let connections
 * that are open go on with the schema they know. */
#define CLEAT_COOKIE 0x63636C74u
#define CLEAT_COOKIE_STEP 0x10000u

/* Whether a cookie is one that cleat leaves, and whether it says that there are no notes of commits
 * over several databases. */
bool cleat_cookie_is_own(uint32_t cookie);
bool cleat_cookie_is_plain(uint32_t cookie);

/* Sets the lower half to what the file has, after a change that is cleat's own. To be called inside
 * of a transaction, on a handle that is not defensive. Returns SQLite's code. */
int cleat_cookie_set(sqlite3 *handle);

/* Who a file belongs to, from the name of its database; 31 bits, never 0. */
int cleat_file_application(const cleat_database *database);

/* Which schema and which last migration it has; 31 bits, never 0. */
int cleat_file_version(const cleat_database *database);

/* The same for a schema by its revision, and the last migration, NULL for a file without any. */
int cleat_version_number(const char *schema, const char *migration);

/* How a migration came into a file's list. */
enum origin {
    ORIGIN_CREATED,    /* the file was made with the schema that it leads to */
    ORIGIN_APPLIED,    /* it was run */
    ORIGIN_RECOGNISED, /* the file was older than the list, and had its schema */
    ORIGIN_STAMPED     /* somebody said so, and the schema agreed */
};

/* A file's list, held against the migrations that were compiled. */
struct history {
    bool *applied;    /* one for each compiled migration */
    size_t *order;    /* places of those that are, as they came */
    size_t count;     /* how many are */
    bool listed;      /* the file has a list; else its schema was recognised */
    bool unversioned; /* neither: nothing of a history can be seen in it */
};

/* Reads the list. CLEAT_NEWER: the file has migrations after the last one that was compiled.
 * CLEAT_DRIFT: its list and the compiled one have parted. Free it with cleat_history_free(), also
 * after a failure. */
cleat_status cleat_history_read(sqlite3 *handle, const cleat_database *database,
                                struct history *ret_history, cleat_error *error);
void cleat_history_free(struct history *history);

/* The schema that a history leads to, in memory. Close the handle also after a failure. */
cleat_status cleat_history_replay(const cleat_database *database, const struct history *history,
                                  sqlite3 **ret_handle, cleat_error *error);

/* Whether the file has the schema that its history leads to: CLEAT_OK or CLEAT_DRIFT. */
cleat_status cleat_history_verify(sqlite3 *handle, const cleat_database *database,
                                  const struct history *history, cleat_error *error);

/* Whether a migration is one of the parents of another. */
bool cleat_migration_follows(const cleat_migration *migration, const char *parent);

/* The place of a migration; the number of migrations when there is none with this revision. */
size_t cleat_migration_find(const cleat_database *database, const char *revision);

/* Marks a migration and all that lead to it. */
void cleat_migration_ancestors(const cleat_database *database, size_t place, bool *marks);

/* Makes the list when the file has none, adds one row, or takes it out again. To be called inside
 * of a transaction. Return SQLite's codes. */
int cleat_history_create(sqlite3 *handle);
int cleat_history_add(sqlite3 *handle, const cleat_migration *migration, enum origin origin);
int cleat_history_remove(sqlite3 *handle, const cleat_migration *migration);

/* Writes the numbers of the header: whose file it is, and that it has this schema and this last
 * migration. The handle must not be defensive. */
int cleat_history_mark(sqlite3 *handle, const cleat_database *database, const char *schema,
                       const char *migration);

#endif
