/* test_sql.c: the SQL that is built, word for word: it is what a reader finds in errors and
 * traces, and what plans depend on. */
#include "sample.h"

#include "sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void
assert_sql(const cleat_table *table, enum operation operation, unsigned key, const char *expected)
{
    char *sql = cleat_sql_build(table, operation, key);
    assert_string_equal(sql, expected);
    free(sql);
}

static void
insert_names_every_written_column(void **state)
{
    (void)state;
    assert_sql(&library_authors_table, CLEAT_SQL_INSERT, 0,
               "INSERT INTO \"library\".\"authors\"(\"id\",\"name\") VALUES(?1,?2)");
    char *sql = cleat_sql_build(&library_books_table, CLEAT_SQL_INSERT, 0);
    assert_non_null(strstr(sql, ",?13)"));
    free(sql);
}

static void
update_sets_all_but_the_key(void **state)
{
    (void)state;
    assert_sql(&library_loans_table, CLEAT_SQL_UPDATE, 0,
               "UPDATE \"library\".\"loans\" SET \"returned_at\"=?1,\"note\"=?4 "
               "WHERE \"book_id\"=?2 AND \"reader\"=?3");
}

static void
update_of_a_table_that_is_all_key_changes_nothing(void **state)
{
    (void)state;
    assert_sql(&library_tags_table, CLEAT_SQL_UPDATE, 0,
               "UPDATE \"library\".\"tags\" SET \"book_id\"=\"book_id\" "
               "WHERE \"book_id\"=?1 AND \"tag\"=?2");
}

static void
upsert_keeps_the_primary_key(void **state)
{
    (void)state;
    assert_sql(&archive_notes_table, CLEAT_SQL_UPSERT, NOTES_BY_ID,
               "INSERT INTO \"archive\".\"notes\"(\"id\",\"slug\",\"amount\",\"body\") "
               "VALUES(?1,?2,?3,?4) ON CONFLICT(\"id\") DO UPDATE SET \"slug\"=excluded.\"slug\","
               "\"amount\"=excluded.\"amount\",\"body\"=excluded.\"body\" WHERE cleat_met() AND "
               "((\"amount\" IS NOT excluded.\"amount\" "
               "OR \"slug\" COLLATE BINARY IS NOT excluded.\"slug\" "
               "OR \"body\" COLLATE BINARY IS NOT excluded.\"body\"))");
    assert_sql(
        &archive_notes_table, CLEAT_SQL_UPSERT, NOTES_BY_SLUG,
        "INSERT INTO \"archive\".\"notes\"(\"id\",\"slug\",\"amount\",\"body\") "
        "VALUES(?1,?2,?3,?4) ON CONFLICT(\"slug\") DO UPDATE SET "
        "\"amount\"=excluded.\"amount\",\"body\"=excluded.\"body\" WHERE cleat_met(\"id\") AND "
        "((\"amount\" IS NOT excluded.\"amount\" "
        "OR \"body\" COLLATE BINARY IS NOT excluded.\"body\"))");
    assert_sql(&library_tags_table, CLEAT_SQL_UPSERT, 0,
               "INSERT INTO \"library\".\"tags\"(\"book_id\",\"tag\") VALUES(?1,?2) "
               "ON CONFLICT(\"book_id\",\"tag\") DO UPDATE SET \"book_id\"=\"book_id\" "
               "WHERE cleat_found()");
}

static void
reads_name_database_and_columns(void **state)
{
    (void)state;
    assert_sql(
        &library_authors_table, CLEAT_SQL_GET, 0,
        "SELECT \"id\",\"name\",\"name_length\" FROM \"library\".\"authors\" WHERE \"id\"=?1");
    assert_sql(&library_authors_table, CLEAT_SQL_EXISTS, 0,
               "SELECT 1 FROM \"library\".\"authors\" WHERE \"id\"=?1 LIMIT 1");
    assert_sql(&library_authors_table, CLEAT_SQL_DELETE, 0,
               "DELETE FROM \"library\".\"authors\" WHERE \"id\"=?1");
    assert_sql(&library_authors_table, CLEAT_SQL_COUNT, 0,
               "SELECT count(*) FROM \"library\".\"authors\"");
    assert_sql(&library_tags_table, CLEAT_SQL_LIST, 0,
               "SELECT \"book_id\",\"tag\" FROM \"library\".\"tags\" ORDER BY \"book_id\",\"tag\"");
    assert_sql(&library_loans_table, CLEAT_SQL_COUNT_BY, LOANS_BY_NOTE,
               "SELECT count(*) FROM \"library\".\"loans\" WHERE \"note\" IS ?1");
}

static void
a_list_by_an_index_has_its_order(void **state)
{
    (void)state;
    char *sql = cleat_sql_build(&library_books_table, CLEAT_SQL_LIST_BY, BOOKS_BY_STATE);
    assert_non_null(strstr(sql, " WHERE \"state\"=?1 ORDER BY \"title\" DESC"));
    free(sql);
    sql = cleat_sql_build(&library_books_table, CLEAT_SQL_LIST_BY, BOOKS_BY_AUTHOR_ID);
    assert_non_null(strstr(sql, " WHERE \"author_id\" IS ?1 ORDER BY \"title\""));
    free(sql);
}

static void
names_are_quoted(void **state)
{
    static const uint16_t offsets[] = {0};
    static const cleat_key keys[] = {CLEAT_KEY_ROW(offsets, NULL)};
    static const cleat_column columns[] = {
        {"or\"der", 0, 0, CLEAT_KIND_INTEGER, CLEAT_KEY},
    };
    static const cleat_table table = {
        .database = "group",
        .name = "select",
        .columns = columns,
        .keys = keys,
        .column_count = 1,
        .key_count = 1,
    };
    (void)state;
    assert_sql(&table, CLEAT_SQL_GET, 0,
               "SELECT \"or\"\"der\" FROM \"group\".\"select\" WHERE \"or\"\"der\"=?1");
}

static void
search_words_cannot_be_syntax(void **state)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {" \t\n", ""},
        {"red", "\"red\""},
        {" red  AND (blue* ", "\"red\" \"AND\" \"(blue*\""},
        {"say \"hi\"", "\"say\" \"\"\"hi\"\"\""},
    };
    (void)state;
    for (size_t i = 0; i < CLEAT_COUNT(pairs); i++) {
        char *words = cleat_sql_words(pairs[i][0]);
        assert_string_equal(words, pairs[i][1]);
        free(words);
    }
}

static void
a_lock_writes_nothing(void **state)
{
    (void)state;
    char *sql = cleat_sql_lock(&archive_notes_table);
    assert_string_equal(sql, "DELETE FROM \"archive\".\"notes\" WHERE 0");
    free(sql);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(insert_names_every_written_column),
        cmocka_unit_test(update_sets_all_but_the_key),
        cmocka_unit_test(update_of_a_table_that_is_all_key_changes_nothing),
        cmocka_unit_test(upsert_keeps_the_primary_key),
        cmocka_unit_test(reads_name_database_and_columns),
        cmocka_unit_test(a_list_by_an_index_has_its_order),
        cmocka_unit_test(names_are_quoted),
        cmocka_unit_test(search_words_cannot_be_syntax),
        cmocka_unit_test(a_lock_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
