/* test_trace.c: the trace hook hears of every statement, once, with its time; without a hook
 * nothing is timed. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <unistd.h>

struct heard {
    char text[4096];
    int count;
    bool late; /* some time was negative */
};

static void
hear(void *data, const char *database, const char *sql, int64_t ns)
{
    struct heard *heard = data;
    size_t size = strlen(heard->text);
    heard->count++;
    heard->late = heard->late || ns < 0;
    snprintf(heard->text + size, sizeof heard->text - size, "%s: %s\n", database, sql);
}

static void
every_statement_is_reported_in_order(void **state)
{
    struct sample *sample = *state;
    struct heard heard = {.count = 0};
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    cleat_cursor cursor;
    cleat_settings_trace(&sample->settings, hear, &heard);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    assert_int_equal(cleat_row_list(session, &library_tags_table, &cursor), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, &library_tags_table, &tag), CLEAT_ROW);
    assert_int_equal(cleat_row_next(&cursor, &library_tags_table, &tag), CLEAT_DONE);
    assert_int_equal(cleat_session_execute(session, "SELECT 1"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    assert_string_equal(
        heard.text,
        "library: BEGIN\n"
        "library: DELETE FROM \"library\".\"authors\" WHERE 0\n"
        "library: INSERT INTO \"library\".\"tags\"(\"book_id\",\"tag\") VALUES(?1,?2)\n"
        "library: SELECT \"book_id\",\"tag\" FROM \"library\".\"tags\" ORDER BY "
        "\"book_id\",\"tag\"\n"
        "library: SELECT 1\n"
        "library: COMMIT\n");
    assert_false(heard.late);
    sample_close(sample);
}

static void
streams_and_orders_to_an_index_are_reported(void **state)
{
    struct sample *sample = *state;
    struct heard heard = {.count = 0};
    library_books_row book = sample_book("1", "one");
    const cleat_value key = cleat_value_integer(1);
    cleat_stream stream;
    cleat_settings_trace(&sample->settings, hear, &heard);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    book.cover = (cleat_blob){"bytes", 5};
    assert_int_equal(cleat_row_insert(session, &library_books_table, &book), CLEAT_OK);
    heard.text[0] = '\0';
    assert_int_equal(
        cleat_row_stream_open(session, &library_books_table, 0, &key, "cover", CLEAT_READ, &stream),
        CLEAT_OK);
    assert_string_equal(heard.text,
                        "library: SELECT rowid,typeof(\"cover\")='blob',\"cover\" IS NULL FROM"
                        " \"library\".\"books\" WHERE \"id\"=?1\n");
    cleat_stream_close(&stream);
    heard.text[0] = '\0';
    assert_int_equal(cleat_full_text_rebuild(session, &library_books_fts), CLEAT_OK);
    assert_string_equal(heard.text,
                        "library: INSERT INTO \"library\".\"books_fts\"(\"books_fts\")"
                        " VALUES('rebuild')\n");
    assert_false(heard.late);
    cleat_session_close(session);
    sample_close(sample);
}

static void
an_unlinked_database_is_locked_by_begin_immediate(void **state)
{
    struct sample *sample = *state;
    struct heard heard = {.count = 0};
    cleat_settings_trace(&sample->settings, hear, &heard);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session_close(sample_session(sample, "archive", CLEAT_WRITE));
    assert_string_equal(heard.text, "archive: BEGIN IMMEDIATE\narchive: ROLLBACK\n");
    sample_close(sample);
}

static void
a_slow_statement_is_logged_without_its_values(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "slow_statement_ms", "20");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "archive", CLEAT_READ);
    cleat_statement *statement;
    assert_int_equal(cleat_statement_open(session,
                                          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 "
                                          "FROM n WHERE i<?1) SELECT max(i) FROM n",
                                          &statement),
                     CLEAT_OK);
    cleat_statement_bind_integer(statement, 1, 1234567);
    assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
    cleat_statement_close(statement);
    assert_int_equal(cleat_session_execute(session, "SELECT 1"), CLEAT_OK);
    cleat_session_close(session);
    assert_true(sample_logged(sample, "WARNING - cleat.trace - archive: slow statement, "));
    assert_true(sample_logged(sample, "WITH RECURSIVE"));
    assert_false(sample_logged(sample, "1234567"));
    assert_false(sample_logged(sample, "SELECT 1\n"));
    sample_close(sample);
}

/* What a call prints on standard error. */
static void
print_statement(struct sample *sample, char *ret_text, size_t size)
{
    FILE *file = tmpfile();
    assert_non_null(file);
    int before = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
    cleat_session *session = sample_session(sample, "archive", CLEAT_READ);
    assert_int_equal(cleat_session_execute(session, "SELECT 17"), CLEAT_OK);
    cleat_session_close(session);
    fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    rewind(file);
    ret_text[fread(ret_text, 1, size - 1, file)] = '\0';
    fclose(file);
}

static void
statements_are_printed_when_that_is_set(void **state)
{
    struct sample *sample = *state;
    char text[1000];
    cleat_settings_set(&sample->settings, "echo_sql", "on");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    print_statement(sample, text, sizeof text);
    assert_non_null(strstr(text, "SQL - archive - "));
    assert_non_null(strstr(text, " ms - SELECT 17\n"));
    sample_close(sample);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_statement_is_reported_in_order),
        TEST(streams_and_orders_to_an_index_are_reported),
        TEST(an_unlinked_database_is_locked_by_begin_immediate),
        TEST(a_slow_statement_is_logged_without_its_values),
        TEST(statements_are_printed_when_that_is_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
