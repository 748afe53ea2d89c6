/* history.c: reads what a file says of its past and judges it against the migrations of the
 * program: the same, behind, ahead, or another branch. A file that is older than its database's
 * history is recognised by the revision of its schema, and by the schema itself. */
#include "history.h"
#include "connection/connection.h"

#include <stdio.h>
#include <stdlib.h>

#define LIST "cleat_migrations"

/* ---- numbers of the header ---- */

int
cleat_file_application(const cleat_database *database)
{
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (const char *c = database->name; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    hash &= 0x7fffffffu;
    return hash == 0 ? 1 : (int)hash;
}

int
cleat_version_number(const char *schema, const char *migration)
{
    unsigned long long number = strtoull(schema, NULL, 16);
    if (migration != NULL)
        number ^= strtoull(migration, NULL, 16) * 0x9E3779B1u;
    number &= 0x7fffffffu;
    return number == 0 ? 1 : (int)number;
}

int
cleat_file_version(const cleat_database *database)
{
    size_t count = database->migration_count;
    const char *head = count == 0 ? NULL : database->migrations[count - 1].revision;
    return cleat_version_number(database->revision, head);
}

static int
ask(sqlite3 *handle, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        *ret_number = sqlite3_column_int64(statement, 0);
    int end = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? end : rc;
}

static int
write_number(sqlite3 *handle, const char *pragma, int number)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA %s=%d", pragma, number);
    return sqlite3_exec(handle, sql, NULL, NULL, NULL);
}

/* ---- the schema cookie ---- */

/* The lower half. Its values are far apart, so that no few later changes make one of another. */
enum {
    HALF_SCHEMA = CLEAT_COOKIE % CLEAT_COOKIE_STEP,
    HALF_STATISTICS = 0x6C61, /* with SQLite's statistics, from the first ANALYZE on */
    HALF_INTENTS = 0x100,     /* with notes of commits; these are added up */
    HALF_MARKS = 0x200,
    HALF_BOTH = 0x400 /* notes and statistics */
};

bool
cleat_cookie_is_plain(uint32_t cookie)
{
    uint32_t half = cookie % CLEAT_COOKIE_STEP;
    return half == HALF_SCHEMA || half == HALF_STATISTICS;
}

bool
cleat_cookie_is_own(uint32_t cookie)
{
    uint32_t half = cookie % CLEAT_COOKIE_STEP;
    uint32_t notes = half & (HALF_INTENTS | HALF_MARKS);
    return cleat_cookie_is_plain(cookie) || (notes != 0 && (half & ~(notes | HALF_BOTH)) == 0);
}

/* What the tables of the file say. */
static int
find_half(sqlite3 *handle, uint32_t *ret_half)
{
    int64_t intents = 0, marks = 0, statistics = 0;
    int rc = ask(handle, "SELECT count(*) FROM sqlite_schema WHERE name='cleat_intents'", &intents);
    if (rc == SQLITE_OK)
        rc = ask(handle, "SELECT count(*) FROM sqlite_schema WHERE name='cleat_marks'", &marks);
    if (rc == SQLITE_OK)
        rc = ask(handle, "SELECT count(*) FROM sqlite_schema WHERE name='sqlite_stat1'",
                 &statistics);
    uint32_t notes = (intents > 0 ? HALF_INTENTS : 0u) | (marks > 0 ? HALF_MARKS : 0u);
    if (notes != 0)
        *ret_half = notes | (statistics > 0 ? HALF_BOTH : 0u);
    else
        *ret_half = statistics > 0 ? HALF_STATISTICS : HALF_SCHEMA;
    return rc;
}

/* Sets the cookie, `steps` migrations further. */
static int
move_cookie(sqlite3 *handle, uint32_t steps)
{
    int64_t found = 0;
    uint32_t half;
    int rc = find_half(handle, &half);
    if (rc == SQLITE_OK)
        rc = ask(handle, "PRAGMA schema_version", &found);
    uint32_t upper = (uint32_t)found / CLEAT_COOKIE_STEP + steps;
    if (rc == SQLITE_OK)
        rc = write_number(handle, "schema_version", (int)(upper * CLEAT_COOKIE_STEP + half));
    return rc;
}

int
cleat_cookie_set(sqlite3 *handle)
{
    return move_cookie(handle, 0);
}

/* ---- the header ---- */

int
cleat_history_mark(sqlite3 *handle, const cleat_database *database, const char *schema,
                   const char *migration)
{
    int rc = write_number(handle, "application_id", cleat_file_application(database));
    if (rc == SQLITE_OK)
        rc = write_number(handle, "user_version", cleat_version_number(schema, migration));
    if (rc == SQLITE_OK)
        rc = move_cookie(handle, 1);
    return rc;
}

/* ---- the graph of migrations ---- */

size_t
cleat_migration_find(const cleat_database *database, const char *revision)
{
    size_t place = 0;
    while (place < database->migration_count &&
           strcmp(database->migrations[place].revision, revision) != 0)
        place++;
    return place;
}

bool
cleat_migration_follows(const cleat_migration *migration, const char *parent)
{
    return strstr(migration->parents, parent) != NULL;
}

void
cleat_migration_ancestors(const cleat_database *database, size_t place, bool *marks)
{
    marks[place] = true;
    for (size_t i = place + 1; i > 0; i--) {
        if (!marks[i - 1])
            continue;
        for (size_t j = 0; j + 1 < i; j++)
            if (cleat_migration_follows(&database->migrations[i - 1],
                                        database->migrations[j].revision))
                marks[j] = true;
    }
}

/* ---- the list ---- */

int
cleat_history_create(sqlite3 *handle)
{
    return sqlite3_exec(handle,
                        "CREATE TABLE IF NOT EXISTS " LIST
                        " (\n"
                        "    place INTEGER PRIMARY KEY,\n"
                        "    revision TEXT NOT NULL UNIQUE,\n"
                        "    parents TEXT NOT NULL,\n"
                        "    schema_revision TEXT NOT NULL, -- after it\n"
                        "    message TEXT NOT NULL,\n"
                        "    origin TEXT NOT NULL, -- created, applied, recognised or stamped\n"
                        "    applied_at INTEGER NOT NULL -- microseconds since 1970 UTC\n"
                        ") STRICT",
                        NULL, NULL, NULL);
}

#define NOW "CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)"

int
cleat_history_add(sqlite3 *handle, const cleat_migration *migration, enum origin origin)
{
    static const char *const origins[] = {"created", "applied", "recognised", "stamped"};
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle,
                                "INSERT INTO " LIST
                                " (revision, parents, schema_revision, message,"
                                " origin, applied_at) VALUES (?1, ?2, ?3, ?4, ?5, " NOW ")",
                                -1, &statement, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(statement, 1, migration->revision, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, migration->parents, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, migration->schema, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 4, migration->message, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 5, origins[origin], -1, SQLITE_STATIC);
    sqlite3_step(statement);
    return sqlite3_finalize(statement);
}

int
cleat_history_remove(sqlite3 *handle, const cleat_migration *migration)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle, "DELETE FROM " LIST " WHERE revision = ?1", -1, &statement,
                                NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_text(statement, 1, migration->revision, -1, SQLITE_STATIC);
    sqlite3_step(statement);
    return sqlite3_finalize(statement);
}

/* ---- replay ---- */

cleat_status
cleat_history_replay(const cleat_database *database, const struct history *history,
                     sqlite3 **ret_handle, cleat_error *error)
{
    int rc = cleat_memory_open(ret_handle);
    const char *sql = NULL;
    for (size_t i = 0; rc == SQLITE_OK && i < history->count; i++) {
        const cleat_migration *migration = &database->migrations[history->order[i]];
        for (size_t j = 0; rc == SQLITE_OK && j < migration->up_count; j++) {
            sql = migration->up[j].sql;
            if (migration->up[j].must == NULL)
                rc = sqlite3_exec(*ret_handle, sql, NULL, NULL, NULL);
        }
    }
    if (rc == SQLITE_OK)
        return CLEAT_OK;
    return cleat_error_sqlite(error, *ret_handle, rc, database->name, NULL, sql);
}

static const char *
path_of(sqlite3 *handle)
{
    const char *path = sqlite3_db_filename(handle, "main");
    return path == NULL ? "" : path;
}

cleat_status
cleat_history_verify(sqlite3 *handle, const cleat_database *database, const struct history *history,
                     cleat_error *error)
{
    struct drift drift = {.count = 0};
    sqlite3 *expected = NULL;
    cleat_status rc = cleat_history_replay(database, history, &expected, error);
    if (rc == CLEAT_OK) {
        int code = cleat_schema_compare(handle, expected, &drift);
        if (code != SQLITE_OK)
            rc = cleat_error_sqlite(error, handle, code, database->name, NULL, NULL);
    }
    sqlite3_close(expected);
    if (rc < 0 || drift.count == 0)
        return rc;
    if (history->count == 0)
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s has lost its list of migrations, and is left as it "
                               "is",
                               database->name, path_of(handle));
    const char *last = database->migrations[history->order[history->count - 1]].revision;
    char more[32] = "";
    if (drift.count > 1)
        snprintf(more, sizeof more, ", and %zu more", drift.count - 1);
    return cleat_error_set(error, CLEAT_DRIFT,
                           "%s: the file %s was changed after migration %s, and is left as it is: "
                           "%s%s",
                           database->name, path_of(handle), last, drift.text, more);
}

/* ---- reading ---- */

static cleat_status
allocate(const cleat_database *database, struct history *history, cleat_error *error)
{
    size_t count = database->migration_count + 1;
    history->applied = calloc(count, sizeof *history->applied);
    history->order = calloc(count, sizeof *history->order);
    if (history->applied == NULL || history->order == NULL)
        return cleat_error_memory(error);
    return CLEAT_OK;
}

void
cleat_history_free(struct history *history)
{
    free(history->applied);
    free(history->order);
    memset(history, 0, sizeof *history);
}

static void
mark_applied(struct history *history, size_t place)
{
    history->applied[place] = true;
    history->order[history->count++] = place;
}

/* A file that has all that the program knows, and more, is newer; else their ways have parted. */
static cleat_status
judge_unknown(sqlite3 *handle, const cleat_database *database, const struct history *history,
              const char *unknown, cleat_error *error)
{
    for (size_t i = 0; i < database->migration_count; i++)
        if (!history->applied[i])
            return cleat_error_set(error, CLEAT_DRIFT,
                                   "%s: the file %s is of another branch: it has migration %s, "
                                   "which this program does not know, and not %s",
                                   database->name, path_of(handle), unknown,
                                   database->migrations[i].revision);
    return cleat_error_set(error, CLEAT_NEWER,
                           "%s: the file %s was written by a newer program: it has migration %s, "
                           "which this program does not know",
                           database->name, path_of(handle), unknown);
}

static cleat_status
judge_gap(sqlite3 *handle, const cleat_database *database, const struct history *history,
          cleat_error *error)
{
    for (size_t i = 0; i < database->migration_count; i++)
        for (size_t j = 0; history->applied[i] && j < i; j++)
            if (!history->applied[j] &&
                cleat_migration_follows(&database->migrations[i], database->migrations[j].revision))
                return cleat_error_set(error, CLEAT_DRIFT,
                                       "%s: the file %s has migration %s without the one before "
                                       "it, %s",
                                       database->name, path_of(handle),
                                       database->migrations[i].revision,
                                       database->migrations[j].revision);
    return CLEAT_OK;
}

static cleat_status
read_list(sqlite3 *handle, const cleat_database *database, struct history *history,
          cleat_error *error)
{
    char unknown[16] = "";
    sqlite3_stmt *rows = NULL;
    int rc = sqlite3_prepare_v2(handle, "SELECT revision FROM " LIST " ORDER BY place", -1, &rows,
                                NULL);
    const char *revision;
    while (rc == SQLITE_OK && sqlite3_step(rows) == SQLITE_ROW &&
           (revision = (const char *)sqlite3_column_text(rows, 0)) != NULL) {
        size_t place = cleat_migration_find(database, revision);
        if (place == database->migration_count)
            cleat_text_copy(unknown, sizeof unknown, revision);
        else if (!history->applied[place])
            mark_applied(history, place);
    }
    int end = sqlite3_finalize(rows);
    rc = rc == SQLITE_OK ? end : rc;
    if (rc != SQLITE_OK)
        return cleat_error_sqlite(error, handle, rc, database->name, NULL, NULL);
    if (unknown[0] != '\0')
        return judge_unknown(handle, database, history, unknown, error);
    return judge_gap(handle, database, history, error);
}

/* The history of a file without a list: that of the earliest migration whose schema it has, so
 * that no later one is left out. */
static cleat_status
recognise(sqlite3 *handle, const cleat_database *database, int version, struct history *history,
          cleat_error *error)
{
    size_t place = 0;
    while (place < database->migration_count &&
           cleat_version_number(database->migrations[place].schema, NULL) != version)
        place++;
    history->unversioned = place == database->migration_count;
    if (history->unversioned)
        return CLEAT_OK;
    cleat_migration_ancestors(database, place, history->applied);
    for (size_t i = 0; i <= place; i++)
        if (history->applied[i])
            mark_applied(history, i);
    return cleat_history_verify(handle, database, history, error);
}

cleat_status
cleat_history_read(sqlite3 *handle, const cleat_database *database, struct history *ret_history,
                   cleat_error *error)
{
    int64_t listed = 0, version = 0, application = 0;
    memset(ret_history, 0, sizeof *ret_history);
    cleat_status status = allocate(database, ret_history, error);
    if (status < 0)
        return status;
    int rc = ask(handle,
                 "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '" LIST "'",
                 &listed);
    if (rc == SQLITE_OK)
        rc = ask(handle, "PRAGMA user_version", &version);
    if (rc == SQLITE_OK)
        rc = ask(handle, "PRAGMA application_id", &application);
    if (rc != SQLITE_OK)
        return cleat_error_sqlite(error, handle, rc, database->name, NULL, NULL);
    ret_history->unversioned = application != cleat_file_application(database);
    ret_history->listed = listed > 0 && !ret_history->unversioned;
    if (ret_history->unversioned)
        return CLEAT_OK;
    if (ret_history->listed)
        return read_list(handle, database, ret_history, error);
    return recognise(handle, database, (int)version, ret_history, error);
}
