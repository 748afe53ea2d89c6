/* emit_value.c: the values that a call names. A column of a key, or a parameter of a query, enters; its
 * parameter in C leaves, and the expression that makes a cleat_value of it. A text that may be NULL
 * is a NULL pointer; what has no pointer of its own, and may be NULL, is passed by its address. */
#include "emit_row.h"

#include "common/text.h"
#include "model/names.h"

static const char *
value_function(enum column_type type)
{
    switch (type) {
    case TYPE_REAL: return "cleat_value_real";
    case TYPE_BLOB: return "cleat_value_blob";
    case TYPE_INTEGER:
    case TYPE_BOOLEAN:
    case TYPE_TIMESTAMP:
    case TYPE_ENUM: return "cleat_value_integer";
    default: return "cleat_value_text";
    }
}

/* An id of a distinct type, which plain C would pass as a pointer to its text. */
static bool
is_address(const struct column *column)
{
    return column->distinct != NULL && !column->not_null && name_array_size(column->type) > 0;
}

void
emit_parameter(GString *out, const struct column *column)
{
    text_emit(out, is_address(column) ? "const @type@*@name@" : "@type@@name@", "type",
              name_c_type(column), "name", name_parameter(column), NULL);
}

void
emit_value(GString *out, const struct column *column)
{
    const char *form = "@function@(@name@)";
    if (is_address(column))
        form = "@function@(@name@ == NULL ? NULL : @name@->@member@)";
    else if (column->distinct != NULL)
        form = "@function@(@name@.@member@)";
    text_emit(out, form, "function", value_function(column->type), "name", name_parameter(column),
              "member", name_distinct_member(column->type), NULL);
}
