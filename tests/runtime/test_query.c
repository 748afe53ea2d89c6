/* test_query.c: the program's own SQL: parameters, rows, joins over attached databases, and what
 * it may not do. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

static void
parameters_and_columns_have_every_type(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_READ);
    cleat_statement *statement;
    cleat_blob blob = {"\0\1", 2}, empty = {"", 0};
    char text[] = "abc";
    assert_int_equal(cleat_statement_open(session, "SELECT ?1, ?2, ?3, ?4, ?5, ?6", &statement),
                     CLEAT_OK);
    assert_int_equal(cleat_statement_bind_integer(statement, 1, INT64_MIN), CLEAT_OK);
    assert_int_equal(cleat_statement_bind_real(statement, 2, 1.5), CLEAT_OK);
    assert_int_equal(cleat_statement_bind_text(statement, 3, text), CLEAT_OK);
    text[0] = 'x';
    assert_int_equal(cleat_statement_bind_blob(statement, 4, blob), CLEAT_OK);
    assert_int_equal(cleat_statement_bind_null(statement, 5), CLEAT_OK);
    assert_int_equal(cleat_statement_bind_blob(statement, 6, empty), CLEAT_OK);
    assert_int_equal(cleat_statement_bind_integer(statement, 7, 1), CLEAT_MISUSE);
    assert_int_equal(cleat_statement_bind_real(statement, 2, (double)NAN), CLEAT_CHECK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
        assert_true(cleat_statement_integer(statement, 0) == INT64_MIN);
        assert_true(cleat_statement_real(statement, 1) > 1.4);
        assert_string_equal(cleat_statement_text(statement, 2), "abc");
        assert_int_equal(cleat_statement_blob(statement, 3).size, 2);
        assert_true(cleat_statement_is_null(statement, 4));
        assert_null(cleat_statement_text(statement, 4));
        assert_null(cleat_statement_blob(statement, 4).data);
        assert_non_null(cleat_statement_blob(statement, 5).data);
        assert_true(cleat_statement_is_null(statement, 99));
        assert_int_equal(cleat_statement_bind_null(statement, 1), CLEAT_MISUSE);
        assert_int_equal(cleat_statement_next(statement), CLEAT_DONE);
        assert_int_equal(cleat_statement_next(statement), CLEAT_DONE);
        assert_int_equal(cleat_statement_reset(statement), CLEAT_OK);
    }
    cleat_statement_close(statement);
    cleat_statement_close(statement);
    assert_int_equal(cleat_statement_next(statement), CLEAT_MISUSE);
    cleat_statement_close(NULL);
}

static void
a_query_joins_attached_databases(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    cleat_statement *statement;
    assert_int_equal(cleat_session_execute(session, "INSERT INTO library.tags VALUES (1, 'x')"),
                     CLEAT_OK);
    assert_int_equal(
        cleat_session_execute(session, "INSERT INTO archive.notes VALUES ('i', 'x', 9, NULL)"),
        CLEAT_OK);
    assert_int_equal(cleat_statement_open(session,
                                          "SELECT n.amount FROM library.tags AS t "
                                          "JOIN archive.notes AS n ON n.slug = t.tag",
                                          &statement),
                     CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
    assert_true(cleat_statement_integer(statement, 0) == 9);
    cleat_statement_close(statement);
}

static void
what_belongs_to_the_session_is_refused(void **state)
{
    static const char *const refused[] = {
        "BEGIN",
        "commit",
        " END",
        "/* x */ ROLLBACK",
        "-- x\nSAVEPOINT a",
        "; RELEASE a",
        "ATTACH 'x' AS y",
        "DETACH archive",
        "PRAGMA foreign_keys=OFF",
        "PRAGMA user_version(7)",
        "PRAGMA library.user_version = 7",
        "PRAGMA optimize",
        "",
        "  ",
        "SELECT 1; SELECT 2",
        "PRAGMA query_only(1)",
    };
    static const char *const allowed[] = {
        "SELECT 1;",
        "SELECT 1; -- the end",
        "PRAGMA library.user_version",
        "PRAGMA table_info(books)",
        "EXPLAIN SELECT 1",
        "WITH x AS (SELECT 1) SELECT * FROM x",
    };
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    for (size_t i = 0; i < CLEAT_COUNT(refused); i++)
        assert_int_equal(cleat_session_execute(session, refused[i]), CLEAT_MISUSE);
    for (size_t i = 0; i < CLEAT_COUNT(allowed); i++)
        assert_int_equal(cleat_session_execute(session, allowed[i]), CLEAT_OK);
}

static void
a_syntax_error_has_the_sql(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_session_execute(session, "SELEC 1"), CLEAT_ERROR);
    assert_string_equal(cleat_session_error(session)->sql, "SELEC 1");
    assert_int_equal(cleat_session_execute(session, "SELECT \"nothing\""), CLEAT_ERROR);
    assert_int_equal(cleat_session_execute(session, NULL), CLEAT_MISUSE);
}

static void
a_statement_ends_with_its_unit_of_work(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    cleat_statement *statement, *again;
    assert_int_equal(cleat_statement_open(session, "SELECT 'a'", &statement), CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_MISUSE);
    assert_null(cleat_statement_text(statement, 0));
    assert_int_equal(cleat_statement_open(session, "SELECT 'a'", &again), CLEAT_OK);
    assert_ptr_not_equal(statement, again);
    assert_int_equal(cleat_statement_reset(statement), CLEAT_MISUSE);
    assert_int_equal(cleat_statement_next(again), CLEAT_ROW);
    cleat_session_close(session);
    cleat_statement_close(statement);
    cleat_statement_close(again);
}

static void
statements_close_in_any_order(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    static const char *const texts[] = {"SELECT 1", "SELECT 2", "SELECT 3"};
    cleat_statement *statements[3];
    for (int i = 0; i < 3; i++)
        assert_int_equal(cleat_statement_open(session, texts[i], &statements[i]), CLEAT_OK);
    static const int order[] = {1, 0, 2};
    for (int i = 0; i < 3; i++) {
        for (int j = i; j < 3; j++) {
            assert_int_equal(cleat_statement_next(statements[order[j]]), CLEAT_ROW);
            assert_int_equal(cleat_statement_integer(statements[order[j]], 0), order[j] + 1);
            assert_int_equal(cleat_statement_reset(statements[order[j]]), CLEAT_OK);
        }
        cleat_statement_close(statements[order[i]]);
    }
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
}

static void
a_kept_statement_forgets_its_parameters(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_READ);
    for (int i = 0; i < 40; i++) {
        char sql[64];
        cleat_statement *statement;
        snprintf(sql, sizeof sql, "SELECT ?1, %d", i % 20);
        assert_int_equal(cleat_statement_open(session, sql, &statement), CLEAT_OK);
        assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
        assert_true(cleat_statement_is_null(statement, 0));
        assert_true(cleat_statement_integer(statement, 1) == i % 20);
        cleat_statement_close(statement);
        assert_int_equal(cleat_statement_open(session, sql, &statement), CLEAT_OK);
        assert_int_equal(cleat_statement_bind_integer(statement, 1, 5), CLEAT_OK);
        cleat_statement_close(statement);
    }
}

static void
a_failed_statement_can_be_reset(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    cleat_statement *statement;
    assert_int_equal(
        cleat_statement_open(session, "INSERT INTO library.tags VALUES (1, ?1)", &statement),
        CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_NOT_NULL);
    assert_string_equal(cleat_session_error(session)->table, "tags");
    assert_string_equal(cleat_session_error(session)->column, "tag");
    assert_int_equal(cleat_statement_next(statement), CLEAT_MISUSE);
    assert_int_equal(cleat_statement_reset(statement), CLEAT_OK);
    assert_int_equal(cleat_statement_bind_text(statement, 1, "x"), CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_DONE);
    cleat_statement_close(statement);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(parameters_and_columns_have_every_type), TEST(a_query_joins_attached_databases),
        TEST(what_belongs_to_the_session_is_refused), TEST(a_syntax_error_has_the_sql),
        TEST(a_statement_ends_with_its_unit_of_work), TEST(a_kept_statement_forgets_its_parameters),
        TEST(a_failed_statement_can_be_reset),        TEST(statements_close_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
