/* test_memory.c: memory runs out at every allocation of every public call, of the runtime's own and
 * of SQLite's, once and from then on. The call says CLEAT_NOMEM, or its result is right; a rollback
 * works without memory; the same call then succeeds; nothing is leaked. */
#include "calls.h"
#include "faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <poll.h>

/* ---- memory ---- */

enum { PLACES = 100000 };

static struct {
    bool armed;
    bool lasting; /* all after it fail too */
    long place;   /* of the allocation that fails, from 1 */
    long count;   /* of those so far */
    long living;  /* blocks of the runtime's own that are not freed */
    bool own[PLACES];
} memory;

static sqlite3_mem_methods standard;

static bool
fails(bool own)
{
    if (!memory.armed)
        return false;
    memory.count++;
    if (memory.count < PLACES)
        memory.own[memory.count] = own;
    return memory.lasting ? memory.count >= memory.place : memory.count == memory.place;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static void *
counted(void *block)
{
    memory.living += block != NULL;
    return block;
}

void *
__wrap_malloc(size_t size)
{
    return fails(true) ? NULL : counted(__real_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails(true) ? NULL : counted(__real_calloc(count, size));
}

void *
__wrap_realloc(void *block, size_t size)
{
    if (fails(true))
        return NULL;
    void *moved = __real_realloc(block, size);
    memory.living += block == NULL && moved != NULL;
    return moved;
}

void
__wrap_free(void *block)
{
    memory.living -= block != NULL;
    __real_free(block);
}

static void *
allocate(int size)
{
    return fails(false) ? NULL : standard.xMalloc(size);
}

static void *
reallocate(void *block, int size)
{
    return fails(false) ? NULL : standard.xRealloc(block, size);
}

static void
arm(long place, bool lasting)
{
    memory.place = place;
    memory.lasting = lasting;
    memory.count = 0;
    memory.armed = true;
}

/* Whether the failure was never reached. */
static bool
disarm(void)
{
    memory.armed = false;
    return memory.count < memory.place;
}

/* Which allocation fails next: the runtime's own each in turn; of SQLite's a part in CI, since
 * SQLite's authors try all of them. */
static long
next_place(long place, long total, long stride)
{
    for (place++; place <= total && !memory.own[place] && place % stride != 0; place++)
        ;
    return place;
}

/* ---- what is allowed ---- */

/* SQLite may do without some memory; what it says must then be right. Only its json_valid() takes
 * a text that it has no memory to read for one that is not JSON. */
static void
assert_allowed(cleat_status rc, const cleat_error *error, const char *name, long place)
{
    bool json = rc == CLEAT_CHECK && strstr(error->text, "json_valid") != NULL;
    if (rc != CLEAT_OK && rc != CLEAT_NOMEM && !json)
        fail_msg("%s, allocation %ld: %s, %s", name, place, cleat_status_name(rc), error->text);
}

/* ---- calls ---- */

static cleat_session *
open_for(struct sample *sample, const struct call *call)
{
    return sample_session(sample, NULL,
                          (call->flags & CALL_WRITES) != 0 ? CLEAT_WRITE : CLEAT_READ);
}

/* How many allocations a call makes on a new connection. */
static long
count_allocations(struct sample *sample, const struct call *call)
{
    cleat_session *session = open_for(sample, call);
    arm(PLACES, false);
    cleat_status rc = call->run(session);
    disarm();
    if (rc != CLEAT_OK)
        fail_msg("%s: %s, %s", call->name, cleat_status_name(rc),
                 cleat_session_error(session)->text);
    cleat_session_close(session);
    return memory.count;
}

static void
run_without(struct sample *sample, const struct call *call, long place, bool lasting)
{
    cleat_session *session = open_for(sample, call);
    arm(place, lasting);
    cleat_status rc = call->run(session);
    cleat_error error = *cleat_session_error(session);
    if (rc < 0 && cleat_session_rollback(session) != CLEAT_OK)
        fail_msg("%s, allocation %ld: no rollback, %s", call->name, place,
                 cleat_session_error(session)->text);
    disarm();
    assert_allowed(rc, &error, call->name, place);
    if (rc == CLEAT_NOMEM && error.status != CLEAT_NOMEM && error.status != CLEAT_OK)
        fail_msg("%s, allocation %ld: the error says %s", call->name, place,
                 cleat_status_name(error.status));
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    rc = call->run(session);
    if (rc != CLEAT_OK)
        fail_msg("%s, after allocation %ld: %s, %s", call->name, place, cleat_status_name(rc),
                 cleat_session_error(session)->text);
    cleat_session_close(session);
}

/* Returns how many failures were tried. */
static long
sweep_call(struct sample *sample, const struct call *call)
{
    sqlite3_int64 used = sqlite3_memory_used();
    long living = memory.living, tried = 0;
    sample_open(sample);
    long total = count_allocations(sample, call);
    for (int lasting = 0; lasting < 2; lasting++)
        for (long place = 0; (place = next_place(place, total, faults_loops(41, 1))) <= total;
             tried++)
            run_without(sample, call, place, lasting);
    sample_close(sample);
    if (memory.living != living || sqlite3_memory_used() != used)
        fail_msg("%s leaks %ld blocks, and %lld bytes in SQLite", call->name,
                 memory.living - living, (long long)(sqlite3_memory_used() - used));
    return tried;
}

static void
every_call_survives_every_allocation_that_fails(void **state)
{
    struct sample *sample = *state;
    long tried = 0;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    calls_fill(sample->registry);
    sample_close(sample);
    for (size_t i = 0; i < call_count; i++)
        tried += sweep_call(sample, &calls[i]);
    print_message("    %zu calls, %ld failures\n", call_count, tried);
}

/* ---- sessions and boot ---- */

static void
opening_a_session_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    cleat_session *session;
    long tried = 0;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    for (int lasting = 0; lasting < 2; lasting++) {
        arm(PLACES, false);
        assert_int_equal(cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &session),
                         CLEAT_OK);
        disarm();
        cleat_session_close(session);
        long total = memory.count;
        for (long place = 0; (place = next_place(place, total, faults_loops(7, 1))) <= total;
             tried++) {
            session = NULL;
            arm(place, lasting);
            cleat_status rc = cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &session);
            disarm();
            assert_allowed(rc, cleat_registry_error(sample->registry), "open", place);
            assert_true(rc == CLEAT_OK || session == NULL);
            if (rc != CLEAT_OK)
                session = sample_session(sample, NULL, CLEAT_WRITE);
            assert_int_equal(cleat_session_execute(session, "SELECT 1 FROM books"), CLEAT_OK);
            cleat_session_close(session);
        }
    }
    print_message("    %ld failures\n", tried);
}

static void
sweep_boot(struct sample *sample, bool lasting, long stride, bool cold, long *tried)
{
    arm(PLACES, false);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    disarm();
    sample_close(sample);
    long total = memory.count;
    for (long place = 0; (place = next_place(place, total, stride)) <= total; ++*tried) {
        static const char *const names[] = {"library.db", "archive.db", "journal.db"};
        for (size_t i = 0; cold && i < CLEAT_COUNT(names); i++)
            remove(sample_path(sample, names[i]));
        arm(place, lasting);
        cleat_status rc = sample_open(sample);
        disarm();
        assert_allowed(rc, cleat_registry_error(sample->registry), "boot", place);
        if (rc < 0 && sample->registry != NULL)
            assert_int_equal(cleat_registry_error(sample->registry)->status, CLEAT_NOMEM);
        sample_close(sample);
        assert_int_equal(sample_open(sample), CLEAT_OK);
        sample_close(sample);
    }
}

static void
boot_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    sqlite3_int64 used = sqlite3_memory_used();
    long living = memory.living, tried = 0;
    for (int lasting = 0; lasting < 2; lasting++) {
        sweep_boot(sample, lasting, 1, false, &tried);
        remove(sample_path(sample, "library.db"));
        remove(sample_path(sample, "archive.db"));
        remove(sample_path(sample, "journal.db"));
        sweep_boot(sample, lasting, faults_loops(67, 1), true, &tried);
    }
    assert_int_equal(memory.living, living);
    assert_int_equal(sqlite3_memory_used(), used);
    print_message("    %ld failures\n", tried);
}

/* A log that was left makes SQLite compare the schemas, which needs memory of its own. */
static void
verifying_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    long tried = 0;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    sample_run(sample_path(sample, "library.db"), "PRAGMA schema_version=77");
    for (int lasting = 0; lasting < 2; lasting++)
        sweep_boot(sample, lasting, faults_loops(31, 1), false, &tried);
    print_message("    %ld failures\n", tried);
}

/* ---- operations ---- */

static cleat_status
delete_nothing(cleat_session *session, void *data)
{
    (void)data;
    return cleat_session_execute(session, "DELETE FROM library.tags WHERE book_id = 77");
}

static cleat_status
checkpoint(struct sample *sample)
{
    return cleat_registry_checkpoint(sample->registry, NULL);
}

static cleat_status
optimize(struct sample *sample)
{
    return cleat_registry_optimize(sample->registry, NULL);
}

static cleat_status
check(struct sample *sample)
{
    return cleat_registry_check(sample->registry, NULL, CLEAT_CHECK_FULL, NULL, NULL);
}

/* A failure leaves nothing behind, success all three files. */
static cleat_status
backup(struct sample *sample)
{
    static const char *const names[] = {"set/library.db", "set/archive.db", "set/journal.db"};
    cleat_status rc = cleat_registry_backup(sample->registry, sample_path(sample, "set"), NULL,
                                            NULL);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        if ((remove(sample_path(sample, names[i])) == 0) != (rc == CLEAT_OK))
            return CLEAT_VALUE;
    return (remove(sample_path(sample, "set")) == 0) == (rc == CLEAT_OK) ? rc : CLEAT_VALUE;
}

static cleat_status
figures(struct sample *sample)
{
    cleat_stats stats;
    cleat_status rc = cleat_registry_stats(sample->registry, NULL, &stats);
    return rc == CLEAT_OK ? cleat_stats_print(sample->registry, NULL) : rc;
}

static cleat_status
print_settings(struct sample *sample)
{
    FILE *file = fopen("/dev/null", "w");
    cleat_status rc = cleat_settings_print(&sample->settings, &sample_init_table, file);
    fclose(file);
    return rc;
}

static cleat_status
group(struct sample *sample)
{
    return cleat_group_run(sample->registry, "library", delete_nothing, NULL, NULL);
}

static cleat_status
async(struct sample *sample)
{
    cleat_async *queue;
    cleat_result result = {.status = CLEAT_OK};
    cleat_status rc = cleat_async_open(sample->registry, &queue);
    if (rc < 0)
        return rc;
    rc = cleat_async_submit(queue, "library", CLEAT_WRITE, delete_nothing, NULL);
    struct pollfd file = {.fd = cleat_async_fd(queue), .events = POLLIN};
    if (rc == CLEAT_OK && poll(&file, 1, 10000) == 1 &&
        cleat_async_next(queue, &result) == CLEAT_ROW)
        rc = result.status;
    cleat_async_close(queue);
    return rc;
}

static const struct operation {
    const char *name;
    cleat_status (*run)(struct sample *sample);
} operations[] = {
    {"checkpoint", checkpoint}, {"optimize", optimize},       {"check", check}, {"backup", backup},
    {"figures", figures},       {"settings", print_settings}, {"group", group}, {"async", async},
};

/* `log_level` is none, so what is printed into the log costs nothing but the figures. */
static void
sweep_operation(struct sample *sample, const struct operation *operation, long *tried)
{
    arm(PLACES, false);
    cleat_status rc = operation->run(sample);
    disarm();
    assert_allowed(rc, cleat_registry_error(sample->registry), operation->name, 0);
    assert_int_equal(rc, CLEAT_OK);
    long total = memory.count;
    for (int lasting = 0; lasting < 2; lasting++) {
        for (long place = 0; (place = next_place(place, total, faults_loops(53, 1))) <= total;
             ++*tried) {
            arm(place, lasting);
            rc = operation->run(sample);
            disarm();
            assert_allowed(rc, cleat_registry_error(sample->registry), operation->name, place);
            assert_int_equal(operation->run(sample), CLEAT_OK);
        }
    }
}

static void
operations_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    sqlite3_int64 used = sqlite3_memory_used();
    long living = memory.living, tried = 0;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    calls_fill(sample->registry);
    for (size_t i = 0; i < CLEAT_COUNT(operations); i++)
        sweep_operation(sample, &operations[i], &tried);
    sample_close(sample);
    if (memory.living != living || sqlite3_memory_used() != used)
        fail_msg("operations leak %ld blocks, and %lld bytes in SQLite", memory.living - living,
                 (long long)(sqlite3_memory_used() - used));
    print_message("    %zu operations, %ld failures\n", CLEAT_COUNT(operations), tried);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_call_survives_every_allocation_that_fails),
        TEST(opening_a_session_without_memory_can_be_tried_again),
        TEST(boot_without_memory_can_be_tried_again),
        TEST(verifying_without_memory_can_be_tried_again),
        TEST(operations_without_memory_can_be_tried_again),
    };
    sqlite3_mem_methods faulty;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &standard);
    faulty = standard;
    faulty.xMalloc = allocate;
    faulty.xRealloc = reallocate;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
