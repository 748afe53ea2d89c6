/* test_id.c: identifiers have their form, rise, and are never given twice, by threads or by a
 * child process. */
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
#include <sys/wait.h>
#include <unistd.h>

enum { THREADS = 4, IDS = 20000 };

static void
a_ulid_is_26_characters_of_base_32_with_the_time_first(void **state)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    char id[27];
    int64_t milliseconds = 0;
    (void)state;
    int64_t before = cleat_now() / 1000;
    cleat_ulid_new(id);
    int64_t after = cleat_now() / 1000;
    assert_int_equal(strlen(id), 26);
    assert_int_equal(strspn(id, digits), 26);
    for (int i = 0; i < 10; i++)
        milliseconds = milliseconds * 32 + (strchr(digits, id[i]) - digits);
    assert_true(milliseconds >= before && milliseconds <= after + 1000);
}

static void
ulids_rise(void **state)
{
    char last[27] = "", next[27];
    (void)state;
    for (int i = 0; i < 200000; i++) {
        cleat_ulid_new(next);
        assert_true(strcmp(last, next) < 0);
        memcpy(last, next, sizeof last);
    }
}

static void
uuids_rise_and_have_version_7(void **state)
{
    char last[37] = "", next[37];
    (void)state;
    for (int i = 0; i < 200000; i++) {
        cleat_uuid_new(next);
        assert_true(strcmp(last, next) < 0);
        memcpy(last, next, sizeof last);
    }
    assert_int_equal(strlen(next), 36);
    assert_true(next[8] == '-' && next[13] == '-' && next[18] == '-' && next[23] == '-');
    assert_true(next[14] == '7' && strchr("89ab", next[19]) != NULL);
    assert_int_equal(strspn(next, "0123456789abcdef-"), 36);
}

static void
a_random_uuid_has_version_4(void **state)
{
    char one[37], other[37];
    (void)state;
    cleat_uuid4_new(one);
    cleat_uuid4_new(other);
    assert_string_not_equal(one, other);
    assert_true(one[14] == '4' && strchr("89ab", one[19]) != NULL);
}

static char made[THREADS * IDS][27];

static void *
make_ids(void *data)
{
    size_t first = *(size_t *)data;
    for (size_t i = 0; i < IDS; i++)
        cleat_ulid_new(made[first + i]);
    return NULL;
}

static int
compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

static void
threads_never_get_the_same(void **state)
{
    pthread_t threads[THREADS];
    size_t firsts[THREADS];
    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        firsts[i] = i * IDS;
        assert_int_equal(pthread_create(&threads[i], NULL, make_ids, &firsts[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    qsort(made, THREADS * IDS, sizeof made[0], compare);
    for (size_t i = 1; i < THREADS * IDS; i++)
        assert_string_not_equal(made[i - 1], made[i]);
}

static void
a_child_process_has_its_own_chance(void **state)
{
    char own[37], child[37];
    int ends[2];
    (void)state;
    cleat_uuid4_new(own);
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    cleat_uuid4_new(own);
    if (pid == 0)
        _exit(write(ends[1], own, sizeof own) == (ssize_t)sizeof own ? 0 : 1);
    assert_int_equal(read(ends[0], child, sizeof child), sizeof child);
    waitpid(pid, NULL, 0);
    assert_string_not_equal(own, child);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ulid_is_26_characters_of_base_32_with_the_time_first),
        cmocka_unit_test(ulids_rise),
        cmocka_unit_test(uuids_rise_and_have_version_7),
        cmocka_unit_test(a_random_uuid_has_version_4),
        cmocka_unit_test(threads_never_get_the_same),
        cmocka_unit_test(a_child_process_has_its_own_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
