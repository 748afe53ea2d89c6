/* site_table.c: one table on the page of its database: what it holds, its columns, keys, indexes,
 * checks, references in both directions, its SQL and its functions in C. */
#include "site_page.h"
#include "site_text.h"

#include "common/text.h"
#include "emit/emit.h"
#include "model/keys.h"
#include "model/names.h"

#include <string.h>

/* ---- pieces ---- */

static void
emit_code(GString *out, const char *text)
{
    g_string_append(out, "<code>");
    text_html(out, text);
    g_string_append(out, "</code>");
}

static void
emit_tag(GString *out, const char *class, const char *text)
{
    text_emit(out, "<span class=\"tag@class@\">@text@</span>", "class", class, "text", text, NULL);
}

static void
emit_link(GString *out, const char *database, const char *table, const char *text)
{
    g_string_append(out, "<a class=\"mono\" href=\"");
    text_html(out, site_place(database, table, NULL));
    g_string_append(out, "\">");
    text_html(out, text);
    g_string_append(out, "</a>");
}

static void
emit_columns_of(GString *out, const GPtrArray *columns)
{
    const char *separator = "";
    FOR_EACH(struct column, column, columns) {
        g_string_append(out, separator);
        emit_code(out, column->sql_name);
        separator = ", ";
    }
}

/* ---- columns ---- */

static bool
is_unique(const struct column *column)
{
    FOR_EACH(struct index, index, column->table->indexes) {
        const struct key_part *part = g_ptr_array_index(index->parts, 0);
        if (index->unique && index->parts->len == 1 && part->column == column &&
            index->where.sql == NULL)
            return true;
    }
    return false;
}

static void
emit_tags(GString *out, const struct column *column)
{
    if (column->primary_key)
        emit_tag(out, " key", "primary key");
    if (column->autoincrement)
        emit_tag(out, "", "autoincrement");
    if (is_unique(column))
        emit_tag(out, " key", "unique");
    if (column->indexed)
        emit_tag(out, "", "index");
    if (column->update_now)
        emit_tag(out, "", "set by updates");
    if (column->generated.sql != NULL)
        emit_tag(out, "", "generated");
    if (column->max_length > 0) {
        char text[48];
        g_snprintf(text, sizeof text, "at most %" G_GINT64_FORMAT, column->max_length);
        emit_tag(out, "", text);
    }
}

static void
emit_target(GString *out, const struct reference *reference)
{
    const char *database = site_target_database(reference);
    const char *text = reference->table_name;
    if (reference->database != NULL)
        text = name_join(database, ".", text, NULL);
    g_string_append(out, " → ");
    emit_link(out, database, reference->table_name, text);
    if (reference->database != NULL)
        g_string_append(out, " <span class=\"soft\">(not enforced)</span>");
}

static void
emit_default(GString *out, const struct column *column)
{
    if (column->default_now)
        g_string_append(out, "now");
    else if (column->default_value.sql != NULL)
        emit_code(out, column->default_value.sql);
}

static void
emit_labels(GString *out, const struct enumeration *enumeration)
{
    g_string_append(out, "<div class=\"labels\">");
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators)
        emit_code(out, enumerator->label);
    g_string_append(out, "</div>");
}

static void
emit_column(GString *out, const struct column *column)
{
    const struct table *table = column->table;
    g_string_append(out, "<tr id=\"");
    text_html(out, strchr(site_place(table->database->name, table->name, column->name), '#') + 1);
    g_string_append(out, "\"><th scope=\"row\">");
    emit_code(out, column->sql_name);
    g_string_append(out, "</th><td>");
    text_html(out, site_type(column));
    if (column->type == TYPE_ENUM)
        emit_labels(out, column->enumeration);
    text_emit(out, "</td><td>@null@</td><td>", "null", column->not_null ? "" : "null", NULL);
    emit_default(out, column);
    g_string_append(out, "</td><td>");
    emit_tags(out, column);
    if (column->doc != NULL)
        text_html(out, column->doc);
    if (site_reference(column) != NULL)
        emit_target(out, site_reference(column));
    g_string_append(out, "</td></tr>\n");
}

static void
emit_columns(GString *out, const struct table *table)
{
    g_string_append(out,
                    "<table><thead><tr><th scope=\"col\">Column</th><th scope=\"col\">Type</th>"
                    "<th scope=\"col\">Null</th><th scope=\"col\">Default</th>"
                    "<th scope=\"col\">Holds</th></tr></thead><tbody>\n");
    FOR_EACH(struct column, column, table->columns)
        emit_column(out, column);
    g_string_append(out, "</tbody></table>\n");
}

/* ---- what stands below the columns ---- */

static void
emit_index(GString *out, const struct index *index)
{
    g_string_append(out, "<li>");
    emit_code(out, index->name);
    g_string_append(out, index->unique ? " unique on " : " on ");
    const char *separator = "";
    FOR_EACH(struct key_part, part, index->parts) {
        g_string_append(out, separator);
        emit_code(out, part->column == NULL ? part->sql : part->column->sql_name);
        if (part->descending)
            g_string_append(out, " descending");
        separator = ", ";
    }
    if (index->where.sql != NULL) {
        g_string_append(out, " where ");
        emit_code(out, index->where.sql);
    }
    g_string_append(out, "</li>\n");
}

static void
emit_indexes(GString *out, const struct table *table)
{
    if (table->indexes->len + table->full_texts->len == 0 && table->primary_key->len < 2)
        return;
    g_string_append(out, "<h3>Keys and indexes</h3>\n<ul class=\"plain\">\n");
    if (table->primary_key->len > 1) {
        g_string_append(out, "<li>primary key on ");
        emit_columns_of(out, table->primary_key);
        g_string_append(out, "</li>\n");
    }
    FOR_EACH(struct index, index, table->indexes)
        emit_index(out, index);
    FOR_EACH(struct full_text, full_text, table->full_texts) {
        g_string_append(out, "<li>");
        emit_code(out, full_text->name);
        g_string_append(out, " full text of ");
        emit_columns_of(out, full_text->columns);
        g_string_append(out, "</li>\n");
    }
    g_string_append(out, "</ul>\n");
}

static void
emit_check(GString *out, const struct expression *check)
{
    g_string_append(out, "<li>");
    emit_code(out, check->sql);
    g_string_append(out, "</li>\n");
}

static void
emit_checks(GString *out, const struct table *table)
{
    guint count = table->checks->len;
    FOR_EACH(struct column, column, table->columns)
        count += column->checks->len;
    if (count == 0)
        return;
    g_string_append(out, "<h3>Checks</h3>\n<ul class=\"plain\">\n");
    FOR_EACH(struct column, column, table->columns)
        FOR_EACH(struct expression, check, column->checks)
            emit_check(out, check);
    FOR_EACH(struct expression, check, table->checks)
        emit_check(out, check);
    g_string_append(out, "</ul>\n");
}

static const char *
action_text(enum action action)
{
    static const char *const texts[] = {"",
                                        "no action",
                                        "refused while it is referenced",
                                        "deletes these rows",
                                        "sets NULL here",
                                        "sets the default here"};
    return texts[action];
}

static void
emit_composite_references(GString *out, const struct table *table)
{
    FOR_EACH(struct reference, reference, table->references) {
        if (reference->columns->len < 2)
            continue;
        g_string_append(out, "<p>Foreign key ");
        emit_columns_of(out, reference->columns);
        emit_target(out, reference);
        g_string_append(out, "</p>\n");
    }
}

static void
emit_referenced(GString *out, const struct site *site, const struct table *table)
{
    const GPtrArray *references = g_hash_table_lookup(site->referenced, table);
    if (references == NULL)
        return;
    g_string_append(out, "<h3>Referenced by</h3>\n<ul class=\"plain\">\n");
    FOR_EACH(struct reference, reference, references) {
        const struct column *first = g_ptr_array_index(reference->columns, 0);
        const struct table *source = first->table;
        g_string_append(out, "<li>");
        emit_link(out, source->database->name, source->name,
                  source->database == table->database
                      ? source->name
                      : name_join(source->database->name, ".", source->name, NULL));
        g_string_append(out, " by ");
        emit_columns_of(out, reference->columns);
        if (reference->on_delete != ACTION_NONE)
            text_emit(out, " <span class=\"soft\">on delete: @action@</span>", "action",
                      action_text(reference->on_delete), NULL);
        g_string_append(out, "</li>\n");
    }
    g_string_append(out, "</ul>\n");
}

static void
emit_sql_of(GString *out, const struct site *site, const struct table *table)
{
    const GPtrArray *statements = g_hash_table_lookup(site->statements, table);
    g_string_append(out, "<details><summary>SQL</summary><pre>");
    const char *separator = "";
    FOR_EACH(struct statement, statement, statements) {
        g_string_append(out, separator);
        text_html(out, statement->sql);
        g_string_append_c(out, ';');
        separator = "\n\n";
    }
    g_string_append(out, "</pre></details>\n");
}

static void
add_function(void *data, enum verb verb, const struct access *access, const char *name)
{
    (void)verb;
    (void)access;
    text_emit(data, "@name@()\n", "name", name, NULL);
}

static void
emit_functions(GString *out, const struct table *table)
{
    text_emit(out,
              "<details><summary>C: <code>@prefix@_row</code></summary>"
              "<p class=\"soft\">In <code>@path@/db_models.cleat.h</code></p><pre>",
              "prefix", name_prefix(table), "path", table->module->path, NULL);
    table_verbs(table, table_accesses(table), add_function, out);
    g_string_append(out, "</pre></details>\n");
}

void
site_table(const struct site *site, const struct table *table, GString *out)
{
    text_emit(out,
              "<section id=\"@place@\">\n<h2><span class=\"mono\">@name@</span>"
              "<span class=\"kind\">table of @module@@options@</span></h2>\n",
              "place", strchr(site_place("", table->name, NULL), '#') + 1, "name", table->name,
              "module", table->module->name, "options",
              table->without_rowid ? ", without rowid" : "", NULL);
    site_paragraphs(out, table->doc);
    emit_columns(out, table);
    emit_composite_references(out, table);
    emit_indexes(out, table);
    emit_checks(out, table);
    emit_referenced(out, site, table);
    emit_sql_of(out, site, table);
    emit_functions(out, table);
    g_string_append(out, "</section>\n");
}
