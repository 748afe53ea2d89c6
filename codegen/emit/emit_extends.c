/* emit_extends.c: the descriptors of a table that extends another: the table alone, as a part of
 * the row that it shares with the others, and the link to the extended table. A checked table
 * enters; what leaves stands between the columns of its row and its own descriptor. */
#include "emit_extends.h"

#include "common/arena.h"
#include "common/text.h"
#include "emit_column.h"
#include "model/extend.h"
#include "model/names.h"

void
emit_extended_headers(GString *out, const struct module *module)
{
    GPtrArray *done = arena_list();
    FOR_EACH(struct table, table, module->tables) {
        const struct module *other = table->extends == NULL ? module
                                                            : table->extends->table->module;
        if (other == module || g_ptr_array_find(done, other, NULL))
            continue;
        g_ptr_array_add(done, (gpointer)other);
        text_emit(out, "#include \"@path@/db_models.cleat.h\"\n", "path", other->path, NULL);
    }
}

/* The row begins with that of the extended table, member by member; the last one says so. */
static void
emit_promise(GString *out, const struct table *table, const char *prefix)
{
    const struct table *extended = table->extends->table;
    const GPtrArray *row = table_row(extended);
    const struct column *last = g_ptr_array_index(row, row->len - 1);
    text_emit(out, "\nCLEAT_ROW_BEGINS(@p@_row, @other@_row, @member@);\n", "p", prefix, "other",
              name_prefix(extended), "member", last->member, NULL);
}

static void
emit_own_columns(GString *out, const struct table *table, const char *prefix)
{
    const char *separator = "";
    text_emit(out, "\nstatic const cleat_column @p@_own_columns[] = {\n", "p", prefix, NULL);
    FOR_EACH(struct column, column, table->columns)
        emit_column(out, column, prefix);
    g_string_append(out, "};\n");
    text_emit(out, "\nstatic const uint16_t @p@_own_key[] = {", "p", prefix, NULL);
    FOR_EACH(struct column, key, table->primary_key) {
        text_emit(out, "@separator@offsetof(@p@_row, @member@)", "separator", separator, "p",
                  prefix, "member", key->member, NULL);
        separator = ", ";
    }
    text_emit(out,
              "};\n"
              "\n"
              "static const cleat_key @p@_own_keys[] = {\n"
              "    CLEAT_KEY_ROW(@p@_own_key, NULL),\n"
              "};\n",
              "p", prefix, NULL);
}

static void
emit_own(GString *out, const struct table *table, const char *prefix, bool has_enums)
{
    text_emit(out,
              "\n"
              "static const cleat_table @p@_own = {\n"
              "    \"@database@\",\n"
              "    \"@table@\",\n"
              "    @p@_own_columns,\n"
              "    @p@_own_keys,\n",
              "p", prefix, "database", table->database->name, "table", table->name, NULL);
    text_emit(out, has_enums ? "    @p@_enums,\n" : "    NULL,\n", "p", prefix, NULL);
    text_emit(out,
              "    CLEAT_COUNT(@p@_own_columns),\n"
              "    CLEAT_COUNT(@p@_own_keys),\n",
              "p", prefix, NULL);
    text_emit(out, has_enums ? "    CLEAT_COUNT(@p@_enums),\n" : "    0,\n", "p", prefix, NULL);
    text_emit(out,
              "    sizeof(@p@_row),\n"
              "    offsetof(@p@_row, owned),\n"
              "    NULL,\n"
              "};\n",
              "p", prefix, NULL);
}

/* What the column may be in rows that are also of a table that extends this one. */
static void
emit_further(GString *out, const struct table *table, const char *prefix,
             const struct column *column)
{
    FOR_EACH(struct table, other, table->database->tables) {
        const struct enumerator *constant = NULL;
        if (other != table && g_ptr_array_find(table_parts(other), table, NULL))
            constant = row_constant(other, column);
        if (constant != NULL && constant != row_constant(table, column))
            text_emit(out, "    CLEAT_CONSTANT_FURTHER(@p@_row, @member@, @value@),\n", "p", prefix,
                      "member", column->member, "value", constant->name, NULL);
    }
}

static bool
emit_constants(GString *out, const struct table *table, const char *prefix)
{
    bool any = false;
    FOR_EACH(struct column, column, table_row(table)) {
        const struct enumerator *constant = row_constant(table, column);
        if (constant == NULL)
            continue;
        if (!any)
            text_emit(out, "\nstatic const cleat_constant @p@_constants[] = {\n", "p", prefix,
                      NULL);
        any = true;
        text_emit(out, "    CLEAT_CONSTANT(@p@_row, @member@, @value@),\n", "p", prefix, "member",
                  column->member, "value", constant->name, NULL);
        emit_further(out, table, prefix, column);
    }
    if (any)
        g_string_append(out, "};\n");
    return any;
}

void
emit_extends(GString *out, const struct table *table, const char *prefix, bool has_enums)
{
    emit_promise(out, table, prefix);
    emit_own_columns(out, table, prefix);
    emit_own(out, table, prefix, has_enums);
    bool has_constants = emit_constants(out, table, prefix);
    text_emit(out,
              "\n"
              "static const cleat_extends @p@_extends = {\n"
              "    &@other@_table,\n"
              "    &@p@_own,\n",
              "p", prefix, "other", name_prefix(table->extends->table), NULL);
    text_emit(out,
              has_constants ? "    @p@_constants,\n"
                              "    CLEAT_COUNT(@p@_constants),\n"
                            : "    NULL,\n"
                              "    0,\n",
              "p", prefix, NULL);
    g_string_append(out, "};\n");
}
