/* crud.c: one row at a time: insert, update, delete, get, lend, exists, count. Each call finds its
 * statement, binds, steps and resets; a failure is in the session. */
#include "call.h"
#include "joined.h"

cleat_status
cleat_row_insert(cleat_session *session, const cleat_table *table, void *row)
{
    struct entry *entry;
    cleat_status rc = cleat_call_begin_write(session, table, 0, row, &entry);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    if (CLEAT_UNLIKELY(entry->parts != NULL))
        return cleat_joined_insert(session, entry, row);
    const cleat_column *assigned = entry->assigned;
    bool new_id = cleat_lacks_id(assigned, row);
    bool new_number = cleat_lacks_number(assigned, row);
    if (new_id)
        cleat_row_set_new_id(assigned, row);
    rc = cleat_call_write(session, entry, CLEAT_SQL_INSERT, 0, row);
    if (rc == CLEAT_OK && new_number)
        cleat_take_number(session, assigned, row);
    if (rc < 0 && new_id)
        ((char *)row)[assigned->offset] = '\0';
    return rc;
}

cleat_status
cleat_row_update(cleat_session *session, const cleat_table *table, void *row)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = cleat_call_begin_write(session, table, 0, row, &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_call_check_key(session, table);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    if (CLEAT_UNLIKELY(entry->parts != NULL))
        return cleat_joined_update(session, entry, row);
    if (entry->update_now)
        cleat_row_set_update_times(table, row);
    rc = cleat_statement_find(session, entry, CLEAT_SQL_UPDATE, 0, &statement);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_row_bind(session, entry, statement->handle, row);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    cleat_bind_zero(entry, statement->handle, row);
    rc = cleat_call_run(session, statement);
    if (CLEAT_UNLIKELY(rc == CLEAT_FOREIGN_KEY))
        cleat_reference_explain(session, entry, row, NULL);
    if (rc == CLEAT_OK && sqlite3_changes(session->connection->handle) == 0)
        return CLEAT_NOT_FOUND;
    return rc;
}

/* Binds a key and steps to the row: CLEAT_ROW, CLEAT_NOT_FOUND (or CLEAT_OK for a write), or a
 * failure. After CLEAT_ROW the caller releases the statement. */
static inline cleat_status
step_by_key(cleat_session *session, struct entry *entry, enum operation operation, unsigned key,
            const cleat_value *values, struct statement **ret_statement)
{
    struct statement *statement = NULL;
    cleat_status rc = CLEAT_OK;
    if (CLEAT_UNLIKELY(entry->table->key_count == 0))
        return cleat_call_check_key(session, entry->table);
    rc = cleat_statement_find(session, entry, operation, key, &statement);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_key_bind(session, entry, key, statement->handle, values);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    *ret_statement = statement;
    return cleat_call_step(session, statement);
}

cleat_status
cleat_row_delete(cleat_session *session, const cleat_table *table, unsigned key,
                 const cleat_value *values)
{
    struct entry *entry;
    struct statement *statement = NULL;
    cleat_status rc = cleat_call_begin_write(session, table, key, values, &entry);
    if (rc == CLEAT_OK && CLEAT_UNLIKELY(entry->parts != NULL))
        return cleat_joined_delete(session, entry, key, values);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = step_by_key(session, entry, CLEAT_SQL_DELETE, key, values, &statement);
    if (rc == CLEAT_NOT_FOUND && sqlite3_changes(session->connection->handle) > 0)
        rc = CLEAT_OK;
    return rc;
}

cleat_status
cleat_call_copy(cleat_session *session, struct statement *statement, void *ret_row)
{
    struct connection *connection = session->connection;
    const struct entry *entry = statement->entry;
    const cleat_table *table = entry->table;
    char *row = connection->scratch;
    char *owned_member = (char *)ret_row + table->owned_offset;
    void *owned;
    memcpy(&owned, owned_member, sizeof owned);
    cleat_status rc = cleat_row_read(session, entry, statement->handle, row, connection->lengths);
    if (CLEAT_LIKELY(rc == CLEAT_OK)) {
        rc = cleat_row_keep(entry, row, connection->lengths, &owned);
        if (CLEAT_UNLIKELY(rc < 0))
            cleat_session_fail(session, rc, "there is not enough memory");
    }
    if (CLEAT_LIKELY(rc == CLEAT_OK)) {
        cleat_row_assign(table, ret_row, row);
        memcpy(owned_member, &owned, sizeof owned);
    }
    cleat_statement_release(session, statement);
    return rc;
}

cleat_status
cleat_row_get(cleat_session *session, const cleat_table *table, unsigned key,
              const cleat_value *values, void *ret_row)
{
    struct entry *entry;
    struct statement *statement = NULL;
    cleat_status rc = cleat_call_begin(session, table, key, values == NULL ? NULL : ret_row,
                                       &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = step_by_key(session, entry, CLEAT_SQL_GET, key, values, &statement);
    if (rc != CLEAT_ROW)
        return rc;
    return cleat_call_copy(session, statement, ret_row);
}

cleat_status
cleat_row_lend(cleat_session *session, const cleat_table *table, unsigned key,
               const cleat_value *values, void *ret_row)
{
    struct entry *entry;
    struct statement *statement = NULL;
    cleat_status rc = cleat_call_begin(session, table, key, values == NULL ? NULL : ret_row,
                                       &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = step_by_key(session, entry, CLEAT_SQL_GET, key, values, &statement);
    if (rc != CLEAT_ROW)
        return rc;
    struct connection *connection = session->connection;
    rc = cleat_row_read(session, entry, statement->handle, connection->scratch,
                        connection->lengths);
    if (CLEAT_UNLIKELY(rc < 0)) {
        cleat_statement_release(session, statement);
        return rc;
    }
    cleat_row_assign(table, ret_row, connection->scratch);
    session->lent = statement;
    return CLEAT_OK;
}

cleat_status
cleat_row_exists(cleat_session *session, const cleat_table *table, unsigned key,
                 const cleat_value *values)
{
    struct entry *entry;
    struct statement *statement = NULL;
    cleat_status rc = cleat_call_begin(session, table, key, values, &entry);
    if (rc == CLEAT_OK)
        rc = step_by_key(session, entry, CLEAT_SQL_EXISTS, key, values, &statement);
    if (rc != CLEAT_ROW)
        return rc;
    cleat_statement_release(session, statement);
    return CLEAT_OK;
}

cleat_status
cleat_row_count(cleat_session *session, const cleat_table *table, int64_t *ret_count)
{
    struct entry *entry;
    struct statement *statement = NULL;
    cleat_status rc = cleat_call_begin(session, table, 0, ret_count, &entry);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, entry, CLEAT_SQL_COUNT, 0, &statement);
    if (rc < 0)
        return rc;
    int code = cleat_step(session, statement);
    if (code == SQLITE_ROW)
        *ret_count = sqlite3_column_int64(statement->handle, 0);
    else
        rc = cleat_session_fail_sqlite(session, code, table->database, table,
                                       sqlite3_sql(statement->handle));
    cleat_statement_release(session, statement);
    return rc;
}

cleat_status
cleat_row_count_by(cleat_session *session, const cleat_table *table, unsigned key,
                   const cleat_value *values, int64_t *ret_count)
{
    struct entry *entry;
    struct statement *statement = NULL;
    cleat_status rc = cleat_call_begin(session, table, key, values == NULL ? NULL : ret_count,
                                       &entry);
    if (rc == CLEAT_OK)
        rc = step_by_key(session, entry, CLEAT_SQL_COUNT_BY, key, values, &statement);
    if (rc != CLEAT_ROW)
        return rc;
    *ret_count = sqlite3_column_int64(statement->handle, 0);
    cleat_statement_release(session, statement);
    return CLEAT_OK;
}
