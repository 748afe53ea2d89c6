/* savepoint.c: work within a unit of work that can be undone alone, to any depth. SQLite has all
 * savepoints under one name, and the session knows which is which: so three prepared statements
 * serve every depth, and undoing needs no memory. */
#include "rows/rows.h"

#include <stdio.h>
#include <stdlib.h>

void
cleat_savepoints_forget(cleat_session *session)
{
    session->savepoint_count = 0;
}

void
cleat_savepoints_free(cleat_session *session)
{
    free(session->savepoints);
    session->savepoints = NULL;
    session->savepoint_count = session->savepoint_capacity = 0;
}

static cleat_status
fail(cleat_session *session, int code, sqlite3_stmt *handle)
{
    return cleat_session_fail_sqlite(session, code, session->database->schema->name, NULL,
                                     sqlite3_sql(handle));
}

static cleat_status
grow(cleat_session *session)
{
    if (session->savepoint_count < session->savepoint_capacity)
        return CLEAT_OK;
    size_t capacity = session->savepoint_capacity == 0 ? 4 : session->savepoint_capacity * 2;
    struct savepoint *larger = realloc(session->savepoints, capacity * sizeof *larger);
    if (larger == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    session->savepoints = larger;
    session->savepoint_capacity = capacity;
    return CLEAT_OK;
}

cleat_status
cleat_savepoint(cleat_session *session, const char *name)
{
    cleat_status rc = cleat_session_enter(session);
    if (rc < 0)
        return rc;
    if (name == NULL || strlen(name) >= sizeof session->savepoints->name)
        return cleat_session_fail(session, CLEAT_MISUSE,
                                  "a savepoint has a name of at most 63 bytes");
    rc = grow(session);
    if (rc < 0)
        return rc;
    sqlite3_stmt *handle = session->connection->savepoint;
    int code = cleat_unit_step(session, handle);
    if (code != SQLITE_OK)
        return fail(session, code, handle);
    struct savepoint *savepoint = &session->savepoints[session->savepoint_count++];
    cleat_text_copy(savepoint->name, sizeof savepoint->name, name);
    savepoint->ticket = cleat_session_next_ticket(session);
    return CLEAT_OK;
}

/* Finds the latest savepoint of a name: *ret_depth counts those around it. */
static cleat_status
find(cleat_session *session, const char *name, size_t *ret_depth)
{
    /* not a call that would begin a unit: a savepoint without one is not there */
    cleat_status rc = cleat_session_enter_any(session);
    if (rc < 0)
        return rc;
    if (session->broken)
        return cleat_session_enter_slowly(session);
    size_t around = session->grouped ? 1 : 0; /* the one that keeps the units of a group apart */
    for (size_t i = session->savepoint_count; name != NULL && i > around; i--) {
        if (strcmp(session->savepoints[i - 1].name, name) == 0) {
            *ret_depth = i - 1;
            return CLEAT_OK;
        }
    }
    return cleat_session_fail(session, CLEAT_MISUSE, "the unit of work has no savepoint %s",
                              name == NULL ? "without a name" : name);
}

/* Releases savepoints until only `depth` are left. */
static cleat_status
release(cleat_session *session, size_t depth)
{
    sqlite3_stmt *handle = session->connection->release;
    while (session->savepoint_count > depth) {
        int code = cleat_unit_step(session, handle);
        if (code != SQLITE_OK)
            return fail(session, code, handle);
        session->savepoint_count--;
    }
    return CLEAT_OK;
}

cleat_status
cleat_savepoint_release(cleat_session *session, const char *name)
{
    size_t depth;
    cleat_status rc = find(session, name, &depth);
    return rc < 0 ? rc : release(session, depth);
}

/* Ends what was lent since a savepoint was set. */
static void
end_loans(cleat_session *session, uint64_t since)
{
    struct statement *held = session->held;
    while (held != NULL) {
        struct statement *next = held->held_after;
        if (held->ticket > since)
            cleat_cursor_end(session, held);
        held = next;
    }
    cleat_queries_end(session, since);
    cleat_streams_end(session->connection, since);
}

cleat_status
cleat_savepoint_keep(cleat_session *session, size_t depth)
{
    cleat_session_end_loan(session);
    end_loans(session, session->savepoints[depth].ticket);
    return release(session, depth);
}

cleat_status
cleat_savepoint_undo(cleat_session *session, size_t depth)
{
    cleat_session_end_loan(session);
    end_loans(session, session->savepoints[depth].ticket);
    cleat_status rc = release(session, depth + 1);
    if (rc < 0)
        return rc;
    sqlite3_stmt *handle = session->connection->rollback_to;
    int code = cleat_unit_step(session, handle);
    return code == SQLITE_OK ? CLEAT_OK : fail(session, code, handle);
}

cleat_status
cleat_savepoint_rollback(cleat_session *session, const char *name)
{
    size_t depth;
    cleat_status rc = find(session, name, &depth);
    return rc < 0 ? rc : cleat_savepoint_undo(session, depth);
}
