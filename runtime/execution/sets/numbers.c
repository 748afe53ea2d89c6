/* numbers.c: the keys of rows of an array that come without: numbers and ids, given under the lock
 * that a write session has. Numbers that the database would give as well are left out of what is
 * written, for then it need not look whether they are in use. */
#include "many.h"

#include <stdlib.h>

cleat_status
cleat_many_fail_memory(const struct many *many)
{
    return cleat_session_fail(many->session, CLEAT_NOMEM, "there is not enough memory");
}

/* ---- keys ---- */

bool
cleat_many_lacks_key(const struct many *many, size_t place)
{
    const void *row = cleat_many_row(many, place);
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

cleat_status
cleat_many_fail_full(const struct many *many)
{
    return cleat_session_fail_column(many->session, CLEAT_FULL, many->entry->table,
                                     many->entry->assigned->name,
                                     "no greater number is left to assign");
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
        size_t place = cleat_many_place(many, i);
        char *row = cleat_many_row(many, place);
        memcpy(&number, row + assigned->offset, sizeof number);
        if (number == 0 && last == INT64_MAX) {
            if (many->key == 0 || many->entry->autoincrement)
                return cleat_many_fail_full(many);
            many->full = true; /* which matters when the row is new */
            continue;
        }
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
        size_t place = cleat_many_place(many, i);
        if (!cleat_many_lacks_key(many, place))
            continue;
        mark(many, place);
        cleat_row_set_new_id(many->entry->assigned, cleat_many_row(many, place));
    }
}

cleat_status
cleat_many_assign_keys(struct many *many)
{
    const cleat_column *assigned = many->entry->assigned;
    size_t first = 0;
    while (first < many->count && !cleat_many_lacks_key(many, first))
        first++;
    if (first == many->count)
        return CLEAT_OK;
    many->assigned = calloc(many->count / 8 + 1, 1);
    if (many->assigned == NULL)
        return cleat_many_fail_memory(many);
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
        memcpy(&number, cleat_many_row(many, cleat_many_place(many, i)) + assigned->offset,
               sizeof number);
        first = i == 0 ? number : first;
        more = (uint64_t)number - (uint64_t)first == i;
    }
    return more;
}

/* Rows whose numbers are the next ones are inserted without them: the database gives the same, and
 * need not look whether they are in use. Not where triggers run, which may use some up. */
cleat_status
cleat_many_choose_append(struct many *many)
{
    struct statement *statement;
    int64_t first;
    if (!has_sequence(many))
        return CLEAT_OK;
    cleat_status rc = find_last(many);
    memcpy(&first, cleat_many_row(many, cleat_many_place(many, 0)) + many->entry->assigned->offset,
           sizeof first);
    if (rc < 0 || first <= 0 || first - 1 != many->last)
        return rc;
    rc = cleat_statement_find(many->session, many->entry, CLEAT_SQL_APPEND_MANY, 0, &statement);
    if (rc == CLEAT_OK && !statement->fires)
        many->all = CLEAT_SQL_APPEND_MANY;
    return rc;
}

/* Rows that are looked for by another key are written without their numbers too when none has one:
 * then the database gives numbers to those that are new. With AUTOINCREMENT it would use up a
 * number for each of the others, and where triggers run it reads all rows before it writes. */
cleat_status
cleat_many_choose_takes(struct many *many)
{
    struct statement *statement;
    const cleat_column *assigned = many->entry->assigned;
    enum operation append = many->one == CLEAT_SQL_UPSERT ? CLEAT_SQL_UPSERT_APPEND
                                                          : CLEAT_SQL_ENSURE_APPEND;
    bool lacks = many->key > 0 && assigned != NULL && assigned->kind == CLEAT_KIND_INTEGER &&
                 !many->entry->autoincrement;
    for (size_t i = 0; lacks && i < many->count; i++)
        lacks = cleat_lacks_number(assigned, cleat_many_row(many, i));
    if (!lacks)
        return CLEAT_OK;
    cleat_status rc = cleat_statement_find(many->session, many->entry, append, many->key,
                                           &statement);
    if (rc == CLEAT_OK && !statement->fires) {
        many->all = append;
        many->append = statement;
    }
    return rc;
}

/* Before the first number that the database gives: no row has one, and none gets this one. */
void
cleat_many_begin_taking(struct many *many)
{
    const cleat_column *assigned = many->entry->assigned;
    size_t size = many->entry->table->row_size;
    many->given = (struct given){many->session->connection->handle, many->rows + assigned->offset,
                                 size, INT64_MIN, 0};
    sqlite3_set_last_insert_rowid(many->given.handle, many->given.last);
    many->entry->feeder.given = &many->given;
}

void
cleat_many_forget_taken(const struct many *many)
{
    for (size_t i = 0; many->append != NULL && i < many->count; i++)
        cleat_set_number(many->entry->assigned, cleat_many_row(many, i), 0);
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
