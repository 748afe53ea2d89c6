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
 * that lends it is the caller's to release. */
cleat_status cleat_joined_find(cleat_session *session, struct entry *entry, unsigned key,
                               const cleat_value *values, struct statement **ret_statement);

/* Writes the times of an update of a row whose key is known. */
cleat_status cleat_joined_touch(cleat_session *session, struct entry *entry, void *row);

/* Inserts, upserts or ensures all rows of an array, as `one` does with one of them. */
cleat_status cleat_joined_many(cleat_session *session, struct entry *entry, enum operation one,
                               unsigned key, void *rows, size_t count);

/* ---- what these consist of ---- */

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
