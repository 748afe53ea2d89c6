/* rows.h: from the members of a row to parameters, from columns to members, and cursors. */
#ifndef CLEAT_ROWS_H
#define CLEAT_ROWS_H

#include "connection/statement.h"

/* ---- room for the texts and blobs of many rows ---- */

/* Blocks, which belong to the program in the end. All zeros is empty. */
struct room {
    struct block *blocks; /* the first is the one that is being filled */
    char *next;
    size_t left;
};

char *cleat_room_grow(struct room *room, size_t size);
void cleat_blocks_free(struct block *blocks);

/* Takes some bytes, one at least; NULL when there is not enough memory. */
static inline char *
cleat_room_take(struct room *room, size_t size)
{
    char *bytes = room->next;
    if (CLEAT_UNLIKELY(room->left < size))
        return cleat_room_grow(room, size);
    room->next += size;
    room->left -= size;
    return bytes;
}

/* ---- binding and reading ---- */

/* Binds every written column. On failure the session has the error. */
cleat_status cleat_row_bind(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
                            const void *row);

/* The same for a statement that needs not all of them. */
cleat_status cleat_row_bind_needed(cleat_session *session, const struct entry *entry,
                                   sqlite3_stmt *handle, const void *row);

/* Binds the columns whose bits are set, and those of the primary key. */
cleat_status cleat_row_bind_some(cleat_session *session, const struct entry *entry,
                                 sqlite3_stmt *handle, const void *row, const unsigned char *bits);

/* Binds one column of a row and lets SQLite keep a copy. */
cleat_status cleat_column_bind_copy(cleat_session *session, const struct entry *entry,
                                    const struct column *column, sqlite3_stmt *handle,
                                    int parameter, const void *row);

/* Whether a row has NULL in a column. */
bool cleat_column_is_null(const struct column *column, const void *row);

/* Says why a value of a column could not be bound. */
cleat_status cleat_bind_fail(cleat_session *session, const struct entry *entry,
                             const struct column *column, int rc);

/* Binds the columns of a key, from the values of a call or from a row. */
cleat_status cleat_key_bind(cleat_session *session, const struct entry *entry, unsigned key,
                            sqlite3_stmt *handle, const cleat_value *values);
cleat_status cleat_key_bind_row(cleat_session *session, const struct entry *entry, unsigned key,
                                sqlite3_stmt *handle, const void *row);

/* The same for a statement that outlives the call. */
cleat_status cleat_key_bind_copies(cleat_session *session, const struct entry *entry, unsigned key,
                                   sqlite3_stmt *handle, const cleat_value *values);

/* Reads a row that lends its texts and blobs; `lengths` gets their sizes. */
cleat_status cleat_row_read(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
                            char *ret_row, size_t *lengths);

/* The same with copies of its texts and blobs, from a result or from the arguments of a function,
 * one for each column. */
cleat_status cleat_row_copy(cleat_session *session, const struct entry *entry, sqlite3_stmt *handle,
                            char *ret_row, struct room *room);
cleat_status cleat_row_copy_values(cleat_session *session, const struct entry *entry,
                                   sqlite3_value **values, char *ret_row, struct room *room);

/* Reads one column of a result into its member. */
cleat_status cleat_column_read(cleat_session *session, const struct entry *entry,
                               const struct column *column, sqlite3_stmt *handle, int place,
                               char *row);

/* Copies texts and blobs into the block of *owned, which grows when it must, and lets the row
 * point there. */
cleat_status cleat_row_keep(const struct entry *entry, char *row, const size_t *lengths,
                            void **owned);

/* Copies what a row points to into a block of its own, so that its key can be a new text. */
cleat_status cleat_row_own(cleat_session *session, const struct entry *entry, char *row);

/* Copies all of a row but the pointer to what it owns, its last member. */
static inline void
cleat_row_assign(const cleat_table *table, char *ret_row, const char *row)
{
    memcpy(ret_row, row, table->owned_offset);
}

/* ---- cursors ---- */

/* A cursor for a statement that is bound and ready. NULL makes one that is at its end. */
void cleat_cursor_hold(cleat_cursor *cursor, cleat_session *session, const cleat_table *table,
                       struct statement *statement);

/* Ends the hold of a cursor on its statement. */
void cleat_cursor_end(cleat_session *session, struct statement *statement);

/* typed_query.c: what a step has returned that was no row and no end. */
cleat_status cleat_step_fail(cleat_session *session, const struct statement *statement, int code);

#endif
