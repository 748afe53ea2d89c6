/* test_group.c: work of many threads in shared transactions: each unit is kept or undone alone,
 * none is lost or done twice, those of one thread are in order. */
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

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 8, UNITS = 40 };

static cleat_stats
stats_of(struct sample *sample, const char *database)
{
    cleat_stats stats;
    assert_int_equal(cleat_registry_stats(sample->registry, database, &stats), CLEAT_OK);
    return stats;
}

static int64_t
count_rows(struct sample *sample, const char *sql)
{
    cleat_session *session = sample_session(sample, "library", CLEAT_READ);
    cleat_statement *statement;
    assert_int_equal(cleat_statement_open(session, sql, &statement), CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
    int64_t count = cleat_statement_integer(statement, 0);
    cleat_session_close(session);
    return count;
}

/* ---- pieces of work ---- */

/* A unit: a tag of a book, and what else it shall do. */
struct tag {
    int64_t book;
    const char *name;
    cleat_status answer; /* what it returns when all went well */
    int runs;
};

static cleat_status
add_tag(cleat_session *session, void *data)
{
    struct tag *tag = data;
    library_tags_row row = {.book_id = tag->book, .tag = tag->name};
    tag->runs++;
    cleat_status rc = cleat_row_insert(session, &library_tags_table, &row);
    return rc < 0 ? rc : tag->answer;
}

static void
one_unit_is_committed_and_gives_its_answer(void **state)
{
    struct sample *sample = *state;
    struct tag tag = {1, "x", CLEAT_FOUND, 0};
    assert_int_equal(cleat_group_run(sample->registry, "library", add_tag, &tag, NULL),
                     CLEAT_FOUND);
    assert_int_equal(tag.runs, 1);
    tag.book = 2;
    tag.answer = CLEAT_OK;
    assert_int_equal(cleat_group_run(sample->registry, NULL, add_tag, &tag, NULL), CLEAT_OK);
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), 2);
    assert_int_equal(stats_of(sample, "library").group_units, 2);
    assert_int_equal(stats_of(sample, "library").group_batches, 2);
}

static void
a_unit_that_fails_is_undone_and_says_why(void **state)
{
    struct sample *sample = *state;
    struct tag tag = {1, "x", CLEAT_OK, 0};
    cleat_error error;
    assert_int_equal(cleat_group_run(sample->registry, NULL, add_tag, &tag, &error), CLEAT_OK);
    assert_int_equal(cleat_group_run(sample->registry, NULL, add_tag, &tag, &error),
                     CLEAT_CONFLICT);
    assert_int_equal(error.status, CLEAT_CONFLICT);
    assert_string_equal(error.table, "tags");
    tag.book = 2;
    tag.answer = CLEAT_VALUE;
    assert_int_equal(cleat_group_run(sample->registry, NULL, add_tag, &tag, &error), CLEAT_VALUE);
    assert_string_equal(error.text, "library: the work has returned CLEAT_VALUE");
    assert_string_equal(error.database, "library");
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), 1);
}

/* Whether a call that did nothing gave its status, and an error that says this. */
static void
expect_refusal(cleat_registry *registry, const char *database, cleat_work *work,
               cleat_status status, const char *text)
{
    cleat_error error;
    memset(&error, 0xff, sizeof error);
    assert_int_equal(cleat_group_run(registry, database, work, NULL, &error), status);
    assert_int_equal(error.status, status);
    assert_non_null(strstr(error.text, text));
    if (status == CLEAT_NOT_FOUND)
        assert_string_equal(error.database, database);
}

static void
a_call_that_does_nothing_says_why(void **state)
{
    struct sample *sample = *state;
    int status;
    expect_refusal(sample->registry, "none", add_tag, CLEAT_NOT_FOUND, "has no database none");
    expect_refusal(sample->registry, "library", NULL, CLEAT_MISUSE, "no work");
    expect_refusal(NULL, "library", add_tag, CLEAT_MISUSE, "no registry");
    pid_t child = fork();
    if (child == 0) {
        cleat_error error = {0};
        cleat_status rc = cleat_group_run(sample->registry, "library", add_tag, NULL, &error);
        _exit(rc == CLEAT_FORKED && error.status == rc && strstr(error.text, "forked") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static cleat_status
end_the_unit(cleat_session *session, void *data)
{
    struct tag *tag = data;
    cleat_status rc = add_tag(session, tag);
    if (rc == CLEAT_OK && cleat_session_commit(session) != CLEAT_MISUSE)
        rc = CLEAT_ERROR;
    if (rc == CLEAT_OK && cleat_session_rollback(session) != CLEAT_MISUSE)
        rc = CLEAT_ERROR;
    cleat_session_close(session);
    if (rc == CLEAT_OK && cleat_session_current("library") != session)
        rc = CLEAT_ERROR;
    return rc;
}

static void
work_cannot_end_its_unit(void **state)
{
    struct sample *sample = *state;
    struct tag tag = {1, "x", CLEAT_OK, 0};
    assert_int_equal(cleat_group_run(sample->registry, NULL, end_the_unit, &tag, NULL), CLEAT_OK);
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), 1);
    assert_null(cleat_session_current("library"));
}

struct nested {
    cleat_registry *registry;
    cleat_status same, other;
};

static cleat_status
do_nothing(cleat_session *session, void *data)
{
    (void)session;
    (void)data;
    return CLEAT_OK;
}

static cleat_status
nest(cleat_session *session, void *data)
{
    struct nested *nested = data;
    (void)session;
    nested->same = cleat_group_run(nested->registry, "archive", do_nothing, NULL, NULL);
    nested->other = cleat_group_run(nested->registry, "journal", do_nothing, NULL, NULL);
    return CLEAT_OK;
}

static void
work_cannot_wait_for_its_own_group(void **state)
{
    struct sample *sample = *state;
    struct nested nested = {.registry = sample->registry};
    assert_int_equal(cleat_group_run(sample->registry, "archive", nest, &nested, NULL), CLEAT_OK);
    assert_int_equal(nested.same, CLEAT_MISUSE);
    assert_int_equal(nested.other, CLEAT_OK);
}

/* ---- batches: a gate holds the leader until the others wait ---- */

struct gate {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool reached, open;
};

static cleat_status
wait_at_gate(cleat_session *session, void *data)
{
    struct gate *gate = data;
    (void)session;
    pthread_mutex_lock(&gate->mutex);
    gate->reached = true;
    pthread_cond_broadcast(&gate->changed);
    while (!gate->open)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
    return CLEAT_OK;
}

static void
await_gate(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    while (!gate->reached)
        pthread_cond_wait(&gate->changed, &gate->mutex);
    pthread_mutex_unlock(&gate->mutex);
}

static void
open_gate(struct gate *gate)
{
    pthread_mutex_lock(&gate->mutex);
    gate->open = true;
    pthread_cond_broadcast(&gate->changed);
    pthread_mutex_unlock(&gate->mutex);
}

static void
await_waiting(struct sample *sample, uint64_t count)
{
    while (stats_of(sample, "library").group_waiting < count)
        sched_yield();
}

struct call {
    pthread_t thread;
    cleat_registry *registry;
    cleat_work *work;
    void *data;
    cleat_status status;
    cleat_error error;
};

static void *
make_call(void *data)
{
    struct call *call = data;
    call->status = cleat_group_run(call->registry, "library", call->work, call->data, &call->error);
    return NULL;
}

/* Starts the calls while a leader is held back, so that they are one batch, in their order. */
static void
call_together(struct sample *sample, struct call *calls, size_t count)
{
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct call leader = {.registry = sample->registry, .work = wait_at_gate, .data = &gate};
    assert_int_equal(pthread_create(&leader.thread, NULL, make_call, &leader), 0);
    await_gate(&gate);
    for (size_t i = 0; i < count; i++) {
        calls[i].registry = sample->registry;
        assert_int_equal(pthread_create(&calls[i].thread, NULL, make_call, &calls[i]), 0);
        await_waiting(sample, i + 1);
    }
    open_gate(&gate);
    pthread_join(leader.thread, NULL);
    for (size_t i = 0; i < count; i++)
        pthread_join(calls[i].thread, NULL);
    assert_int_equal(leader.status, CLEAT_OK);
}

static void
units_of_a_batch_fail_alone(void **state)
{
    struct sample *sample = *state;
    struct tag tags[] = {
        {1, "a", CLEAT_OK, 0},    {1, "a", CLEAT_OK, 0}, {2, "b", CLEAT_VALUE, 0},
        {3, "c", CLEAT_FOUND, 0}, {4, "d", CLEAT_OK, 0},
    };
    static const cleat_status expected[] = {CLEAT_OK, CLEAT_CONFLICT, CLEAT_VALUE, CLEAT_FOUND,
                                            CLEAT_OK};
    struct call calls[CLEAT_COUNT(tags)] = {0};
    for (size_t i = 0; i < CLEAT_COUNT(tags); i++) {
        calls[i].work = add_tag;
        calls[i].data = &tags[i];
    }
    call_together(sample, calls, CLEAT_COUNT(calls));
    for (size_t i = 0; i < CLEAT_COUNT(calls); i++) {
        assert_int_equal(calls[i].status, expected[i]);
        assert_int_equal(tags[i].runs, 1);
    }
    assert_int_equal(calls[1].error.status, CLEAT_CONFLICT);
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), 3);
    cleat_stats stats = stats_of(sample, "library");
    assert_int_equal(stats.group_units, 6);
    assert_int_equal(stats.group_batches, 2);
    assert_int_equal(stats.group_largest, 5);
    assert_int_equal(stats.group_repeated, 0);
}

/* A reference that SQLite would look at only when all commit. */
static cleat_status
leave_reference_open(cleat_session *session, void *data)
{
    static const char *const sql[] = {
        "CREATE TEMP TABLE p (id INTEGER PRIMARY KEY)",
        "CREATE TEMP TABLE c (p INTEGER REFERENCES p (id) DEFERRABLE INITIALLY DEFERRED)",
        "INSERT INTO temp.c VALUES (7)",
    };
    cleat_status rc = add_tag(session, data);
    for (size_t i = 0; rc >= 0 && i < CLEAT_COUNT(sql); i++)
        rc = cleat_session_execute(session, sql[i]);
    return rc;
}

static void
a_reference_that_a_unit_leaves_open_is_its_own(void **state)
{
    struct sample *sample = *state;
    struct tag tags[] = {{1, "a", CLEAT_OK, 0}, {2, "b", CLEAT_OK, 0}, {3, "c", CLEAT_OK, 0}};
    struct call calls[CLEAT_COUNT(tags)] = {0};
    for (size_t i = 0; i < CLEAT_COUNT(tags); i++) {
        calls[i].work = i == 1 ? leave_reference_open : add_tag;
        calls[i].data = &tags[i];
    }
    call_together(sample, calls, CLEAT_COUNT(calls));
    assert_int_equal(calls[0].status, CLEAT_OK);
    assert_int_equal(calls[1].status, CLEAT_FOREIGN_KEY);
    assert_string_equal(calls[1].error.text, "library: a reference has no target");
    assert_int_equal(calls[2].status, CLEAT_OK);
    assert_int_equal(count_rows(sample, "SELECT sum(book_id) FROM library.tags"), 4);
    assert_int_equal(stats_of(sample, "library").group_repeated, 0);
}

/* A queue hands over all it has at once: with one more, as many wait as may. */
static void
who_finds_no_room_waits_for_it(void **state)
{
    enum { ROOM = 1024 };
    struct sample *sample = *state;
    struct gate gate = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct gate queued = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
    struct tag tags[] = {{1, "last with room", CLEAT_OK, 0}, {2, "first without", CLEAT_OK, 0}};
    struct call calls[] = {
        {.registry = sample->registry, .work = wait_at_gate, .data = &gate},
        {.registry = sample->registry, .work = add_tag, .data = &tags[0]},
        {.registry = sample->registry, .work = add_tag, .data = &tags[1]},
    };
    cleat_async *queue;
    assert_int_equal(pthread_create(&calls[0].thread, NULL, make_call, &calls[0]), 0);
    await_gate(&gate);
    assert_int_equal(cleat_async_open(sample->registry, &queue), CLEAT_OK);
    assert_int_equal(cleat_async_submit(queue, "archive", CLEAT_WRITE, wait_at_gate, &queued),
                     CLEAT_OK);
    await_gate(&queued);
    for (int i = 1; i < ROOM; i++)
        assert_int_equal(cleat_async_submit(queue, "library", CLEAT_WRITE, do_nothing, NULL),
                         CLEAT_OK);
    assert_int_equal(cleat_async_submit(queue, "library", CLEAT_WRITE, do_nothing, NULL),
                     CLEAT_BUSY);
    open_gate(&queued);
    await_waiting(sample, ROOM - 1);
    assert_int_equal(pthread_create(&calls[1].thread, NULL, make_call, &calls[1]), 0);
    await_waiting(sample, ROOM);
    assert_int_equal(pthread_create(&calls[2].thread, NULL, make_call, &calls[2]), 0);
    usleep(20000);
    assert_int_equal(stats_of(sample, "library").group_waiting, ROOM);
    open_gate(&gate);
    for (size_t i = 0; i < CLEAT_COUNT(calls); i++) {
        pthread_join(calls[i].thread, NULL);
        assert_int_equal(calls[i].status, CLEAT_OK);
    }
    cleat_async_close(queue);
    assert_int_equal(stats_of(sample, "library").group_units, ROOM + 2);
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), 2);
}

/* Leaves savepoints open, and tries to end the one that it is in. */
static cleat_status
leave_savepoints(cleat_session *session, void *data)
{
    struct tag *tag = data;
    struct tag second = {tag->book + 100, tag->name, CLEAT_OK, 0};
    cleat_status rc = add_tag(session, tag);
    if (rc >= 0 && cleat_savepoint_release(session, "") != CLEAT_MISUSE)
        rc = CLEAT_ERROR;
    for (int depth = 0; rc >= 0 && depth < 2; depth++)
        rc = cleat_savepoint(session, "s");
    cleat_status added = rc < 0 ? rc : add_tag(session, &second);
    return added < 0 ? added : tag->answer;
}

static void
savepoints_that_a_unit_leaves_open_are_its_own(void **state)
{
    struct sample *sample = *state;
    struct tag tags[] = {
        {1, "a", CLEAT_OK, 0},
        {2, "b", CLEAT_VALUE, 0},
        {3, "c", CLEAT_OK, 0},
        {4, "d", CLEAT_VALUE, 0},
    };
    struct call calls[CLEAT_COUNT(tags)] = {0};
    for (size_t i = 0; i < CLEAT_COUNT(tags); i++) {
        calls[i].work = leave_savepoints;
        calls[i].data = &tags[i];
    }
    call_together(sample, calls, CLEAT_COUNT(calls));
    for (size_t i = 0; i < CLEAT_COUNT(calls); i++)
        assert_int_equal(calls[i].status, tags[i].answer);
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), 4);
    assert_int_equal(count_rows(sample,
                                "SELECT count(*) FROM library.tags"
                                " WHERE book_id IN (1, 3, 101, 103)"),
                     4);
    assert_int_equal(stats_of(sample, "library").group_repeated, 0);
}

/* Ends the transaction under everybody's feet, as a full disk can. */
static cleat_status
lose_transaction(cleat_session *session, void *data)
{
    struct tag *tag = data;
    cleat_status rc = add_tag(session, tag);
    if (rc == CLEAT_OK)
        rc = cleat_session_execute(session,
                                   "INSERT OR ROLLBACK INTO library.tags(book_id, tag) "
                                   "SELECT book_id, tag FROM library.tags");
    return rc;
}

static void
a_unit_that_loses_the_transaction_costs_nobody_else(void **state)
{
    struct sample *sample = *state;
    struct tag tags[] = {{1, "a", CLEAT_OK, 0}, {2, "b", CLEAT_OK, 0}, {3, "c", CLEAT_OK, 0}};
    struct call calls[CLEAT_COUNT(tags)] = {0};
    for (size_t i = 0; i < CLEAT_COUNT(tags); i++) {
        calls[i].work = i == 1 ? lose_transaction : add_tag;
        calls[i].data = &tags[i];
    }
    call_together(sample, calls, CLEAT_COUNT(calls));
    assert_int_equal(calls[0].status, CLEAT_OK);
    assert_int_equal(calls[1].status, CLEAT_CONFLICT);
    assert_int_equal(calls[2].status, CLEAT_OK);
    assert_int_equal(tags[0].runs, 2);
    assert_int_equal(tags[1].runs, 2);
    assert_int_equal(tags[2].runs, 1);
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), 2);
    assert_int_equal(stats_of(sample, "library").group_repeated, 3);
}

/* A list that is not read to its end. */
static cleat_status
leave_a_list_open(cleat_session *session, void *data)
{
    library_tags_row row;
    cleat_cursor *cursor = data;
    cleat_status rc = cleat_row_list(session, &library_tags_table, cursor);
    if (rc == CLEAT_OK)
        rc = cleat_row_next(cursor, &library_tags_table, &row);
    return rc < 0 ? rc : CLEAT_OK;
}

static cleat_status
read_a_list_of_another(cleat_session *session, void *data)
{
    library_tags_row row;
    (void)session;
    return cleat_row_next(data, &library_tags_table, &row);
}

static void
what_a_unit_borrows_ends_with_it(void **state)
{
    struct sample *sample = *state;
    struct tag tags[] = {{1, "a", CLEAT_OK, 0}, {2, "b", CLEAT_OK, 0}};
    cleat_cursor cursor = {0};
    struct call calls[] = {
        {.work = add_tag, .data = &tags[0]},
        {.work = add_tag, .data = &tags[1]},
        {.work = leave_a_list_open, .data = &cursor},
        {.work = read_a_list_of_another, .data = &cursor},
    };
    call_together(sample, calls, CLEAT_COUNT(calls));
    assert_int_equal(calls[2].status, CLEAT_OK);
    assert_true(calls[3].status < 0);
}

/* ---- many threads ---- */

struct submitter {
    pthread_t thread;
    cleat_registry *registry;
    int64_t number;
    int accepted;
    bool wrong;
};

/* Every third unit asks for a key that is taken, and must be the only one to fail. */
static void *
submit(void *data)
{
    struct submitter *submitter = data;
    char name[16];
    for (int i = 0; i < UNITS; i++) {
        struct tag tag = {submitter->number, name, CLEAT_OK, 0};
        snprintf(name, sizeof name, "%d", i % 3 == 2 ? 0 : i);
        cleat_status rc = cleat_group_run(submitter->registry, NULL, add_tag, &tag, NULL);
        submitter->accepted += rc == CLEAT_OK;
        submitter->wrong = submitter->wrong || rc != (i % 3 == 2 ? CLEAT_CONFLICT : CLEAT_OK);
    }
    return NULL;
}

static void
many_threads_lose_nothing(void **state)
{
    struct sample *sample = *state;
    struct submitter submitters[THREADS] = {0};
    int accepted = 0;
    for (int i = 0; i < THREADS; i++) {
        submitters[i].registry = sample->registry;
        submitters[i].number = i + 1;
        assert_int_equal(pthread_create(&submitters[i].thread, NULL, submit, &submitters[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(submitters[i].thread, NULL);
        assert_false(submitters[i].wrong);
        accepted += submitters[i].accepted;
    }
    assert_int_equal(count_rows(sample, "SELECT count(*) FROM library.tags"), accepted);
    cleat_stats stats = stats_of(sample, "library");
    assert_int_equal(stats.group_units, THREADS * UNITS);
    assert_true(stats.group_batches <= stats.group_units);
}

/* ---- a lock that is not to be had ---- */

static void
a_lock_that_is_not_to_be_had_is_busy_for_all(void **state)
{
    struct sample *sample = *state;
    struct tag tag = {1, "x", CLEAT_OK, 0};
    cleat_error error;
    cleat_session *holder = sample_session(sample, "library", CLEAT_WRITE);
    assert_int_equal(cleat_group_run(sample->registry, NULL, add_tag, &tag, &error), CLEAT_BUSY);
    assert_int_equal(error.status, CLEAT_BUSY);
    assert_int_equal(tag.runs, 0);
    cleat_session_close(holder);
    assert_int_equal(cleat_group_run(sample->registry, NULL, add_tag, &tag, &error), CLEAT_OK);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_unit_is_committed_and_gives_its_answer),
        TEST(a_unit_that_fails_is_undone_and_says_why),
        TEST(a_call_that_does_nothing_says_why),
        TEST(work_cannot_end_its_unit),
        TEST(work_cannot_wait_for_its_own_group),
        TEST(units_of_a_batch_fail_alone),
        TEST(a_reference_that_a_unit_leaves_open_is_its_own),
        TEST(who_finds_no_room_waits_for_it),
        TEST(savepoints_that_a_unit_leaves_open_are_its_own),
        TEST(a_unit_that_loses_the_transaction_costs_nobody_else),
        TEST(what_a_unit_borrows_ends_with_it),
        TEST(many_threads_lose_nothing),
        TEST(a_lock_that_is_not_to_be_had_is_busy_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
