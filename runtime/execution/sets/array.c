/* array.c: a C array as a table of SQL, for queries with IN (:ids...): cleat_array(?1) has one column
 * `value`. The array comes as a pointer that only this file can have bound, so SQL text cannot
 * make one up. It is read in place, or from a copy that lives as long as its binding. */
#include "sets.h"

#include <stdlib.h>

#define POINTER_TYPE "cleat_array"

/* An array as it is bound. */
struct array {
    const char *items;
    size_t count;
    const cleat_enum *labels;
    uint8_t kind; /* a cleat_kind */
};

struct array_cursor {
    sqlite3_vtab_cursor base;
    const struct array *array;
    size_t place;
};

/* ---- the virtual table ---- */

static int
connect_array(sqlite3 *handle, void *data, int argc, const char *const *argv,
              sqlite3_vtab **ret_table, char **ret_text)
{
    (void)data;
    (void)argc;
    (void)argv;
    (void)ret_text;
    int rc = sqlite3_declare_vtab(handle, "CREATE TABLE x (value, items HIDDEN)");
    sqlite3_vtab *table = rc == SQLITE_OK ? sqlite3_malloc64(sizeof *table) : NULL;
    if (table == NULL)
        return SQLITE_NOMEM; /* nothing else can be wrong with the declaration */
    sqlite3_vtab_config(handle, SQLITE_VTAB_DIRECTONLY);
    memset(table, 0, sizeof *table);
    *ret_table = table;
    return SQLITE_OK;
}

static int
disconnect_array(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

/* Only with its argument is it a table. */
static int
plan_array(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != 1 ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (!info->aConstraint[i].usable)
            return SQLITE_CONSTRAINT;
        info->aConstraintUsage[i].argvIndex = 1;
        info->aConstraintUsage[i].omit = 1;
        info->estimatedCost = 1;
        info->estimatedRows = 100;
        return SQLITE_OK;
    }
    return SQLITE_CONSTRAINT;
}

static int
open_array(sqlite3_vtab *table, sqlite3_vtab_cursor **ret_cursor)
{
    (void)table;
    struct array_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (cursor == NULL)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof *cursor);
    *ret_cursor = &cursor->base;
    return SQLITE_OK;
}

static int
close_array(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int
filter_array(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
             sqlite3_value **argv)
{
    struct array_cursor *cursor = (struct array_cursor *)(void *)base;
    (void)number;
    (void)text;
    cursor->array = argc > 0 ? sqlite3_value_pointer(argv[0], POINTER_TYPE) : NULL;
    cursor->place = 0;
    return SQLITE_OK;
}

static int
next_item(sqlite3_vtab_cursor *base)
{
    ((struct array_cursor *)(void *)base)->place++;
    return SQLITE_OK;
}

static int
is_at_end(sqlite3_vtab_cursor *base)
{
    const struct array_cursor *cursor = (const struct array_cursor *)(void *)base;
    return cursor->array == NULL || cursor->place >= cursor->array->count;
}

static void
give_text(sqlite3_context *context, const char *text)
{
    if (text != NULL)
        sqlite3_result_text64(context, text, strlen(text), SQLITE_STATIC, SQLITE_UTF8);
}

static int
read_item(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
    const struct array_cursor *cursor = (const struct array_cursor *)(void *)base;
    const struct array *array = cursor->array;
    const void *items = array->items;
    size_t place = cursor->place;
    if (column != 0)
        return SQLITE_OK;
    switch ((cleat_kind)array->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP:
        sqlite3_result_int64(context, ((const int64_t *)items)[place]);
        return SQLITE_OK;
    case CLEAT_KIND_BOOLEAN:
        sqlite3_result_int(context, ((const bool *)items)[place]);
        return SQLITE_OK;
    case CLEAT_KIND_REAL:
        sqlite3_result_double(context, ((const double *)items)[place]);
        return SQLITE_OK;
    case CLEAT_KIND_BLOB: {
        cleat_blob blob = ((const cleat_blob *)items)[place];
        if (blob.data != NULL)
            sqlite3_result_blob64(context, blob.data, blob.size, SQLITE_STATIC);
        return SQLITE_OK;
    }
    case CLEAT_KIND_ENUM:
        give_text(context, cleat_enum_label(array->labels, ((const int *)items)[place]));
        return SQLITE_OK;
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    give_text(context, ((const char *const *)items)[place]);
    return SQLITE_OK;
}

static int
number_item(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_number)
{
    *ret_number = (sqlite3_int64)((struct array_cursor *)(void *)base)->place;
    return SQLITE_OK;
}

int
cleat_array_register(struct connection *connection)
{
    static const sqlite3_module module = {
        .xConnect = connect_array,
        .xBestIndex = plan_array,
        .xDisconnect = disconnect_array,
        .xOpen = open_array,
        .xClose = close_array,
        .xFilter = filter_array,
        .xNext = next_item,
        .xEof = is_at_end,
        .xColumn = read_item,
        .xRowid = number_item,
    };
    return sqlite3_create_module_v2(connection->handle, "cleat_array", &module, NULL, NULL);
}

/* ---- binding ---- */

static size_t
item_size(uint8_t kind)
{
    switch ((cleat_kind)kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: return sizeof(int64_t);
    case CLEAT_KIND_BOOLEAN: return sizeof(bool);
    case CLEAT_KIND_REAL: return sizeof(double);
    case CLEAT_KIND_BLOB: return sizeof(cleat_blob);
    case CLEAT_KIND_ENUM: return sizeof(int);
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    return sizeof(const char *);
}

/* The bytes that an item points to; NULL when it holds all itself. A text's NUL counts. */
static const void *
item_bytes(const struct array *array, size_t place, size_t *ret_size)
{
    const void *items = array->items;
    size_t size = item_size(array->kind);
    if (array->kind == CLEAT_KIND_BLOB) {
        const cleat_blob *blob = (const cleat_blob *)items + place;
        *ret_size = blob->size;
        return blob->data;
    }
    if (size != sizeof(const char *) || array->kind == CLEAT_KIND_INTEGER ||
        array->kind == CLEAT_KIND_TIMESTAMP || array->kind == CLEAT_KIND_REAL)
        return NULL;
    const char *text = ((const char *const *)items)[place];
    *ret_size = text == NULL ? 0 : strlen(text) + 1;
    return text;
}

/* The array with all that it points to, in one block. */
static struct array *
copy_array(const struct array *array)
{
    size_t items = array->count * item_size(array->kind), bytes = 0, size;
    for (size_t i = 0; i < array->count; i++)
        if (item_bytes(array, i, &size) != NULL)
            bytes += size;
    struct array *copy = malloc(sizeof *copy + items + bytes);
    if (copy == NULL)
        return NULL;
    char *to = (char *)(copy + 1);
    *copy = *array;
    copy->items = to;
    if (items > 0)
        memcpy(to, array->items, items);
    char *end = to + items;
    for (size_t i = 0; i < array->count; i++) {
        const void *from = item_bytes(array, i, &size);
        if (from == NULL)
            continue;
        memcpy(end, from, size);
        /* the pointer is the first member of a blob too */
        memcpy(to + i * item_size(array->kind), &end, sizeof end);
        end += size;
    }
    return copy;
}

static bool
has_labels(const struct array *array)
{
    if (array->kind != CLEAT_KIND_ENUM)
        return true;
    for (size_t i = 0; i < array->count; i++)
        if (cleat_enum_label(array->labels, ((const int *)(const void *)array->items)[i]) == NULL)
            return false;
    return true;
}

int
cleat_array_bind(sqlite3_stmt *handle, int place, const cleat_parameter *parameter,
                 cleat_blob items, bool copies)
{
    struct array array = {items.data, items.size, parameter->labels, parameter->kind};
    if (array.items == NULL && array.count > 0)
        return SQLITE_CONSTRAINT_NOTNULL;
    if (!has_labels(&array))
        return SQLITE_MISMATCH;
    struct array *bound = NULL;
    if (copies) {
        bound = copy_array(&array);
    } else {
        bound = malloc(sizeof *bound);
        if (bound != NULL)
            *bound = array;
    }
    if (bound == NULL)
        return SQLITE_NOMEM;
    return sqlite3_bind_pointer(handle, place, bound, POINTER_TYPE, free);
}
