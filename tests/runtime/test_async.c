/* test_async.c: work beside an event loop: the descriptor is readable while there are results,
 * results come in order, and nothing that was submitted is lost. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
is_readable(const cleat_async *async, int milliseconds)
{
    struct pollfd poll_for = {.fd = cleat_async_fd(async), .events = POLLIN};
    return poll(&poll_for, 1, milliseconds) == 1;
}

static cleat_status
add_tag(cleat_session *session, void *data)
{
    library_tags_row row = {.book_id = *(int *)data, .tag = "x"};
    return cleat_row_insert(session, &library_tags_table, &row);
}

static cleat_status
count_tags(cleat_session *session, void *data)
{
    return cleat_row_count(session, &library_tags_table, data);
}

static cleat_async *
open_async(struct sample *sample)
{
    cleat_async *async = NULL;
    assert_int_equal(cleat_async_open(sample->registry, &async), CLEAT_OK);
    return async;
}

static void
the_descriptor_is_readable_while_there_are_results(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = open_async(sample);
    cleat_result result;
    int numbers[] = {1, 2};
    assert_false(is_readable(async, 0));
    assert_int_equal(cleat_async_next(async, &result), CLEAT_DONE);
    for (size_t i = 0; i < CLEAT_COUNT(numbers); i++) {
        assert_int_equal(cleat_async_submit(async, NULL, CLEAT_WRITE, add_tag, &numbers[i]),
                         CLEAT_OK);
        assert_true(is_readable(async, 10000));
        assert_true(is_readable(async, 0));
        assert_int_equal(cleat_async_next(async, &result), CLEAT_ROW);
        assert_int_equal(result.status, CLEAT_OK);
        assert_ptr_equal(result.data, &numbers[i]);
        assert_false(is_readable(async, 0));
    }
    cleat_async_close(async);
}

static void
results_come_in_the_order_of_submission(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = open_async(sample);
    enum { PIECES = 60 };
    int numbers[PIECES];
    int64_t counts[PIECES] = {0};
    cleat_result result;
    for (int i = 0; i < PIECES; i++) {
        bool reads = i % 5 == 4;
        numbers[i] = i % 7 == 6 ? 0 : i; /* 0 is taken from the start */
        void *data = &numbers[i];
        if (reads)
            data = &counts[i];
        assert_int_equal(cleat_async_submit(async, "library", reads ? CLEAT_READ : CLEAT_WRITE,
                                            reads ? count_tags : add_tag, data),
                         CLEAT_OK);
    }
    int64_t written = 0;
    for (int i = 0; i < PIECES; i++) {
        cleat_status rc = CLEAT_DONE;
        while ((rc = cleat_async_next(async, &result)) == CLEAT_DONE)
            assert_true(is_readable(async, 10000));
        assert_int_equal(rc, CLEAT_ROW);
        if (i % 5 == 4) {
            assert_ptr_equal(result.data, &counts[i]);
            assert_int_equal(counts[i], written); /* sees all that was submitted before it */
            continue;
        }
        assert_ptr_equal(result.data, &numbers[i]);
        assert_int_equal(result.status, i % 7 == 6 ? CLEAT_CONFLICT : CLEAT_OK);
        assert_int_equal(result.error.status, i % 7 == 6 ? CLEAT_CONFLICT : CLEAT_OK);
        written += result.status == CLEAT_OK;
    }
    cleat_async_close(async);
}

static cleat_status
say_value(cleat_session *session, void *data)
{
    (void)session;
    (void)data;
    return CLEAT_VALUE;
}

static cleat_result
wait_for(cleat_async *async)
{
    cleat_result result;
    assert_true(is_readable(async, 10000));
    assert_int_equal(cleat_async_next(async, &result), CLEAT_ROW);
    return result;
}

static void
reading_work_that_fails_says_why(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = open_async(sample);
    int number = 1;
    assert_int_equal(cleat_async_submit(async, "library", CLEAT_READ, add_tag, &number), CLEAT_OK);
    cleat_result result = wait_for(async);
    assert_int_equal(result.status, CLEAT_READONLY);
    assert_int_equal(result.error.status, CLEAT_READONLY);
    assert_string_equal(result.error.table, "tags");
    assert_int_equal(cleat_async_submit(async, "library", CLEAT_READ, say_value, NULL), CLEAT_OK);
    result = wait_for(async);
    assert_int_equal(result.status, CLEAT_VALUE);
    assert_int_equal(result.error.status, CLEAT_VALUE);
    assert_non_null(strstr(result.error.text, "the work has returned CLEAT_VALUE"));
    cleat_async_close(async);
}

static void
without_a_descriptor_there_is_no_queue(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = NULL;
    struct rlimit before, none;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    cleat_status rc = cleat_async_open(sample->registry, &async);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(rc, CLEAT_CANNOT_OPEN);
    assert_null(async);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "no descriptor"));
}

static void
closing_waits_for_what_was_submitted(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = open_async(sample);
    int numbers[20];
    for (int i = 0; i < 20; i++) {
        numbers[i] = i;
        assert_int_equal(cleat_async_submit(async, NULL, CLEAT_WRITE, add_tag, &numbers[i]),
                         CLEAT_OK);
    }
    cleat_async_close(async);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags"),
                     20);
    cleat_async_close(NULL);
}

static void
closing_the_registry_closes_what_is_left(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = open_async(sample);
    int number = 1;
    open_async(sample);
    assert_int_equal(cleat_async_submit(async, NULL, CLEAT_WRITE, add_tag, &number), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags"), 1);
}

static cleat_status
wait_for_byte(cleat_session *session, void *data)
{
    char byte;
    (void)session;
    return read(*(int *)data, &byte, 1) == 1 ? CLEAT_OK : CLEAT_IO;
}

/* A call that does nothing leaves its reason with the registry. */
static void
expect_refusal(struct sample *sample, cleat_status rc, cleat_status status, const char *text)
{
    const cleat_error *error = cleat_registry_error(sample->registry);
    assert_int_equal(rc, status);
    assert_int_equal(error->status, status);
    assert_non_null(strstr(error->text, text));
}

static void
a_loop_is_never_held_up(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = open_async(sample);
    cleat_result result;
    int ends[2], number = 1, accepted = 0;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(cleat_async_submit(async, "journal", CLEAT_READ, wait_for_byte, &ends[0]),
                     CLEAT_OK);
    while (cleat_async_submit(async, NULL, CLEAT_WRITE, add_tag, &number) == CLEAT_OK)
        accepted++;
    assert_int_equal(accepted, 1023);
    expect_refusal(sample, cleat_async_submit(async, NULL, CLEAT_WRITE, add_tag, &number),
                   CLEAT_BUSY, "library: 1024 pieces of work wait");
    assert_int_equal(cleat_async_next(async, &result), CLEAT_DONE);
    assert_int_equal(write(ends[1], "x", 1), 1);
    for (int fetched = 0; fetched <= accepted;) {
        assert_true(is_readable(async, 10000));
        while (cleat_async_next(async, &result) == CLEAT_ROW)
            fetched++;
    }
    assert_int_equal(cleat_async_submit(async, NULL, CLEAT_WRITE, add_tag, &number), CLEAT_OK);
    cleat_async_close(async);
    close(ends[0]);
    close(ends[1]);
}

static void
wrong_calls_are_refused(void **state)
{
    struct sample *sample = *state;
    cleat_async *async = open_async(sample);
    cleat_result result;
    assert_int_equal(cleat_async_open(NULL, &async), CLEAT_MISUSE);
    assert_int_equal(cleat_async_open(sample->registry, NULL), CLEAT_MISUSE);
    expect_refusal(sample, cleat_async_submit(async, "none", CLEAT_READ, add_tag, NULL),
                   CLEAT_NOT_FOUND, "has no database none");
    expect_refusal(sample, cleat_async_submit(async, NULL, 7, add_tag, NULL), CLEAT_MISUSE,
                   "CLEAT_READ or CLEAT_WRITE");
    expect_refusal(sample, cleat_async_submit(async, NULL, CLEAT_READ, NULL, NULL), CLEAT_MISUSE,
                   "work is a function");
    assert_int_equal(cleat_async_submit(NULL, NULL, CLEAT_READ, add_tag, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_async_next(NULL, &result), CLEAT_MISUSE);
    assert_int_equal(cleat_async_next(async, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_async_fd(NULL), -1);
    pid_t child = fork();
    if (child == 0)
        _exit(cleat_async_submit(async, NULL, CLEAT_READ, add_tag, NULL) == CLEAT_FORKED &&
                      cleat_async_next(async, &result) == CLEAT_FORKED
                  ? 0
                  : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    cleat_async_close(async);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_descriptor_is_readable_while_there_are_results),
        TEST(results_come_in_the_order_of_submission),
        TEST(reading_work_that_fails_says_why),
        TEST(without_a_descriptor_there_is_no_queue),
        TEST(closing_waits_for_what_was_submitted),
        TEST(closing_the_registry_closes_what_is_left),
        TEST(a_loop_is_never_held_up),
        TEST(wrong_calls_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
