/* verify.c: the judge is SQLite itself. Every table with all its expressions is prepared or made in
 * memory, on a connection set as the runtime sets its own. When a statement fails, its expressions are tried one
 * at a time in an otherwise bare table, so that the caret stands under the guilty one. Defaults
 * that are expressions are evaluated here, because generated C holds their value. */
#include "model/stages.h"

#include "check.h"
#include "common/arena.h"
#include "model/names.h"

#include <sqlite3.h>
#include <string.h>

struct verify {
    const struct model *model;
    const struct database *database;
    struct diag *diag;
    sqlite3 *main;    /* holds one table at a time */
    sqlite3 *scratch; /* for one expression at a time */
};

static sqlite3 *
open_memory(void)
{
    sqlite3 *connection;
    if (sqlite3_open(":memory:", &connection) != SQLITE_OK)
        g_error("sqlite3_open: %s", sqlite3_errmsg(connection));
    /* A misspelt column in double quotes must be an error, not a text. */
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    return connection;
}

static sqlite3 *
scratch(struct verify *verify)
{
    if (verify->scratch == NULL)
        verify->scratch = open_memory();
    sqlite3_exec(verify->scratch, "ROLLBACK", NULL, NULL, NULL);
    sqlite3_exec(verify->scratch, "BEGIN", NULL, NULL, NULL);
    return verify->scratch;
}

/* ---- blaming an expression ---- */

/* The word that SQLite's message names, at its place in the schema file. */
static struct location
named_word(struct location at, const char *message)
{
    const char *colon = strrchr(message, ':');
    if (colon == NULL)
        return at;
    char *name = g_strdup(colon + 1);
    g_strstrip(name);
    const char *dot = strrchr(name, '.');
    struct location found = diag_find_word(at, dot == NULL ? name : dot + 1, 0);
    g_free(name);
    return found;
}

/* A way out of "no such column: NAME". */
static void
note_column(struct verify *verify, const struct table *table, const char *name)
{
    GPtrArray *names = g_ptr_array_new();
    FOR_EACH(struct column, column, table->columns) {
        g_ptr_array_add(names, (gpointer)column->sql_name);
        if (strcmp(column->name, name) == 0) {
            diag_note(verify->diag, (struct location){0}, "in SQL its name is %s",
                      sql_quote_name(column->sql_name));
            g_ptr_array_unref(names);
            return;
        }
    }
    g_ptr_array_add(names, NULL);
    const char *nearest = diag_nearest(name, (const char *const *)names->pdata);
    if (nearest != NULL)
        diag_note(verify->diag, (struct location){0}, "did you mean '%s'?", nearest);
    g_ptr_array_unref(names);
}

static void
report_expression(struct verify *verify, const struct table *table,
                  const struct expression *expression, sqlite3 *connection)
{
    const char *message = sqlite3_errmsg(connection);
    enum rule_id rule = strstr(message, "non-deterministic") != NULL ? RULE_SQL_DETERMINISTIC
                                                                     : RULE_SQL_EXPRESSION;
    diag_error(verify->diag, rule, named_word(expression->at, message), "%s", message);
    const char *near = expression->sql;
    if (strstr(message, "no such column") != NULL && strchr(near, '"') != NULL)
        diag_note(verify->diag, (struct location){0},
                  "in SQL double quotes are for names: write texts in single quotes");
    else if (g_str_has_prefix(message, "no such column: "))
        note_column(verify, table, message + strlen("no such column: "));
}

/* A table with the same columns and nothing else, then `extra` before the closing parenthesis. */
static char *
bare_table(const struct table *table, const char *extra, const struct column *without)
{
    GString *sql = g_string_new("CREATE TABLE ");
    g_string_append_printf(sql, "%s (", sql_quote_name(table->name));
    const char *separator = "";
    FOR_EACH(struct column, column, table->columns) {
        if (column == without)
            continue;
        g_string_append_printf(sql, "%s%s %s", separator, sql_quote_name(column->sql_name),
                               sql_type(column->type));
        separator = ", ";
    }
    if (extra != NULL)
        g_string_append_printf(sql, "%s%s", separator, extra);
    g_string_append_c(sql, ')');
    return g_string_free(sql, FALSE);
}

static bool
try_table(struct verify *verify, const struct table *table, const struct expression *expression,
          const char *extra, const struct column *without)
{
    sqlite3 *connection = scratch(verify);
    char *sql = bare_table(table, extra, without);
    bool fine = sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK;
    if (!fine)
        report_expression(verify, table, expression, connection);
    g_free(sql);
    return fine;
}

static bool
try_check(struct verify *verify, const struct table *table, const struct expression *check)
{
    char *extra = g_strdup_printf("CHECK (%s)", check->sql);
    bool fine = try_table(verify, table, check, extra, NULL);
    g_free(extra);
    return fine;
}

static bool
try_generated(struct verify *verify, const struct column *column)
{
    char *extra = g_strdup_printf("%s %s AS (%s)", sql_quote_name(column->sql_name),
                                  sql_type(column->type), column->generated.sql);
    bool fine = try_table(verify, column->table, &column->generated, extra, column);
    g_free(extra);
    return fine;
}

/* `message` is SQLite's, NULL when other errors are known already. */
static void
blame_table(struct verify *verify, const struct table *table, const char *message)
{
    bool fine = true;
    FOR_EACH(struct column, column, table->columns) {
        FOR_EACH(struct expression, check, column->checks)
            fine = try_check(verify, table, check) && fine;
        if (column->generated.sql != NULL)
            fine = try_generated(verify, column) && fine;
    }
    FOR_EACH(struct expression, check, table->checks)
        fine = try_check(verify, table, check) && fine;
    if (fine && message != NULL)
        diag_error(verify->diag, RULE_SQL_SCHEMA, table->at, "SQLite refuses table '%s': %s",
                   table->name, message);
}

/* ---- indexes ---- */

static bool
try_index(struct verify *verify, const struct table *table, const struct expression *expression,
          const char *item, const char *where)
{
    sqlite3 *connection = scratch(verify);
    char *table_sql = bare_table(table, NULL, NULL);
    char *sql = g_strdup_printf("CREATE INDEX tried ON %s (%s)%s%s", sql_quote_name(table->name),
                                item, where == NULL ? "" : " WHERE ", where == NULL ? "" : where);
    sqlite3_exec(connection, table_sql, NULL, NULL, NULL);
    bool fine = sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK;
    if (!fine)
        report_expression(verify, table, expression, connection);
    g_free(sql);
    g_free(table_sql);
    return fine;
}

/* `message` is SQLite's, NULL when the index could not be tried on its table. */
static void
blame_index(struct verify *verify, const struct table *table, const struct index *index,
            const char *message)
{
    bool fine = true;
    FOR_EACH(struct key_part, part, index->parts) {
        struct expression item = {part->sql, part->at};
        if (part->column == NULL)
            fine = try_index(verify, table, &item, part->sql, NULL) && fine;
    }
    const struct column *any = g_ptr_array_index(table->columns, 0);
    if (index->where.sql != NULL)
        fine = try_index(verify, table, &index->where, sql_quote_name(any->sql_name),
                         index->where.sql) &&
               fine;
    if (fine && message != NULL)
        diag_error(verify->diag, RULE_SQL_SCHEMA, index->at, "SQLite refuses the index: %s",
                   message);
}

/* ---- statements ---- */

static bool
prepares(struct verify *verify, const char *sql)
{
    sqlite3_stmt *prepared = NULL;
    int status = sqlite3_prepare_v2(verify->main, sql, -1, &prepared, NULL);
    sqlite3_finalize(prepared);
    return status == SQLITE_OK;
}

/* Whether SQLite has anything to say about an index that the rules have not: its columns exist. */
static bool
has_expressions(const struct index *index)
{
    FOR_EACH(struct key_part, part, index->parts)
        if (part->column == NULL)
            return true;
    return index->where.sql != NULL;
}

static bool
has_generated(const struct table *table)
{
    FOR_EACH(struct column, column, table->columns)
        if (column->generated.sql != NULL)
            return true;
    return false;
}

/* Whether a table has to be there for what follows it. Preparing a statement judges it; making the
 * table costs four times that, because SQLite then reads its schema again. */
static bool
must_exist(const struct table *table)
{
    FOR_EACH(struct index, index, table->indexes)
        if (has_expressions(index))
            return true;
    return table->full_texts->len > 0 || has_generated(table);
}

static bool
try_statement(struct verify *verify, const struct statement *statement, bool exists)
{
    if (statement->index != NULL)
        return !has_expressions(statement->index) || prepares(verify, statement->sql);
    if (!exists)
        return prepares(verify, statement->sql);
    return sqlite3_exec(verify->main, statement->sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* Two generated columns that need each other fail only when they are read. */
static void
check_generated(struct verify *verify, const struct table *table)
{
    sqlite3_stmt *prepared = NULL;
    char *sql = g_strdup_printf("SELECT * FROM %s", sql_quote_name(table->name));
    if (sqlite3_prepare_v2(verify->main, sql, -1, &prepared, NULL) != SQLITE_OK)
        diag_error(verify->diag, RULE_SQL_SCHEMA, table->at, "SQLite cannot read table '%s': %s",
                   table->name, sqlite3_errmsg(verify->main));
    sqlite3_finalize(prepared);
    g_free(sql);
}

static void
blame(struct verify *verify, const struct statement *statement, const char *message)
{
    if (statement->index != NULL)
        blame_index(verify, statement->table, statement->index, message);
    else if (statement->full_text == NULL)
        blame_table(verify, statement->table, message);
    else if (message != NULL)
        diag_error(verify->diag, RULE_SQL_SCHEMA, statement->full_text->at,
                   "SQLite refuses the full-text index: %s", message);
}

/* Returns false after an error. */
static bool
run_statement(struct verify *verify, const struct statement *statement, bool exists)
{
    if (try_statement(verify, statement, exists))
        return true;
    blame(verify, statement, arena_string(sqlite3_errmsg(verify->main)));
    return false;
}

/* ---- stored text must not name databases ---- */

static const char *
skip_quoted(const char *p)
{
    char quote = *p++;
    while (*p != '\0' && *p != quote)
        p++;
    return *p == '\0' ? p : p + 1;
}

static bool
is_database(const struct verify *verify, const char *word, gsize length)
{
    if ((length == 4 && strncmp(word, "main", 4) == 0) ||
        (length == 4 && strncmp(word, "temp", 4) == 0))
        return true;
    FOR_EACH(struct database, database, verify->model->databases)
        if (strlen(database->name) == length && strncmp(word, database->name, length) == 0)
            return true;
    return false;
}

static void
check_qualifier(struct verify *verify, const struct table *table,
                const struct expression *expression)
{
    const char *p = expression->sql;
    while (p != NULL && *p != '\0') {
        if (*p == '\'' || *p == '"' || *p == '`') {
            p = skip_quoted(p);
            continue;
        }
        gsize length = 0;
        while (g_ascii_isalnum(p[length]) || p[length] == '_')
            length++;
        const char *after = p + length + strspn(p + length, " ");
        bool own_table = strlen(table->name) == length && strncmp(p, table->name, length) == 0;
        if (length > 0 && *after == '.' && !own_table && is_database(verify, p, length)) {
            char *word = g_strndup(p, length);
            diag_error(verify->diag, RULE_SQL_QUALIFIER, diag_find_word(expression->at, word, 0),
                       "stored SQL must not name a database: '%s.'", word);
            g_free(word);
        }
        p += MAX(length, 1);
    }
}

static void
check_qualifiers(struct verify *verify, const struct table *table)
{
    FOR_EACH(struct column, column, table->columns) {
        FOR_EACH(struct expression, check, column->checks)
            check_qualifier(verify, table, check);
        check_qualifier(verify, table, &column->generated);
    }
    FOR_EACH(struct expression, check, table->checks)
        check_qualifier(verify, table, check);
    FOR_EACH(struct index, index, table->indexes)
        check_qualifier(verify, table, &index->where);
}

/* ---- defaults that are expressions ---- */

/* Returns false for a text that C cannot hold as one: with a zero byte, or not UTF-8. */
static bool
keep_value(struct column *column, sqlite3_stmt *row)
{
    struct default_value *value = &column->default_value;
    const char *text = NULL;
    switch (sqlite3_column_type(row, 0)) {
    case SQLITE_INTEGER:
        value->kind = DEFAULT_INTEGER;
        value->integer = sqlite3_column_int64(row, 0);
        break;
    case SQLITE_FLOAT:
        value->kind = DEFAULT_REAL;
        value->real = sqlite3_column_double(row, 0);
        break;
    case SQLITE_TEXT:
        value->kind = DEFAULT_TEXT;
        text = (const char *)sqlite3_column_text(row, 0);
        value->text = arena_string(text);
        return g_utf8_validate(text, sqlite3_column_bytes(row, 0), NULL);
    case SQLITE_BLOB:
        value->kind = DEFAULT_BLOB;
        value->text = arena_string((const char *)sqlite3_column_text(row, 1));
        break;
    default: value->kind = DEFAULT_NULL; break;
    }
    return true;
}

/* Storage class by storage class: what STRICT would refuse on the first insert. */
static bool
fits(const struct column *column)
{
    const char *type = sql_type(column->type);
    switch (column->default_value.kind) {
    case DEFAULT_INTEGER: return strcmp(type, "INTEGER") == 0 || strcmp(type, "REAL") == 0;
    case DEFAULT_REAL: return strcmp(type, "REAL") == 0;
    case DEFAULT_TEXT: return strcmp(type, "TEXT") == 0 && column->type != TYPE_ENUM;
    case DEFAULT_BLOB: return strcmp(type, "BLOB") == 0;
    default: return true;
    }
}

/* Returns false after an error. */
static bool
evaluate_default(struct verify *verify, struct column *column)
{
    struct default_value *value = &column->default_value;
    struct expression expression = {value->sql, value->at};
    sqlite3 *connection = scratch(verify);
    /* A generated column takes constants and deterministic functions, as a constant does. */
    char *sql = g_strdup_printf("CREATE TABLE tried (a, b AS (%s))", value->sql);
    bool constant = sqlite3_exec(connection, sql, NULL, NULL, NULL) == SQLITE_OK;
    g_free(sql);
    sqlite3_stmt *row = NULL;
    if (!constant) {
        diag_error(verify->diag, RULE_SQL_CONSTANT,
                   named_word(value->at, sqlite3_errmsg(connection)),
                   "the default is no constant: %s", sqlite3_errmsg(connection));
        return false;
    }
    sql = g_strdup_printf("SELECT %s, hex(%s)", value->sql, value->sql);
    bool fine = sqlite3_prepare_v2(connection, sql, -1, &row, NULL) == SQLITE_OK &&
                sqlite3_step(row) == SQLITE_ROW;
    bool holds = fine && keep_value(column, row);
    if (!fine)
        report_expression(verify, column->table, &expression, connection);
    else if (!holds)
        diag_error(verify->diag, RULE_DEFAULT_VALUE, value->at,
                   "the default is a text with a zero byte or one that is not UTF-8");
    fine = holds;
    sqlite3_finalize(row);
    g_free(sql);
    if (fine && !fits(column)) {
        diag_error(verify->diag, RULE_DEFAULT_TYPE, value->at,
                   "the default's type is not that of column '%s'", column->name);
        return false;
    }
    guint errors = diag_error_count(verify->diag);
    if (fine)
        check_default_worked_out(connection, column, verify->diag);
    return fine && diag_error_count(verify->diag) == errors;
}

static bool
evaluate_defaults(struct verify *verify, const struct table *table)
{
    bool fine = true;
    FOR_EACH(struct column, column, table->columns)
        if (column->default_value.kind == DEFAULT_NONE && column->default_value.sql != NULL)
            fine = evaluate_default(verify, column) && fine;
    return fine;
}

/* ---- the stage ---- */

/* A table with its indexes, full-text tables and triggers, in a transaction that is rolled back:
 * each CREATE reads the whole schema again, so that all tables in one would cost their square.
 * What a table says of others, keys and names, the rules have checked. Returns the first statement
 * of the next table. */
static guint
verify_table(struct verify *verify, const struct table *table, guint first)
{
    const GPtrArray *statements = verify->database->statements;
    guint next = first;
    if (!table->sound)
        return next;
    check_qualifiers(verify, table);
    bool fine = evaluate_defaults(verify, table);
    bool exists = must_exist(table);
    if (exists)
        sqlite3_exec(verify->main, "BEGIN", NULL, NULL, NULL);
    for (; next < statements->len; next++) {
        const struct statement *statement = g_ptr_array_index(statements, next);
        if (statement->table != table)
            break;
        if (fine)
            fine = run_statement(verify, statement, exists) || statement->index != NULL;
        else
            blame(verify, statement, NULL);
    }
    if (fine && has_generated(table))
        check_generated(verify, table);
    if (exists)
        sqlite3_exec(verify->main, "ROLLBACK", NULL, NULL, NULL);
    return next;
}

static void
verify_database(struct verify *verify)
{
    guint next = 0;
    FOR_EACH(struct table, table, verify->database->tables)
        next = verify_table(verify, table, next);
}

void
stage_verify(const struct model *model, struct diag *diag)
{
    struct verify verify = {.model = model, .diag = diag, .main = open_memory()};
    FOR_EACH(struct database, database, model->databases) {
        verify.database = database;
        verify_database(&verify);
    }
    sqlite3_close(verify.main);
    if (verify.scratch != NULL)
        sqlite3_close(verify.scratch);
}
