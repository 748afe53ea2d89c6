/* collect.c: lists as arrays. The rows of a select are handed to an aggregate function, which
 * appends them to the array, without a step and a column call for each value. An aggregate takes
 * rows as they are read, so that is for selects which read in their order anyway: the same plan,
 * forward, with the order and without it. The others are stepped. Texts and blobs lie in blocks of
 * 64 KB. The array belongs to the program when all is read. */
#include "collect.h"

#include "rows/call.h"
#include "sets.h"

#include <stdlib.h>

enum { FIRST_ROWS = 64 };

/* How rows are given to the program; the generated structs have the same members. */
struct rows {
    void *items;
    size_t count;
    void *owned; /* the blocks */
};

/* ---- rows ---- */

/* Makes room for one row more, or sets the status. There are never more than `most`: a file has
 * several rows of one key only when its index is damaged. */
static bool
grow(struct collection *collection)
{
    const cleat_table *table = collection->entry->table;
    /* twice what there is of memory is still a size */
    size_t capacity = collection->capacity == 0 ? FIRST_ROWS : collection->capacity * 2;
    if (collection->most > 0 && capacity > collection->most)
        capacity = collection->most;
    if (collection->count == capacity) {
        collection->status = cleat_session_fail_table(collection->session, CLEAT_CORRUPT, table,
                                                      "there is more than one row of a key");
        return false;
    }
    char *items = realloc(collection->items, capacity * table->row_size);
    if (items == NULL) {
        collection->status = cleat_session_fail(collection->session, CLEAT_NOMEM,
                                                "there is not enough memory");
        return false;
    }
    collection->items = items;
    collection->capacity = capacity;
    return true;
}

/* The place of the next row; NULL when there is none, and the status says why. */
static inline char *
take_row(struct collection *collection)
{
    if (CLEAT_UNLIKELY(collection->count == collection->capacity) && !grow(collection))
        return NULL;
    return collection->items + collection->count * collection->entry->table->row_size;
}

/* Adds a row that has been read. */
static inline void
add_row(struct collection *collection, char *row)
{
    /* cppcheck-suppress pointerSize ; the member is a pointer */
    memset(row + collection->entry->table->owned_offset, 0, sizeof(void *));
    if (collection->places != NULL)
        collection->places[collection->count] = collection->entry->feeder.place;
    collection->count++;
}

static void
collect_row(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct connection *connection = sqlite3_user_data(context);
    struct collection *collection = connection->collection;
    if (CLEAT_UNLIKELY(collection == NULL || count != collection->entry->table->column_count)) {
        sqlite3_result_error(context, "cleat_collect() belongs to cleat", -1);
        return;
    }
    char *row = take_row(collection);
    if (CLEAT_LIKELY(row != NULL))
        collection->status = cleat_row_copy_values(collection->session, collection->entry, values,
                                                   row, &collection->room);
    if (CLEAT_LIKELY(collection->status == CLEAT_OK))
        add_row(collection, row);
    if (CLEAT_UNLIKELY(collection->status < 0))
        sqlite3_result_error_code(context, SQLITE_ABORT);
}

static void
end_rows(sqlite3_context *context)
{
    sqlite3_result_int(context, 0);
}

int
cleat_collect_register(struct connection *connection)
{
    return sqlite3_create_function_v2(connection->handle, "cleat_collect", -1,
                                      SQLITE_UTF8 | SQLITE_DIRECTONLY, connection, NULL,
                                      collect_row, end_rows, NULL);
}

/* ---- the choice ---- */

/* Whether the rows come in the order of `ordered` when `collecting` reads them. */
static int
is_same_order(sqlite3 *handle, const char *ordered, const char *collecting, bool *ret_same)
{
    char plan[CLEAT_PLAN_SIZE], other[CLEAT_PLAN_SIZE];
    bool next = false, before = false;
    *ret_same = false;
    int rc = cleat_plan_read(handle, ordered, plan);
    if (rc == SQLITE_OK)
        rc = cleat_plan_read(handle, collecting, other);
    /* cppcheck-suppress uninitvar ; it was written when rc is SQLITE_OK */
    if (rc != SQLITE_OK || plan[0] == '\0' || strcmp(plan, other) != 0)
        return rc;
    rc = cleat_plan_has(handle, ordered, "Next", &next);
    if (rc == SQLITE_OK)
        rc = cleat_plan_has(handle, ordered, "Prev", &before);
    *ret_same = next && !before;
    return rc;
}

cleat_status
cleat_collect_choose(cleat_session *session, const struct entry *entry, enum operation operation,
                     unsigned key, char **sql, bool *ret_collects)
{
    sqlite3 *handle = session->connection->handle;
    const cleat_table *table = entry->table;
    bool same = operation == CLEAT_SQL_GET_MANY; /* CROSS JOIN: the order is that of the feed */
    int rc = SQLITE_OK;
    *ret_collects = false;
    if (table->column_count > sqlite3_limit(handle, SQLITE_LIMIT_FUNCTION_ARG, -1))
        return CLEAT_OK;
    char *collecting = cleat_sql_collect(table, operation, key);
    if (collecting == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    if (!same)
        rc = is_same_order(handle, *sql, collecting, &same);
    if (rc != SQLITE_OK || !same) {
        free(collecting);
        return rc == SQLITE_OK
                   ? CLEAT_OK
                   : cleat_session_fail_sqlite(session, rc, table->database, table, *sql);
    }
    free(*sql);
    *sql = collecting;
    *ret_collects = true;
    return CLEAT_OK;
}

/* ---- running ---- */

static cleat_status
step_row(struct collection *collection, sqlite3_stmt *handle)
{
    char *row = take_row(collection);
    if (row == NULL)
        return collection->status;
    cleat_status rc = cleat_row_copy(collection->session, collection->entry, handle, row,
                                     &collection->room);
    if (rc == CLEAT_OK)
        add_row(collection, row);
    return rc;
}

cleat_status
cleat_collection_fill(struct collection *collection, struct statement *statement)
{
    cleat_session *session = collection->session;
    cleat_status rc = CLEAT_OK;
    int code = SQLITE_DONE;
    session->connection->collection = collection;
    while (rc == CLEAT_OK && (code = cleat_step(session, statement)) == SQLITE_ROW)
        if (!statement->collects)
            rc = step_row(collection, statement->handle);
    session->connection->collection = NULL;
    if (collection->status < 0)
        rc = collection->status;
    else if (rc == CLEAT_OK && code != SQLITE_DONE)
        rc = cleat_step_fail(session, statement, code);
    cleat_statement_release(session, statement);
    return rc;
}

cleat_status
cleat_collection_give(struct collection *collection, cleat_status rc, void *ret_rows)
{
    struct rows rows = {collection->items, collection->count, collection->room.blocks};
    if (rc == CLEAT_OK) {
        memcpy(ret_rows, &rows, sizeof rows);
        return CLEAT_OK;
    }
    free(collection->items);
    cleat_blocks_free(collection->room.blocks);
    return rc;
}

cleat_status
cleat_collect_run(cleat_session *session, struct statement *statement, void *ret_rows)
{
    struct collection collection = {.session = session, .entry = statement->entry};
    cleat_status rc = cleat_collection_fill(&collection, statement);
    return cleat_collection_give(&collection, rc, ret_rows);
}

/* Whether SQLite has planned the statement anew, because another connection has changed the schema
 * or its statistics: the rows may have come in another order, and the choice is to be made again. */
static bool
is_replanned(struct statement *statement)
{
    if (!statement->collects ||
        sqlite3_stmt_status(statement->handle, SQLITE_STMTSTATUS_REPREPARE, 0) == 0)
        return false;
    sqlite3_finalize(statement->handle);
    statement->handle = NULL;
    return true;
}

static cleat_status
collect(cleat_session *session, struct entry *entry, enum operation operation, unsigned key,
        const cleat_value *values, void *ret_rows)
{
    for (;;) {
        struct statement *statement;
        struct collection collection = {.session = session, .entry = entry};
        cleat_status rc = cleat_statement_find(session, entry, operation, key, &statement);
        if (rc == CLEAT_OK && values != NULL)
            rc = cleat_key_bind(session, entry, key, statement->handle, values);
        if (rc < 0)
            return rc;
        rc = cleat_collection_fill(&collection, statement);
        if (rc < 0 || !is_replanned(statement))
            return cleat_collection_give(&collection, rc, ret_rows);
        free(collection.items);
        cleat_blocks_free(collection.room.blocks);
    }
}

cleat_status
cleat_row_collect(cleat_session *session, const cleat_table *table, void *ret_rows)
{
    struct entry *entry;
    cleat_status rc = cleat_call_begin(session, table, 0, ret_rows, &entry);
    return rc < 0 ? rc : collect(session, entry, CLEAT_SQL_COLLECT, 0, NULL, ret_rows);
}

cleat_status
cleat_row_collect_by(cleat_session *session, const cleat_table *table, unsigned key,
                     const cleat_value *values, void *ret_rows)
{
    struct entry *entry;
    cleat_status rc = cleat_call_begin(session, table, key, values == NULL ? NULL : ret_rows,
                                       &entry);
    if (rc == CLEAT_OK)
        rc = cleat_call_check_key(session, table);
    return rc < 0 ? rc : collect(session, entry, CLEAT_SQL_COLLECT_BY, key, values, ret_rows);
}

void
cleat_rows_clear(void *rows)
{
    struct rows old;
    if (rows == NULL)
        return;
    memcpy(&old, rows, sizeof old);
    free(old.items);
    cleat_blocks_free(old.owned);
    memset(rows, 0, sizeof old);
}
