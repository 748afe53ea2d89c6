/* emit_verbs.c: the functions of one table, which are inline calls of the runtime with the table's
 * descriptor. A table and its accesses enter; the filled templates of verb_texts.c leave. */
#include "emit_verbs.h"

#include "common/text.h"
#include "emit_row.h"
#include "model/extend.h"
#include "model/names.h"

#include <string.h>

/* What the functions of one table have in common. The strings are used again for each. */
struct wrappers {
    GString *out;
    const struct table *table;
    const char *prefix;
    const char *upper;
    const char *assigned;
    const char *now;
    const char *example; /* a column that can be patched */
    GString *parameters;
    GString *values;
    GString *arrays; /* the parameters of a call on many keys */
    GString *names;
    GString *order;
};

static void
prepare_access(struct wrappers *wrappers, const struct access *access)
{
    const char *separator = "";
    g_string_truncate(wrappers->parameters, 0);
    g_string_truncate(wrappers->values, 0);
    g_string_truncate(wrappers->arrays, 0);
    g_string_truncate(wrappers->names, 0);
    g_string_truncate(wrappers->order, 0);
    FOR_EACH(struct column, column, access->columns) {
        const char *name = name_parameter(column);
        g_string_append(wrappers->parameters, separator);
        emit_parameter(wrappers->parameters, column);
        g_string_append(wrappers->values, separator);
        emit_value(wrappers->values, column);
        text_emit(wrappers->arrays, "@separator@@type@*@name@", "separator", separator, "type",
                  name_item_type(column), "name", name, NULL);
        text_emit(wrappers->names, "@separator@@name@", "separator", separator, "name", name, NULL);
        separator = ", ";
    }
    if (access->order != NULL) {
        g_string_append(wrappers->order, " in the order of ");
        text_comment(wrappers->order, access->order);
    }
}

static const char *
primary_names(const struct wrappers *wrappers)
{
    const char *names = NULL;
    FOR_EACH(struct column, own, wrappers->table->primary_key) {
        const struct column *column = row_column(own);
        names = names == NULL ? column->name : name_join(names, " and ", column->name, NULL);
    }
    return names;
}

/* What becomes of the primary keys of many rows that are stored by another key. */
static const char *
stored_text(const struct wrappers *wrappers, const struct access *access)
{
    if (access->kind == ACCESS_PRIMARY)
        return wrappers->assigned;
    return name_join("\n * Every row gets the ", primary_names(wrappers),
                     " under which it is stored.", NULL);
}

/* The same of one row. */
static const char *
kept_text(const struct wrappers *wrappers, const struct access *access)
{
    if (access->kind == ACCESS_PRIMARY)
        return "";
    return name_join("\n * The row gets the ", primary_names(wrappers),
                     " under which it is stored; _clear frees what it owns then.", NULL);
}

/* A function that needs no key. A set of columns is bits, or an array in a table with more. */
static void
emit_plain(const struct wrappers *wrappers, enum verb verb, const char *name)
{
    bool is_wide = table_row(wrappers->table)->len > 64;
    text_emit(wrappers->out,
              is_wide && verb == VERB_PATCH ? verb_wide_patch_text : verb_plain_texts[verb], "name",
              name, "p", wrappers->prefix, "assigned", wrappers->assigned, "now", wrappers->now,
              "example", wrappers->example, "columns",
              is_wide ? "const uint16_t *columns, size_t count" : "uint64_t columns", "set",
              is_wide ? "cleat_columns_of_places(columns, count)"
                      : "cleat_columns_of_bits(columns)",
              NULL);
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
        emit_plain(wrappers, verb, name);
        return;
    }
    bool is_wide = table_row(wrappers->table)->len > 64;
    prepare_access(wrappers, access);
    text_emit(wrappers->out, verb_key_texts[verb], "name", name, "p", wrappers->prefix,
              "parameters", wrappers->parameters->str, "values", wrappers->values->str, "arrays",
              wrappers->arrays->str, "names", wrappers->names->str, "key",
              access_symbol(wrappers->upper, access), "by", access->by, "order",
              wrappers->order->str, "column", is_wide ? "uint16_t column" : "uint64_t column",
              "column_name", is_wide ? "cleat_place_name" : "cleat_column_name", "assigned",
              wrappers->assigned, "now", wrappers->now, "stored", stored_text(wrappers, access),
              "kept", kept_text(wrappers, access), NULL);
}

/* What an insert does to the key, when it does. */
static const char *
assigned_text(const struct table *table)
{
    const struct column *key = row_column(g_ptr_array_index(table->primary_key, 0));
    if (!column_is_assigned(key))
        return "";
    const char *none = key->type == TYPE_INTEGER ? "0" : "\"\"";
    return name_join(" A new ", key->name, " is assigned and written back when it is ", none, ".",
                     NULL);
}

static const char *
now_text(const struct table *table)
{
    FOR_EACH(struct column, column, table_row(table))
        if (column->update_now)
            return name_join(" Sets ", column->name, " to the time.", NULL);
    return "";
}

static const char *
example_text(const struct table *table, const char *upper)
{
    FOR_EACH(struct column, column, table_row(table))
        if (column_is_patched(column))
            return column_symbol(upper, table, column);
    return "";
}

void
emit_verbs(GString *out, const struct table *table, const GPtrArray *accesses)
{
    const char *prefix = name_prefix(table);
    const char *upper = name_upper(prefix);
    struct wrappers wrappers = {.out = out,
                                .table = table,
                                .prefix = prefix,
                                .upper = upper,
                                .assigned = assigned_text(table),
                                .now = now_text(table),
                                .example = example_text(table, upper),
                                .parameters = g_string_new(NULL),
                                .values = g_string_new(NULL),
                                .arrays = g_string_new(NULL),
                                .names = g_string_new(NULL),
                                .order = g_string_new(NULL)};
    table_verbs(table, accesses, emit_verb, &wrappers);
    g_string_free(wrappers.parameters, TRUE);
    g_string_free(wrappers.values, TRUE);
    g_string_free(wrappers.arrays, TRUE);
    g_string_free(wrappers.names, TRUE);
    g_string_free(wrappers.order, TRUE);
}
