/* test_turn.c: threads that write one database are served in their order, and wait no longer than
 * they are told to. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum { WRITERS = 8, ROUNDS = 100 };

static const char *const databases[] = {"library", "archive"};

struct writer {
    pthread_t thread;
    cleat_registry *registry;
    int number;
    cleat_status status;
    int64_t milliseconds;
};

static int served[WRITERS];
static int served_count;

static int64_t
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
start(struct sample *sample, struct writer *writer, int number, void *(*work)(void *data))
{
    *writer = (struct writer){.registry = sample->registry, .number = number};
    assert_int_equal(pthread_create(&writer->thread, NULL, work, writer), 0);
}

/* One unit of work; notes when it was its turn. */
static void *
write_once(void *data)
{
    struct writer *writer = data;
    cleat_session *session;
    int64_t begin = now_ms();
    writer->status = cleat_session_open(writer->registry, "library", CLEAT_WRITE, &session);
    writer->milliseconds = now_ms() - begin;
    if (writer->status != CLEAT_OK)
        return NULL;
    served[served_count++] = writer->number;
    cleat_session_close(session);
    return NULL;
}

static void
set_timeout(struct sample *sample, const char *milliseconds)
{
    sample_close(sample);
    cleat_settings_set(&sample->settings, "busy_timeout_ms", milliseconds);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

/* Has the pool a connection for each, so that none is opened while others go ahead. */
static void
open_connections(struct sample *sample)
{
    cleat_session *sessions[WRITERS + 1];
    for (int i = 0; i <= WRITERS; i++)
        sessions[i] = sample_session(sample, NULL, CLEAT_READ);
    for (int i = 0; i <= WRITERS; i++)
        cleat_session_close(sessions[i]);
}

static void
those_who_wait_are_served_in_their_order(void **state)
{
    struct sample *sample = *state;
    struct writer writers[WRITERS];
    cleat_settings_set(&sample->settings, "pool_size", "16");
    set_timeout(sample, "20000");
    open_connections(sample);
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    served_count = 0;
    for (int i = 0; i < WRITERS; i++) {
        start(sample, &writers[i], i, write_once);
        usleep(50000);
    }
    cleat_session_close(session);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].status, CLEAT_OK);
        assert_int_equal(served[i], i);
    }
}

/* The first waits for another process, the second for the first. */
static void
waiting_for_a_turn_and_for_the_lock_is_one_wait(void **state)
{
    struct sample *sample = *state;
    struct writer writers[3];
    sqlite3 *other;
    set_timeout(sample, "400");
    assert_int_equal(sqlite3_open(sample_path(sample, "library.db"), &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    for (int i = 0; i < 3; i++)
        start(sample, &writers[i], i, write_once);
    for (int i = 0; i < 3; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].status, CLEAT_BUSY);
        assert_in_range(writers[i].milliseconds, 390, 1500);
    }
    sqlite3_close(other);
    cleat_stats stats;
    assert_int_equal(cleat_registry_stats(sample->registry, "library", &stats), CLEAT_OK);
    assert_true(stats.timeouts >= 3 && stats.waits >= 3);
    served_count = 0;
    start(sample, &writers[0], 7, write_once);
    pthread_join(writers[0].thread, NULL);
    assert_int_equal(writers[0].status, CLEAT_OK);
    assert_int_equal(served[0], 7);
}

/* The archive's own units wait less than those that write it from the library. */
static void *
write_both_once(void *data)
{
    struct writer *writer = data;
    cleat_session *session;
    writer->status = cleat_session_open_over(writer->registry, databases, 2, CLEAT_WRITE, &session);
    if (writer->status == CLEAT_OK)
        cleat_session_close(session);
    return NULL;
}

static void
one_that_gives_up_in_the_middle_leaves_the_others_waiting(void **state)
{
    struct sample *sample = *state;
    struct writer first;
    cleat_session *session;
    cleat_stats stats;
    cleat_settings_set(&sample->settings, "archive.busy_timeout_ms", "50");
    set_timeout(sample, "20000");
    cleat_session *holder = sample_session(sample, "archive", CLEAT_WRITE);
    start(sample, &first, 0, write_both_once);
    usleep(100000);
    assert_int_equal(cleat_session_open(sample->registry, "archive", CLEAT_WRITE, &session),
                     CLEAT_BUSY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "archive");
    cleat_session_close(holder);
    pthread_join(first.thread, NULL);
    assert_int_equal(first.status, CLEAT_OK);
    assert_int_equal(cleat_registry_stats(sample->registry, NULL, &stats), CLEAT_OK);
    assert_int_equal(stats.timeouts, 1);
}

/* SQLite rolls a unit back by itself: nobody has to wait until its owner closes it. */
static void
a_unit_that_is_lost_holds_nobody_up(void **state)
{
    struct sample *sample = *state;
    struct writer writer;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_true(cleat_session_execute(session,
                                      "INSERT OR ROLLBACK INTO tags (book_id, tag)"
                                      " VALUES (NULL, NULL)") < 0);
    served_count = 0;
    start(sample, &writer, 1, write_once);
    pthread_join(writer.thread, NULL);
    assert_int_equal(writer.status, CLEAT_OK);
    cleat_session_close(session);
}

static atomic_bool stopped;

static void *
write_all_the_time(void *data)
{
    struct writer *writer = data;
    cleat_session *session;
    while (writer->status == CLEAT_OK && !atomic_load(&stopped)) {
        writer->status = cleat_session_open(writer->registry, "library", CLEAT_WRITE, &session);
        if (writer->status == CLEAT_OK)
            cleat_session_close(session);
    }
    return NULL;
}

static void
those_who_never_pause_leave_others_their_turn(void **state)
{
    struct sample *sample = *state;
    struct writer writers[2];
    set_timeout(sample, "20000");
    atomic_store(&stopped, false);
    for (int i = 0; i < 2; i++)
        start(sample, &writers[i], i, write_all_the_time);
    int64_t begin = now_ms();
    for (int i = 0; i < ROUNDS; i++) {
        usleep(100);
        cleat_session_close(sample_session(sample, "library", CLEAT_WRITE));
    }
    assert_in_range(now_ms() - begin, 0, 20000);
    atomic_store(&stopped, true);
    for (int i = 0; i < 2; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].status, CLEAT_OK);
    }
}

/* Units over both, over the first and over the second. */
static void *
write_some(void *data)
{
    struct writer *writer = data;
    const char *const *names = databases + (writer->number % 3 == 2);
    size_t count = writer->number % 3 == 0 ? 2 : 1;
    cleat_session *session;
    for (int i = 0; writer->status == CLEAT_OK && i < ROUNDS; i++) {
        writer->status = cleat_session_open_over(writer->registry, names, count, CLEAT_WRITE,
                                                 &session);
        if (writer->status == CLEAT_OK)
            cleat_session_close(session);
    }
    return NULL;
}

static void
units_over_several_databases_do_not_stop_each_other(void **state)
{
    struct sample *sample = *state;
    struct writer writers[WRITERS];
    set_timeout(sample, "20000");
    for (int i = 0; i < WRITERS; i++)
        start(sample, &writers[i], i, write_some);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].status, CLEAT_OK);
    }
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(those_who_wait_are_served_in_their_order),
        TEST(waiting_for_a_turn_and_for_the_lock_is_one_wait),
        TEST(one_that_gives_up_in_the_middle_leaves_the_others_waiting),
        TEST(a_unit_that_is_lost_holds_nobody_up),
        TEST(those_who_never_pause_leave_others_their_turn),
        TEST(units_over_several_databases_do_not_stop_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
