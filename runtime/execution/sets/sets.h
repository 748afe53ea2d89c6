/* sets.h: many rows at once: feeding a statement, and collecting what one finds. */
#ifndef CLEAT_SETS_H
#define CLEAT_SETS_H

#include "connection/connection.h"
#include "sql.h"

/* ---- the functions and tables that generated SQL uses ---- */

int cleat_met_register(struct connection *connection);
int cleat_collect_register(struct connection *connection);
int cleat_array_register(struct connection *connection);

/* Binds a C array as one parameter, for `IN (:ids...)`; its items are copied or borrowed until the
 * statement is reset. SQLITE_MISMATCH: one has no label; SQLITE_CONSTRAINT_NOTNULL: there is none. */
int cleat_array_bind(sqlite3_stmt *handle, int place, const cleat_parameter *parameter,
                     cleat_blob items, bool copies);

/* ---- feeding ---- */

/* Makes the virtual table that feeds rows to an entry's statements, once. */
cleat_status cleat_feed_open(cleat_session *session, struct entry *entry);

/* Feeds rows, or the arrays of a key's values, to the next statement. */
void cleat_feed_rows(struct entry *entry, const void *rows, size_t count, const size_t *order);
void cleat_feed_keys(struct entry *entry, unsigned key, const void *const *values, size_t count);

/* What the feed could not give is said better than by SQLite. Returns a status for `rc`. */
cleat_status cleat_feed_blame(cleat_session *session, const struct entry *entry, cleat_status rc);

/* Forgets what was fed: it belongs to the program. */
void cleat_feed_end(struct entry *entry);

/* The order in which to read what is fed so that near keys are near: by the first column of a key,
 * and as they are where that is equal. *ret_order stays NULL when they have it already. The caller
 * puts it into the feeder, and frees it. */
cleat_status cleat_feed_sort(cleat_session *session, const struct entry *entry, unsigned key,
                             size_t **ret_order);

/* ---- collecting ---- */

/* Replaces the select of a collecting operation by one that hands its rows to the collector, where
 * that keeps their order. */
cleat_status cleat_collect_choose(cleat_session *session, const struct entry *entry,
                                  enum operation operation, unsigned key, char **sql,
                                  bool *ret_collects);

/* Runs a bound statement and collects its rows into a generated rows struct. */
cleat_status cleat_collect_run(cleat_session *session, struct statement *statement, void *ret_rows);

/* ---- writing ---- */

/* After a failure: says so when it was a key that cleat_met() could not read. */
cleat_status cleat_met_explain(cleat_session *session, const struct entry *entry, cleat_status rc);

/* Gives the row the primary key that is stored. */
void cleat_take_met_key(const struct stored_key *key, const cleat_column *assigned, void *row);

/* Adds to the session's error, when it is about a row of an array, which one it is. */
void cleat_many_name_row(cleat_session *session, size_t place);

/* Gives every row of an array the primary key under which it is stored by another one; `order` is
 * that in which they are looked for, or NULL. */
cleat_status cleat_many_take_keys(cleat_session *session, struct entry *entry, unsigned key,
                                  void *rows, size_t count, const size_t *order);

/* The same for rows of a table that extends others, with that other key as it is stored, and how
 * many there are. */
cleat_status cleat_many_find_keys(cleat_session *session, struct entry *entry, unsigned key,
                                  void *rows, size_t count, size_t *ret_found);

/* Takes the assigned keys out again of the rows that have a bit, after a failure. */
void cleat_many_take_back(const struct entry *entry, void *rows, size_t count,
                          const unsigned char *bits);

/* Upserts or ensures a part of every row by one statement, as `one` does with one of them, and says
 * how many were there. After a failure the keys that were given to rows stay. */
cleat_status cleat_many_write_part(cleat_session *session, struct entry *part, enum operation one,
                                   unsigned key, void *rows, size_t count, size_t *ret_met);

/* One time for all rows, in the columns that an update sets. */
void cleat_many_set_times(const cleat_table *table, void *rows, size_t count);

/* Whether another row, or another order of them, might not have failed. */
bool cleat_many_is_about_row(cleat_status status);

#endif
