/* test_surroundings.c: what is around a program and not its own: files that are no files, names that
 * belong to others, settings files of any bytes, a locale with other capitals, limits and signals. */
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

#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Opens the registry with another file for the archive; what refuses it has these words. */
static void
assert_refused(struct sample *sample, const char *path, cleat_status status, const char *words)
{
    cleat_settings_set(&sample->settings, "archive.path", path);
    assert_int_equal(sample_open(sample), status);
    if (strstr(cleat_registry_error(sample->registry)->text, words) == NULL)
        fail_msg("%s", cleat_registry_error(sample->registry)->text);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "archive");
    sample_close(sample);
}

static void
what_is_no_file_is_refused_at_once(void **state)
{
    struct sample *sample = *state;
    const char *pipe = sample_path(sample, "pipe"), *link = sample_path(sample, "link");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(symlink(pipe, link), 0);
    alarm(20); /* to open a pipe waits for its other end */
    assert_refused(sample, pipe, CLEAT_CANNOT_OPEN, "is no file");
    assert_refused(sample, link, CLEAT_CANNOT_OPEN, "is no file");
    alarm(0);
    assert_refused(sample, "/dev/null", CLEAT_CANNOT_OPEN, "is no file");
    assert_refused(sample, sample->directory, CLEAT_CANNOT_OPEN, "is no file");
}

static void
a_file_that_is_made_and_removed_beside_a_database_is_none(void **state)
{
    static const char *const names[] = {
        "library.db-wal",       "library.db-shm", "library.db-journal",
        "library.db.cleat-new", ".cleat-lock",
    };
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        assert_refused(*state, sample_path(*state, names[i]), CLEAT_MISUSE, "cannot be a database");
}

static void
a_path_that_is_too_long_says_so(void **state)
{
    struct sample *sample = *state;
    char path[4200];
    size_t length = (size_t)snprintf(path, sizeof path, "%s", sample->directory);
    while (length < 600) {
        memset(path + length, 'd', 101);
        path[length] = '/';
        length += 101;
    }
    strcpy(path + length, "/a.db");
    assert_refused(sample, path, CLEAT_CANNOT_OPEN, " bytes, SQLite takes 494");
    memset(path + 200, 'd', 300);
    assert_refused(sample, path, CLEAT_CANNOT_OPEN, ": File name too long");
    memset(path + 200, 'd', 3900);
    strcpy(path + 4100, "/a.db");
    assert_refused(sample, path, CLEAT_CANNOT_OPEN, ": File name too long");
    snprintf(path, sizeof path, "%s/%0250d", sample->directory, 0);
    assert_refused(sample, path, CLEAT_CANNOT_OPEN, "File name too long");
    snprintf(path, sizeof path, "%s/%0240d", sample->directory, 0);
    cleat_settings_set(&sample->settings, "archive.path", path);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

/* ---- settings files ---- */

static void
assert_no_settings(struct sample *sample, const char *text, size_t size, const char *words)
{
    const char *path = sample_path(sample, "settings");
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    fclose(file);
    cleat_settings_file(&sample->settings, path);
    assert_int_equal(sample_open(sample), CLEAT_MISUSE);
    if (strstr(cleat_registry_error(sample->registry)->text, words) == NULL)
        fail_msg("%s", cleat_registry_error(sample->registry)->text);
    sample_close(sample);
}

static void
a_settings_file_of_other_bytes_is_refused(void **state)
{
    static const char nul[] = "pool_size = 3\n\0synchronos = FULL\n";
    static const char twice[] = "archive.path = a.db\n[archive]\npath = b.db\n";
    enum { SIZE = 2 << 20 };
    char *large = malloc(SIZE);
    assert_non_null(large);
    assert_no_settings(*state, nul, sizeof nul - 1, "has a NUL in it");
    assert_no_settings(*state, twice, sizeof twice - 1, ":3: the same was set in line 1");
    memset(large, '#', SIZE);
    assert_no_settings(*state, large, SIZE, "more than a megabyte");
    size_t size = 0;
    for (int i = 0; i < 9000; i++)
        size += (size_t)snprintf(large + size, 16, "k%d=1\n", i);
    assert_no_settings(*state, large, size, ":8193: more settings than there can be");
    free(large);
}

static void
printed_values_cannot_be_taken_for_other_lines(void **state)
{
    struct sample *sample = *state;
    char text[8192] = "";
    FILE *file = tmpfile();
    assert_non_null(file);
    cleat_settings_set(&sample->settings, "library.path", "/a\n[archive]\npath = /b\033[2J");
    cleat_settings_set(&sample->settings, "directory", "\tx");
    assert_int_equal(cleat_settings_print(&sample->settings, &sample_init_table, file), CLEAT_OK);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_non_null(strstr(text, "\npath = /a?[archive]?path = /b?[2J  # the program\n"));
    assert_non_null(strstr(text, "\ndirectory = \"\tx\"  # the program\n"));
}

/* ---- the locale ---- */

/* In Turkish the capital of i is not I, and the small letter of I is not i. */
static void
words_are_read_alike_in_every_locale(void **state)
{
    struct sample *sample = *state;
    char command[512];
    snprintf(command, sizeof command,
             "localedef -i tr_TR -f ISO-8859-9 '%s/tr_TR.ISO-8859-9' >/dev/null 2>&1",
             sample->directory);
    (void)!system(command);
    setenv("LOCPATH", sample->directory, 1);
    if (setlocale(LC_ALL, "tr_TR.ISO-8859-9") == NULL) {
        print_message(
            "    SKIPPED: a Turkish locale cannot be made without Debian's package locales\n");
        skip();
    }
    setenv("CLEATTEST_LIBRARY__BUSY_TIMEOUT_MS", "7x", 1);
    sample->settings.prefix = "CLEATTEST";
    assert_int_equal(sample_open(sample), CLEAT_MISUSE);
    sample_close(sample);
    unsetenv("CLEATTEST_LIBRARY__BUSY_TIMEOUT_MS");
    cleat_settings_set(&sample->settings, "journal_mode", "PERSIST");
    cleat_settings_set(&sample->settings, "log_level", "INFO");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    assert_int_equal(cleat_session_execute(session, "COMMIT"), CLEAT_MISUSE);
    assert_int_equal(cleat_session_execute(session, "BEGIN"), CLEAT_MISUSE);
    char text[4096] = "", number[8];
    FILE *file = tmpfile();
    assert_non_null(file);
    assert_int_equal(cleat_stats_print(sample->registry, file), CLEAT_OK);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    snprintf(number, sizeof number, "%.1f", 0.5);
    assert_string_equal(number, "0,5");
    assert_non_null(strstr(text, " 0.0 "));
    setlocale(LC_ALL, "C");
}

/* ---- limits, others, signals ---- */

static void
limit(int what, rlim_t most)
{
    struct rlimit limits;
    assert_int_equal(getrlimit(what, &limits), 0);
    limits.rlim_cur = most < limits.rlim_max ? most : limits.rlim_max;
    assert_int_equal(setrlimit(what, &limits), 0);
}

static void
without_descriptors_the_file_and_the_reason_are_named(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(next);
    limit(RLIMIT_NOFILE, (rlim_t)next);
    cleat_status rc = cleat_session_open(sample->registry, "library", CLEAT_READ, &session);
    limit(RLIMIT_NOFILE, RLIM_INFINITY);
    assert_int_equal(rc, CLEAT_CANNOT_OPEN);
    const char *text = cleat_registry_error(sample->registry)->text;
    assert_non_null(strstr(text, "/library.db cannot be opened: Too many open files"));
    cleat_session_close(sample_session(sample, "library", CLEAT_READ));
}

static void
who_waits_for_another_s_start_says_so(void **state)
{
    struct sample *sample = *state;
    int file = open(sample_path(sample, ".cleat-lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_int_equal(flock(file, LOCK_EX), 0);
    pid_t child = fork();
    if (child == 0) {
        usleep(300000);
        _exit(0); /* with the lock, which it has too */
    }
    close(file);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "Waiting for another process that starts"));
    assert_int_equal(waitpid(child, NULL, 0), child);
}

/* Says whether its thread would take a signal, and tries to close what it is done by. */
static cleat_status
look_at_signals(cleat_session *session, void *data)
{
    sigset_t blocked;
    (void)session;
    cleat_async_close(data);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    return sigismember(&blocked, SIGTERM) && sigismember(&blocked, SIGALRM) ? CLEAT_FOUND
                                                                            : CLEAT_NOT_FOUND;
}

static void
signals_are_for_the_threads_of_the_program(void **state)
{
    struct sample *sample = *state;
    cleat_async *async;
    cleat_result result;
    sigset_t blocked;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_async_open(sample->registry, &async), CLEAT_OK);
    assert_int_equal(cleat_async_submit(async, "library", CLEAT_READ, look_at_signals, async),
                     CLEAT_OK);
    struct pollfd event = {cleat_async_fd(async), POLLIN, 0};
    assert_int_equal(poll(&event, 1, 20000), 1);
    assert_int_equal(cleat_async_next(async, &result), CLEAT_ROW);
    assert_int_equal(result.status, CLEAT_FOUND);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_false(sigismember(&blocked, SIGTERM));
    cleat_async_close(async);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_is_no_file_is_refused_at_once),
        TEST(a_file_that_is_made_and_removed_beside_a_database_is_none),
        TEST(a_path_that_is_too_long_says_so),
        TEST(a_settings_file_of_other_bytes_is_refused),
        TEST(printed_values_cannot_be_taken_for_other_lines),
        TEST(words_are_read_alike_in_every_locale),
        TEST(without_descriptors_the_file_and_the_reason_are_named),
        TEST(who_waits_for_another_s_start_says_so),
        TEST(signals_are_for_the_threads_of_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
