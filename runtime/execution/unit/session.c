/* session.c: opening and closing sessions, and their errors. A session has a connection of its own
 * from open to close; its unit of work begins with the first call and ends with commit, rollback or
 * close: see unit.c. Session objects are used again but never freed before the registry, so that a
 * stale pointer is an error and no crash. */
#include "atomic/atomic.h"

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
cleat_session_fail_table(cleat_session *session, cleat_status status, const cleat_table *table,
                         const char *what)
{
    cleat_session_fail(session, status, "%s.%s: %s", table->database, table->name, what);
    cleat_text_copy(session->error.database, sizeof session->error.database, table->database);
    cleat_text_copy(session->error.table, sizeof session->error.table, table->name);
    return status;
}

cleat_status
cleat_session_fail_readonly(cleat_session *session, const cleat_table *table)
{
    static const char what[] = "the session was opened with CLEAT_READ and cannot write";
    if (table == NULL)
        return cleat_session_fail(session, CLEAT_READONLY, "%s", what);
    return cleat_session_fail_table(session, CLEAT_READONLY, table, what);
}

cleat_status
cleat_session_fail_sqlite(cleat_session *session, int code, const char *database,
                          const cleat_table *table, const char *sql)
{
    sqlite3 *handle = session->connection->handle;
    cleat_status rc = cleat_error_sqlite(&session->error, handle, code, database, table, sql);
    if (rc == CLEAT_BUSY && cleat_streams_write(session->connection)) {
        /* nobody else is in the way: SQLite has no savepoints beside a value that it writes */
        rc = session->error.status = CLEAT_MISUSE;
        cleat_text_copy(session->error.text, sizeof session->error.text,
                        "a stream that writes is open: what may be undone alone waits until it is "
                        "closed");
    }
    session->connection->suspect |= rc == CLEAT_NOMEM;
    if (session->atomic)
        rc = cleat_capture_explain(session, code, rc);
    if (session->ready && sqlite3_get_autocommit(handle)) {
        session->ready = false;
        session->broken = true;
        cleat_unit_give_turns(session->connection);
    }
    return rc;
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
    cleat_error error;
    cleat_status rc = cleat_registry_choose(registry, name, ret_database, &error);
    return rc == CLEAT_OK ? rc : cleat_registry_fail(registry, &error);
}

static cleat_status
check_open(cleat_registry *registry, unsigned mode, cleat_session **ret_session)
{
    unsigned kind = mode & ~(unsigned)CLEAT_ATOMIC;
    cleat_status rc = cleat_registry_enter(registry);
    if (rc == CLEAT_OK && kind != CLEAT_READ && kind != CLEAT_WRITE)
        rc = fail_open(registry, CLEAT_MISUSE,
                       "a session is CLEAT_READ or CLEAT_WRITE, with or without CLEAT_ATOMIC");
    else if (rc == CLEAT_OK && ret_session == NULL)
        rc = fail_open(registry, CLEAT_MISUSE, "there is no place for the session");
    return rc;
}

/* What a session is opened over: a bit for each place. */
struct scope {
    struct database *own;
    unsigned places;
};

/* Every name is the session's own database or one that it attaches. */
static cleat_status
find_scope(cleat_registry *registry, const char *const *names, size_t count, struct scope *scope)
{
    cleat_error error;
    cleat_status rc = find_database(registry, names[0], &scope->own);
    scope->places = 1;
    for (size_t i = 1; rc == CLEAT_OK && i < count; i++) {
        struct database *other;
        rc = names[i] == NULL ? fail_open(registry, CLEAT_MISUSE, "a database without a name")
                              : find_database(registry, names[i], &other);
        if (rc != CLEAT_OK)
            return rc;
        int place = cleat_reach_find(scope->own, names[i]);
        if (place < 0) {
            cleat_error_set(&error, CLEAT_MISUSE,
                            "a session on %s cannot be opened over %s: they are not linked",
                            scope->own->schema->name, names[i]);
            cleat_text_copy(error.database, sizeof error.database, names[i]);
            return cleat_registry_fail(registry, &error);
        }
        scope->places |= 1u << place;
    }
    return rc;
}

static cleat_status
open_connection(cleat_registry *registry, struct database *database, bool atomic,
                struct connection **ret_connection)
{
    cleat_error error;
    cleat_status rc = CLEAT_OK;
    *ret_connection = atomic ? cleat_capture_take(registry, database) : cleat_pool_take(database);
    if (*ret_connection != NULL)
        return CLEAT_OK;
    if (atomic)
        rc = cleat_capture_open(registry, database, ret_connection, &error);
    else
        rc = cleat_connection_open(registry, database, ret_connection, &error);
    return rc < 0 ? cleat_registry_fail(registry, &error) : CLEAT_OK;
}

/* After SQLite ran out of memory, its full-text index may once take a sound file for a damaged one,
 * even behind a rollback: the next unit has a connection that knows nothing of it. */
cleat_status
cleat_session_renew(cleat_session *session)
{
    struct connection *old = session->connection, *fresh;
    cleat_registry *registry = session->registry;
    cleat_error error;
    cleat_status rc;
    if (old->capture != NULL)
        rc = cleat_capture_open(registry, session->database, &fresh, &error);
    else
        rc = cleat_connection_open(registry, session->database, &fresh, &error);
    if (rc < 0) {
        session->error = error;
        return rc;
    }
    session->connection = fresh;
    cleat_connection_close(old);
    return CLEAT_OK;
}

static void
give_connection(struct database *database, struct connection *connection)
{
    if (connection->capture != NULL)
        cleat_capture_give(database, connection);
    else
        cleat_pool_give(database, connection);
}

static void
prepare_session(cleat_session *session, cleat_registry *registry, const struct scope *scope,
                unsigned mode)
{
    if (session->error.status != CLEAT_OK) /* two kilobytes, which nearly never say anything */
        memset(&session->error, 0, sizeof session->error);
    memset(session->outcomes, CLEAT_OUTCOME_NONE, sizeof session->outcomes);
    session->registry = registry;
    session->database = scope->own;
    session->atomic = (mode & CLEAT_ATOMIC) != 0;
    session->mode = mode & ~(unsigned)CLEAT_ATOMIC;
    session->locked = session->mode == CLEAT_WRITE ? scope->places : 0;
    session->opened = atomic_fetch_add(&registry->tickets, CLEAT_TICKETS);
    session->forks = cleat_forks;
    session->timed = registry->timed;
    session->broken = false;
    session->open = true;
}

static cleat_status
open_session(cleat_registry *registry, const struct scope *scope, unsigned mode,
             cleat_session **ret_session)
{
    struct connection *connection;
    bool captures = mode == (CLEAT_WRITE | CLEAT_ATOMIC);
    cleat_status rc = open_connection(registry, scope->own, captures, &connection);
    if (rc != CLEAT_OK)
        return rc;
    cleat_session *session = take_session(registry);
    if (session == NULL) {
        give_connection(scope->own, connection);
        return fail_open(registry, CLEAT_NOMEM, "there is not enough memory");
    }
    session->connection = connection;
    prepare_session(session, registry, scope, mode);
    rc = cleat_unit_begin(session);
    if (rc < 0) {
        cleat_registry_fail(registry, &session->error);
        cleat_session_close(session);
        return rc;
    }
    *ret_session = session;
    return CLEAT_OK;
}

cleat_status
cleat_session_open(cleat_registry *registry, const char *database, unsigned mode,
                   cleat_session **ret_session)
{
    struct scope scope = {NULL, 1};
    cleat_status rc = check_open(registry, mode, ret_session);
    if (rc == CLEAT_OK)
        rc = find_database(registry, database, &scope.own);
    if (rc != CLEAT_OK)
        return rc;
    if (mode & CLEAT_ATOMIC)
        scope.places = (2u << scope.own->link_count) - 1;
    if (mode & CLEAT_ATOMIC)
        rc = cleat_atomic_choose(registry, scope.own, scope.places, &mode);
    return rc == CLEAT_OK ? open_session(registry, &scope, mode, ret_session) : rc;
}

cleat_status
cleat_session_open_over(cleat_registry *registry, const char *const *databases, size_t count,
                        unsigned mode, cleat_session **ret_session)
{
    struct scope scope = {0};
    cleat_status rc = check_open(registry, mode, ret_session);
    if (rc == CLEAT_OK && (databases == NULL || count == 0))
        rc = fail_open(registry, CLEAT_MISUSE, "a session over no database");
    if (rc == CLEAT_OK)
        rc = find_scope(registry, databases, count, &scope);
    if (rc == CLEAT_OK && (mode & CLEAT_ATOMIC))
        rc = cleat_atomic_choose(registry, scope.own, scope.places, &mode);
    return rc == CLEAT_OK ? open_session(registry, &scope, mode, ret_session) : rc;
}

void
cleat_session_close(cleat_session *session)
{
    if (session == NULL || session->forks != cleat_forks || !session->open || session->grouped)
        return;
    if (session->ready || session->broken) /* else commit has ended all that there was */
        cleat_session_rollback(session);
    cleat_ambient_forget(session);
    struct connection *connection = session->connection;
    session->connection = NULL;
    session->open = false;
    session->ready = false;
    give_connection(session->database, connection);
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
        cleat_savepoints_free(session);
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

uint64_t
cleat_session_opened(const cleat_session *session)
{
    return session->open && session->forks == cleat_forks ? session->opened : 0;
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
