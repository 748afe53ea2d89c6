/* keys.c: a table's keys and indexes enter, the list of accesses and of C symbols leaves. Tables
 * that have not been checked are welcome: what is missing in them gives nothing. Two accesses of a
 * table never have the same columns, so that no two functions do the same. */
#include "keys.h"

#include "common/arena.h"
#include "extend.h"
#include "names.h"

#include <string.h>

/* ---- accesses ---- */

/* An item whose order and equality are those of its column. */
static bool
is_plain_part(const struct key_part *part)
{
    if (part->column == NULL)
        return false;
    if (part->collate == NULL)
        return true;
    const char *own = part->column->collate == NULL ? "BINARY" : part->column->collate;
    return g_ascii_strcasecmp(part->collate, own) == 0;
}

/* How many items from the first on are plain. */
static guint
plain_count(const struct index *index)
{
    guint count = 0;
    while (count < index->parts->len && is_plain_part(g_ptr_array_index(index->parts, count)))
        count++;
    return count;
}

static bool
is_unique_key(const struct index *index)
{
    return index->unique && index->where.sql == NULL && plain_count(index) == index->parts->len;
}

static GPtrArray *
plain_columns(const struct index *index, guint count)
{
    GPtrArray *columns = arena_list();
    for (guint i = 0; i < count; i++) {
        const struct key_part *part = g_ptr_array_index(index->parts, i);
        g_ptr_array_add(columns, row_column(part->column));
    }
    return columns;
}

static GPtrArray *
first_columns(const GPtrArray *columns, guint count)
{
    GPtrArray *first = arena_list();
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(first, g_ptr_array_index(columns, i));
    return first;
}

static bool
has_access(const GPtrArray *accesses, const GPtrArray *columns)
{
    FOR_EACH(struct access, access, accesses)
        if (access->columns->len == columns->len &&
            memcmp(access->columns->pdata, columns->pdata, columns->len * sizeof(gpointer)) == 0)
            return true;
    return false;
}

static const char *
by_text(const GPtrArray *columns)
{
    const char *by = NULL;
    FOR_EACH(struct column, column, columns)
        by = by == NULL ? column->name : name_join(by, "_and_", column->name, NULL);
    return by;
}

static void
add_access(GPtrArray *accesses, enum access_kind kind, GPtrArray *columns, const char *order)
{
    if (columns->len == 0 || has_access(accesses, columns))
        return;
    struct access *access = ARENA_NEW(struct access);
    access->kind = kind;
    access->columns = columns;
    access->by = by_text(columns);
    access->order = order;
    g_ptr_array_add(accesses, access);
}

static const char *
join_order(const char *order, const struct column *column, bool descending)
{
    const char *item = name_join(sql_quote_name(column->sql_name), descending ? " DESC" : "", NULL);
    return order == NULL ? item : name_join(order, ", ", item, NULL);
}

static const char *
index_order(const struct index *index, guint from, guint to)
{
    const char *order = NULL;
    for (guint i = from; i < to; i++) {
        const struct key_part *part = g_ptr_array_index(index->parts, i);
        order = join_order(order, row_column(part->column), part->descending);
    }
    return order;
}

static void
add_primary_prefixes(GPtrArray *accesses, const GPtrArray *columns)
{
    for (guint count = 1; count < columns->len; count++) {
        const char *order = NULL;
        for (guint i = count; i < columns->len; i++)
            order = join_order(order, g_ptr_array_index(columns, i), false);
        add_access(accesses, ACCESS_PREFIX, first_columns(columns, count), order);
    }
}

static void
add_index_prefixes(GPtrArray *accesses, const struct index *index)
{
    guint plain = plain_count(index);
    for (guint count = 1; count <= plain; count++)
        add_access(accesses, ACCESS_PREFIX, plain_columns(index, count),
                   index_order(index, count, plain));
}

static void
add_prefixes(GPtrArray *accesses, const struct table *table)
{
    FOR_EACH(struct index, unique, table->indexes)
        if (is_unique_key(unique))
            add_index_prefixes(accesses, unique);
    FOR_EACH(struct index, index, table->indexes)
        if (!is_unique_key(index) && index->where.sql == NULL)
            add_index_prefixes(accesses, index);
}

/* A table that extends another has that one's accesses first. */
GPtrArray *
table_accesses(const struct table *table)
{
    GPtrArray *accesses = arena_list();
    const GPtrArray *parts = table_parts(table);
    const struct table *first = g_ptr_array_index(parts, 0);
    add_access(accesses, ACCESS_PRIMARY, first_columns(first->primary_key, first->primary_key->len),
               NULL);
    FOR_EACH(struct table, unique_part, parts)
        FOR_EACH(struct index, index, unique_part->indexes)
            if (is_unique_key(index))
                add_access(accesses, ACCESS_UNIQUE, plain_columns(index, index->parts->len), NULL);
    add_primary_prefixes(accesses, first->primary_key);
    FOR_EACH(struct table, part, parts)
        add_prefixes(accesses, part);
    return accesses;
}

/* ---- functions ---- */

/* Each function's word, whether there is one that needs no key, and the accesses that have one. */
static const struct {
    const char *word;
    bool plain;
    unsigned kinds;
} verbs[VERB_TOTAL] = {
    [VERB_DEFAULTS] = {"_defaults", true, 0},
    [VERB_INSERT] = {"_insert", true, 0},
    [VERB_GET] = {"_get", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_LEND] = {"_lend", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_EXISTS] = {"_exists", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_UPDATE] = {"_update", true, 0},
    [VERB_PATCH] = {"_patch", true, 0},
    [VERB_UPSERT] = {"_upsert", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_ENSURE] = {"_ensure", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_DELETE] = {"_delete", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_INSERT_MANY] = {"_insert_many", true, 0},
    [VERB_UPSERT_MANY] = {"_upsert_many", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_ENSURE_MANY] = {"_ensure_many", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_GET_MANY] = {"_get_many", false, ACCESS_PRIMARY | ACCESS_UNIQUE},
    [VERB_COUNT] = {"_count", true, ACCESS_PREFIX},
    [VERB_LIST] = {"_list", true, ACCESS_PREFIX},
    [VERB_LIST_PAGE] = {"_list_page", true, ACCESS_PREFIX},
    [VERB_NEXT] = {"_next", true, 0},
    [VERB_COLLECT] = {"_collect", true, ACCESS_PREFIX},
    [VERB_COUNT_WHERE] = {"_count_where", true, 0},
    [VERB_LIST_WHERE] = {"_list_where", true, 0},
    [VERB_COLLECT_WHERE] = {"_collect_where", true, 0},
    [VERB_DELETE_WHERE] = {"_delete_where", true, 0},
    [VERB_STREAM_OPEN] = {"_stream_open", false, ACCESS_PRIMARY},
    [VERB_STREAM_CREATE] = {"_stream_create", false, ACCESS_PRIMARY},
    [VERB_ROWS_CLEAR] = {"_rows_clear", true, 0},
    [VERB_CLEAR] = {"_clear", true, 0},
};

const char *
access_symbol(const char *upper_prefix, const struct access *access)
{
    return name_join(upper_prefix, "_BY_", name_upper(access->by), NULL);
}

const char *
access_offsets(const char *prefix, const struct access *access)
{
    return name_join(prefix, "_by_", access->by, NULL);
}

const char *
full_text_prefix(const struct full_text *full_text)
{
    return name_join(full_text->table->database->name, "_", full_text->name, NULL);
}

const char *
full_text_rowid(const struct full_text *full_text)
{
    const struct table *table = full_text->table;
    if (table->hidden_rowid != NULL)
        return table->hidden_rowid;
    return row_column(g_ptr_array_index(table->primary_key, 0))->sql_name;
}

/* A key that refers to another table is that table's to assign. */
static bool
is_referring(const struct column *column)
{
    if (column->reference != NULL || column->soft_reference != NULL)
        return true;
    FOR_EACH(struct reference, reference, column->table->references)
        if (g_ptr_array_find(reference->columns, column, NULL))
            return true;
    return false;
}

bool
column_is_assigned(const struct column *column)
{
    if (!column->primary_key || column->table->primary_key->len != 1 || is_referring(column))
        return false;
    if (column->type == TYPE_INTEGER)
        return !column->table->without_rowid;
    return column->type == TYPE_ULID || column->type == TYPE_UUID;
}

bool
column_is_patched(const struct column *column)
{
    return !column->primary_key && column->generated.sql == NULL;
}

bool
table_has_patch(const struct table *table)
{
    FOR_EACH(struct column, column, table_row(table))
        if (column_is_patched(column))
            return true;
    return false;
}

/* Whether a value can be too large for memory: a blob, and a text or json without a limit. */
static bool
is_large(const struct column *column)
{
    bool is_text = column->type == TYPE_TEXT || column->type == TYPE_JSON;
    return column_is_patched(column) &&
           (column->type == TYPE_BLOB || (is_text && column->max_length == 0));
}

static bool
has_generated(const struct table *table)
{
    FOR_EACH(struct column, column, table->columns)
        if (column->generated.sql != NULL)
            return true;
    return false;
}

/* SQLite has streams in tables with rowids and without generated columns, and only those of blobs
 * are written. */
static bool
has_streams(const struct table *table, bool of_blobs)
{
    FOR_EACH(struct column, column, table_row(table))
        if (is_large(column) && (column->type == TYPE_BLOB || !of_blobs) &&
            !column->table->without_rowid && !has_generated(column->table))
            return true;
    return false;
}

static bool
has_verb(enum verb verb, const struct table *table, const struct access *access)
{
    if ((verbs[verb].kinds & access->kind) == 0)
        return false;
    switch (verb) {
    case VERB_STREAM_OPEN: return has_streams(table, false);
    case VERB_STREAM_CREATE: return has_streams(table, true);
    default: return true;
    }
}

void
table_verbs(const struct table *table, const GPtrArray *accesses, verb_visit *each, void *data)
{
    const char *prefix = name_prefix(table);
    for (enum verb verb = 0; verb < VERB_TOTAL; verb++) {
        const char *name = name_join(prefix, verbs[verb].word, NULL);
        if (verbs[verb].plain && (verb != VERB_PATCH || table_has_patch(table)))
            each(data, verb, NULL, name);
        FOR_EACH(struct access, access, accesses) {
            if (!has_verb(verb, table, access))
                continue;
            if (access->kind == ACCESS_PRIMARY)
                each(data, verb, access, name);
            else
                each(data, verb, access, name_join(name, "_by_", access->by, NULL));
        }
    }
}

/* A column that is named like an enumerator of the table's keys, "by_path", gets a _. */
const char *
column_symbol(const char *upper_prefix, const struct table *table, const struct column *column)
{
    const char *symbol = name_join(upper_prefix, "_", name_upper(column->name), NULL);
    if (!g_str_has_prefix(column->name, "by_"))
        return symbol; /* only such a name can be that of a key */
    FOR_EACH(struct access, access, table_accesses(table))
        if (strcmp(symbol, access_symbol(upper_prefix, access)) == 0)
            return name_join(symbol, "_", NULL);
    return symbol;
}

/* ---- symbols ---- */

struct symbols {
    symbol_visit *each;
    void *data;
};

static void
visit_verb(void *data, enum verb verb, const struct access *access, const char *name)
{
    const struct symbols *symbols = data;
    (void)verb;
    (void)access;
    symbols->each(symbols->data, name);
}

void
table_symbols(const struct table *table, symbol_visit *each, void *data)
{
    static const char *const objects[] = {
        "_row",   "_rows",  "_key",    "_places", "_table",    "_columns", "_keys",
        "_enums", "_rules", "_limits", "_checks", "_validate", "_to_json", "_from_json"};
    static const char *const extended[] = {"_own", "_own_columns", "_own_keys", "_constants",
                                           "_extends"};
    static const char *const searches[] = {"_search", "_search_with", "_search_next", "_rebuild",
                                           "_check",  "_index",       "_columns"};
    if (table->database == NULL)
        return;
    const char *prefix = name_prefix(table);
    const char *upper = name_upper(prefix);
    GPtrArray *accesses = table_accesses(table);
    for (gsize i = 0; i < G_N_ELEMENTS(objects); i++)
        each(data, name_join(prefix, objects[i], NULL));
    for (gsize i = 0; table->extends != NULL && i < G_N_ELEMENTS(extended); i++)
        each(data, name_join(prefix, extended[i], NULL));
    FOR_EACH(struct access, access, accesses) {
        each(data, access_symbol(upper, access));
        each(data, access_offsets(prefix, access));
    }
    struct symbols symbols = {each, data};
    table_verbs(table, accesses, visit_verb, &symbols);
    FOR_EACH(struct column, column, table_row(table))
        each(data, column_symbol(upper, table, column));
    FOR_EACH(struct full_text, full_text, table->full_texts)
        for (gsize i = 0; i < G_N_ELEMENTS(searches); i++)
            each(data, name_join(full_text_prefix(full_text), searches[i], NULL));
}

void
enumeration_symbols(const struct enumeration *enumeration, symbol_visit *each, void *data)
{
    static const char *const objects[] = {"", "_enum", "_labels", "_label", "_from_label"};
    for (gsize i = 0; i < G_N_ELEMENTS(objects); i++)
        each(data, name_join(enumeration->name, objects[i], NULL));
    FOR_EACH(struct enumerator, enumerator, enumeration->enumerators)
        each(data, enumerator->name);
}
