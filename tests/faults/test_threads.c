/* test_threads.c: threads that share a registry: many that write and read, and some that do at once
 * all that a program does. Every one gets its turn, none gets a wrong answer, and what was
 * acknowledged is there. `./build.sh tsan` runs it under the thread sanitizer. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "faults.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define TAGS (&library_tags_table)
#define NOTES (&archive_notes_table)

#if defined(__SANITIZE_THREAD__)
#define CLEAT_FEW_THREADS
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLEAT_FEW_THREADS
#endif
#endif

struct worker {
    struct sample *sample;
    int64_t number;
    int steps;
    cleat_status status; /* the first that was not CLEAT_OK, which ends the thread */
    const char *task;    /* whose it is */
    int64_t written;     /* rows that were acknowledged */
    int64_t worst;       /* wait for a session, in nanoseconds */
    uint64_t chance;
    pthread_t thread;
};

static int64_t
nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static cleat_status
open_session(struct worker *worker, unsigned mode, cleat_session **ret_session)
{
    int64_t start = nanoseconds();
    cleat_status rc = cleat_session_open(worker->sample->registry, NULL, mode, ret_session);
    int64_t took = nanoseconds() - start;
    worker->worst = took > worker->worst ? took : worker->worst;
    return rc;
}

/* Ends a unit: commits when all went well, and closes. */
static cleat_status
end(cleat_session *session, cleat_status rc)
{
    if (rc == CLEAT_OK)
        rc = cleat_session_commit(session);
    cleat_session_close(session);
    return rc;
}

static cleat_status
holds(bool condition)
{
    return condition ? CLEAT_OK : CLEAT_VALUE;
}

/* A tag that nobody else writes. */
static cleat_status
write_tag(cleat_session *session, void *data)
{
    struct worker *worker = data;
    library_tags_row tag = {.book_id = worker->number * 1000000 + worker->written, .tag = "x"};
    return cleat_row_insert(session, TAGS, &tag);
}

/* ---- many threads ---- */

enum { STEPS = 4, LONG = 60000 }; /* milliseconds */

static cleat_status
write_in_use(struct worker *worker)
{
    cleat_session *session;
    cleat_status rc = open_session(worker, CLEAT_WRITE, &session);
    if (rc < 0)
        return rc;
    rc = write_tag(session, worker);
    if (rc == CLEAT_OK)
        rc = cleat_session_use(session);
    if (rc == CLEAT_OK)
        rc = holds(cleat_session_current("library") == session);
    if (rc == CLEAT_OK)
        rc = cleat_session_release(session);
    return end(session, rc);
}

static cleat_status
read_what_was_written(struct worker *worker)
{
    int64_t count = 0;
    cleat_session *session;
    cleat_status rc = open_session(worker, CLEAT_READ, &session);
    if (rc < 0)
        return rc;
    rc = cleat_row_count(session, TAGS, &count);
    return end(session, rc < 0 ? rc : holds(count >= worker->written));
}

static void *
write_and_read(void *data)
{
    struct worker *worker = data;
    for (int i = 0; i < STEPS && worker->status == CLEAT_OK; i++) {
        worker->status = write_in_use(worker);
        worker->written += worker->status == CLEAT_OK;
        if (worker->status == CLEAT_OK)
            worker->status = read_what_was_written(worker);
    }
    return NULL;
}

static void
allow_many_files(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Starts the threads, waits for them, and returns how many rows they have written. */
static int64_t
run_threads(struct sample *sample, void *(*run)(void *), int count, int steps)
{
    struct worker *workers = calloc((size_t)count, sizeof *workers);
    int wrong = 0;
    int64_t worst = 0, written = 0;
    assert_non_null(workers);
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.sample = sample, .number = i, .task = "", .steps = steps};
        workers[i].chance = (uint64_t)i + 1 + 1000 * faults_round();
        assert_int_equal(pthread_create(&workers[i].thread, NULL, run, &workers[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        if (workers[i].status != CLEAT_OK)
            print_message("    thread %d, %s: %s\n", i, workers[i].task,
                          cleat_status_name(workers[i].status));
        wrong += workers[i].status != CLEAT_OK;
        written += workers[i].written;
        worst = workers[i].worst > worst ? workers[i].worst : worst;
    }
    free(workers);
    print_message("    %d threads, %lld rows, the longest wait %.1f ms\n", count,
                  (long long)written, (double)worst / 1e6);
    assert_int_equal(wrong, 0);
    return written;
}

static int64_t
count_tags(struct sample *sample)
{
    return sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags");
}

static void
share_a_registry(struct sample *sample, int count)
{
    allow_many_files();
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "60000");
    cleat_settings_set(&sample->settings, "pool_size", "4");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_registry_install(sample->registry);
    int64_t written = run_threads(sample, write_and_read, count, STEPS);
    cleat_registry_install(NULL);
    assert_int_equal(written, count * STEPS);
    assert_int_equal(count_tags(sample), written);
}

static void
sixty_four_threads_share_a_registry(void **state)
{
    share_a_registry(*state, 64);
}

static void
a_thousand_threads_share_a_registry(void **state)
{
#ifdef CLEAT_FEW_THREADS
    print_message("    SKIPPED: the thread sanitizer has room for fewer threads\n");
    (void)state;
    skip();
#else
    share_a_registry(*state, 1000);
#endif
}

/* ---- all that a program does ---- */

static cleat_status
write_plain(struct worker *worker)
{
    cleat_session *session;
    cleat_status rc = open_session(worker, CLEAT_WRITE, &session);
    return rc < 0 ? rc : end(session, write_tag(session, worker));
}

/* A tag and a note: whoever looks finds as many of the one as of the other. */
static cleat_status
write_both(struct worker *worker)
{
    library_tags_row tag = {.book_id = worker->number * 1000000 + worker->written, .tag = "both"};
    archive_notes_row note;
    cleat_session *session;
    cleat_status rc = open_session(worker, CLEAT_WRITE | CLEAT_ATOMIC, &session);
    if (rc < 0)
        return rc;
    cleat_row_defaults(NOTES, &note);
    note.slug = note.id;
    rc = cleat_row_insert(session, NOTES, &note);
    if (rc == CLEAT_OK)
        rc = cleat_row_insert(session, TAGS, &tag);
    return end(session, rc);
}

static const char pairs[] =
    "SELECT (SELECT count(*) FROM tags WHERE tag='both')"
    " - (SELECT count(*) FROM archive.notes)";

static cleat_status
read_both(struct worker *worker)
{
    cleat_statement *statement = NULL;
    cleat_session *session;
    cleat_status rc = open_session(worker, CLEAT_READ | CLEAT_ATOMIC, &session);
    if (rc < 0)
        return rc;
    rc = cleat_statement_open(session, pairs, &statement);
    if (rc == CLEAT_OK)
        rc = cleat_statement_next(statement);
    if (rc == CLEAT_ROW)
        rc = holds(cleat_statement_integer(statement, 0) == 0);
    cleat_statement_close(statement);
    return end(session, rc);
}

static cleat_status
undo(struct worker *worker)
{
    cleat_session *session;
    cleat_status rc = open_session(worker, CLEAT_WRITE, &session);
    if (rc < 0)
        return rc;
    rc = cleat_savepoint(session, "before");
    if (rc == CLEAT_OK)
        rc = write_tag(session, worker);
    if (rc == CLEAT_OK)
        rc = cleat_savepoint_rollback(session, "before");
    if (rc == CLEAT_OK)
        rc = write_tag(session, worker);
    if (rc == CLEAT_OK)
        rc = cleat_session_rollback(session);
    cleat_session_close(session);
    return rc;
}

static cleat_status
write_in_a_group(struct worker *worker)
{
    return cleat_group_run(worker->sample->registry, NULL, write_tag, worker, NULL);
}

static cleat_status
write_beside_a_loop(struct worker *worker)
{
    cleat_async *queue;
    cleat_result result = {.status = CLEAT_OK};
    cleat_status rc = cleat_async_open(worker->sample->registry, &queue);
    if (rc < 0)
        return rc;
    struct pollfd file = {.fd = cleat_async_fd(queue), .events = POLLIN};
    rc = cleat_async_submit(queue, NULL, CLEAT_WRITE, write_tag, worker);
    if (rc == CLEAT_OK)
        rc = holds(poll(&file, 1, LONG) == 1 && cleat_async_next(queue, &result) == CLEAT_ROW);
    cleat_async_close(queue);
    return rc < 0 ? rc : result.status;
}

static cleat_status
move_the_logs(struct worker *worker)
{
    return cleat_registry_checkpoint(worker->sample->registry, NULL);
}

static cleat_status
optimize(struct worker *worker)
{
    return cleat_registry_optimize(worker->sample->registry, "library");
}

static cleat_status
check_the_files(struct worker *worker)
{
    return cleat_registry_check(worker->sample->registry, NULL, CLEAT_CHECK_FULL, NULL, NULL);
}

static cleat_status
look_at_figures(struct worker *worker)
{
    cleat_registry *registry = worker->sample->registry;
    cleat_stats stats;
    cleat_database_info info;
    FILE *file = fopen("/dev/null", "w");
    cleat_status rc = holds(file != NULL);
    if (rc == CLEAT_OK)
        rc = cleat_stats_print(registry, file);
    if (rc == CLEAT_OK)
        rc = cleat_registry_stats(registry, NULL, &stats);
    if (rc == CLEAT_OK)
        rc = cleat_registry_database_named(registry, "archive", &info);
    if (file != NULL)
        fclose(file);
    return rc;
}

/* The error of a registry is that of the last call that failed, on whichever thread: it is read
 * before another one fails. */
static cleat_status
fail_in_turn(cleat_registry *registry)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    cleat_session *session = NULL;
    pthread_mutex_lock(&one_at_a_time);
    cleat_status rc = cleat_session_open(registry, "nowhere", CLEAT_READ, &session);
    const char *text = cleat_registry_error(registry)->text;
    rc = holds(rc == CLEAT_NOT_FOUND && strstr(text, "nowhere") != NULL);
    pthread_mutex_unlock(&one_at_a_time);
    return rc;
}

static cleat_status
fail_and_read_why(struct worker *worker)
{
    cleat_session *session = NULL;
    cleat_status rc = fail_in_turn(worker->sample->registry);
    if (rc == CLEAT_OK)
        rc = open_session(worker, CLEAT_READ, &session);
    if (rc < 0)
        return rc;
    rc = cleat_session_execute(session, "SELECT x FROM nowhere");
    rc = holds(rc == CLEAT_ERROR && cleat_session_error(session)->status == rc);
    cleat_session_close(session);
    return rc;
}

/* One set for each thread. */
static cleat_status
copy_all(struct worker *worker)
{
    char directory[256];
    snprintf(directory, sizeof directory, "%s/set-%d", worker->sample->directory,
             (int)worker->number);
    if (access(directory, F_OK) == 0)
        return CLEAT_OK;
    return cleat_registry_backup(worker->sample->registry, directory, NULL, NULL);
}

static const struct task {
    const char *name;
    cleat_status (*run)(struct worker *worker);
    int writes; /* rows, when all went well */
} tasks[] = {
    {"write_plain", write_plain, 1},
    {"write_both", write_both, 1},
    {"read_both", read_both, 0},
    {"undo", undo, 0},
    {"write_in_a_group", write_in_a_group, 1},
    {"write_beside_a_loop", write_beside_a_loop, 1},
    {"move_the_logs", move_the_logs, 0},
    {"optimize", optimize, 0},
    {"check_the_files", check_the_files, 0},
    {"look_at_figures", look_at_figures, 0},
    {"fail_and_read_why", fail_and_read_why, 0},
    {"copy_all", copy_all, 0},
};

static unsigned
chance(struct worker *worker, unsigned below)
{
    worker->chance = worker->chance * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(worker->chance >> 33) % below;
}

static void *
do_all(void *data)
{
    struct worker *worker = data;
    for (int i = 0; i < worker->steps && worker->status == CLEAT_OK; i++) {
        const struct task *task = &tasks[chance(worker, CLEAT_COUNT(tasks))];
        worker->status = task->run(worker);
        worker->task = task->name;
        worker->written += worker->status == CLEAT_OK ? task->writes : 0;
    }
    return NULL;
}

static void
count_statement(void *data, const char *database, const char *sql, int64_t ns)
{
    (void)database;
    (void)sql;
    (void)ns;
    atomic_fetch_add((atomic_long *)data, 1);
}

static void
ignore_line(void *data, cleat_log_level level, const char *line)
{
    (void)data;
    (void)level;
    (void)line;
}

static void
threads_do_at_once_all_that_a_program_does(void **state)
{
    struct sample *sample = *state;
    static atomic_long statements; /* outlives a failure */
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "60000");
    cleat_settings_set(&sample->settings, "pool_size", "4");
    cleat_settings_set(&sample->settings, "checkpointer", "on");
    cleat_settings_set(&sample->settings, "wal_autocheckpoint", "20");
    cleat_settings_log(&sample->settings, ignore_line, NULL);
    cleat_settings_trace(&sample->settings, count_statement, &statements);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    int64_t written = run_threads(sample, do_all, 12, faults_loops(40, 1000));
    sample_close(sample);
    assert_true(statements > written);
    assert_int_equal(count_tags(sample), written);
    assert_int_equal(
        sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags WHERE tag='both'"),
        sample_ask(sample_path(sample, "archive.db"), "SELECT count(*) FROM notes"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_registry_check(sample->registry, NULL, CLEAT_CHECK_FULL, NULL, NULL),
                     CLEAT_OK);
}

/* An argument names the tests to run, with * for any text. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sixty_four_threads_share_a_registry),
        TEST(a_thousand_threads_share_a_registry),
        TEST(threads_do_at_once_all_that_a_program_does),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
