/* joined.h: writes of rows that lie in several tables. Each function gets a call that has begun,
 * and the entry of a table that extends others; see cleat/table.h for what the calls promise. */
#ifndef CLEAT_JOINED_H
#define CLEAT_JOINED_H

#include "call.h"

cleat_status cleat_joined_insert(cleat_session *session, struct entry *entry, void *row);
cleat_status cleat_joined_update(cleat_session *session, struct entry *entry, void *row);
cleat_status cleat_joined_patch(cleat_session *session, struct entry *entry,
                                const struct patch *patch, void *row);
cleat_status cleat_joined_upsert(cleat_session *session, struct entry *entry, unsigned key,
                                 void *row);
cleat_status cleat_joined_ensure(cleat_session *session, struct entry *entry, unsigned key,
                                 void *row);
cleat_status cleat_joined_delete(cleat_session *session, struct entry *entry, unsigned key,
                                 const cleat_value *values);

/* Deletes the rows whose keys a bound statement finds, and says how many were there. */
cleat_status cleat_joined_delete_found(cleat_session *session, struct entry *entry,
                                       struct statement *statement, int64_t *ret_count);

/* Finds a row by a key. Its primary key is in the connection's room for a row, and the statement
 * that lends it is the caller's to release. A row that `changes` gets the times of an update. */
cleat_status cleat_joined_find(cleat_session *session, struct entry *entry, unsigned key,
                               const cleat_value *values, bool changes,
                               struct statement **ret_statement);

/* Inserts, upserts or ensures all rows of an array, as `one` does with one of them. */
cleat_status cleat_joined_many(cleat_session *session, struct entry *entry, enum operation one,
                               unsigned key, void *rows, size_t count);

/* ---- what these consist of ---- */

/* Between these all that is written happens, or, when `rc` of the end is no success, nothing; it is
 * returned. They nest. An undo takes everything back and leaves the next try; where it fails, the
 * unit is broken: nothing of it may be committed. */
cleat_status cleat_joined_begin(cleat_session *session, const struct entry *entry);
cleat_status cleat_joined_end(cleat_session *session, const struct entry *entry, cleat_status rc);
cleat_status cleat_joined_undo(cleat_session *session, const struct entry *entry);

/* The entry of a part, the first one being that of the table that all others extend. */
cleat_status cleat_joined_part(cleat_session *session, const struct entry *entry, unsigned place,
                               struct entry **ret_part);

/* Refuses a row with a value that no row of the table has. */
cleat_status cleat_joined_check(cleat_session *session, const cleat_table *table, const void *row,
                                bool added);

/* Adds a row, with a key where it has none. */
cleat_status cleat_joined_add_row(cleat_session *session, const struct entry *entry, void *row);

/* CLEAT_CREATED, or CLEAT_UPDATED, CLEAT_UNCHANGED and CLEAT_FOUND, with an assigned key. */
cleat_status cleat_joined_upsert_row(cleat_session *session, struct entry *entry, unsigned key,
                                     void *row);
cleat_status cleat_joined_ensure_row(cleat_session *session, struct entry *entry, unsigned key,
                                     void *row);

/* What a row learns from the one that was written or compared: a key that is assigned and, when it
 * was an update, the times. */
void cleat_joined_learn(const struct entry *entry, cleat_status outcome, char *row,
                        const char *from);

#endif
