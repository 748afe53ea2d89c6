/* stream.c: one blob or text of a row, read or written piece by piece, so that it need not be in
 * memory at once. A stream is found by key, ends with its unit of work, and is an error once its
 * row was written by something else. Its object belongs to the connection and is used again, so
 * that a copy of a closed cleat_stream is recognised by its ticket. */
#include "atomic/atomic.h"
#include "joined.h"

#include "sql_put.h"

#include <stdlib.h>

struct stream {
    struct stream *next;  /* of the connection; open or not */
    sqlite3_blob *handle; /* NULL for one that is not */
    const cleat_table *table;
    const char *column;
    size_t size;
    bool writes;
    uint64_t ticket;
};

static void
close_stream(struct stream *stream)
{
    sqlite3_blob_close(stream->handle);
    stream->handle = NULL;
    stream->ticket = 0;
}

void
cleat_streams_end(struct connection *connection, uint64_t since)
{
    for (struct stream *stream = connection->streams; stream != NULL; stream = stream->next)
        if (stream->ticket >= since)
            close_stream(stream);
}

bool
cleat_streams_write(const struct connection *connection)
{
    for (const struct stream *stream = connection->streams; stream != NULL; stream = stream->next)
        if (stream->handle != NULL && stream->writes)
            return true;
    return false;
}

void
cleat_streams_free(struct connection *connection)
{
    while (connection->streams != NULL) {
        struct stream *stream = connection->streams;
        connection->streams = stream->next;
        close_stream(stream);
        free(stream);
    }
}

static struct stream *
take_stream(struct connection *connection)
{
    struct stream *stream = connection->streams;
    while (stream != NULL && stream->handle != NULL)
        stream = stream->next;
    if (stream != NULL)
        return stream;
    stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    stream->next = connection->streams;
    connection->streams = stream;
    return stream;
}

/* ---- finding the value ---- */

/* What an opening is about. */
struct target {
    cleat_session *session;
    struct entry *entry;
    unsigned key;
    const cleat_value *values;
    const cleat_column *column;
    /* of a row that lies in several tables, else NULL */
    struct entry *joined;
    struct statement *found; /* at its key */
    void *row;               /* with that key */
};

static cleat_status
fail(const struct target *target, cleat_status status, const char *what)
{
    return cleat_session_fail_column(target->session, status, target->entry->table,
                                     target->column->name, what);
}

/* Runs a statement to its first row, with the values of the key already bound. */
static int
step(const struct target *target, sqlite3_stmt *handle)
{
    struct statement statement = {.handle = handle};
    int code = cleat_step(target->session, &statement);
    if (target->session->timed)
        cleat_report(target->session, sqlite3_sql(handle), statement.nanoseconds);
    return code;
}

/* Prepares a statement and binds the key; takes the SQL. */
static cleat_status
prepare(const struct target *target, char *sql, sqlite3_stmt **ret_handle)
{
    const cleat_table *table = target->entry->table;
    cleat_session *session = target->session;
    *ret_handle = NULL;
    if (sql == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    int code = sqlite3_prepare_v2(session->connection->handle, sql, -1, ret_handle, NULL);
    cleat_status rc = CLEAT_OK;
    if (code != SQLITE_OK)
        rc = cleat_session_fail_sqlite(session, code, table->database, table, sql);
    free(sql);
    if (rc == CLEAT_OK)
        rc = target->row != NULL
                 ? cleat_key_bind_row(session, target->entry, 0, *ret_handle, target->row)
                 : cleat_key_bind(session, target->entry, target->key, *ret_handle, target->values);
    return rc;
}

static char *
find_sql(const struct target *target)
{
    const cleat_table *table = target->entry->table;
    struct buffer buffer = {0};
    cleat_put(&buffer, "SELECT rowid,typeof(");
    cleat_put_name(&buffer, target->column->name);
    cleat_put(&buffer, target->column->kind == CLEAT_KIND_BLOB ? ")='blob'," : ")='text',");
    cleat_put_name(&buffer, target->column->name);
    cleat_put(&buffer, " IS NULL");
    cleat_put_from(&buffer, "", table, NULL);
    cleat_put_where(&buffer, table, &table->keys[target->key], false);
    return cleat_take(&buffer);
}

/* What is wrong with the type of the stored value, NULL for nothing. */
static const char *
find_fault(sqlite3_stmt *handle)
{
    if (sqlite3_column_int(handle, 1) != 0)
        return NULL;
    bool null = sqlite3_column_int(handle, 2) != 0;
    return null ? "the stored value is NULL" : "the stored value has another type";
}

/* The number of the row that has the key, and what keeps its value from being streamed, or NULL. */
static cleat_status
find_row(const struct target *target, int64_t *ret_rowid, const char **ret_fault)
{
    const cleat_table *table = target->entry->table;
    sqlite3_stmt *handle;
    cleat_status rc = prepare(target, find_sql(target), &handle);
    if (rc == CLEAT_OK) {
        int code = step(target, handle);
        if (code == SQLITE_ROW) {
            *ret_rowid = sqlite3_column_int64(handle, 0);
            *ret_fault = find_fault(handle);
        } else if (code == SQLITE_DONE)
            rc = CLEAT_NOT_FOUND;
        else
            rc = cleat_session_fail_sqlite(target->session, code, table->database, table,
                                           sqlite3_sql(handle));
    }
    sqlite3_finalize(handle);
    return rc;
}

/* ---- writing the row ---- */

/* Sets the columns that have the time of the last update and, unless `keeps`, the value to zeros.
 * Parameters: the key, the size, the times. NULL when memory ran out. */
static char *
update_sql(const struct target *target, bool keeps)
{
    const cleat_table *table = target->entry->table;
    unsigned number = table->keys[target->key].count;
    const char *before = " SET ";
    struct buffer buffer = {0};
    cleat_put(&buffer, "UPDATE ");
    cleat_put_table(&buffer, table);
    if (!keeps) {
        cleat_put(&buffer, before);
        cleat_put_name(&buffer, target->column->name);
        cleat_put(&buffer, "=zeroblob(");
        cleat_put_parameter(&buffer, ++number);
        cleat_put(&buffer, ")");
        before = ",";
    }
    for (unsigned i = 0; i < table->column_count; i++) {
        if (!(table->columns[i].flags & CLEAT_UPDATE_NOW))
            continue;
        cleat_put(&buffer, before);
        cleat_put_name(&buffer, table->columns[i].name);
        cleat_put(&buffer, "=");
        cleat_put_parameter(&buffer, ++number);
        before = ",";
    }
    cleat_put_where(&buffer, table, &table->keys[target->key], false);
    return cleat_take(&buffer);
}

static cleat_status
bind_update(const struct target *target, sqlite3_stmt *handle, const size_t *size)
{
    struct connection *connection = target->session->connection;
    const cleat_table *table = target->entry->table;
    int number = table->keys[target->key].count;
    cleat_status rc = CLEAT_OK;
    if (size != NULL && *size > (size_t)sqlite3_limit(connection->handle, SQLITE_LIMIT_LENGTH, -1))
        return fail(target, CLEAT_TOO_BIG, "the value is too long for SQLite");
    if (size != NULL)
        sqlite3_bind_int64(handle, ++number, (int64_t)*size);
    for (unsigned i = 0; rc == CLEAT_OK && i < table->column_count; i++) {
        if (!(table->columns[i].flags & CLEAT_UPDATE_NOW))
            continue;
        cleat_row_set_now(&table->columns[i], connection->scratch);
        rc = cleat_column_bind_copy(target->session, target->entry, &target->entry->columns[i],
                                    handle, ++number, connection->scratch);
    }
    return rc;
}

/* `size` is NULL for a value that stays. */
static cleat_status
update_row(const struct target *target, const size_t *size)
{
    const cleat_table *table = target->entry->table;
    cleat_session *session = target->session;
    sqlite3_stmt *handle;
    if (size == NULL && !target->entry->update_now)
        return CLEAT_OK;
    cleat_status rc = prepare(target, update_sql(target, size == NULL), &handle);
    if (rc == CLEAT_OK)
        rc = bind_update(target, handle, size);
    if (rc == CLEAT_OK) {
        int code = step(target, handle);
        if (code != SQLITE_DONE)
            rc = cleat_session_fail_sqlite(session, code, table->database, table,
                                           sqlite3_sql(handle));
        else if (sqlite3_changes(session->connection->handle) == 0)
            rc = CLEAT_NOT_FOUND;
    }
    sqlite3_finalize(handle);
    return rc;
}

/* ---- opening ---- */

static cleat_status
check_column(const struct target *target, bool writes)
{
    const cleat_table *table = target->entry->table;
    uint8_t kind = target->column->kind;
    if (kind != CLEAT_KIND_BLOB && kind != CLEAT_KIND_TEXT && kind != CLEAT_KIND_JSON)
        return fail(target, CLEAT_MISUSE, "only blobs and texts can be streamed");
    if (writes && kind != CLEAT_KIND_BLOB)
        return fail(target, CLEAT_MISUSE,
                    "only a blob can be written in pieces: SQLite would not check the text");
    int code = sqlite3_table_column_metadata(target->session->connection->handle, table->database,
                                             table->name, "rowid", NULL, NULL, NULL, NULL, NULL);
    if (code == SQLITE_ERROR)
        return fail(target, CLEAT_MISUSE, "a table WITHOUT ROWID has no streams");
    if (code != SQLITE_OK)
        return cleat_session_fail_sqlite(target->session, code, table->database, table, NULL);
    /* versions of SQLite that do not refuse it open the value of another column */
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_GENERATED)
            return fail(target, CLEAT_MISUSE, "a table with a generated column has no streams");
    return CLEAT_OK;
}

/* Of a row that lies in several tables: the one with the column, by the primary key. */
static cleat_status
find_part(struct target *target)
{
    const struct parts *parts = target->entry->parts;
    const cleat_table *table = NULL;
    cleat_status rc = cleat_joined_find(target->session, target->entry, target->key, target->values,
                                        &target->found);
    if (rc != CLEAT_OK)
        return rc;
    target->joined = target->entry;
    for (unsigned i = parts->count; table == NULL; i--)
        if (cleat_table_column_at(&parts->tables[i - 1], target->column->offset) != NULL)
            table = &parts->tables[i - 1];
    target->row = target->session->connection->scratch;
    target->key = 0;
    target->column = cleat_table_column_at(table, target->column->offset);
    return cleat_entry_find(target->session, table, &target->entry);
}

static cleat_status
find_target(struct target *target, const cleat_table *table, const char *column, bool writes,
            const cleat_stream *ret_stream)
{
    cleat_session *session = target->session;
    cleat_status rc = cleat_session_enter(session);
    if (rc < 0)
        return rc;
    if (table == NULL)
        return cleat_session_fail(session, CLEAT_MISUSE, "a stream without a table");
    if (target->values == NULL || column == NULL || ret_stream == NULL)
        return cleat_session_fail_table(session, CLEAT_MISUSE, table,
                                        "a stream without a key, column or place for it");
    if (writes && session->mode != CLEAT_WRITE)
        return cleat_session_fail_readonly(session, table);
    if (target->key >= table->key_count)
        return cleat_session_fail_table(session, CLEAT_MISUSE, table, "there is no such key");
    for (unsigned i = 0; i < table->column_count; i++)
        if (strcmp(table->columns[i].name, column) == 0)
            target->column = &table->columns[i];
    if (target->column == NULL)
        return cleat_session_fail_column(session, CLEAT_MISUSE, table, column,
                                         "there is no such column");
    rc = cleat_entry_find(session, table, &target->entry);
    if (rc == CLEAT_OK && target->entry->parts != NULL)
        rc = find_part(target);
    if (rc == CLEAT_OK && writes)
        rc = cleat_capture_refuse(session, table, "streams");
    return rc == CLEAT_OK ? check_column(target, writes) : rc;
}

static cleat_status
open_handle(const struct target *target, int64_t rowid, bool writes, sqlite3_blob **ret_handle)
{
    const cleat_table *table = target->entry->table;
    sqlite3 *handle = target->session->connection->handle;
    int code = sqlite3_blob_open(handle, table->database, table->name, target->column->name, rowid,
                                 writes, ret_handle);
    if (code == SQLITE_OK)
        return CLEAT_OK;
    *ret_handle = NULL;
    /* the value is there and is a blob: SQLite refuses columns of indexes and foreign keys */
    if (code == SQLITE_ERROR)
        return fail(target, CLEAT_MISUSE, sqlite3_errmsg(handle));
    return cleat_session_fail_sqlite(target->session, code, table->database, table, NULL);
}

/* Whether an opening writes the row: its value, or the times of an update. */
static bool
changes(const struct target *target, const size_t *size)
{
    return size != NULL || target->entry->update_now ||
           (target->joined != NULL && target->joined->update_now);
}

/* The times of a row that lies in several tables are in all of them. */
static cleat_status
change_row(const struct target *target, const size_t *size)
{
    struct entry *joined = target->joined;
    if (joined == NULL || !joined->update_now)
        return update_row(target, size);
    cleat_status rc = cleat_whole_begin(target->session, joined);
    if (rc < 0)
        return rc;
    rc = update_row(target, size);
    if (rc == CLEAT_OK)
        rc = cleat_joined_touch(target->session, joined, target->row);
    return cleat_whole_end(target->session, joined, rc);
}

/* Writes the row and opens the value to write it. That there will be a stream is tried before: what
 * is written cannot be undone alone, for an open stream keeps SQLite from releasing a savepoint. So
 * where only memory or the disk can still be the reason, a failure breaks the unit. */
static cleat_status
change_and_open(const struct target *target, int64_t rowid, const size_t *size, bool fits,
                sqlite3_blob **ret_handle)
{
    cleat_session *session = target->session;
    cleat_status rc = fits ? open_handle(target, rowid, true, ret_handle) : CLEAT_OK;
    if (rc < 0)
        return rc;
    sqlite3_blob_close(*ret_handle);
    *ret_handle = NULL;
    rc = change_row(target, size);
    if (rc != CLEAT_OK)
        return rc;
    rc = open_handle(target, rowid, true, ret_handle);
    if (rc < 0 && !session->broken)
        cleat_unit_break(session);
    return rc;
}

/* `size` is that of a new value, NULL for the one that is there. */
static cleat_status
open_value(const struct target *target, bool writes, const size_t *size, cleat_stream *ret_stream)
{
    cleat_session *session = target->session;
    const char *fault = NULL;
    int64_t rowid = 0;
    cleat_status rc = find_row(target, &rowid, &fault);
    if (rc == CLEAT_OK && size == NULL && fault != NULL)
        rc = fail(target, CLEAT_VALUE, fault);
    if (rc != CLEAT_OK)
        return rc;
    struct stream *stream = take_stream(session->connection);
    if (stream == NULL)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    if (writes && changes(target, size))
        rc = change_and_open(target, rowid, size, fault == NULL, &stream->handle);
    else
        rc = open_handle(target, rowid, writes, &stream->handle);
    if (rc != CLEAT_OK)
        return rc;
    stream->table = target->entry->table;
    stream->column = target->column->name;
    stream->size = (size_t)sqlite3_blob_bytes(stream->handle);
    stream->writes = writes;
    stream->ticket = cleat_session_next_ticket(session);
    *ret_stream = (cleat_stream){session, stream, stream->ticket};
    return CLEAT_OK;
}

static cleat_status
open_target(struct target *target, const cleat_table *table, const char *column, unsigned mode,
            const size_t *size, cleat_stream *ret_stream)
{
    bool writes = mode == CLEAT_WRITE;
    cleat_status rc = find_target(target, table, column, writes, ret_stream);
    if (rc == CLEAT_OK && !writes && mode != CLEAT_READ)
        rc = cleat_session_fail(target->session, CLEAT_MISUSE,
                                "a stream is CLEAT_READ or CLEAT_WRITE");
    if (rc == CLEAT_OK)
        rc = open_value(target, writes, size, ret_stream);
    if (target->found != NULL)
        cleat_statement_release(target->session, target->found);
    return rc;
}

cleat_status
cleat_row_stream_open(cleat_session *session, const cleat_table *table, unsigned key,
                      const cleat_value *values, const char *column, unsigned mode,
                      cleat_stream *ret_stream)
{
    struct target target = {.session = session, .key = key, .values = values};
    return open_target(&target, table, column, mode, NULL, ret_stream);
}

cleat_status
cleat_row_stream_create(cleat_session *session, const cleat_table *table, unsigned key,
                        const cleat_value *values, const char *column, size_t size,
                        cleat_stream *ret_stream)
{
    struct target target = {.session = session, .key = key, .values = values};
    return open_target(&target, table, column, CLEAT_WRITE, &size, ret_stream);
}

/* ---- reading and writing ---- */

/* The open stream behind a caller's struct, or NULL. */
static struct stream *
find_stream(const cleat_stream *stream)
{
    if (stream == NULL || stream->session == NULL || stream->stream == NULL ||
        !cleat_session_has(stream->session, stream->unit))
        return NULL;
    struct stream *found = stream->stream;
    return found->ticket == stream->unit && found->handle != NULL ? found : NULL;
}

static cleat_status
enter(const cleat_stream *stream, const void *bytes, struct stream **ret_stream)
{
    if (stream == NULL)
        return CLEAT_MISUSE;
    cleat_status rc = cleat_session_enter(stream->session);
    if (rc < 0)
        return rc;
    *ret_stream = find_stream(stream);
    if (*ret_stream == NULL)
        return cleat_session_fail(stream->session, CLEAT_MISUSE, "the stream is closed");
    if (bytes == NULL)
        return cleat_session_fail(stream->session, CLEAT_MISUSE, "a stream without a buffer");
    return CLEAT_OK;
}

static cleat_status
fail_access(cleat_session *session, const struct stream *stream, int code)
{
    if (code == SQLITE_ABORT)
        return cleat_session_fail_column(session, CLEAT_MISUSE, stream->table, stream->column,
                                         "the row was written since the stream was opened");
    return cleat_session_fail_sqlite(session, code, stream->table->database, stream->table, NULL);
}

size_t
cleat_stream_size(const cleat_stream *stream)
{
    const struct stream *open = find_stream(stream);
    return open == NULL ? 0 : open->size;
}

cleat_status
cleat_stream_read(cleat_stream *stream, size_t offset, void *buffer, size_t size, size_t *ret_size)
{
    struct stream *open;
    cleat_status rc = enter(stream, ret_size == NULL ? NULL : buffer, &open);
    if (rc < 0)
        return rc;
    size_t count = offset > open->size ? 0 : open->size - offset;
    if (count > size)
        count = size;
    /* also nothing at all is read: that tells whether the row is still there */
    int code = sqlite3_blob_read(open->handle, buffer, (int)count, count == 0 ? 0 : (int)offset);
    if (code != SQLITE_OK)
        return fail_access(stream->session, open, code);
    *ret_size = count;
    return count == 0 && size > 0 ? CLEAT_DONE : CLEAT_OK;
}

cleat_status
cleat_stream_write(cleat_stream *stream, size_t offset, const void *bytes, size_t size)
{
    struct stream *open;
    cleat_status rc = enter(stream, bytes, &open);
    if (rc < 0)
        return rc;
    if (!open->writes)
        return cleat_session_fail_column(stream->session, CLEAT_READONLY, open->table, open->column,
                                         "the stream was opened to read");
    if (offset > open->size || size > open->size - offset)
        return cleat_session_fail_column(stream->session, CLEAT_TOO_BIG, open->table, open->column,
                                         "a stream cannot write past the end of its value");
    int code = sqlite3_blob_write(open->handle, bytes, (int)size, (int)offset);
    return code == SQLITE_OK ? CLEAT_OK : fail_access(stream->session, open, code);
}

void
cleat_stream_close(cleat_stream *stream)
{
    struct stream *open = find_stream(stream);
    if (open != NULL)
        close_stream(open);
    if (stream != NULL)
        stream->stream = NULL;
}
