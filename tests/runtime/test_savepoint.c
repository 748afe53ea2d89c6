/* test_savepoint.c: work within a unit that is undone alone, and what it ends. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define TAGS (&library_tags_table)
#define NOTES (&archive_notes_table)

static void
add(cleat_session *session, int64_t book_id)
{
    library_tags_row tag = {.book_id = book_id, .tag = "x"};
    assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_OK);
}

static int64_t
count(cleat_session *session)
{
    int64_t tags = -1;
    assert_int_equal(cleat_row_count(session, TAGS, &tags), CLEAT_OK);
    return tags;
}

static void
rolling_back_undoes_what_came_after_and_keeps_the_savepoint(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    add(session, 1);
    assert_int_equal(cleat_savepoint(session, "inner"), CLEAT_OK);
    add(session, 2);
    assert_int_equal(cleat_savepoint_rollback(session, "inner"), CLEAT_OK);
    assert_true(count(session) == 1);
    add(session, 3);
    assert_int_equal(cleat_savepoint_rollback(session, "inner"), CLEAT_OK);
    assert_true(count(session) == 1);
    add(session, 4);
    assert_int_equal(cleat_savepoint_release(session, "inner"), CLEAT_OK);
    assert_int_equal(cleat_savepoint_release(session, "inner"), CLEAT_MISUSE);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(count(session) == 2);
}

/* What was borrowed before a savepoint outlives it, and what after does not, however much a unit has
 * borrowed and given back by then. */
static void
a_long_unit_keeps_the_order_of_what_it_borrows(void **state)
{
    enum { LONG = 5000 };
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    cleat_cursor before, after;
    library_tags_row tag = {.tag = NULL};
    add(session, 1);
    for (int i = 0; i < LONG; i++) {
        assert_int_equal(cleat_row_list(session, TAGS, &before), CLEAT_OK);
        assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
        assert_int_equal(cleat_row_list(session, TAGS, &after), CLEAT_OK);
        assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_OK);
        assert_int_equal(cleat_row_next(&after, TAGS, &tag), CLEAT_MISUSE);
        assert_int_equal(cleat_row_next(&before, TAGS, &tag), CLEAT_ROW);
        cleat_cursor_close(&before);
        assert_int_equal(cleat_savepoint_release(session, "s"), CLEAT_OK);
    }
    cleat_row_clear(TAGS, &tag);
    assert_true(count(session) == 1);
}

static void
savepoints_nest_to_any_depth_and_an_outer_one_takes_the_inner_ones_along(void **state)
{
    enum { DEPTH = 200 };
    char name[16];
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    for (int i = 0; i < DEPTH; i++) {
        snprintf(name, sizeof name, "s%d", i);
        assert_int_equal(cleat_savepoint(session, name), CLEAT_OK);
        add(session, i);
    }
    assert_int_equal(cleat_savepoint_rollback(session, "s150"), CLEAT_OK);
    assert_true(count(session) == 150);
    assert_int_equal(cleat_savepoint_rollback(session, "s151"), CLEAT_MISUSE);
    assert_int_equal(cleat_savepoint_release(session, "s100"), CLEAT_OK);
    assert_int_equal(cleat_savepoint_release(session, "s149"), CLEAT_MISUSE);
    assert_true(count(session) == 150);
    assert_int_equal(cleat_savepoint_rollback(session, "s10"), CLEAT_OK);
    assert_true(count(session) == 10);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_true(count(session) == 0);
}

static void
the_latest_savepoint_of_a_name_counts(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    add(session, 1);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    add(session, 2);
    assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_OK);
    assert_true(count(session) == 1);
    assert_int_equal(cleat_savepoint_release(session, "s"), CLEAT_OK);
    assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_OK);
    assert_true(count(session) == 0);
}

static void
rolling_back_ends_the_cursors_inside_and_no_others(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_tags_row tag = {0};
    cleat_cursor outer, inner;
    cleat_statement *before, *after;
    for (int64_t i = 1; i <= 3; i++)
        add(session, i);
    assert_int_equal(cleat_row_list(session, TAGS, &outer), CLEAT_OK);
    assert_int_equal(cleat_row_next(&outer, TAGS, &tag), CLEAT_ROW);
    assert_int_equal(cleat_statement_open(session, "SELECT 1", &before), CLEAT_OK);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    add(session, 4);
    assert_int_equal(cleat_row_list(session, TAGS, &inner), CLEAT_OK);
    assert_int_equal(cleat_row_next(&inner, TAGS, &tag), CLEAT_ROW);
    assert_int_equal(cleat_statement_open(session, "SELECT 2", &after), CLEAT_OK);
    assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_OK);
    assert_int_equal(cleat_row_next(&inner, TAGS, &tag), CLEAT_MISUSE);
    assert_int_equal(cleat_statement_next(after), CLEAT_MISUSE);
    assert_int_equal(cleat_statement_next(before), CLEAT_ROW);
    assert_int_equal(cleat_row_next(&outer, TAGS, &tag), CLEAT_ROW);
    assert_int_equal(cleat_row_next(&outer, TAGS, &tag), CLEAT_ROW);
    assert_int_equal(cleat_row_next(&outer, TAGS, &tag), CLEAT_DONE);
    cleat_cursor_close(&inner);
    cleat_statement_close(after);
    cleat_statement_close(before);
}

static void
the_end_of_the_unit_ends_its_savepoints(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    add(session, 1);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(session)->text, "no savepoint s"));
    assert_true(count(session) == 1);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(cleat_savepoint_release(session, "s"), CLEAT_MISUSE);
}

static void
a_savepoint_reaches_the_attached_databases_too(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    archive_notes_row note = {.slug = "a"};
    int64_t notes;
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, NOTES, &note), CLEAT_OK);
    assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_OK);
    assert_int_equal(cleat_row_count(session, NOTES, &notes), CLEAT_OK);
    assert_true(notes == 0);
}

static void
wrong_names_and_sessions_are_misuse(void **state)
{
    char name[65];
    cleat_session *session = sample_session(*state, NULL, CLEAT_READ);
    memset(name, 'n', 64);
    name[64] = '\0';
    assert_int_equal(cleat_savepoint(session, name), CLEAT_MISUSE);
    assert_int_equal(cleat_savepoint(session, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_savepoint_rollback(session, NULL), CLEAT_MISUSE);
    name[63] = '\0';
    assert_int_equal(cleat_savepoint(session, name), CLEAT_OK);
    assert_int_equal(cleat_savepoint_release(session, name), CLEAT_OK);
    assert_int_equal(cleat_savepoint(NULL, "s"), CLEAT_MISUSE);
    assert_int_equal(cleat_savepoint_rollback(NULL, "s"), CLEAT_MISUSE);
    cleat_session_close(session);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_MISUSE);
    assert_int_equal(cleat_savepoint_release(session, "s"), CLEAT_MISUSE);
}

/* OR ROLLBACK takes the savepoints along. */
static void
a_lost_unit_has_no_savepoints(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    add(session, 1);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    assert_int_equal(
        cleat_session_execute(session, "INSERT OR ROLLBACK INTO library.tags VALUES(1,'x')"),
        CLEAT_CONFLICT);
    assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(session)->text, "rolled it back"));
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(rolling_back_undoes_what_came_after_and_keeps_the_savepoint),
        TEST(a_long_unit_keeps_the_order_of_what_it_borrows),
        TEST(savepoints_nest_to_any_depth_and_an_outer_one_takes_the_inner_ones_along),
        TEST(the_latest_savepoint_of_a_name_counts),
        TEST(rolling_back_ends_the_cursors_inside_and_no_others),
        TEST(the_end_of_the_unit_ends_its_savepoints),
        TEST(a_savepoint_reaches_the_attached_databases_too),
        TEST(wrong_names_and_sessions_are_misuse),
        TEST(a_lost_unit_has_no_savepoints),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
