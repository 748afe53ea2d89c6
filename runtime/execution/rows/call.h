/* call.h: how every call on the rows of a table begins, and how a statement without rows is run.
 * Inline, because single-row calls are compared with code that was written by hand. */
#ifndef CLEAT_CALL_H
#define CLEAT_CALL_H

#include "rows.h"

/* Enters the session and finds the entry of a table that the call may use. */
static inline cleat_status
cleat_call_begin(cleat_session *session, const cleat_table *table, unsigned key,
                 const void *argument, struct entry **ret_entry)
{
    cleat_status rc = cleat_session_enter(session);
    if (CLEAT_UNLIKELY(rc < 0))
        return rc;
    if (CLEAT_UNLIKELY(table == NULL))
        return cleat_session_fail(session, CLEAT_MISUSE, "a call without a table");
    if (CLEAT_UNLIKELY(argument == NULL))
        return cleat_session_fail_table(session, CLEAT_MISUSE, table,
                                        "a call without a row, key or place for its result");
    if (CLEAT_UNLIKELY(key > 0 && key >= table->key_count))
        return cleat_session_fail_table(session, CLEAT_MISUSE, table, "there is no such key");
    return cleat_entry_find(session, table, ret_entry);
}

/* Also refuses writes where there must be none. */
static inline cleat_status
cleat_call_begin_write(cleat_session *session, const cleat_table *table, unsigned key,
                       const void *argument, struct entry **ret_entry)
{
    cleat_status rc = cleat_call_begin(session, table, key, argument, ret_entry);
    if (CLEAT_UNLIKELY(rc >= 0 && session->mode != CLEAT_WRITE))
        return cleat_session_fail_readonly(session, table);
    return rc;
}

/* Refuses tables without a primary key. */
static inline cleat_status
cleat_call_check_key(cleat_session *session, const cleat_table *table)
{
    if (CLEAT_LIKELY(table->key_count > 0))
        return CLEAT_OK;
    return cleat_session_fail_table(session, CLEAT_MISUSE, table, "there is no primary key");
}

/* Runs a statement that returns no row. */
static inline cleat_status
cleat_call_run(cleat_session *session, struct statement *statement)
{
    const cleat_table *table = statement->entry->table;
    int code = cleat_step(session, statement);
    cleat_status rc = CLEAT_OK;
    if (CLEAT_UNLIKELY(code != SQLITE_DONE))
        rc = cleat_session_fail_sqlite(session, code, table->database, table,
                                       sqlite3_sql(statement->handle));
    cleat_statement_release(session, statement);
    return rc;
}

/* whole.c: between these all that is written happens, or, when `rc` of the end is no success,
 * nothing; it is returned. They nest. An undo takes everything back and leaves the next try; where
 * it fails, the unit is broken: nothing of it may be committed. */
cleat_status cleat_whole_begin(cleat_session *session, const struct entry *entry);
cleat_status cleat_whole_end(cleat_session *session, const struct entry *entry, cleat_status rc);
cleat_status cleat_whole_undo(cleat_session *session, const struct entry *entry);

/* reference.c: names in the session's error the reference of a refused row that leads nowhere.
 * `set` is a patch's, NULL for all columns. */
void cleat_reference_explain(cleat_session *session, const struct entry *entry, const void *row,
                             const unsigned char *set);

/* Writes a whole row by one of the statements that bind all columns. */
static inline cleat_status
cleat_call_write(cleat_session *session, struct entry *entry, enum operation operation,
                 unsigned key, const void *row)
{
    struct statement *statement;
    cleat_status rc = cleat_statement_find(session, entry, operation, key, &statement);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_row_bind(session, entry, statement->handle, row);
    if (CLEAT_LIKELY(rc == CLEAT_OK))
        rc = cleat_call_run(session, statement);
    if (CLEAT_UNLIKELY(rc == CLEAT_FOREIGN_KEY))
        cleat_reference_explain(session, entry, row, NULL);
    return rc;
}

/* Binds a key and steps to the row: CLEAT_ROW, CLEAT_NOT_FOUND, or a failure. After CLEAT_ROW the
 * caller releases the statement. */
static inline cleat_status
cleat_call_step(cleat_session *session, struct statement *statement)
{
    const cleat_table *table = statement->entry->table;
    int code = cleat_step(session, statement);
    if (CLEAT_LIKELY(code == SQLITE_ROW))
        return CLEAT_ROW;
    cleat_status rc = CLEAT_NOT_FOUND;
    if (code != SQLITE_DONE)
        rc = cleat_session_fail_sqlite(session, code, table->database, table,
                                       sqlite3_sql(statement->handle));
    cleat_statement_release(session, statement);
    return rc;
}

/* Whether an assigned key is a text that is still empty. */
static inline bool
cleat_lacks_id(const cleat_column *assigned, const void *row)
{
    return assigned != NULL && assigned->kind != CLEAT_KIND_INTEGER &&
           ((const char *)row)[assigned->offset] == '\0';
}

/* Whether it is a number that the database gives. */
static inline bool
cleat_lacks_number(const cleat_column *assigned, const void *row)
{
    int64_t number = 1;
    if (assigned != NULL && assigned->kind == CLEAT_KIND_INTEGER)
        memcpy(&number, (const char *)row + assigned->offset, sizeof number);
    return number == 0;
}

/* Binds a key that is 0 as itself: where a row is looked for, 0 is a number as any. Binding a whole
 * row has made it NULL, which an insert replaces. */
static inline void
cleat_bind_zero(const struct entry *entry, sqlite3_stmt *handle, const void *row)
{
    const cleat_column *assigned = entry->assigned;
    if (CLEAT_UNLIKELY(cleat_lacks_number(assigned, row)))
        sqlite3_bind_int64(handle, entry->columns[assigned - entry->table->columns].parameter, 0);
}

static inline void
cleat_set_number(const cleat_column *assigned, void *row, int64_t number)
{
    memcpy((char *)row + assigned->offset, &number, sizeof number);
}

static inline void
cleat_take_number(const cleat_session *session, const cleat_column *assigned, void *row)
{
    cleat_set_number(assigned, row, sqlite3_last_insert_rowid(session->connection->handle));
}

/* Copies the row that a statement is at; its texts and blobs go into the block that ret_row owns.
 * Releases the statement. */
cleat_status cleat_call_copy(cleat_session *session, struct statement *statement, void *ret_row);

/* Copies the row that has the key of this one: CLEAT_FOUND, CLEAT_NOT_FOUND, or a failure. */
cleat_status cleat_call_get_found(cleat_session *session, struct entry *entry, unsigned key,
                                  void *row);

/* A set of columns, as the signature of the statement that patches them: after the first byte the
 * bits, the first column's the lowest. */
struct patch {
    unsigned char kind;
    unsigned char bits[(UINT16_MAX + 1) / 8];
};

void cleat_patch_begin(const cleat_table *table, struct patch *patch);
void cleat_patch_add(struct patch *patch, size_t place);

/* Writes the columns of a sound set, and those that an update sets to the time. */
cleat_status cleat_patch_run(cleat_session *session, struct entry *entry, struct patch *patch,
                             void *row);

#endif
