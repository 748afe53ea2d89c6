/* test_checkpointer.c: with a thread for it, the write-ahead log stays near its limit under writers
 * that never pause; without, and without checkpoints by commits, it grows. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>

enum { WRITERS = 2, COMMITS = 600, BODY = 30000 }; /* about 20 MB */

struct writer {
    pthread_t thread;
    cleat_registry *registry;
    int number;
    atomic_int *left;
    cleat_status status;
};

static void *
keep_writing(void *data)
{
    struct writer *writer = data;
    char *body = malloc(BODY + 1);
    memset(body, 'x', BODY);
    body[BODY] = '\0';
    for (int i = 0; i < COMMITS && writer->status == CLEAT_OK; i++) {
        char slug[32];
        cleat_session *session = NULL;
        archive_notes_row note;
        cleat_row_defaults(&archive_notes_table, &note);
        snprintf(slug, sizeof slug, "%d-%d", writer->number, i);
        note.slug = slug;
        note.body = body;
        writer->status = cleat_session_open(writer->registry, "archive", CLEAT_WRITE, &session);
        if (writer->status == CLEAT_OK)
            writer->status = cleat_row_insert(session, &archive_notes_table, &note);
        if (writer->status == CLEAT_OK)
            writer->status = cleat_session_commit(session);
        cleat_session_close(session);
    }
    free(body);
    atomic_fetch_sub(writer->left, 1);
    return NULL;
}

/* The greatest size of the log while the writers work, in bytes. */
static int64_t
watch_writers(struct sample *sample, int count)
{
    struct writer writers[WRITERS] = {0};
    atomic_int left;
    int64_t most = 0;
    atomic_init(&left, count);
    for (int i = 0; i < count; i++) {
        writers[i].registry = sample->registry;
        writers[i].number = i;
        writers[i].left = &left;
        assert_int_equal(pthread_create(&writers[i].thread, NULL, keep_writing, &writers[i]), 0);
    }
    do {
        cleat_stats stats;
        assert_int_equal(cleat_registry_stats(sample->registry, "archive", &stats), CLEAT_OK);
        most = stats.log_size > most ? stats.log_size : most;
    } while (atomic_load(&left) > 0);
    for (int i = 0; i < count; i++) {
        pthread_join(writers[i].thread, NULL);
        assert_int_equal(writers[i].status, CLEAT_OK);
    }
    return most;
}

static void
open_with(struct sample *sample, const char *checkpointer)
{
    cleat_settings_set(&sample->settings, "wal_autocheckpoint", "0");
    cleat_settings_set(&sample->settings, "checkpointer", checkpointer);
    cleat_settings_set(&sample->settings, "wal_limit_mb", "1");
    cleat_settings_set(&sample->settings, "synchronous", "OFF");
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "60000");
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
the_log_stays_near_its_limit(void **state)
{
    struct sample *sample = *state;
    open_with(sample, "on");
    int64_t most = watch_writers(sample, WRITERS);
    if (most > 3 * 1048576)
        fail_msg("the log grew to %lld bytes", (long long)most);
    sample_close(sample);
    assert_int_equal(sample_ask(sample_path(sample, "archive.db"), "SELECT count(*) FROM notes"),
                     WRITERS * COMMITS);
}

static int64_t
log_size(struct sample *sample)
{
    cleat_stats stats;
    assert_int_equal(cleat_registry_stats(sample->registry, "archive", &stats), CLEAT_OK);
    return stats.log_size;
}

/* What a reader holds cannot be begun anew. Once it is gone, the file is cut down again. */
static void
a_reader_lets_it_grow_only_while_it_stays(void **state)
{
    struct sample *sample = *state;
    int64_t count = 0;
    open_with(sample, "on");
    cleat_session *reader = sample_session(sample, "archive", CLEAT_READ);
    assert_int_equal(cleat_row_count(reader, &archive_notes_table, &count), CLEAT_OK);
    watch_writers(sample, 1);
    assert_true(log_size(sample) > 8 * 1048576);
    assert_int_equal(cleat_row_count(reader, &archive_notes_table, &count), CLEAT_OK);
    assert_int_equal(count, 0);
    cleat_session_close(reader);
    cleat_session *session = sample_session(sample, "archive", CLEAT_WRITE);
    assert_int_equal(cleat_session_execute(session, "DELETE FROM notes"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    watch_writers(sample, 1);
    if (log_size(sample) > 3 * 1048576)
        fail_msg("the log is still of %lld bytes", (long long)log_size(sample));
}

static void
without_the_thread_it_grows(void **state)
{
    struct sample *sample = *state;
    open_with(sample, "off");
    assert_true(watch_writers(sample, WRITERS) > 10 * 1048576);
}

/* A database that wants none is written on a connection that has the hook. */
static void
a_database_without_it_is_moved_by_commits(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "library.checkpointer", "on");
    cleat_settings_set(&sample->settings, "archive.wal_autocheckpoint", "50");
    cleat_settings_set(&sample->settings, "synchronous", "OFF");
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "60000");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(watch_writers(sample, 1) < 3 * 1048576);
}

/* Intents that are done with are deleted when a registry closes, after the thread has ended. */
static void
a_registry_closes_that_has_to_write_then(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "checkpointer", "on");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE | CLEAT_ATOMIC);
    static const char *const slugs[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    for (size_t i = 0; i < CLEAT_COUNT(slugs); i++) {
        archive_notes_row note = {.slug = slugs[i]};
        assert_int_equal(cleat_row_insert(session, &archive_notes_table, &note), CLEAT_OK);
        assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    }
    sample_close(sample);
    assert_in_range(
        sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM cleat_intents"), 0, 2);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(the_log_stays_near_its_limit),
        TEST(a_reader_lets_it_grow_only_while_it_stays),
        TEST(without_the_thread_it_grows),
        TEST(a_database_without_it_is_moved_by_commits),
        TEST(a_registry_closes_that_has_to_write_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
