/* upsert.c: create or update, create or get, and which of them it was. The function cleat_met() in
 * the WHERE of an upsert runs only when a row is already there: it takes note of that, and of the
 * row's primary key, or whether it differs, where the key of the upsert is another one. Together
 * with the count of changes that tells created, updated and unchanged apart without a second
 * statement. With two arguments it only counts, and gives back the second. */
#include "call.h"
#include "joined.h"
#include "sets/sets.h"

/* SQLITE_MISMATCH says that it is none that a row can have. */
static int
read_key(struct stored_key *key, sqlite3_value *value)
{
    int type = sqlite3_value_type(value); /* without memory its text makes it NULL */
    if (type == SQLITE_INTEGER) {
        key->number = sqlite3_value_int64(value);
        return SQLITE_OK;
    }
    const char *text = (const char *)sqlite3_value_text(value);
    if (text == NULL && type != SQLITE_NULL)
        return SQLITE_NOMEM;
    if (text == NULL || strlen(text) >= sizeof key->text)
        return SQLITE_MISMATCH;
    cleat_text_copy(key->text, sizeof key->text, text);
    return SQLITE_OK;
}

/* Which row of the array it is that is there already. */
static void
note_place(struct met *met)
{
    if (met->rows == NULL)
        return;
    met->lost = met->lost || met->feeder->place >= met->feeder->count ||
                met->count >= met->feeder->count;
    if (!met->lost)
        met->rows[met->count] = (struct met_row){met->feeder->place, met->key};
}

static void
note(sqlite3_context *context, int count, sqlite3_value **values, int answer)
{
    struct connection *connection = sqlite3_user_data(context);
    struct met *met = &connection->met;
    int rc = count > 0 ? read_key(&met->key, values[0]) : SQLITE_OK;
    if (rc != SQLITE_OK) {
        met->unreadable = rc == SQLITE_MISMATCH;
        sqlite3_result_error_code(context, rc);
        return;
    }
    note_place(met);
    met->count++;
    sqlite3_result_int(context, answer);
}

/* cleat_met(key): true. cleat_met(0, answer): the answer. */
static void
note_met(sqlite3_context *context, int count, sqlite3_value **values)
{
    note(context, count, values, count == 2 ? sqlite3_value_int(values[1]) : 1);
}

/* cleat_found(key): false, so that the row stays as it is. A function of its own, for SQLite never
 * calls what stands before "AND 0". */
static void
note_found(sqlite3_context *context, int count, sqlite3_value **values)
{
    note(context, count, values, 0);
}

int
cleat_met_register(struct connection *connection)
{
    const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;
    int rc = sqlite3_create_function_v2(connection->handle, "cleat_met", -1, flags, connection,
                                        note_met, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_create_function_v2(connection->handle, "cleat_found", -1, flags, connection,
                                        note_found, NULL, NULL, NULL);
    return rc;
}

cleat_status
cleat_met_explain(cleat_session *session, const struct entry *entry, cleat_status rc)
{
    if (!session->connection->met.unreadable)
        return rc;
    return cleat_session_fail_column(session, CLEAT_VALUE, entry->table, entry->assigned->name,
                                     "the stored key is NULL or too long for its type");
}

void
cleat_take_met_key(const struct stored_key *key, const cleat_column *assigned, void *row)
{
    if (assigned->kind == CLEAT_KIND_INTEGER)
        cleat_set_number(assigned, row, key->number);
    else
        cleat_text_copy((char *)row + assigned->offset, assigned->kind == CLEAT_KIND_ULID ? 27 : 37,
                        key->text);
}

/* A copy of the row with the time in the columns that an update sets. The row itself has it only
 * once it is written. */
static const void *
stamp(const struct connection *connection, const cleat_table *table, const void *row)
{
    memcpy(connection->scratch, row, table->row_size);
    for (unsigned i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_UPDATE_NOW)
            cleat_row_set_now(&table->columns[i], connection->scratch);
    return connection->scratch;
}

/* What an upsert that succeeded has done. */
static cleat_status
finish(cleat_session *session, struct entry *entry, unsigned key, void *row, bool new_number)
{
    const struct connection *connection = session->connection;
    bool met = connection->met.count > 0;
    bool changed = sqlite3_changes(connection->handle) > 0;
    if (changed && entry->update_now)
        cleat_row_assign(entry->table, row, connection->scratch);
    if (met && key > 0 && entry->assigned != NULL)
        cleat_take_met_key(&connection->met.key, entry->assigned, row);
    if (met && key > 0 && entry->assigned == NULL && connection->met.key.number != 0) {
        cleat_status rc = cleat_many_take_keys(session, entry, key, row, 1, NULL);
        if (rc < 0)
            return rc;
    }
    if (!met && changed && new_number)
        cleat_take_number(session, entry->assigned, row);
    if (!changed)
        return CLEAT_UNCHANGED;
    return met ? CLEAT_UPDATED : CLEAT_CREATED;
}

cleat_status
cleat_row_upsert(cleat_session *session, const cleat_table *table, unsigned key, void *row)
{
    struct entry *entry;
    cleat_status rc = cleat_call_begin_write(session, table, key, row, &entry);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_call_check_key(session, table);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    if (CLEAT_UNLIKELY(entry->parts != NULL))
        return cleat_joined_upsert(session, entry, key, row);
    bool new_id = cleat_lacks_id(entry->assigned, row);
    bool new_number = cleat_lacks_number(entry->assigned, row);
    /* a primary key that is not assigned is read when all is written, which may fail */
    bool reads_key = key > 0 && entry->assigned == NULL;
    const void *source = row;
    if (CLEAT_UNLIKELY(reads_key) && (rc = cleat_whole_begin(session, entry)) < 0)
        return rc;
    if (new_id)
        cleat_row_set_new_id(entry->assigned, row);
    if (entry->update_now)
        source = stamp(session->connection, table, row);
    session->connection->met.count = 0;
    session->connection->met.unreadable = false;
    session->connection->met.key.number = 0;
    rc = cleat_call_write(session, entry, CLEAT_SQL_UPSERT, key, source);
    if (CLEAT_LIKELY(rc == CLEAT_OK)) {
        rc = finish(session, entry, key, row, new_number);
    } else {
        rc = cleat_met_explain(session, entry, rc);
        if (new_id)
            ((char *)row)[entry->assigned->offset] = '\0';
    }
    return CLEAT_UNLIKELY(reads_key) ? cleat_whole_end(session, entry, rc) : rc;
}

cleat_status
cleat_call_get_found(cleat_session *session, struct entry *entry, unsigned key, void *row)
{
    struct statement *statement;
    cleat_status rc = cleat_statement_find(session, entry, CLEAT_SQL_GET, key, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_key_bind_row(session, entry, key, statement->handle, row);
    if (rc == CLEAT_OK)
        rc = cleat_call_step(session, statement);
    if (rc == CLEAT_ROW)
        rc = cleat_call_copy(session, statement, row);
    return rc == CLEAT_OK ? CLEAT_FOUND : rc;
}

cleat_status
cleat_row_ensure(cleat_session *session, const cleat_table *table, unsigned key, void *row)
{
    struct entry *entry;
    cleat_status rc = cleat_call_begin_write(session, table, key, row, &entry);
    if (rc == CLEAT_OK)
        rc = cleat_call_check_key(session, table);
    if (rc < 0)
        return rc;
    if (CLEAT_UNLIKELY(entry->parts != NULL))
        return cleat_joined_ensure(session, entry, key, row);
    const cleat_column *assigned = entry->assigned;
    bool new_id = cleat_lacks_id(assigned, row);
    bool new_number = cleat_lacks_number(assigned, row);
    if (new_id)
        cleat_row_set_new_id(assigned, row);
    rc = cleat_call_write(session, entry, CLEAT_SQL_ENSURE, key, row);
    bool created = rc == CLEAT_OK && sqlite3_changes(session->connection->handle) > 0;
    if (created && new_number)
        cleat_take_number(session, assigned, row);
    if (!created && new_id)
        ((char *)row)[assigned->offset] = '\0';
    if (created)
        return CLEAT_CREATED;
    return rc < 0 ? rc : cleat_call_get_found(session, entry, key, row);
}
