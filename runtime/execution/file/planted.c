/* planted.c: views and triggers in a file that the schema does not have, put there by somebody who
 * also put the schema's version number back, so that the header looks right. They would run with
 * the program's own statements. The first connection to a database compares them, before it runs
 * anything; the schema is parsed then in any case. */
#include "file.h"
#include "migration/compare.h"

#include <ctype.h>
#include <stdlib.h>

static size_t
length_of(const char *sql)
{
    size_t length = strlen(sql);
    while (length > 0 && (isspace((unsigned char)sql[length - 1]) || sql[length - 1] == ';'))
        length--;
    return length;
}

static bool
is_own(const cleat_database *schema, const char *sql)
{
    size_t length = sql == NULL ? 0 : length_of(sql);
    for (const char *const *own = schema->schema; *own != NULL; own++)
        if (length_of(*own) == length && length > 0 && memcmp(*own, sql, length) == 0)
            return true;
    /* SQLite has written it anew, when a table that it names was renamed */
    for (const char *const *own = schema->schema; length > 0 && *own != NULL; own++)
        if (cleat_sql_same(*own, sql))
            return true;
    return false;
}

static cleat_status
check_rows(sqlite3_stmt *statement, const struct database *database, cleat_error *error)
{
    const char *name = database->schema->name;
    while (sqlite3_step(statement) == SQLITE_ROW) {
        if (is_own(database->schema, (const char *)sqlite3_column_text(statement, 2)))
            continue;
        cleat_error_set(error, CLEAT_DRIFT, "%s: the file %s has a %s %s that is not in the schema",
                        name, database->path, (const char *)sqlite3_column_text(statement, 0),
                        (const char *)sqlite3_column_text(statement, 1));
        cleat_text_copy(error->database, sizeof error->database, name);
        return CLEAT_DRIFT;
    }
    return CLEAT_OK;
}

cleat_status
cleat_planted_check(sqlite3 *handle, struct database *database, cleat_error *error)
{
    const char *name = database->schema->name;
    sqlite3_stmt *statement = NULL;
    if (atomic_load_explicit(&database->vetted, memory_order_relaxed))
        return CLEAT_OK;
    char *sql = cleat_text(
        "SELECT type, name, sql FROM \"%s\".sqlite_schema "
        "WHERE type IN ('trigger', 'view')",
        name);
    if (sql == NULL)
        return cleat_error_memory(error);
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    cleat_status status = CLEAT_OK;
    if (rc == SQLITE_OK)
        status = check_rows(statement, database, error);
    int end = sqlite3_finalize(statement);
    if (rc == SQLITE_OK)
        rc = end;
    if (status == CLEAT_OK && rc != SQLITE_OK)
        status = cleat_error_sqlite(error, handle, rc, name, NULL, sql);
    if (status < 0)
        cleat_text_copy(error->database, sizeof error->database, name);
    if (status == CLEAT_OK)
        atomic_store_explicit(&database->vetted, true, memory_order_relaxed);
    free(sql);
    return status;
}
