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

/* Deletes all rows of an array that are still there. */
cleat_status cleat_joined_delete_all(cleat_session *session, struct entry *entry, const void *rows,
                                     size_t count, int64_t *ret_count);

/* Finds a row by a key. Its primary key is in the connection's room for a row, and the statement
 * that lends it is the caller's to release. A row that `changes` gets the times of an update. */
cleat_status cleat_joined_find(cleat_session *session, struct entry *entry, unsigned key,
                               const cleat_value *values, bool changes,
                               struct statement **ret_statement);

/* Inserts, upserts or ensures all rows of an array, as `one` does with one of them. */
cleat_status cleat_joined_many(cleat_session *session, struct entry *entry, enum operation one,
                               unsigned key, void *rows, size_t count);

#endif
