/* test_ambient.c: the installed registry and the current session of a thread. */
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

static void
uses_nest_and_are_keyed_by_database(void **state)
{
    struct sample *sample = *state;
    cleat_session *outer = sample_session(sample, "library", CLEAT_READ);
    cleat_session *inner = sample_session(sample, "library", CLEAT_READ);
    cleat_session *archive = sample_session(sample, "archive", CLEAT_READ);
    assert_null(cleat_session_current("library"));
    assert_int_equal(cleat_session_use(outer), CLEAT_OK);
    assert_int_equal(cleat_session_use(archive), CLEAT_OK);
    assert_int_equal(cleat_session_use(inner), CLEAT_OK);
    assert_ptr_equal(cleat_session_current("library"), inner);
    assert_ptr_equal(cleat_session_current("archive"), archive);
    assert_null(cleat_session_current("journal"));
    assert_int_equal(cleat_session_release(inner), CLEAT_OK);
    assert_ptr_equal(cleat_session_current("library"), outer);
    assert_int_equal(cleat_session_release(inner), CLEAT_MISUSE);
    assert_int_equal(cleat_session_release(outer), CLEAT_OK);
    assert_null(cleat_session_current("library"));
    assert_int_equal(cleat_session_release(archive), CLEAT_OK);
}

static void
null_is_the_default_database_of_the_installed_registry(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, "library", CLEAT_READ);
    assert_int_equal(cleat_session_use(session), CLEAT_OK);
    assert_null(cleat_session_current(NULL));
    assert_null(cleat_registry_install(sample->registry));
    assert_ptr_equal(cleat_registry_current(), sample->registry);
    assert_ptr_equal(cleat_session_current(NULL), session);
    assert_ptr_equal(cleat_registry_install(NULL), sample->registry);
    cleat_registry_install(sample->registry);
    sample_close(sample);
    assert_null(cleat_registry_current());
    assert_null(cleat_session_current("library"));
}

static void
a_closed_session_is_not_current(void **state)
{
    struct sample *sample = *state;
    cleat_session *outer = sample_session(sample, "library", CLEAT_READ);
    cleat_session *inner = sample_session(sample, "library", CLEAT_READ);
    assert_int_equal(cleat_session_use(outer), CLEAT_OK);
    assert_int_equal(cleat_session_use(inner), CLEAT_OK);
    assert_int_equal(cleat_session_use(inner), CLEAT_OK);
    cleat_session_close(inner);
    assert_ptr_equal(cleat_session_current("library"), outer);
    cleat_session_close(outer);
    assert_null(cleat_session_current("library"));
}

/* Of several registries, the one that was opened before another closes first. */
static void
registries_close_in_any_order(void **state)
{
    struct sample *sample = *state;
    cleat_registry *before = sample->registry, *after = NULL;
    assert_int_equal(cleat_registry_open(sample->table, &sample->settings, &after), CLEAT_OK);
    cleat_session *of_before = sample_session(sample, "library", CLEAT_READ), *of_after = NULL;
    assert_int_equal(cleat_session_use(of_before), CLEAT_OK);
    assert_int_equal(cleat_session_open(after, "archive", CLEAT_READ, &of_after), CLEAT_OK);
    assert_int_equal(cleat_session_use(of_after), CLEAT_OK);
    cleat_registry_close(before);
    sample->registry = NULL;
    assert_null(cleat_session_current("library"));
    assert_ptr_equal(cleat_session_current("archive"), of_after);
    cleat_registry_close(after);
    assert_null(cleat_session_current("archive"));
}

static void *
ask_current(void *data)
{
    (void)data;
    return cleat_session_current("library");
}

static void
another_thread_has_its_own(void **state)
{
    pthread_t thread;
    void *answer = &thread;
    cleat_session *session = sample_session(*state, "library", CLEAT_READ);
    assert_int_equal(cleat_session_use(session), CLEAT_OK);
    assert_int_equal(pthread_create(&thread, NULL, ask_current, NULL), 0);
    pthread_join(thread, &answer);
    assert_null(answer);
}

static void
code_that_needs_a_session_is_told_which_one_is_missing(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    assert_int_equal(cleat_session_expect("archive", &session), CLEAT_MISUSE);
    cleat_registry_install(sample->registry);
    assert_int_equal(cleat_session_expect("archive", &session), CLEAT_MISUSE);
    const cleat_error *error = cleat_registry_error(sample->registry);
    assert_string_equal(error->database, "archive");
    assert_non_null(strstr(error->text, "no session on archive"));
    assert_int_equal(cleat_session_expect(NULL, &session), CLEAT_MISUSE);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
    assert_int_equal(cleat_session_expect("nowhere", &session), CLEAT_NOT_FOUND);
    assert_null(session);
    cleat_session *used = sample_session(sample, NULL, CLEAT_READ);
    assert_int_equal(cleat_session_use(used), CLEAT_OK);
    assert_int_equal(cleat_session_expect(NULL, &session), CLEAT_OK);
    assert_ptr_equal(session, used);
}

/* Session objects are used again: what another thread closed is not current under a new opening. */
static void *
close_elsewhere(void *data)
{
    cleat_session_close(data);
    return NULL;
}

static void
a_session_that_another_thread_closed_is_not_current(void **state)
{
    pthread_t thread;
    cleat_session *again = NULL;
    cleat_session *session = sample_session(*state, "library", CLEAT_READ);
    assert_int_equal(cleat_session_use(session), CLEAT_OK);
    assert_int_equal(pthread_create(&thread, NULL, close_elsewhere, session), 0);
    pthread_join(thread, NULL);
    assert_null(cleat_session_current("library"));
    for (int i = 0; i < 200 && again != session; i++) {
        cleat_session_close(again);
        again = sample_session(*state, "library", CLEAT_READ);
    }
    assert_ptr_equal(again, session);
    assert_null(cleat_session_current("library"));
}

/* A thread that outlives a registry whose session it used, and one that ends with one in use. */
struct user {
    struct sample *sample;
    pthread_barrier_t used, closed;
    cleat_session *after;
};

static void *
use_and_stay(void *data)
{
    struct user *user = data;
    if (cleat_session_use(sample_session(user->sample, "library", CLEAT_READ)) != CLEAT_OK)
        return NULL;
    pthread_barrier_wait(&user->used);
    pthread_barrier_wait(&user->closed);
    user->after = cleat_session_current("library");
    cleat_session *session = sample_session(user->sample, "library", CLEAT_READ);
    cleat_session_use(session);
    return cleat_session_current("library") == session ? user : NULL;
}

static void
a_registry_that_another_thread_closed_leaves_no_session(void **state)
{
    struct user user = {.sample = *state};
    pthread_t thread;
    void *answer;
    pthread_barrier_init(&user.used, NULL, 2);
    pthread_barrier_init(&user.closed, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, use_and_stay, &user), 0);
    pthread_barrier_wait(&user.used);
    sample_close(user.sample);
    assert_int_equal(sample_open(user.sample), CLEAT_OK);
    pthread_barrier_wait(&user.closed);
    pthread_join(thread, &answer);
    assert_null(user.after);
    assert_ptr_equal(answer, &user); /* it has ended with a session in use: no memory is lost */
    pthread_barrier_destroy(&user.used);
    pthread_barrier_destroy(&user.closed);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(uses_nest_and_are_keyed_by_database),
        TEST(null_is_the_default_database_of_the_installed_registry),
        TEST(a_closed_session_is_not_current),
        TEST(registries_close_in_any_order),
        TEST(another_thread_has_its_own),
        TEST(code_that_needs_a_session_is_told_which_one_is_missing),
        TEST(a_session_that_another_thread_closed_is_not_current),
        TEST(a_registry_that_another_thread_closed_leaves_no_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
