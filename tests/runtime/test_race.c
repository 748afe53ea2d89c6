/* test_race.c: processes that boot at once, processes that are killed while they boot, threads
 * that share a registry. Whatever happens, a database is whole or absent, and the next boot is a
 * success. */
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
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TAGS (&library_tags_table)

enum { PROCESSES = 6, KILLS = 60, THREADS = 6, ROWS = 50 };

/* Boots, writes one row, closes; the number of what went wrong. */
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
    static const char *const suffixes[] = {".db", ".db-wal", ".db-shm"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++) {
        for (size_t j = 0; j < CLEAT_COUNT(suffixes); j++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s", names[i], suffixes[j]);
            unlink(sample_path(sample, name));
        }
    }
}

static void
cold_boots_at_once_all_succeed(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "20000");
    for (int round = 0; round < 10; round++) {
        pid_t children[PROCESSES];
        for (int i = 0; i < PROCESSES; i++) {
            children[i] = fork();
            if (children[i] == 0)
                _exit(boot_and_write(sample, i));
        }
        for (int i = 0; i < PROCESSES; i++) {
            int status = -1;
            waitpid(children[i], &status, 0);
            assert_true(WIFEXITED(status));
            assert_int_equal(WEXITSTATUS(status), 0);
        }
        assert_true(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags") ==
                    PROCESSES);
        remove_databases(sample);
    }
}

static void
a_boot_that_is_killed_anywhere_leaves_old_or_new(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "20000");
    for (int i = 0; i < KILLS; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(boot_and_write(sample, 1));
        struct timespec pause = {0, i * 300000L};
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        assert_int_equal(boot_and_write(sample, 2), 0);
        int64_t rows = sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags");
        assert_true(rows == 1 || rows == 2);
        assert_int_equal(sample_ask(sample_path(sample, "library.db"),
                                    "SELECT count(*) FROM pragma_integrity_check "
                                    "WHERE integrity_check='ok'"),
                         1);
        remove_databases(sample);
    }
}

struct worker {
    struct sample *sample;
    int64_t first;
    int wrong;
};

static void *
work(void *data)
{
    struct worker *worker = data;
    cleat_registry *registry = worker->sample->registry;
    for (int64_t i = 0; i < ROWS; i++) {
        cleat_session *session;
        int64_t count;
        library_tags_row tag = {.book_id = worker->first + i, .tag = "x"};
        if (cleat_session_open(registry, NULL, CLEAT_WRITE, &session) != CLEAT_OK) {
            worker->wrong++;
            continue;
        }
        worker->wrong += cleat_row_insert(session, TAGS, &tag) != CLEAT_OK;
        worker->wrong += cleat_session_commit(session) != CLEAT_OK;
        cleat_session_close(session);
        worker->wrong += cleat_session_open(registry, NULL, CLEAT_READ, &session) != CLEAT_OK;
        worker->wrong += cleat_row_count(session, TAGS, &count) != CLEAT_OK || count <= i;
        cleat_session_close(session);
    }
    return NULL;
}

static void
threads_share_a_registry(void **state)
{
    struct sample *sample = *state;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "20000");
    cleat_settings_set(&sample->settings, "pool_size", "2");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){sample, i * 1000, 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].wrong, 0);
    }
    assert_true(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags") ==
                THREADS * ROWS);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(cold_boots_at_once_all_succeed),
        TEST(a_boot_that_is_killed_anywhere_leaves_old_or_new),
        TEST(threads_share_a_registry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
