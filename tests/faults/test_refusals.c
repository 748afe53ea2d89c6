/* test_refusals.c: what the system never refuses on a day like this: no thread can be started, the
 * current directory is gone, a lock file cannot be locked, there is no chance to be had, a settings
 * file cannot be read, SQLite has no memory for a text. Each is an error with its status, or done
 * without, and nothing is left behind. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "memory.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- threads ---- */

static bool no_threads;

int __real_pthread_create(pthread_t *ret_thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data);
int __wrap_pthread_create(pthread_t *ret_thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *data);

int
__wrap_pthread_create(pthread_t *ret_thread, const pthread_attr_t *attributes, void *(*run)(void *),
                      void *data)
{
    return no_threads ? EAGAIN : __real_pthread_create(ret_thread, attributes, run, data);
}

static cleat_status
add_tag(cleat_session *session, void *data)
{
    library_tags_row tag = {.book_id = *(int64_t *)data, .tag = "one"};
    return cleat_row_insert(session, &library_tags_table, &tag);
}

static void
a_queue_whose_thread_cannot_start_takes_nothing(void **state)
{
    struct sample *sample = *state;
    cleat_async *queue = NULL;
    cleat_result result;
    int64_t book = 1;
    assert_int_equal(cleat_async_open(sample->registry, &queue), CLEAT_OK);
    no_threads = true;
    assert_int_equal(cleat_async_submit(queue, "library", CLEAT_WRITE, add_tag, &book),
                     CLEAT_NOMEM);
    no_threads = false;
    assert_int_equal(cleat_async_next(queue, &result), CLEAT_DONE);
    assert_int_equal(cleat_async_submit(queue, "library", CLEAT_WRITE, add_tag, &book), CLEAT_OK);
    struct pollfd file = {.fd = cleat_async_fd(queue), .events = POLLIN};
    assert_int_equal(poll(&file, 1, 20000), 1);
    assert_int_equal(cleat_async_next(queue, &result), CLEAT_ROW);
    assert_int_equal(result.status, CLEAT_OK);
    cleat_async_close(queue);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags"), 1);
}

static void
a_checkpointer_that_cannot_start_ends_the_boot(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "checkpointer", "on");
    no_threads = true;
    assert_int_equal(sample_open(sample), CLEAT_NOMEM);
    no_threads = false;
    assert_int_equal(cleat_registry_error(sample->registry)->status, CLEAT_NOMEM);
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

/* ---- paths ---- */

static void
a_relative_path_from_a_directory_that_is_gone(void **state)
{
    struct sample *sample = *state;
    int before = open(".", O_RDONLY | O_DIRECTORY);
    assert_true(before >= 0);
    cleat_settings_set(&sample->settings, "library.path", "library.db");
    assert_int_equal(mkdir(sample_path(sample, "gone"), 0700), 0);
    assert_int_equal(chdir(sample_path(sample, "gone")), 0);
    assert_int_equal(rmdir(sample_path(sample, "gone")), 0);
    cleat_status rc = sample_open(sample);
    assert_int_equal(fchdir(before), 0);
    close(before);
    assert_int_equal(rc, CLEAT_CANNOT_OPEN);
    assert_non_null(
        strstr(cleat_registry_error(sample->registry)->text, "the current directory: "));
}

/* A user that the system does not know. */
static bool no_user;

struct passwd *__real_getpwuid(uid_t user);
struct passwd *__wrap_getpwuid(uid_t user);

struct passwd *
__wrap_getpwuid(uid_t user)
{
    return no_user ? NULL : __real_getpwuid(user);
}

static void
a_home_that_nobody_knows(void **state)
{
    struct sample *sample = *state;
    const char *home = getenv("HOME");
    char before[300];
    snprintf(before, sizeof before, "%s", home == NULL ? "" : home);
    unsetenv("HOME");
    no_user = true;
    cleat_settings_set(&sample->settings, "library.path", "~/library.db");
    cleat_status rc = sample_open(sample);
    no_user = false;
    if (home != NULL)
        setenv("HOME", before, 1);
    assert_int_equal(rc, CLEAT_MISUSE);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "there is no home"));
}

static bool no_rename;

int __real_rename(const char *path, const char *target);
int __wrap_rename(const char *path, const char *target);

int
__wrap_rename(const char *path, const char *target)
{
    if (!no_rename)
        return __real_rename(path, target);
    errno = EACCES;
    return -1;
}

/* An empty file is one that was not made yet: the new one takes its name. */
static void
an_empty_file_that_cannot_be_replaced(void **state)
{
    struct sample *sample = *state;
    size_t size = 1;
    sample_write(sample_path(sample, "library.db"), "", 0);
    no_rename = true;
    cleat_status rc = sample_open(sample);
    no_rename = false;
    assert_int_equal(rc, CLEAT_READONLY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
    sample_close(sample);
    free(sample_read(sample_path(sample, "library.db"), &size));
    assert_int_equal(size, 0);
    assert_int_equal(access(sample_path(sample, "library.db.cleat-new"), F_OK), -1);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static bool no_path;

char *__real_realpath(const char *path, char *resolved);
char *__wrap_realpath(const char *path, char *resolved);

char *
__wrap_realpath(const char *path, char *resolved)
{
    if (!no_path)
        return __real_realpath(path, resolved);
    errno = EACCES;
    return NULL;
}

static void
a_directory_that_cannot_be_resolved(void **state)
{
    struct sample *sample = *state;
    no_path = true;
    cleat_status rc = sample_open(sample);
    no_path = false;
    assert_int_equal(rc, CLEAT_CANNOT_OPEN);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, sample->directory));
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, strerror(EACCES)));
}

/* ---- locks ---- */

/* What flock() says, one after the other; from 0 on it works. */
static const int *no_lock;

int __real_flock(int file, int operation);
int __wrap_flock(int file, int operation);

int
__wrap_flock(int file, int operation)
{
    if (no_lock == NULL || *no_lock == 0)
        return __real_flock(file, operation);
    errno = *no_lock++;
    return -1;
}

static void
a_lock_file_that_cannot_be_locked(void **state)
{
    static const int never[] = {ENOLCK, ENOLCK, 0}, interrupted[] = {EWOULDBLOCK, EINTR, EINTR, 0};
    struct sample *sample = *state;
    no_lock = never;
    cleat_status rc = sample_open(sample);
    no_lock = NULL;
    assert_int_equal(rc, CLEAT_CANNOT_OPEN);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "the lock file "));
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, strerror(ENOLCK)));
    sample_close(sample);
    assert_int_equal(access(sample_path(sample, "library.db"), F_OK), -1);
    no_lock = interrupted;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(*no_lock, 0);
    no_lock = NULL;
    assert_true(sample_logged(sample, "Waiting for another process that starts"));
}

/* ---- chance ---- */

static enum { CHANCE, NO_CHANCE, ALL_ONES } chance;

int __real_getentropy(void *bytes, size_t size);
int __wrap_getentropy(void *bytes, size_t size);

int
__wrap_getentropy(void *bytes, size_t size)
{
    if (chance == CHANCE)
        return __real_getentropy(bytes, size);
    memset(bytes, 0xff, size);
    errno = ENOSYS;
    return chance == NO_CHANCE ? -1 : 0;
}

static int
compare_ids(const void *one, const void *other)
{
    return strcmp(one, other);
}

/* Chance is bought in blocks: after so many identifiers there is none left of before. */
static void
use_up_chance(void)
{
    char id[37];
    for (int i = 0; i < 40; i++)
        cleat_uuid4_new(id);
}

static void
identifiers_without_a_source_of_chance_are_each_another(void **state)
{
    static char ids[3000][37];
    (void)state;
    chance = NO_CHANCE;
    use_up_chance();
    for (size_t i = 0; i < CLEAT_COUNT(ids); i++)
        cleat_uuid4_new(ids[i]);
    chance = CHANCE;
    qsort(ids, CLEAT_COUNT(ids), sizeof ids[0], compare_ids);
    for (size_t i = 0; i < CLEAT_COUNT(ids); i++) {
        assert_true(ids[i][14] == '4' && strchr("89ab", ids[i][19]) != NULL);
        assert_true(i == 0 || strcmp(ids[i - 1], ids[i]) < 0);
    }
}

/* The greatest numbers that chance can give leave room to count on. */
static void
identifiers_rise_over_the_end_of_their_low_half(void **state)
{
    char last[37] = "", next[37], last_ulid[27] = "", next_ulid[27];
    (void)state;
    chance = ALL_ONES;
    use_up_chance();
    for (int i = 0; i < 5000; i++) {
        cleat_uuid_new(next);
        cleat_ulid_new(next_ulid);
        assert_true(strcmp(last, next) < 0);
        assert_true(strcmp(last_ulid, next_ulid) < 0);
        memcpy(last, next, sizeof last);
        memcpy(last_ulid, next_ulid, sizeof last_ulid);
    }
    chance = CHANCE;
    use_up_chance();
}

/* ---- memory that a child finds empty ---- */

int __wrap_madvise(void *address, size_t size, int advice);

/* As on systems that have none of it; the library tells of forks then. */
int
__wrap_madvise(void *address, size_t size, int advice)
{
    (void)address;
    (void)size;
    (void)advice;
    errno = EINVAL;
    return -1;
}

static int
misbehave(const struct sample *sample, cleat_session *session)
{
    cleat_session *other;
    int wrong = cleat_session_commit(session) != CLEAT_FORKED;
    wrong += cleat_session_open(sample->registry, NULL, CLEAT_READ, &other) != CLEAT_FORKED;
    cleat_session_close(session);
    cleat_registry_close(sample->registry);
    return wrong;
}

static void
forks_are_noticed_without_the_system_s_help(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, "library", CLEAT_READ);
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(misbehave(sample, session));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
}

static void
settings_that_cannot_be_read(void **state)
{
    struct sample *sample = *state;
    cleat_settings_file(&sample->settings, sample->directory);
    assert_int_equal(sample_open(sample), CLEAT_IO);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "cannot be read"));
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, sample->directory));
}

/* ---- texts ---- */

/* SQLite gives no text when it has no memory to end it with a NUL; which it needs for few. */
static bool no_text;

const unsigned char *__real_sqlite3_column_text(sqlite3_stmt *statement, int column);
const unsigned char *__wrap_sqlite3_column_text(sqlite3_stmt *statement, int column);
const unsigned char *__real_sqlite3_value_text(sqlite3_value *value);
const unsigned char *__wrap_sqlite3_value_text(sqlite3_value *value);

const unsigned char *
__wrap_sqlite3_column_text(sqlite3_stmt *statement, int column)
{
    bool snippet = column >= library_books_table.column_count;
    return no_text && snippet ? NULL : __real_sqlite3_column_text(statement, column);
}

const unsigned char *
__wrap_sqlite3_value_text(sqlite3_value *value)
{
    return no_text ? NULL : __real_sqlite3_value_text(value);
}

static void
a_snippet_without_memory(void **state)
{
    cleat_session *session = sample_session(*state, "library", CLEAT_WRITE);
    library_books_row book = sample_book("1", "words");
    const cleat_search with_snippet = {.snippet_tokens = 8, .highlight_column = "title"};
    cleat_match match = {.rank = 7};
    cleat_cursor cursor;
    assert_int_equal(cleat_row_insert(session, &library_books_table, &book), CLEAT_OK);
    assert_int_equal(
        cleat_row_search_with(session, &library_books_fts, "words", &with_snippet, &cursor),
        CLEAT_OK);
    no_text = true;
    cleat_status rc = cleat_row_search_next(&cursor, &library_books_fts, &book, &match);
    no_text = false;
    assert_int_equal(rc, CLEAT_NOMEM);
    assert_string_equal(cleat_session_error(session)->database, "library");
    assert_true(match.rank > 6 && match.snippet == NULL);
    assert_int_equal(
        cleat_row_search_with(session, &library_books_fts, "words", &with_snippet, &cursor),
        CLEAT_OK);
    assert_int_equal(cleat_row_search_next(&cursor, &library_books_fts, &book, &match), CLEAT_ROW);
    assert_non_null(strstr(match.snippet, "words"));
    cleat_session_close(session);
}

static void
a_stored_key_without_memory(void **state)
{
    cleat_session *session = sample_session(*state, "archive", CLEAT_WRITE);
    archive_notes_row notes[2] = {{.slug = "a"}, {.slug = "b"}};
    int64_t count = 0;
    assert_int_equal(cleat_row_insert_many(session, &archive_notes_table, notes, 2), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    notes[0].body = notes[1].body = "new";
    no_text = true;
    cleat_status rc = cleat_row_upsert_many(session, &archive_notes_table, NOTES_BY_SLUG, notes, 2);
    no_text = false;
    assert_int_equal(rc, CLEAT_NOMEM);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(cleat_row_upsert_many(session, &archive_notes_table, NOTES_BY_SLUG, notes, 2),
                     CLEAT_OK);
    assert_int_equal(cleat_row_count(session, &archive_notes_table, &count), CLEAT_OK);
    assert_int_equal(count, 2);
    cleat_session_close(session);
}

/* More than the first block has room for, without memory at each allocation. */
static void
settings_of_many_lines_without_memory(void **state)
{
    struct sample *sample = *state;
    static char text[20000];
    cleat_status rc = CLEAT_NOMEM;
    memset(text, '#', sizeof text);
    for (size_t i = 79; i < sizeof text; i += 80)
        text[i] = '\n';
    memcpy(text + sizeof text - 17, "\nlog_level=none\n", 17);
    sample_write(sample_path(sample, "settings"), text, sizeof text - 1);
    cleat_settings_file(&sample->settings, sample_path(sample, "settings"));
    long place = 1, living = memory_living();
    for (bool past = false; !past; place++) {
        FILE *out = fopen("/dev/null", "w");
        assert_non_null(out);
        memory_arm(place, false);
        rc = cleat_settings_print(&sample->settings, sample->table, out);
        past = memory_disarm();
        fclose(out);
        assert_true(past ? rc == CLEAT_OK : rc == CLEAT_NOMEM || rc == CLEAT_OK);
        assert_int_equal(memory_living(), living);
    }
    assert_true(place > 5);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
#define TEST_OPEN(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST_OPEN(a_queue_whose_thread_cannot_start_takes_nothing),
        TEST(a_checkpointer_that_cannot_start_ends_the_boot),
        TEST(a_relative_path_from_a_directory_that_is_gone),
        TEST(a_home_that_nobody_knows),
        TEST(an_empty_file_that_cannot_be_replaced),
        TEST(a_directory_that_cannot_be_resolved),
        TEST(a_lock_file_that_cannot_be_locked),
        TEST(identifiers_without_a_source_of_chance_are_each_another),
        TEST(identifiers_rise_over_the_end_of_their_low_half),
        TEST_OPEN(forks_are_noticed_without_the_system_s_help),
        TEST(settings_that_cannot_be_read),
        TEST_OPEN(a_snippet_without_memory),
        TEST_OPEN(a_stored_key_without_memory),
        TEST(settings_of_many_lines_without_memory),
    };
    memory_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
