/* connection.c: opens connections, all in one way: the database is main under its own name, those
 * it is linked to are attached in order of name. A missing file is an error, never created here;
 * nothing in settings or in a file can load code or reach another file. */
#include "atomic/atomic.h"
#include "file/file.h"
#include "sets/sets.h"
#include "statement.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

void
cleat_wait_begin(struct connection *connection)
{
    connection->waited = 0;
    cleat_count(&connection->counts.waits, 1);
}

void
cleat_wait_count(struct connection *connection, int64_t nanoseconds)
{
    struct counts *counts = &connection->counts;
    connection->waited += nanoseconds;
    cleat_count(&counts->wait_ns, (uint64_t)nanoseconds);
    uint64_t longest = atomic_load_explicit(&counts->longest_wait_ns, memory_order_relaxed);
    if ((uint64_t)connection->waited > longest)
        cleat_count(&counts->longest_wait_ns, (uint64_t)connection->waited - longest);
}

int
cleat_reach_find(const struct database *own, const char *name)
{
    for (size_t place = 0; place <= own->link_count; place++)
        if (strcmp(cleat_reach_at(own, place)->schema->name, name) == 0)
            return (int)place;
    return -1;
}

/* SQLite's own wait sleeps unfairly long. This one first lets others go on, which is enough when the
 * thread before is about to end its commit; then it grows from 20 microseconds to 5 milliseconds, and
 * ends on time. */
static int
wait_for_lock(void *data, int count)
{
    enum { YIELDS = 8 };
    struct connection *connection = data;
    int64_t now = cleat_clock();
    int64_t timeout = connection->database->options.busy_timeout_ms * INT64_C(1000000);
    if (connection->patience > 0)
        timeout = connection->patience;
    if (count == 0) {
        connection->deadline = now + timeout;
        cleat_wait_begin(connection);
    }
    if (now >= connection->deadline) {
        cleat_count(&connection->counts.timeouts, 1);
        return 0;
    }
    if (count < YIELDS) {
        sched_yield();
    } else {
        int64_t pause = INT64_C(20000) << (count - YIELDS < 8 ? count - YIELDS : 8);
        if (pause > connection->deadline - now)
            pause = connection->deadline - now;
        struct timespec time = {(time_t)(pause / 1000000000), (long)(pause % 1000000000)};
        nanosleep(&time, NULL);
    }
    cleat_wait_count(connection, cleat_clock() - now);
    return 1;
}

static int
attach(const struct connection *connection, const struct database *link)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(connection->handle, "ATTACH ?1 AS ?2", -1, &statement, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(statement, 1, link->path, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, link->schema->name, -1, SQLITE_STATIC);
    sqlite3_step(statement);
    rc = sqlite3_finalize(statement);
    if (rc == SQLITE_OK)
        rc = cleat_pragmas_attached(connection->handle, link);
    return rc;
}

static int
prepare_one(const struct connection *connection, const char *sql, sqlite3_stmt **ret_statement)
{
    return sqlite3_prepare_v3(connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, ret_statement,
                              NULL);
}

/* Beginning and ending are prepared early: a rollback must work without memory. */
static int
prepare_lock(struct connection *connection, size_t place)
{
    const struct database *database = cleat_reach_at(connection->database, place);
    if (connection->database->link_count == 0)
        return prepare_one(connection, "BEGIN IMMEDIATE", &connection->locks[0]);
    if (database->table_count == 0)
        return SQLITE_OK;
    char *sql = cleat_sql_lock(database->schema->tables[0]);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = prepare_one(connection, sql, &connection->locks[place]);
    free(sql);
    return rc;
}

static int
prepare_units(struct connection *connection)
{
    int rc = prepare_one(connection, "BEGIN", &connection->begin);
    if (rc == SQLITE_OK)
        rc = prepare_one(connection, "COMMIT", &connection->commit);
    if (rc == SQLITE_OK)
        rc = prepare_one(connection, "ROLLBACK", &connection->rollback);
    if (rc == SQLITE_OK)
        rc = prepare_one(connection, "SAVEPOINT cleat_unit", &connection->savepoint);
    if (rc == SQLITE_OK)
        rc = prepare_one(connection, "RELEASE cleat_unit", &connection->release);
    if (rc == SQLITE_OK)
        rc = prepare_one(connection, "ROLLBACK TO cleat_unit", &connection->rollback_to);
    for (size_t place = 0; rc == SQLITE_OK && place <= connection->database->link_count; place++)
        rc = prepare_lock(connection, place);
    return rc;
}

/* A statement in the place of one. */
static int
renew(const struct connection *connection, const char *sql, sqlite3_stmt **statement)
{
    sqlite3_stmt *fresh = NULL;
    int rc = prepare_one(connection, sql, &fresh);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_finalize(*statement);
    *statement = fresh;
    return SQLITE_OK;
}

int
cleat_connection_renew_rollback(struct connection *connection)
{
    return renew(connection, "ROLLBACK", &connection->rollback);
}

int
cleat_connection_lock_marks(struct connection *connection, size_t place)
{
    const struct database *database = cleat_reach_at(connection->database, place);
    char *sql = sqlite3_mprintf("DELETE FROM \"%w\".cleat_marks WHERE 0", database->schema->name);
    int rc = sql == NULL ? SQLITE_NOMEM : renew(connection, sql, &connection->locks[place]);
    sqlite3_free(sql);
    return rc;
}

/* The steps of opening, each only after the one before. *ret_about is the database that the
 * failing one was about. */
static int
set_up(struct connection *connection, const struct database **ret_about)
{
    const struct database *database = connection->database;
    *ret_about = database;
    unsigned flags = database->schema->flags;
    for (size_t i = 0; i < database->link_count; i++)
        flags |= database->links[i]->schema->flags;
    int rc = cleat_handle_open(database->path, flags, &connection->handle);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(connection->handle, SQLITE_DBCONFIG_MAINDBNAME,
                               database->schema->name);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_handler(connection->handle, wait_for_lock, connection);
    if (rc == SQLITE_OK)
        rc = cleat_met_register(connection);
    if (rc == SQLITE_OK)
        rc = cleat_collect_register(connection);
    if (rc == SQLITE_OK)
        rc = cleat_array_register(connection);
    if (rc == SQLITE_OK)
        rc = cleat_pragmas_main(connection->handle, database);
    if (rc == SQLITE_OK)
        sqlite3_limit(connection->handle, SQLITE_LIMIT_ATTACHED, (int)database->link_count);
    for (size_t i = 0; rc == SQLITE_OK && i < database->link_count; i++) {
        *ret_about = database->links[i];
        rc = attach(connection, database->links[i]);
    }
    if (rc != SQLITE_OK)
        return rc;
    *ret_about = database;
    return prepare_units(connection);
}

cleat_status
cleat_connection_open(cleat_registry *registry, struct database *database,
                      struct connection **ret_connection, cleat_error *error)
{
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return cleat_error_memory(error);
    connection->registry = registry;
    connection->database = database;
    const struct database *about;
    cleat_status status = CLEAT_OK;
    int rc = set_up(connection, &about);
    if (rc != SQLITE_OK)
        status = cleat_error_open(error, connection->handle, rc, about);
    if (status == CLEAT_OK)
        status = cleat_planted_check(connection->handle, database, error);
    for (size_t i = 0; status == CLEAT_OK && i < database->link_count; i++)
        status = cleat_planted_check(connection->handle, database->links[i], error);
    if (status < 0) {
        cleat_connection_close(connection);
        return status;
    }
    cleat_checkpointer_watch(connection);
    cleat_pool_add(connection);
    *ret_connection = connection;
    return CLEAT_OK;
}

void
cleat_connection_close(struct connection *connection)
{
    cleat_pool_remove(connection);
    cleat_entries_close(connection);
    cleat_streams_free(connection);
    for (unsigned i = 0; i < KEPT_STATEMENTS; i++)
        sqlite3_finalize(connection->kept[i]);
    for (size_t place = 0; place < CLEAT_REACH_MAX; place++) {
        sqlite3_finalize(connection->locks[place]);
        sqlite3_finalize(connection->reach[place].schema);
        sqlite3_finalize(connection->reach[place].marks);
        sqlite3_finalize(connection->reach[place].last);
    }
    cleat_capture_free(connection);
    sqlite3_finalize(connection->begin);
    sqlite3_finalize(connection->commit);
    sqlite3_finalize(connection->rollback);
    sqlite3_finalize(connection->savepoint);
    sqlite3_finalize(connection->release);
    sqlite3_finalize(connection->rollback_to);
    sqlite3_finalize(connection->whole.savepoint);
    sqlite3_finalize(connection->whole.undo);
    sqlite3_finalize(connection->whole.release);
    sqlite3_close(connection->handle);
    free(connection->scratch);
    free(connection->lengths);
    free(connection);
}
