/* emit_query.c: views and queries in the header and source of their module. A view is a table that
 * is only read; a query is a row of its own, a descriptor with the SQL, and inline functions that
 * put typed parameters into an array of values. */
#include "emit_query.h"

#include "common/arena.h"
#include "common/text.h"
#include "emit_column.h"
#include "emit_row.h"
#include "emit_text.h"
#include "model/names.h"

#include <string.h>

/* ---- views: header ---- */

static const char view_text[] =
    "\n"
    "extern const cleat_table @p@_table;\n"
    "\n"
    "/* Counts the rows of the view. */\n"
    "static inline cleat_status\n"
    "@p@_count(cleat_session *s, int64_t *ret_count)\n"
    "{\n"
    "    return cleat_row_count(s, &@p@_table, ret_count);\n"
    "}\n"
    "\n"
    "/* Begins a list of all rows, for @p@_next(). */\n"
    "static inline cleat_status\n"
    "@p@_list(cleat_session *s, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_list(s, &@p@_table, ret_cursor);\n"
    "}\n"
    "\n"
    "/* Reads the next row of a list. Returns CLEAT_ROW, or CLEAT_DONE after the last.\n"
    " * Lends the row's text and blobs until the next call on the cursor. */\n"
    "static inline cleat_status\n"
    "@p@_next(cleat_cursor *cursor, @p@_row *ret_row)\n"
    "{\n"
    "    return cleat_row_next(cursor, &@p@_table, ret_row);\n"
    "}\n";

static void
emit_view_header(GString *out, const struct schema_object *view)
{
    const char *prefix = name_prefix(view->row);
    emit_row(out, view->row, prefix);
    text_emit(out, view_text, "p", prefix, NULL);
}

/* ---- queries: header ---- */

static const char one_text[] =
    "\n"
    "/* @doc@Copies the row. Returns CLEAT_NOT_FOUND when there is none.\n"
    " * Owns: the row its texts and blobs; the next call uses that memory, _clear frees it. */\n"
    "static inline cleat_status\n"
    "@p@(cleat_session *s@parameters@, @p@_row *ret_row)\n"
    "{\n"
    "@values@"
    "    return cleat_query_one(s, &@p@_query, @array@, ret_row);\n"
    "}\n"
    "\n"
    "/* Frees what the row owns and fills it with zeros. */\n"
    "static inline void\n"
    "@p@_clear(@p@_row *row)\n"
    "{\n"
    "    cleat_row_clear(@p@_query.result, row);\n"
    "}\n";

static const char many_text[] =
    "\n"
    "/* @doc@Begins a list of rows, for @p@_next(). */\n"
    "static inline cleat_status\n"
    "@p@(cleat_session *s@parameters@, cleat_cursor *ret_cursor)\n"
    "{\n"
    "@values@"
    "    return cleat_query_many(s, &@p@_query, @array@, ret_cursor);\n"
    "}\n"
    "\n"
    "/* Reads the next row of a list. Returns CLEAT_ROW, or CLEAT_DONE after the last.\n"
    " * Lends the row's text and blobs until the next call on the cursor. */\n"
    "static inline cleat_status\n"
    "@p@_next(cleat_cursor *cursor, @p@_row *ret_row)\n"
    "{\n"
    "    return cleat_row_next(cursor, @p@_query.result, ret_row);\n"
    "}\n"
    "\n";

static const char collect_text[] =
    "typedef struct @p@_rows {\n"
    "    @p@_row *items;\n"
    "    size_t count;\n"
    "    void *owned; /* the memory of their texts and blobs */\n"
    "} @p@_rows;\n"
    "\n"
    "/* The same rows as an array. What ret_rows held before is not freed: clear it first. */\n"
    "static inline cleat_status\n"
    "@p@_collect(cleat_session *s@parameters@, @p@_rows *ret_rows)\n"
    "{\n"
    "@values@"
    "    return cleat_query_collect(s, &@p@_query, @array@, ret_rows);\n"
    "}\n"
    "\n"
    "/* Frees the rows with all they own. */\n"
    "static inline void\n"
    "@p@_rows_clear(@p@_rows *rows)\n"
    "{\n"
    "    cleat_rows_clear(rows);\n"
    "}\n";

static const char exec_text[] =
    "\n"
    "/* @doc@Returns CLEAT_OK, also when no row is touched. */\n"
    "static inline cleat_status\n"
    "@p@(cleat_session *s@parameters@)\n"
    "{\n"
    "@values@"
    "    return cleat_query_execute(s, &@p@_query, @array@, NULL);\n"
    "}\n";

static const char execrows_text[] =
    "\n"
    "/* @doc@Counts the rows it has changed. */\n"
    "static inline cleat_status\n"
    "@p@(cleat_session *s@parameters@, int64_t *ret_count)\n"
    "{\n"
    "@values@"
    "    return cleat_query_execute(s, &@p@_query, @array@, ret_count);\n"
    "}\n";

static bool
is_number(enum column_type type)
{
    return type == TYPE_INTEGER || type == TYPE_BOOLEAN || type == TYPE_REAL ||
           type == TYPE_TIMESTAMP || type == TYPE_ENUM;
}

static bool
is_pointer(const struct parameter *parameter)
{
    return !parameter->column->not_null && is_number(parameter->column->type);
}

/* ", int64_t since, const char *const *names, size_t names_count" */
static const char *
parameter_list(const struct query *query)
{
    GString *list = g_string_new(NULL);
    FOR_EACH(struct parameter, parameter, query->parameters) {
        const struct column *column = parameter->column;
        const char *name = name_parameter(column);
        g_string_append(list, ", ");
        if (parameter->is_array)
            text_emit(list, "@type@*@name@, size_t @name@_count", "type", name_item_type(column),
                      "name", name, NULL);
        else if (is_pointer(parameter))
            text_emit(list, "const @type@*@name@", "type", name_c_type(column), "name", name, NULL);
        else
            emit_parameter(list, column);
    }
    const char *copy = arena_string(list->str);
    g_string_free(list, TRUE);
    return copy;
}

static const char *
value_list(const struct query *query)
{
    GString *list = g_string_new(NULL);
    FOR_EACH(struct parameter, parameter, query->parameters) {
        const char *name = name_parameter(parameter->column);
        g_string_append(list, list->len > 0 ? ",\n        " : "        ");
        if (parameter->is_array)
            text_emit(list, "cleat_value_array(@name@, @name@_count)", "name", name, NULL);
        else if (is_pointer(parameter))
            text_emit(list, "cleat_value_pointer(@name@)", "name", name, NULL);
        else
            emit_value(list, parameter->column);
    }
    const char *copy = "";
    if (list->len > 0)
        copy = name_join("    const cleat_value values[] = {\n", list->str, ",\n    };\n", NULL);
    g_string_free(list, TRUE);
    return copy;
}

static const char *
doc_lines(const struct query *query)
{
    GString *doc = g_string_new(NULL);
    if (query->text.doc != NULL) {
        text_comment_lines(doc, query->text.doc, "\n * ");
        g_string_append(doc, "\n * ");
    }
    const char *copy = arena_string(doc->str);
    g_string_free(doc, TRUE);
    return copy;
}

static void
emit_call(GString *out, const struct query *query, const char *template_text)
{
    text_emit(out, template_text, "p", name_prefix(query->row), "doc", doc_lines(query),
              "parameters", parameter_list(query), "values", value_list(query), "array",
              query->parameters->len > 0 ? "values" : "NULL", NULL);
}

static void
emit_query_header(GString *out, const struct query *query)
{
    const char *prefix = name_prefix(query->row);
    bool has_row = query->row->columns->len > 0;
    if (has_row)
        emit_row(out, query->row, prefix);
    else
        text_emit(out, "\n/* ---- @database@.@name@ ---- */\n", "database", query->database->name,
                  "name", query->name, NULL);
    text_emit(out, "\nextern const cleat_query @p@_query;\n", "p", prefix, NULL);
    switch (query->kind) {
    case QUERY_ONE: emit_call(out, query, one_text); break;
    case QUERY_EXEC: emit_call(out, query, exec_text); break;
    case QUERY_EXECROWS: emit_call(out, query, execrows_text); break;
    case QUERY_MANY:
        emit_call(out, query, many_text);
        emit_call(out, query, collect_text);
        break;
    }
}

void
emit_queries_header(GString *out, const struct module *module)
{
    FOR_EACH(struct schema_object, object, module->objects)
        if (object->is_view)
            emit_view_header(out, object);
    FOR_EACH(struct query, query, module->queries)
        emit_query_header(out, query);
}

/* ---- source ---- */

/* A view's or result's descriptor: a table without keys. */
static void
emit_result(GString *out, const struct table *row, const char *prefix, const char *declaration)
{
    bool has_columns = row->columns->len > 0;
    bool has_enums = has_columns && emit_row_enums(out, row, prefix);
    text_emit(out,
              "\n"
              "@declaration@ = {\n"
              "    \"@database@\",\n"
              "    \"@name@\",\n",
              "declaration", declaration, "database", row->database->name, "name", row->name, NULL);
    text_emit(out, has_columns ? "    @p@_columns,\n" : "    NULL,\n", "p", prefix, NULL);
    g_string_append(out, "    NULL,\n");
    text_emit(out, has_enums ? "    @p@_enums,\n" : "    NULL,\n", "p", prefix, NULL);
    text_emit(out, has_columns ? "    CLEAT_COUNT(@p@_columns),\n" : "    0,\n", "p", prefix, NULL);
    g_string_append(out, "    0,\n");
    text_emit(out, has_enums ? "    CLEAT_COUNT(@p@_enums),\n" : "    0,\n", "p", prefix, NULL);
    text_emit(out,
              has_columns ? "    sizeof(@p@_row),\n"
                            "    offsetof(@p@_row, owned),\n"
                          : "    0,\n"
                            "    0,\n",
              "p", prefix, NULL);
    g_string_append(out,
                    "    NULL,\n"
                    "};\n");
}

static void
emit_view_source(GString *out, const struct schema_object *view)
{
    const char *prefix = name_prefix(view->row);
    text_emit(out, "\n/* ---- @database@.@name@ ---- */\n", "database", view->database->name,
              "name", view->name, NULL);
    emit_row_columns(out, view->row, prefix);
    emit_result(out, view->row, prefix, name_join("const cleat_table ", prefix, "_table", NULL));
}

static void
emit_parameters(GString *out, const struct query *query, const char *prefix)
{
    if (query->parameters->len == 0)
        return;
    text_emit(out, "\nstatic const cleat_parameter @p@_parameters[] = {\n", "p", prefix, NULL);
    FOR_EACH(struct parameter, parameter, query->parameters) {
        const struct column *column = parameter->column;
        const char *labels = column->type == TYPE_ENUM
                                 ? name_join("&", column->enumeration->name, "_enum", NULL)
                                 : "NULL";
        text_emit(out, "    {\"@name@\", @labels@, @kind@, @flags@},\n", "name", column->name,
                  "labels", labels, "kind", emit_kind(column->type), "flags",
                  parameter->is_array ? "CLEAT_ARRAY"
                  : column->not_null  ? "0"
                                      : "CLEAT_NULLABLE",
                  NULL);
    }
    g_string_append(out, "};\n");
}

static void
emit_query_source(GString *out, const struct query *query)
{
    const char *prefix = name_prefix(query->row);
    bool has_parameters = query->parameters->len > 0;
    text_emit(out, "\n/* ---- @database@.@name@ ---- */\n", "database", query->database->name,
              "name", query->name, NULL);
    if (query->row->columns->len > 0)
        emit_row_columns(out, query->row, prefix);
    emit_result(out, query->row, prefix,
                name_join("static const cleat_table ", prefix, "_result", NULL));
    emit_parameters(out, query, prefix);
    text_emit(out, "\nstatic const char *const @p@_databases[] = {", "p", prefix, NULL);
    FOR_EACH(struct database, database, query->databases)
        text_emit(out, "\"@name@\", ", "name", database->name, NULL);
    g_string_append(out, "NULL};\n");
    bool is_long = strlen(query->sql) > EMIT_LITERAL_MAX;
    if (is_long)
        emit_long_literals_begin(out);
    text_emit(out, "\nconst cleat_query @p@_query = {\n    ", "p", prefix, NULL);
    text_literal(out, query->sql, strlen(query->sql), "\n    ");
    text_emit(out,
              ",\n"
              "    &@p@_result,\n",
              "p", prefix, NULL);
    text_emit(out, has_parameters ? "    @p@_parameters,\n" : "    NULL,\n", "p", prefix, NULL);
    text_emit(out, "    @p@_databases,\n", "p", prefix, NULL);
    text_emit(out, has_parameters ? "    CLEAT_COUNT(@p@_parameters),\n" : "    0,\n", "p", prefix,
              NULL);
    g_string_append(out, query->writes ? "    CLEAT_WRITES,\n};\n" : "    0,\n};\n");
    if (is_long)
        emit_long_literals_end(out);
}

void
emit_queries_source(GString *out, const struct module *module)
{
    FOR_EACH(struct schema_object, object, module->objects)
        if (object->is_view)
            emit_view_source(out, object);
    FOR_EACH(struct query, query, module->queries)
        emit_query_source(out, query);
}
