/* check_defaults.c: rules about DEFAULT. A default is a promise that a row which uses it can be
 * stored; these rules refuse those that SQLite would refuse at run time. */
#include "check.h"

#include "common/arena.h"
#include "model/stages.h"

#include <sqlite3.h>
#include <string.h>

/* ---- type ---- */

static const char *
kind_name(const struct default_value *value)
{
    static const char *const names[] = {"an expression", "NULL",   "an integer",   "a real",
                                        "a text",        "a blob", "an enumerator"};
    return names[value->kind];
}

static bool
is_text_type(enum column_type type)
{
    return type == TYPE_TEXT || type == TYPE_JSON || type == TYPE_DATETIME || type == TYPE_ULID ||
           type == TYPE_UUID;
}

static bool
fits(const struct column *column)
{
    const struct default_value *value = &column->default_value;
    switch (value->kind) {
    case DEFAULT_INTEGER:
        return column->type == TYPE_INTEGER || column->type == TYPE_TIMESTAMP ||
               (column->type == TYPE_BOOLEAN && (value->integer == 0 || value->integer == 1));
    case DEFAULT_REAL: return column->type == TYPE_REAL;
    case DEFAULT_TEXT: return is_text_type(column->type);
    case DEFAULT_BLOB: return column->type == TYPE_BLOB;
    default: return true;
    }
}

static void
note_type(const struct column *column, struct diag *diag)
{
    const struct default_value *value = &column->default_value;
    struct location nowhere = {0};
    if (column->type == TYPE_BOOLEAN) {
        diag_note(diag, nowhere, "a boolean is true or false");
    } else if (column->type == TYPE_BLOB) {
        diag_note(diag, nowhere, "a blob is written in hex: X'00ff'");
    } else if (column->type == TYPE_ENUM && value->kind == DEFAULT_TEXT) {
        FOR_EACH(struct enumerator, enumerator, column->enumeration->enumerators)
            if (strcmp(enumerator->label, value->text) == 0)
                diag_note(diag, nowhere, "write the enumerator: DEFAULT(%s)", enumerator->name);
    } else if (is_text_type(column->type) && value->kind == DEFAULT_INTEGER) {
        diag_note(diag, nowhere, "write a text in double quotes: DEFAULT(\"%s\")", value->sql);
    }
}

static void
check_column_type(const struct column *column, struct diag *diag)
{
    if (column->type == TYPE_UNKNOWN || fits(column))
        return;
    diag_error(diag, RULE_DEFAULT_TYPE, column->default_value.at,
               "the default is %s, but '%s' is of type %s", kind_name(&column->default_value),
               column->name, type_name(column));
    note_type(column, diag);
}

void
check_default_type(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_type);
}

/* ---- form ---- */

/* Asks SQLite whether a text has a form. */
static bool
sqlite_accepts(sqlite3 *connection, const char *sql, const char *text)
{
    sqlite3_stmt *statement = NULL;
    bool accepted = false;
    if (sqlite3_prepare_v2(connection, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_bind_text(statement, 1, text, -1, SQLITE_STATIC) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        accepted = sqlite3_column_int(statement, 0) != 0;
    sqlite3_finalize(statement);
    return accepted;
}

static bool
is_ulid(const char *text)
{
    return strlen(text) == 26 && *text <= '7' &&
           strspn(text, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == 26;
}

static bool
is_uuid(const char *text)
{
    if (strlen(text) != 36)
        return false;
    for (guint i = 0; i < 36; i++) {
        bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
        if (hyphen ? text[i] != '-' : !g_ascii_isxdigit(text[i]))
            return false;
    }
    return true;
}

/* What the text of a column's type looks like, when this one does not; else NULL. */
static const char *
wanted_form(sqlite3 *connection, enum column_type type, const char *text)
{
    switch (type) {
    case TYPE_JSON:
        return sqlite_accepts(connection, "SELECT json_valid(?1)", text) ? NULL : "valid JSON";
    case TYPE_DATETIME:
        return sqlite_accepts(connection, arena_printf("SELECT " DATETIME_CHECK, "?1", "?1", "?1"),
                              text)
                   ? NULL
                   : "a time such as 2024-01-31T00:00:00.000Z";
    case TYPE_ULID: return is_ulid(text) ? NULL : "26 characters of a ULID";
    case TYPE_UUID: return is_uuid(text) ? NULL : "36 characters of a UUID";
    default: return NULL;
    }
}

static void
check_column_form(sqlite3 *connection, const struct column *column, struct diag *diag)
{
    const struct default_value *value = &column->default_value;
    if (value->kind != DEFAULT_TEXT)
        return;
    const char *wanted = wanted_form(connection, column->type, value->text);
    if (wanted != NULL)
        diag_error(diag, RULE_DEFAULT_FORM, value->at, "the default of '%s' is not %s",
                   column->name, wanted);
}

void
check_default_form(const struct model *model, struct diag *diag)
{
    sqlite3 *connection = NULL;
    if (sqlite3_open(":memory:", &connection) != SQLITE_OK)
        g_error("sqlite3_open: %s", sqlite3_errmsg(connection));
    FOR_EACH(struct module, module, model->modules)
        FOR_EACH(struct table, table, module->tables)
            FOR_EACH(struct column, column, table->columns)
                check_column_form(connection, column, diag);
    sqlite3_close(connection);
}

static void
check_column_length(const struct column *column, struct diag *diag)
{
    const struct default_value *value = &column->default_value;
    glong length = 0;
    if (value->kind == DEFAULT_TEXT)
        length = g_utf8_strlen(value->text, -1);
    else if (value->kind == DEFAULT_BLOB)
        length = (glong)strlen(value->text) / 2;
    if (column->max_length > 0 && length > column->max_length)
        diag_error(diag, RULE_DEFAULT_LENGTH, value->at,
                   "the default has length %ld, but '%s' holds %" G_GINT64_FORMAT " at most",
                   length, column->name, column->max_length);
}

void
check_default_length(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_length);
}

/* ---- other words ---- */

static void
check_column_null(const struct column *column, struct diag *diag)
{
    if (column->default_value.kind == DEFAULT_NULL && column->not_null)
        diag_error(diag, RULE_DEFAULT_NULL, column->default_value.at,
                   "the default is NULL, but '%s' is %s", column->name,
                   column->primary_key ? "part of the primary key" : "NOT_NULL");
}

void
check_default_null(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_null);
}

static void
check_column_key(const struct column *column, struct diag *diag)
{
    if (column->primary_key && column->table->primary_key->len == 1 &&
        column_note(column, "default") != NULL)
        diag_error(diag, RULE_DEFAULT_KEY, word_at(column, "default"),
                   "'%s' is the primary key: a second row with its default is refused",
                   column->name);
}

void
check_default_key(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_column_key);
}

static void
check_both_defaults(const struct column *column, struct diag *diag)
{
    if (!column->default_now || column_note(column, "default") == NULL)
        return;
    diag_error(diag, RULE_DEFAULT_TWICE, word_at(column, "default_now"),
               "'%s' has a DEFAULT already", column->name);
    diag_note(diag, word_at(column, "default"), "the other one is here");
}

void
check_default_twice(const struct model *model, struct diag *diag)
{
    each_column(model, diag, check_both_defaults);
}

/* ---- values that verify worked out ---- */

/* A default that was an expression, and now has its value. */
void
check_default_worked_out(sqlite3 *connection, const struct column *column, struct diag *diag)
{
    check_column_type(column, diag);
    check_column_form(connection, column, diag);
    check_column_length(column, diag);
    check_column_null(column, diag);
}
