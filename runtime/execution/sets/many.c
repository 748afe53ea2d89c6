/* many.c: writes of whole arrays: insert, upsert, ensure. The array is fed to one statement, so
 * that either all of it happens or nothing. It is fed in the order of a key, for then every page of
 * the file is needed once; keys that are to be assigned are given before, in the same order, under
 * the lock that a write session has. After a failure the error says which row it was, and no row
 * has a key that it did not come with. */
#include "many.h"
#include "rows/call.h"
#include "rows/joined.h"

#include <stdio.h>
#include <stdlib.h>

void
cleat_many_set_times(const cleat_table *table, void *rows, size_t count)
{
    const char *first = rows;
    for (unsigned c = 0; c < table->column_count; c++) {
        const cleat_column *column = &table->columns[c];
        size_t size = column->kind == CLEAT_KIND_DATETIME ? 25 : sizeof(int64_t);
        if (!(column->flags & CLEAT_UPDATE_NOW))
            continue;
        cleat_row_set_now(column, rows);
        for (size_t i = 1; i < count; i++) {
            char *row = (char *)rows + i * table->row_size;
            memcpy(row + column->offset, first + column->offset, size);
            if (cleat_column_has(column))
                *(bool *)(row + column->has_offset) = true;
        }
    }
}

/* ---- which row it was ---- */

/* Whether rows of the table may refer to one another: then one may be wrong alone and right among
 * the others. When that cannot be found out, they may. */
static bool
refers_to_itself(const struct many *many)
{
    sqlite3_stmt *statement = NULL;
    const cleat_table *table = many->entry->table;
    sqlite3_prepare_v2(many->session->connection->handle,
                       "SELECT 1 FROM pragma_foreign_key_list(?1, ?2)"
                       " WHERE \"table\"=?1 COLLATE NOCASE",
                       -1, &statement, NULL);
    sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, table->database, -1, SQLITE_STATIC);
    int rc = sqlite3_step(statement);
    sqlite3_finalize(statement);
    return rc != SQLITE_DONE;
}

/* Writes row by row what has failed as a whole, up to the row that fails in the same way, and undoes
 * it. Where that cannot be done, or another one fails first, no row is named. */
static size_t
find_row(const struct many *many, cleat_status failure)
{
    cleat_session *session = many->session;
    size_t place = 0;
    if ((failure == CLEAT_FOREIGN_KEY && refers_to_itself(many)) ||
        cleat_whole_begin(session, many->entry) < 0)
        return many->count;
    cleat_status rc = CLEAT_OK;
    while (place < many->count && (rc = cleat_call_write(session, many->entry, many->one, many->key,
                                                         cleat_many_row(many, place))) == CLEAT_OK)
        place++;
    cleat_whole_end(session, many->entry, CLEAT_NOT_FOUND);
    return rc == failure ? place : many->count;
}

bool
cleat_many_is_about_row(cleat_status status)
{
    return status == CLEAT_CONFLICT || status == CLEAT_FOREIGN_KEY || status == CLEAT_NOT_NULL ||
           status == CLEAT_CHECK || status == CLEAT_TOO_BIG;
}

void
cleat_many_name_row(cleat_session *session, size_t place)
{
    cleat_error *error = &session->error;
    size_t length = strlen(error->text);
    if (!cleat_many_is_about_row(error->status) || session->broken)
        return;
    snprintf(error->text + length, sizeof error->text - length, " (row %zu)", place);
    error->row = (int64_t)place;
}

/* Adds the row to the session's error. Where the table has triggers SQLite reads all rows before
 * it writes the first; then the row has to be looked for. */
static cleat_status
name_row(const struct many *many, cleat_status status)
{
    cleat_error *error = &many->session->error;
    size_t place = many->entry->feeder.place;
    if (!cleat_many_is_about_row(status) || many->session->broken)
        return status;
    if (place >= many->count) {
        cleat_error kept = *error;
        place = find_row(many, status);
        if (many->session->broken)
            return error->status;
        *error = kept;
    }
    if (place >= many->count)
        return status;
    if (status == CLEAT_FOREIGN_KEY)
        cleat_reference_explain(many->session, many->entry, cleat_many_row(many, place), NULL);
    cleat_many_name_row(many->session, place);
    return status;
}

/* ---- keys that are noted as rows are met ---- */

/* Rows that are there already are noted while the array is written, with the keys that they have. */
static cleat_status
note_rows(const struct many *many)
{
    struct met *met = &many->session->connection->met;
    if (many->entry->assigned == NULL)
        return CLEAT_OK;
    met->rows = malloc(many->count * sizeof *met->rows);
    met->feeder = &many->entry->feeder;
    return met->rows == NULL ? cleat_many_fail_memory(many) : CLEAT_OK;
}

static void
forget_rows(const struct many *many)
{
    struct met *met = &many->session->connection->met;
    free(met->rows);
    met->rows = NULL;
}

static cleat_status
take_noted_keys(const struct many *many)
{
    const struct met *met = &many->session->connection->met;
    for (size_t i = 0; i < met->count; i++)
        cleat_take_met_key(&met->rows[i].key, many->entry->assigned,
                           cleat_many_row(many, met->rows[i].place));
    return CLEAT_OK;
}

/* ---- the call ---- */

static cleat_status
write_in_order(struct many *many, enum operation operation, const size_t *order)
{
    struct entry *entry = many->entry;
    struct statement *statement;
    sqlite3 *handle = many->session->connection->handle;
    int64_t last = sqlite3_last_insert_rowid(handle);
    cleat_status rc = cleat_statement_find(many->session, entry, operation, many->key, &statement);
    if (rc < 0)
        return rc;
    cleat_feed_rows(entry, many->rows, many->count, order);
    many->session->connection->met.count = 0;
    many->session->connection->met.lost = false;
    many->session->connection->met.unreadable = false;
    if (many->append != NULL)
        cleat_many_begin_taking(many);
    rc = cleat_feed_blame(many->session, entry, cleat_call_run(many->session, statement));
    if (many->append != NULL && many->given.count == 0)
        sqlite3_set_last_insert_rowid(handle, last);
    if (rc >= 0)
        return rc;
    cleat_many_forget_taken(many);
    return cleat_met_explain(many->session, entry, rc);
}

/* A row may need what another one gives up. So an order that fails is no failure yet: the order of
 * the array decides, and which row failed in it. */
static cleat_status
try_orders(struct many *many)
{
    enum operation again = many->one == CLEAT_SQL_INSERT ? CLEAT_SQL_INSERT_MANY : many->all;
    cleat_status rc = write_in_order(many, many->all, many->order);
    if (rc < 0 && many->order != NULL && cleat_many_is_about_row(rc) && !many->session->broken)
        rc = write_in_order(many, again, NULL);
    return rc;
}

static cleat_status
write_all(struct many *many)
{
    cleat_status rc = try_orders(many);
    return rc < 0 ? name_row(many, rc) : rc;
}

/* How many rows were there already, perhaps under another primary key. */
static size_t
count_met(const struct many *many)
{
    const struct connection *connection = many->session->connection;
    if (many->one == CLEAT_SQL_UPSERT)
        return connection->met.count;
    return many->count - (size_t)sqlite3_changes64(connection->handle);
}

/* Gives every row the primary key under which it is stored, which may be another than it has. Where
 * no number was left the database has found one for a new row, which only its other key tells. */
static cleat_status
take_keys(const struct many *many, size_t met)
{
    const struct met *noted = &many->session->connection->met;
    cleat_status rc = CLEAT_OK;
    if (noted->rows != NULL && !noted->lost && !many->full)
        rc = take_noted_keys(many);
    else if (met > 0 || many->full)
        rc = cleat_many_take_keys(many->session, many->entry, many->key, many->rows, many->count,
                                  many->order);
    for (size_t i = 0; rc == CLEAT_OK && many->full && i < many->count; i++)
        if (cleat_many_lacks_key(many, i))
            rc = cleat_many_fail_full(many);
    return rc;
}

/* Writes with numbers from here, when a trigger that was not known of has kept the places from
 * being known: what was written is undone. */
static cleat_status
write_numbered(struct many *many)
{
    many->append->fires = true;
    cleat_many_forget_taken(many);
    many->append = NULL;
    many->all = many->one == CLEAT_SQL_UPSERT ? CLEAT_SQL_UPSERT_MANY : CLEAT_SQL_ENSURE_MANY;
    cleat_status rc = cleat_whole_undo(many->session, many->entry);
    if (rc == CLEAT_OK)
        rc = cleat_many_assign_keys(many);
    if (rc == CLEAT_OK)
        rc = write_all(many);
    return rc;
}

/* By a unique key two statements may be needed, which a savepoint makes one. */
static cleat_status
write_by_unique_key(struct many *many)
{
    const struct met *met = &many->session->connection->met;
    cleat_status rc = cleat_whole_begin(many->session, many->entry);
    if (rc < 0)
        return rc;
    rc = note_rows(many);
    if (rc == CLEAT_OK)
        rc = write_all(many);
    if (rc == CLEAT_OK && many->append != NULL && many->given.count + met->count != many->count)
        rc = write_numbered(many);
    if (rc == CLEAT_OK)
        rc = take_keys(many, count_met(many));
    rc = cleat_whole_end(many->session, many->entry, rc);
    if (rc < 0)
        cleat_many_forget_taken(many);
    forget_rows(many);
    return rc;
}

/* Numbers and ids that the primary key is given rise as the rows come, so rows are sorted by a key
 * before that when it is another one, and after it when it is the key. */
static cleat_status
prepare(struct many *many)
{
    struct entry *entry = many->entry;
    cleat_status rc = cleat_feed_open(many->session, entry);
    if (rc < 0)
        return rc;
    cleat_feed_rows(entry, many->rows, many->count, NULL);
    if (many->key > 0)
        rc = cleat_feed_sort(many->session, entry, many->key, &many->order);
    if (rc == CLEAT_OK && many->append == NULL)
        rc = cleat_many_assign_keys(many);
    if (rc == CLEAT_OK && many->key == 0 && entry->table->key_count > 0)
        rc = cleat_feed_sort(many->session, entry, 0, &many->order);
    return rc;
}

static cleat_status
run(struct many *many)
{
    if (CLEAT_UNLIKELY(many->entry->parts != NULL))
        return cleat_joined_many(many->session, many->entry, many->one, many->key, many->rows,
                                 many->count);
    cleat_status rc = cleat_many_choose_takes(many);
    if (rc == CLEAT_OK)
        rc = prepare(many);
    if (rc == CLEAT_OK && many->one == CLEAT_SQL_INSERT)
        rc = cleat_many_choose_append(many);
    if (rc == CLEAT_OK && many->one == CLEAT_SQL_UPSERT && many->entry->update_now)
        cleat_many_set_times(many->entry->table, many->rows, many->count);
    if (rc == CLEAT_OK)
        rc = many->key == 0 ? write_all(many) : write_by_unique_key(many);
    if (rc < 0)
        cleat_many_take_back(many->entry, many->rows, many->count, many->assigned);
    cleat_feed_end(many->entry);
    free(many->assigned);
    free(many->order);
    return rc;
}

cleat_status
cleat_many_write_part(cleat_session *session, struct entry *part, enum operation one, unsigned key,
                      void *rows, size_t count, size_t *ret_met)
{
    struct many many = {.session = session,
                        .entry = part,
                        .one = one,
                        .all = one == CLEAT_SQL_UPSERT ? CLEAT_SQL_UPSERT_MANY
                                                       : CLEAT_SQL_ENSURE_MANY,
                        .key = key,
                        .rows = rows,
                        .count = count};
    cleat_status rc = prepare(&many);
    if (rc == CLEAT_OK && key > 0)
        rc = note_rows(&many);
    if (rc == CLEAT_OK)
        rc = try_orders(&many);
    size_t met = rc == CLEAT_OK ? count_met(&many) : 0;
    if (rc == CLEAT_OK && key > 0)
        rc = take_keys(&many, met);
    if (rc == CLEAT_OK)
        *ret_met = met;
    forget_rows(&many);
    cleat_feed_end(part);
    free(many.assigned);
    free(many.order);
    return rc;
}

static cleat_status
begin(struct many *many, const cleat_table *table)
{
    const void *argument = many->count > 0 ? many->rows : (const void *)table;
    cleat_status rc = cleat_call_begin_write(many->session, table, many->key, argument,
                                             &many->entry);
    if (rc == CLEAT_OK && many->one != CLEAT_SQL_INSERT)
        rc = cleat_call_check_key(many->session, table);
    return rc;
}

cleat_status
cleat_row_insert_many(cleat_session *session, const cleat_table *table, void *rows, size_t count)
{
    struct many many = {.session = session,
                        .one = CLEAT_SQL_INSERT,
                        .all = CLEAT_SQL_INSERT_MANY,
                        .rows = rows,
                        .count = count};
    cleat_status rc = begin(&many, table);
    return rc == CLEAT_OK && count > 0 ? run(&many) : rc;
}

cleat_status
cleat_row_upsert_many(cleat_session *session, const cleat_table *table, unsigned key, void *rows,
                      size_t count)
{
    struct many many = {.session = session,
                        .one = CLEAT_SQL_UPSERT,
                        .all = CLEAT_SQL_UPSERT_MANY,
                        .key = key,
                        .rows = rows,
                        .count = count};
    cleat_status rc = begin(&many, table);
    return rc == CLEAT_OK && count > 0 ? run(&many) : rc;
}

cleat_status
cleat_row_ensure_many(cleat_session *session, const cleat_table *table, unsigned key, void *rows,
                      size_t count)
{
    struct many many = {.session = session,
                        .one = CLEAT_SQL_ENSURE,
                        .all = CLEAT_SQL_ENSURE_MANY,
                        .key = key,
                        .rows = rows,
                        .count = count};
    cleat_status rc = begin(&many, table);
    return rc == CLEAT_OK && count > 0 ? run(&many) : rc;
}
