/* forget.c: takes intents out of a home that its peer will never ask for again: those up to the mark
 * that the peer has on disk, but for the last one, whose number goes on. Commits do so now and then;
 * here it is done for processes that make few of them, when a registry closes and when one opens
 * after a process that could not. */
#include "atomic.h"

#include <stdlib.h>

/* So long a registry that closes waits for a lock, in nanoseconds. */
#define PATIENCE INT64_C(100000000)

int
cleat_log_sync(sqlite3 *handle, const struct database *database)
{
    bool logged = strcmp(database->options.journal_mode, "WAL") == 0;
    sqlite3_file *file = NULL;
    int rc = sqlite3_file_control(handle, database->schema->name,
                                  logged ? SQLITE_FCNTL_JOURNAL_POINTER : SQLITE_FCNTL_FILE_POINTER,
                                  (void *)&file);
    if (rc != SQLITE_OK || strcmp(database->options.synchronous, "OFF") == 0 || file == NULL ||
        file->pMethods == NULL)
        return SQLITE_NOTFOUND;
    return file->pMethods->xSync(file, SQLITE_SYNC_NORMAL);
}

static int
ask(sqlite3 *handle, const char *sql, const char *name, int64_t *ret_first, int64_t *ret_second)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        *ret_first = sqlite3_column_int64(statement, 0);
        *ret_second = sqlite3_column_int64(statement, 1);
    }
    int end = sqlite3_finalize(statement);
    if (rc == SQLITE_OK)
        rc = end;
    return rc;
}

int
cleat_intents_forget(sqlite3 *home, sqlite3 *peer, const struct database *database, int64_t mark)
{
    const char *name = database->schema->name;
    sqlite3_stmt *statement = NULL;
    int64_t least = 0, last = 0;
    int rc = ask(home, "SELECT min(id), max(id) FROM cleat_intents WHERE peer=?1", name, &least,
                 &last);
    int64_t end = mark < last ? mark : last - 1;
    if (rc != SQLITE_OK || least == 0 || least > end)
        return rc;
    rc = cleat_log_sync(peer, database);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(home, "DELETE FROM cleat_intents WHERE peer=?1 AND id<=?2", -1,
                                &statement, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, end);
    sqlite3_step(statement);
    return sqlite3_finalize(statement);
}

/* What fails here is done another time. */
static void
forget_place(const struct connection *connection, size_t place)
{
    const struct database *peer = cleat_reach_at(connection->database, place);
    int64_t mark = 0, none;
    char *sql = cleat_text("SELECT id, 0 FROM \"%s\".cleat_marks WHERE home=?1",
                           peer->schema->name);
    if (sql != NULL &&
        ask(connection->handle, sql, connection->database->schema->name, &mark, &none) == SQLITE_OK)
        cleat_intents_forget(connection->handle, connection->handle, peer, mark);
    free(sql);
}

void
cleat_captures_forget(struct database *database)
{
    struct connection *connection = database->captures;
    if (connection == NULL || connection->suspect)
        return;
    connection->patience = PATIENCE;
    for (size_t place = 1; place <= database->link_count; place++)
        if (connection->capture->ready >> place & 1)
            forget_place(connection, place);
}
