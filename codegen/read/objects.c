/* objects.c: db_objects.sql becomes views and triggers, each with the comment lines right above it.
 * A statement ends where SQLite says that it is complete: the body of a trigger has semicolons of
 * its own. */
#include "queries.h"

#include "common/arena.h"

#include <sqlite3.h>
#include <string.h>

static void
report_object(struct reader *reader, const struct sql *sql, int token, const char *text)
{
    const struct token *at = sql_token(sql, token);
    struct location where = reader->text.at;
    where = at == NULL ? diag_part(where, 0, 1) : diag_part(where, at->offset, at->length);
    diag_error(reader->diag, RULE_OBJECT_FORM, where, "%s", text);
}

/* Checks `CREATE VIEW name` or `CREATE TRIGGER name`. */
static bool
check_object(struct reader *reader, const struct sql *sql)
{
    if (!sql_is(sql, 0, "create") || (!sql_is(sql, 1, "view") && !sql_is(sql, 1, "trigger"))) {
        bool temporary = sql_is(sql, 1, "temp") || sql_is(sql, 1, "temporary");
        report_object(reader, sql, temporary ? 1 : 0,
                      "a statement here is CREATE VIEW name or CREATE TRIGGER name");
        return false;
    }
    if (sql_is(sql, 2, "if")) {
        report_object(reader, sql, 2, "IF NOT EXISTS has no use: every object is created once");
        return false;
    }
    if (sql_is(sql, 3, ".")) {
        const struct token *at = sql_token(sql, 2);
        diag_error(reader->diag, RULE_SQL_QUALIFIER,
                   diag_part(reader->text.at, at->offset, at->length),
                   "stored SQL must not name a database: '%s.'", sql_name(sql, 2));
        return false;
    }
    if (!sql_is_name(sql, 2) || !is_lower_name(sql_name(sql, 2))) {
        report_object(reader, sql, 2, "a name has lower-case letters, digits and underscores");
        return false;
    }
    if (sql_is(sql, 1, "view") && !sql_is(sql, 3, "as")) {
        report_object(reader, sql, 3,
                      "after the name comes AS; columns get their names in the "
                      "SELECT");
        return false;
    }
    return true;
}

static bool
is_database(const struct model *model, const char *name)
{
    if (g_ascii_strcasecmp(name, "main") == 0 || g_ascii_strcasecmp(name, "temp") == 0)
        return true;
    FOR_EACH(struct database, database, model->databases)
        if (g_ascii_strcasecmp(database->name, name) == 0)
            return true;
    return false;
}

/* Whether a name stands by itself somewhere, as a table's or an alias does. */
static bool
stands_alone(const struct sql *sql, const char *name)
{
    for (int i = 0; i < sql_count(sql); i++)
        if (sql_has_name(sql, i, name) && !sql_is(sql, i + 1, "."))
            return true;
    return false;
}

/* In a trigger these are the row, whatever databases are called. */
static bool
is_trigger_row(const struct sql *sql, const char *name)
{
    return sql_is(sql, 1, "trigger") &&
           (g_ascii_strcasecmp(name, "old") == 0 || g_ascii_strcasecmp(name, "new") == 0);
}

/* A stored database name makes a file unopenable under any other one. */
static void
check_object_qualifiers(struct reader *reader, const struct sql *sql)
{
    for (int i = 0; i < sql_count(sql); i++) {
        if (!sql_is_name(sql, i) || !sql_is(sql, i + 1, ".") || sql_is(sql, i - 1, "."))
            continue;
        const char *name = sql_name(sql, i);
        const struct token *at = sql_token(sql, i);
        if (is_database(reader->model, name) && !is_trigger_row(sql, name) &&
            !stands_alone(sql, name))
            diag_error(reader->diag, RULE_SQL_QUALIFIER,
                       diag_part(reader->text.at, at->offset, at->length),
                       "stored SQL must not name a database: '%s.'", name);
    }
}

static bool
needs_trust(const struct database *database, const char *text)
{
    char *lower = g_ascii_strdown(text, -1);
    bool needs = strstr(lower, "json") != NULL || strstr(lower, "->") != NULL;
    FOR_EACH(struct table, table, database->tables)
        FOR_EACH(struct full_text, full_text, table->full_texts)
            needs = needs || strstr(lower, full_text->name) != NULL;
    g_free(lower);
    return needs;
}

static void
add_object(struct reader *reader, const struct sql *sql)
{
    const struct token *at = sql_token(sql, 2);
    struct schema_object *object = ARENA_NEW(struct schema_object);
    object->name = sql_name(sql, 2);
    object->is_view = sql_is(sql, 1, "view");
    object->module = reader->module;
    object->database = reader->database;
    object->text = reader->text;
    object->at = diag_part(reader->text.at, at->offset, at->length);
    object->sql = sql_without_comments(reader->text.sql, strlen(reader->text.sql));
    if (needs_trust(reader->database, object->sql))
        reader->database->trusted_schema = true;
    check_object_qualifiers(reader, sql);
    g_ptr_array_add(reader->module->objects, object);
}

static void
finish_object(struct reader *reader)
{
    if (reader->start < reader->end) {
        reader_end_header(reader);
        struct sql sql = sql_new(reader->text.sql);
        if (check_object(reader, &sql))
            add_object(reader, &sql);
        sql_free(&sql);
    }
    reader_begin_header(reader);
}

/* A comment belongs to what stands on the next line. */
static void
read_object_comment(struct reader *reader, const struct token *token)
{
    const char *text = reader->source->text + token->offset;
    unsigned line = reader_place(reader, token->offset, 1).line;
    if (reader->start < reader->end || text[0] != '-')
        return;
    if (reader->header_line + 1 != line)
        reader_begin_header(reader);
    reader->header_line = line;
    unsigned skip = token->length > 2 && text[2] == ' ' ? 3 : 2;
    reader_header_line(reader, token->offset + skip, token->length - skip);
}

static bool
is_complete(const struct reader *reader, unsigned end)
{
    char *sql = g_strndup(reader->source->text + reader->start, end - reader->start);
    bool complete = sqlite3_complete(sql) != 0;
    g_free(sql);
    return complete;
}

static void
read_object_token(struct reader *reader, const struct token *token)
{
    unsigned end = token->offset + token->length;
    bool semicolon = token->length == 1 && reader->source->text[token->offset] == ';';
    if (reader->start == reader->end) {
        if (semicolon)
            return;
        if (reader->header_line + 1 != reader_place(reader, token->offset, 1).line)
            reader_begin_header(reader);
        reader->start = token->offset;
    } else if (semicolon && is_complete(reader, end)) {
        finish_object(reader);
        return;
    }
    reader->end = end;
}

void
reader_objects(struct reader *reader)
{
    GArray *tokens = reader_tokens(reader->source);
    reader_begin_header(reader);
    for (guint i = 0; i < tokens->len; i++) {
        const struct token *token = &g_array_index(tokens, struct token, i);
        if (token->kind == TOKEN_COMMENT)
            read_object_comment(reader, token);
        else
            read_object_token(reader, token);
    }
    finish_object(reader);
    g_array_unref(tokens);
}
