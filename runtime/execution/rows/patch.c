/* patch.c: updates of some columns of a row, by primary key. The statement of each set of columns
 * is kept as a variant of the table's entry, so that a program which always patches the same
 * columns prepares once. Columns that an update sets to the time are always in the set. */
#include "call.h"
#include "joined.h"

static size_t
set_size(const cleat_table *table)
{
    return offsetof(struct patch, bits) + ((size_t)table->column_count + 7) / 8;
}

void
cleat_patch_begin(const cleat_table *table, struct patch *patch)
{
    memset(patch, 0, set_size(table));
    patch->kind = VARIANT_PATCH;
}

void
cleat_patch_add(struct patch *patch, size_t place)
{
    patch->bits[place / 8] = (unsigned char)(patch->bits[place / 8] | 1u << place % 8);
}

static cleat_status
check_column(cleat_session *session, const cleat_table *table, size_t place)
{
    if (place >= table->column_count)
        return cleat_session_fail_table(session, CLEAT_MISUSE, table,
                                        "the set of columns has one that is not the table's");
    const cleat_column *column = &table->columns[place];
    if (column->flags & (CLEAT_KEY | CLEAT_GENERATED))
        return cleat_session_fail_column(session, CLEAT_MISUSE, table, column->name,
                                         "a patch cannot change it");
    return CLEAT_OK;
}

static void
set_update_times(const cleat_table *table, struct patch *patch, void *row)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_UPDATE_NOW) {
            cleat_row_set_now(&table->columns[i], row);
            cleat_patch_add(patch, i);
        }
}

cleat_status
cleat_patch_run(cleat_session *session, struct entry *entry, struct patch *patch, void *row)
{
    const cleat_table *table = entry->table;
    cleat_status rc = CLEAT_OK;
    if (CLEAT_UNLIKELY(entry->parts != NULL))
        return cleat_joined_patch(session, entry, patch, row);
    if (entry->update_now)
        set_update_times(table, patch, row);
    size_t size = set_size(table);
    struct statement *statement = cleat_variant_find(session, entry, patch, size);
    if (CLEAT_UNLIKELY(statement == NULL))
        rc = cleat_variant_add(session, entry, patch, size, cleat_sql_patch(table, patch->bits),
                               &statement);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_row_bind_some(session, entry, statement->handle, row, patch->bits);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    cleat_bind_zero(entry, statement->handle, row);
    rc = cleat_call_run(session, statement);
    if (rc == CLEAT_FOREIGN_KEY)
        cleat_reference_explain(session, entry, row, patch->bits);
    if (rc == CLEAT_OK && sqlite3_changes(session->connection->handle) == 0)
        return CLEAT_NOT_FOUND;
    return rc;
}

static cleat_status
begin(cleat_session *session, const cleat_table *table, const void *argument,
      struct entry **ret_entry)
{
    cleat_status rc = cleat_call_begin_write(session, table, 0, argument, ret_entry);
    return rc == CLEAT_OK ? cleat_call_check_key(session, table) : rc;
}

cleat_status
cleat_row_patch(cleat_session *session, const cleat_table *table, void *row, uint64_t columns)
{
    struct entry *entry;
    struct patch patch;
    cleat_status rc = begin(session, table, row, &entry);
    if (rc < 0)
        return rc;
    cleat_patch_begin(table, &patch);
    for (size_t place = 0; columns != 0 && rc == CLEAT_OK; place++, columns >>= 1)
        if (columns & 1) {
            rc = check_column(session, table, place);
            if (rc == CLEAT_OK)
                cleat_patch_add(&patch, place);
        }
    return rc == CLEAT_OK ? cleat_patch_run(session, entry, &patch, row) : rc;
}

cleat_status
cleat_row_patch_places(cleat_session *session, const cleat_table *table, void *row,
                       const uint16_t *places, size_t count)
{
    struct entry *entry;
    struct patch patch;
    cleat_status rc = begin(session, table, count > 0 && places == NULL ? NULL : row, &entry);
    if (rc < 0)
        return rc;
    cleat_patch_begin(table, &patch);
    for (size_t i = 0; i < count && rc == CLEAT_OK; i++) {
        rc = check_column(session, table, places[i]);
        if (rc == CLEAT_OK)
            cleat_patch_add(&patch, places[i]);
    }
    return rc == CLEAT_OK ? cleat_patch_run(session, entry, &patch, row) : rc;
}
