/* atomic.c: units over several databases that are whole through crashes. Their writes have become
 * intents of the home by the time they commit; what is added then is each peer's mark. SQLite
 * commits the home first, and on disk, so that a peer that is cut off can be completed. */
#include "atomic.h"

#include <stdio.h>

/* ---- which sessions need it ---- */

static bool
has_log(const struct database *database)
{
    return strcmp(database->options.journal_mode, "WAL") == 0;
}

/* Files with rollback journals share a super-journal, which makes plain SQL whole. A mixture is
 * whole only when the home has the log: it is committed first then. */
cleat_status
cleat_atomic_choose(cleat_registry *registry, const struct database *own, unsigned places,
                    unsigned *mode)
{
    const struct database *logged = NULL;
    if (*mode & CLEAT_READ)
        return CLEAT_OK;
    for (size_t place = 1; places >> place != 0; place++)
        if ((places >> place & 1) && has_log(cleat_reach_at(own, place)))
            logged = cleat_reach_at(own, place);
    if (places == 1 || (logged == NULL && !has_log(own))) {
        *mode &= ~(unsigned)CLEAT_ATOMIC;
        return CLEAT_OK;
    }
    if (has_log(own))
        return CLEAT_OK;
    cleat_error error;
    cleat_error_set(&error, CLEAT_MISUSE,
                    "an atomic session on %s cannot write %s: the one has a rollback journal, the "
                    "other a write-ahead log; open it on %s",
                    own->schema->name, logged->schema->name, logged->schema->name);
    cleat_text_copy(error.database, sizeof error.database, logged->schema->name);
    return cleat_registry_fail(registry, &error);
}

/* ---- before ---- */

static int
run(const struct connection *connection, const char *format, const char *name)
{
    char *sql = sqlite3_mprintf(format, name);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_exec(connection->handle, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    return rc;
}

static const char *
name_at(const cleat_session *session, size_t place)
{
    return cleat_reach_at(session->database, place)->schema->name;
}

/* Whether a place is one whose changes are captured in this session. */
static bool
is_peer(const cleat_session *session, size_t place)
{
    return place > 0 && (session->locked >> place & 1) != 0;
}

static bool
is_always_full(const struct database *database)
{
    const char *setting = database->options.synchronous;
    return strcmp(setting, "FULL") == 0 || strcmp(setting, "EXTRA") == 0;
}

/* Peers are brought to disk now and then, so that their intents can be forgotten. */
static int
set_full(const cleat_session *session, bool full)
{
    struct capture *capture = session->connection->capture;
    const char *format = full ? "PRAGMA \"%w\".synchronous=FULL"
                              : "PRAGMA \"%w\".synchronous=NORMAL";
    int rc = SQLITE_OK;
    for (size_t place = 1; rc == SQLITE_OK && place <= session->database->link_count; place++)
        if (!is_always_full(cleat_reach_at(session->database, place)))
            rc = run(session->connection, format, name_at(session, place));
    capture->full = full && rc == SQLITE_OK;
    return rc;
}

static cleat_status
prepare_statements(cleat_session *session)
{
    struct capture *capture = session->connection->capture;
    sqlite3 *handle = session->connection->handle;
    int rc = SQLITE_OK;
    if (capture->forget == NULL)
        rc = sqlite3_prepare_v3(handle, "DELETE FROM cleat_intents WHERE peer=?1 AND id<=?2", -1,
                                SQLITE_PREPARE_PERSISTENT, &capture->forget, NULL);
    if (rc == SQLITE_OK && capture->find == NULL)
        rc = sqlite3_prepare_v3(handle, "SELECT 1 FROM cleat_intents WHERE peer=?1 AND id=?2", -1,
                                SQLITE_PREPARE_PERSISTENT, &capture->find, NULL);
    for (size_t place = 1; rc == SQLITE_OK && place <= session->database->link_count; place++) {
        if (!is_peer(session, place) || capture->marks[place] != NULL)
            continue;
        char *sql = sqlite3_mprintf("UPDATE \"%w\".cleat_marks SET id=?2 WHERE home=?1",
                                    name_at(session, place));
        rc = sql == NULL ? SQLITE_NOMEM
                         : sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                              &capture->marks[place], NULL);
        sqlite3_free(sql);
    }
    if (rc == SQLITE_OK)
        return CLEAT_OK;
    return cleat_session_fail_sqlite(session, rc, session->database->schema->name, NULL, NULL);
}

cleat_status
cleat_atomic_prepare(cleat_session *session)
{
    struct capture *capture = session->connection->capture;
    cleat_status rc = CLEAT_OK;
    bool full = false;
    if (capture == NULL)
        return CLEAT_OK;
    capture->open = session->locked & ~1u;
    capture->part = 0;
    for (size_t place = 1; rc == CLEAT_OK && capture->open >> place != 0; place++) {
        if (!is_peer(session, place))
            continue;
        if ((capture->ready >> place & 1) == 0)
            rc = cleat_capture_begin(session, place);
        full = full || capture->commits[place] >= CLEAT_INTENTS_KEPT;
    }
    if (rc == CLEAT_OK)
        rc = prepare_statements(session);
    if (rc < 0 || full == capture->full)
        return rc;
    int code = set_full(session, full);
    if (code == SQLITE_OK)
        return CLEAT_OK;
    return cleat_session_fail_sqlite(session, code, session->database->schema->name, NULL,
                                     "PRAGMA synchronous");
}

/* ---- at the commit ---- */

static int
run_about(const cleat_session *session, sqlite3_stmt *handle, const char *name, int64_t id)
{
    sqlite3_bind_text(handle, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(handle, 2, id);
    return cleat_unit_step(session, handle);
}

/* Whether the unit has changed a row of the place. */
static int
has_intent(const cleat_session *session, size_t place, bool *ret_has)
{
    const struct capture *capture = session->connection->capture;
    sqlite3_bind_text(capture->find, 1, name_at(session, place), -1, SQLITE_STATIC);
    sqlite3_bind_int64(capture->find, 2, capture->ids[place]);
    *ret_has = sqlite3_step(capture->find) == SQLITE_ROW;
    return sqlite3_reset(capture->find);
}

static int
finish_place(const cleat_session *session, size_t place)
{
    struct capture *capture = session->connection->capture;
    bool has = false;
    int rc = has_intent(session, place, &has);
    if (rc != SQLITE_OK || !has) {
        capture->open &= ~(1u << place);
        return rc;
    }
    rc = run_about(session, capture->marks[place], session->database->schema->name,
                   capture->ids[place]);
    if (rc == SQLITE_OK && capture->lasting[place] > 0)
        rc = run_about(session, capture->forget, name_at(session, place), capture->lasting[place]);
    return rc;
}

cleat_status
cleat_atomic_finish(cleat_session *session)
{
    int rc = SQLITE_OK;
    size_t place = 1;
    session->connection->capture->open = session->locked & ~1u;
    for (; rc == SQLITE_OK && session->locked >> place != 0; place++)
        if (is_peer(session, place))
            rc = finish_place(session, place);
    if (rc == SQLITE_OK)
        return CLEAT_OK;
    return cleat_session_fail_sqlite(session, rc, name_at(session, place - 1), NULL,
                                     "the intents of the unit");
}

/* ---- after ---- */

void
cleat_atomic_committed(cleat_session *session)
{
    struct capture *capture = session->connection->capture;
    if (capture == NULL)
        return;
    for (size_t place = 1; capture->open >> place != 0; place++) {
        if ((capture->open >> place & 1) == 0)
            continue;
        capture->lasting[place] = capture->full ? capture->ids[place] : 0;
        capture->commits[place] = capture->full ? 0 : capture->commits[place] + 1;
    }
}

cleat_status
cleat_atomic_complete(cleat_session *session, unsigned committed, unsigned written)
{
    cleat_error error;
    bool whole = true;
    for (size_t place = 0; written >> place != 0; place++) {
        if ((written >> place & 1) == 0 || (committed >> place & 1) != 0)
            continue;
        struct database *peer = cleat_reach_at(session->database, place);
        bool done = cleat_redo_database(session->registry, peer, &error) == CLEAT_OK;
        session->outcomes[place] = done ? CLEAT_OUTCOME_COMMITTED : CLEAT_OUTCOME_PENDING;
        whole = whole && done;
    }
    if (!whole) {
        cleat_unit_fail_partial(session);
        return session->error.status;
    }
    memset(&session->error, 0, sizeof session->error);
    session->broken = false;
    return CLEAT_OK;
}
