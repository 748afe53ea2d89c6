/* verify.c: is the file that is there the one that was compiled? Its header says so in a few
 * microseconds, or SQLite compares every statement of the schema. A file that differs is refused
 * with the difference in words; no file is changed here. */
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- the header ---- */

static uint32_t
read_number(const unsigned char *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/* Reads the header through SQLite's own file layer: to open and close the file directly would
 * drop the locks that other connections of this process have on it. */
static int
read_header(const char *path, unsigned char ret_header[HEADER_SIZE])
{
    sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
    sqlite3_file *file = calloc(1, (size_t)vfs->szOsFile);
    const char *name = sqlite3_create_filename(path, "", "", 0, NULL);
    int rc = SQLITE_NOMEM;
    if (file != NULL && name != NULL) {
        int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
        rc = vfs->xOpen(vfs, name, file, flags, &flags);
        if (rc == SQLITE_OK)
            rc = file->pMethods->xRead(file, ret_header, HEADER_SIZE, 0);
        if (file->pMethods != NULL)
            file->pMethods->xClose(file);
    }
    sqlite3_free_filename(name);
    free(file);
    return rc;
}

static bool
is_own_cookie(uint32_t cookie)
{
    return cookie == CLEAT_COOKIE || cookie == CLEAT_COOKIE_ANALYZED;
}

static cleat_status
fail_corrupt(const struct database *database, cleat_error *error)
{
    return cleat_error_set(error, CLEAT_CORRUPT, "%s: the file %s is no database",
                           database->schema->name, database->path);
}

cleat_status
cleat_file_look(struct database *database, bool *ret_absent, cleat_error *error)
{
    struct stat found;
    const char *path = database->path;
    *ret_absent = false;
    if (stat(path, &found) != 0) {
        if (errno != ENOENT)
            return cleat_error_set(error, CLEAT_CANNOT_OPEN, "%s: %s", path, strerror(errno));
        *ret_absent = true;
        return CLEAT_OK;
    }
    if (!S_ISREG(found.st_mode))
        return cleat_error_set(error, CLEAT_CANNOT_OPEN, "%s is no file", path);
    if (found.st_size > 0)
        return CLEAT_OK;
    if (cleat_file_has(database, "-wal") || cleat_file_has(database, "-journal"))
        return cleat_error_set(error, CLEAT_CORRUPT, "%s: the file %s is empty, but its log is not",
                               database->schema->name, path);
    *ret_absent = true;
    return CLEAT_OK;
}

/* ---- what differs ---- */

/* A list of differences: the first in words, the others counted. */
struct drift {
    char text[384];
    size_t count;
};

static void CLEAT_PRINTF(2, 3) add_drift(struct drift *drift, const char *format, ...)
{
    drift->count++;
    if (drift->count > 1)
        return;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(drift->text, sizeof drift->text, format, arguments);
    va_end(arguments);
}

#define COLUMNS_SQL                                                                                \
    "SELECT name, type, \"notnull\", coalesce(dflt_value,''), pk, hidden "                         \
    "FROM pragma_table_xinfo(?1)"

/* Finds a column by name, or the next when name is NULL; NULL when there is none. */
static bool
step_column(sqlite3_stmt *columns, const char *name)
{
    while (sqlite3_step(columns) == SQLITE_ROW) {
        const char *found = (const char *)sqlite3_column_text(columns, 0);
        if (name == NULL || sqlite3_stricmp(found, name) == 0)
            return true;
    }
    return false;
}

static bool
same_column(sqlite3_stmt *one, sqlite3_stmt *other)
{
    for (int i = 1; i < sqlite3_column_count(one); i++) {
        const char *left = (const char *)sqlite3_column_text(one, i);
        const char *right = (const char *)sqlite3_column_text(other, i);
        if (left == NULL || right == NULL || strcmp(left, right) != 0)
            return false;
    }
    return true;
}

/* Says which column differs; false when all are alike. */
static bool
compare_columns(sqlite3_stmt *file, sqlite3_stmt *compiled, const char *table, struct drift *drift)
{
    while (step_column(compiled, NULL)) {
        const char *name = (const char *)sqlite3_column_text(compiled, 0);
        sqlite3_reset(file);
        if (!step_column(file, name))
            add_drift(drift, "table %s: the file has no column %s", table, name);
        else if (!same_column(file, compiled))
            add_drift(drift, "table %s: the column %s is different in the file", table, name);
        else
            continue;
        return true;
    }
    sqlite3_reset(file);
    while (step_column(file, NULL)) {
        const char *name = (const char *)sqlite3_column_text(file, 0);
        sqlite3_reset(compiled);
        if (step_column(compiled, name))
            continue;
        add_drift(drift, "table %s: the file has a column %s that is not in the schema", table,
                  name);
        return true;
    }
    return false;
}

static void
explain_table(sqlite3 *file, sqlite3 *compiled, const char *table, struct drift *drift)
{
    sqlite3_stmt *here = NULL, *there = NULL;
    bool found = false;
    if (sqlite3_prepare_v2(file, COLUMNS_SQL, -1, &here, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(compiled, COLUMNS_SQL, -1, &there, NULL) == SQLITE_OK) {
        sqlite3_bind_text(here, 1, table, -1, SQLITE_STATIC);
        sqlite3_bind_text(there, 1, table, -1, SQLITE_STATIC);
        found = compare_columns(here, there, table, drift);
    }
    sqlite3_finalize(here);
    sqlite3_finalize(there);
    if (!found)
        add_drift(drift, "table %s: its constraints are different in the file", table);
}

/* Everything with a text, in order; not SQLite's own tables, nor those a full-text index keeps
 * its words in: their text is that of the SQLite that made them. */
#define OBJECTS_SQL                                                                                \
    "SELECT type, name, sql FROM sqlite_schema AS s WHERE sql IS NOT NULL"                         \
    " AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"                                                    \
    " AND NOT EXISTS (SELECT 1 FROM sqlite_schema AS v WHERE v.sql LIKE 'CREATE VIRTUAL TABLE %'"  \
    "  AND s.name IN (v.name||'_data', v.name||'_idx', v.name||'_content', v.name||'_docsize',"    \
    "  v.name||'_config')) ORDER BY type, name"

static int
compare_object(sqlite3_stmt *one, sqlite3_stmt *other)
{
    int order = strcmp((const char *)sqlite3_column_text(one, 0),
                       (const char *)sqlite3_column_text(other, 0));
    if (order == 0)
        order = strcmp((const char *)sqlite3_column_text(one, 1),
                       (const char *)sqlite3_column_text(other, 1));
    return order;
}

/* Both lists are sorted alike, so one walk finds what is missing, extra or different. */
static int
compare_objects(sqlite3 *file, sqlite3 *compiled, sqlite3_stmt *here, sqlite3_stmt *there,
                struct drift *drift)
{
    int in_file = sqlite3_step(here);
    int in_schema = sqlite3_step(there);
    while (in_file == SQLITE_ROW || in_schema == SQLITE_ROW) {
        int order = in_file != SQLITE_ROW ? 1 : in_schema != SQLITE_ROW ? -1 : 0;
        if (order == 0)
            order = compare_object(here, there);
        sqlite3_stmt *named = order < 0 ? here : there;
        const char *type = (const char *)sqlite3_column_text(named, 0);
        const char *name = (const char *)sqlite3_column_text(named, 1);
        if (order < 0)
            add_drift(drift, "%s %s is in the file and not in the schema", type, name);
        else if (order > 0)
            add_drift(drift, "%s %s is missing", type, name);
        else if (strcmp((const char *)sqlite3_column_text(here, 2),
                        (const char *)sqlite3_column_text(there, 2)) == 0)
            ;
        else if (strcmp(type, "table") == 0)
            explain_table(file, compiled, name, drift);
        else
            add_drift(drift, "%s %s is different in the file", type, name);
        if (order <= 0)
            in_file = sqlite3_step(here);
        if (order >= 0)
            in_schema = sqlite3_step(there);
    }
    return in_file != SQLITE_DONE ? in_file : in_schema == SQLITE_DONE ? SQLITE_OK : in_schema;
}

static int
compare_schemas(sqlite3 *file, sqlite3 *compiled, struct drift *drift)
{
    sqlite3_stmt *here = NULL, *there = NULL;
    int rc = sqlite3_prepare_v2(file, OBJECTS_SQL, -1, &here, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(compiled, OBJECTS_SQL, -1, &there, NULL);
    if (rc == SQLITE_OK)
        rc = compare_objects(file, compiled, here, there, drift);
    sqlite3_finalize(here);
    sqlite3_finalize(there);
    return rc;
}

/* ---- with SQLite ---- */

int
cleat_ask_number(sqlite3 *handle, const char *sql, int *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        *ret_number = sqlite3_column_int(statement, 0);
    int end = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? end : rc;
}

/* The schema as SQLite stores it, in memory. */
static int
compile_schema(const cleat_database *schema, sqlite3 **ret_handle)
{
    int rc = sqlite3_open_v2(":memory:", ret_handle,
                             SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                                 SQLITE_OPEN_EXRESCODE,
                             NULL);
    for (const char *const *sql = schema->schema; rc == SQLITE_OK && *sql != NULL; sql++)
        rc = sqlite3_exec(*ret_handle, *sql, NULL, NULL, NULL);
    return rc;
}

/* Opens the file to look only: closing must not write its log back either. A schema that calls JSON
 * or FTS5 cannot even be read untrusted; nothing of it runs here. */
static int
open_to_look(const struct database *database, sqlite3 **ret_handle)
{
    int rc = cleat_handle_open(database->path, database->schema->flags, ret_handle);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_busy_timeout(*ret_handle, database->options.busy_timeout_ms);
    sqlite3_db_config(*ret_handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return sqlite3_exec(*ret_handle, "PRAGMA query_only=ON", NULL, NULL, NULL);
}

static cleat_status
judge(const struct database *database, int application, int version, const struct drift *drift,
      cleat_error *error)
{
    const cleat_database *schema = database->schema;
    if (application != cleat_file_application(schema))
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s belongs to something else, its application id is "
                               "%d instead of %d",
                               schema->name, database->path, application,
                               cleat_file_application(schema));
    if (drift->count > 1)
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s has another schema: %s, and %zu more", schema->name,
                               database->path, drift->text, drift->count - 1);
    if (drift->count == 1)
        return cleat_error_set(error, CLEAT_DRIFT, "%s: the file %s has another schema: %s",
                               schema->name, database->path, drift->text);
    if (version != cleat_file_version(schema))
        return cleat_error_set(error, CLEAT_DRIFT,
                               "%s: the file %s has the schema but not the revision %s",
                               schema->name, database->path, schema->revision);
    return CLEAT_OK;
}

cleat_status
cleat_file_compare(const struct database *database, cleat_error *error)
{
    sqlite3 *file = NULL, *compiled = NULL;
    int application = 0, version = 0;
    struct drift drift = {.count = 0};
    sqlite3 *failed = NULL;
    int rc = open_to_look(database, &file);
    if (rc == SQLITE_OK)
        rc = cleat_ask_number(file, "PRAGMA application_id", &application);
    if (rc == SQLITE_OK)
        rc = cleat_ask_number(file, "PRAGMA user_version", &version);
    bool own = application == cleat_file_application(database->schema);
    if (rc != SQLITE_OK) {
        failed = file;
    } else if (own) {
        rc = compile_schema(database->schema, &compiled);
        failed = compiled;
        if (rc == SQLITE_OK) {
            rc = compare_schemas(file, compiled, &drift);
            failed = file;
        }
    }
    cleat_status status = CLEAT_OK;
    if (rc != SQLITE_OK && cleat_status_of(rc) == CLEAT_CORRUPT)
        status = fail_corrupt(database, error);
    else if (rc != SQLITE_OK)
        status = cleat_error_sqlite(error, failed, rc, database->schema->name, NULL, NULL);
    else
        status = judge(database, application, version, &drift, error);
    sqlite3_close(compiled);
    sqlite3_close(file);
    return status;
}

cleat_status
cleat_file_verify(struct database *database, cleat_error *error)
{
    unsigned char header[HEADER_SIZE];
    int rc = read_header(database->path, header);
    if (rc == SQLITE_IOERR_SHORT_READ)
        return fail_corrupt(database, error);
    if (rc != SQLITE_OK)
        return cleat_error_sqlite(error, NULL, rc, database->schema->name, NULL, NULL);
    if (memcmp(header, "SQLite format 3", 16) != 0)
        return fail_corrupt(database, error);
    if (read_number(header + 68) == (uint32_t)cleat_file_application(database->schema) &&
        read_number(header + 60) == (uint32_t)cleat_file_version(database->schema) &&
        is_own_cookie(read_number(header + 40)) && !cleat_file_has(database, "-wal") &&
        !cleat_file_has(database, "-journal"))
        return CLEAT_OK;
    return cleat_file_compare(database, error);
}
