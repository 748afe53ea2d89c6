/* feed.c: rows of the program as a table of SQL: an eponymous virtual table for each table of the
 * schema, with a column for each of its columns, over the array that a call was given. So a whole
 * array is one INSERT ... SELECT or one join. Texts and blobs are lent to SQLite, never copied. */
#include "rows/rows.h"
#include "sets.h"

#include <stdlib.h>

/* The virtual table as SQLite has it. */
struct fed_table {
    sqlite3_vtab base;
    struct entry *entry;
};

struct fed_cursor {
    sqlite3_vtab_cursor base;
    struct feeder *feeder;
    const struct column *columns;
    size_t turn;  /* how many rows were read before */
    size_t place; /* of the row in the array */
};

static int
connect_feed(sqlite3 *handle, void *data, int argc, const char *const *argv,
             sqlite3_vtab **ret_table, char **ret_text)
{
    struct entry *entry = data;
    (void)argc;
    (void)argv;
    (void)ret_text;
    char *sql = cleat_sql_feed_columns(entry->table);
    if (sql == NULL)
        return SQLITE_NOMEM;
    int rc = sqlite3_declare_vtab(handle, sql);
    free(sql);
    struct fed_table *table = rc == SQLITE_OK ? sqlite3_malloc64(sizeof *table) : NULL;
    if (table == NULL)
        return rc == SQLITE_OK ? SQLITE_NOMEM : rc;
    sqlite3_vtab_config(handle, SQLITE_VTAB_DIRECTONLY);
    memset(table, 0, sizeof *table);
    table->entry = entry;
    *ret_table = &table->base;
    return SQLITE_OK;
}

static int
disconnect_feed(sqlite3_vtab *table)
{
    sqlite3_free(table);
    return SQLITE_OK;
}

static int
plan_feed(sqlite3_vtab *table, sqlite3_index_info *info)
{
    (void)table;
    info->estimatedCost = 1000;
    info->estimatedRows = 1000;
    return SQLITE_OK;
}

static int
open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
    struct entry *entry = ((struct fed_table *)(void *)base)->entry;
    struct fed_cursor *cursor = sqlite3_malloc64(sizeof *cursor);
    if (cursor == NULL)
        return SQLITE_NOMEM;
    memset(cursor, 0, sizeof *cursor);
    cursor->feeder = &entry->feeder;
    cursor->columns = entry->columns;
    *ret_cursor = &cursor->base;
    return SQLITE_OK;
}

static int
close_cursor(sqlite3_vtab_cursor *cursor)
{
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static void
go_to(struct fed_cursor *cursor, size_t turn)
{
    struct feeder *feeder = cursor->feeder;
    bool ordered = feeder->order != NULL && turn < feeder->count;
    cursor->turn = turn;
    cursor->place = ordered ? feeder->order[turn] : turn;
    feeder->place = cursor->place;
}

static int
rewind_cursor(sqlite3_vtab_cursor *base, int plan, const char *text, int argc, sqlite3_value **argv)
{
    (void)plan;
    (void)text;
    (void)argc;
    (void)argv;
    go_to((struct fed_cursor *)(void *)base, 0);
    return SQLITE_OK;
}

/* Gives the row that was written its number, when it has got one. */
static void
take_given(struct given *given, size_t place)
{
    int64_t number = sqlite3_last_insert_rowid(given->handle);
    if (number == given->last)
        return;
    given->last = number;
    given->count++;
    memcpy(given->members + given->step * place, &number, sizeof number);
}

static int
advance_cursor(sqlite3_vtab_cursor *base)
{
    struct fed_cursor *cursor = (struct fed_cursor *)(void *)base;
    if (cursor->feeder->given != NULL)
        take_given(cursor->feeder->given, cursor->place);
    go_to(cursor, cursor->turn + 1);
    return SQLITE_OK;
}

static int
is_at_end(sqlite3_vtab_cursor *base)
{
    const struct fed_cursor *cursor = (const struct fed_cursor *)(const void *)base;
    return cursor->turn >= cursor->feeder->count;
}

static int
read_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_rowid)
{
    *ret_rowid = (sqlite3_int64)((const struct fed_cursor *)(const void *)base)->place;
    return SQLITE_OK;
}

/* ---- values ---- */

/* What cannot be stored ends the statement; the call says which column it was. */
static int
refuse(const struct fed_cursor *cursor, const struct column *column, int code)
{
    cursor->feeder->fault = column;
    cursor->feeder->fault_code = code;
    return code;
}

/* SQLite would refuse it too, but not say in which column. */
static bool
is_too_big(sqlite3_context *context, size_t size)
{
    return size > 1000000 && size > (size_t)sqlite3_limit(sqlite3_context_db_handle(context),
                                                          SQLITE_LIMIT_LENGTH, -1);
}

static int
give_text(const struct fed_cursor *cursor, sqlite3_context *context, const struct column *column,
          const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text);
    if (is_too_big(context, size))
        return refuse(cursor, column, SQLITE_TOOBIG);
    if (text != NULL)
        sqlite3_result_text64(context, text, size, SQLITE_STATIC, SQLITE_UTF8);
    return SQLITE_OK;
}

static void
give_array(sqlite3_context *context, const char *text, uint8_t kind)
{
    size_t size = kind == CLEAT_KIND_ULID ? 27 : kind == CLEAT_KIND_UUID ? 37 : 25;
    const char *end = memchr(text, '\0', size);
    sqlite3_result_text64(context, text, end == NULL ? size : (size_t)(end - text), SQLITE_STATIC,
                          SQLITE_UTF8);
}

static int
give_real(const struct fed_cursor *cursor, sqlite3_context *context, const struct column *column,
          const char *member)
{
    double real;
    memcpy(&real, member, sizeof real);
    if (real != real)
        return refuse(cursor, column, SQLITE_MISMATCH);
    sqlite3_result_double(context, real);
    return SQLITE_OK;
}

static int
give_label(const struct fed_cursor *cursor, sqlite3_context *context, const struct column *column,
           const char *member)
{
    int value;
    memcpy(&value, member, sizeof value);
    const char *label = column->labels == NULL ? NULL : cleat_enum_label(column->labels, value);
    if (label == NULL)
        return refuse(cursor, column, SQLITE_MISMATCH);
    return give_text(cursor, context, column, label);
}

static void
give_integer(sqlite3_context *context, const struct column *column, const char *member)
{
    int64_t value;
    memcpy(&value, member, sizeof value);
    if (value != 0 || !column->assigned)
        sqlite3_result_int64(context, value);
}

static int
give_blob(const struct fed_cursor *cursor, sqlite3_context *context, const struct column *column,
          const char *member)
{
    cleat_blob blob;
    memcpy(&blob, member, sizeof blob);
    if (blob.data != NULL && is_too_big(context, blob.size))
        return refuse(cursor, column, SQLITE_TOOBIG);
    if (blob.data != NULL)
        sqlite3_result_blob64(context, blob.data, blob.size, SQLITE_STATIC);
    return SQLITE_OK;
}

/* A value that is not given is NULL. */
static int
give_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int place)
{
    const struct fed_cursor *cursor = (const struct fed_cursor *)(const void *)base;
    const struct feed *feed = &cursor->feeder->feeds[place];
    const struct column *column = &cursor->columns[place];
    const char *member = feed->members + feed->step * cursor->place;
    if (feed->has != NULL && !*(const bool *)(feed->has + feed->step * cursor->place))
        return SQLITE_OK;
    switch ((cleat_kind)feed->kind) {
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON: return give_text(cursor, context, column, *(const char *const *)member);
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: give_integer(context, column, member); break;
    case CLEAT_KIND_BOOLEAN: sqlite3_result_int(context, *(const unsigned char *)member); break;
    case CLEAT_KIND_REAL: return give_real(cursor, context, column, member);
    case CLEAT_KIND_BLOB: return give_blob(cursor, context, column, member);
    case CLEAT_KIND_ENUM: return give_label(cursor, context, column, member);
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: give_array(context, member, feed->kind); break;
    }
    return SQLITE_OK;
}

static const sqlite3_module feed_module = {
    .xConnect = connect_feed,
    .xBestIndex = plan_feed,
    .xDisconnect = disconnect_feed,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = rewind_cursor,
    .xNext = advance_cursor,
    .xEof = is_at_end,
    .xColumn = give_column,
    .xRowid = read_rowid,
};

/* ---- what calls use ---- */

cleat_status
cleat_feed_open(cleat_session *session, struct entry *entry)
{
    if (entry->feeder.feeds != NULL)
        return CLEAT_OK;
    char *name = cleat_sql_feed(entry->table);
    struct feed *feeds = calloc(entry->table->column_count, sizeof *feeds);
    int rc = SQLITE_NOMEM;
    if (name != NULL && feeds != NULL)
        rc = sqlite3_create_module_v2(session->connection->handle, name, &feed_module, entry, NULL);
    free(name);
    if (rc == SQLITE_OK) {
        entry->feeder.feeds = feeds;
        return CLEAT_OK;
    }
    free(feeds);
    return cleat_session_fail_sqlite(session, rc, entry->table->database, entry->table, NULL);
}

static void
reset(struct feeder *feeder, size_t count)
{
    feeder->count = count;
    feeder->order = NULL;
    feeder->given = NULL;
    feeder->place = 0;
    feeder->fault = NULL;
}

void
cleat_feed_rows(struct entry *entry, const void *rows, size_t count, const size_t *order)
{
    for (unsigned i = 0; i < entry->table->column_count; i++) {
        const struct column *column = &entry->columns[i];
        struct feed *feed = &entry->feeder.feeds[i];
        feed->members = (const char *)rows + column->offset;
        feed->has = column->has ? (const char *)rows + column->has_offset : NULL;
        feed->step = entry->table->row_size;
        feed->kind = column->kind;
    }
    reset(&entry->feeder, count);
    entry->feeder.order = order;
}

/* The size of a value in an array of values, and the kind it has there: arrays of char are given
 * as pointers. */
static size_t
value_size(uint8_t *kind)
{
    switch ((cleat_kind)*kind) {
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
    *kind = CLEAT_KIND_TEXT;
    return sizeof(const char *);
}

void
cleat_feed_keys(struct entry *entry, unsigned key, const void *const *values, size_t count)
{
    struct column *const *columns = entry->key_columns + entry->key_starts[key];
    for (unsigned i = 0; i < entry->table->keys[key].count; i++) {
        struct feed *feed = &entry->feeder.feeds[columns[i] - entry->columns];
        feed->members = values[i];
        feed->has = NULL;
        feed->kind = columns[i]->kind;
        feed->step = value_size(&feed->kind);
    }
    reset(&entry->feeder, count);
}

cleat_status
cleat_feed_blame(cleat_session *session, const struct entry *entry, cleat_status rc)
{
    if (rc >= 0 || entry->feeder.fault == NULL)
        return rc;
    return cleat_bind_fail(session, entry, entry->feeder.fault, entry->feeder.fault_code);
}

void
cleat_feed_end(struct entry *entry)
{
    entry->feeder.count = 0;
    entry->feeder.order = NULL;
    entry->feeder.given = NULL;
}
