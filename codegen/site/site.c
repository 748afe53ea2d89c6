/* site.c: the pages of `cleat docs`. A model without errors enters; an overview, one page per
 * database, the style and the search leave, as files that a browser opens without a server.
 * Nothing on them depends on the machine or the day. */
#include "site.h"
#include "site_page.h"
#include "site_text.h"

#include "common/arena.h"
#include "common/text.h"
#include "model/names.h"

#include <gio/gio.h>

/* ---- the frame of a page ---- */

static void
emit_contents(GString *out, const struct database *database)
{
    g_string_append(out, "<ul>\n");
    FOR_EACH(struct table, table, database->tables)
        text_emit(out, "<li><a class=\"mono\" href=\"#@name@\">@name@</a></li>\n", "name",
                  table->name, NULL);
    g_string_append(out, "</ul>\n");
}

static void
emit_navigation(GString *out, const struct model *model, const struct database *here)
{
    text_emit(out,
              "<nav aria-label=\"Databases\">\n"
              "<a class=\"home\" href=\"index.html\"@here@>@name@</a>\n"
              "<input id=\"search\" type=\"search\" placeholder=\"Search (/)\" "
              "aria-label=\"Search tables, columns and comments\" aria-controls=\"results\" "
              "autocomplete=\"off\" hidden>\n<ul>\n",
              "here", here == NULL ? " aria-current=\"page\"" : "", "name", model->name, NULL);
    FOR_EACH(struct database, database, model->databases) {
        bool is_here = here != NULL && database == here;
        text_emit(out, "<li@class@><a href=\"@page@\"@here@>@name@</a>\n", "class",
                  is_here ? " class=\"here\"" : "", "page", site_page(database->name), "here",
                  is_here ? " aria-current=\"page\"" : "", "name", database->name, NULL);
        if (is_here)
            emit_contents(out, database);
        g_string_append(out, "</li>\n");
    }
    g_string_append(out, "</ul>\n</nav>\n");
}

static void
begin_page(GString *out, const struct model *model, const struct database *here)
{
    text_emit(out,
              "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
              "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
              "<title>@title@</title>\n<link rel=\"stylesheet\" href=\"style.css\">\n</head>\n"
              "<body>\n<a class=\"skip\" href=\"#page\">Skip to the page</a>\n",
              "title", here == NULL ? name_join("Databases of ", model->name, NULL) : here->name,
              NULL);
    emit_navigation(out, model, here);
    g_string_append(out,
                    "<main>\n<section id=\"results\" aria-label=\"Results\"></section>\n"
                    "<div id=\"page\" tabindex=\"-1\">\n");
}

static void
end_page(GString *out)
{
    g_string_append(out,
                    "</div>\n</main>\n<script src=\"index.js\"></script>\n"
                    "<script src=\"search.js\"></script>\n</body>\n</html>\n");
}

/* ---- pages ---- */

static void
emit_links(GString *out, const struct database *database)
{
    const char *separator = "<p>Its sessions also see ";
    FOR_EACH(struct database, link, database->links) {
        text_emit(out, "@separator@<a href=\"@page@\">@name@</a>", "separator", separator, "page",
                  site_page(link->name), "name", link->name, NULL);
        separator = ", ";
    }
    if (database->links->len > 0)
        g_string_append(out, ".</p>\n");
}

static void
emit_first_sentence(GString *out, const char *doc)
{
    char *sentence = g_strndup(doc, text_first_sentence(doc));
    text_html(out, sentence);
    g_free(sentence);
}

static void
emit_card(GString *out, const struct database *database)
{
    text_emit(out, "<section class=\"card\">\n<h2><a href=\"@page@\">@name@</a></h2>\n", "page",
              site_page(database->name), "name", database->name, NULL);
    emit_links(out, database);
    if (database->tables->len == 0)
        g_string_append(out, "<p class=\"soft\">It has no tables yet.</p>\n");
    g_string_append(out, "<ul class=\"plain\">\n");
    FOR_EACH(struct table, table, database->tables) {
        text_emit(out, "<li><a class=\"mono\" href=\"@place@\">@name@</a>", "place",
                  site_place(database->name, table->name, NULL), "name", table->name, NULL);
        if (table->doc != NULL) {
            g_string_append(out, " <span class=\"soft\">");
            emit_first_sentence(out, table->doc);
            g_string_append(out, "</span>");
        }
        g_string_append(out, "</li>\n");
    }
    g_string_append(out, "</ul>\n</section>\n");
}

static void
emit_overview(const struct model *model, GString *out)
{
    begin_page(out, model, NULL);
    text_emit(out, "<h1>Databases of @name@</h1>\n<div class=\"cards\">\n", "name", model->name,
              NULL);
    FOR_EACH(struct database, database, model->databases)
        emit_card(out, database);
    g_string_append(out, "</div>\n");
    end_page(out);
}

static void
emit_modules(GString *out, const struct database *database)
{
    const char *separator = "<p class=\"soft\">Modules: ";
    FOR_EACH(struct module, module, database->modules) {
        text_emit(out, "@separator@<code>@name@</code>", "separator", separator, "name",
                  module->name, NULL);
        separator = ", ";
    }
    text_emit(out, "; revision <code>@revision@</code></p>\n", "revision", database->revision,
              NULL);
}

static void
emit_database(const struct site *site, const struct database *database, GString *out)
{
    struct arena_mark mark = arena_mark();
    begin_page(out, site->model, database);
    text_emit(out, "<h1>@name@<span class=\"kind\">database</span></h1>\n", "name", database->name,
              NULL);
    emit_modules(out, database);
    emit_links(out, database);
    site_diagram(database, out);
    FOR_EACH(struct table, table, database->tables)
        site_table(site, table, out);
    FOR_EACH(struct schema_object, object, database->objects)
        site_object(object, out);
    FOR_EACH(struct module, module, database->modules)
        FOR_EACH(struct query, query, module->queries)
            site_query(query, out);
    site_history(database, out);
    end_page(out);
    arena_release(mark);
}

/* ---- the whole ---- */

/* Adds to the list of a table. */
static void
note(GHashTable *lists, const struct table *table, void *item)
{
    if (table == NULL)
        return;
    GPtrArray *list = g_hash_table_lookup(lists, table);
    if (list == NULL) {
        list = arena_list();
        g_hash_table_insert(lists, (void *)table, list);
    }
    g_ptr_array_add(list, item);
}

static void
note_database(const struct site *site, const struct database *database)
{
    FOR_EACH(struct statement, statement, database->statements)
        note(site->statements, statement->table, statement);
    FOR_EACH(struct table, table, database->tables) {
        FOR_EACH(struct reference, reference, table->references)
            note(site->referenced, reference->table, reference);
        FOR_EACH(struct reference, reference, table->soft_references)
            note(site->referenced, reference->table, reference);
    }
}

/* A file that is a part of the tool. */
static void
add_asset(struct file_set *files, const char *name)
{
    GBytes *bytes = g_resources_lookup_data(name_join("/cleat/site/", name, NULL),
                                            G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
    gsize size;
    const char *text = g_bytes_get_data(bytes, &size);
    g_string_append_len(file_set_add(files, name), text, (gssize)size);
    g_bytes_unref(bytes);
}

void
stage_site(const struct model *model, struct file_set *files)
{
    struct site site = {model, g_hash_table_new(NULL, NULL), g_hash_table_new(NULL, NULL)};
    FOR_EACH(struct database, database, model->databases)
        note_database(&site, database);
    emit_overview(model, file_set_add(files, "index.html"));
    FOR_EACH(struct database, database, model->databases)
        emit_database(&site, database, file_set_add(files, site_page(database->name)));
    site_index(model, file_set_add(files, "index.js"));
    add_asset(files, "style.css");
    add_asset(files, "search.js");
    g_hash_table_destroy(site.referenced);
    g_hash_table_destroy(site.statements);
}
