/* test_files.c: files that are read-only, unreachable or locked, and disks that are really full. The
 * status says what it is, the error names the database and the path, nothing is made where it may
 * not be, and what was acknowledged is there. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* unshare() */
#endif
#include "calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t
milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- who may not ---- */

enum { NOBODY = 65534 };

/* Runs a check as another user; it returns 0 for all is well. */
static void
run_as_nobody(struct sample *sample, int (*check)(struct sample *sample))
{
    int status = -1;
    if (geteuid() != 0) {
        print_message("    SKIPPED: only root can become another user\n");
        skip();
    }
    pid_t child = fork();
    if (child == 0) {
        bool other = setgid(NOBODY) == 0 && setuid(NOBODY) == 0;
        _exit(other ? check(sample) : 99);
    }
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* Boots and expects a failure that names the path; prints what else comes. */
static int
expect_refusal(struct sample *sample, cleat_status expected, const char *words)
{
    cleat_status rc = sample_open(sample);
    const cleat_error *error = cleat_registry_error(sample->registry);
    if (rc == expected && strstr(error->text, words) != NULL)
        return 0;
    print_message("    %s instead of %s: %s\n", cleat_status_name(rc), cleat_status_name(expected),
                  error->text);
    return 1;
}

static int
expect_no_creation(struct sample *sample)
{
    struct stat found;
    int wrong = expect_refusal(sample, CLEAT_READONLY, "archive.db");
    return wrong + (stat(sample_path(sample, "archive.db"), &found) == 0);
}

static void
a_read_only_directory_without_databases_is_refused(void **state)
{
    struct sample *sample = *state;
    chmod(sample->directory, 0555);
    run_as_nobody(sample, expect_no_creation);
    chmod(sample->directory, 0700);
}

static int
expect_no_directory(struct sample *sample)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/below", sample->directory);
    cleat_settings_set(&sample->settings, "directory", path);
    return expect_refusal(sample, CLEAT_READONLY, "below");
}

static void
a_directory_that_cannot_be_made_is_refused(void **state)
{
    struct sample *sample = *state;
    chmod(sample->directory, 0555);
    run_as_nobody(sample, expect_no_directory);
    chmod(sample->directory, 0700);
}

static int
expect_reads_only(struct sample *sample)
{
    cleat_session *session = NULL;
    int64_t count = 0;
    cleat_status rc = sample_open(sample);
    if (rc != CLEAT_OK) {
        print_message("    boot: %s\n", cleat_registry_error(sample->registry)->text);
        return 1;
    }
    rc = cleat_session_open(sample->registry, "library", CLEAT_WRITE, &session);
    if (rc != CLEAT_READONLY) {
        print_message("    write: %s, %s\n", cleat_status_name(rc),
                      cleat_registry_error(sample->registry)->text);
        return 2;
    }
    if (strcmp(cleat_registry_error(sample->registry)->database, "library") != 0)
        return 3;
    rc = cleat_session_open(sample->registry, "archive", CLEAT_WRITE, &session);
    if (rc != CLEAT_READONLY)
        return 5; /* it has no other database attached, so that it is locked in another way */
    rc = cleat_session_open(sample->registry, "library", CLEAT_READ, &session);
    if (rc == CLEAT_OK)
        rc = cleat_row_count(session, &library_books_table, &count);
    if (rc != CLEAT_OK || count == 0)
        print_message("    read: %s, %s\n", cleat_status_name(rc),
                      cleat_registry_error(sample->registry)->text);
    return rc == CLEAT_OK && count > 0 ? 0 : 4;
}

static void
make_read_only(struct sample *sample, mode_t directory, mode_t files)
{
    static const char *const names[] = {"library.db", "archive.db", "journal.db"};
    assert_int_equal(sample_open(sample), CLEAT_OK);
    calls_fill(sample->registry);
    sample_close(sample);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        chmod(sample_path(sample, names[i]), files);
    unlink(sample_path(sample, ".cleat-lock"));
    chmod(sample->directory, directory);
}

static void
read_only_files_can_be_read_and_not_written(void **state)
{
    struct sample *sample = *state;
    make_read_only(sample, 0777, 0444);
    run_as_nobody(sample, expect_reads_only);
}

static int
expect_unreadable(struct sample *sample)
{
    return expect_refusal(sample, CLEAT_CANNOT_OPEN,
                          "/archive.db cannot be opened: Permission denied");
}

static void
files_of_somebody_else_are_refused(void **state)
{
    struct sample *sample = *state;
    make_read_only(sample, 0777, 0600);
    run_as_nobody(sample, expect_unreadable);
}

static void
a_path_that_is_a_directory_is_refused(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(mkdir(sample_path(sample, "library.db"), 0700), 0);
    assert_int_equal(expect_refusal(sample, CLEAT_CANNOT_OPEN, "library.db"), 0);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
}

static void
a_parent_that_is_a_file_is_refused(void **state)
{
    struct sample *sample = *state;
    static char path[256];
    sample_write(sample_path(sample, "file"), "x", 1);
    snprintf(path, sizeof path, "%s/file/below", sample->directory);
    cleat_settings_set(&sample->settings, "directory", path);
    assert_int_equal(expect_refusal(sample, CLEAT_CANNOT_OPEN, "file"), 0);
}

/* ---- a disk that is full ---- */

/* Writes units of several rows until the disk is full; returns how many were acknowledged. */
static int
write_until_full(struct sample *sample, cleat_status *ret_status)
{
    static int64_t number;
    for (int done = 0;; done++) {
        cleat_session *session = NULL;
        char isbn[32];
        cleat_status rc = cleat_session_open(sample->registry, "library", CLEAT_WRITE, &session);
        const cleat_error *error = cleat_registry_error(sample->registry);
        for (int i = 0; rc == CLEAT_OK && i < 4; i++) {
            snprintf(isbn, sizeof isbn, "full-%lld", (long long)number++);
            library_books_row book = sample_book(isbn, "A title");
            rc = cleat_row_insert(session, &library_books_table, &book);
            error = cleat_session_error(session);
        }
        if (rc == CLEAT_OK) {
            rc = cleat_session_commit(session);
            error = cleat_session_error(session);
        }
        /* the archive is attached, and needs a shared memory too */
        bool named = strcmp(error->database, "library") == 0 ||
                     strcmp(error->database, "archive") == 0;
        if (rc < 0 && !named)
            fail_msg("the error names %s: %s", error->database, error->text);
        cleat_session_close(session);
        *ret_status = rc;
        if (rc < 0)
            return done;
    }
}

static void
fill_disk(struct sample *sample)
{
    static const char zeros[1024];
    FILE *file = fopen(sample_path(sample, "filler"), "wb");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    while (fwrite(zeros, 1, sizeof zeros, file) == sizeof zeros)
        ;
    fclose(file);
}

static void
boot_and_fill(struct sample *sample, const char *size)
{
    cleat_status rc = sample_open(sample), full;
    if (rc != CLEAT_OK) {
        if (rc != CLEAT_FULL)
            fail_msg("%s: %s, %s", size, cleat_status_name(rc),
                     cleat_registry_error(sample->registry)->text);
        return;
    }
    fill_disk(sample);
    int before = write_until_full(sample, &full);
    if (full != CLEAT_FULL)
        fail_msg("%s: %s", size, cleat_status_name(full));
    unlink(sample_path(sample, "filler"));
    int after = write_until_full(sample, &full);
    assert_int_equal(full, CLEAT_FULL);
    /* the smallest has no room for a log beside the databases */
    assert_true(after > 0 || strcmp(size, "100k") == 0);
    sample_close(sample);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"),
                                "SELECT count(*) FROM pragma_integrity_check"
                                " WHERE integrity_check = 'ok'"),
                     1);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM books"),
                     4 * (before + after));
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
a_disk_that_is_full_is_said_and_used_again_when_it_is_not(void **state)
{
    struct sample *sample = *state;
    static const char *const sizes[] = {"100k", "300k", "3m"};
    char options[32];
    cleat_settings_set(&sample->settings, "log_level", "none");
    for (size_t i = 0; i < CLEAT_COUNT(sizes); i++) {
        snprintf(options, sizeof options, "size=%s", sizes[i]);
        if (mount("tmpfs", sample->directory, "tmpfs", 0, options) != 0) {
            print_message("    SKIPPED: a small disk cannot be mounted here\n");
            skip();
        }
        boot_and_fill(sample, sizes[i]);
        sample_close(sample);
        assert_int_equal(umount(sample->directory), 0);
    }
}

/* Fills a file that may not grow beyond 100 KB, as others may not with a quota. */
static int
fill_a_file(struct sample *sample)
{
    const struct rlimit limit = {100000, 100000};
    cleat_status full = CLEAT_OK;
    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || sample_open(sample) != CLEAT_OK)
        return 1;
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    for (int i = 0; full == CLEAT_OK && i < 2000; i++) {
        char isbn[16];
        snprintf(isbn, sizeof isbn, "%d", i);
        library_books_row row = sample_book(isbn, "A book of a title that takes room");
        full = cleat_row_insert(session, &library_books_table, &row);
    }
    if (full == CLEAT_OK)
        full = cleat_session_commit(session);
    const cleat_error *error = cleat_session_error(session);
    if (full == CLEAT_FULL && strstr(error->text, sample_path(sample, "library.db")) != NULL &&
        strstr(error->text, "File too large") != NULL)
        return 0;
    print_message("    %s: %s\n", cleat_status_name(full), error->text);
    return 2;
}

static void
a_file_that_may_not_grow_is_full_and_sound(void **state)
{
    struct sample *sample = *state;
    int status;
    pid_t child = fork();
    if (child == 0)
        _exit(fill_a_file(sample));
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_registry_check(sample->registry, NULL, CLEAT_CHECK_FULL, NULL, NULL),
                     CLEAT_OK);
}

/* ---- directories that are mounted ---- */

/* Runs a check where it may mount what it wants, which goes with it; it has ten seconds. */
static void
run_with_mounts(struct sample *sample, int (*check)(struct sample *sample))
{
    enum { CANNOT = 77 };
    int status;
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
            _exit(CANNOT);
        _exit(check(sample));
    }
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT) {
        print_message("    SKIPPED: nothing can be mounted here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

static int
start_in_a_directory_of_two_names(struct sample *sample)
{
    char other[256], path[300];
    snprintf(other, sizeof other, "%s", sample_path(sample, "other"));
    snprintf(path, sizeof path, "%s/journal.db", other);
    if (mkdir(other, 0700) != 0 || mount(sample->directory, other, NULL, MS_BIND, NULL) != 0)
        return 1;
    cleat_settings_set(&sample->settings, "journal.path", path);
    cleat_status rc = sample_open(sample);
    if (rc != CLEAT_OK)
        return 2;
    sample_close(sample);
    snprintf(path, sizeof path, "%s/library.db", other);
    return expect_refusal(sample, CLEAT_MISUSE, "have the same file");
}

static void
a_directory_that_has_two_names_is_locked_once(void **state)
{
    run_with_mounts(*state, start_in_a_directory_of_two_names);
}

static int
read_from_a_disk_that_is_read_only(struct sample *sample)
{
    cleat_session *session;
    const char *directory = sample->directory;
    if (mount(directory, directory, NULL, MS_BIND, NULL) != 0 ||
        mount(NULL, directory, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) != 0)
        return 1;
    if (sample_open(sample) != CLEAT_OK)
        return 2;
    cleat_status rc = cleat_session_open(sample->registry, "library", CLEAT_READ, &session);
    const cleat_error *error = cleat_registry_error(sample->registry);
    if (rc == CLEAT_READONLY && strstr(error->text, sample_path(sample, "library.db")) != NULL &&
        strstr(error->text, "Read-only file system") != NULL)
        return 0;
    print_message("    %s: %s\n", cleat_status_name(rc), error->text);
    return 3;
}

static void
a_log_that_cannot_be_made_is_said(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    run_with_mounts(sample, read_from_a_disk_that_is_read_only);
}

/* ---- locks of others ---- */

/* Another process locks the library and keeps it for some milliseconds. */
static pid_t
lock_elsewhere(struct sample *sample, int hold)
{
    int channel[2];
    char byte;
    assert_int_equal(pipe(channel), 0);
    pid_t child = fork();
    if (child == 0) {
        sqlite3 *handle;
        sqlite3_open(sample_path(sample, "library.db"), &handle);
        int rc = sqlite3_exec(handle, "BEGIN EXCLUSIVE", NULL, NULL, NULL);
        if (write(channel[1], "x", 1) != 1 || rc != SQLITE_OK)
            _exit(1);
        struct timespec pause = {hold / 1000, (hold % 1000) * 1000000L};
        nanosleep(&pause, NULL);
        sqlite3_exec(handle, "COMMIT", NULL, NULL, NULL);
        _exit(0);
    }
    assert_int_equal(read(channel[0], &byte, 1), 1);
    close(channel[0]);
    close(channel[1]);
    return child;
}

static void
end_lock(pid_t child, bool kill_it)
{
    int status = -1;
    if (kill_it)
        kill(child, SIGKILL);
    waitpid(child, &status, 0);
}

enum { TIMEOUT = 500 };

static void
a_locked_database_is_busy_when_the_time_is_over(void **state)
{
    struct sample *sample = *state;
    int64_t took = 0;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "500");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    /* another program may keep this one from the processor; not five times */
    for (int attempt = 0; attempt < 5; attempt++) {
        cleat_session *session = NULL;
        pid_t child = lock_elsewhere(sample, 20 * TIMEOUT);
        int64_t start = milliseconds();
        cleat_status rc = cleat_session_open(sample->registry, "library", CLEAT_WRITE, &session);
        took = milliseconds() - start;
        end_lock(child, true);
        assert_int_equal(rc, CLEAT_BUSY);
        assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
        assert_true(took >= TIMEOUT * 9 / 10);
        if (took <= TIMEOUT * 11 / 10)
            return;
    }
    fail_msg("busy after %lld ms", (long long)took);
}

static void
a_lock_that_ends_in_time_is_waited_for(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    int64_t took = 0;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "10000");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    /* the lock may have ended before this program came to ask for it; not five times */
    for (int attempt = 0; attempt < 5 && took < 80; attempt++) {
        pid_t child = lock_elsewhere(sample, 100);
        int64_t start = milliseconds();
        assert_int_equal(cleat_session_open(sample->registry, "library", CLEAT_WRITE, &session),
                         CLEAT_OK);
        took = milliseconds() - start;
        end_lock(child, false);
        cleat_session_close(session);
    }
    assert_true(took >= 80 && took < 10000);
}

static void
a_process_that_dies_with_the_lock_leaves_none(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "5000");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    end_lock(lock_elsewhere(sample, 60000), true);
    assert_int_equal(cleat_session_open(sample->registry, "library", CLEAT_WRITE, &session),
                     CLEAT_OK);
    cleat_session_close(session);
}

static int
tear_down(void **state)
{
    struct sample *sample = *state;
    sample_close(sample);
    umount(sample->directory); /* what a failed test left */
    return sample_tear_down(state);
}

static int
set_up(void **state)
{
    umask(022);
    return sample_set_up(state);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_read_only_directory_without_databases_is_refused),
        TEST(a_directory_that_cannot_be_made_is_refused),
        TEST(read_only_files_can_be_read_and_not_written),
        TEST(files_of_somebody_else_are_refused),
        TEST(a_path_that_is_a_directory_is_refused),
        TEST(a_parent_that_is_a_file_is_refused),
        TEST(a_disk_that_is_full_is_said_and_used_again_when_it_is_not),
        TEST(a_file_that_may_not_grow_is_full_and_sound),
        TEST(a_directory_that_has_two_names_is_locked_once),
        TEST(a_log_that_cannot_be_made_is_said),
        TEST(a_locked_database_is_busy_when_the_time_is_over),
        TEST(a_lock_that_ends_in_time_is_waited_for),
        TEST(a_process_that_dies_with_the_lock_leaves_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
