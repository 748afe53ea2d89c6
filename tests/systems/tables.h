/* tables.h: one row of C per table and key, through which promises.c calls generated functions
 * that it does not know. A test program writes new_<noun>(), which fills every column of a row and
 * stores the rows it refers to; the macros here wrap the typed functions of that table:
 *
 *     UNIQUE_KEY(framework_modules, module_id, r->module_id)
 *     TABLE_CALLS(framework_modules, module, "", (r->id), &framework_modules_by_module_id)
 *
 * `r` is the row whose key is meant. TABLE_CALLS also makes stored_<noun>(), a row that has been
 * inserted. */
#ifndef SYSTEMS_TABLES_H
#define SYSTEMS_TABLES_H

#include "harness.h"

/* Calls that take the key from a row. */
typedef cleat_status find_call(const void *from, void *ret_row);
typedef cleat_status key_call(const void *from);
typedef cleat_status row_call(void *row);
typedef cleat_status count_call(const void *from, int64_t *ret_count);
typedef cleat_status list_call(const void *from, cleat_cursor *ret_cursor);

/* A key beside the primary one: a unique key has the first five calls, an index the others. */
struct key_test {
    const char *name;
    find_call *get;
    find_call *lend;
    key_call *exists;
    key_call *erase;
    row_call *upsert;
    count_call *count;
    list_call *list;
};

struct table_test {
    const cleat_table *table;
    const char *needed; /* nullable columns that the row of new_<noun>() must have: ",a,b," */
    void (*make)(void *ret_row);
    void (*store)(void *ret_row);
    row_call *insert;
    row_call *update;
    row_call *upsert;
    find_call *get;
    find_call *lend;
    key_call *exists;
    key_call *erase;
    cleat_status (*count)(int64_t *ret_count);
    cleat_status (*list)(cleat_cursor *ret_cursor);
    cleat_status (*next)(cleat_cursor *cursor, void *ret_row);
    void (*clear)(void *row);
    const struct key_test *const *keys; /* in the order of table->keys, ends with NULL */
};

/* One database and the tests of all its tables. */
struct suite {
    const char *database;
    const struct table_test *const *tables; /* ends with NULL */
    const cleat_table *append_only; /* its rows can neither be changed nor deleted; or NULL */
};

#define ARGUMENTS(...) __VA_ARGS__

#define KEY_CALL_(prefix, verb, suffix, key)                                                       \
    static cleat_status prefix##_##verb##_by_##suffix##_(const void *from)                         \
    {                                                                                              \
        const prefix##_row *r = from;                                                              \
        return prefix##_##verb##_by_##suffix(session, ARGUMENTS key);                              \
    }

#define FIND_CALL_(prefix, verb, suffix, key)                                                      \
    static cleat_status prefix##_##verb##_by_##suffix##_(const void *from, void *ret_row)          \
    {                                                                                              \
        const prefix##_row *r = from;                                                              \
        return prefix##_##verb##_by_##suffix(session, ARGUMENTS key, ret_row);                     \
    }

#define UNIQUE_KEY(prefix, suffix, ...)                                                            \
    FIND_CALL_(prefix, get, suffix, (__VA_ARGS__))                                                 \
    FIND_CALL_(prefix, lend, suffix, (__VA_ARGS__))                                                \
    KEY_CALL_(prefix, exists, suffix, (__VA_ARGS__))                                               \
    KEY_CALL_(prefix, delete, suffix, (__VA_ARGS__))                                               \
    static cleat_status prefix##_upsert_by_##suffix##_(void *row)                                  \
    {                                                                                              \
        return prefix##_upsert_by_##suffix(session, row);                                          \
    }                                                                                              \
    static const struct key_test prefix##_by_##suffix = {                                          \
        .name = #suffix,                                                                           \
        .get = prefix##_get_by_##suffix##_,                                                        \
        .lend = prefix##_lend_by_##suffix##_,                                                      \
        .exists = prefix##_exists_by_##suffix##_,                                                  \
        .erase = prefix##_delete_by_##suffix##_,                                                   \
        .upsert = prefix##_upsert_by_##suffix##_,                                                  \
    };

#define INDEX_KEY(prefix, suffix, ...)                                                             \
    static cleat_status prefix##_count_by_##suffix##_(const void *from, int64_t *ret_count)        \
    {                                                                                              \
        const prefix##_row *r = from;                                                              \
        return prefix##_count_by_##suffix(session, __VA_ARGS__, ret_count);                        \
    }                                                                                              \
    static cleat_status prefix##_list_by_##suffix##_(const void *from, cleat_cursor *ret_cursor)   \
    {                                                                                              \
        const prefix##_row *r = from;                                                              \
        return prefix##_list_by_##suffix(session, __VA_ARGS__, ret_cursor);                        \
    }                                                                                              \
    static const struct key_test prefix##_by_##suffix = {                                          \
        .name = #suffix,                                                                           \
        .count = prefix##_count_by_##suffix##_,                                                    \
        .list = prefix##_list_by_##suffix##_,                                                      \
    };

#define ROW_CALL_(prefix, verb)                                                                    \
    static cleat_status prefix##_##verb##_(void *row)                                              \
    {                                                                                              \
        return prefix##_##verb(session, row);                                                      \
    }

#define PRIMARY_FIND_(prefix, verb, key)                                                           \
    static cleat_status prefix##_##verb##_(const void *from, void *ret_row)                        \
    {                                                                                              \
        const prefix##_row *r = from;                                                              \
        return prefix##_##verb(session, ARGUMENTS key, ret_row);                                   \
    }

#define PRIMARY_KEY_(prefix, verb, key)                                                            \
    static cleat_status prefix##_##verb##_(const void *from)                                       \
    {                                                                                              \
        const prefix##_row *r = from;                                                              \
        return prefix##_##verb(session, ARGUMENTS key);                                            \
    }

#define ROWS_(prefix, noun)                                                                        \
    static prefix##_row stored_##noun(void)                                                        \
    {                                                                                              \
        prefix##_row row = new_##noun();                                                           \
        works(prefix##_insert(session, &row));                                                     \
        return row;                                                                                \
    }                                                                                              \
    static void prefix##_make_(void *ret_row)                                                      \
    {                                                                                              \
        *(prefix##_row *)ret_row = new_##noun();                                                   \
    }                                                                                              \
    static void prefix##_store_(void *ret_row)                                                     \
    {                                                                                              \
        *(prefix##_row *)ret_row = stored_##noun();                                                \
    }

#define LISTS_(prefix)                                                                             \
    static cleat_status prefix##_count_(int64_t *ret_count)                                        \
    {                                                                                              \
        return prefix##_count(session, ret_count);                                                 \
    }                                                                                              \
    static cleat_status prefix##_list_(cleat_cursor *ret_cursor)                                   \
    {                                                                                              \
        return prefix##_list(session, ret_cursor);                                                 \
    }                                                                                              \
    static cleat_status prefix##_next_(cleat_cursor *cursor, void *ret_row)                        \
    {                                                                                              \
        return prefix##_next(cursor, ret_row);                                                     \
    }                                                                                              \
    static void prefix##_clear_(void *row)                                                         \
    {                                                                                              \
        prefix##_clear(row);                                                                       \
    }

/* The primary key is in parentheses; after it come the other keys, at least NULL. */
#define TABLE_CALLS(prefix, noun, needed_columns, key, ...)                                        \
    ROWS_(prefix, noun)                                                                            \
    ROW_CALL_(prefix, insert)                                                                      \
    ROW_CALL_(prefix, update)                                                                      \
    ROW_CALL_(prefix, upsert)                                                                      \
    PRIMARY_FIND_(prefix, get, key)                                                                \
    PRIMARY_FIND_(prefix, lend, key)                                                               \
    PRIMARY_KEY_(prefix, exists, key)                                                              \
    PRIMARY_KEY_(prefix, delete, key)                                                              \
    LISTS_(prefix)                                                                                 \
    static const struct key_test *const prefix##_keys_[] = {__VA_ARGS__, NULL};                    \
    static const struct table_test prefix##_test = {                                               \
        .table = &prefix##_table,                                                                  \
        .needed = needed_columns,                                                                  \
        .make = prefix##_make_,                                                                    \
        .store = prefix##_store_,                                                                  \
        .insert = prefix##_insert_,                                                                \
        .update = prefix##_update_,                                                                \
        .upsert = prefix##_upsert_,                                                                \
        .get = prefix##_get_,                                                                      \
        .lend = prefix##_lend_,                                                                    \
        .exists = prefix##_exists_,                                                                \
        .erase = prefix##_delete_,                                                                 \
        .count = prefix##_count_,                                                                  \
        .list = prefix##_list_,                                                                    \
        .next = prefix##_next_,                                                                    \
        .clear = prefix##_clear_,                                                                  \
        .keys = prefix##_keys_,                                                                    \
    };

/* ---- what is promised of every table (promises.c) ---- */

/* cmocka's setup: a new directory, booted, the session on the database of the struct suite that
 * the test was given. */
int start_system(void **state);

void every_table_and_key_is_tested(void **state);
void a_row_comes_back_as_it_was_written(void **state);
void nullable_columns_may_be_unset(void **state);
void new_keys_are_assigned(void **state);
void unique_keys_find_their_row(void **state);
void a_unique_key_is_taken_once(void **state);
void indexes_list_and_count_their_rows(void **state);
void a_list_has_every_row_in_the_order_of_the_key(void **state);
void update_writes_every_column(void **state);
void upsert_adds_then_overwrites(void **state);
void upsert_by_a_unique_key_keeps_the_row(void **state);
void deleted_rows_are_not_found(void **state);
void unique_keys_delete_their_row(void **state);
void work_that_is_not_committed_is_gone(void **state);
void rows_are_there_after_a_second_start(void **state);
void plain_sqlite_reads_the_same_values(void **state);

#define PROMISE(promise, suite)                                                                    \
    {                                                                                              \
#promise, promise, start_system, remove_directory, (void *)&(suite)                        \
    }

#define PROMISES_OF_EVERY_TABLE(suite)                                                             \
    PROMISE(every_table_and_key_is_tested, suite),                                                 \
        PROMISE(a_row_comes_back_as_it_was_written, suite),                                        \
        PROMISE(nullable_columns_may_be_unset, suite), PROMISE(new_keys_are_assigned, suite),      \
        PROMISE(unique_keys_find_their_row, suite), PROMISE(a_unique_key_is_taken_once, suite),    \
        PROMISE(indexes_list_and_count_their_rows, suite),                                         \
        PROMISE(a_list_has_every_row_in_the_order_of_the_key, suite),                              \
        PROMISE(update_writes_every_column, suite), PROMISE(upsert_adds_then_overwrites, suite),   \
        PROMISE(upsert_by_a_unique_key_keeps_the_row, suite),                                      \
        PROMISE(deleted_rows_are_not_found, suite), PROMISE(unique_keys_delete_their_row, suite),  \
        PROMISE(work_that_is_not_committed_is_gone, suite),                                        \
        PROMISE(rows_are_there_after_a_second_start, suite),                                       \
        PROMISE(plain_sqlite_reads_the_same_values, suite)

#endif
