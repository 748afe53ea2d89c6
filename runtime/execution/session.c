/* session.c: units of work. A session has a connection of its own from open to close; its unit
 * begins with the first call and ends with commit, rollback or close. Session objects are used
 * again but never freed before the registry, so that a stale pointer is an error and no crash. */
#include "execution.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* So many closed sessions rest before the first is used again: a second close soon after the
 * first one hits nobody. */
#define RESTING 64

/* ---- errors ---- */

cleat_status
cleat_session_fail(cleat_session *session, cleat_status status, const char *format, ...)
{
    cleat_error *error = &session->error;
    memset(error, 0, sizeof *error);
    error->status = status;
    error->row = -1;
    if (session->database != NULL)
        cleat_text_copy(error->database, sizeof error->database, session->database->schema->name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
    return status;
}

cleat_status
cleat_session_fail_column(cleat_session *session, cleat_status status, const cleat_table *table,
                          const char *column, const char *what)
{
    cleat_session_fail(session, status, "%s.%s.%s: %s", table->database, table->name, column, what);
    cleat_text_copy(session->error.database, sizeof session->error.database, table->database);
    cleat_text_copy(session->error.table, sizeof session->error.table, table->name);
    cleat_text_copy(session->error.column, sizeof session->error.column, column);
    return status;
}

cleat_status
cleat_session_fail_readonly(cleat_session *session, const char *what)
{
    return cleat_session_fail(session, CLEAT_READONLY,
                              "%s: the session was opened with CLEAT_READ and cannot write", what);
}

cleat_status
cleat_session_fail_sqlite(cleat_session *session, int code, const char *database,
                          const cleat_table *table, const char *sql)
{
    sqlite3 *handle = session->connection->handle;
    cleat_status rc = cleat_error_sqlite(&session->error, handle, code, database, table, sql);
    session->connection->suspect |= rc == CLEAT_NOMEM;
    if (session->ready && sqlite3_get_autocommit(handle)) {
        session->ready = false;
        session->broken = true;
    }
    return rc;
}

/* ---- units ---- */

/* Runs one of the statements that begin and end units. */
static int
step_unit(const cleat_session *session, sqlite3_stmt *handle)
{
    int64_t start = session->timed ? cleat_clock() : 0;
    sqlite3_step(handle);
    int rc = sqlite3_reset(handle);
    if (session->timed)
        cleat_report(session, sqlite3_sql(handle), cleat_clock() - start);
    return rc;
}

uint64_t
cleat_session_next_ticket(cleat_session *session)
{
    session->ticket++;
    if (session->ticket % CLEAT_TICKETS == 0)
        session->ticket = atomic_fetch_add(&session->registry->tickets, CLEAT_TICKETS) + 1;
    return session->ticket;
}

bool
cleat_session_has(const cleat_session *session, uint64_t ticket)
{
    return session->open && session->forks == cleat_forks && session->connection != NULL &&
           ticket >= session->unit;
}

void
cleat_session_end_loan(cleat_session *session)
{
    struct statement *lent = session->lent;
    session->lent = NULL;
    if (lent != NULL)
        cleat_statement_release(session, lent);
}

/* Ends everything that was lent in the unit. */
void
cleat_session_end_loans(cleat_session *session)
{
    cleat_session_end_loan(session);
    while (session->held != NULL) {
        struct statement *held = session->held;
        session->held = held->held_after;
        cleat_statement_release(session, held);
    }
    while (session->statements != NULL)
        cleat_query_end(session->statements);
    cleat_streams_end(session->connection);
}

/* After SQLite ran out of memory, its full-text index may once take a sound file for a damaged one,
 * even behind a rollback: the next unit has a connection that knows nothing of it. */
static cleat_status
renew(cleat_session *session)
{
    struct connection *old = session->connection;
    cleat_error error;
    if (cleat_connection_open(session->registry, session->database, &session->connection, &error) <
        0) {
        session->error = error;
        return error.status;
    }
    cleat_connection_close(old);
    return CLEAT_OK;
}

static cleat_status
begin(cleat_session *session)
{
    if (session->connection->suspect && renew(session) < 0)
        return session->error.status;
    const struct connection *connection = session->connection;
    const struct database *database = session->database;
    bool locks = session->mode == CLEAT_WRITE && connection->lock != NULL;
    session->unit = atomic_fetch_add(&session->registry->tickets, CLEAT_TICKETS);
    session->ticket = session->unit;
    int rc = SQLITE_OK;
    if (!locks || database->link_count > 0)
        rc = step_unit(session, connection->begin);
    if (rc == SQLITE_OK && locks)
        rc = step_unit(session, connection->lock);
    if (rc != SQLITE_OK) {
        const char *sql = sqlite3_sql(locks ? connection->lock : connection->begin);
        cleat_session_fail_sqlite(session, rc, database->schema->name, NULL, sql);
        if (!sqlite3_get_autocommit(connection->handle))
            step_unit(session, connection->rollback);
        return session->error.status;
    }
    session->ready = true;
    return CLEAT_OK;
}

cleat_status
cleat_session_check(cleat_session *session)
{
    if (session == NULL)
        return CLEAT_MISUSE;
    if (session->forks != cleat_forks)
        return cleat_session_fail(session, CLEAT_FORKED,
                                  "the session was opened before this process was forked");
    if (!session->open)
        return cleat_session_fail(session, CLEAT_MISUSE, "the session is closed");
    return CLEAT_OK;
}

/* What every call but close checks, whatever state the unit is in. */
static cleat_status
enter_session(cleat_session *session)
{
    cleat_status rc = cleat_session_check(session);
    if (rc < 0)
        return rc;
    if (session->error.status != CLEAT_OK)
        memset(&session->error, 0, sizeof session->error);
    cleat_session_end_loan(session);
    return CLEAT_OK;
}

cleat_status
cleat_session_enter_slowly(cleat_session *session)
{
    cleat_status rc = enter_session(session);
    if (rc < 0 || session->ready)
        return rc;
    if (session->broken)
        return cleat_session_fail(session, CLEAT_MISUSE,
                                  "the unit of work is lost, SQLite has rolled it back after an "
                                  "error: roll back or close the session");
    return begin(session);
}

/* The names of the databases that the unit has written; returns how many. */
static int
list_written(const cleat_session *session, char *ret_names, size_t size)
{
    sqlite3 *handle = session->connection->handle;
    const struct database *database = session->database;
    size_t length = 0;
    int count = 0;
    ret_names[0] = '\0';
    for (size_t i = 0; i <= database->link_count; i++) {
        const struct database *one = i == 0 ? database : database->links[i - 1];
        if (sqlite3_txn_state(handle, one->schema->name) != SQLITE_TXN_WRITE)
            continue;
        if (length < size)
            length += (size_t)snprintf(ret_names + length, size - length, "%s%s",
                                       count == 0 ? "" : ", ", one->schema->name);
        count++;
    }
    return count;
}

/* A failed commit: when it wrote several files, some may have it and some not. */
static cleat_status
fail_commit(cleat_session *session, int code, int written, const char *names)
{
    bool begun = (code & 0xff) != SQLITE_BUSY && (code & 0xff) != SQLITE_CONSTRAINT;
    cleat_session_fail_sqlite(session, code, session->database->schema->name, NULL, "COMMIT");
    if (written > 1 && begun) {
        char reason[160];
        cleat_text_copy(reason, sizeof reason, session->error.text);
        session->error.status = CLEAT_PARTIAL;
        snprintf(session->error.text, sizeof session->error.text,
                 "the commit over %s may have reached some of them only: %s", names, reason);
    }
    return session->error.status;
}

/* Refuses the end of a unit to work that shares it with others. */
static cleat_status
check_end(cleat_session *session)
{
    cleat_status rc = enter_session(session);
    if (rc == CLEAT_OK && session->grouped)
        rc = cleat_session_fail(session, CLEAT_MISUSE,
                                "work of a group cannot commit or roll back: it returns");
    return rc;
}

cleat_status
cleat_session_commit(cleat_session *session)
{
    char names[256];
    int written = 0;
    cleat_status rc = check_end(session);
    if (rc < 0)
        return rc;
    if (session->broken)
        return cleat_session_enter_slowly(session);
    if (!session->ready)
        return CLEAT_OK;
    cleat_session_end_loans(session);
    if (session->database->link_count > 0)
        written = list_written(session, names, sizeof names);
    int code = step_unit(session, session->connection->commit);
    if (code != SQLITE_OK)
        return fail_commit(session, code, written, names);
    session->ready = false;
    if (session->mode == CLEAT_WRITE)
        cleat_count(&session->connection->counts.commits, 1);
    return CLEAT_OK;
}

cleat_status
cleat_session_rollback(cleat_session *session)
{
    cleat_status rc = check_end(session);
    if (rc < 0)
        return rc;
    cleat_session_end_loans(session);
    session->ready = false;
    session->broken = false;
    if (sqlite3_get_autocommit(session->connection->handle))
        return CLEAT_OK;
    if (session->mode == CLEAT_WRITE)
        cleat_count(&session->connection->counts.rollbacks, 1);
    int code = step_unit(session, session->connection->rollback);
    if (code == SQLITE_OK)
        return CLEAT_OK;
    session->broken = true;
    return cleat_session_fail_sqlite(session, code, session->database->schema->name, NULL,
                                     "ROLLBACK");
}

/* ---- open and close ---- */

static cleat_session *
take_session(cleat_registry *registry)
{
    pthread_mutex_lock(&registry->mutex);
    cleat_session *session = NULL;
    if (registry->closed_count > RESTING) {
        session = registry->oldest;
        registry->oldest = session->closed_next;
        registry->closed_count--;
    } else {
        session = calloc(1, sizeof *session);
        if (session != NULL) {
            session->all_next = registry->sessions;
            registry->sessions = session;
        }
    }
    pthread_mutex_unlock(&registry->mutex);
    return session;
}

static void
rest_session(cleat_session *session)
{
    cleat_registry *registry = session->registry;
    pthread_mutex_lock(&registry->mutex);
    session->closed_next = NULL;
    if (registry->closed_count == 0)
        registry->oldest = session;
    else
        registry->newest->closed_next = session;
    registry->newest = session;
    registry->closed_count++;
    pthread_mutex_unlock(&registry->mutex);
}

static cleat_status
fail_open(cleat_registry *registry, cleat_status status, const char *text)
{
    cleat_error error;
    cleat_error_set(&error, status, "%s", text);
    return cleat_registry_fail(registry, &error);
}

static cleat_status
find_database(cleat_registry *registry, const char *name, struct database **ret_database)
{
    struct database *database = name == NULL ? registry->home : cleat_registry_find(registry, name);
    if (database != NULL) {
        *ret_database = database;
        return CLEAT_OK;
    }
    cleat_error error;
    if (name == NULL)
        cleat_error_set(&error, CLEAT_NOT_FOUND, "there is no default database");
    else
        cleat_error_set(&error, CLEAT_NOT_FOUND, "the registry has no database %s", name);
    error.status = CLEAT_NOT_FOUND;
    cleat_text_copy(error.database, sizeof error.database, name);
    return cleat_registry_fail(registry, &error);
}

static cleat_status
check_open(cleat_registry *registry, unsigned mode)
{
    cleat_status rc = cleat_registry_enter(registry);
    if (rc == CLEAT_OK && mode != CLEAT_READ && mode != CLEAT_WRITE)
        rc = fail_open(registry, CLEAT_MISUSE, "a session is CLEAT_READ or CLEAT_WRITE");
    return rc;
}

static cleat_status
open_connection(cleat_registry *registry, struct database *database,
                struct connection **ret_connection)
{
    cleat_error error;
    *ret_connection = cleat_pool_take(database);
    if (*ret_connection != NULL)
        return CLEAT_OK;
    if (cleat_connection_open(registry, database, ret_connection, &error) < 0)
        return cleat_registry_fail(registry, &error);
    return CLEAT_OK;
}

cleat_status
cleat_session_open(cleat_registry *registry, const char *database, unsigned mode,
                   cleat_session **ret_session)
{
    struct database *own;
    struct connection *connection;
    if (registry == NULL || ret_session == NULL)
        return CLEAT_MISUSE;
    cleat_status rc = check_open(registry, mode);
    if (rc == CLEAT_OK)
        rc = find_database(registry, database, &own);
    if (rc == CLEAT_OK)
        rc = open_connection(registry, own, &connection);
    if (rc != CLEAT_OK)
        return rc;
    cleat_session *session = take_session(registry);
    if (session == NULL) {
        cleat_pool_give(own, connection);
        return fail_open(registry, CLEAT_NOMEM, "there is not enough memory");
    }
    memset(&session->error, 0, sizeof session->error);
    session->registry = registry;
    session->database = own;
    session->connection = connection;
    session->mode = mode;
    session->forks = cleat_forks;
    session->timed = registry->timed;
    session->broken = false;
    session->open = true;
    rc = begin(session);
    if (rc < 0) {
        cleat_registry_fail(registry, &session->error);
        cleat_session_close(session);
        return rc;
    }
    *ret_session = session;
    return CLEAT_OK;
}

void
cleat_session_close(cleat_session *session)
{
    if (session == NULL || session->forks != cleat_forks || !session->open || session->grouped)
        return;
    cleat_session_rollback(session);
    cleat_ambient_forget(session);
    struct connection *connection = session->connection;
    session->connection = NULL;
    session->open = false;
    session->ready = false;
    cleat_pool_give(session->database, connection);
    rest_session(session);
}

void
cleat_sessions_close(cleat_registry *registry)
{
    /* those that close now join the queue of those that have, so none is freed before */
    for (cleat_session *session = registry->sessions; session != NULL; session = session->all_next)
        cleat_session_close(session);
    while (registry->sessions != NULL) {
        cleat_session *session = registry->sessions;
        registry->sessions = session->all_next;
        free(session);
    }
    cleat_query_free(registry->statements);
}

const cleat_error *
cleat_session_error(const cleat_session *session)
{
    static const cleat_error none = {
        .status = CLEAT_MISUSE,
        .text = "there is no session",
    };
    return session == NULL ? &none : &session->error;
}

bool
cleat_session_is_open(const cleat_session *session)
{
    return session->open && session->forks == cleat_forks;
}

const cleat_registry *
cleat_session_registry(const cleat_session *session)
{
    return session->registry;
}

const char *
cleat_session_database(const cleat_session *session)
{
    return session == NULL || session->database == NULL ? "" : session->database->schema->name;
}
