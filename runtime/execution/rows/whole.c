/* whole.c: several statements as one write. A savepoint makes all of them happen or none, inside of a
 * larger unit of work too: a call that fails has written nothing. The three statements for it are
 * prepared once for a connection, before anything is written: to take it back needs no memory. */
#include "call.h"

static int
prepare_once(const cleat_session *session, sqlite3_stmt **statement, const char *sql)
{
    if (*statement != NULL)
        return SQLITE_OK;
    return sqlite3_prepare_v3(session->connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                              statement, NULL);
}

static int
run(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    sqlite3_reset(statement);
    return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static cleat_status
fail(cleat_session *session, const struct entry *entry, int code, const char *sql)
{
    return cleat_session_fail_sqlite(session, code, entry->table->database, entry->table, sql);
}

cleat_status
cleat_whole_begin(cleat_session *session, const struct entry *entry)
{
    struct whole *whole = &session->connection->whole;
    int code = prepare_once(session, &whole->undo, "ROLLBACK TO cleat_whole");
    if (code == SQLITE_OK)
        code = prepare_once(session, &whole->release, "RELEASE cleat_whole");
    if (code == SQLITE_OK)
        code = prepare_once(session, &whole->savepoint, "SAVEPOINT cleat_whole");
    if (code == SQLITE_OK)
        code = run(whole->savepoint);
    return code == SQLITE_OK ? CLEAT_OK : fail(session, entry, code, "SAVEPOINT");
}

cleat_status
cleat_whole_undo(cleat_session *session, const struct entry *entry)
{
    int code = run(session->connection->whole.undo);
    if (code == SQLITE_OK)
        return CLEAT_OK;
    cleat_status rc = fail(session, entry, code, "ROLLBACK TO");
    if (!session->broken)
        cleat_unit_break(session);
    return rc;
}

/* An end that fails may leave its savepoint, which an outer undo must not take for its own. */
cleat_status
cleat_whole_end(cleat_session *session, const struct entry *entry, cleat_status rc)
{
    sqlite3_stmt *release = session->connection->whole.release;
    if (rc >= 0 && rc != CLEAT_NOT_FOUND) {
        int code = run(release);
        if (code == SQLITE_OK)
            return rc;
        rc = fail(session, entry, code, "RELEASE");
    }
    if (session->broken)
        return rc;
    cleat_status undone = cleat_whole_undo(session, entry);
    if (undone < 0)
        return undone;
    if (run(release) != SQLITE_OK)
        cleat_unit_break(session);
    return rc;
}
