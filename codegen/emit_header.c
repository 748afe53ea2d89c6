/* emit_header.c: the .cleat.h of a module: the enums that its columns use, and for each table the
 * row, the keys and the functions, which are inline calls of the runtime with the table's
 * descriptor. A checked module enters; what leaves is valid as C11 and C++17. An ordinary column
 * is one line here: its member. */
#include "emit.h"

#include "emit_row.h"
#include "keys.h"
#include "names.h"
#include "text.h"

#include <string.h>

/* ---- functions that need no key ---- */

static const char insert_text[] =
    "\n"
    "/* Adds the row.@assigned@\n"
    " * Returns CLEAT_CONFLICT when one of its keys is taken. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row)\n"
    "{\n"
    "    return cleat_row_insert(s, &@p@_table, row);\n"
    "}\n";

static const char update_text[] =
    "\n"
    "/* Writes every column of the row that has this primary key.@now@\n"
    " * Returns CLEAT_NOT_FOUND when there is none. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row)\n"
    "{\n"
    "    return cleat_row_update(s, &@p@_table, row);\n"
    "}\n";

static const char count_text[] =
    "\n"
    "/* Counts the rows of the table. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, int64_t *ret_count)\n"
    "{\n"
    "    return cleat_row_count(s, &@p@_table, ret_count);\n"
    "}\n";

static const char list_text[] =
    "\n"
    "/* Begins a list of all rows in the order of the primary key, for @p@_next(). */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_list(s, &@p@_table, ret_cursor);\n"
    "}\n";

static const char next_text[] =
    "\n"
    "/* Reads the next row of a list. Returns CLEAT_ROW, or CLEAT_DONE after the last.\n"
    " * Lends the row's text and blobs until the next call on the cursor. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_cursor *cursor, @p@_row *ret_row)\n"
    "{\n"
    "    return cleat_row_next(cursor, &@p@_table, ret_row);\n"
    "}\n";

static const char clear_text[] =
    "\n"
    "/* Frees what the row owns and fills it with zeros. */\n"
    "static inline void\n"
    "@name@(@p@_row *row)\n"
    "{\n"
    "    cleat_row_clear(&@p@_table, row);\n"
    "}\n";

static const char *const plain_texts[VERB_TOTAL] = {
    [VERB_INSERT] = insert_text, [VERB_UPDATE] = update_text, [VERB_COUNT] = count_text,
    [VERB_LIST] = list_text,     [VERB_NEXT] = next_text,     [VERB_CLEAR] = clear_text,
};

/* ---- functions by a key ---- */

static const char get_text[] =
    "\n"
    "/* Copies the row with this key. Returns CLEAT_NOT_FOUND when there is none.\n"
    " * Owns: the row its texts and blobs; the next get uses that memory, _clear frees it. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, @p@_row *ret_row)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_get(s, &@p@_table, @key@, key, ret_row);\n"
    "}\n";

static const char lend_text[] =
    "\n"
    "/* Reads the row with this key without copying. Returns CLEAT_NOT_FOUND when there is none.\n"
    " * Lends the row's text and blobs until the session's next call. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, @p@_row *ret_row)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_lend(s, &@p@_table, @key@, key, ret_row);\n"
    "}\n";

static const char exists_text[] =
    "\n"
    "/* Returns CLEAT_OK when there is a row with this key, else CLEAT_NOT_FOUND. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_exists(s, &@p@_table, @key@, key);\n"
    "}\n";

static const char upsert_text[] =
    "\n"
    "/* Adds the row, or writes its columns to the row that has the same @by@. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @p@_row *row)\n"
    "{\n"
    "    return cleat_row_upsert(s, &@p@_table, @key@, row);\n"
    "}\n";

static const char delete_text[] =
    "\n"
    "/* Removes the row with this key. Returns CLEAT_NOT_FOUND when there is none. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_delete(s, &@p@_table, @key@, key);\n"
    "}\n";

static const char count_by_text[] =
    "\n"
    "/* Counts the rows with this @by@. */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, int64_t *ret_count)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_count_by(s, &@p@_table, @key@, key, ret_count);\n"
    "}\n";

static const char list_by_text[] =
    "\n"
    "/* Begins a list of the rows with this @by@@order@, for @p@_next(). */\n"
    "static inline cleat_status\n"
    "@name@(cleat_session *s, @parameters@, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    const cleat_value key[] = {@values@};\n"
    "    return cleat_row_list_by(s, &@p@_table, @key@, key, ret_cursor);\n"
    "}\n";

static const char *const key_texts[VERB_TOTAL] = {
    [VERB_GET] = get_text,       [VERB_LEND] = lend_text,     [VERB_EXISTS] = exists_text,
    [VERB_UPSERT] = upsert_text, [VERB_DELETE] = delete_text, [VERB_COUNT] = count_by_text,
    [VERB_LIST] = list_by_text,
};

static const char search_text[] =
    "\n"
    "extern const cleat_full_text @f@_index;\n"
    "\n"
    "/* Begins a list of the rows in which every word of the text occurs, best first, for\n"
    " * @p@_next(). */\n"
    "static inline cleat_status\n"
    "@f@_search(cleat_session *s, const char *text, cleat_cursor *ret_cursor)\n"
    "{\n"
    "    return cleat_row_search(s, &@f@_index, text, ret_cursor);\n"
    "}\n";

/* ---- filling them in ---- */

/* What the functions of one table have in common. The strings are used again for each. */
struct wrappers {
    GString *out;
    const struct table *table;
    const char *prefix;
    const char *upper;
    const char *assigned;
    const char *now;
    GString *parameters;
    GString *values;
    GString *order;
};

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

static void
prepare_access(struct wrappers *wrappers, const struct access *access)
{
    const char *separator = "";
    g_string_truncate(wrappers->parameters, 0);
    g_string_truncate(wrappers->values, 0);
    g_string_truncate(wrappers->order, 0);
    FOR_EACH(struct column, column, access->columns) {
        const char *name = name_parameter(column);
        text_emit(wrappers->parameters, "@separator@@type@@name@", "separator", separator, "type",
                  name_c_type(column), "name", name, NULL);
        text_emit(wrappers->values, "@separator@@function@(@name@)", "separator", separator,
                  "function", value_function(column->type), "name", name, NULL);
        separator = ", ";
    }
    if (access->order != NULL) {
        g_string_append(wrappers->order, " in the order of ");
        text_comment(wrappers->order, access->order);
    }
}

static void
emit_verb(void *data, enum verb verb, const struct access *access, const char *name)
{
    struct wrappers *wrappers = data;
    if (verb == VERB_DEFAULTS) {
        emit_defaults(wrappers->out, wrappers->table, wrappers->prefix);
        return;
    }
    if (access == NULL) {
        text_emit(wrappers->out, plain_texts[verb], "name", name, "p", wrappers->prefix, "assigned",
                  wrappers->assigned, "now", wrappers->now, NULL);
        return;
    }
    prepare_access(wrappers, access);
    text_emit(wrappers->out, key_texts[verb], "name", name, "p", wrappers->prefix, "parameters",
              wrappers->parameters->str, "values", wrappers->values->str, "key",
              access_symbol(wrappers->upper, access), "by", access->by, "order",
              wrappers->order->str, NULL);
}

/* What an insert does to the key, when it does. */
static const char *
assigned_text(const struct table *table)
{
    const struct column *key = g_ptr_array_index(table->primary_key, 0);
    if (!column_is_assigned(key))
        return "";
    const char *none = key->type == TYPE_INTEGER ? "0" : "\"\"";
    return name_join(" A new ", key->name, " is assigned and written back when it is ", none, ".",
                     NULL);
}

static const char *
now_text(const struct table *table)
{
    FOR_EACH(struct column, column, table->columns)
        if (column->update_now)
            return name_join(" Sets ", column->name, " to the time.", NULL);
    return "";
}

static void
emit_key_enum(GString *out, const GPtrArray *accesses, const char *prefix, const char *upper)
{
    text_emit(out, "\nenum @p@_key {\n", "p", prefix, NULL);
    FOR_EACH(struct access, access, accesses)
        text_emit(out, "    @key@,\n", "key", access_symbol(upper, access), NULL);
    g_string_append(out, "};\n");
}

static void
emit_table(GString *out, const struct table *table)
{
    const char *prefix = name_prefix(table);
    GPtrArray *accesses = table_accesses(table);
    struct wrappers wrappers = {.out = out,
                                .table = table,
                                .prefix = prefix,
                                .upper = name_upper(prefix),
                                .assigned = assigned_text(table),
                                .now = now_text(table),
                                .parameters = g_string_new(NULL),
                                .values = g_string_new(NULL),
                                .order = g_string_new(NULL)};
    emit_row(out, table, prefix);
    text_emit(out, "\nextern const cleat_table @p@_table;\n", "p", prefix, NULL);
    emit_key_enum(out, accesses, prefix, wrappers.upper);
    table_verbs(prefix, accesses, emit_verb, &wrappers);
    FOR_EACH(struct full_text, full_text, table->full_texts)
        text_emit(out, search_text, "f", full_text_prefix(full_text), "p", prefix, NULL);
    g_string_free(wrappers.parameters, TRUE);
    g_string_free(wrappers.values, TRUE);
    g_string_free(wrappers.order, TRUE);
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
    FOR_EACH(struct table, table, module->tables)
        emit_table(out, table);
    g_string_append(out,
                    "\n"
                    "#ifdef __cplusplus\n"
                    "}\n"
                    "#endif\n"
                    "\n"
                    "#endif\n");
}
