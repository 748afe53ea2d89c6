/* joined_many.c: writes of whole arrays whose rows lie in several tables. Every part of all rows is
 * one statement over the feed, the first table first, whose keys the others refer to; all of them
 * are one write. What becomes of a row depends on those before it, and statements that go part by
 * part do not see all of that: where the rows that one part met are not those that another met, or
 * a row failed, the array is written in halves instead, down to one row, which tells what is wrong.
 * Copies are written, so that the program's rows change only when all is done; an insert makes them
 * only when it has failed. */
#include "rows/joined.h"
#include "sets.h"

#include <stdlib.h>

struct many {
    cleat_session *session;
    struct entry *entry;
    enum operation one;
    unsigned key;
    char *rows;   /* the program's */
    char *copies; /* what is written */
    size_t count;
    bool met; /* some row was there already */
};

static char *
row_at(const struct many *many, size_t place)
{
    return many->rows + place * many->entry->table->row_size;
}

static char *
copy_at(const struct many *many, size_t place)
{
    return many->copies + place * many->entry->table->row_size;
}

static cleat_status
fail_memory(const struct many *many)
{
    return cleat_session_fail(many->session, CLEAT_NOMEM, "there is not enough memory");
}

/* ---- copies ---- */

/* The member of a copy that has what it owns, which is never what the row owns. */
static void *
take_owned(const struct many *many, size_t place, void *owned)
{
    void *old;
    char *member = copy_at(many, place) + many->entry->table->owned_offset;
    memcpy(&old, member, sizeof old);
    memcpy(member, &owned, sizeof owned);
    return old;
}

/* Makes rows anew that an earlier try has changed. */
static void
copy_rows(const struct many *many, size_t from, size_t count)
{
    size_t size = many->entry->table->row_size;
    for (size_t i = from; i < from + count; i++)
        free(take_owned(many, i, NULL));
    memcpy(copy_at(many, from), row_at(many, from), count * size);
    for (size_t i = from; i < from + count; i++)
        take_owned(many, i, NULL);
    if (many->one == CLEAT_SQL_UPSERT && many->entry->update_now)
        cleat_many_set_times(many->entry->table, copy_at(many, from), count);
}

static void
free_copies(const struct many *many)
{
    for (size_t i = 0; many->copies != NULL && i < many->count; i++)
        free(take_owned(many, i, NULL));
    free(many->copies);
}

/* ---- times of updates ---- */

/* A growing list of the rows that need a new time in a part that does not change itself. */
struct aged {
    size_t *places;
    size_t count, capacity;
};

static cleat_status
add_place(const struct many *many, struct aged *aged, size_t place)
{
    if (aged->count == aged->capacity) {
        size_t capacity = aged->capacity * 2 + 64;
        size_t *places = realloc(aged->places, capacity * sizeof *places);
        if (places == NULL)
            return fail_memory(many);
        aged->places = places;
        aged->capacity = capacity;
    }
    aged->places[aged->count++] = place;
    return CLEAT_OK;
}

/* Compares the rows with those that are there, before the first is written. */
static cleat_status
find_aged(const struct many *many, size_t from, size_t count, struct aged *aged)
{
    struct entry *entry = many->entry;
    struct statement *statement;
    size_t *order = NULL;
    if (many->one != CLEAT_SQL_UPSERT || !entry->update_now)
        return CLEAT_OK;
    cleat_status rc = cleat_statement_find(many->session, entry, CLEAT_SQL_AGED, many->key,
                                           &statement);
    if (rc < 0)
        return rc;
    cleat_feed_rows(entry, copy_at(many, from), count, NULL);
    rc = cleat_feed_sort(many->session, entry, many->key, &order);
    entry->feeder.order = order;
    while (rc == CLEAT_OK && (rc = cleat_call_step(many->session, statement)) == CLEAT_ROW) {
        rc = add_place(many, aged, (size_t)sqlite3_column_int64(statement->handle, 0));
        if (rc < 0) {
            cleat_statement_release(many->session, statement);
            break;
        }
    }
    rc = cleat_feed_blame(many->session, entry, rc);
    cleat_feed_end(entry);
    free(order);
    return rc == CLEAT_NOT_FOUND ? CLEAT_OK : rc;
}

/* Runs a statement of a part over some rows. */
static cleat_status
run_part(const struct many *many, struct entry *part, enum operation operation, char *rows,
         size_t count, const size_t *order)
{
    struct statement *statement;
    cleat_status rc = cleat_statement_find(many->session, part, operation, 0, &statement);
    if (rc < 0)
        return rc;
    cleat_feed_rows(part, rows, count, order);
    rc = cleat_call_run(many->session, statement);
    cleat_feed_end(part);
    return rc;
}

static cleat_status
touch_parts(const struct many *many, size_t from, const struct aged *aged)
{
    cleat_status rc = CLEAT_OK;
    for (unsigned i = 0; rc == CLEAT_OK && aged->count > 0 && i < many->entry->parts->count; i++) {
        struct entry *part;
        rc = cleat_joined_part(many->session, many->entry, i, &part);
        if (rc == CLEAT_OK && part->update_now)
            rc = run_part(many, part, CLEAT_SQL_TOUCH_MANY, copy_at(many, from), aged->count,
                          aged->places);
    }
    return rc;
}

/* ---- parts ---- */

/* The place of the call's key among those of the first table; -1 when it is no key of that. */
static int
find_first_key(const struct many *many)
{
    const cleat_key *key = &many->entry->table->keys[many->key];
    const cleat_table *first = &many->entry->parts->tables[0];
    for (unsigned i = 0; i < first->key_count; i++)
        if (first->keys[i].count == key->count &&
            memcmp(first->keys[i].offsets, key->offsets, key->count * sizeof *key->offsets) == 0)
            return (int)i;
    return -1;
}

/* The first table by a key of its own: then its rows are there, and have their primary keys. */
static cleat_status
write_first(const struct many *many, unsigned key, size_t from, size_t count, size_t *ret_met)
{
    struct entry *part;
    cleat_status rc = cleat_joined_part(many->session, many->entry, 0, &part);
    if (rc == CLEAT_OK)
        rc = cleat_many_write_part(many->session, part, many->one, key, copy_at(many, from), count,
                                   ret_met);
    return rc;
}

/* Every other part by the primary key. Returns CLEAT_NOT_FOUND when one did not meet as many rows
 * as there were: some belong to another table, or meet by one key and not by the other. */
static cleat_status
write_others(const struct many *many, unsigned place, size_t from, size_t count, size_t met)
{
    cleat_status rc = CLEAT_OK;
    for (; rc == CLEAT_OK && place < many->entry->parts->count; place++) {
        struct entry *part;
        size_t now = 0;
        rc = cleat_joined_part(many->session, many->entry, place, &part);
        if (rc == CLEAT_OK)
            rc = cleat_many_write_part(many->session, part, many->one, 0, copy_at(many, from),
                                       count, &now);
        if (rc == CLEAT_OK && now != met)
            rc = CLEAT_NOT_FOUND;
    }
    return rc;
}

static cleat_status
insert_parts(const struct many *many, char *rows, size_t count)
{
    cleat_status rc = CLEAT_OK;
    for (unsigned i = 0; rc == CLEAT_OK && i < many->entry->parts->count; i++)
        rc = cleat_row_insert_many(many->session, &many->entry->parts->tables[i], rows, count);
    return rc;
}

static cleat_status
write_parts(struct many *many, size_t from, size_t count)
{
    size_t met = 0;
    if (many->one == CLEAT_SQL_INSERT)
        return insert_parts(many, copy_at(many, from), count);
    int first_key = find_first_key(many);
    cleat_status rc = CLEAT_OK;
    if (many->key == 0 || first_key > 0)
        rc = write_first(many, many->key == 0 ? 0 : (unsigned)first_key, from, count, &met);
    else
        rc = cleat_many_find_keys(many->session, many->entry, many->key, copy_at(many, from), count,
                                  &met);
    if (rc == CLEAT_OK)
        rc = write_others(many, many->key == 0 || first_key > 0 ? 1 : 0, from, count, met);
    many->met = many->met || met > 0;
    return rc;
}

/* ---- rows ---- */

static cleat_status
write_set(struct many *many, size_t from, size_t count)
{
    struct aged aged = {NULL, 0, 0};
    copy_rows(many, from, count);
    cleat_status rc = find_aged(many, from, count, &aged);
    if (rc == CLEAT_OK)
        rc = write_parts(many, from, count);
    if (rc == CLEAT_OK)
        rc = touch_parts(many, from, &aged);
    free(aged.places);
    return rc;
}

static cleat_status
write_row(struct many *many, size_t place)
{
    char *row = copy_at(many, place);
    copy_rows(many, place, 1);
    cleat_status rc;
    if (many->one == CLEAT_SQL_INSERT)
        rc = cleat_joined_add_row(many->session, many->entry, row);
    else if (many->one == CLEAT_SQL_UPSERT)
        rc = cleat_joined_upsert_row(many->session, many->entry, many->key, row);
    else
        rc = cleat_joined_ensure_row(many->session, many->entry, many->key, row);
    if (rc < 0)
        cleat_many_name_row(many->session, place);
    many->met = many->met || (rc >= 0 && rc != CLEAT_CREATED);
    return rc < 0 ? rc : CLEAT_OK;
}

static bool
is_unsettled(const struct many *many, cleat_status rc)
{
    return !many->session->broken && (rc == CLEAT_NOT_FOUND || cleat_many_is_about_row(rc));
}

static cleat_status write_rows(struct many *many, size_t from, size_t count);

static cleat_status
write_half(struct many *many, size_t from, size_t count)
{
    cleat_status rc = cleat_whole_begin(many->session, many->entry);
    return rc < 0 ? rc : cleat_whole_end(many->session, many->entry, write_rows(many, from, count));
}

/* Writes one half after the other what failed as a whole with `failure`. A reference from one half
 * to the other was right in the whole, so that is not what is wrong. */
static cleat_status
write_halves(struct many *many, size_t from, size_t count, cleat_status failure)
{
    cleat_error *error = &many->session->error, kept = *error;
    size_t less = count / 2;
    memset(error, 0, sizeof *error);
    cleat_status rc = write_half(many, from, less);
    if (rc == CLEAT_OK)
        rc = write_half(many, from + less, count - less);
    if (rc != CLEAT_FOREIGN_KEY || failure >= 0)
        return rc;
    *error = kept;
    return failure;
}

/* Writes some of the rows, one after the other when need be, within a savepoint. */
static cleat_status
write_rows(struct many *many, size_t from, size_t count)
{
    if (count == 1)
        return write_row(many, from);
    cleat_status rc = write_set(many, from, count);
    if (!is_unsettled(many, rc))
        return rc;
    cleat_status undone = cleat_whole_undo(many->session, many->entry);
    return undone < 0 ? undone : write_halves(many, from, count, rc);
}

/* A key that is not assigned is read again into the program's rows. `failure` is that of all rows
 * together, CLEAT_OK when they were not tried yet. */
static cleat_status
write_copies(struct many *many, cleat_status failure)
{
    cleat_status rc = failure < 0 && many->count > 1 ? write_halves(many, 0, many->count, failure)
                                                     : write_rows(many, 0, many->count);
    if (rc == CLEAT_OK && many->key > 0 && many->met && many->entry->assigned == NULL)
        rc = cleat_many_take_keys(many->session, many->entry, many->key, many->rows, many->count,
                                  NULL);
    return rc;
}

static cleat_status
copy_and_write(struct many *many, cleat_status failure)
{
    cleat_status outcome = many->one == CLEAT_SQL_UPSERT ? CLEAT_UPDATED : CLEAT_FOUND;
    many->copies = calloc(many->count, many->entry->table->row_size);
    if (many->copies == NULL)
        return fail_memory(many);
    cleat_status rc = cleat_whole_begin(many->session, many->entry);
    if (rc == CLEAT_OK)
        rc = cleat_whole_end(many->session, many->entry, write_copies(many, failure));
    for (size_t i = 0; rc == CLEAT_OK && i < many->count; i++)
        cleat_joined_learn(many->entry, outcome, row_at(many, i), copy_at(many, i));
    free_copies(many);
    return rc;
}

/* ---- inserting ---- */

static void
note_lacking(const struct many *many, unsigned char *lacking)
{
    const cleat_column *assigned = many->entry->assigned;
    for (size_t i = 0; i < many->count; i++)
        if (cleat_lacks_id(assigned, row_at(many, i)) ||
            cleat_lacks_number(assigned, row_at(many, i)))
            lacking[i / 8] = (unsigned char)(lacking[i / 8] | 1u << i % 8);
}

/* Part by part a row may fail that one before it would have kept from being reached. */
static cleat_status
insert(struct many *many)
{
    unsigned char *lacking = calloc(many->count / 8 + 1, 1);
    if (lacking == NULL)
        return fail_memory(many);
    note_lacking(many, lacking);
    cleat_status rc = cleat_whole_begin(many->session, many->entry);
    if (rc == CLEAT_OK)
        rc = cleat_whole_end(many->session, many->entry,
                             insert_parts(many, many->rows, many->count));
    if (rc < 0)
        cleat_many_take_back(many->entry, many->rows, many->count, lacking);
    free(lacking);
    return rc < 0 && is_unsettled(many, rc) ? copy_and_write(many, rc) : rc;
}

static cleat_status
check_all(const struct many *many)
{
    for (size_t i = 0; i < many->count; i++) {
        cleat_status rc = cleat_joined_check(many->session, many->entry->table, row_at(many, i),
                                             many->one == CLEAT_SQL_INSERT);
        if (rc < 0) {
            cleat_many_name_row(many->session, i);
            return rc;
        }
    }
    return CLEAT_OK;
}

cleat_status
cleat_joined_many(cleat_session *session, struct entry *entry, enum operation one, unsigned key,
                  void *rows, size_t count)
{
    struct many many = {session, entry, one, key, rows, NULL, count, false};
    cleat_status rc = check_all(&many);
    if (rc < 0)
        return rc;
    return one == CLEAT_SQL_INSERT ? insert(&many) : copy_and_write(&many, CLEAT_OK);
}

/* ---- deleting ---- */

/* Rows that are nothing but their keys, each with a block for the texts of its own. */
struct keys {
    char *rows;
    size_t count, capacity;
};

static void
free_keys(const struct entry *entry, struct keys *keys)
{
    for (size_t i = 0; i < keys->count; i++) {
        void *owned;
        memcpy(&owned, keys->rows + i * entry->table->row_size + entry->table->owned_offset,
               sizeof owned);
        free(owned);
    }
    free(keys->rows);
}

static bool
grow_keys(const struct entry *entry, struct keys *keys)
{
    size_t capacity = keys->capacity * 2 + 64, size = entry->table->row_size;
    if (keys->count < keys->capacity)
        return true;
    char *rows = capacity > SIZE_MAX / size ? NULL : realloc(keys->rows, capacity * size);
    if (rows == NULL)
        return false;
    keys->rows = rows;
    keys->capacity = capacity;
    return true;
}

static cleat_status
add_key(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle, struct keys *keys)
{
    if (!grow_keys(entry, keys))
        return cleat_session_fail(session, CLEAT_NOMEM, "there is not enough memory");
    char *row = keys->rows + keys->count * entry->table->row_size;
    cleat_status rc = CLEAT_OK;
    memset(row, 0, entry->table->row_size);
    for (int i = 0; rc == CLEAT_OK && i < entry->table->keys[0].count; i++)
        rc = cleat_column_read(session, entry, entry->key_columns[i], handle, i, row);
    if (rc == CLEAT_OK)
        rc = cleat_row_own(session, entry, row);
    keys->count += rc == CLEAT_OK;
    return rc;
}

static cleat_status
read_keys(cleat_session *session, const struct entry *entry, struct statement *statement,
          struct keys *keys)
{
    cleat_status rc;
    while ((rc = cleat_call_step(session, statement)) == CLEAT_ROW) {
        rc = add_key(session, entry, statement->handle, keys);
        if (rc < 0) {
            cleat_statement_release(session, statement);
            return rc;
        }
    }
    return rc == CLEAT_NOT_FOUND ? CLEAT_OK : rc;
}

/* The last part goes first, which the others do not refer to. */
static cleat_status
delete_keys(struct many *many, int64_t *ret_count)
{
    cleat_status rc = CLEAT_OK;
    unsigned last = many->entry->parts->count - 1;
    for (unsigned i = last + 1; rc == CLEAT_OK && i > 0; i--) {
        struct entry *part;
        rc = cleat_joined_part(many->session, many->entry, i - 1, &part);
        if (rc == CLEAT_OK)
            rc = run_part(many, part, CLEAT_SQL_DELETE_MANY, many->rows, many->count, NULL);
        if (rc == CLEAT_OK && i - 1 == last)
            *ret_count = sqlite3_changes64(many->session->connection->handle);
    }
    return rc;
}

cleat_status
cleat_joined_delete_found(cleat_session *session, struct entry *entry, struct statement *statement,
                          int64_t *ret_count)
{
    struct keys keys = {NULL, 0, 0};
    int64_t deleted = 0;
    cleat_status rc = read_keys(session, entry, statement, &keys);
    struct many many = {session, entry, CLEAT_SQL_DELETE, 0, keys.rows, NULL, keys.count, false};
    if (rc == CLEAT_OK && keys.count > 0) {
        rc = cleat_whole_begin(session, entry);
        if (rc == CLEAT_OK)
            rc = cleat_whole_end(session, entry, delete_keys(&many, &deleted));
    }
    if (rc == CLEAT_OK)
        *ret_count = deleted;
    free_keys(entry, &keys);
    return rc;
}
