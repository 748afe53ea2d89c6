/* redo.c: completes commits that a crash has cut short. Takes a database whose marks are behind the
 * intents of other databases; makes the missing changes of rows, exactly as they were made, and the
 * marks in one transaction, on disk. Triggers and foreign keys are off, for what they did was
 * written down too; full-text indexes, which only triggers keep, are built again. */
#include "atomic.h"
#include "file/file.h"

#include "sql_put.h"

#include <stdlib.h>
#include <sys/stat.h>

cleat_status
cleat_plain_open(const struct database *database, sqlite3 **ret_handle, cleat_error *error)
{
    sqlite3 *handle = NULL;
    int rc = cleat_handle_open(database->path, database->schema->flags, &handle);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_MAINDBNAME, database->schema->name);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_busy_timeout(handle, database->options.busy_timeout_ms);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, "PRAGMA synchronous=FULL", NULL, NULL, NULL);
    if (rc == SQLITE_OK) {
        *ret_handle = handle;
        return CLEAT_OK;
    }
    cleat_status status = cleat_error_sqlite(error, handle, rc, database->schema->name, NULL, NULL);
    sqlite3_close(handle);
    return status;
}

/* ---- changes as SQL ---- */

/* What is being completed. */
struct redo {
    const struct database *peer, *home;
    sqlite3 *to, *from;
    int64_t mark;   /* the last intent that the peer has */
    int64_t change; /* the kind that `statement` is for; 0 for none */
    sqlite3_stmt *statement;
    size_t intents, rows;
};

static void
put_column(struct buffer *sql, const char *name, size_t length)
{
    char *copy = cleat_text("%.*s", (int)length, name);
    cleat_put_name(sql, copy == NULL ? "" : copy);
    sql->failed = sql->failed || copy == NULL;
    free(copy);
}

/* Columns from a list of packed names, the first `count` of them, each with what stands between.
 * The list is behind them then. */
static void
put_columns(struct buffer *sql, const unsigned char **bytes, size_t *size, size_t count,
            const char *between, const char *compare, unsigned parameter)
{
    const char *name;
    size_t length;
    for (size_t i = 0; i < count && cleat_unpack_text(bytes, size, &name, &length); i++) {
        cleat_put(sql, i == 0 ? "" : between);
        put_column(sql, name, length);
        cleat_put(sql, compare);
        if (compare[0] != '\0')
            cleat_put_parameter(sql, parameter + (unsigned)i);
    }
}

static size_t
count_columns(const unsigned char *bytes, size_t size)
{
    const char *name;
    size_t length, count = 0;
    while (cleat_unpack_text(&bytes, &size, &name, &length))
        count++;
    return count;
}

static char *
write_insert(const char *table, const unsigned char *bytes, size_t size)
{
    struct buffer sql = {0};
    size_t count = count_columns(bytes, size);
    cleat_put(&sql, "INSERT OR REPLACE INTO ");
    cleat_put_name(&sql, table);
    cleat_put(&sql, " (");
    put_columns(&sql, &bytes, &size, count, ",", "", 0);
    cleat_put(&sql, ") VALUES (");
    for (unsigned i = 1; i <= count; i++) {
        cleat_put(&sql, i == 1 ? "" : ",");
        cleat_put_parameter(&sql, i);
    }
    cleat_put(&sql, ")");
    return cleat_take(&sql);
}

/* An update or, where there are no columns but the key's, a delete. */
static char *
write_by_key(const char *table, size_t keys, const unsigned char *bytes, size_t size)
{
    struct buffer sql = {0};
    const char *name;
    const unsigned char *set = bytes; /* the columns behind the key's */
    size_t count = count_columns(bytes, size), left = size, length;
    for (size_t i = 0; i < keys; i++)
        cleat_unpack_text(&set, &left, &name, &length);
    cleat_put(&sql, count > keys ? "UPDATE OR REPLACE " : "DELETE FROM ");
    cleat_put_name(&sql, table);
    cleat_put(&sql, count > keys ? " SET " : "");
    put_columns(&sql, &set, &left, count - keys, ",", "=", (unsigned)keys + 1);
    cleat_put(&sql, " WHERE ");
    put_columns(&sql, &bytes, &size, keys, " AND ", " IS ", 1);
    return cleat_take(&sql);
}

/* Prepares the statement for a kind of change, from the columns of LIST_SQL. */
static int
prepare_change(struct redo *redo, sqlite3_stmt *list)
{
    const char *change = (const char *)sqlite3_column_text(list, 3);
    const char *table = (const char *)sqlite3_column_text(list, 4);
    int64_t keys = sqlite3_column_int64(list, 5);
    const unsigned char *bytes = sqlite3_column_blob(list, 6);
    size_t size = (size_t)sqlite3_column_bytes(list, 6);
    bool inserts = change != NULL && strcmp(change, "insert") == 0;
    sqlite3_finalize(redo->statement);
    redo->statement = NULL;
    redo->change = 0;
    if (change == NULL || table == NULL || bytes == NULL || keys < 0 ||
        (size_t)keys > count_columns(bytes, size) || (!inserts && keys == 0))
        return SQLITE_CORRUPT;
    char *sql = inserts ? write_insert(table, bytes, size)
                        : write_by_key(table, (size_t)keys, bytes, size);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_prepare_v2(redo->to, sql, -1, &redo->statement, NULL);
    free(sql);
    if (rc == SQLITE_OK)
        redo->change = sqlite3_column_int64(list, 1);
    return rc;
}

/* ---- making them ---- */

#define LIST_SQL                                                                                   \
    "SELECT i.id, i.change, i.\"row\", c.change, c.\"table\", c.keys, c.columns"                   \
    " FROM cleat_intents AS i JOIN cleat_changes AS c ON c.id = i.change"                          \
    " WHERE i.peer=?1 AND i.id>?2 ORDER BY i.id, i.part"

/* Makes one change; it must find the database as it was. */
static int
make_change(struct redo *redo, sqlite3_stmt *list)
{
    int rc = SQLITE_OK;
    if (redo->change != sqlite3_column_int64(list, 1))
        rc = prepare_change(redo, list);
    if (rc == SQLITE_OK)
        rc = cleat_unpack(sqlite3_column_blob(list, 2), (size_t)sqlite3_column_bytes(list, 2),
                          redo->statement);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_step(redo->statement);
    rc = sqlite3_reset(redo->statement);
    if (rc == SQLITE_OK && sqlite3_changes(redo->to) != 1)
        rc = SQLITE_MISMATCH;
    redo->rows++;
    return rc;
}

static int
bind_range(const struct redo *redo, sqlite3_stmt *statement)
{
    sqlite3_bind_text(statement, 1, redo->peer->schema->name, -1, SQLITE_STATIC);
    return sqlite3_bind_int64(statement, 2, redo->mark);
}

/* Makes all changes that come after the mark; *ret_last is the intent that they end with. Intents
 * follow one another, so a gap means that the file is not the one they were meant for. */
static int
make_changes(struct redo *redo, int64_t *ret_last)
{
    sqlite3_stmt *list = NULL;
    int step = SQLITE_DONE;
    *ret_last = redo->mark;
    int rc = sqlite3_prepare_v2(redo->from, LIST_SQL, -1, &list, NULL);
    if (rc == SQLITE_OK)
        rc = bind_range(redo, list);
    while (rc == SQLITE_OK && (step = sqlite3_step(list)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(list, 0);
        if (id > *ret_last + 1)
            rc = SQLITE_NOTFOUND;
        else
            rc = make_change(redo, list);
        redo->intents += id != *ret_last;
        *ret_last = id;
    }
    sqlite3_finalize(list);
    sqlite3_finalize(redo->statement);
    redo->statement = NULL;
    redo->change = 0;
    return rc != SQLITE_OK ? rc : step == SQLITE_DONE ? SQLITE_OK : step;
}

/* ---- full-text indexes ---- */

#define TOUCHED_SQL                                                                                \
    "SELECT DISTINCT c.\"table\" FROM cleat_intents AS i JOIN cleat_changes AS c"                  \
    " ON c.id = i.change WHERE i.peer=?1 AND i.id>?2"
#define INDEXES_SQL                                                                                \
    "SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'"             \
    " AND instr(sql, ?1) > 0"

static int
rebuild_over(const struct redo *redo, const char *table)
{
    sqlite3_stmt *list = NULL;
    int rc = sqlite3_prepare_v2(redo->to, INDEXES_SQL, -1, &list, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(list, 1, table, -1, SQLITE_STATIC);
    while (rc == SQLITE_OK && sqlite3_step(list) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(list, 0);
        char *sql = sqlite3_mprintf("INSERT INTO \"%w\" (\"%w\") VALUES ('rebuild')", name, name);
        rc = sql == NULL ? SQLITE_NOMEM : sqlite3_exec(redo->to, sql, NULL, NULL, NULL);
        sqlite3_free(sql);
    }
    int end = sqlite3_finalize(list);
    return rc == SQLITE_OK ? end : rc;
}

static int
rebuild_indexes(const struct redo *redo)
{
    sqlite3_stmt *list = NULL;
    int rc = sqlite3_prepare_v2(redo->from, TOUCHED_SQL, -1, &list, NULL);
    if (rc == SQLITE_OK)
        rc = bind_range(redo, list);
    while (rc == SQLITE_OK && sqlite3_step(list) == SQLITE_ROW)
        rc = rebuild_over(redo, (const char *)sqlite3_column_text(list, 0));
    int end = sqlite3_finalize(list);
    return rc == SQLITE_OK ? end : rc;
}

/* ---- a database ---- */

/* Finds the mark of the first home behind a name: SQLITE_ROW, or SQLITE_DONE after the last. */
static int
next_mark(sqlite3 *handle, char *name, size_t size, int64_t *ret_mark)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle,
                                "SELECT home, id FROM cleat_marks WHERE home>?1 ORDER BY home"
                                " LIMIT 1",
                                -1, &statement, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC); /* a copy might find no memory */
    rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        cleat_text_copy(name, size, (const char *)sqlite3_column_text(statement, 0));
        *ret_mark = sqlite3_column_int64(statement, 1);
    }
    int end = sqlite3_finalize(statement);
    return end == SQLITE_OK ? rc : end;
}

static int
set_mark(const struct redo *redo, int64_t mark)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(redo->to, "UPDATE cleat_marks SET id=?2 WHERE home=?1", -1,
                                &statement, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, redo->home->schema->name, -1, SQLITE_STATIC);
        sqlite3_bind_int64(statement, 2, mark);
        sqlite3_step(statement);
    }
    int end = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? end : rc;
}

/* The number of the last intent that the home has for the peer; 0 when it has none, as one that was
 * made anew. */
static int
find_last(const struct redo *redo, int64_t *ret_last)
{
    sqlite3_stmt *statement = NULL;
    int count = 0;
    *ret_last = 0;
    int rc = cleat_ask_number(
        redo->from, "SELECT count(*) FROM sqlite_schema WHERE name='cleat_intents'", &count);
    if (rc != SQLITE_OK || count == 0)
        return rc;
    rc = sqlite3_prepare_v2(redo->from, "SELECT max(id) FROM cleat_intents WHERE peer=?1", -1,
                            &statement, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, redo->peer->schema->name, -1, SQLITE_STATIC);
        if (sqlite3_step(statement) == SQLITE_ROW)
            *ret_last = sqlite3_column_int64(statement, 0);
    }
    int end = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? end : rc;
}

/* The home is an older file than its peer knows, or another one: the peer has more, and the numbers
 * go on from what the home has. */
static int
accept_home(const struct redo *redo, const struct config *config, int64_t last)
{
    const char *home = redo->home->schema->name, *peer = redo->peer->schema->name;
    if (last == 0)
        cleat_log(config, CLEAT_LOG_WARNING, "bootstrap",
                  "%s: the file is a new one: %s has commits over both up to %lld, which are "
                  "missing here",
                  home, peer, (long long)redo->mark);
    else
        cleat_log(config, CLEAT_LOG_WARNING, "bootstrap",
                  "%s: the file is older than %s, which has commits over both up to %lld: it has "
                  "them up to %lld only",
                  home, peer, (long long)redo->mark, (long long)last);
    return set_mark(redo, last);
}

/* The peer is an older file than its home knows, such as one from a backup: what it lacks cannot
 * be made up for, and is taken as it is. */
static int
accept_gap(struct redo *redo, const struct config *config, int64_t last)
{
    cleat_log(
        config, CLEAT_LOG_WARNING, "bootstrap",
        "%s: the file is older than %s, which has written it since: commits %lld to %lld over "
        "both are missing here",
        redo->peer->schema->name, redo->home->schema->name, (long long)redo->mark + 1,
        (long long)last);
    return set_mark(redo, last);
}

/* The peer lacks nothing. What can be forgotten goes, unless somebody writes the home, who may wait
 * for the peer: then it goes another time. */
static void
forget(const struct redo *redo)
{
    sqlite3_busy_timeout(redo->from, 0);
    cleat_intents_forget(redo->from, redo->to, redo->peer, redo->mark);
}

/* Completes what one home has intended, within the transaction of the peer. */
static int
complete(struct redo *redo, const struct config *config)
{
    int64_t last = 0, intended;
    size_t intents = redo->intents;
    int rc = find_last(redo, &intended);
    if (rc == SQLITE_OK && intended == redo->mark) {
        if (intended > 0)
            forget(redo);
        return SQLITE_OK;
    }
    if (rc == SQLITE_OK && intended < redo->mark)
        return accept_home(redo, config, intended);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(redo->to, "SAVEPOINT cleat_redo", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = make_changes(redo, &last);
    if (rc == SQLITE_NOTFOUND) {
        rc = sqlite3_exec(redo->to, "ROLLBACK TO cleat_redo", NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            rc = accept_gap(redo, config, intended);
        redo->intents = intents;
    } else if (rc == SQLITE_OK) {
        rc = last == intended ? rebuild_indexes(redo) : SQLITE_CORRUPT;
        if (rc == SQLITE_OK)
            rc = set_mark(redo, last);
    }
    return rc == SQLITE_OK ? sqlite3_exec(redo->to, "RELEASE cleat_redo", NULL, NULL, NULL) : rc;
}

static cleat_status
fail(const struct redo *redo, int code, cleat_error *error)
{
    const char *peer = redo->peer->schema->name;
    if (code == SQLITE_MISMATCH)
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: a commit of %s that was cut short cannot be completed: rows of "
                               "the file %s have been changed since",
                               peer, redo->home->schema->name, redo->peer->path);
    return cleat_error_sqlite(error, redo->to, code, peer, NULL, NULL);
}

/* Goes through the homes that have marks in the database. */
static cleat_status
complete_all(cleat_registry *registry, struct redo *redo, cleat_error *error)
{
    char name[64] = "";
    int rc;
    while ((rc = next_mark(redo->to, name, sizeof name, &redo->mark)) == SQLITE_ROW) {
        struct stat found;
        redo->home = cleat_registry_find(registry, name);
        if (redo->home == NULL || stat(redo->home->path, &found) != 0 || found.st_size == 0)
            continue;
        cleat_status status = cleat_plain_open(redo->home, &redo->from, error);
        if (status < 0)
            return status;
        size_t intents = redo->intents;
        rc = complete(redo, &registry->config);
        sqlite3_close(redo->from);
        if (rc != SQLITE_OK)
            return fail(redo, rc, error);
        if (redo->intents > intents)
            cleat_log(&registry->config, CLEAT_LOG_WARNING, "bootstrap",
                      "%s: Completed commits that were cut short: %zu of %s, %zu rows",
                      redo->peer->schema->name, redo->intents - intents, name, redo->rows);
    }
    return rc == SQLITE_DONE ? CLEAT_OK : fail(redo, rc, error);
}

cleat_status
cleat_redo_database(cleat_registry *registry, struct database *database, cleat_error *error)
{
    struct redo redo = {.peer = database};
    cleat_status status = cleat_plain_open(database, &redo.to, error);
    if (status < 0)
        return status;
    int rc = sqlite3_exec(redo.to, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        status = fail(&redo, rc, error);
    else
        status = complete_all(registry, &redo, error);
    if (status == CLEAT_OK) {
        rc = sqlite3_exec(redo.to, "COMMIT", NULL, NULL, NULL);
        status = rc == SQLITE_OK ? CLEAT_OK : fail(&redo, rc, error);
    }
    sqlite3_close(redo.to);
    return status;
}

/* ---- when a registry opens ---- */

/* Whether a file that is there has marks. One that nobody has changed since it was created says so
 * in its header. */
static cleat_status
has_marks(const struct database *database, bool *ret_has, cleat_error *error)
{
    sqlite3 *handle;
    sqlite3_stmt *statement = NULL;
    *ret_has = false;
    if (cleat_file_is_plain(database))
        return CLEAT_OK;
    cleat_status status = cleat_plain_open(database, &handle, error);
    if (status < 0)
        return status;
    int rc = sqlite3_prepare_v2(handle,
                                "SELECT 1 FROM pragma_application_id, sqlite_schema"
                                " WHERE application_id=?1 AND name='cleat_marks'",
                                -1, &statement, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int(statement, 1, cleat_file_application(database->schema));
        *ret_has = sqlite3_step(statement) == SQLITE_ROW;
        rc = sqlite3_reset(statement);
    }
    /* what is wrong with the file itself is said when it is verified */
    int kind = rc & 0xff;
    if (kind == SQLITE_NOMEM || kind == SQLITE_IOERR || kind == SQLITE_BUSY)
        status = cleat_error_sqlite(error, handle, rc, database->schema->name, NULL, NULL);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return status;
}

cleat_status
cleat_redo_all(cleat_registry *registry, cleat_error *error)
{
    for (size_t i = 0; i < registry->count; i++) {
        struct database *database = &registry->databases[i];
        struct stat found;
        bool has;
        if (!database->linked || stat(database->path, &found) != 0 || !S_ISREG(found.st_mode) ||
            found.st_size == 0)
            continue;
        cleat_status rc = has_marks(database, &has, error);
        if (rc == CLEAT_OK && has)
            rc = cleat_redo_database(registry, database, error);
        if (rc < 0) {
            cleat_text_copy(error->database, sizeof error->database, database->schema->name);
            return rc;
        }
    }
    return CLEAT_OK;
}

/* ---- files that were made anew ---- */

/* Says what a home has written into a peer that was there, and is not in the new one. */
static cleat_status
report_new_peer(const struct config *config, const struct database *home,
                const struct database *peer, cleat_error *error)
{
    struct redo redo = {.peer = peer, .home = home};
    int64_t last = 0;
    if (cleat_file_is_plain(home))
        return CLEAT_OK;
    cleat_status status = cleat_plain_open(home, &redo.from, error);
    if (status < 0)
        return status;
    int rc = find_last(&redo, &last);
    if (rc != SQLITE_OK)
        status = cleat_error_sqlite(error, redo.from, rc, home->schema->name, NULL, NULL);
    else if (last > 0)
        cleat_log(config, CLEAT_LOG_WARNING, "bootstrap",
                  "%s: the file is a new one: %s has commits over both up to %lld, which are "
                  "missing here",
                  peer->schema->name, home->schema->name, (long long)last);
    sqlite3_close(redo.from);
    return status;
}

cleat_status
cleat_redo_created(cleat_registry *registry, cleat_error *error)
{
    size_t created = 0;
    for (size_t i = 0; i < registry->count; i++)
        created += registry->databases[i].created;
    if (created == 0 || created == registry->count)
        return CLEAT_OK;
    cleat_status rc = cleat_redo_all(registry, error);
    for (size_t i = 0; i < registry->count; i++) {
        const struct database *home = &registry->databases[i];
        for (size_t link = 0; rc == CLEAT_OK && !home->created && link < home->link_count; link++)
            if (home->links[link]->created)
                rc = report_new_peer(&registry->config, home, home->links[link], error);
    }
    return rc;
}
