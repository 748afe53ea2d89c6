/* test_crash.c: a crash at any step of a commit over several databases leaves all or nothing once
 * somebody writes again, and who lives sees nothing torn, whoever is killed beside it. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a process that is killed at every step ---- */

static sqlite3_vfs killing;
static int steps_left;

/* SQLite has several kinds of files; each is wrapped on its own. */
static struct kind {
    sqlite3_io_methods methods;
    const sqlite3_io_methods *real;
} kinds[4];

static void
take_step(void)
{
    if (steps_left > 0 && --steps_left == 0)
        raise(SIGKILL);
}

static const sqlite3_io_methods *
real_of(const sqlite3_file *file)
{
    return ((const struct kind *)(const void *)file->pMethods)->real;
}

static int
write_or_die(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset)
{
    take_step();
    return real_of(file)->xWrite(file, bytes, count, offset);
}

static int
sync_or_die(sqlite3_file *file, int flags)
{
    take_step();
    return real_of(file)->xSync(file, flags);
}

static int
open_killing(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    sqlite3_vfs *real = vfs->pAppData;
    int rc = real->xOpen(real, name, file, flags, ret_flags);
    if (rc != SQLITE_OK || file->pMethods == NULL)
        return rc;
    struct kind *kind = kinds;
    while (kind->real != NULL && kind->real != file->pMethods)
        kind++;
    if (kind->real == NULL) {
        kind->real = file->pMethods;
        kind->methods = *file->pMethods;
        kind->methods.xWrite = write_or_die;
        kind->methods.xSync = sync_or_die;
    }
    file->pMethods = &kind->methods;
    return rc;
}

/* Commits three units; dies at one of the steps that their commits make. */
static int
commit_and_die(struct sample *sample, unsigned mode, int step)
{
    cleat_registry *registry;
    cleat_session *session;
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    killing = *real;
    killing.zName = "killing";
    killing.pAppData = real;
    killing.xOpen = open_killing;
    sqlite3_vfs_register(&killing, 1);
    if (cleat_registry_open(&sample_init_table, &sample->settings, &registry) != CLEAT_OK ||
        cleat_session_open(registry, NULL, mode, &session) != CLEAT_OK)
        return 2;
    steps_left = step;
    for (int64_t i = 0; i < 3; i++) {
        char slug[8];
        snprintf(slug, sizeof slug, "n%d", (int)i);
        library_tags_row tag = {.book_id = i, .tag = "x"};
        if (cleat_row_insert(session, TAGS, &tag) != CLEAT_OK ||
            add_note(session, slug) != CLEAT_OK || cleat_session_commit(session) != CLEAT_OK)
            return 3;
    }
    steps_left = 0;
    _exit(0);
}

struct crashes {
    int deaths, torn, completed;
};

/* Lets children die at every step that their commits make, and looks at what they leave. */
static void
crash_everywhere(struct sample *sample, unsigned mode, struct crashes *crashes)
{
    for (int step = 1;; step++) {
        pid_t child = fork();
        int status = -1;
        if (child == 0)
            _exit(commit_and_die(sample, mode, step));
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status)) {
            assert_int_equal(WEXITSTATUS(status), 0);
            print_message("    killed at %d places: %d torn, %d completed\n", crashes->deaths,
                          crashes->torn, crashes->completed);
            return;
        }
        assert_int_equal(sample_open(sample), CLEAT_OK);
        crashes->deaths++;
        crashes->completed += sample_logged(sample, "Completed");
        crashes->torn += ask(sample, "library.db", "SELECT count(*) FROM tags") !=
                         ask(sample, "archive.db", "SELECT count(*) FROM notes");
        sample_close(sample);
        sample_run(sample_path(sample, "library.db"), "DELETE FROM tags");
        sample_run(sample_path(sample, "archive.db"), "DELETE FROM notes");
    }
}

static void
a_crash_at_any_step_leaves_all_or_nothing(void **state)
{
    struct crashes crashes = {0};
    crash_everywhere(*state, BOTH, &crashes);
    assert_true(crashes.deaths > 10);
    assert_true(crashes.completed >= 3);
    assert_int_equal(crashes.torn, 0);
}

/* What the test above would say if intents did nothing. */
static void
a_crash_without_intents_tears(void **state)
{
    struct crashes crashes = {0};
    crash_everywhere(*state, CLEAT_WRITE, &crashes);
    assert_true(crashes.torn > 0);
}

static void
a_crash_over_rollback_journals_leaves_all_or_nothing(void **state)
{
    struct sample *sample = *state;
    struct crashes crashes = {0};
    cleat_settings_set(&sample->settings, "journal_mode", "DELETE");
    crash_everywhere(sample, BOTH, &crashes);
    assert_true(crashes.deaths > 10);
    assert_int_equal(crashes.torn, 0);
}

/* ---- two processes ---- */

static int
commit_pairs(struct sample *sample, int who, int count)
{
    cleat_registry *registry;
    cleat_session *session;
    if (cleat_registry_open(&sample_init_table, &sample->settings, &registry) != CLEAT_OK)
        return 2;
    for (int i = 0; i < count; i++) {
        char slug[24];
        snprintf(slug, sizeof slug, "%d-%d-%d", who, (int)getpid(), i);
        if (cleat_session_open(registry, NULL, BOTH, &session) != CLEAT_OK)
            return 3;
        library_tags_row tag = {.book_id = getpid(), .tag = slug};
        if (cleat_row_insert(session, TAGS, &tag) != CLEAT_OK ||
            add_note(session, slug) != CLEAT_OK || cleat_session_commit(session) != CLEAT_OK)
            return 4;
        cleat_session_close(session);
    }
    cleat_registry_close(registry);
    return 0;
}

static void
processes_that_are_killed_leave_nothing_torn_for_the_living(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "20000");
    for (int round = 0; round < 20; round++) {
        int status = -1;
        pid_t victim = fork();
        if (victim == 0)
            _exit(commit_pairs(sample, 0, 100000));
        pid_t living = fork();
        if (living == 0)
            _exit(commit_pairs(sample, 1, 10));
        usleep((useconds_t)(2000 + round * 1400));
        kill(victim, SIGKILL);
        waitpid(victim, NULL, 0);
        assert_int_equal(waitpid(living, &status, 0), living);
        assert_true(WIFEXITED(status));
        assert_int_equal(WEXITSTATUS(status), 0);
        assert_int_equal(sample_open(sample), CLEAT_OK);
        cleat_session *session = sample_session(sample, NULL, CLEAT_READ | CLEAT_ATOMIC);
        int64_t tags, notes;
        assert_int_equal(cleat_row_count(session, TAGS, &tags), CLEAT_OK);
        assert_int_equal(cleat_row_count(session, NOTES, &notes), CLEAT_OK);
        assert_true(tags == notes && tags >= 10);
        sample_close(sample);
    }
}

static void
an_atomic_read_sees_all_databases_after_the_same_commits(void **state)
{
    struct sample *sample = *state;
    pid_t writer = fork();
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "20000");
    if (writer == 0)
        _exit(commit_pairs(sample, 2, 100000));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    int64_t most = 0;
    for (int i = 0; i < 1000 || most < 20; i++) {
        int64_t tags, notes;
        assert_int_equal(waitpid(writer, NULL, WNOHANG), 0);
        cleat_session *session = sample_session(sample, NULL, CLEAT_READ | CLEAT_ATOMIC);
        assert_int_equal(cleat_row_count(session, TAGS, &tags), CLEAT_OK);
        assert_int_equal(cleat_row_count(session, NOTES, &notes), CLEAT_OK);
        assert_true(tags == notes);
        most = tags > most ? tags : most;
        cleat_session_close(session);
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
}

static struct sample *interrupted;

/* Lets another process make the first commits over both when a reader has looked at the home and
 * is about to look at the peer. */
static int
interrupt(unsigned event, void *data, void *statement, void *sql)
{
    struct sample *sample = interrupted;
    int status = -1;
    (void)event;
    (void)data;
    (void)statement;
    if (sample == NULL || strstr(sql, "\"archive\".schema_version") == NULL)
        return 0;
    interrupted = NULL;
    pid_t writer = fork();
    if (writer == 0)
        _exit(commit_pairs(sample, 3, 3));
    waitpid(writer, &status, 0);
    assert_int_equal(status, 0);
    return 0;
}

static int
watch_statements(sqlite3 *handle, char **ret_error, const void *calls)
{
    (void)ret_error;
    (void)calls;
    return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, interrupt, NULL);
}

static void
an_atomic_read_may_see_the_home_before_its_first_intents(void **state)
{
    struct sample *sample = *state;
    int64_t tags, notes;
    sqlite3_auto_extension((void (*)(void))watch_statements);
    interrupted = sample;
    cleat_session *session = sample_session(sample, NULL, CLEAT_READ | CLEAT_ATOMIC);
    sqlite3_reset_auto_extension();
    assert_null(interrupted);
    assert_int_equal(cleat_row_count(session, TAGS, &tags), CLEAT_OK);
    assert_int_equal(cleat_row_count(session, NOTES, &notes), CLEAT_OK);
    assert_true(tags == 3 && notes == 3);
}
int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
#define TEST_CLOSED(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST_CLOSED(a_crash_at_any_step_leaves_all_or_nothing),
        TEST_CLOSED(a_crash_without_intents_tears),
        TEST_CLOSED(a_crash_over_rollback_journals_leaves_all_or_nothing),
        TEST_CLOSED(processes_that_are_killed_leave_nothing_torn_for_the_living),
        TEST_CLOSED(an_atomic_read_sees_all_databases_after_the_same_commits),
        TEST(an_atomic_read_may_see_the_home_before_its_first_intents),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
