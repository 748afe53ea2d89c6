/* test_backup.c: a backup is the state of one moment across all databases, whole or absent, and a
 * program can be started on it. */
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

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

static int
count_entries(const char *path)
{
    DIR *directory = opendir(path);
    int count = 0;
    while (directory != NULL && readdir(directory) != NULL)
        count++;
    if (directory != NULL)
        closedir(directory);
    return count - 2;
}

/* One row in each of two databases, in one commit. */
static cleat_status
write_both(cleat_session *session, int number)
{
    char slug[32];
    library_tags_row tag = {.book_id = number, .tag = "x"};
    archive_notes_row note;
    snprintf(slug, sizeof slug, "%d", number);
    cleat_row_defaults(&archive_notes_table, &note);
    note.slug = slug;
    note.body = "text";
    cleat_status rc = cleat_row_insert(session, &library_tags_table, &tag);
    if (rc == CLEAT_OK)
        rc = cleat_row_insert(session, &archive_notes_table, &note);
    return rc == CLEAT_OK ? cleat_session_commit(session) : rc;
}

struct writer {
    cleat_registry *registry;
    atomic_bool stop;
    atomic_int written;
    _Atomic cleat_status status; /* of the write that failed; checked by the main thread */
};

static void *
keep_writing(void *data)
{
    struct writer *writer = data;
    for (int i = 1; !atomic_load(&writer->stop) && writer->status == CLEAT_OK; i++) {
        cleat_session *session = NULL;
        writer->status = cleat_session_open(writer->registry, "library", CLEAT_WRITE, &session);
        if (writer->status == CLEAT_OK)
            writer->status = write_both(session, i);
        cleat_session_close(session);
        if (writer->status == CLEAT_OK)
            atomic_store(&writer->written, i);
    }
    return NULL;
}

static void
backups_under_a_writer_are_of_one_moment(void **state)
{
    struct sample *sample = *state;
    struct writer writer = {.status = CLEAT_OK};
    pthread_t thread;
    int64_t before = 0;
    sample_close(sample);
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "30000");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    writer.registry = sample->registry;
    assert_int_equal(pthread_create(&thread, NULL, keep_writing, &writer), 0);
    for (int i = 0; i < 10; i++) {
        char directory[256], library[300], archive[300], name[32];
        snprintf(name, sizeof name, "backup%d", i);
        snprintf(directory, sizeof directory, "%s", sample_path(sample, name));
        while (atomic_load(&writer.written) <= before && writer.status == CLEAT_OK)
            sched_yield();
        int least = atomic_load(&writer.written);
        assert_int_equal(cleat_registry_backup(sample->registry, directory, NULL, NULL), CLEAT_OK);
        snprintf(library, sizeof library, "%s/library.db", directory);
        snprintf(archive, sizeof archive, "%s/archive.db", directory);
        int64_t tags = sample_ask(library, "SELECT count(*) FROM tags");
        assert_int_equal(tags, sample_ask(archive, "SELECT count(*) FROM notes"));
        assert_true(tags >= least && tags >= before);
        before = tags;
    }
    atomic_store(&writer.stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(writer.status, CLEAT_OK);
    assert_true(before > 0);
}

static void
a_program_starts_on_a_backup(void **state)
{
    struct sample *sample = *state;
    char directory[256];
    struct stat found;
    snprintf(directory, sizeof directory, "%s", sample_path(sample, "deep/set"));
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    assert_int_equal(write_both(session, 7), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(cleat_registry_backup(sample->registry, directory, NULL, NULL), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(count_entries(directory), 3);
    assert_int_equal(stat(directory, &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
    cleat_settings_set(&sample->settings, "directory", directory);
    cleat_settings_set(&sample->settings, "log_level", "info");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "library: Database verified"));
    int64_t count;
    session = sample_session(sample, "library", CLEAT_WRITE);
    assert_int_equal(cleat_row_count(session, &archive_notes_table, &count), CLEAT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(write_both(session, 8), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(cleat_registry_check(sample->registry, NULL, CLEAT_CHECK_FULL, NULL, NULL),
                     CLEAT_OK);
    sample_close(sample);
    /* a copy has the schema's own version number, so that its header is enough at boot */
    char library[300];
    snprintf(library, sizeof library, "%s/library.db", directory);
    assert_int_equal(sample_ask(library, "PRAGMA schema_version"), 0x63636C74);
}

static void
an_existing_set_is_not_touched(void **state)
{
    struct sample *sample = *state;
    char directory[256];
    snprintf(directory, sizeof directory, "%s/", sample_path(sample, "set"));
    assert_int_equal(mkdir(directory, 0700), 0);
    assert_int_equal(cleat_registry_backup(sample->registry, directory, NULL, NULL), CLEAT_OK);
    int64_t before = count_entries(sample->directory);
    assert_int_equal(cleat_registry_backup(sample->registry, directory, NULL, NULL),
                     CLEAT_CONFLICT);
    assert_int_equal(count_entries(sample->directory), before);
    assert_int_equal(count_entries(directory), 3);
    assert_int_equal(cleat_registry_backup(sample->registry, NULL, NULL, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_registry_backup(sample->registry, "", NULL, NULL), CLEAT_MISUSE);
}

struct progress {
    int64_t most;
    int calls;
    int end_at;
};

static bool
follow(void *data, const char *database, int64_t done, int64_t total)
{
    struct progress *progress = data;
    assert_true(done >= 0 && done <= total && total > 0 && database[0] != '\0');
    progress->calls++;
    return progress->calls != progress->end_at;
}

static void
progress_is_told_and_an_ended_backup_leaves_nothing(void **state)
{
    struct sample *sample = *state;
    struct progress all = {0};
    int before = count_entries(sample->directory);
    for (int i = 1; i <= 3; i++) {
        struct progress ended = {.end_at = i};
        assert_int_equal(
            cleat_registry_backup(sample->registry, sample_path(sample, "set"), follow, &ended),
            CLEAT_INTERRUPTED);
        assert_int_equal(count_entries(sample->directory), before);
    }
    assert_int_equal(
        cleat_registry_backup(sample->registry, sample_path(sample, "set"), follow, &all),
        CLEAT_OK);
    assert_true(all.calls >= 3);
}

static void
a_writer_that_does_not_let_go_is_busy(void **state)
{
    struct sample *sample = *state;
    int before = count_entries(sample->directory);
    cleat_session *session = sample_session(sample, "archive", CLEAT_WRITE);
    before = count_entries(sample->directory);
    assert_int_equal(
        cleat_registry_backup(sample->registry, sample_path(sample, "set"), NULL, NULL),
        CLEAT_BUSY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "archive");
    assert_true(count_entries(sample->directory) <= before + 4); /* -wal and -shm of others */
    struct stat found;
    assert_int_not_equal(stat(sample_path(sample, "set"), &found), 0);
    cleat_session_close(session);
}

static void
a_directory_that_cannot_be_written_is_an_error(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(cleat_registry_backup(sample->registry, "/proc/backup", NULL, NULL) < 0, 1);
    assert_int_equal(
        cleat_registry_backup(sample->registry, sample_path(sample, "library.db"), NULL, NULL) < 0,
        1);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(backups_under_a_writer_are_of_one_moment),
        TEST(a_program_starts_on_a_backup),
        TEST(an_existing_set_is_not_touched),
        TEST(progress_is_told_and_an_ended_backup_leaves_nothing),
        TEST(a_writer_that_does_not_let_go_is_busy),
        TEST(a_directory_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
