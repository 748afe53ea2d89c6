/* import.c: the schema of an existing file as a module. What comes out gives the same schema again;
 * what the language cannot say is named, never left out in silence. */
#include "import.h"

#include "common/arena.h"

#include <stdarg.h>

void
import_lose(struct import *import, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_ptr_array_add(import->lost, arena_string(text));
    g_free(text);
}

static void
add_object(struct import *import, const char *doc, const char *sql)
{
    if (import->objects->len > 0)
        g_string_append_c(import->objects, '\n');
    if (doc != NULL)
        g_string_append_printf(import->objects, "-- %s\n", doc);
    g_string_append_printf(import->objects, "%s;\n", sql);
}

static void
add_triggers(struct import *import, const GPtrArray *triggers)
{
    FOR_EACH(struct snapshot_trigger, trigger, triggers)
        if (!import_is_full_text_trigger(import, trigger->name))
            add_object(import, trigger->doc, trigger->sql);
}

void
import_run(struct import *import)
{
    const struct snapshot *snapshot = import->snapshot;
    g_string_append_printf(import->header,
                           "#include <cleat/schema.h>\n\n#define DATABASE_NAME \"%s\"\n",
                           snapshot->database);
    FOR_EACH(struct snapshot_table, table, snapshot->tables)
        import_table(import, table);
    FOR_EACH(struct snapshot_view, view, snapshot->views)
        add_object(import, view->doc, view->sql);
    FOR_EACH(struct snapshot_table, table, snapshot->tables)
        add_triggers(import, table->triggers);
    add_triggers(import, snapshot->view_triggers);
}
