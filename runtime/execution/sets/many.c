/* many.c: writes of whole arrays: insert, upsert, ensure. The array is fed to one statement, so
 * that either all of it happens or nothing. It is fed in the order of a key, for then every page of
 * the file is needed once; keys that are to be assigned are given before, in the same order, under
 * the lock that a write session has. After a failure the error says which row it was, and no row
 * has a key that it did not come with. */
#include "rows/call.h"
#include "rows/joined.h"
#include "sets.h"

#include <stdio.h>
#include <stdlib.h>

struct many {
    cleat_session *session;
    struct entry *entry;
    enum operation one; /* what happens to each row */
    enum operation all; /* what happens to them together */
    unsigned key;
    char *rows;
    size_t count;
    size_t *order;           /* the places of the rows by their key; NULL: as they are */
    unsigned char *assigned; /* a bit for each row whose key was given here; NULL for none */
    int64_t last;            /* the greatest number before, when it was asked for */
    bool has_last;
};

static char *
row_at(const struct many *many, size_t place)
{
    return many->rows + place * many->entry->table->row_size;
}

/* The row whose turn it is. */
static size_t
place_at(const struct many *many, size_t turn)
{
    return many->order == NULL ? turn : many->order[turn];
}

static cleat_status
fail_memory(const struct many *many)
{
    return cleat_session_fail(many->session, CLEAT_NOMEM, "there is not enough memory");
}

/* ---- keys ---- */

static bool
lacks_key(const struct many *many, size_t place)
{
    const void *row = row_at(many, place);
    const cleat_column *assigned = many->entry->assigned;
    return cleat_lacks_id(assigned, row) || cleat_lacks_number(assigned, row);
}

/* Finds the greatest number that is in use, 0 in an empty table. When the schema has changed since
 * the last time, what was found out about appending has to be found out again. */
static cleat_status
find_last(struct many *many)
{
    struct statement *statement, *append = &many->entry->slots[CLEAT_SQL_APPEND_MANY];
    cleat_status rc = cleat_statement_find(many->session, many->entry, CLEAT_SQL_LAST, 0,
                                           &statement);
    if (many->has_last || rc < 0)
        return rc;
    rc = cleat_call_step(many->session, statement);
    if (rc != CLEAT_ROW)
        return rc;
    many->last = sqlite3_column_int64(statement->handle, 0);
    many->has_last = true;
    if (sqlite3_stmt_status(statement->handle, SQLITE_STMTSTATUS_REPREPARE, true) > 0) {
        sqlite3_finalize(append->handle);
        append->handle = NULL;
    }
    cleat_statement_release(many->session, statement);
    return CLEAT_OK;
}

static void
mark(struct many *many, size_t place)
{
    many->assigned[place / 8] = (unsigned char)(many->assigned[place / 8] | 1u << place % 8);
}

/* Numbers as SQLite gives them: one more than any before, in the table or in the array. */
static cleat_status
assign_numbers(struct many *many)
{
    const cleat_column *assigned = many->entry->assigned;
    cleat_status rc = find_last(many);
    int64_t last = many->last < 0 ? 0 : many->last, number;
    for (size_t i = 0; rc == CLEAT_OK && i < many->count; i++) {
        size_t place = place_at(many, i);
        char *row = row_at(many, place);
        memcpy(&number, row + assigned->offset, sizeof number);
        if (number == 0 && last == INT64_MAX)
            return cleat_session_fail_column(many->session, CLEAT_FULL, many->entry->table,
                                             assigned->name, "no greater number is left to assign");
        if (number == 0) {
            number = last + 1;
            mark(many, place);
            cleat_set_number(assigned, row, number);
        }
        last = number > last ? number : last;
    }
    return rc;
}

static void
assign_ids(struct many *many)
{
    for (size_t i = 0; i < many->count; i++) {
        size_t place = place_at(many, i);
        if (!lacks_key(many, place))
            continue;
        mark(many, place);
        cleat_row_set_new_id(many->entry->assigned, row_at(many, place));
    }
}

static cleat_status
assign_keys(struct many *many)
{
    const cleat_column *assigned = many->entry->assigned;
    size_t first = 0;
    while (first < many->count && !lacks_key(many, first))
        first++;
    if (first == many->count)
        return CLEAT_OK;
    many->assigned = calloc(many->count / 8 + 1, 1);
    if (many->assigned == NULL)
        return fail_memory(many);
    if (assigned->kind == CLEAT_KIND_INTEGER)
        return assign_numbers(many);
    assign_ids(many);
    return CLEAT_OK;
}

/* ---- numbers that follow on ---- */

enum { FEWEST_APPENDED = 8 }; /* fewer rows are not worth asking for the last number */

/* Whether the numbers rise by one from row to row, and there is more to write than the numbers. */
static bool
has_sequence(const struct many *many)
{
    const struct entry *entry = many->entry;
    const cleat_column *assigned = entry->assigned;
    int64_t first = 0, number;
    bool more = false;
    if (many->count < FEWEST_APPENDED || assigned == NULL || assigned->kind != CLEAT_KIND_INTEGER)
        return false;
    for (unsigned i = 0; i < entry->table->column_count; i++)
        more = more || (entry->columns[i].parameter > 0 && !entry->columns[i].assigned);
    for (size_t i = 0; more && i < many->count; i++) {
        memcpy(&number, row_at(many, place_at(many, i)) + assigned->offset, sizeof number);
        first = i == 0 ? number : first;
        more = (uint64_t)number - (uint64_t)first == i;
    }
    return more;
}

/* Rows whose numbers are the next ones are inserted without them: the database gives the same, and
 * need not look whether they are in use. Not where triggers run, which may use some up. */
static cleat_status
choose_append(struct many *many)
{
    struct statement *statement;
    int64_t first;
    if (!has_sequence(many))
        return CLEAT_OK;
    cleat_status rc = find_last(many);
    memcpy(&first, row_at(many, place_at(many, 0)) + many->entry->assigned->offset, sizeof first);
    if (rc < 0 || first <= 0 || first - 1 != many->last)
        return rc;
    rc = cleat_statement_find(many->session, many->entry, CLEAT_SQL_APPEND_MANY, 0, &statement);
    if (rc == CLEAT_OK && !statement->fires)
        many->all = CLEAT_SQL_APPEND_MANY;
    return rc;
}

/* After a failure no row has a key that it did not come with. */
void
cleat_many_take_back(const struct entry *entry, void *rows, size_t count, const unsigned char *bits)
{
    const cleat_column *assigned = entry->assigned;
    for (size_t i = 0; bits != NULL && i < count; i++) {
        char *row = (char *)rows + i * entry->table->row_size;
        if ((bits[i / 8] >> i % 8 & 1) == 0)
            continue;
        if (assigned->kind == CLEAT_KIND_INTEGER)
            cleat_set_number(assigned, row, 0);
        else
            row[assigned->offset] = '\0';
    }
}

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

static bool
run_savepoint(const struct many *many, const char *sql)
{
    return sqlite3_exec(many->session->connection->handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* Writes row by row what has failed as a whole, up to the row that fails too, and undoes it. */
static size_t
find_row(const struct many *many, cleat_status failure)
{
    size_t place = 0;
    if (failure == CLEAT_FOREIGN_KEY && refers_to_itself(many))
        return many->count;
    if (!run_savepoint(many, "SAVEPOINT cleat_row"))
        return many->count;
    while (place < many->count && cleat_call_write(many->session, many->entry, many->one, many->key,
                                                   row_at(many, place)) == CLEAT_OK)
        place++;
    run_savepoint(many, "ROLLBACK TO cleat_row; RELEASE cleat_row");
    return place;
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
static void
name_row(const struct many *many, cleat_status status)
{
    cleat_error *error = &many->session->error;
    size_t place = many->entry->feeder.place;
    if (!cleat_many_is_about_row(status) || many->session->broken)
        return;
    if (place >= many->count) {
        cleat_error kept = *error;
        place = find_row(many, status);
        *error = kept;
    }
    if (place >= many->count)
        return;
    cleat_many_name_row(many->session, place);
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
    return met->rows == NULL ? fail_memory(many) : CLEAT_OK;
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
                           row_at(many, met->rows[i].place));
    return CLEAT_OK;
}

/* ---- the call ---- */

static cleat_status
write_in_order(const struct many *many, enum operation operation, const size_t *order)
{
    struct entry *entry = many->entry;
    struct statement *statement;
    cleat_status rc = cleat_statement_find(many->session, entry, operation, many->key, &statement);
    if (rc < 0)
        return rc;
    cleat_feed_rows(entry, many->rows, many->count, order);
    many->session->connection->met.count = 0;
    many->session->connection->met.lost = false;
    return cleat_feed_blame(many->session, entry, cleat_call_run(many->session, statement));
}

/* A row may need what another one gives up. So an order that fails is no failure yet: the order of
 * the array decides, and which row failed in it. */
static cleat_status
try_orders(const struct many *many)
{
    enum operation again = many->one == CLEAT_SQL_INSERT ? CLEAT_SQL_INSERT_MANY : many->all;
    cleat_status rc = write_in_order(many, many->all, many->order);
    if (rc < 0 && many->order != NULL && cleat_many_is_about_row(rc) && !many->session->broken)
        rc = write_in_order(many, again, NULL);
    return rc;
}

static cleat_status
write_all(const struct many *many)
{
    cleat_status rc = try_orders(many);
    if (rc < 0)
        name_row(many, rc);
    return rc;
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

/* Gives every row the primary key under which it is stored, which may be another than it has. */
static cleat_status
take_keys(const struct many *many, size_t met)
{
    const struct met *noted = &many->session->connection->met;
    if (noted->rows != NULL && !noted->lost)
        return take_noted_keys(many);
    return met == 0 ? CLEAT_OK
                    : cleat_many_take_keys(many->session, many->entry, many->key, many->rows,
                                           many->count, many->order);
}

/* By a unique key two statements may be needed, which a savepoint makes one. */
static cleat_status
write_by_unique_key(const struct many *many)
{
    if (!run_savepoint(many, "SAVEPOINT cleat_many"))
        return cleat_session_fail_sqlite(
            many->session, sqlite3_extended_errcode(many->session->connection->handle),
            many->entry->table->database, many->entry->table, "SAVEPOINT");
    cleat_status rc = note_rows(many);
    if (rc == CLEAT_OK)
        rc = write_all(many);
    if (rc == CLEAT_OK)
        rc = take_keys(many, count_met(many));
    forget_rows(many);
    if (rc < 0)
        run_savepoint(many, "ROLLBACK TO cleat_many");
    run_savepoint(many, "RELEASE cleat_many");
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
    if (rc == CLEAT_OK)
        rc = assign_keys(many);
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
    cleat_status rc = prepare(many);
    if (rc == CLEAT_OK && many->one == CLEAT_SQL_INSERT)
        rc = choose_append(many);
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
