/* crud.c: one row at a time: insert, update, upsert, delete, get, lend, exists, count. Each call
 * finds its statement, binds, steps and resets; a failure is in the session. */
#include "execution.h"

/* Enters the session and finds the entry of a table that the call may use. */
static inline cleat_status
start(cleat_session *session, const cleat_table *table, unsigned key, const void *argument,
      struct entry **ret_entry)
{
    cleat_status rc = cleat_session_enter(session);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    if (CLEAT_UNLIKELY(table == NULL || argument == NULL))
        return cleat_session_fail(session, CLEAT_MISUSE, "a call without a table, row or key");
    if (CLEAT_UNLIKELY(key > 0 && key >= table->key_count))
        return cleat_session_fail(session, CLEAT_MISUSE, "%s.%s has no such key", table->database,
                                  table->name);
    return cleat_entry_find(session, table, ret_entry);
}

/* Also refuses writes where there must be none, and tables without a key where one is needed. */
static inline cleat_status
start_write(cleat_session *session, const cleat_table *table, unsigned key, const void *argument,
            struct entry **ret_entry)
{
    cleat_status rc = start(session, table, key, argument, ret_entry);
    if (CLEAT_UNLIKELY(rc >= 0 && session->mode != CLEAT_WRITE))
        return cleat_session_fail_readonly(session, table->name);
    return rc;
}

static cleat_status
check_key(cleat_session *session, const cleat_table *table)
{
    if (table->key_count > 0)
        return CLEAT_OK;
    return cleat_session_fail(session, CLEAT_MISUSE, "%s.%s has no primary key", table->database,
                              table->name);
}

/* Runs a statement that returns no row. */
static inline cleat_status
run_write(cleat_session *session, const struct entry *entry, struct statement *statement)
{
    int code = cleat_step(session, statement);
    cleat_status rc = CLEAT_OK;
    if (CLEAT_UNLIKELY(code != SQLITE_DONE))
        rc = cleat_session_fail_sqlite(session, code, entry->table->database, entry->table,
                                       sqlite3_sql(statement->handle));
    cleat_statement_release(session, statement);
    return rc;
}

/* Writes a whole row by one of the statements that bind all columns. */
static inline cleat_status
write_row(cleat_session *session, struct entry *entry, enum operation operation, unsigned key,
          const void *row)
{
    struct statement *statement;
    cleat_status rc = cleat_statement_find(session, entry, operation, key, &statement);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_row_bind(session, entry, statement->handle, row);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = run_write(session, entry, statement);
    return rc;
}

/* Whether the assigned key is a text that is still empty. */
static bool
lacks_id(const cleat_column *assigned, const void *row)
{
    return assigned != NULL && assigned->kind != CLEAT_KIND_INTEGER &&
           ((const char *)row)[assigned->offset] == '\0';
}

/* Whether it is a number that the database gives. */
static bool
lacks_number(const cleat_column *assigned, const void *row)
{
    int64_t number = 1;
    if (assigned != NULL && assigned->kind == CLEAT_KIND_INTEGER)
        memcpy(&number, (const char *)row + assigned->offset, sizeof number);
    return number == 0;
}

static void
take_number(const cleat_session *session, const cleat_column *assigned, void *row)
{
    int64_t number = sqlite3_last_insert_rowid(session->connection->handle);
    memcpy((char *)row + assigned->offset, &number, sizeof number);
}

cleat_status
cleat_row_insert(cleat_session *session, const cleat_table *table, void *row)
{
    struct entry *entry;
    cleat_status rc = start_write(session, table, 0, row, &entry);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    const cleat_column *assigned = entry->assigned;
    bool new_id = lacks_id(assigned, row);
    bool new_number = lacks_number(assigned, row);
    if (new_id)
        cleat_row_set_new_id(assigned, row);
    rc = write_row(session, entry, CLEAT_SQL_INSERT, 0, row);
    if (rc == CLEAT_OK && new_number)
        take_number(session, assigned, row);
    if (rc < 0 && new_id)
        ((char *)row)[assigned->offset] = '\0';
    return rc;
}

static void
set_update_times(const cleat_table *table, void *row)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_UPDATE_NOW)
            cleat_row_set_now(&table->columns[i], row);
}

cleat_status
cleat_row_update(cleat_session *session, const cleat_table *table, void *row)
{
    struct entry *entry;
    cleat_status rc = start_write(session, table, 0, row, &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = check_key(session, table);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    if (entry->update_now)
        set_update_times(table, row);
    rc = write_row(session, entry, CLEAT_SQL_UPDATE, 0, row);
    if (rc == CLEAT_OK && sqlite3_changes(session->connection->handle) == 0)
        return CLEAT_NOT_FOUND;
    return rc;
}

/* After an upsert by a unique key the row gets the primary key that is stored: the row that was
 * there has kept its own. */
static cleat_status
read_identity(cleat_session *session, struct entry *entry, unsigned key, void *row)
{
    struct statement *statement;
    const cleat_column *assigned = entry->assigned;
    cleat_status rc = cleat_statement_find(session, entry, CLEAT_SQL_IDENTITY, key, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_key_bind_row(session, entry, key, statement->handle, row);
    if (rc < 0)
        return rc;
    char *member = (char *)row + assigned->offset;
    int code = cleat_step(session, statement);
    if (code == SQLITE_ROW && assigned->kind == CLEAT_KIND_INTEGER) {
        int64_t number = sqlite3_column_int64(statement->handle, 0);
        memcpy(member, &number, sizeof number);
    } else if (code == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement->handle, 0);
        cleat_text_copy(member, assigned->kind == CLEAT_KIND_ULID ? 27 : 37, text);
    } else if (code != SQLITE_DONE) {
        rc = cleat_session_fail_sqlite(session, code, entry->table->database, entry->table,
                                       sqlite3_sql(statement->handle));
    }
    cleat_statement_release(session, statement);
    return rc;
}

cleat_status
cleat_row_upsert(cleat_session *session, const cleat_table *table, unsigned key, void *row)
{
    struct entry *entry;
    cleat_status rc = start_write(session, table, key, row, &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = check_key(session, table);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    const cleat_column *assigned = entry->assigned;
    bool new_id = lacks_id(assigned, row);
    bool new_number = lacks_number(assigned, row);
    if (new_id)
        cleat_row_set_new_id(assigned, row);
    if (entry->update_now)
        set_update_times(table, row);
    rc = write_row(session, entry, CLEAT_SQL_UPSERT, key, row);
    if (rc == CLEAT_OK && key > 0 && assigned != NULL)
        return read_identity(session, entry, key, row);
    if (rc == CLEAT_OK && new_number)
        take_number(session, assigned, row);
    if (rc < 0 && new_id)
        ((char *)row)[assigned->offset] = '\0';
    return rc;
}

/* Binds a key and steps to the row: CLEAT_ROW, CLEAT_NOT_FOUND (or CLEAT_OK for a write), or a
 * failure. After CLEAT_ROW the caller releases the statement. */
static inline cleat_status
step_by_key(cleat_session *session, struct entry *entry, enum operation operation, unsigned key,
            const cleat_value *values, struct statement **ret_statement)
{
    struct statement *statement;
    cleat_status rc = CLEAT_OK;
    if (CLEAT_UNLIKELY(entry->table->key_count == 0))
        return check_key(session, entry->table);
    rc = cleat_statement_find(session, entry, operation, key, &statement);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_key_bind(session, entry, key, statement->handle, values);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    *ret_statement = statement;
    int code = cleat_step(session, statement);
    if (CLEAT_LIKELY(code == SQLITE_ROW))
        return CLEAT_ROW;
    rc = CLEAT_NOT_FOUND;
    if (code != SQLITE_DONE)
        rc = cleat_session_fail_sqlite(session, code, entry->table->database, entry->table,
                                       sqlite3_sql(statement->handle));
    cleat_statement_release(session, statement);
    return rc;
}

cleat_status
cleat_row_delete(cleat_session *session, const cleat_table *table, unsigned key,
                 const cleat_value *values)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = start_write(session, table, key, values, &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = step_by_key(session, entry, CLEAT_SQL_DELETE, key, values, &statement);
    if (rc == CLEAT_NOT_FOUND && sqlite3_changes(session->connection->handle) > 0)
        rc = CLEAT_OK;
    return rc;
}

cleat_status
cleat_row_get(cleat_session *session, const cleat_table *table, unsigned key,
              const cleat_value *values, void *ret_row)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = start(session, table, key, values == NULL ? NULL : ret_row, &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = step_by_key(session, entry, CLEAT_SQL_GET, key, values, &statement);
    if (rc != CLEAT_ROW)
        return rc;
    struct connection *connection = session->connection;
    char *row = connection->scratch;
    char *owned_member = (char *)ret_row + table->owned_offset;
    void *owned;
    memcpy(&owned, owned_member, sizeof owned);
    rc = cleat_row_read(session, entry, statement->handle, row, connection->lengths);
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
cleat_row_lend(cleat_session *session, const cleat_table *table, unsigned key,
               const cleat_value *values, void *ret_row)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = start(session, table, key, values == NULL ? NULL : ret_row, &entry);
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
    struct statement *statement;
    cleat_status rc = start(session, table, key, values, &entry);
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
    struct statement *statement;
    cleat_status rc = start(session, table, 0, ret_count, &entry);
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
    struct statement *statement;
    cleat_status rc = start(session, table, key, values == NULL ? NULL : ret_count, &entry);
    if (rc == CLEAT_OK)
        rc = step_by_key(session, entry, CLEAT_SQL_COUNT_BY, key, values, &statement);
    if (rc != CLEAT_ROW)
        return rc;
    *ret_count = sqlite3_column_int64(statement->handle, 0);
    cleat_statement_release(session, statement);
    return CLEAT_OK;
}
