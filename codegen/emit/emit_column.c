/* emit_column.c: the columns of a table or a result as the runtime takes them, each on a line of its
 * own. */
#include "emit_column.h"

#include "common/text.h"
#include "model/extend.h"
#include "model/keys.h"
#include "model/names.h"

#include <string.h>

const char *
emit_kind(enum column_type type)
{
    static const char *const symbols[] = {
        [TYPE_UNKNOWN] = "",
        [TYPE_INTEGER] = "CLEAT_KIND_INTEGER",
        [TYPE_BOOLEAN] = "CLEAT_KIND_BOOLEAN",
        [TYPE_REAL] = "CLEAT_KIND_REAL",
        [TYPE_TEXT] = "CLEAT_KIND_TEXT",
        [TYPE_JSON] = "CLEAT_KIND_JSON",
        [TYPE_BLOB] = "CLEAT_KIND_BLOB",
        [TYPE_TIMESTAMP] = "CLEAT_KIND_TIMESTAMP",
        [TYPE_DATETIME] = "CLEAT_KIND_DATETIME",
        [TYPE_ULID] = "CLEAT_KIND_ULID",
        [TYPE_UUID] = "CLEAT_KIND_UUID",
        [TYPE_ENUM] = "CLEAT_KIND_ENUM",
    };
    return symbols[type];
}

static void
add_flag(GString *out, const char **separator, bool set, const char *flag)
{
    if (!set)
        return;
    g_string_append(out, *separator);
    g_string_append(out, flag);
    *separator = " | ";
}

static void
emit_flags(GString *out, const struct column *column)
{
    gsize start = out->len;
    const char *separator = "";
    add_flag(out, &separator, !column->not_null && !name_has_flag(column), "CLEAT_NULLABLE");
    add_flag(out, &separator, column->primary_key, "CLEAT_KEY");
    add_flag(out, &separator, column_is_assigned(column), "CLEAT_ASSIGNED");
    add_flag(out, &separator, column->generated.sql != NULL, "CLEAT_GENERATED");
    add_flag(out, &separator, column->default_now, "CLEAT_DEFAULT_NOW");
    add_flag(out, &separator, column->update_now, "CLEAT_UPDATE_NOW");
    if (out->len == start)
        g_string_append_c(out, '0');
}

void
emit_column(GString *out, const struct column *column, const char *prefix)
{
    text_emit(out, "    @macro@(@p@_row, @member@, ", "macro",
              name_has_flag(column) ? "CLEAT_COLUMN_HAS" : "CLEAT_COLUMN", "p", prefix, "member",
              column->member, NULL);
    text_literal(out, column->sql_name, strlen(column->sql_name), "");
    text_emit(out, ", @kind@, ", "kind", emit_kind(column->type), NULL);
    emit_flags(out, column);
    g_string_append(out, "),\n");
}

void
emit_row_columns(GString *out, const struct table *table, const char *prefix)
{
    text_emit(out, "\nstatic const cleat_column @p@_columns[] = {\n", "p", prefix, NULL);
    FOR_EACH(struct column, column, table_row(table))
        emit_column(out, column, prefix);
    g_string_append(out, "};\n");
}

bool
emit_row_enums(GString *out, const struct table *table, const char *prefix)
{
    bool any = false;
    FOR_EACH(struct column, column, table_row(table)) {
        if (column->type != TYPE_ENUM)
            continue;
        if (!any)
            text_emit(out, "\nstatic const cleat_enum_column @p@_enums[] = {\n", "p", prefix, NULL);
        any = true;
        text_emit(out, "    CLEAT_ENUM_COLUMN(@p@_row, @member@, &@enum@_enum),\n", "p", prefix,
                  "member", column->member, "enum", column->enumeration->name, NULL);
    }
    if (any)
        g_string_append(out, "};\n");
    return any;
}
