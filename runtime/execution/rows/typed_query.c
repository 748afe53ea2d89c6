/* typed_query.c: queries of db_queries.sql by their descriptors. A query is an entry of the
 * connection with a result as its table, so its statement is prepared once and its rows are read,
 * copied and collected as those of a table are; a NULL or type that the query does not allow is an
 * error that names the column. */
#include "call.h"
#include "sets/sets.h"

/* ---- the statement ---- */

/* Every database the query names must be one of the session's connection. */
static cleat_status
check_databases(cleat_session *session, const cleat_query *query)
{
    const cleat_table *result = query->result;
    for (const char *const *name = query->databases; *name != NULL; name++)
        if (cleat_reach_find(session->database, *name) < 0)
            return cleat_session_fail(session, CLEAT_MISUSE,
                                      "the query %s.%s needs %s, which a session on %s does not "
                                      "reach",
                                      result->database, result->name, *name,
                                      session->database->schema->name);
    return CLEAT_OK;
}

static cleat_status
find_entry(cleat_session *session, const cleat_query *query, struct entry **ret_entry)
{
    struct entry *last = session->connection->last;
    if (CLEAT_LIKELY(last != NULL && last->identity == query)) {
        *ret_entry = last;
        return CLEAT_OK;
    }
    cleat_status rc = check_databases(session, query);
    return rc < 0 ? rc : cleat_entry_open(session, query, query->result, NULL, ret_entry);
}

/* Enters the session and finds a statement that nobody holds. */
static cleat_status
begin(cleat_session *session, const cleat_query *query, const void *argument,
      struct statement **ret_statement)
{
    static const unsigned char signature[] = {VARIANT_QUERY};
    struct entry *entry;
    cleat_status rc = cleat_session_enter(session);
    if (rc == CLEAT_OK && (query == NULL || argument == NULL))
        rc = cleat_session_fail(session, CLEAT_MISUSE, "a query without a place for its result");
    if (rc == CLEAT_OK && (query->flags & CLEAT_WRITES) && session->mode != CLEAT_WRITE)
        rc = cleat_session_fail_readonly(session, query->result);
    if (rc == CLEAT_OK)
        rc = find_entry(session, query, &entry);
    if (rc < 0)
        return rc;
    *ret_statement = cleat_variant_find(session, entry, signature, sizeof signature);
    if (*ret_statement != NULL)
        return CLEAT_OK;
    return cleat_variant_add(session, entry, signature, sizeof signature,
                             cleat_text("%s", query->sql), ret_statement);
}

/* ---- parameters ---- */

static int
bind_text(sqlite3_stmt *handle, int place, const char *text, bool copies)
{
    return sqlite3_bind_text64(handle, place, text, strlen(text),
                               copies ? SQLITE_TRANSIENT : SQLITE_STATIC, SQLITE_UTF8);
}

static bool
is_pointer(uint8_t kind)
{
    return kind == CLEAT_KIND_INTEGER || kind == CLEAT_KIND_TIMESTAMP ||
           kind == CLEAT_KIND_BOOLEAN || kind == CLEAT_KIND_REAL || kind == CLEAT_KIND_ENUM;
}

/* A number that may be NULL comes as a pointer to it. */
static cleat_value
follow(uint8_t kind, const void *pointer)
{
    cleat_value value;
    int label;
    value.integer = 0;
    if (kind == CLEAT_KIND_REAL) {
        memcpy(&value.real, pointer, sizeof value.real);
    } else if (kind == CLEAT_KIND_BOOLEAN) {
        value.integer = *(const bool *)pointer;
    } else if (kind == CLEAT_KIND_ENUM) {
        memcpy(&label, pointer, sizeof label);
        value.integer = label;
    } else {
        memcpy(&value.integer, pointer, sizeof value.integer);
    }
    return value;
}

/* Binds a value that is not NULL. SQLITE_MISMATCH: it cannot be stored. */
static int
bind_value(sqlite3_stmt *handle, int place, const cleat_parameter *parameter, cleat_value value,
           bool copies)
{
    const char *label;
    switch ((cleat_kind)parameter->kind) {
    case CLEAT_KIND_INTEGER:
    case CLEAT_KIND_TIMESTAMP: return sqlite3_bind_int64(handle, place, value.integer);
    case CLEAT_KIND_BOOLEAN: return sqlite3_bind_int(handle, place, value.integer != 0);
    case CLEAT_KIND_REAL:
        if (value.real != value.real)
            return SQLITE_MISMATCH;
        return sqlite3_bind_double(handle, place, value.real);
    case CLEAT_KIND_BLOB:
        return sqlite3_bind_blob64(handle, place, value.blob.data, value.blob.size,
                                   copies ? SQLITE_TRANSIENT : SQLITE_STATIC);
    case CLEAT_KIND_ENUM:
        label = cleat_enum_label(parameter->labels, (int)value.integer);
        return label == NULL ? SQLITE_MISMATCH : bind_text(handle, place, label, false);
    case CLEAT_KIND_TEXT:
    case CLEAT_KIND_JSON:
    case CLEAT_KIND_DATETIME:
    case CLEAT_KIND_ULID:
    case CLEAT_KIND_UUID: break;
    }
    return bind_text(handle, place, value.text, copies);
}

/* Of a parameter that is no array. */
static bool
is_null(const cleat_parameter *parameter, cleat_value value)
{
    if (is_pointer(parameter->kind))
        return (parameter->flags & CLEAT_NULLABLE) && value.blob.data == NULL;
    return parameter->kind == CLEAT_KIND_BLOB ? value.blob.data == NULL : value.text == NULL;
}

static cleat_status
fail_bind(cleat_session *session, const cleat_query *query, const cleat_parameter *parameter,
          int code)
{
    cleat_status status = cleat_status_of(code);
    const char *what = sqlite3_errstr(code);
    if (code == SQLITE_MISMATCH) {
        status = CLEAT_CHECK;
        what = parameter->kind == CLEAT_KIND_REAL ? "not a number cannot be compared or stored"
                                                  : "the value has no label in its enum";
    } else if (code == SQLITE_CONSTRAINT_NOTNULL) {
        status = CLEAT_NOT_NULL;
        what = "the parameter must have a value";
    }
    return cleat_session_fail_column(session, status, query->result, parameter->name, what);
}

static cleat_status
bind(cleat_session *session, const cleat_query *query, sqlite3_stmt *handle,
     const cleat_value *values, bool copies)
{
    if (values == NULL && query->parameter_count > 0)
        return cleat_session_fail(session, CLEAT_MISUSE, "a query without its values");
    for (int i = 0; i < query->parameter_count; i++) {
        const cleat_parameter *parameter = &query->parameters[i];
        cleat_value value = values[i];
        int rc;
        if (parameter->flags & CLEAT_ARRAY) {
            rc = cleat_array_bind(handle, i + 1, parameter, value.blob, copies);
        } else if (is_null(parameter, value)) {
            rc = (parameter->flags & CLEAT_NULLABLE) ? sqlite3_bind_null(handle, i + 1)
                                                     : SQLITE_CONSTRAINT_NOTNULL;
        } else {
            if (is_pointer(parameter->kind) && (parameter->flags & CLEAT_NULLABLE))
                value = follow(parameter->kind, value.blob.data);
            rc = bind_value(handle, i + 1, parameter, value, copies);
        }
        if (rc != SQLITE_OK)
            return fail_bind(session, query, parameter, rc);
    }
    return CLEAT_OK;
}

/* ---- calls ---- */

/* The build has prepared the query: an error that is no broken rule and no fault of the file comes
 * from a value, which SQLite's own message would repeat. */
static cleat_status
fail_value(cleat_session *session, const struct entry *entry, const char *sql)
{
    const cleat_query *query = entry->identity;
    static const char what[] =
        "SQL can do nothing with a value that it was given: a text that is "
        "no full-text query or no JSON, or a number out of range";
    if (query->parameter_count == 1)
        cleat_session_fail_column(session, CLEAT_VALUE, entry->table, query->parameters->name,
                                  what);
    else
        cleat_session_fail_table(session, CLEAT_VALUE, entry->table, what);
    session->error.sqlite_code = SQLITE_ERROR;
    cleat_text_copy(session->error.sql, sizeof session->error.sql, sql);
    return CLEAT_VALUE;
}

cleat_status
cleat_step_fail(cleat_session *session, const struct statement *statement, int code)
{
    const struct entry *entry = statement->entry;
    const char *sql = sqlite3_sql(statement->handle);
    bool is_query = entry->identity != entry->table && entry->index == NULL;
    cleat_status rc = cleat_session_fail_sqlite(session, code, entry->table->database,
                                                is_query ? NULL : entry->table, sql);
    return is_query && code == SQLITE_ERROR && rc == CLEAT_ERROR ? fail_value(session, entry, sql)
                                                                 : rc;
}

cleat_status
cleat_query_one(cleat_session *session, const cleat_query *query, const cleat_value *values,
                void *ret_row)
{
    struct statement *statement;
    cleat_status rc = begin(session, query, ret_row, &statement);
    if (rc == CLEAT_OK)
        rc = bind(session, query, statement->handle, values, false);
    if (rc < 0)
        return rc;
    int code = cleat_step(session, statement);
    if (code == SQLITE_ROW)
        return cleat_call_copy(session, statement, ret_row);
    rc = code == SQLITE_DONE ? CLEAT_NOT_FOUND : cleat_step_fail(session, statement, code);
    cleat_statement_release(session, statement);
    return rc;
}

cleat_status
cleat_query_many(cleat_session *session, const cleat_query *query, const cleat_value *values,
                 cleat_cursor *ret_cursor)
{
    struct statement *statement;
    cleat_status rc = begin(session, query, ret_cursor, &statement);
    if (rc == CLEAT_OK)
        rc = bind(session, query, statement->handle, values, true);
    if (rc == CLEAT_OK)
        cleat_cursor_hold(ret_cursor, session, query->result, statement);
    return rc;
}

cleat_status
cleat_query_collect(cleat_session *session, const cleat_query *query, const cleat_value *values,
                    void *ret_rows)
{
    struct statement *statement;
    cleat_status rc = begin(session, query, ret_rows, &statement);
    if (rc == CLEAT_OK)
        rc = bind(session, query, statement->handle, values, false);
    return rc < 0 ? rc : cleat_collect_run(session, statement, ret_rows);
}

cleat_status
cleat_query_execute(cleat_session *session, const cleat_query *query, const cleat_value *values,
                    int64_t *ret_count)
{
    struct statement *statement;
    cleat_status rc = begin(session, query, query, &statement);
    if (rc == CLEAT_OK)
        rc = bind(session, query, statement->handle, values, false);
    if (rc < 0)
        return rc;
    int code = cleat_step(session, statement);
    if (code != SQLITE_DONE)
        rc = cleat_step_fail(session, statement, code);
    else if (ret_count != NULL)
        *ret_count = sqlite3_changes64(session->connection->handle);
    cleat_statement_release(session, statement);
    return rc;
}
