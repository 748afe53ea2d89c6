/* emit_row.c: the data of a module's header. Enumerations and tables enter; enums with their
 * labels, row structs with their comments, and functions that fill in defaults leave. A column is
 * one line of a row, and at most one line of the defaults. */
#include "emit_row.h"

#include "common/text.h"
#include "emit_text.h"
#include "model/extend.h"
#include "model/names.h"

#include <string.h>

/* ---- enums ---- */

/* A value is written only where C would not count to it. */
static void
emit_enumerators(GString *out, const struct enumeration *enumeration)
{
    gint64 next = 0;
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators) {
        text_emit(out, "    @name@", "name", enumerator->name, NULL);
        if (enumerator->value != next)
            g_string_append_printf(out, " = %" G_GINT64_FORMAT, enumerator->value);
        next = enumerator->value + 1;
        g_string_append_c(out, ',');
        if (enumerator->doc != NULL) {
            g_string_append(out, " /* ");
            text_comment(out, enumerator->doc);
            g_string_append(out, " */");
        }
        g_string_append_c(out, '\n');
    }
}

/* Modules may share an enum, so it has a guard of its own. */
void
emit_enumeration(GString *out, const struct enumeration *enumeration)
{
    text_emit(out,
              "\n"
              "#ifndef CLEAT_ENUM_@name@\n"
              "#define CLEAT_ENUM_@name@\n"
              "\n",
              "name", enumeration->name, NULL);
    if (enumeration->doc != NULL) {
        g_string_append(out, "/* ");
        text_comment_lines(out, enumeration->doc, "\n * ");
        g_string_append(out, " */\n");
    }
    text_emit(out, enumeration->is_typedef ? "typedef enum @name@ {\n" : "enum @name@ {\n", "name",
              enumeration->name, NULL);
    emit_enumerators(out, enumeration);
    text_emit(out, enumeration->is_typedef ? "} @name@;\n" : "};\n", "name", enumeration->name,
              NULL);
    text_emit(out,
              "\n"
              "extern const cleat_enum @name@_enum;\n"
              "\n"
              "/* The label of a value, NULL when the enum has no such value. */\n"
              "static inline const char *\n"
              "@name@_label(@type@ value)\n"
              "{\n"
              "    return cleat_enum_label(&@name@_enum, (int)value);\n"
              "}\n"
              "\n"
              "/* The value of a label. Returns CLEAT_NOT_FOUND when there is no such label. */\n"
              "static inline cleat_status\n"
              "@name@_from_label(const char *label, @type@ *ret_value)\n"
              "{\n"
              "    int value = 0;\n"
              "    cleat_status rc = cleat_enum_from_label(&@name@_enum, label, &value);\n"
              "    if (rc == CLEAT_OK)\n"
              "        *ret_value = (@type@)value;\n"
              "    return rc;\n"
              "}\n"
              "\n"
              "#endif\n",
              "name", enumeration->name, "type", name_enumeration(enumeration), NULL);
}

/* ---- distinct types ---- */

/* Modules may share one, so it has a guard of its own. It has a tag only: a typedef would be
 * shadowed by every parameter and variable that is named like it. */
void
emit_distinct(GString *out, const struct distinct *distinct)
{
    struct column column = {.type = distinct->type};
    unsigned size = name_array_size(distinct->type);
    text_emit(out,
              "\n"
              "#ifndef CLEAT_DISTINCT_@name@\n"
              "#define CLEAT_DISTINCT_@name@\n"
              "\n",
              "name", distinct->name, NULL);
    if (distinct->doc != NULL) {
        g_string_append(out, "/* ");
        text_comment_lines(out, distinct->doc, "\n * ");
        g_string_append(out, " */\n");
    }
    text_emit(out, "struct @name@ {\n    @type@@member@", "name", distinct->name, "type",
              size > 0 ? "char " : name_c_type(&column), "member",
              name_distinct_member(distinct->type), NULL);
    if (size > 0)
        g_string_append_printf(out, "[%u]", size);
    g_string_append(out, ";\n};\n\n#endif\n");
}

/* ---- rows ---- */

static bool
is_unique(const struct column *column)
{
    FOR_EACH(struct index, index, column->table->indexes) {
        const struct key_part *part = g_ptr_array_index(index->parts, 0);
        if (index->unique && index->where.sql == NULL && index->parts->len == 1 &&
            part->column == column)
            return true;
    }
    return false;
}

/* What the C type does not say about the text. */
static const char *
type_words(const struct column *column)
{
    switch (column->type) {
    case TYPE_JSON: return ", JSON";
    case TYPE_TIMESTAMP: return ", microseconds since 1970 UTC";
    case TYPE_DATETIME: return ", ISO-8601 UTC";
    case TYPE_ULID: return ", ULID";
    case TYPE_UUID: return ", UUID";
    case TYPE_ENUM: return ", the label";
    default: return "";
    }
}

static void
add_reference(GString *facts, const struct column *column)
{
    const struct reference *reference = column->reference;
    const char *database = "";
    if (reference == NULL && column->soft_reference != NULL) {
        reference = column->soft_reference;
        database = name_join(reference->database, ".", NULL);
    }
    if (reference == NULL)
        return;
    g_string_append_printf(facts, " REFERENCES %s%s", database, reference->table_name);
    if (reference->targets != NULL && reference->targets->len == 1) {
        const struct column *target = g_ptr_array_index(reference->targets, 0);
        g_string_append_printf(facts, " (%s)", target->sql_name);
    }
}

static void
add_facts(GString *facts, const struct column *column)
{
    g_string_append(facts, sql_type(column->type));
    if (column->primary_key && column->table->primary_key->len == 1)
        g_string_append(facts, " PRIMARY KEY");
    else
        g_string_append(facts, column->not_null ? " NOT NULL" : " or NULL");
    if (is_unique(column))
        g_string_append(facts, " UNIQUE");
    if (column->default_now)
        g_string_append(facts, " DEFAULT the time");
    else if (column->default_value.sql != NULL)
        g_string_append_printf(facts, " DEFAULT %s", column->default_value.sql);
    if (column->generated.sql != NULL)
        g_string_append_printf(facts, " GENERATED AS (%s)", column->generated.sql);
    add_reference(facts, column);
    g_string_append(facts, type_words(column));
    if (column->max_length > 0)
        g_string_append_printf(facts, ", %" G_GINT64_FORMAT " %s at most", column->max_length,
                               column->type == TYPE_BLOB ? "bytes" : "characters");
    if (column->doc != NULL)
        g_string_append_printf(facts, ". %s", column->doc);
}

static void
emit_member(GString *out, const struct column *column, GString *facts)
{
    unsigned size = column->distinct != NULL ? 0 : name_array_size(column->type);
    g_string_append(out, "    ");
    if (name_has_flag(column))
        text_emit(out, "bool has_@member@; ", "member", column->member, NULL);
    if (size > 0)
        g_string_append_printf(out, "char %s[%u]; /* ", column->member, size);
    else
        text_emit(out, "@type@@member@; /* ", "type", name_c_type(column), "member", column->member,
                  NULL);
    g_string_truncate(facts, 0);
    add_facts(facts, column);
    text_comment(out, facts->str);
    g_string_append(out, " */\n");
}

void
emit_row(GString *out, const struct table *table, const char *prefix)
{
    GString *facts = g_string_new(NULL);
    text_emit(out, "\n/* ---- @database@.@table@ ---- */\n\n", "database", table->database->name,
              "table", table->name, NULL);
    const char *separator = "/* ";
    if (table->doc != NULL) {
        g_string_append(out, separator);
        text_comment_lines(out, table->doc, "\n * ");
        separator = "\n * ";
    }
    if (table->extends != NULL) {
        text_emit(out, "@separator@Its row begins with the columns of @table@, which it extends.",
                  "separator", separator, "table", table->extends->table_name, NULL);
        separator = "\n * ";
    }
    if (separator[0] == '\n')
        g_string_append(out, " */\n");
    text_emit(out, "typedef struct @p@_row {\n", "p", prefix, NULL);
    FOR_EACH(struct column, column, table_row(table))
        emit_member(out, column, facts);
    text_emit(out,
              "    void *owned; /* the memory of a row that was copied */\n"
              "} @p@_row;\n",
              "p", prefix, NULL);
    g_string_free(facts, TRUE);
}

/* ---- defaults ---- */

/* INT64_MIN cannot be written as one literal. */
static void
emit_integer(GString *out, gint64 value)
{
    if (value == G_MININT64)
        g_string_append_printf(out, "(%" G_GINT64_FORMAT " - 1)", value + 1);
    else
        g_string_append_printf(out, "%" G_GINT64_FORMAT, value);
}

/* The shortest digits that give exactly this value, in no locale. */
static void
emit_real(GString *out, double value)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];
    if (value > G_MAXDOUBLE || value < -G_MAXDOUBLE) {
        g_string_append(out, value > 0 ? "(1.0 / 0.0)" : "(-1.0 / 0.0)");
        return;
    }
    for (int precision = 15; precision <= 17; precision++) {
        char format[8];
        g_snprintf(format, sizeof(format), "%%.%dg", precision);
        g_ascii_formatd(digits, sizeof(digits), format, value);
        if (g_ascii_strtod(digits, NULL) == value)
            break;
    }
    g_string_append(out, digits);
    if (strpbrk(digits, ".e") == NULL)
        g_string_append(out, ".0");
}

static void
emit_number(GString *out, const struct column *column)
{
    const struct default_value *value = &column->default_value;
    bool is_real = value->kind == DEFAULT_REAL;
    if (column->type == TYPE_REAL)
        emit_real(out, is_real ? value->real : (double)value->integer);
    else if (column->type == TYPE_BOOLEAN)
        g_string_append(out, value->integer != 0 ? "true" : "false");
    else
        emit_integer(out, is_real ? (gint64)value->real : value->integer);
}

static void
emit_text_default(GString *out, const struct column *column)
{
    const char *text = column->default_value.text;
    bool is_array = name_array_size(column->type) > 0;
    GString *literal = g_string_new(NULL);
    text_literal(literal, text, strlen(text), " ");
    text_emit(out,
              is_array ? "memcpy(row.@member@, @literal@, sizeof @literal@);"
                       : "row.@member@ = @literal@;",
              "member", name_value(column), "literal", literal->str, NULL);
    g_string_free(literal, TRUE);
}

static void
emit_blob_default(GString *out, const struct column *column)
{
    const char *hex = column->default_value.text;
    GString *bytes = g_string_new(NULL);
    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2)
        g_string_append_printf(
            bytes, "\\%03o",
            (unsigned)(g_ascii_xdigit_value(hex[0]) * 16 + g_ascii_xdigit_value(hex[1])));
    text_emit(out, "row.@member@.data = \"@bytes@\"; row.@member@.size = sizeof \"@bytes@\" - 1;",
              "member", name_value(column), "bytes", bytes->str, NULL);
    g_string_free(bytes, TRUE);
}

/* An enum's default may be written as its label in SQL. */
static const struct enumerator *
default_enumerator(const struct column *column)
{
    const struct default_value *value = &column->default_value;
    if (value->kind == DEFAULT_TEXT)
        FOR_EACH(struct enumerator, enumerator, column->enumeration->enumerators)
            if (strcmp(enumerator->label, value->text) == 0)
                return enumerator;
    return value->enumerator;
}

static void
emit_default(GString *out, const struct column *column)
{
    const struct default_value *value = &column->default_value;
    g_string_append(out, "    ");
    if (name_has_flag(column))
        text_emit(out, "row.has_@member@ = true; ", "member", column->member, NULL);
    if (column->type == TYPE_ENUM) {
        text_emit(out, "row.@member@ = @value@;", "member", column->member, "value",
                  default_enumerator(column)->name, NULL);
    } else if (value->kind == DEFAULT_TEXT) {
        emit_text_default(out, column);
    } else if (value->kind == DEFAULT_BLOB) {
        emit_blob_default(out, column);
    } else {
        text_emit(out, "row.@member@ = ", "member", name_value(column), NULL);
        emit_number(out, column);
        g_string_append_c(out, ';');
    }
    g_string_append_c(out, '\n');
}

/* The text of a blob's default is two digits per byte. */
static bool
has_long_default(const struct table *table)
{
    FOR_EACH(struct column, column, table_row(table)) {
        const struct default_value *value = &column->default_value;
        gsize limit = value->kind == DEFAULT_BLOB ? 2 * EMIT_LITERAL_MAX : EMIT_LITERAL_MAX;
        if ((value->kind == DEFAULT_TEXT || value->kind == DEFAULT_BLOB) &&
            strlen(value->text) > limit)
            return true;
    }
    return false;
}

void
emit_defaults(GString *out, const struct table *table, const char *prefix)
{
    bool is_long = has_long_default(table);
    if (is_long)
        emit_long_literals_begin(out);
    text_emit(out,
              "\n"
              "/* A row with every default of the schema: constants, new ids, the time. */\n"
              "static inline @p@_row\n"
              "@p@_defaults(void)\n"
              "{\n"
              "    @p@_row row;\n"
              "    cleat_row_defaults(&@p@_table, &row);\n",
              "p", prefix, NULL);
    FOR_EACH(struct column, column, table_row(table)) {
        const struct enumerator *constant = row_constant(table, column);
        if (constant != NULL)
            text_emit(out, "    row.@member@ = @value@;\n", "member", column->member, "value",
                      constant->name, NULL);
        else if (column->default_value.kind > DEFAULT_NULL)
            emit_default(out, column);
    }
    g_string_append(out,
                    "    return row;\n"
                    "}\n");
    if (is_long)
        emit_long_literals_end(out);
}
