/* emit_boundary.c: the part of a module's files that checks rows, turns them into JSON and back,
 * and searches them. A checked table enters; typed wrappers leave for the header, and for the
 * source the limits of lengths, the checks that C can decide as C, and the full-text indexes. A
 * check's function has a name made from its SQL, so that no other check moves it. */
#include "emit_boundary.h"

#include "common/arena.h"
#include "common/text.h"
#include "emit_text.h"
#include "model/extend.h"
#include "model/keys.h"
#include "model/names.h"
#include "translate.h"

#include <string.h>

/* ---- header ---- */

static const char row_text[] =
    "\n"
    "extern const cleat_rules @p@_rules;\n"
    "\n"
    "/* Finds every rule of the schema that the row breaks, as far as C can know. Returns\n"
    " * CLEAT_OK, or CLEAT_CHECK with the columns in *ret_violations, which may be NULL. */\n"
    "static inline cleat_status\n"
    "@p@_validate(const @p@_row *row, cleat_violations *ret_violations)\n"
    "{\n"
    "    return cleat_row_validate(&@p@_rules, row, ret_violations);\n"
    "}\n"
    "\n"
    "/* The row as an object of JSON, keys sorted; cleat_free() frees it. Returns CLEAT_CHECK\n"
    " * for a row with a value that JSON cannot say, which _validate names. */\n"
    "static inline cleat_status\n"
    "@p@_to_json(const @p@_row *row, char **ret_json)\n"
    "{\n"
    "    return cleat_row_to_json(&@p@_rules, row, ret_json);\n"
    "}\n"
    "\n"
    "/* Reads an object of JSON, CLEAT_JSON_STRICT or CLEAT_JSON_LENIENT. Returns CLEAT_CHECK,\n"
    " * with what is wrong in *ret_violations, which may be NULL.\n"
    " * Owns: the row its texts and blobs; @p@_clear() frees them. */\n"
    "static inline cleat_status\n"
    "@p@_from_json(const char *json, size_t length, unsigned mode, @p@_row *ret_row, "
    "cleat_violations *ret_violations)\n"
    "{\n"
    "    @p@_row row = @p@_defaults();\n"
    "    return cleat_row_from_json(&@p@_rules, json, length, mode, &row, ret_row, "
    "ret_violations);\n"
    "}\n";

static const char search_text[] =
    "\n"
    "extern const cleat_full_text @f@_index;\n"
    "\n"
    "/* Begins a list of the rows in which every word of the text occurs, best first, for\n"
    " * @p@_next(). Any text will do: no character in it is an operator. */\n"
    "static inline cleat_status\n"
    "@f@_search(cleat_session *s, const char *text, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_search(s, &@f@_index, text, ret_cursor);\n"
    "}\n"
    "\n"
    "/* The same with options. Returns CLEAT_VALUE when the text must be a query and is none. */\n"
    "static inline cleat_status\n"
    "@f@_search_with(cleat_session *s, const char *text, const cleat_search *options, "
    "cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_search_with(s, &@f@_index, text, options, ret_cursor);\n"
    "}\n"
    "\n"
    "/* Reads the next row of a search and how it matches. Returns CLEAT_ROW, or CLEAT_DONE after\n"
    " * the last. Lends texts and blobs until the next call on the cursor. */\n"
    "static inline cleat_status\n"
    "@f@_search_next(cleat_cursor *cursor, @p@_row *ret_row, cleat_match *ret_match)\n"
    "{\n"
    "    return cleat_row_search_next(cursor, &@f@_index, ret_row, ret_match);\n"
    "}\n"
    "\n"
    "/* Makes the index anew from the rows of the table. */\n"
    "static inline cleat_status\n"
    "@f@_rebuild(cleat_session *s)\n"
    "{\n"
    "    return cleat_full_text_rebuild(s, &@f@_index);\n"
    "}\n"
    "\n"
    "/* Compares the index with the rows of the table. Returns CLEAT_CORRUPT when they differ. */\n"
    "static inline cleat_status\n"
    "@f@_check(cleat_session *s)\n"
    "{\n"
    "    return cleat_full_text_check(s, &@f@_index);\n"
    "}\n";

void
emit_boundary_header(GString *out, const struct table *table, const char *prefix)
{
    text_emit(out, row_text, "p", prefix, NULL);
    FOR_EACH(struct full_text, full_text, table->full_texts)
        text_emit(out, search_text, "f", full_text_prefix(full_text), "p", prefix, NULL);
}

/* ---- limits ---- */

static bool
emit_limits(GString *out, const struct table *table, const char *prefix)
{
    bool any = false;
    FOR_EACH(struct column, column, table_row(table)) {
        if (column->max_length <= 0 || column->max_length >= G_MAXUINT32)
            continue;
        if (!any)
            text_emit(out, "\nstatic const cleat_limit @p@_limits[] = {\n", "p", prefix, NULL);
        any = true;
        text_emit(out, "    CLEAT_LIMIT(@p@_row, @member@, ", "p", prefix, "member", column->member,
                  NULL);
        g_string_append_printf(out, "%" G_GINT64_FORMAT "),\n", column->max_length);
    }
    if (any)
        g_string_append(out, "};\n");
    return any;
}

/* ---- checks ---- */

static const char *
check_symbol(const char *prefix, const struct expression *check)
{
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, check->sql, -1);
    const char *symbol = arena_printf("%s_check_%.8s", prefix, digest);
    g_free(digest);
    return symbol;
}

/* `done` has the symbols of the table's functions so far. */
static void
emit_check_function(GString *out, const struct table *table, const char *prefix,
                    const struct expression *check, GPtrArray *done)
{
    const char *code = translate_check(table, check->sql);
    const char *symbol = check_symbol(prefix, check);
    if (code == NULL || g_ptr_array_find_with_equal_func(done, symbol, g_str_equal, NULL))
        return;
    g_ptr_array_add(done, (gpointer)symbol);
    g_string_append(out, "\n/* ");
    text_comment(out, check->sql);
    text_emit(out,
              " */\n"
              "static bool\n"
              "@symbol@(const void *data)\n"
              "{\n"
              "    const @p@_row *row = (const @p@_row *)data;\n"
              "    return @code@;\n"
              "}\n",
              "symbol", symbol, "p", prefix, "code", code, NULL);
}

static void
emit_check(GString *out, const struct table *table, const char *prefix, const struct column *column,
           const struct expression *check)
{
    g_string_append(out, "    {");
    if (column == NULL)
        g_string_append(out, "NULL");
    else
        text_literal(out, column->sql_name, strlen(column->sql_name), "");
    g_string_append(out, ", ");
    text_literal(out, check->sql, strlen(check->sql), " ");
    text_emit(out, ", @symbol@},\n", "symbol",
              translate_check(table, check->sql) == NULL ? "NULL" : check_symbol(prefix, check),
              NULL);
}

static gsize
longest(const GPtrArray *checks)
{
    gsize most = 0;
    FOR_EACH(struct expression, check, checks)
        most = MAX(most, strlen(check->sql));
    return most;
}

/* The length of the longest check of a row; 0 when it has none. */
static gsize
longest_check(const GPtrArray *parts)
{
    gsize most = 0;
    FOR_EACH(struct table, table, parts) {
        most = MAX(most, longest(table->checks));
        FOR_EACH(struct column, column, table->columns)
            most = MAX(most, longest(column->checks));
    }
    return most;
}

static void
emit_check_functions(GString *out, const struct table *table, const char *prefix, GPtrArray *done)
{
    FOR_EACH(struct column, column, table->columns)
        FOR_EACH(struct expression, check, column->checks)
            emit_check_function(out, table, prefix, check, done);
    FOR_EACH(struct expression, row_check, table->checks)
        emit_check_function(out, table, prefix, row_check, done);
}

static void
emit_check_rows(GString *out, const struct table *table, const char *prefix)
{
    FOR_EACH(struct column, column, table->columns)
        FOR_EACH(struct expression, check, column->checks)
            emit_check(out, table, prefix, row_column(column), check);
    FOR_EACH(struct expression, row_check, table->checks)
        emit_check(out, table, prefix, NULL, row_check);
}

static void
emit_checks(GString *out, const GPtrArray *parts, const char *prefix)
{
    GPtrArray *done = arena_list();
    bool is_long = longest_check(parts) > EMIT_LITERAL_MAX;
    if (is_long)
        emit_long_literals_begin(out);
    FOR_EACH(struct table, part, parts)
        emit_check_functions(out, part, prefix, done);
    text_emit(out, "\nstatic const cleat_check @p@_checks[] = {\n", "p", prefix, NULL);
    FOR_EACH(struct table, table, parts)
        emit_check_rows(out, table, prefix);
    g_string_append(out, "};\n");
    if (is_long)
        emit_long_literals_end(out);
}

/* ---- full text ---- */

static void
emit_index(GString *out, const struct full_text *full_text, const char *prefix)
{
    const char *f = full_text_prefix(full_text);
    const char *rowid = full_text_rowid(full_text);
    text_emit(out, "\nstatic const char *const @f@_columns[] = {\n", "f", f, NULL);
    FOR_EACH(struct column, column, full_text->columns) {
        g_string_append(out, "    ");
        text_literal(out, column->sql_name, strlen(column->sql_name), "");
        g_string_append(out, ",\n");
    }
    text_emit(out,
              "    NULL,\n"
              "};\n"
              "\n"
              "const cleat_full_text @f@_index = {&@p@_table, \"@name@\", ",
              "f", f, "p", prefix, "name", full_text->name, NULL);
    text_literal(out, rowid, strlen(rowid), "");
    text_emit(out, ", @f@_columns};\n", "f", f, NULL);
}

void
emit_boundary_source(GString *out, const struct table *table, const char *prefix)
{
    bool limits = emit_limits(out, table, prefix);
    const GPtrArray *parts = table_parts(table);
    bool checks = longest_check(parts) > 0;
    if (checks)
        emit_checks(out, parts, prefix);
    text_emit(out,
              "\n"
              "const cleat_rules @p@_rules = {\n"
              "    &@p@_table,\n",
              "p", prefix, NULL);
    text_emit(out, limits ? "    @p@_limits,\n" : "    NULL,\n", "p", prefix, NULL);
    text_emit(out, checks ? "    @p@_checks,\n" : "    NULL,\n", "p", prefix, NULL);
    text_emit(out, limits ? "    CLEAT_COUNT(@p@_limits),\n" : "    0,\n", "p", prefix, NULL);
    text_emit(out, checks ? "    CLEAT_COUNT(@p@_checks),\n" : "    0,\n", "p", prefix, NULL);
    g_string_append(out, "};\n");
    FOR_EACH(struct full_text, full_text, table->full_texts)
        emit_index(out, full_text, prefix);
}
