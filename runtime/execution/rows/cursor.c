/* cursor.c: lists of rows, one lent row at a time. A cursor holds its statement from list to the
 * end; what is left of it after the unit of work is recognised by its ticket. A cursor without a
 * statement but with a table is at its end. */
#include "rows.h"

static void
hold(cleat_session *session, struct statement *statement)
{
    statement->held_before = NULL;
    statement->held_after = session->held;
    if (session->held != NULL)
        session->held->held_before = statement;
    session->held = statement;
}

void
cleat_cursor_end(cleat_session *session, struct statement *statement)
{
    if (statement->held_before != NULL)
        statement->held_before->held_after = statement->held_after;
    else
        session->held = statement->held_after;
    if (statement->held_after != NULL)
        statement->held_after->held_before = statement->held_before;
    cleat_statement_release(session, statement);
}

void
cleat_cursor_hold(cleat_cursor *cursor, cleat_session *session, const cleat_table *table,
                  struct statement *statement)
{
    cursor->session = session;
    cursor->table = table;
    cursor->statement = statement;
    cursor->unit = 0;
    if (statement == NULL)
        return;
    statement->ticket = cleat_session_next_ticket(session);
    cursor->unit = statement->ticket;
    hold(session, statement);
}

static cleat_status
start(cleat_session *session, const cleat_table *table, const void *argument)
{
    cleat_status rc = cleat_session_enter(session);
    if (rc == CLEAT_OK && table == NULL)
        rc = cleat_session_fail(session, CLEAT_MISUSE, "a list without a table");
    if (rc == CLEAT_OK && argument == NULL)
        rc = cleat_session_fail_table(session, CLEAT_MISUSE, table, "a list without key or cursor");
    return rc;
}

cleat_status
cleat_row_list(cleat_session *session, const cleat_table *table, cleat_cursor *ret_cursor)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = start(session, table, ret_cursor);
    if (rc == CLEAT_OK)
        rc = cleat_entry_find(session, table, &entry);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, entry, CLEAT_SQL_LIST, 0, &statement);
    if (rc == CLEAT_OK)
        cleat_cursor_hold(ret_cursor, session, table, statement);
    return rc;
}

cleat_status
cleat_row_list_by(cleat_session *session, const cleat_table *table, unsigned key,
                  const cleat_value *values, cleat_cursor *ret_cursor)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = start(session, table, values == NULL ? NULL : ret_cursor);
    if (rc == CLEAT_OK && key >= table->key_count)
        rc = cleat_session_fail_table(session, CLEAT_MISUSE, table, "there is no such key");
    if (rc == CLEAT_OK)
        rc = cleat_entry_find(session, table, &entry);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, entry, CLEAT_SQL_LIST_BY, key, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_key_bind_copies(session, entry, key, statement->handle, values);
    if (rc == CLEAT_OK)
        cleat_cursor_hold(ret_cursor, session, table, statement);
    return rc;
}

/* The cursor has no row, or a last failure: its statement is free again. */
static cleat_status
end_cursor(cleat_cursor *cursor, int code)
{
    cleat_session *session = cursor->session;
    struct statement *statement = cursor->statement;
    cleat_status rc = CLEAT_DONE;
    if (code != SQLITE_DONE) {
        rc = cleat_step_fail(session, statement, code);
        cursor->table = NULL;
    }
    cursor->statement = NULL;
    cleat_cursor_end(session, statement);
    return rc;
}

/* Whether a cursor still holds its statement. */
static bool
is_open(const cleat_cursor *cursor)
{
    return cursor->statement != NULL && cleat_session_has(cursor->session, cursor->unit) &&
           ((const struct statement *)cursor->statement)->ticket == cursor->unit;
}

static cleat_status
fail_next(const cleat_cursor *cursor, const cleat_table *table)
{
    if (cursor->statement == NULL && cursor->table == table && table != NULL)
        return CLEAT_DONE;
    const char *what = "the cursor is closed, or is another table's";
    if (cursor->statement != NULL && cursor->table == table)
        what = is_open(cursor) ? "there is no row to read into"
                               : "the cursor has ended with its unit of work or savepoint";
    if (table == NULL)
        return cleat_session_fail(cursor->session, CLEAT_MISUSE, "%s", what);
    return cleat_session_fail_table(cursor->session, CLEAT_MISUSE, table, what);
}

cleat_status
cleat_row_next(cleat_cursor *cursor, const cleat_table *table, void *ret_row)
{
    if (CLEAT_UNLIKELY(cursor == NULL))
        return CLEAT_MISUSE;
    cleat_session *session = cursor->session;
    cleat_status rc = cleat_session_enter(session);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    if (CLEAT_UNLIKELY(cursor->table != table || ret_row == NULL || !is_open(cursor)))
        return fail_next(cursor, table);
    struct statement *statement = cursor->statement;
    int code = cleat_step(session, statement);
    if (CLEAT_UNLIKELY(code != SQLITE_ROW))
        return end_cursor(cursor, code);
    struct connection *connection = session->connection;
    rc = cleat_row_read(session, statement->entry, statement->handle, connection->scratch,
                        connection->lengths);
    if (CLEAT_UNLIKELY(rc < 0)) {
        cursor->statement = NULL;
        cursor->table = NULL;
        cleat_cursor_end(session, statement);
        return rc;
    }
    cleat_row_assign(table, ret_row, connection->scratch);
    return CLEAT_ROW;
}

void
cleat_cursor_close(cleat_cursor *cursor)
{
    if (cursor == NULL || cursor->session == NULL)
        return;
    if (is_open(cursor))
        cleat_cursor_end(cursor->session, cursor->statement);
    cursor->statement = NULL;
    cursor->table = NULL;
}
