/* site_object.c: what a module says in SQL, on the page of its database: views and triggers, and
 * typed queries with what they take and give. */
#include "site_page.h"
#include "site_text.h"

#include "common/text.h"
#include "model/names.h"

#include <string.h>

static void
emit_sql(GString *out, const char *sql)
{
    g_string_append(out, "<details><summary>SQL</summary><pre>");
    text_html(out, sql);
    g_string_append(out, "</pre></details>\n");
}

static void
emit_begin(GString *out, const char *name, const char *kind, const struct module *module)
{
    text_emit(out,
              "<section id=\"@place@\">\n<h2><span class=\"mono\">@name@</span>"
              "<span class=\"kind\">@kind@ of @module@</span></h2>\n",
              "place", strchr(site_place("", name, NULL), '#') + 1, "name", name, "kind", kind,
              "module", module->name, NULL);
}

/* Names and types, as a list in one paragraph. */
static void
emit_value(GString *out, const struct column *column, bool is_array, const char *separator)
{
    g_string_append(out, separator);
    g_string_append(out, "<code>");
    text_html(out, column->name);
    g_string_append(out, "</code> ");
    text_html(out, site_type(column));
    if (is_array)
        g_string_append(out, " array");
    if (!column->not_null)
        g_string_append(out, " or null");
}

static void
emit_row(GString *out, const char *title, const struct table *row)
{
    if (row == NULL || row->columns->len == 0)
        return;
    text_emit(out, "<p>@title@: ", "title", title, NULL);
    const char *separator = "";
    FOR_EACH(struct column, column, row->columns) {
        emit_value(out, column, false, separator);
        separator = ", ";
    }
    g_string_append(out, "</p>\n");
}

void
site_object(const struct schema_object *object, GString *out)
{
    emit_begin(out, object->name, object->is_view ? "view" : "trigger", object->module);
    site_paragraphs(out, object->text.doc);
    if (object->is_view)
        emit_row(out, "Columns", object->row);
    emit_sql(out, object->sql);
    g_string_append(out, "</section>\n");
}

static void
emit_parameters(GString *out, const struct query *query)
{
    if (query->parameters->len == 0)
        return;
    g_string_append(out, "<p>Takes ");
    const char *separator = "";
    FOR_EACH(struct parameter, parameter, query->parameters) {
        emit_value(out, parameter->column, parameter->is_array, separator);
        separator = ", ";
    }
    g_string_append(out, "</p>\n");
}

static void
emit_databases(GString *out, const struct query *query)
{
    text_emit(out, "<p>@verb@ ", "verb", query->writes ? "Writes; needs" : "Reads", NULL);
    const char *separator = "";
    FOR_EACH(struct database, database, query->databases) {
        text_emit(out, "@separator@<a href=\"@page@\">@name@</a>", "separator", separator, "page",
                  site_page(database->name), "name", database->name, NULL);
        separator = ", ";
    }
    g_string_append(out, "</p>\n");
}

static const char *
kind_text(enum query_kind kind)
{
    static const char *const texts[] = {
        [QUERY_ONE] = "query of one row",
        [QUERY_MANY] = "query of many rows",
        [QUERY_EXEC] = "statement",
        [QUERY_EXECROWS] = "statement that counts its rows",
    };
    return texts[kind];
}

void
site_query(const struct query *query, GString *out)
{
    emit_begin(out, query->name, kind_text(query->kind), query->module);
    site_paragraphs(out, query->text.doc);
    emit_parameters(out, query);
    emit_row(out, "Gives", query->row);
    if (query->databases->len > 0)
        emit_databases(out, query);
    emit_sql(out, query->text.sql);
    g_string_append(out, "</section>\n");
}
