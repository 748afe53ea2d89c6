/* patch.c: updates of some columns of a row, by primary key. The statement of each set of columns
 * is kept as a variant of the table's entry, so that a program which always patches the same
 * columns prepares once. Columns that an update sets to the time are always in the set. */
#include "call.h"

/* A set of columns as the signature of its statement: after the first byte the bits, the first
 * column's the lowest. */
struct set {
    unsigned char kind;
    unsigned char bits[(UINT16_MAX + 1) / 8];
};

static size_t
set_size(const cleat_table *table)
{
    return offsetof(struct set, bits) + ((size_t)table->column_count + 7) / 8;
}

static void
add_column(struct set *set, size_t place)
{
    set->bits[place / 8] = (unsigned char)(set->bits[place / 8] | 1u << place % 8);
}

static cleat_status
check_column(cleat_session *session, const cleat_table *table, size_t place)
{
    if (place >= table->column_count)
        return cleat_session_fail(session, CLEAT_MISUSE, "%s.%s has no column at place %zu",
                                  table->database, table->name, place);
    const cleat_column *column = &table->columns[place];
    if (column->flags & (CLEAT_KEY | CLEAT_GENERATED))
        return cleat_session_fail_column(session, CLEAT_MISUSE, table, column->name,
                                         "a patch cannot change it");
    return CLEAT_OK;
}

static void
set_update_times(const cleat_table *table, struct set *set, void *row)
{
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].flags & CLEAT_UPDATE_NOW) {
            cleat_row_set_now(&table->columns[i], row);
            add_column(set, i);
        }
}

/* Runs the patch of a sound set. */
static cleat_status
patch(cleat_session *session, struct entry *entry, struct set *set, void *row)
{
    const cleat_table *table = entry->table;
    cleat_status rc = CLEAT_OK;
    if (entry->update_now)
        set_update_times(table, set, row);
    size_t size = set_size(table);
    struct statement *statement = cleat_variant_find(session, entry, set, size);
    if (CLEAT_UNLIKELY(statement == NULL))
        rc = cleat_variant_add(session, entry, set, size, cleat_sql_patch(table, set->bits),
                               &statement);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_row_bind_some(session, entry, statement->handle, row, set->bits);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    cleat_bind_zero(entry, statement->handle, row);
    rc = cleat_call_run(session, statement);
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
    struct set set;
    cleat_status rc = begin(session, table, row, &entry);
    if (rc < 0)
        return rc;
    memset(&set, 0, set_size(table));
    set.kind = VARIANT_PATCH;
    for (size_t place = 0; columns != 0 && rc == CLEAT_OK; place++, columns >>= 1)
        if (columns & 1) {
            rc = check_column(session, table, place);
            if (rc == CLEAT_OK)
                add_column(&set, place);
        }
    return rc == CLEAT_OK ? patch(session, entry, &set, row) : rc;
}

cleat_status
cleat_row_patch_places(cleat_session *session, const cleat_table *table, void *row,
                       const uint16_t *places, size_t count)
{
    struct entry *entry;
    struct set set;
    cleat_status rc = begin(session, table, count > 0 && places == NULL ? NULL : row, &entry);
    if (rc < 0)
        return rc;
    memset(&set, 0, set_size(table));
    set.kind = VARIANT_PATCH;
    for (size_t i = 0; i < count && rc == CLEAT_OK; i++) {
        rc = check_column(session, table, places[i]);
        if (rc == CLEAT_OK)
            add_column(&set, places[i]);
    }
    return rc == CLEAT_OK ? patch(session, entry, &set, row) : rc;
}
