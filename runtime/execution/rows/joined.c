/* joined.c: writes of rows that lie in several tables, because a table extends others. A row goes
 * part by part to the statements that each table has anyway: an insert begins with the first table,
 * whose key the others refer to; all else begins with the last one, which knows whether there is
 * such a row, and which a delete must take away before the ones that it refers to. All parts are
 * written or none. */
#include "joined.h"
#include "sets/sets.h"

/* ---- parts ---- */

cleat_status
cleat_joined_part(cleat_session *session, const struct entry *entry, unsigned place,
                  struct entry **ret_part)
{
    return cleat_entry_find(session, &entry->parts->tables[place], ret_part);
}

static cleat_status
write_part(cleat_session *session, const struct entry *entry, unsigned place,
           enum operation operation, const void *row)
{
    struct entry *part;
    struct statement *statement;
    cleat_status rc = cleat_joined_part(session, entry, place, &part);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, part, operation, 0, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_row_bind(session, part, statement->handle, row);
    if (rc < 0)
        return rc;
    if (operation != CLEAT_SQL_INSERT)
        cleat_bind_zero(part, statement->handle, row);
    rc = cleat_call_run(session, statement);
    if (rc == CLEAT_FOREIGN_KEY)
        cleat_reference_explain(session, part, row, NULL);
    if (rc == CLEAT_OK && operation == CLEAT_SQL_UPDATE &&
        sqlite3_changes(session->connection->handle) == 0)
        return CLEAT_NOT_FOUND;
    return rc;
}

/* Runs a statement of a part that needs only the key, and finds a row, deletes one, or does not. */
static cleat_status
reach_part(cleat_session *session, const struct entry *entry, unsigned place,
           enum operation operation, const void *row)
{
    struct entry *part;
    struct statement *statement;
    cleat_status rc = cleat_joined_part(session, entry, place, &part);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, part, operation, 0, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_key_bind_row(session, part, 0, statement->handle, row);
    if (rc == CLEAT_OK && cleat_lacks_number(part->assigned, row))
        sqlite3_bind_int64(statement->handle, 1, 0); /* here it is a number as any */
    if (rc == CLEAT_OK)
        rc = cleat_call_step(session, statement);
    if (rc == CLEAT_ROW)
        cleat_statement_release(session, statement);
    if (rc == CLEAT_NOT_FOUND && operation == CLEAT_SQL_DELETE &&
        sqlite3_changes(session->connection->handle) > 0)
        return CLEAT_OK;
    return rc == CLEAT_ROW ? CLEAT_OK : rc;
}

/* ---- constants ---- */

static cleat_status
refuse(cleat_session *session, const cleat_table *table, const cleat_column *column)
{
    return cleat_session_fail_column(session, CLEAT_CHECK, table, column->name,
                                     "the column has another value in every row of the table");
}

static bool
is_constant(const cleat_table *table, const cleat_column *column)
{
    for (unsigned i = 0; i < table->extends->constant_count; i++)
        if (table->extends->constants[i].offset == column->offset)
            return true;
    return false;
}

cleat_status
cleat_joined_check(cleat_session *session, const cleat_table *table, const void *row, bool added)
{
    const cleat_column *wrong = cleat_row_wrong_constant(table, row, added);
    return wrong == NULL ? CLEAT_OK : refuse(session, table, wrong);
}

/* ---- adding ---- */

/* A failure takes a key that was given back. */
cleat_status
cleat_joined_add_row(cleat_session *session, const struct entry *entry, void *row)
{
    const cleat_column *assigned = entry->assigned;
    bool new_id = cleat_lacks_id(assigned, row);
    bool new_number = cleat_lacks_number(assigned, row);
    cleat_status rc = cleat_joined_check(session, entry->table, row, true);
    if (rc < 0)
        return rc;
    if (new_id)
        cleat_row_set_new_id(assigned, row);
    for (unsigned i = 0; rc == CLEAT_OK && i < entry->parts->count; i++) {
        rc = write_part(session, entry, i, CLEAT_SQL_INSERT, row);
        if (rc == CLEAT_OK && new_number && i == 0)
            cleat_take_number(session, assigned, row);
    }
    if (rc < 0 && new_id)
        ((char *)row)[assigned->offset] = '\0';
    if (rc < 0 && new_number)
        cleat_set_number(assigned, row, 0);
    return rc;
}

cleat_status
cleat_joined_insert(cleat_session *session, struct entry *entry, void *row)
{
    cleat_status rc = cleat_whole_begin(session, entry);
    return rc < 0 ? rc : cleat_whole_end(session, entry, cleat_joined_add_row(session, entry, row));
}

/* ---- changing ---- */

cleat_status
cleat_joined_update(cleat_session *session, struct entry *entry, void *row)
{
    cleat_status rc = cleat_joined_check(session, entry->table, row, false);
    if (rc == CLEAT_OK)
        rc = cleat_whole_begin(session, entry);
    if (rc < 0)
        return rc;
    cleat_row_set_update_times(entry->table, row);
    for (unsigned i = entry->parts->count; rc == CLEAT_OK && i > 0; i--)
        rc = write_part(session, entry, i - 1, CLEAT_SQL_UPDATE, row);
    return cleat_whole_end(session, entry, rc);
}

static bool
is_in(const struct patch *patch, size_t place)
{
    return (patch->bits[place / 8] >> place % 8 & 1) != 0;
}

/* The columns of a set that a part has; returns whether there are any. */
static bool
take_columns(const cleat_table *table, const struct patch *patch, const cleat_table *part,
             struct patch *ret_patch)
{
    bool any = false;
    cleat_patch_begin(part, ret_patch);
    for (size_t place = 0; place < table->column_count; place++) {
        const cleat_column *column = NULL;
        if (is_in(patch, place))
            column = cleat_table_column_at(part, table->columns[place].offset);
        if (column == NULL)
            continue;
        cleat_patch_add(ret_patch, (size_t)(column - part->columns));
        any = true;
    }
    return any;
}

/* The last part says whether there is such a row, also when nothing in it changes. */
static cleat_status
patch_part(cleat_session *session, const struct entry *entry, unsigned place,
           const struct patch *patch, void *row)
{
    struct entry *part;
    struct patch own;
    cleat_status rc = cleat_joined_part(session, entry, place, &part);
    if (rc < 0)
        return rc;
    if (take_columns(entry->table, patch, part->table, &own) || part->update_now)
        return cleat_patch_run(session, part, &own, row);
    return place + 1 < entry->parts->count
               ? CLEAT_OK
               : reach_part(session, entry, place, CLEAT_SQL_EXISTS, row);
}

/* What the set leaves out may be anything. */
static cleat_status
check_patch(cleat_session *session, const cleat_table *table, const struct patch *patch,
            const void *row)
{
    for (size_t place = 0; place < table->column_count; place++) {
        const cleat_column *column = &table->columns[place];
        if (is_in(patch, place) && is_constant(table, column) &&
            !cleat_row_has_constant(table, row, column->offset, false))
            return refuse(session, table, column);
    }
    return CLEAT_OK;
}

cleat_status
cleat_joined_patch(cleat_session *session, struct entry *entry, const struct patch *patch,
                   void *row)
{
    cleat_status rc = check_patch(session, entry->table, patch, row);
    if (rc == CLEAT_OK)
        rc = cleat_whole_begin(session, entry);
    if (rc < 0)
        return rc;
    for (unsigned i = entry->parts->count; rc == CLEAT_OK && i > 0; i--)
        rc = patch_part(session, entry, i - 1, patch, row);
    return cleat_whole_end(session, entry, rc);
}

/* ---- adding or changing ---- */

/* Finds the stored row that has the key of this one: CLEAT_ROW with a statement at its keys and at
 * what differs, or CLEAT_NOT_FOUND. */
static cleat_status
look_up(cleat_session *session, struct entry *entry, unsigned key, const void *row,
        struct statement **ret_statement)
{
    cleat_status rc = cleat_statement_find(session, entry, CLEAT_SQL_COMPARE, key, ret_statement);
    if (rc == CLEAT_OK)
        rc = cleat_row_bind_needed(session, entry, (*ret_statement)->handle, row);
    return rc == CLEAT_OK ? cleat_call_step(session, *ret_statement) : rc;
}

/* Reads the columns of a key, which a statement has from a place on. Lends texts. */
static cleat_status
read_key(cleat_session *session, const struct entry *entry, unsigned key,
         const struct statement *statement, int place, char *row)
{
    struct column *const *columns = entry->key_columns + entry->key_starts[key];
    cleat_status rc = CLEAT_OK;
    for (int i = 0; rc == CLEAT_OK && i < entry->table->keys[key].count; i++)
        rc = cleat_column_read(session, entry, columns[i], statement->handle, place + i, row);
    return rc;
}

/* Writes the parts that differ, and the times of the others when any does. */
static cleat_status
update_changed(cleat_session *session, const struct entry *entry, const struct statement *statement,
               int first, const void *row)
{
    cleat_status rc = CLEAT_OK;
    bool changed = false;
    for (unsigned i = 0; i < entry->parts->count; i++)
        changed = changed || sqlite3_column_int(statement->handle, first + (int)i) != 0;
    if (!changed)
        return CLEAT_UNCHANGED;
    for (unsigned i = entry->parts->count; rc == CLEAT_OK && i > 0; i--) {
        struct entry *part;
        rc = cleat_joined_part(session, entry, i - 1, &part);
        if (rc == CLEAT_OK &&
            (part->update_now || sqlite3_column_int(statement->handle, first + (int)i - 1) != 0))
            rc = write_part(session, entry, i - 1, CLEAT_SQL_UPDATE, row);
    }
    return rc == CLEAT_OK ? CLEAT_UPDATED : rc;
}

static void
copy_member(const cleat_column *column, char *row, const char *from)
{
    size_t size = column->kind == CLEAT_KIND_DATETIME ? 25
                  : column->kind == CLEAT_KIND_ULID   ? 27
                  : column->kind == CLEAT_KIND_UUID   ? 37
                                                      : sizeof(int64_t);
    memcpy(row + column->offset, from + column->offset, size);
    if (cleat_column_has(column))
        row[column->has_offset] = from[column->has_offset];
}

void
cleat_joined_learn(const struct entry *entry, cleat_status outcome, char *row, const char *from)
{
    const cleat_table *table = entry->table;
    if (entry->assigned != NULL)
        copy_member(entry->assigned, row, from);
    for (unsigned i = 0; outcome == CLEAT_UPDATED && i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_UPDATE_NOW)
            copy_member(&table->columns[i], row, from);
}

/* The stored row keeps its keys. */
static cleat_status
update_found(cleat_session *session, const struct entry *entry, unsigned key,
             const struct statement *statement, char *row)
{
    int first = entry->table->keys[0].count;
    cleat_status rc = read_key(session, entry, 0, statement, 0, row);
    if (rc == CLEAT_OK && key > 0) {
        rc = read_key(session, entry, key, statement, first, row);
        first += entry->table->keys[key].count;
    }
    if (rc == CLEAT_OK)
        rc = update_changed(session, entry, statement, first, row);
    return rc;
}

/* The row itself changes only when all is written. */
cleat_status
cleat_joined_upsert_row(cleat_session *session, struct entry *entry, unsigned key, void *row)
{
    struct statement *statement;
    char *copy = session->connection->scratch;
    cleat_status rc = look_up(session, entry, key, row, &statement);
    if (rc < 0)
        return rc;
    memcpy(copy, row, entry->table->row_size);
    cleat_row_set_update_times(entry->table, copy);
    if (rc == CLEAT_NOT_FOUND) {
        rc = cleat_joined_add_row(session, entry, copy);
        if (rc < 0)
            return rc;
        cleat_row_assign(entry->table, row, copy);
        return CLEAT_CREATED;
    }
    rc = update_found(session, entry, key, statement, copy);
    cleat_statement_release(session, statement);
    if (rc >= 0)
        cleat_joined_learn(entry, rc, row, copy);
    return rc;
}

/* Upserts one row; a key that no insert assigns is read again. */
static cleat_status
upsert_one(cleat_session *session, struct entry *entry, unsigned key, void *row)
{
    cleat_status outcome = cleat_joined_upsert_row(session, entry, key, row);
    cleat_status rc = CLEAT_OK;
    if (key > 0 && entry->assigned == NULL &&
        (outcome == CLEAT_UPDATED || outcome == CLEAT_UNCHANGED))
        rc = cleat_many_take_keys(session, entry, key, row, 1, NULL);
    if (rc == CLEAT_OK)
        rc = outcome;
    return rc;
}

cleat_status
cleat_joined_upsert(cleat_session *session, struct entry *entry, unsigned key, void *row)
{
    cleat_status rc = cleat_joined_check(session, entry->table, row, false);
    if (rc == CLEAT_OK)
        rc = cleat_whole_begin(session, entry);
    return rc < 0 ? rc : cleat_whole_end(session, entry, upsert_one(session, entry, key, row));
}

/* Finds the stored row that has the key of this one: CLEAT_FOUND with its primary key in a copy of
 * the row, or CLEAT_NOT_FOUND. As in one table the row must be one that could be added, were the
 * other not there: each part is ensured by the key that it has. */
static cleat_status
find_sound(cleat_session *session, struct entry *entry, unsigned key, const void *row, char *copy)
{
    struct statement *statement;
    cleat_status rc = cleat_statement_find(session, entry, CLEAT_SQL_KEY, key, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_key_bind_row(session, entry, key, statement->handle, row);
    if (rc == CLEAT_OK)
        rc = cleat_call_step(session, statement);
    if (rc != CLEAT_ROW)
        return rc;
    memcpy(copy, row, entry->table->row_size);
    rc = read_key(session, entry, 0, statement, 0, copy);
    for (unsigned i = 0; rc == CLEAT_OK && i < entry->parts->count; i++)
        rc = write_part(session, entry, i, CLEAT_SQL_ENSURE, copy);
    cleat_statement_release(session, statement);
    return rc == CLEAT_OK ? CLEAT_FOUND : rc;
}

/* CLEAT_CREATED, or CLEAT_FOUND with the key in the copy. */
static cleat_status
ensure_one(cleat_session *session, struct entry *entry, unsigned key, void *row, char *copy)
{
    cleat_status rc = find_sound(session, entry, key, row, copy);
    if (rc != CLEAT_NOT_FOUND)
        return rc;
    rc = cleat_joined_add_row(session, entry, row);
    return rc == CLEAT_OK ? CLEAT_CREATED : rc;
}

cleat_status
cleat_joined_ensure(cleat_session *session, struct entry *entry, unsigned key, void *row)
{
    cleat_status rc = cleat_joined_check(session, entry->table, row, false);
    if (rc == CLEAT_OK)
        rc = cleat_whole_begin(session, entry);
    if (rc < 0)
        return rc;
    rc = ensure_one(session, entry, key, row, session->connection->scratch);
    rc = cleat_whole_end(session, entry, rc);
    return rc == CLEAT_FOUND ? cleat_call_get_found(session, entry, key, row) : rc;
}

cleat_status
cleat_joined_ensure_row(cleat_session *session, struct entry *entry, unsigned key, void *row)
{
    char *copy = session->connection->scratch;
    cleat_status rc = ensure_one(session, entry, key, row, copy);
    if (rc == CLEAT_FOUND)
        cleat_joined_learn(entry, rc, row, copy);
    return rc;
}

/* ---- finding and removing ---- */

cleat_status
cleat_joined_touch(cleat_session *session, struct entry *entry, void *row)
{
    struct patch none;
    cleat_patch_begin(entry->table, &none);
    return cleat_patch_run(session, entry, &none, row);
}

cleat_status
cleat_joined_find(cleat_session *session, struct entry *entry, unsigned key,
                  const cleat_value *values, struct statement **ret_statement)
{
    struct statement *statement;
    char *row = session->connection->scratch;
    cleat_status rc = cleat_call_check_key(session, entry->table);
    if (rc == CLEAT_OK)
        rc = cleat_statement_find(session, entry, CLEAT_SQL_KEY, key, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_key_bind(session, entry, key, statement->handle, values);
    if (rc == CLEAT_OK)
        rc = cleat_call_step(session, statement);
    if (rc != CLEAT_ROW)
        return rc;
    rc = read_key(session, entry, 0, statement, 0, row);
    if (rc == CLEAT_OK)
        *ret_statement = statement;
    else
        cleat_statement_release(session, statement);
    return rc;
}

static cleat_status
delete_parts(cleat_session *session, const struct entry *entry, const void *row)
{
    cleat_status rc = CLEAT_OK;
    for (unsigned i = entry->parts->count; rc == CLEAT_OK && i > 0; i--)
        rc = reach_part(session, entry, i - 1, CLEAT_SQL_DELETE, row);
    return rc;
}

cleat_status
cleat_joined_delete(cleat_session *session, struct entry *entry, unsigned key,
                    const cleat_value *values)
{
    struct statement *statement;
    cleat_status rc = cleat_joined_find(session, entry, key, values, &statement);
    if (rc != CLEAT_OK)
        return rc;
    rc = cleat_whole_begin(session, entry);
    if (rc == CLEAT_OK)
        rc = cleat_whole_end(session, entry,
                             delete_parts(session, entry, session->connection->scratch));
    cleat_statement_release(session, statement);
    return rc;
}
