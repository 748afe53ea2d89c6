/* site_text.c: addresses of what pages are about, and how types, comments and references are shown. */
#include "site_text.h"

#include "common/text.h"
#include "model/names.h"

/* ---- addresses ---- */

const char *
site_page(const char *database)
{
    return name_join(database, ".db.html", NULL);
}

const char *
site_place(const char *database, const char *table, const char *column)
{
    if (column == NULL)
        return name_join(site_page(database), "#", table, NULL);
    return name_join(site_page(database), "#", table, ".", column, NULL);
}

/* ---- pieces ---- */

void
site_paragraphs(GString *out, const char *doc)
{
    if (doc == NULL)
        return;
    char **parts = g_strsplit(doc, "\n\n", -1);
    for (char **part = parts; *part != NULL; part++) {
        g_string_append(out, "<p>");
        text_html(out, *part);
        g_string_append(out, "</p>\n");
    }
    g_strfreev(parts);
}

const char *
site_type(const struct column *column)
{
    static const char *const names[] = {
        [TYPE_UNKNOWN] = "",  [TYPE_INTEGER] = "integer",     [TYPE_BOOLEAN] = "boolean",
        [TYPE_REAL] = "real", [TYPE_TEXT] = "text",           [TYPE_JSON] = "json",
        [TYPE_BLOB] = "blob", [TYPE_TIMESTAMP] = "timestamp", [TYPE_DATETIME] = "datetime",
        [TYPE_ULID] = "ulid", [TYPE_UUID] = "uuid",
    };
    if (column->distinct != NULL)
        return column->distinct->name;
    return column->type == TYPE_ENUM ? column->enumeration->name : names[column->type];
}

const struct reference *
site_reference(const struct column *column)
{
    if (column->soft_reference != NULL)
        return column->soft_reference;
    FOR_EACH(struct reference, reference, column->table->references)
        if (g_ptr_array_find(reference->columns, column, NULL))
            return reference;
    return NULL;
}

const char *
site_target_database(const struct reference *reference)
{
    const struct column *first = g_ptr_array_index(reference->columns, 0);
    return reference->database != NULL ? reference->database : first->table->database->name;
}
