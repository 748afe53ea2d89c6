/* site_index.c: what the search of the pages looks through: one line for every name, with its
 * address and the first line of its comment, as a script, because a page that is opened as a file
 * may not read another. */
#include "site_page.h"
#include "site_text.h"

#include "common/text.h"
#include "model/names.h"

static void
add_entry(GString *out, const char *kind, const char *name, const char *address, const char *doc)
{
    text_emit(out, "[\"@kind@\",", "kind", kind, NULL);
    text_javascript(out, name);
    g_string_append_c(out, ',');
    text_javascript(out, address);
    g_string_append_c(out, ',');
    text_javascript(out, doc == NULL ? "" : doc);
    g_string_append(out, "],\n");
}

static void
add_table(GString *out, const struct table *table)
{
    const char *database = table->database->name;
    const char *name = name_join(database, ".", table->name, NULL);
    add_entry(out, "table", name, site_place(database, table->name, NULL), table->doc);
    FOR_EACH(struct column, column, table->columns)
        add_entry(out, "column", name_join(name, ".", column->name, NULL),
                  site_place(database, table->name, column->name), column->doc);
}

static void
add_database(GString *out, const struct database *database)
{
    add_entry(out, "database", database->name, site_page(database->name), NULL);
    FOR_EACH(struct table, table, database->tables)
        add_table(out, table);
    FOR_EACH(struct schema_object, object, database->objects)
        add_entry(out, object->is_view ? "view" : "trigger",
                  name_join(database->name, ".", object->name, NULL),
                  site_place(database->name, object->name, NULL), object->text.doc);
    FOR_EACH(struct module, module, database->modules)
        FOR_EACH(struct query, query, module->queries)
            add_entry(out, "query", name_join(database->name, ".", query->name, NULL),
                      site_place(database->name, query->name, NULL), query->text.doc);
    for (guint i = 0; database->migrations != NULL && i < database->migrations->len; i++) {
        const struct migration *migration = g_ptr_array_index(database->migrations, i);
        add_entry(out, "migration", name_join(database->name, ".", migration->revision, NULL),
                  site_place(database->name, migration->revision, NULL), migration->message);
    }
}

void
site_index(const struct model *model, GString *out)
{
    g_string_append(out, "const cleatIndex = [\n");
    FOR_EACH(struct database, database, model->databases)
        add_database(out, database);
    g_string_append(out, "];\n");
}
