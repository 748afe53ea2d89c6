/* marks.c: does a database have every commit that others have intended for it? A write unit asks
 * once it holds the lock, when nobody else can be in the middle of one; a read unit that wants
 * several databases as of one moment asks until the answer is yes. The last intent is read on a
 * connection of the home's own, the watch, so that no snapshot of the unit hides it. Databases that
 * never took part are recognised by their unchanged content, for a few nanoseconds. */
#include "atomic.h"
#include "file/file.h"

#include <stdlib.h>
#include <time.h>

struct watch {
    pthread_mutex_t mutex;
    sqlite3 *handle;
    sqlite3_stmt *last;
};

#define LAST_SQL "SELECT max(id) FROM cleat_intents WHERE peer=?1"
#define INTENDS_SQL "SELECT count(*) FROM sqlite_schema WHERE name='cleat_intents'"

/* ---- watches ---- */

/* A home that was made anew has no intents, whatever marks its peers have. */
static int
prepare_watch(struct watch *watch)
{
    int count = 0;
    int rc = cleat_ask_number(watch->handle, INTENDS_SQL, &count);
    if (rc == SQLITE_OK && count > 0)
        rc = sqlite3_prepare_v3(watch->handle, LAST_SQL, -1, SQLITE_PREPARE_PERSISTENT,
                                &watch->last, NULL);
    return rc;
}

static cleat_status
open_watch(const struct database *home, struct watch *watch, cleat_error *error)
{
    cleat_status rc = CLEAT_OK;
    if (watch->handle == NULL)
        rc = cleat_plain_open(home, &watch->handle, error);
    if (rc < 0)
        return rc;
    int code = prepare_watch(watch);
    return code == SQLITE_OK
               ? CLEAT_OK
               : cleat_error_sqlite(error, watch->handle, code, home->schema->name, NULL, LAST_SQL);
}

static struct watch *
find_watch(cleat_registry *registry, struct database *home)
{
    pthread_mutex_lock(&registry->mutex);
    struct watch *watch = home->watch;
    if (watch == NULL) {
        watch = calloc(1, sizeof *watch);
        if (watch != NULL)
            pthread_mutex_init(&watch->mutex, NULL);
        home->watch = watch;
    }
    pthread_mutex_unlock(&registry->mutex);
    return watch;
}

void
cleat_watch_close(struct database *database)
{
    struct watch *watch = database->watch;
    if (watch == NULL)
        return;
    sqlite3_finalize(watch->last);
    sqlite3_close(watch->handle);
    pthread_mutex_destroy(&watch->mutex);
    free(watch);
    database->watch = NULL;
}

/* The number of the last intent that a home has for a peer, 0 for none. */
static cleat_status
ask_watch(cleat_registry *registry, struct database *home, const struct database *peer,
          int64_t *ret_last, cleat_error *error)
{
    struct watch *watch = find_watch(registry, home);
    cleat_status rc = CLEAT_OK;
    if (watch == NULL)
        return cleat_error_memory(error);
    pthread_mutex_lock(&watch->mutex);
    *ret_last = 0;
    if (watch->last == NULL)
        rc = open_watch(home, watch, error);
    if (rc == CLEAT_OK && watch->last != NULL) {
        sqlite3_bind_text(watch->last, 1, peer->schema->name, -1, SQLITE_STATIC);
        if (sqlite3_step(watch->last) == SQLITE_ROW)
            *ret_last = sqlite3_column_int64(watch->last, 0);
        int code = sqlite3_reset(watch->last);
        if (code != SQLITE_OK)
            rc = cleat_error_sqlite(error, watch->handle, code, home->schema->name, NULL,
                                    sqlite3_sql(watch->last));
    }
    pthread_mutex_unlock(&watch->mutex);
    return rc;
}

/* ---- what a connection knows ---- */

static cleat_status
fail(cleat_session *session, size_t place, int code, const char *sql)
{
    const char *name = cleat_reach_at(session->database, place)->schema->name;
    return cleat_session_fail_sqlite(session, code, name, NULL, sql);
}

/* Prepares a statement about a place, once. */
static cleat_status
prepare(cleat_session *session, size_t place, const char *format, sqlite3_stmt **ret_handle)
{
    if (*ret_handle != NULL)
        return CLEAT_OK;
    char *sql = sqlite3_mprintf(format, cleat_reach_at(session->database, place)->schema->name);
    int code = SQLITE_NOMEM;
    if (sql != NULL)
        code = sqlite3_prepare_v3(session->connection->handle, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                  ret_handle, NULL);
    cleat_status rc = code == SQLITE_OK ? CLEAT_OK : fail(session, place, code, sql);
    sqlite3_free(sql);
    return rc;
}

/* Runs a statement that answers with one number. */
static cleat_status
ask(cleat_session *session, size_t place, sqlite3_stmt *handle, int64_t *ret_number)
{
    *ret_number = 0;
    if (sqlite3_step(handle) == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(handle, 0);
    int code = sqlite3_reset(handle);
    return code == SQLITE_OK ? CLEAT_OK : fail(session, place, code, sqlite3_sql(handle));
}

#define NOTES_SQL                                                                                  \
    "SELECT coalesce(sum(CASE name WHEN 'cleat_marks' THEN 1 ELSE 2 END), 0)"                      \
    " FROM \"%w\".sqlite_schema WHERE name IN ('cleat_marks', 'cleat_intents')"

/* Whether a place has marks, or intents, as the unit sees it. Its content is the same while the
 * version is, its tables while the cookie is. What is locked has its version from the start; a view
 * for reading begins with the first statement. */
static cleat_status
look_closely(cleat_session *session, size_t place)
{
    struct reach *reach = &session->connection->reach[place];
    sqlite3 *handle = session->connection->handle;
    const char *name = cleat_reach_at(session->database, place)->schema->name;
    bool locked = session->mode == CLEAT_WRITE;
    uint32_t version = 0;
    int64_t cookie = 0;
    if (locked)
        sqlite3_file_control(handle, name, SQLITE_FCNTL_DATA_VERSION, &version);
    if (locked && reach->schema != NULL && reach->version == version)
        return CLEAT_OK;
    cleat_status rc = prepare(session, place, "PRAGMA \"%w\".schema_version", &reach->schema);
    if (rc == CLEAT_OK)
        rc = ask(session, place, reach->schema, &cookie);
    if (rc < 0)
        return rc;
    if (!locked)
        sqlite3_file_control(handle, name, SQLITE_FCNTL_DATA_VERSION, &version);
    reach->version = version;
    if (cookie == reach->cookie)
        return CLEAT_OK;
    sqlite3_stmt *found = NULL;
    int64_t notes = 0;
    rc = prepare(session, place, NOTES_SQL, &found);
    if (rc == CLEAT_OK)
        rc = ask(session, place, found, &notes);
    sqlite3_finalize(found);
    reach->marked = (notes & 1) != 0;
    reach->intends = (notes & 2) != 0;
    reach->cookie = rc == CLEAT_OK ? cookie : 0;
    if (rc == CLEAT_OK && reach->marked)
        rc = prepare(session, place, "SELECT home, id FROM \"%w\".cleat_marks", &reach->marks);
    return rc;
}

/* What was seen up to a failure is no knowledge: the next unit looks anew. */
static cleat_status
look(cleat_session *session, size_t place)
{
    struct reach *reach = &session->connection->reach[place];
    cleat_status rc = look_closely(session, place);
    if (rc < 0) {
        sqlite3_finalize(reach->schema);
        reach->schema = NULL;
        reach->cookie = 0;
    }
    return rc;
}

/* ---- under the lock ---- */

/* Compares the mark that a statement is at. CLEAT_FOUND: the home has more. */
static cleat_status
compare_mark(cleat_session *session, size_t place, sqlite3_stmt *marks)
{
    cleat_registry *registry = session->registry;
    struct database *peer = cleat_reach_at(session->database, place);
    struct capture *capture = session->connection->capture;
    struct database *home = cleat_registry_find(registry,
                                                (const char *)sqlite3_column_text(marks, 0));
    int64_t mark = sqlite3_column_int64(marks, 1), last = 0;
    if (home == NULL)
        return CLEAT_OK;
    cleat_status rc = ask_watch(registry, home, peer, &last, &session->error);
    if (rc == CLEAT_OK && capture != NULL && home == session->database)
        capture->ids[place] = (last > mark ? last : mark) + 1;
    return rc == CLEAT_OK && last > mark ? CLEAT_FOUND : rc;
}

static cleat_status
check_place(cleat_session *session, size_t place, struct database **ret_torn)
{
    struct database *peer = cleat_reach_at(session->database, place);
    cleat_status rc = look(session, place);
    if (rc < 0 || !session->connection->reach[place].marked)
        return rc;
    sqlite3_stmt *marks = session->connection->reach[place].marks;
    while (rc == CLEAT_OK && sqlite3_step(marks) == SQLITE_ROW)
        rc = compare_mark(session, place, marks);
    int code = sqlite3_reset(marks);
    if (rc == CLEAT_FOUND)
        *ret_torn = peer;
    else if (rc == CLEAT_OK && code != SQLITE_OK)
        rc = fail(session, place, code, sqlite3_sql(marks));
    return rc;
}

cleat_status
cleat_marks_check_places(cleat_session *session, unsigned places, struct database **ret_torn)
{
    cleat_status rc = CLEAT_OK;
    for (size_t place = 0; rc == CLEAT_OK && places >> place != 0; place++)
        if ((places >> place & 1) && cleat_reach_at(session->database, place)->linked)
            rc = check_place(session, place, ret_torn);
    return rc;
}

/* ---- several databases as of one moment ---- */

/* Whether the mark that a statement is at is the last intent of its home, as this unit sees both.
 * The home may be seen as it was before it had any. CLEAT_FOUND: it is not. */
static cleat_status
meet_mark(cleat_session *session, size_t place, sqlite3_stmt *marks, unsigned *seen)
{
    int home = cleat_reach_find(session->database, (const char *)sqlite3_column_text(marks, 0));
    int64_t mark = sqlite3_column_int64(marks, 1), last = 0;
    if (home < 0)
        return CLEAT_OK;
    if (!session->connection->reach[home].intends)
        return mark == 0 ? CLEAT_OK : CLEAT_FOUND;
    *seen |= 1u << home;
    sqlite3_stmt **handle = &session->connection->reach[home].last;
    cleat_status rc = prepare(session, (size_t)home,
                              "SELECT max(id) FROM \"%w\".cleat_intents WHERE peer=?1", handle);
    if (rc < 0)
        return rc;
    const char *peer = cleat_reach_at(session->database, place)->schema->name;
    sqlite3_bind_text(*handle, 1, peer, -1, SQLITE_STATIC);
    rc = ask(session, (size_t)home, *handle, &last);
    return rc == CLEAT_OK && last != mark ? CLEAT_FOUND : rc;
}

static cleat_status
meet_marks(cleat_session *session, size_t place, unsigned *seen)
{
    sqlite3_stmt *marks = session->connection->reach[place].marks;
    cleat_status rc = CLEAT_OK;
    *seen |= 1u << place;
    while (rc == CLEAT_OK && sqlite3_step(marks) == SQLITE_ROW)
        rc = meet_mark(session, place, marks, seen);
    int code = sqlite3_reset(marks);
    if (rc == CLEAT_OK && code != SQLITE_OK)
        rc = fail(session, place, code, sqlite3_sql(marks));
    return rc;
}

/* Whether what is known of the places is so in this view, which has them all from then on. Those
 * that a statement has read are only looked at again when they have changed. */
static cleat_status
confirm(cleat_session *session, unsigned seen, bool *ret_same)
{
    sqlite3 *handle = session->connection->handle;
    cleat_status rc = CLEAT_OK;
    *ret_same = true;
    for (size_t place = 0; rc == CLEAT_OK && place <= session->database->link_count; place++) {
        struct reach *reach = &session->connection->reach[place];
        const char *name = cleat_reach_at(session->database, place)->schema->name;
        bool marked = reach->marked, intends = reach->intends;
        uint32_t version = 0;
        sqlite3_file_control(handle, name, SQLITE_FCNTL_DATA_VERSION, &version);
        if ((seen >> place & 1) != 0 && version == reach->version)
            continue;
        rc = look(session, place);
        *ret_same = *ret_same && marked == reach->marked && intends == reach->intends;
    }
    return rc;
}

static cleat_status
meet(cleat_session *session, struct database **ret_torn)
{
    cleat_status rc = CLEAT_OK;
    bool same = true;
    for (size_t place = 0; rc == CLEAT_OK && place <= session->database->link_count; place++)
        if (session->connection->reach[place].schema == NULL)
            rc = look(session, place);
    do {
        unsigned seen = 0;
        cleat_status met = rc;
        for (size_t place = 0; met == CLEAT_OK && place <= session->database->link_count; place++) {
            if (!session->connection->reach[place].marked)
                continue;
            met = meet_marks(session, place, &seen);
            if (met == CLEAT_FOUND)
                *ret_torn = cleat_reach_at(session->database, place);
        }
        rc = met < 0 ? met : confirm(session, seen, &same);
        if (rc == CLEAT_OK && same)
            return met;
    } while (rc == CLEAT_OK);
    return rc;
}

/* Takes another view, a little later. */
static cleat_status
look_again(cleat_session *session, int turn)
{
    int64_t pause = INT64_C(20000) << (turn < 8 ? turn : 8);
    struct timespec time = {0, (long)pause};
    int code = cleat_unit_step(session, session->connection->rollback);
    nanosleep(&time, NULL);
    if (code == SQLITE_OK)
        code = cleat_unit_step(session, session->connection->begin);
    return code == SQLITE_OK ? CLEAT_OK : fail(session, 0, code, "BEGIN");
}

/* Takes views until one has all databases after the same commits. What never meets, though nobody
 * is writing, was cut short. */
static cleat_status
shake_hands(cleat_session *session, struct database **ret_torn)
{
    enum { PATIENCE = 24 };
    int64_t deadline = cleat_clock() +
                       session->database->options.busy_timeout_ms * INT64_C(1000000);
    cleat_status rc = meet(session, ret_torn);
    for (int turn = 0; rc == CLEAT_FOUND && turn < PATIENCE && cleat_clock() <= deadline; turn++) {
        rc = look_again(session, turn);
        if (rc == CLEAT_OK)
            rc = meet(session, ret_torn);
    }
    return rc;
}

cleat_status
cleat_marks_check(cleat_session *session, struct database **ret_torn)
{
    if (session->mode == CLEAT_WRITE)
        return cleat_marks_check_places(session, session->locked, ret_torn);
    return session->atomic ? shake_hands(session, ret_torn) : CLEAT_OK;
}
