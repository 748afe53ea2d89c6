/* emit_source.c: the .cleat.c of a module: the descriptors that its header declares. A checked
 * module enters; what leaves is valid as C11 and C++17 (so no designated initialisers) and in a
 * unity build (so every static name begins with the table's prefix), and has one line per column.
 * Sizes are not cast where a row could outgrow its descriptor: a compiler then refuses it. */
#include "emit.h"
#include "emit_text.h"

#include "common/text.h"
#include "emit_boundary.h"
#include "emit_column.h"
#include "emit_extends.h"
#include "emit_query.h"
#include "model/keys.h"
#include "model/names.h"

#include <string.h>

/* ---- keys ---- */

static void
emit_offsets(GString *out, const struct access *access, const char *prefix)
{
    const char *separator = "";
    text_emit(out, "static const uint16_t @name@[] = {", "name", access_offsets(prefix, access),
              NULL);
    FOR_EACH(struct column, column, access->columns) {
        text_emit(out, "@separator@offsetof(@p@_row, @member@)", "separator", separator, "p",
                  prefix, "member", column->member, NULL);
        separator = ", ";
    }
    g_string_append(out, "};\n");
}

static void
emit_keys(GString *out, const GPtrArray *accesses, const char *prefix)
{
    g_string_append_c(out, '\n');
    FOR_EACH(struct access, access, accesses)
        emit_offsets(out, access, prefix);
    text_emit(out, "\nstatic const cleat_key @p@_keys[] = {\n", "p", prefix, NULL);
    FOR_EACH(struct access, access, accesses) {
        text_emit(out, "    CLEAT_KEY_ROW(@name@, ", "name", access_offsets(prefix, access), NULL);
        if (access->order == NULL)
            g_string_append(out, "NULL");
        else
            text_literal(out, access->order, strlen(access->order), "");
        g_string_append(out, "),\n");
    }
    g_string_append(out, "};\n");
}

/* ---- tables ---- */

static void
emit_descriptor(GString *out, const struct table *table, const char *prefix, bool has_enums)
{
    text_emit(out,
              "\n"
              "const cleat_table @p@_table = {\n"
              "    \"@database@\",\n"
              "    \"@table@\",\n"
              "    @p@_columns,\n"
              "    @p@_keys,\n",
              "p", prefix, "database", table->database->name, "table", table->name, NULL);
    text_emit(out, has_enums ? "    @p@_enums,\n" : "    NULL,\n", "p", prefix, NULL);
    text_emit(out,
              "    CLEAT_COUNT(@p@_columns),\n"
              "    CLEAT_COUNT(@p@_keys),\n",
              "p", prefix, NULL);
    text_emit(out, has_enums ? "    CLEAT_COUNT(@p@_enums),\n" : "    0,\n", "p", prefix, NULL);
    text_emit(out,
              "    sizeof(@p@_row),\n"
              "    offsetof(@p@_row, owned),\n",
              "p", prefix, NULL);
    text_emit(out,
              table->extends != NULL ? "    &@p@_extends,\n"
                                       "};\n"
                                     : "    NULL,\n"
                                       "};\n",
              "p", prefix, NULL);
}

static void
emit_table(GString *out, const struct table *table)
{
    const char *prefix = name_prefix(table);
    text_emit(out, "\n/* ---- @database@.@table@ ---- */\n", "database", table->database->name,
              "table", table->name, NULL);
    emit_row_columns(out, table, prefix);
    emit_keys(out, table_accesses(table), prefix);
    bool has_enums = emit_row_enums(out, table, prefix);
    if (table->extends != NULL)
        emit_extends(out, table, prefix, has_enums);
    emit_descriptor(out, table, prefix, has_enums);
    emit_boundary_source(out, table, prefix);
}

void
emit_source(const struct module *module, GString *out)
{
    emit_banner(out, emit_module_source(module));
    text_emit(out, "#include \"@path@/db_models.cleat.h\"\n", "path", module->path, NULL);
    emit_extended_headers(out, module);
    FOR_EACH(struct table, table, module->tables)
        emit_table(out, table);
    emit_queries_source(out, module);
}
