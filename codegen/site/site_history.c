/* site_history.c: how a database became what it is: its migrations with what they do and whether
 * there is a way back. */
#include "site_page.h"

#include "common/text.h"

static void
emit_statements(GString *out, const char *summary, const GPtrArray *statements)
{
    text_emit(out, "<details><summary>@summary@</summary><pre>", "summary", summary, NULL);
    const char *separator = "";
    FOR_EACH(struct migration_sql, statement, statements) {
        g_string_append(out, separator);
        if (statement->must != NULL) {
            g_string_append(out, "-- must be so: ");
            text_html(out, statement->must);
            g_string_append_c(out, '\n');
        }
        text_html(out, statement->sql);
        g_string_append_c(out, ';');
        separator = "\n\n";
    }
    g_string_append(out, "</pre></details>\n");
}

static void
emit_migration(GString *out, const struct migration *migration)
{
    text_emit(out, "<li id=\"@revision@\"><code>@revision@</code> ", "revision",
              migration->revision, NULL);
    text_html(out, migration->message == NULL ? "" : migration->message);
    if (migration->down == NULL)
        g_string_append(out, " <span class=\"tag\">no way back</span>");
    g_string_append_c(out, '\n');
    emit_statements(out, "SQL", migration->up);
    if (migration->down != NULL)
        emit_statements(out, "The way back", migration->down);
    g_string_append(out, "</li>\n");
}

void
site_history(const struct database *database, GString *out)
{
    if (database->migrations == NULL || database->migrations->len == 0)
        return;
    g_string_append(out,
                    "<section id=\"-history\">\n<h2>History</h2>\n<ol class=\"plain\" "
                    "reversed>\n");
    for (guint i = database->migrations->len; i > 0; i--)
        emit_migration(out, g_ptr_array_index(database->migrations, i - 1));
    g_string_append(out, "</ol>\n</section>\n");
}
