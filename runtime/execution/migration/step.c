/* step.c: one migration, inside of a transaction that somebody else began and ends. Nothing of it
 * may be kept unless it returns CLEAT_OK: then its checks held, the way it took was allowed, views
 * and triggers still compile, no reference has lost its target, and the file's list and header say
 * where it is. */
#include "step.h"

#include <stdarg.h>
#include <stdio.h>

/* ---- failures ---- */

cleat_status
cleat_migrate_fail(const struct migrate *migrate, int rc, const char *sql, cleat_error *error)
{
    char text[sizeof error->text];
    cleat_status status = cleat_error_sqlite(error, migrate->handle, rc, migrate->database->name,
                                             NULL, sql);
    if (migrate->now.revision == NULL || status == CLEAT_BUSY || status == CLEAT_NOMEM)
        return status;
    bool told = sqlite3_errcode(migrate->handle) != SQLITE_OK;
    const char *words = told ? sqlite3_errmsg(migrate->handle) : sqlite3_errstr(rc);
    const char *advice =
        status == CLEAT_FULL
            ? "; the file is as it was, and the step runs again when there is room "
              "for its tables once more"
            : "";
    snprintf(text, sizeof text, "%s: migration %s: %s%s", migrate->database->name,
             migrate->now.revision, words, advice);
    cleat_text_copy(error->text, sizeof error->text, text);
    return status;
}

cleat_status
cleat_migrate_refuse(const struct migrate *migrate, cleat_status status, cleat_error *error,
                     const char *format, ...)
{
    char words[sizeof error->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return cleat_error_set(error, status, "%s: migration %s (%s) is refused: %s",
                           migrate->database->name, migrate->now.revision, migrate->now.message,
                           words);
}

/* ---- what a step may do ---- */

static bool
is_word(const char *text, const char *const *words)
{
    for (; text != NULL && *words != NULL; words++)
        if (sqlite3_stricmp(text, *words) == 0)
            return true;
    return false;
}

/* SQLite asks for each thing that a statement does. The transaction is not the statement's to end,
 * nor the list its to write; of pragmas there are those that a rebuild, an ALTER TABLE and FTS5
 * need. Notes on the way whether rows are written. */
static int
authorize(void *data, int action, const char *first, const char *second, const char *database,
          const char *trigger)
{
    static const char *const pragmas[] = {
        "legacy_alter_table", "data_version", "quick_check",       "integrity_check",
        "table_info",         "table_xinfo",  "foreign_key_check", NULL};
    static const char *const own[] = {"cleat_migrations", NULL};
    static const char *const schema[] = {"sqlite_master", "sqlite_temp_master", NULL};
    struct migrate *migrate = data;
    (void)second;
    (void)database;
    (void)trigger;
    switch (action) {
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
    case SQLITE_ATTACH:
    case SQLITE_DETACH: return SQLITE_DENY;
    case SQLITE_PRAGMA: return is_word(first, pragmas) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
    case SQLITE_DROP_TABLE:
        if (is_word(first, own))
            return SQLITE_DENY;
        migrate->writes = migrate->writes || !is_word(first, schema);
        return SQLITE_OK;
    default: return SQLITE_OK;
    }
}

/* ---- statements ---- */

static int
report_progress(void *data)
{
    struct migrate *migrate = data;
    return migrate->progress != NULL && !migrate->progress(migrate->progress_data, &migrate->now);
}

void
cleat_migrate_name_row(const struct migrate *migrate, sqlite3_stmt *row, char *names, size_t size)
{
    size_t length = strlen(names);
    int type = sqlite3_column_type(row, 0);
    const char *separator = length == 0 ? "" : ", ";
    if (type == SQLITE_INTEGER)
        snprintf(names + length, size - length, "%s%lld", separator,
                 (long long)sqlite3_column_int64(row, 0));
    else if (migrate->name_rows && type == SQLITE_TEXT)
        snprintf(names + length, size - length, "%s'%.40s'", separator,
                 (const char *)sqlite3_column_text(row, 0));
}

/* Rows that a SELECT returns stand against what must be. */
static cleat_status
check(struct migrate *migrate, const cleat_change *change, cleat_error *error)
{
    sqlite3_stmt *rows = NULL;
    char names[240] = "";
    int64_t count = 0;
    int rc = sqlite3_prepare_v2(migrate->handle, change->sql, -1, &rows, NULL);
    if (rc != SQLITE_OK)
        return cleat_migrate_fail(migrate, rc, change->sql, error);
    while ((rc = sqlite3_step(rows)) == SQLITE_ROW)
        if (++count <= CLEAT_NAMED_ROWS)
            cleat_migrate_name_row(migrate, rows, names, sizeof names);
    sqlite3_finalize(rows);
    if (rc != SQLITE_DONE)
        return cleat_migrate_fail(migrate, rc, change->sql, error);
    if (count == 0)
        return CLEAT_OK;
    cleat_status status = cleat_migrate_refuse(
        migrate, CLEAT_CHECK, error, "%s; %lld %s: %s%s", change->must, (long long)count,
        count == 1 ? "row is not so" : "rows are not so",
        names[0] == '\0' ? "their keys are texts; cleat migrate up --dry-run names them" : names,
        names[0] != '\0' && count > CLEAT_NAMED_ROWS ? ", …" : "");
    cleat_text_copy(error->sql, sizeof error->sql, change->sql);
    return status;
}

static cleat_status
run_change(struct migrate *migrate, const cleat_change *change, cleat_error *error)
{
    if (report_progress(migrate))
        return cleat_error_set(error, CLEAT_INTERRUPTED, "%s: migration %s was stopped",
                               migrate->database->name, migrate->now.revision);
    if (change->must != NULL)
        return check(migrate, change, error);
    int rc = cleat_carry_run(migrate, change->sql);
    return rc == SQLITE_OK ? CLEAT_OK : cleat_migrate_fail(migrate, rc, change->sql, error);
}

enum { PROGRESS_INSTRUCTIONS = 100000 };

static cleat_status
run_changes(struct migrate *migrate, const cleat_change *changes, size_t count, cleat_error *error)
{
    cleat_status rc = CLEAT_OK;
    migrate->writes = false;
    migrate->now.statements = count;
    sqlite3_set_authorizer(migrate->handle, authorize, migrate);
    sqlite3_progress_handler(migrate->handle, PROGRESS_INSTRUCTIONS, report_progress, migrate);
    for (size_t i = 0; rc == CLEAT_OK && i < count; i++) {
        migrate->now.statement = i;
        rc = run_change(migrate, &changes[i], error);
    }
    sqlite3_progress_handler(migrate->handle, 0, NULL, NULL);
    sqlite3_set_authorizer(migrate->handle, NULL, NULL);
    return rc;
}

/* ---- what must hold after a step ---- */

/* Prepares a statement and throws it away. */
static int
compile(sqlite3 *handle, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *sql = sqlite3_vmprintf(format, arguments);
    va_end(arguments);
    if (sql == NULL)
        return SQLITE_NOMEM;
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return rc;
}

/* What is to be compiled: a view by reading it, triggers by what fires them. */
#define COMPILED_SQL                                                                               \
    "SELECT 'view', name, NULL FROM sqlite_schema WHERE type = 'view' UNION ALL "                  \
    "SELECT DISTINCT (SELECT type FROM sqlite_schema AS s WHERE s.name = t.tbl_name"               \
    "  AND s.type IN ('table', 'view')) || '''s trigger', tbl_name,"                               \
    " (SELECT group_concat(printf('\"%w\" = \"%w\"', name, name), ', ')"                           \
    "  FROM pragma_table_xinfo(t.tbl_name) WHERE hidden = 0)"                                      \
    " FROM sqlite_schema AS t WHERE type = 'trigger'"

static int
compile_triggers(sqlite3 *handle, const char *table, const char *assignments, bool is_view)
{
    int rc = compile(handle, "EXPLAIN INSERT INTO \"%w\" DEFAULT VALUES", table);
    if (rc == SQLITE_OK || is_view)
        rc = compile(handle, "EXPLAIN UPDATE \"%w\" SET %s", table, assignments);
    if (rc == SQLITE_OK || is_view)
        rc = compile(handle, "EXPLAIN DELETE FROM \"%w\"", table);
    /* what a view has no trigger for cannot be done to it, which is no fault */
    return is_view && strstr(sqlite3_errmsg(handle), "cannot modify") != NULL ? SQLITE_OK : rc;
}

/* SQLite looks into views and triggers only when they are used, and at some of them not even when
 * a table that they name is altered. */
static cleat_status
compile_objects(const struct migrate *migrate, cleat_error *error)
{
    sqlite3_stmt *rows = NULL;
    sqlite3 *handle = migrate->handle;
    cleat_status status = CLEAT_OK;
    int rc = sqlite3_prepare_v2(handle, COMPILED_SQL, -1, &rows, NULL);
    while (rc == SQLITE_OK && status == CLEAT_OK && sqlite3_step(rows) == SQLITE_ROW) {
        const char *what = (const char *)sqlite3_column_text(rows, 0);
        const char *name = (const char *)sqlite3_column_text(rows, 1);
        const char *assignments = (const char *)sqlite3_column_text(rows, 2);
        int code = assignments == NULL
                       ? compile(handle, "EXPLAIN SELECT * FROM \"%w\"", name)
                       : compile_triggers(handle, name, assignments, what[0] == 'v');
        if (code != SQLITE_OK)
            status = cleat_migrate_refuse(migrate, cleat_status_of(code), error,
                                          "after it the %s %s cannot be used: %s", what, name,
                                          sqlite3_errmsg(handle));
    }
    int end = sqlite3_finalize(rows);
    if (status == CLEAT_OK && (rc != SQLITE_OK || end != SQLITE_OK))
        status = cleat_migrate_fail(migrate, rc == SQLITE_OK ? end : rc, NULL, error);
    return status;
}

/* ---- one step ---- */

/* The last step must arrive at the schema that was compiled. A tool without the program has none. */
static cleat_status
check_arrival(const struct migrate *migrate, const char *schema, cleat_error *error)
{
    struct drift drift = {.count = 0};
    sqlite3 *compiled = NULL;
    const cleat_database *database = migrate->database;
    if (database->schema == NULL || strcmp(schema, database->revision) != 0)
        return CLEAT_OK;
    int rc = cleat_schema_compile(database, &compiled);
    if (rc == SQLITE_OK)
        rc = cleat_schema_compare(migrate->handle, compiled, &drift);
    sqlite3_close(compiled);
    if (rc != SQLITE_OK)
        return cleat_migrate_fail(migrate, rc, NULL, error);
    if (drift.count == 0)
        return CLEAT_OK;
    return cleat_migrate_refuse(migrate, CLEAT_DRIFT, error,
                                "it does not lead to the schema %s: %s", schema, drift.text);
}

/* Writes the header's numbers, which a defensive handle may not. */
int
cleat_migrate_mark(const struct migrate *migrate, const cleat_migration *last)
{
    sqlite3_db_config(migrate->handle, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    int rc = cleat_history_mark(migrate->handle, migrate->database, last->schema, last->revision);
    sqlite3_db_config(migrate->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return rc;
}

/* Runs the changes of a migration and all that is due after them, inside of a transaction. `last`
 * is the migration that the file is at afterwards. */
cleat_status
cleat_migrate_step(struct migrate *migrate, const cleat_migration *migration, bool up,
                   const cleat_migration *last, cleat_error *error)
{
    const cleat_change *changes = up ? migration->up : migration->down;
    size_t count = up ? migration->up_count : migration->down_count;
    migrate->now.database = migrate->database->name;
    migrate->now.revision = migration->revision;
    migrate->now.message = migration->message;
    migrate->now.step = migrate->count + 1;
    int code = cleat_carry_begin(migrate);
    cleat_status rc = code == SQLITE_OK ? run_changes(migrate, changes, count, error)
                                        : cleat_migrate_fail(migrate, code, NULL, error);
    /* a failure of ANALYZE to read back what it wrote undoes all and is not told */
    if (rc == CLEAT_OK && sqlite3_get_autocommit(migrate->handle))
        rc = cleat_migrate_fail(migrate, SQLITE_IOERR, NULL, error);
    if (rc == CLEAT_OK && migrate->writes)
        rc = cleat_references_check(migrate, error);
    if (rc == CLEAT_OK)
        rc = compile_objects(migrate, error);
    if (rc == CLEAT_OK)
        rc = check_arrival(migrate, last->schema, error);
    if (rc < 0)
        return rc;
    code = cleat_carry_end(migrate);
    if (code == SQLITE_OK)
        code = up ? cleat_history_add(migrate->handle, migration, ORIGIN_APPLIED)
                  : cleat_history_remove(migrate->handle, migration);
    if (code == SQLITE_OK)
        code = cleat_migrate_mark(migrate, last);
    return code == SQLITE_OK ? CLEAT_OK : cleat_migrate_fail(migrate, code, NULL, error);
}
