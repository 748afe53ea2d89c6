/* sql.h: the SQL of every operation on a table, from its descriptor. */
#ifndef CLEAT_SQL_H
#define CLEAT_SQL_H

#include "row.h"

/* What a cached statement of a table does; those from CLEAT_SQL_GET on exist for each key. */
enum operation {
    CLEAT_SQL_INSERT,
    CLEAT_SQL_UPDATE,
    CLEAT_SQL_COUNT,
    CLEAT_SQL_LIST,
    CLEAT_SQL_COLLECT, /* what LIST finds, all at once */
    CLEAT_SQL_INSERT_MANY,
    CLEAT_SQL_APPEND_MANY, /* without their number, which the database gives as they come */
    CLEAT_SQL_LAST, /* the greatest number that a key has, or had when it must never return */
    CLEAT_SQL_GET,
    CLEAT_SQL_EXISTS,
    CLEAT_SQL_DELETE,
    CLEAT_SQL_UPSERT,
    CLEAT_SQL_ENSURE,
    CLEAT_SQL_COUNT_BY,
    CLEAT_SQL_LIST_BY,
    CLEAT_SQL_COLLECT_BY,
    CLEAT_SQL_GET_MANY,
    CLEAT_SQL_UPSERT_MANY,
    CLEAT_SQL_ENSURE_MANY,
    CLEAT_SQL_UPSERT_APPEND, /* the same without their number */
    CLEAT_SQL_ENSURE_APPEND,
    CLEAT_SQL_STORED_KEYS, /* of the fed rows, those whose primary key is another one */
    CLEAT_SQL_END,
    /* for tables that extend others, on top */
    CLEAT_SQL_KEY = CLEAT_SQL_END, /* the primary key */
    CLEAT_SQL_COMPARE,             /* the keys, and for each part of the row whether it differs */
    CLEAT_SQL_FOUND_KEYS,          /* of the fed rows, those that have other keys; counts all */
    CLEAT_SQL_AGED,                /* of the fed rows, those of which a part needs a new time */
    /* for their parts */
    CLEAT_SQL_TOUCH_MANY, /* gives rows that are there the times of an update */
    CLEAT_SQL_DELETE_MANY,
    CLEAT_SQL_EXTENDED_END
};

/* Parameters are numbered: for insert, update, upsert, ensure and compare by the place of the column among
 * those that are written, from 1; for the others by its place in the key. Those for many rows take
 * them from the table's feed instead. The caller frees the text; NULL when out of memory. */
char *cleat_sql_build(const cleat_table *table, enum operation operation, unsigned key);

/* Like CLEAT_SQL_LAST, for a table of a database that has AUTOINCREMENT. NULL when there is none. */
char *cleat_sql_last(const cleat_table *table);

/* Updates the columns whose bits are set, by primary key. Parameters as for an update. */
char *cleat_sql_patch(const cleat_table *table, const unsigned char *columns);

/* Lists, counts or deletes the rows in which the columns whose bits are set have a value, or NULL
 * where the bit of `nulls` is set too. Parameters: the values, in the order of the columns. */
char *cleat_sql_where(const cleat_table *table, enum operation operation, const unsigned char *bits,
                      const unsigned char *nulls);

/* One column of the order of a page. */
struct page_column {
    uint16_t place; /* in table->columns */
    bool down;      /* the list goes from great to small */
    bool null;      /* the row that the page begins at has NULL here */
};

/* A page: its order without the columns of the key, whether it begins at a row, and whether it
 * ends there. Parameters: the columns of the key, those of the order that are not NULL, the limit.
 * `key` is NULL for all rows. */
char *cleat_sql_page(const cleat_table *table, const cleat_key *key,
                     const struct page_column *order, unsigned count, bool from_row, bool before);

/* Reads the order of a page by a key, or of all rows for NULL: what `key->order` says, then what
 * is missing of the primary key. `ret_order` has room for all columns. Returns how many. */
unsigned cleat_sql_page_order(const cleat_table *table, const cleat_key *key,
                              struct page_column *ret_order);

/* The select of a collecting operation without its order, every row handed to the collector. */
char *cleat_sql_collect(const cleat_table *table, enum operation operation, unsigned key);

/* The virtual table that feeds rows of the program to a statement; its columns are c0, c1, … */
char *cleat_sql_feed(const cleat_table *table);
char *cleat_sql_feed_columns(const cleat_table *table);

/* A statement over a full-text index: CLEAT_SQL_LIST finds the rows whose text matches ?1, best
 * first; CLEAT_SQL_COUNT only asks whether ?1 is a query. Behind the columns of the row come the
 * rank, the snippet and the highlighted text. Parameters from ?2 on: the limit, the column and
 * tokens of the snippet, the column to highlight, the marks, the ellipsis. */
char *cleat_sql_search(const cleat_full_text *index, enum operation operation);

/* Gives the index itself an order, such as 'rebuild'. */
char *cleat_sql_full_text(const cleat_full_text *index, const char *order, bool with_rank);

/* Takes the write lock of the table's database, and does nothing else. */
char *cleat_sql_lock(const cleat_table *table);

/* The words of a text as a full-text query that cannot be a syntax error; "" for no words. */
char *cleat_sql_words(const char *text);

#endif
