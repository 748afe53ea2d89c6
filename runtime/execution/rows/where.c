/* where.c: the rows that equal a row in some of its columns, which is a query by example: listed,
 * collected, counted or deleted. The SQL depends on the set of columns and on which of them are
 * NULL, so each form is a variant of the table's entry. */
#include "joined.h"
#include "sets/sets.h"

#define MOST_COLUMNS (UINT16_MAX + 1)

/* The form of a statement, as its signature: after two bytes the bits of the columns, the first
 * one's the lowest, then the same of those that are NULL. */
struct form {
    unsigned char kind;
    unsigned char operation;
    unsigned char bits[2 * MOST_COLUMNS / 8];
};

static size_t
set_size(const cleat_table *table)
{
    return ((size_t)table->column_count + 7) / 8;
}

static size_t
form_size(const cleat_table *table)
{
    return offsetof(struct form, bits) + 2 * set_size(table);
}

static void
add_bit(unsigned char *bits, size_t place)
{
    bits[place / 8] = (unsigned char)(bits[place / 8] | 1u << place % 8);
}

static bool
has_bit(const unsigned char *bits, size_t place)
{
    return (bits[place / 8] >> place % 8 & 1) != 0;
}

/* ---- the statement ---- */

static cleat_status
add_column(cleat_session *session, const struct entry *entry, struct form *form, const void *row,
           size_t place)
{
    const cleat_table *table = entry->table;
    if (place >= table->column_count)
        return cleat_session_fail_table(session, CLEAT_MISUSE, table,
                                        "the set of columns has one that is not the table's");
    add_bit(form->bits, place);
    if (cleat_column_is_null(&entry->columns[place], row))
        add_bit(form->bits + set_size(table), place);
    return CLEAT_OK;
}

static cleat_status
make_form(cleat_session *session, const struct entry *entry, enum operation operation,
          const void *row, cleat_columns columns, struct form *form)
{
    cleat_status rc = CLEAT_OK;
    memset(form, 0, form_size(entry->table));
    form->kind = VARIANT_WHERE;
    form->operation = (unsigned char)operation;
    for (size_t place = 0; columns.bits != 0 && rc == CLEAT_OK; place++, columns.bits >>= 1)
        if (columns.bits & 1)
            rc = add_column(session, entry, form, row, place);
    for (size_t i = 0; i < columns.count && rc == CLEAT_OK; i++)
        rc = add_column(session, entry, form, row, columns.places[i]);
    return rc;
}

static cleat_status
bind(cleat_session *session, const struct entry *entry, const struct form *form,
     sqlite3_stmt *handle, const void *row)
{
    const unsigned char *nulls = form->bits + set_size(entry->table);
    cleat_status rc = CLEAT_OK;
    int parameter = 0;
    for (unsigned i = 0; i < entry->table->column_count && rc == CLEAT_OK; i++)
        if (has_bit(form->bits, i) && !has_bit(nulls, i))
            rc = cleat_column_bind_copy(session, entry, &entry->columns[i], handle, ++parameter,
                                        row);
    return rc;
}

/* A statement that is bound. */
static cleat_status
find(cleat_session *session, struct entry *entry, enum operation operation, const void *row,
     cleat_columns columns, struct statement **ret_statement)
{
    struct form form;
    struct statement *statement = NULL;
    const cleat_table *table = entry->table;
    cleat_status rc = make_form(session, entry, operation, row, columns, &form);
    if (rc < 0)
        return rc;
    size_t size = form_size(table);
    statement = cleat_variant_find(session, entry, &form, size);
    if (statement == NULL)
        rc = cleat_variant_add(
            session, entry, &form, size,
            cleat_sql_where(table, operation, form.bits, form.bits + set_size(table)), &statement);
    if (rc == CLEAT_OK)
        rc = bind(session, entry, &form, statement->handle, row);
    if (rc == CLEAT_OK)
        *ret_statement = statement;
    return rc;
}

/* ---- calls ---- */

static const void *
argument(const void *row, cleat_columns columns, const void *result)
{
    return columns.count > 0 && columns.places == NULL ? NULL : row == NULL ? NULL : result;
}

cleat_status
cleat_row_list_where(cleat_session *session, const cleat_table *table, const void *row,
                     cleat_columns columns, cleat_cursor *ret_cursor)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = cleat_call_begin(session, table, 0, argument(row, columns, ret_cursor),
                                       &entry);
    if (rc == CLEAT_OK)
        rc = find(session, entry, CLEAT_SQL_LIST, row, columns, &statement);
    if (rc == CLEAT_OK)
        cleat_cursor_hold(ret_cursor, session, table, statement);
    return rc;
}

cleat_status
cleat_row_collect_where(cleat_session *session, const cleat_table *table, const void *row,
                        cleat_columns columns, void *ret_rows)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = cleat_call_begin(session, table, 0, argument(row, columns, ret_rows), &entry);
    if (rc == CLEAT_OK)
        rc = find(session, entry, CLEAT_SQL_LIST, row, columns, &statement);
    /* cppcheck-suppress uninitvar ; it was written when rc is CLEAT_OK */
    return rc < 0 ? rc : cleat_collect_run(session, statement, ret_rows);
}

cleat_status
cleat_row_count_where(cleat_session *session, const cleat_table *table, const void *row,
                      cleat_columns columns, int64_t *ret_count)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = cleat_call_begin(session, table, 0, argument(row, columns, ret_count),
                                       &entry);
    if (rc == CLEAT_OK)
        rc = find(session, entry, CLEAT_SQL_COUNT, row, columns, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_call_step(session, statement);
    if (rc != CLEAT_ROW)
        return rc;
    *ret_count = sqlite3_column_int64(statement->handle, 0);
    cleat_statement_release(session, statement);
    return CLEAT_OK;
}

/* Rows that lie in several tables are found first, by their keys. */
static cleat_status
delete_joined(cleat_session *session, struct entry *entry, const void *row, cleat_columns columns,
              int64_t *ret_count)
{
    struct statement *statement;
    cleat_status rc = find(session, entry, CLEAT_SQL_KEY, row, columns, &statement);
    return rc < 0 ? rc : cleat_joined_delete_found(session, entry, statement, ret_count);
}

cleat_status
cleat_row_delete_where(cleat_session *session, const cleat_table *table, const void *row,
                       cleat_columns columns, int64_t *ret_count)
{
    struct entry *entry;
    struct statement *statement;
    cleat_status rc = cleat_call_begin_write(session, table, 0, argument(row, columns, ret_count),
                                             &entry);
    if (rc == CLEAT_OK && columns.bits == 0 && columns.count == 0)
        rc = cleat_session_fail_table(session, CLEAT_MISUSE, table,
                                      "no column says what to delete");
    if (rc == CLEAT_OK && entry->parts != NULL)
        return delete_joined(session, entry, row, columns, ret_count);
    if (rc == CLEAT_OK)
        rc = find(session, entry, CLEAT_SQL_DELETE, row, columns, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_call_run(session, statement);
    if (rc == CLEAT_OK)
        *ret_count = sqlite3_changes64(session->connection->handle);
    return rc;
}
