/* test_ids.c: identifiers rise and are never given twice, by many threads, when the clock stands
 * or jumps, beside a child process, and at the end of the time they can hold; and they have the
 * bits that their standards ask for. The linker puts the test's clock in the place of the
 * system's. What changes the clock runs in a child, so that other tests keep their time. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include <cleat/cleat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <pthread.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 8, EACH = 200000, FORKED = 100000 };

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* ---- the clock ---- */

int __real_clock_gettime(clockid_t clock, struct timespec *ret_time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_time);

static bool clock_is_set;
static int64_t clock_milliseconds;

int
__wrap_clock_gettime(clockid_t clock, struct timespec *ret_time)
{
    int rc = __real_clock_gettime(clock, ret_time);
    if (!clock_is_set || clock != CLOCK_REALTIME)
        return rc;
    int64_t rest = (clock_milliseconds % 1000 + 1000) % 1000;
    ret_time->tv_sec = (time_t)((clock_milliseconds - rest) / 1000);
    ret_time->tv_nsec = (long)(rest * 1000000);
    return 0;
}

static void
set_clock(int64_t milliseconds)
{
    clock_is_set = true;
    clock_milliseconds = milliseconds;
}

/* Runs a check in a child process. */
static void
run_apart(bool (*check)(void))
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        _exit(check() ? 0 : 1);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- what an identifier says ---- */

static int64_t
ulid_milliseconds(const char *id)
{
    int64_t value = 0;
    for (int i = 0; i < 10; i++)
        value = value * 32 + (strchr(digits, id[i]) - digits);
    return value;
}

static int64_t
uuid_milliseconds(const char *id)
{
    char text[13];
    memcpy(text, id, 8);
    memcpy(text + 8, id + 9, 4);
    text[12] = '\0';
    return (int64_t)strtoull(text, NULL, 16);
}

static bool
is_ulid(const char *id)
{
    return strlen(id) == 26 && strspn(id, digits) == 26 && id[0] <= '7';
}

static bool
is_uuid(const char *id, char version)
{
    return strlen(id) == 36 && strspn(id, "0123456789abcdef-") == 36 && id[8] == '-' &&
           id[13] == '-' && id[18] == '-' && id[23] == '-' && id[14] == version &&
           strchr("89ab", id[19]) != NULL;
}

/* Both kinds rise over so many steps, from the last ones on. */
static bool
both_rise(int count, char ulid[27], char uuid[37])
{
    char next_ulid[27], next_uuid[37];
    for (int i = 0; i < count; i++) {
        cleat_ulid_new(next_ulid);
        cleat_uuid_new(next_uuid);
        if (!is_ulid(next_ulid) || !is_uuid(next_uuid, '7') || strcmp(ulid, next_ulid) >= 0 ||
            strcmp(uuid, next_uuid) >= 0)
            return false;
        memcpy(ulid, next_ulid, 27);
        memcpy(uuid, next_uuid, 37);
    }
    return true;
}

/* ---- threads ---- */

struct maker {
    pthread_t thread;
    void (*make)(char *);
    char *ids;
    size_t size;
};

static void *
make_ids(void *data)
{
    const struct maker *maker = data;
    for (size_t i = 0; i < EACH; i++)
        maker->make(maker->ids + i * maker->size);
    return NULL;
}

static int
compare(const void *one, const void *other)
{
    return strcmp(one, other);
}

/* Each thread's own rise, and all are different. */
static void
assert_threads_rise(void (*make)(char *), size_t size)
{
    struct maker makers[THREADS];
    char *ids = malloc(THREADS * EACH * size);
    assert_non_null(ids);
    for (size_t i = 0; i < THREADS; i++) {
        makers[i] = (struct maker){.make = make, .ids = ids + i * EACH * size, .size = size};
        assert_int_equal(pthread_create(&makers[i].thread, NULL, make_ids, &makers[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(makers[i].thread, NULL);
    for (size_t i = 1; i < (size_t)THREADS * EACH; i++)
        if (i % EACH != 0 && strcmp(ids + (i - 1) * size, ids + i * size) >= 0)
            fail_msg("%s is not before %s", ids + (i - 1) * size, ids + i * size);
    qsort(ids, THREADS * EACH, size, compare);
    for (size_t i = 1; i < (size_t)THREADS * EACH; i++)
        if (strcmp(ids + (i - 1) * size, ids + i * size) == 0)
            fail_msg("%s was given twice", ids + i * size);
    free(ids);
}

static void
ulids_of_eight_threads_rise(void **state)
{
    (void)state;
    assert_threads_rise(cleat_ulid_new, 27);
}

static void
uuids_of_eight_threads_rise(void **state)
{
    (void)state;
    assert_threads_rise(cleat_uuid_new, 37);
}

/* ---- clocks ---- */

static bool
rise_with_a_bad_clock(void)
{
    char ulid[27] = "", uuid[37] = "";
    int64_t start = cleat_now() / 1000, hour = 3600000, year = INT64_C(31556952000);
    const int64_t times[] = {
        start,                 /* it stands */
        start - hour,          /* back */
        start + 10 * year,     /* far ahead */
        start + 10 * year - 1, /* back by a millisecond */
        start,                 /* back by ten years */
        start + 10 * year + 1,
        -hour, /* before 1970 */
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        set_clock(times[i]);
        if (!both_rise(20000, ulid, uuid))
            return false;
    }
    return ulid_milliseconds(ulid) == start + 10 * year + 1 &&
           uuid_milliseconds(uuid) == start + 10 * year + 1;
}

static void
identifiers_rise_whatever_the_clock_does(void **state)
{
    (void)state;
    run_apart(rise_with_a_bad_clock);
}

static bool
have_the_time_of_the_clock(void)
{
    char ulid[27], uuid[37];
    int64_t start = cleat_now() / 1000 + 100000;
    for (int64_t i = 0; i < 10000; i++) {
        set_clock(start + i * 7);
        cleat_ulid_new(ulid);
        cleat_uuid_new(uuid);
        if (ulid_milliseconds(ulid) != start + i * 7 || uuid_milliseconds(uuid) != start + i * 7)
            return false;
    }
    return true;
}

static void
identifiers_have_the_time_of_the_clock(void **state)
{
    (void)state;
    run_apart(have_the_time_of_the_clock);
}

static bool
rise_at_the_end_of_time(void)
{
    char ulid[27] = "", uuid[37] = "";
    int64_t end = (INT64_C(1) << 48) - 1;
    set_clock(end - 1);
    if (!both_rise(1000, ulid, uuid) || ulid_milliseconds(ulid) != end - 1)
        return false;
    for (int64_t later = 0; later < 3; later++) {
        set_clock(end + later * 1000000);
        if (!both_rise(100000, ulid, uuid))
            return false;
    }
    return strncmp(ulid, "7ZZZZZZZZZ", 10) == 0 && strncmp(uuid, "ffffffff-ffff-7", 15) == 0;
}

static void
identifiers_rise_at_the_end_of_their_time(void **state)
{
    (void)state;
    run_apart(rise_at_the_end_of_time);
}

/* ---- forks ---- */

static char (*forked)[27]; /* of the parent, then of the child */

static bool
differ_from_the_parents(void)
{
    char before[27];
    int status = 1;
    set_clock(cleat_now() / 1000 + 5000); /* it stands: all have the same time, or count on */
    cleat_ulid_new(before);
    fflush(NULL);
    pid_t pid = fork();
    size_t first = pid == 0 ? FORKED : 0;
    for (size_t i = 0; i < FORKED; i++)
        cleat_ulid_new(forked[first + i]);
    if (pid == 0)
        _exit(strcmp(before, forked[first]) < 0 ? 0 : 1);
    if (waitpid(pid, &status, 0) != pid || status != 0)
        return false;
    qsort(forked, (size_t)FORKED * 2, sizeof forked[0], compare);
    for (size_t i = 1; i < (size_t)FORKED * 2; i++)
        if (strcmp(forked[i - 1], forked[i]) == 0)
            return false;
    return true;
}

/* Counting on from the same last identifier, parent and child would soon come close. */
static bool
are_far_apart(void)
{
    char own[27];
    int status = 1;
    set_clock(cleat_now() / 1000 + 5000);
    cleat_ulid_new(own);
    fflush(NULL);
    pid_t pid = fork();
    cleat_ulid_new(forked[pid == 0 ? 1 : 0]);
    if (pid == 0)
        _exit(0);
    return waitpid(pid, &status, 0) == pid && status == 0 && strcmp(own, forked[0]) < 0 &&
           ulid_milliseconds(forked[1]) == ulid_milliseconds(own) + 1 &&
           ulid_milliseconds(forked[0]) == ulid_milliseconds(own);
}

static void
a_child_never_gets_its_parents_identifiers(void **state)
{
    (void)state;
    forked = mmap(NULL, (size_t)FORKED * 2 * 27, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                  -1, 0);
    assert_true(forked != MAP_FAILED);
    run_apart(differ_from_the_parents);
    run_apart(are_far_apart);
    munmap(forked, (size_t)FORKED * 2 * 27);
}

/* ---- bits ---- */

/* Of the 128 bits, those that were always 0 and those that were always 1. */
static void
assert_bits(void (*make)(char *), char version, uint64_t fixed_high)
{
    uint64_t ones[2] = {UINT64_MAX, UINT64_MAX}, zeros[2] = {UINT64_MAX, UINT64_MAX};
    char id[37], hex[33];
    for (int i = 0; i < 2000; i++) {
        make(id);
        assert_true(is_uuid(id, version));
        snprintf(hex, sizeof hex, "%.8s%.4s%.4s%.4s%.12s", id, id + 9, id + 14, id + 19, id + 24);
        uint64_t low = strtoull(hex + 16, NULL, 16);
        hex[16] = '\0';
        uint64_t high = strtoull(hex, NULL, 16);
        ones[0] &= high, zeros[0] &= ~high;
        ones[1] &= low, zeros[1] &= ~low;
    }
    uint64_t constant = ones[0] | zeros[0];
    assert_true((constant & ~fixed_high) == 0 && (constant & 0xF000) == 0xF000);
    assert_true((ones[1] | zeros[1]) == UINT64_C(3) << 62);
}

/* A fresh time for each, so that the bits beside it are new ones. */
static void
make_with_a_new_time(char *ret_id)
{
    clock_milliseconds += 1 + (int64_t)(clock_milliseconds % 3);
    cleat_uuid_new(ret_id);
}

static bool
have_their_bits(void)
{
    assert_bits(cleat_uuid4_new, '4', 0xF000);
    set_clock(cleat_now() / 1000 + 1000);
    /* of the 12 bits after the version the first is left to count */
    assert_bits(make_with_a_new_time, '7', ~UINT64_C(0x7FF));
    return true;
}

static void
uuids_have_version_and_variant_and_chance_elsewhere(void **state)
{
    (void)state;
    run_apart(have_their_bits);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identifiers_have_the_time_of_the_clock),
        cmocka_unit_test(identifiers_rise_whatever_the_clock_does),
        cmocka_unit_test(identifiers_rise_at_the_end_of_their_time),
        cmocka_unit_test(a_child_never_gets_its_parents_identifiers),
        cmocka_unit_test(uuids_have_version_and_variant_and_chance_elsewhere),
        cmocka_unit_test(ulids_of_eight_threads_rise),
        cmocka_unit_test(uuids_of_eight_threads_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
