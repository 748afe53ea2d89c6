/* compare.c: what two schemas have that differs. Two handles enter: a file, and what it shall be,
 * made in memory; the first difference leaves in words. Statements are compared token by token, so
 * that a file is the same whether its tables were created or altered. Changes nothing. */
#include "compare.h"

#include "connection/connection.h"

#include <ctype.h>
#include <stdio.h>

/* ---- SQL texts ---- */

/* One token of SQL; its end is where the next begins. */
struct token {
    const char *text;
    size_t length; /* 0 at the end */
    char quote;    /* that of a name or text, 0 for none */
};

static const char *
skip_blanks(const char *p)
{
    for (;;) {
        if (isspace((unsigned char)*p)) {
            p++;
        } else if (p[0] == '-' && p[1] == '-') {
            p += strcspn(p, "\n");
        } else if (p[0] == '/' && p[1] == '*') {
            const char *end = strstr(p + 2, "*/");
            p = end == NULL ? p + strlen(p) : end + 2;
        } else {
            return p;
        }
    }
}

static bool
is_name_character(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' || (unsigned char)c >= 0x80;
}

/* Texts are left with their quotes, names without: "a" is a. */
static struct token
next_token(const char **at)
{
    const char *p = skip_blanks(*at);
    struct token token = {p, 0, '\0'};
    if (*p != '\0' && strchr("'\"`[", *p) != NULL) {
        char close = *p == '[' ? ']' : *p;
        const char *end = p + 1;
        while (*end != '\0' && (*end != close || (close != ']' && end[1] == close)))
            end += *end == close ? 2 : 1;
        token.quote = *p == '\'' ? '\'' : '\0';
        bool plain = token.quote == '\0' && *end != '\0';
        token.text = plain ? p + 1 : p;
        token.length = (size_t)(end - token.text) + (plain || *end == '\0' ? 0 : 1);
        *at = *end == '\0' ? end : end + 1;
        return token;
    }
    while (is_name_character(p[token.length]))
        token.length++;
    if (token.length == 0 && *p != '\0')
        token.length = 1;
    *at = p + token.length;
    return token;
}

bool
cleat_sql_same(const char *one, const char *other)
{
    const char *left = one == NULL ? "" : one, *right = other == NULL ? "" : other;
    for (;;) {
        struct token a = next_token(&left), b = next_token(&right);
        if (a.length != b.length || a.quote != b.quote || memcmp(a.text, b.text, a.length) != 0)
            return false;
        if (a.length == 0 && *left == '\0' && *right == '\0')
            return true;
    }
}

/* ---- what differs ---- */

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

/* Everything with a text, in order; not SQLite's own tables, nor the runtime's, nor those a
 * full-text index keeps its words in: their text is that of the SQLite that made them. */
#define OBJECTS_SQL                                                                                \
    "SELECT type, name, sql FROM sqlite_schema AS s WHERE sql IS NOT NULL"                         \
    " AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"                                                    \
    " AND tbl_name NOT LIKE 'cleat^_%' ESCAPE '^'"                                                 \
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
        else if (cleat_sql_same((const char *)sqlite3_column_text(here, 2),
                                (const char *)sqlite3_column_text(there, 2)))
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

int
cleat_schema_compare(sqlite3 *file, sqlite3 *compiled, struct drift *ret_drift)
{
    struct drift drift = {.count = 0};
    sqlite3_stmt *here = NULL, *there = NULL;
    int rc = sqlite3_prepare_v2(file, OBJECTS_SQL, -1, &here, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_prepare_v2(compiled, OBJECTS_SQL, -1, &there, NULL);
    if (rc == SQLITE_OK)
        rc = compare_objects(file, compiled, here, there, &drift);
    sqlite3_finalize(here);
    sqlite3_finalize(there);
    if (rc == SQLITE_OK)
        *ret_drift = drift;
    return rc;
}

/* ---- what shall be ---- */

int
cleat_memory_open(sqlite3 **ret_handle)
{
    return sqlite3_open_v2(":memory:", ret_handle,
                           SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
                               SQLITE_OPEN_EXRESCODE,
                           NULL);
}

int
cleat_schema_compile(const cleat_database *schema, sqlite3 **ret_handle)
{
    int rc = cleat_memory_open(ret_handle);
    for (const char *const *sql = schema->schema; rc == SQLITE_OK && *sql != NULL; sql++)
        rc = sqlite3_exec(*ret_handle, *sql, NULL, NULL, NULL);
    return rc;
}
