/* emit_header.c: the .cleat.h of a module: the enums that its columns use, and for each table the
 * row, the keys and the functions, which are inline calls of the runtime with the table's
 * descriptor. A checked module enters; what leaves is valid as C11 and C++17. An ordinary column
 * is one line here: its member. */
#include "emit.h"
#include "emit_text.h"

#include "common/text.h"
#include "emit_boundary.h"
#include "emit_query.h"
#include "emit_row.h"
#include "emit_verbs.h"
#include "model/extend.h"
#include "model/keys.h"
#include "model/names.h"

static void
emit_key_enum(GString *out, const GPtrArray *accesses, const char *prefix, const char *upper)
{
    text_emit(out, "\nenum @p@_key {\n", "p", prefix, NULL);
    FOR_EACH(struct access, access, accesses)
        text_emit(out, "    @key@,\n", "key", access_symbol(upper, access), NULL);
    g_string_append(out, "};\n");
}

/* A struct of chars counts the places of the columns without a number in the text. */
static void
emit_places(GString *out, const struct table *table, const char *prefix, const char *upper)
{
    const char *macro = table_row(table)->len > 64 ? "CLEAT_COLUMN_PLACE" : "CLEAT_COLUMN_BIT";
    text_emit(out, "\nstruct @p@_places {\n", "p", prefix, NULL);
    FOR_EACH(struct column, place, table_row(table))
        text_emit(out, "    char @member@;\n", "member", place->member, NULL);
    g_string_append(out, "};\n\n");
    FOR_EACH(struct column, column, table_row(table))
        text_emit(out, "#define @symbol@ @macro@(@p@_places, @member@)\n", "symbol",
                  column_symbol(upper, table, column), "macro", macro, "p", prefix, "member",
                  column->member, NULL);
}

static void
emit_rows(GString *out, const char *prefix)
{
    text_emit(out,
              "\n"
              "/* An array of rows with their texts and blobs; @p@_rows_clear() frees it. */\n"
              "typedef struct @p@_rows {\n"
              "    @p@_row *items;\n"
              "    size_t count;\n"
              "    void *owned;\n"
              "} @p@_rows;\n",
              "p", prefix, NULL);
}

static void
emit_table(GString *out, const struct table *table)
{
    const char *prefix = name_prefix(table);
    const char *upper = name_upper(prefix);
    GPtrArray *accesses = table_accesses(table);
    emit_row(out, table, prefix);
    emit_rows(out, prefix);
    text_emit(out, "\nextern const cleat_table @p@_table;\n", "p", prefix, NULL);
    emit_key_enum(out, accesses, prefix, upper);
    emit_places(out, table, prefix, upper);
    emit_verbs(out, table, accesses);
    emit_boundary_header(out, table, prefix);
}

/* ---- the file ---- */

void
emit_header(const struct module *module, GString *out)
{
    const char *guard = name_guard(module);
    emit_banner(out, emit_module_source(module));
    text_emit(
        out,
        "#ifndef @guard@\n"
        "#define @guard@\n"
        "\n"
        "#include <cleat/table.h>\n"
        "\n"
        "#if CLEAT_GENERATED_ABI != 1\n"
        "#error \"@path@/db_models.cleat.h needs another cleat runtime: run cleat generate\"\n"
        "#endif\n"
        "\n"
        "#ifdef __cplusplus\n"
        "extern \"C\" {\n"
        "#endif\n",
        "guard", guard, "path", module->path, NULL);
    FOR_EACH(struct enumeration, enumeration, module->enumerations)
        emit_enumeration(out, enumeration);
    FOR_EACH(struct distinct, distinct, module->distincts)
        emit_distinct(out, distinct);
    FOR_EACH(struct table, table, module->tables)
        emit_table(out, table);
    emit_queries_header(out, module);
    g_string_append(out,
                    "\n"
                    "#ifdef __cplusplus\n"
                    "}\n"
                    "#endif\n"
                    "\n"
                    "#endif\n");
}
