/* plan.c: how SQLite would run a statement, asked before a faster form of it is chosen. */
#include "connection.h"

#include <stdio.h>
#include <stdlib.h>

/* Prepares `explain` and then the statement. */
static int
explain(sqlite3 *handle, const char *how, const char *sql, sqlite3_stmt **ret_statement)
{
    char *text = cleat_text("%s %s", how, sql);
    if (text == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_prepare_v2(handle, text, -1, ret_statement, NULL);
    free(text);
    return rc;
}

int
cleat_plan_read(sqlite3 *handle, const char *sql, char *ret_plan)
{
    sqlite3_stmt *statement = NULL;
    size_t size = 0;
    bool fits = true;
    int rc = explain(handle, "EXPLAIN QUERY PLAN", sql, &statement);
    while (rc == SQLITE_OK && fits && sqlite3_step(statement) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(statement, 3);
        size_t length = line == NULL ? CLEAT_PLAN_SIZE : strlen(line);
        fits = size + length + 2 <= CLEAT_PLAN_SIZE;
        if (fits)
            size += (size_t)snprintf(ret_plan + size, CLEAT_PLAN_SIZE - size, "%s\n", line);
    }
    ret_plan[fits ? size : 0] = '\0';
    int end = sqlite3_finalize(statement);
    return rc == SQLITE_OK ? end : rc;
}

int
cleat_plan_has(sqlite3 *handle, const char *sql, const char *opcode, bool *ret_has)
{
    sqlite3_stmt *statement = NULL;
    bool has = false;
    int rc = explain(handle, "EXPLAIN", sql, &statement);
    while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW) {
        const char *found = (const char *)sqlite3_column_text(statement, 1);
        has = has || (found != NULL && strcmp(found, opcode) == 0);
    }
    int end = sqlite3_finalize(statement);
    if (rc == SQLITE_OK)
        rc = end;
    if (rc == SQLITE_OK)
        *ret_has = has;
    return rc;
}
