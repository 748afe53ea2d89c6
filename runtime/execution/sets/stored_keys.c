/* stored_keys.c: the keys under which the rows of an array are stored, read into the rows. One
 * statement joins the array with the table and gives the rows that have others; a key that is a
 * text becomes the row's own. */
#include "rows/call.h"
#include "sets.h"

#include <stdlib.h>

static bool
has_texts(const struct column *column)
{
    return column->kind == CLEAT_KIND_TEXT || column->kind == CLEAT_KIND_JSON ||
           column->kind == CLEAT_KIND_BLOB;
}

cleat_status
cleat_row_own(cleat_session *session, const struct entry *entry, char *row)
{
    size_t *lengths = session->connection->lengths;
    void *owned = NULL, *old;
    for (unsigned i = 0; i < entry->table->column_count; i++) {
        const struct column *column = &entry->columns[i];
        const char *member = row + column->offset;
        cleat_blob blob;
        if (column->kind == CLEAT_KIND_BLOB) {
            memcpy(&blob, member, sizeof blob);
            lengths[i] = blob.size;
        } else if (has_texts(column) && *(const char *const *)member != NULL) {
            lengths[i] = strlen(*(const char *const *)member);
        }
    }
    if (cleat_row_keep(entry, row, lengths, &owned) < 0)
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    memcpy(&old, row + entry->table->owned_offset, sizeof old);
    memcpy(row + entry->table->owned_offset, &owned, sizeof owned);
    free(old);
    return CLEAT_OK;
}

struct stored {
    cleat_session *session;
    struct entry *entry;
    enum operation operation;
    unsigned key;
    char *rows;
};

/* Reads the columns of a key, which a statement has from a place on. Lends texts. */
static cleat_status
read_key(const struct stored *stored, unsigned key, sqlite3_stmt *handle, int place, char *row,
         bool *texts)
{
    const struct entry *entry = stored->entry;
    cleat_status rc = CLEAT_OK;
    for (int i = 0; rc == CLEAT_OK && i < entry->table->keys[key].count; i++) {
        const struct column *column = entry->key_columns[entry->key_starts[key] + i];
        rc = cleat_column_read(stored->session, entry, column, handle, place + i, row);
        *texts = *texts || has_texts(column);
    }
    return rc;
}

/* Reads the keys of one row from the statement. */
static cleat_status
take_row(const struct stored *stored, sqlite3_stmt *handle)
{
    const struct entry *entry = stored->entry;
    size_t size = entry->table->row_size;
    char *to = stored->rows + (size_t)sqlite3_column_int64(handle, 0) * size;
    char *row = stored->session->connection->scratch;
    bool texts = false;
    memcpy(row, to, size);
    cleat_status rc = read_key(stored, 0, handle, 1, row, &texts);
    if (rc == CLEAT_OK && stored->operation == CLEAT_SQL_FOUND_KEYS)
        rc = read_key(stored, stored->key, handle, 1 + entry->table->keys[0].count, row, &texts);
    if (rc == CLEAT_OK && texts)
        rc = cleat_row_own(stored->session, entry, row);
    if (rc == CLEAT_OK)
        memcpy(to, row, size);
    return rc;
}

static cleat_status
take_rows(const struct stored *stored, size_t count, const size_t *order)
{
    struct statement *statement;
    size_t *sorted = NULL;
    cleat_status rc = cleat_statement_find(stored->session, stored->entry, stored->operation,
                                           stored->key, &statement);
    if (rc < 0)
        return rc;
    cleat_feed_rows(stored->entry, stored->rows, count, order);
    if (order == NULL)
        rc = cleat_feed_sort(stored->session, stored->entry, stored->key, &sorted);
    stored->entry->feeder.order = order == NULL ? sorted : order;
    while (rc == CLEAT_OK && (rc = cleat_call_step(stored->session, statement)) == CLEAT_ROW) {
        rc = take_row(stored, statement->handle);
        if (rc < 0) {
            cleat_statement_release(stored->session, statement);
            break;
        }
    }
    rc = cleat_feed_blame(stored->session, stored->entry, rc);
    cleat_feed_end(stored->entry);
    free(sorted);
    return rc == CLEAT_NOT_FOUND ? CLEAT_OK : rc;
}

cleat_status
cleat_many_take_keys(cleat_session *session, struct entry *entry, unsigned key, void *rows,
                     size_t count, const size_t *order)
{
    const struct stored stored = {session, entry, CLEAT_SQL_STORED_KEYS, key, rows};
    return take_rows(&stored, count, order);
}

cleat_status
cleat_many_find_keys(cleat_session *session, struct entry *entry, unsigned key, void *rows,
                     size_t count, size_t *ret_found)
{
    const struct stored stored = {session, entry, CLEAT_SQL_FOUND_KEYS, key, rows};
    session->connection->met.count = 0;
    cleat_status rc = take_rows(&stored, count, NULL);
    if (rc == CLEAT_OK)
        *ret_found = session->connection->met.count;
    return rc;
}
