/* test_fork.c: a child process can neither use nor harm what its parent opened. */
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

#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TAGS (&library_tags_table)

/* A fork of which neither the C library nor its handlers hear. */
static pid_t
clone_unseen(void)
{
    return (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

static int
misbehave(struct sample *sample, cleat_session *session, cleat_cursor *cursor,
          cleat_statement *statement)
{
    library_tags_row tag = {.book_id = 2, .tag = "child"};
    cleat_session *other = NULL;
    int wrong = 0;
    wrong += cleat_row_insert(session, TAGS, &tag) != CLEAT_FORKED;
    wrong += cleat_session_error(session)->status != CLEAT_FORKED;
    wrong += cleat_row_next(cursor, TAGS, &tag) != CLEAT_FORKED;
    wrong += cleat_statement_next(statement) != CLEAT_FORKED;
    wrong += cleat_statement_text(statement, 0) != NULL;
    wrong += cleat_session_commit(session) != CLEAT_FORKED;
    wrong += cleat_session_open(sample->registry, NULL, CLEAT_READ, &other) != CLEAT_FORKED;
    wrong += cleat_registry_error(sample->registry)->status != CLEAT_FORKED;
    cleat_registry *before = cleat_registry_install(sample->registry);
    wrong += cleat_session_expect(NULL, &other) != CLEAT_FORKED;
    cleat_registry_install(before);
    cleat_cursor_close(cursor);
    cleat_statement_close(statement);
    cleat_session_close(session);
    cleat_registry_close(sample->registry);
    return wrong;
}

static void
check_that_a_child_is_told(struct sample *sample, pid_t (*make_child)(void))
{
    library_tags_row tag = {.book_id = 1, .tag = "parent"};
    cleat_cursor cursor;
    cleat_statement *statement;
    int status = -1;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_OK);
    assert_int_equal(cleat_row_list(session, TAGS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_statement_open(session, "SELECT 'x'", &statement), CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
    pid_t pid = make_child();
    if (pid == 0)
        _exit(misbehave(sample, session, &cursor, statement));
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_string_equal(cleat_statement_text(statement, 0), "x");
    assert_int_equal(cleat_row_next(&cursor, TAGS, &tag), CLEAT_ROW);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"),
                                "SELECT count(*) FROM tags WHERE tag='parent'"),
                     1);
}

static void
a_child_is_told_and_the_parent_goes_on(void **state)
{
    check_that_a_child_is_told(*state, fork);
}

static void
a_child_made_without_the_c_library_is_told_as_well(void **state)
{
    check_that_a_child_is_told(*state, clone_unseen);
}

static void
check_that_a_child_opens_its_own(struct sample *sample, pid_t (*make_child)(void))
{
    int status = -1;
    pid_t pid = make_child();
    if (pid == 0) {
        cleat_registry *own;
        cleat_session *session;
        library_tags_row tag = {.book_id = 1, .tag = "child"};
        int wrong = 0;
        wrong += cleat_registry_open(&sample_init_table, &sample->settings, &own) != CLEAT_OK;
        wrong += cleat_session_open(own, NULL, CLEAT_WRITE, &session) != CLEAT_OK;
        wrong += cleat_row_insert(session, TAGS, &tag) != CLEAT_OK;
        wrong += cleat_session_commit(session) != CLEAT_OK;
        cleat_registry_close(own);
        _exit(wrong);
    }
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    int64_t count;
    cleat_session *session = sample_session(sample, NULL, CLEAT_READ);
    assert_int_equal(cleat_row_count(session, TAGS, &count), CLEAT_OK);
    assert_true(count == 1);
}

static void
a_child_opens_a_registry_of_its_own(void **state)
{
    check_that_a_child_opens_its_own(*state, fork);
}

static void
so_does_a_child_made_without_the_c_library(void **state)
{
    check_that_a_child_opens_its_own(*state, clone_unseen);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_child_is_told_and_the_parent_goes_on),
        TEST(a_child_made_without_the_c_library_is_told_as_well),
        TEST(a_child_opens_a_registry_of_its_own),
        TEST(so_does_a_child_made_without_the_c_library),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
