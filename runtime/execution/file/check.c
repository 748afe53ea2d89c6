/* check.c: looks for everything that can be wrong inside a database file: its pages, its schema,
 * references without targets, full-text indexes that do not fit their rows. Each problem is a
 * sentence for the program's hook or the log; nothing is changed. */
#include "maintain.h"

#include <stdio.h>
#include <stdlib.h>

enum { MOST_PROBLEMS = 100 };

struct check {
    cleat_registry *registry;
    unsigned mode;
    cleat_check_hook *hook;
    void *data;
};

/* The check of one database. */
struct findings {
    const struct check *check;
    const struct database *database;
    sqlite3 *handle;
    size_t count;
    cleat_error *error; /* gets the first */
};

static void CLEAT_PRINTF(3, 4)
    report(struct findings *findings, cleat_status status, const char *format, ...)
{
    const char *name = findings->database->schema->name;
    char text[sizeof findings->error->text];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (findings->count++ == 0) {
        cleat_error_set(findings->error, status, "%s: %.400s", name, text);
        cleat_text_copy(findings->error->database, sizeof findings->error->database, name);
    }
    if (findings->count > MOST_PROBLEMS)
        return;
    const struct check *check = findings->check;
    if (check->hook != NULL)
        check->hook(check->data, name, text);
    else
        cleat_log(&check->registry->config, CLEAT_LOG_ERROR, "check", "%s: %s", name, text);
}

/* A failure of SQLite itself: damage is a problem, all else ends the check. */
static cleat_status
end_step(struct findings *findings, int code)
{
    if (code == SQLITE_OK)
        return CLEAT_OK;
    if (cleat_status_of(code) == CLEAT_CORRUPT) {
        report(findings, CLEAT_CORRUPT, "%s", sqlite3_errmsg(findings->handle));
        return CLEAT_OK;
    }
    cleat_error_sqlite(findings->error, findings->handle, code, findings->database->schema->name,
                       NULL, NULL);
    return findings->error->status;
}

/* SQLite also tells as a problem that it could not read a page for a reason that is not the page's,
 * in words of several forms. Returns its code, SQLITE_OK for a real problem. */
static int
find_failure(const char *text)
{
    static const char words[] = "error code";
    const char *found = strstr(text, words);
    if (strstr(text, "failed to get page") != NULL)
        return SQLITE_IOERR_READ;
    if (found == NULL)
        return SQLITE_OK;
    int code = (int)strtol(found + sizeof words, NULL, 10); /* behind "=" or a blank */
    return cleat_status_of(code) == CLEAT_CORRUPT ? SQLITE_OK : code;
}

/* What SQLite finds in the pages; reported when it is certain. Returns SQLite's code. */
static int
find_in_pages(struct findings *findings, bool certain, bool *ret_found)
{
    char sql[64];
    sqlite3_stmt *statement = NULL;
    *ret_found = false;
    snprintf(sql, sizeof sql, "PRAGMA %s_check(%d)",
             findings->check->mode == CLEAT_CHECK_FULL ? "integrity" : "quick", MOST_PROBLEMS);
    int rc = sqlite3_prepare_v2(findings->handle, sql, -1, &statement, NULL);
    while (rc == SQLITE_OK && (certain || !*ret_found) && sqlite3_step(statement) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        if (text == NULL || strcmp(text, "ok") == 0)
            continue;
        *ret_found = true;
        rc = find_failure(text);
        if (rc == SQLITE_OK && certain)
            report(findings, CLEAT_CORRUPT, "%s", text);
    }
    int end = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? end : rc;
}

/* A CHECK fails too when memory ends in a function that says "no" then, as json_valid() does. What is
 * damaged is found again. */
static cleat_status
check_pages(struct findings *findings)
{
    bool found, again = true;
    int rc = find_in_pages(findings, false, &found);
    if (rc == SQLITE_OK && found)
        rc = find_in_pages(findings, true, &again);
    return end_step(findings, rc == SQLITE_OK && !again ? SQLITE_NOMEM : rc);
}

static cleat_status
check_references(struct findings *findings)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(findings->handle, "PRAGMA foreign_key_check", -1, &statement, NULL);
    while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        report(findings, CLEAT_FOREIGN_KEY, "a row of %s refers to a row of %s that is not there",
               (const char *)sqlite3_column_text(statement, 0),
               (const char *)sqlite3_column_text(statement, 2));
    int end = sqlite3_finalize(statement);
    return end_step(findings, rc == SQLITE_OK ? end : rc);
}

static cleat_status
check_index(struct findings *findings, const char *name)
{
    bool full = findings->check->mode == CLEAT_CHECK_FULL;
    char *sql = sqlite3_mprintf(full ? "INSERT INTO \"%w\"(\"%w\",rank) VALUES('integrity-check',1)"
                                     : "INSERT INTO \"%w\"(\"%w\") VALUES('integrity-check')",
                                name, name);
    if (sql == NULL)
        return cleat_error_memory(findings->error);
    int rc = sqlite3_exec(findings->handle, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    if (rc != SQLITE_OK && cleat_status_of(rc) == CLEAT_CORRUPT) {
        report(findings, CLEAT_CORRUPT, "the full-text index %s does not fit its rows", name);
        return CLEAT_OK;
    }
    return end_step(findings, rc);
}

#define INDEXES_SQL                                                                                \
    " FROM sqlite_schema WHERE type='table' AND sql LIKE 'CREATE VIRTUAL TABLE%USING fts5%'"

static cleat_status
check_each_index(struct findings *findings)
{
    sqlite3_stmt *statement = NULL;
    cleat_status status = CLEAT_OK;
    int rc = sqlite3_prepare_v2(findings->handle, "SELECT name" INDEXES_SQL, -1, &statement, NULL);
    while (rc == SQLITE_OK && status == CLEAT_OK && sqlite3_step(statement) == SQLITE_ROW)
        status = check_index(findings, (const char *)sqlite3_column_text(statement, 0));
    int end = sqlite3_finalize(statement);
    return status < 0 ? status : end_step(findings, rc == SQLITE_OK ? end : rc);
}

/* FTS5 wants a check to be an INSERT, so it happens in a transaction that is rolled back. That has
 * its lock before anything is read: it could not wait for writers afterwards. */
static cleat_status
check_indexes(struct findings *findings)
{
    int count = 0;
    int rc = cleat_ask_number(findings->handle, "SELECT count(*)" INDEXES_SQL, &count);
    if (rc == SQLITE_OK && count > 0)
        rc = sqlite3_exec(findings->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK || count == 0)
        return end_step(findings, rc);
    cleat_status status = check_each_index(findings);
    sqlite3_exec(findings->handle, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static cleat_status
check_schema(struct findings *findings)
{
    cleat_error error;
    cleat_status rc = cleat_file_compare(findings->database, &error);
    if (rc == CLEAT_DRIFT || rc == CLEAT_NEWER || rc == CLEAT_CORRUPT) {
        report(findings, rc, "%s", error.text);
        return CLEAT_OK;
    }
    if (rc < 0)
        *findings->error = error;
    return rc;
}

static cleat_status
check_database(struct database *database, void *data, cleat_error *error)
{
    struct findings findings = {.check = data, .database = database, .error = error};
    cleat_status rc = cleat_maintain_open(database, &findings.handle, error);
    if (rc == CLEAT_OK)
        rc = check_pages(&findings);
    if (rc == CLEAT_OK)
        rc = check_schema(&findings);
    if (rc == CLEAT_OK)
        rc = check_references(&findings);
    if (rc == CLEAT_OK)
        rc = check_indexes(&findings);
    sqlite3_close(findings.handle);
    if (rc == CLEAT_OK && findings.count > 0)
        rc = error->status;
    return rc;
}

cleat_status
cleat_registry_check(cleat_registry *registry, const char *database, unsigned mode,
                     cleat_check_hook *hook, void *data)
{
    struct check check = {registry, mode, hook, data};
    if (mode != CLEAT_CHECK_QUICK && mode != CLEAT_CHECK_FULL)
        return CLEAT_MISUSE;
    return cleat_each_database(registry, database, check_database, &check);
}
