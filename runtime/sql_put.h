/* sql_put.h: what the files that write SQL share: a buffer, and the pieces of statements. */
#ifndef CLEAT_SQL_PUT_H
#define CLEAT_SQL_PUT_H

#include "sql.h"

/* A text that grows; `failed` once memory ran out. */
struct buffer {
    char *text;
    size_t size, capacity;
    bool failed;
};

void cleat_put_bytes(struct buffer *buffer, const char *bytes, size_t count);
void cleat_put(struct buffer *buffer, const char *text);

/* The text, which the caller frees; NULL when memory ran out. */
char *cleat_take(struct buffer *buffer);

void cleat_put_name(struct buffer *buffer, const char *name);
void cleat_put_table(struct buffer *buffer, const cleat_table *table);
void cleat_put_parameter(struct buffer *buffer, unsigned number);

/* All columns, each after `alias`. */
void cleat_put_columns(struct buffer *buffer, const cleat_table *table, const char *alias);
void cleat_put_key_columns(struct buffer *buffer, const cleat_table *table, const cleat_key *key);

/* " WHERE a=?1 AND b=?2". `nulls`: IS finds NULLs too, where there can be some. */
void cleat_put_where(struct buffer *buffer, const cleat_table *table, const cleat_key *key,
                     bool nulls);

/* "<verb> FROM source" and "SELECT columns FROM source". */
void cleat_put_from(struct buffer *buffer, const char *verb, const cleat_table *table,
                    const cleat_key *key);
void cleat_put_select(struct buffer *buffer, const cleat_table *table, const cleat_key *key);

/* Where the rows of a table are read: the table, or the join of all that it extends, with the one
 * first that has the columns of the key. NULL is the primary key. */
void cleat_put_source(struct buffer *buffer, const cleat_table *table, const cleat_key *key);

/* The same with the joins in this order, after a feed or index that stands before. `more` is one
 * column beside those of the row, or NULL. */
void cleat_put_next_source(struct buffer *buffer, const cleat_table *table, const cleat_key *key,
                           const char *more);

/* The number of a column's parameter in a statement that binds whole rows. */
unsigned cleat_parameter_of(const cleat_table *table, const cleat_column *column);

/* The name of the virtual table that feeds rows, and one of its columns after `alias`. */
void cleat_put_feed(struct buffer *buffer, const cleat_table *table);
void cleat_put_fed_column(struct buffer *buffer, const char *alias, const cleat_table *table,
                          const cleat_column *column);

bool cleat_is_written(const cleat_column *column);
bool cleat_in_key(const cleat_key *key, const cleat_column *column);

/* Whether a row is nothing but its key and times of updates, which an upsert then always writes. */
bool cleat_is_only_time(const cleat_table *table);

/* Whole statements; upsert and ensure follow an insert. `bits` says which columns an update has,
 * NULL is all. */
void cleat_put_insert(struct buffer *buffer, const cleat_table *table);
void cleat_put_insert_many(struct buffer *buffer, const cleat_table *table);
void cleat_put_append_many(struct buffer *buffer, const cleat_table *table);
void cleat_put_update(struct buffer *buffer, const cleat_table *table, const unsigned char *bits);
/* `many` rows: of those with the primary key nobody asks which were there. */
void cleat_put_upsert(struct buffer *buffer, const cleat_table *table, const cleat_key *key,
                      bool many);
void cleat_put_touch(struct buffer *buffer, const cleat_table *table);
void cleat_put_delete_many(struct buffer *buffer, const cleat_table *table);
void cleat_put_compare(struct buffer *buffer, const cleat_table *table, const cleat_key *key);

/* Conditions on rows t of a table that extends others, beside the fed rows k. */
void cleat_put_other_keys(struct buffer *buffer, const cleat_table *table, const cleat_key *key);
void cleat_put_aged(struct buffer *buffer, const cleat_table *table, const cleat_key *key);
void cleat_put_ensure(struct buffer *buffer, const cleat_table *table, const cleat_key *key);
void cleat_put_ensure_many(struct buffer *buffer, const cleat_table *table, const cleat_key *key);

#endif
