/* test_race.c: processes that start at once and are killed at any time, and threads that share a
 * registry. Whatever happens, a database is whole or absent, nobody who lives is refused, nobody
 * waits for ever, and what was acknowledged is there. */
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

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TAGS (&library_tags_table)

enum { MOST_PROCESSES = 8, STEPS = 4 };

static uint64_t chance_state = 2463534242u;

static long
chance(long below)
{
    chance_state ^= chance_state << 13; /* xorshift */
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (long)(chance_state % (uint64_t)below);
}

static int64_t
nanoseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- processes ---- */

/* Boots, writes one row, closes; returns the step that failed. */
static int
boot_and_write(struct sample *sample, int64_t number)
{
    cleat_registry *registry = NULL;
    cleat_session *session = NULL;
    library_tags_row tag = {.book_id = number, .tag = "x"};
    if (cleat_registry_open(&sample_init_table, &sample->settings, &registry) != CLEAT_OK)
        return 1;
    if (cleat_session_open(registry, NULL, CLEAT_WRITE, &session) != CLEAT_OK)
        return 2;
    if (cleat_row_insert(session, TAGS, &tag) != CLEAT_OK)
        return 3;
    if (cleat_session_commit(session) != CLEAT_OK)
        return 4;
    cleat_registry_close(registry);
    return 0;
}

static void
remove_databases(struct sample *sample)
{
    static const char *const names[] = {"library", "archive", "journal"};
    static const char *const suffixes[] = {".db", ".db-wal", ".db-shm", ".db.cleat-new"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        for (size_t j = 0; j < CLEAT_COUNT(suffixes); j++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s", names[i], suffixes[j]);
            unlink(sample_path(sample, name));
        }
}

/* Starts processes, kills some of them at a random time; the others must all succeed, and so must
 * whoever comes after them. Returns how many were killed before they were done. */
static int
race_once(struct sample *sample, int count, int kills)
{
    pid_t children[MOST_PROCESSES];
    int killed = 0, finished = 0;
    for (int i = 0; i < count; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(boot_and_write(sample, i + 1));
    }
    for (int i = 0; i < kills; i++) {
        struct timespec pause = {0, chance(12000000)};
        nanosleep(&pause, NULL);
        kill(children[i], SIGKILL);
    }
    for (int i = 0; i < count; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        killed += WIFSIGNALED(status);
        finished += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
            fail_msg("one of %d processes failed at step %d", count, WEXITSTATUS(status));
    }
    assert_int_equal(boot_and_write(sample, 100), 0);
    int64_t rows = sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags");
    assert_true(rows >= finished + 1 && rows <= count + 1);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"),
                                "SELECT count(*) FROM pragma_integrity_check"
                                " WHERE integrity_check = 'ok'"),
                     1);
    return killed;
}

static void
race(struct sample *sample, int count, int kills, int loops)
{
    int killed = 0;
    chance_state += faults_round();
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "60000");
    cleat_settings_set(&sample->settings, "log_level", "none");
    for (int i = 0; i < loops; i++) {
        killed += race_once(sample, count, kills);
        if (chance(4) != 0) /* the others begin with what is there */
            remove_databases(sample);
        else
            sample_run(sample_path(sample, "library.db"), "DELETE FROM tags");
    }
    print_message("    %d loops of %d processes, %d killed\n", loops, count, killed);
    /* on a busy machine they may all have been done in time */
    if (kills > 0 && killed == 0)
        print_message("    no kill came early enough\n");
}

static void
two_processes_start_at_once(void **state)
{
    race(*state, 2, 0, faults_loops(20, 500));
}

static void
eight_processes_start_at_once(void **state)
{
    race(*state, 8, 0, faults_loops(8, 200));
}

static void
one_of_two_that_start_is_killed(void **state)
{
    race(*state, 2, 1, faults_loops(60, 1000));
}

static void
three_of_eight_that_start_are_killed(void **state)
{
    race(*state, 8, 3, faults_loops(15, 1000));
}

/* ---- threads ---- */

struct worker {
    struct sample *sample;
    int64_t number;
    int wrong;
    int64_t worst; /* wait for a session, in nanoseconds */
    pthread_t thread;
};

static cleat_session *
open_session(struct worker *worker, unsigned mode)
{
    cleat_session *session = NULL;
    int64_t start = nanoseconds();
    cleat_status rc = cleat_session_open(worker->sample->registry, NULL, mode, &session);
    int64_t took = nanoseconds() - start;
    worker->wrong += rc != CLEAT_OK;
    worker->worst = took > worker->worst ? took : worker->worst;
    return session;
}

static void *
work(void *data)
{
    struct worker *worker = data;
    for (int i = 0; i < STEPS; i++) {
        int64_t count = 0;
        library_tags_row tag = {.book_id = worker->number * STEPS + i, .tag = "x"};
        cleat_session *session = open_session(worker, CLEAT_WRITE);
        worker->wrong += cleat_row_insert(session, TAGS, &tag) != CLEAT_OK;
        worker->wrong += cleat_session_use(session) != CLEAT_OK;
        worker->wrong += cleat_session_current("library") != session;
        worker->wrong += cleat_session_release(session) != CLEAT_OK;
        worker->wrong += cleat_session_commit(session) != CLEAT_OK;
        cleat_session_close(session);
        session = open_session(worker, CLEAT_READ);
        worker->wrong += cleat_row_count(session, TAGS, &count) != CLEAT_OK || count <= i;
        cleat_session_close(session);
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

static void
run_threads(struct sample *sample, int count)
{
    struct worker *workers = calloc((size_t)count, sizeof *workers);
    int wrong = 0;
    int64_t worst = 0;
    allow_many_files();
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "60000");
    cleat_settings_set(&sample->settings, "pool_size", "4");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_registry_install(sample->registry);
    for (int i = 0; i < count; i++) {
        workers[i] = (struct worker){.sample = sample, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        wrong += workers[i].wrong;
        worst = workers[i].worst > worst ? workers[i].worst : worst;
    }
    cleat_registry_install(NULL);
    free(workers);
    print_message("    %d threads, the longest wait %.1f ms\n", count, (double)worst / 1e6);
    assert_int_equal(wrong, 0);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags"),
                     count * STEPS);
}

static void
sixty_four_threads_share_a_registry(void **state)
{
    run_threads(*state, 64);
}

#if defined(__SANITIZE_THREAD__)
#define CLEAT_FEW_THREADS
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLEAT_FEW_THREADS
#endif
#endif

static void
a_thousand_threads_share_a_registry(void **state)
{
#ifdef CLEAT_FEW_THREADS
    print_message("    SKIPPED: the thread sanitizer has room for fewer threads\n");
    (void)state;
    skip();
#else
    run_threads(*state, 1000);
#endif
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(two_processes_start_at_once),         TEST(eight_processes_start_at_once),
        TEST(one_of_two_that_start_is_killed),     TEST(three_of_eight_that_start_are_killed),
        TEST(sixty_four_threads_share_a_registry), TEST(a_thousand_threads_share_a_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
