/* test_io.c: the disk fails, or is full, at every single call that the runtime or SQLite makes to
 * it: once, and from then on. The status says what happened, the databases are sound afterwards,
 * the same call then succeeds, and a commit over two files says CLEAT_PARTIAL only where one of
 * them may have it. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "calls.h"
#include "faults.h"
#include "operations.h"
#include "revisions.h"
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <sys/stat.h>

static const char *const names[] = {"library.db", "archive.db", "journal.db", "shop.db"};

/* ---- the fault ---- */

static struct {
    bool armed;
    bool lasting;
    enum shim_failure failure;
    long place;          /* of the call that fails, from 1 */
    atomic_long count;   /* in all threads */
    enum shim_kind kind; /* of the first that failed */
    bool own;
} fault;

static bool
can_be_full(const struct shim_event *event)
{
    return event->kind == SHIM_WRITE || event->kind == SHIM_SYNC ||
           (event->own && (event->kind == SHIM_OPEN || event->kind == SHIM_LINK ||
                           event->kind == SHIM_MKDIR || event->kind == SHIM_RENAME));
}

static enum shim_failure
fail_at_place(const struct shim_event *event)
{
    if (!fault.armed || (fault.failure == SHIM_FULL && !can_be_full(event)))
        return SHIM_WORKS;
    long count = ++fault.count;
    if (count < fault.place || (count > fault.place && !fault.lasting))
        return SHIM_WORKS;
    if (count == fault.place) {
        fault.kind = event->kind;
        fault.own = event->own;
    }
    return fault.failure;
}

static void
arm(long place, bool lasting, enum shim_failure failure)
{
    fault.armed = true;
    fault.lasting = lasting;
    fault.failure = failure;
    fault.place = place;
    fault.count = 0;
}

/* Whether the failure was never reached. */
static bool
disarm(void)
{
    fault.armed = false;
    return fault.count < fault.place;
}

static const char *
describe(const char *name)
{
    static char text[256];
    snprintf(text, sizeof text, "%s, call %ld of the disk (%s%s) %s %s", name, fault.place,
             fault.own ? "own " : "", shim_name(fault.kind),
             fault.failure == SHIM_FULL ? "full" : "failed", fault.lasting ? "for good" : "once");
    return text;
}

/* ---- what is allowed ---- */

/* The statuses of a disk that fails. A log that cannot be read or locked is SQLite's "cannot open",
 * a header half written its "corrupt" until the log is read; what is full is full. */
static bool
is_of_the_disk(cleat_status rc)
{
    return rc == CLEAT_IO || rc == CLEAT_FULL || rc == CLEAT_CANNOT_OPEN;
}

static void
assert_sound(struct sample *sample, const char *name)
{
    for (size_t i = 0; i < CLEAT_COUNT(names); i++) {
        struct stat found;
        if (stat(sample_path(sample, names[i]), &found) != 0 || found.st_size == 0)
            continue;
        if (sample_ask(
                sample_path(sample, names[i]),
                "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") != 1)
            fail_msg("%s: %s is damaged", describe(name), names[i]);
    }
}

/* ---- calls, and the commit behind them ---- */

static cleat_status
run_and_commit(cleat_session *session, const struct call *call, bool *ret_committing)
{
    *ret_committing = false;
    cleat_status rc = call->run(session);
    if (rc < 0)
        return rc;
    *ret_committing = true;
    return cleat_session_commit(session);
}

/* The files as they were before the calls. */
static struct {
    char *bytes;
    size_t size;
} kept[CLEAT_COUNT(names)];

static void
remove_databases(struct sample *sample)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        for (size_t j = 0; j < CLEAT_COUNT(suffixes); j++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s", names[i], suffixes[j]);
            remove(sample_path(sample, name));
        }
}

static void
keep(struct sample *sample)
{
    sample_close(sample);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        kept[i].bytes = sample_read(sample_path(sample, names[i]), &kept[i].size);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
restore(struct sample *sample)
{
    sample_close(sample);
    remove_databases(sample);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        sample_write(sample_path(sample, names[i]), kept[i].bytes, kept[i].size);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

/* Whether the failure was reached. */
static bool
run_with_fault(struct sample *sample, const struct call *call, long place, bool lasting,
               enum shim_failure failure)
{
    bool committing;
    cleat_session *session = call_session(sample, call);
    arm(place, lasting, failure);
    cleat_status rc = run_and_commit(session, call, &committing);
    cleat_error error = *cleat_session_error(session);
    cleat_session_rollback(session);
    bool reached = !disarm();
    bool apart = rc == CLEAT_PARTIAL && committing && (call->flags & CALL_APART) != 0;
    if (rc != CLEAT_OK && !apart && !is_of_the_disk(rc))
        fail_msg("%s: %s, %s", describe(call->name), cleat_status_name(rc), error.text);
    if (rc != CLEAT_OK && error.database[0] == '\0')
        fail_msg("%s: the error names no database: %s", describe(call->name), error.text);
    cleat_session_close(session);
    if (rc == CLEAT_OK && (call->flags & CALL_WRITES) == 0)
        return reached;
    if ((call->flags & CALL_WRITES) != 0) {
        assert_sound(sample, call->name);
        restore(sample);
    }
    session = call_session(sample, call);
    rc = run_and_commit(session, call, &committing);
    if (rc != CLEAT_OK)
        fail_msg("%s, then: %s, %s", describe(call->name), cleat_status_name(rc),
                 cleat_session_error(session)->text);
    cleat_session_close(session);
    if ((call->flags & CALL_WRITES) != 0)
        restore(sample);
    return reached;
}

static long
sweep_call(struct sample *sample, const struct call *call)
{
    long tried = 0;
    static const enum shim_failure failures[] = {SHIM_FAILS, SHIM_FULL};
    for (size_t i = 0; i < CLEAT_COUNT(failures); i++)
        for (int lasting = 0; lasting < 2; lasting++)
            for (long place = 1; run_with_fault(sample, call, place, lasting, failures[i]); tried++)
                place += faults_loops(2 + (lasting + (int)i) * 3, 1);
    return tried;
}

static void
every_call_survives_every_failure_of_the_disk(void **state)
{
    struct sample *sample = *state;
    long tried = 0;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "synchronous", "FULL");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open(sample);
    keep(sample);
    size_t count = 0;
    for (const struct call *call; (call = call_at(count)) != NULL; count++)
        tried += sweep_call(sample, call);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        free(kept[i].bytes);
    print_message("    %zu calls, %ld failures\n", count, tried);
}

/* ---- operations ---- */

static void
assert_operation(cleat_status rc, const cleat_error *error, const struct operation *operation)
{
    bool partial = rc == CLEAT_PARTIAL && (operation->flags & OPERATION_PARTIAL) != 0;
    if (rc != CLEAT_OK && !partial && !is_of_the_disk(rc))
        fail_msg("%s: %s, %s", describe(operation->name), cleat_status_name(rc), error->text);
    if (rc != CLEAT_OK && error->status != rc)
        fail_msg("%s: %s, and the error says %s", describe(operation->name), cleat_status_name(rc),
                 cleat_status_name(error->status));
}

/* Returns whether the failure was reached. */
static bool
operate_with_fault(struct sample *sample, const struct operation *operation, long place,
                   bool lasting, enum shim_failure failure)
{
    cleat_error error = {.status = CLEAT_OK};
    if (operation->prepare != NULL)
        operation->prepare(sample);
    arm(place, lasting, failure);
    cleat_status rc = operation->run(sample, &error);
    bool reached = !disarm();
    assert_operation(rc, &error, operation);
    assert_sound(sample, operation->name);
    if (rc != CLEAT_OK && (operation->flags & OPERATION_ANEW) != 0)
        operation->prepare(sample);
    if (rc != CLEAT_OK && (rc = operation->run(sample, &error)) != CLEAT_OK)
        fail_msg("%s, then: %s, %s", describe(operation->name), cleat_status_name(rc), error.text);
    if (operation->whole != NULL && !operation->whole(sample))
        fail_msg("%s: not whole", describe(operation->name));
    return reached;
}

static long
sweep_operation(struct sample *sample, const struct operation *operation, enum shim_failure failure)
{
    long tried = 0;
    for (int lasting = 0; lasting < 2; lasting++)
        for (long place = 1; operate_with_fault(sample, operation, place, lasting, failure);
             tried++)
            place += faults_loops(7, 1);
    return tried;
}

static void
sweep_operations(struct sample *sample)
{
    size_t count = 0;
    long tried = 0;
    for (const struct operation *operation; (operation = operation_at(count)) != NULL; count++) {
        tried += sweep_operation(sample, operation, SHIM_FAILS);
        tried += sweep_operation(sample, operation, SHIM_FULL);
    }
    print_message("    %zu operations, %ld failures\n", count, tried);
}

static void
every_operation_survives_every_failure_of_the_disk(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "synchronous", "FULL");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open(sample);
    sweep_operations(sample);
}

static void
a_unit_of_an_atomic_group_is_never_apart(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open_group(sample);
    long tried = sweep_operation(sample, &operation_of_group, SHIM_FAILS);
    tried += sweep_operation(sample, &operation_of_group, SHIM_FULL);
    print_message("    %ld failures\n", tried);
    assert_true(tried > 0);
}

/* ---- a commit over two files ---- */

static void
a_commit_over_two_files_says_which_may_have_it(void **state)
{
    struct sample *sample = *state;
    long partial = 0, whole = 0, none = 0, hidden = 0;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "synchronous", "FULL");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    for (long place = 1;; place++) {
        char sql[160];
        cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
        snprintf(sql, sizeof sql, "INSERT INTO library.tags VALUES (%ld, 'x')", place);
        assert_int_equal(cleat_session_execute(session, sql), CLEAT_OK);
        snprintf(sql, sizeof sql, "INSERT INTO archive.notes (id, slug) VALUES (%ld, %ld)", place,
                 place);
        assert_int_equal(cleat_session_execute(session, sql), CLEAT_OK);
        arm(place, false, SHIM_FAILS);
        cleat_status rc = cleat_session_commit(session);
        bool through = disarm();
        cleat_session_rollback(session);
        cleat_session_close(session);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM tags WHERE book_id = %ld", place);
        int64_t in_library = sample_ask(sample_path(sample, "library.db"), sql);
        snprintf(sql, sizeof sql, "SELECT count(*) FROM notes WHERE id = %ld", place);
        int64_t in_archive = sample_ask(sample_path(sample, "archive.db"), sql);
        partial += rc == CLEAT_PARTIAL;
        whole += in_library == 1 && in_archive == 1;
        none += in_library == 0 && in_archive == 0;
        hidden += rc < 0 && rc != CLEAT_PARTIAL && in_library + in_archive > 0;
        if (rc == CLEAT_OK)
            assert_true(in_library == 1 && in_archive == 1);
        if (in_library != in_archive)
            assert_int_equal(rc, CLEAT_PARTIAL);
        if (through)
            break;
    }
    assert_true(partial > 0 && whole > 0 && none > 0);
    assert_int_equal(hidden, 0);
    print_message("    %ld partial, %ld whole, %ld none\n", partial, whole, none);
}

/* ---- boot ---- */

/* Boots with a failure, and then without. `prepare` makes the files ready, `whole` looks at what
 * the failure has left; NULL for none. Returns whether the failure was reached. */
struct boot {
    void (*prepare)(struct sample *sample);
    bool (*whole)(struct sample *sample);
};

static bool
boot_with_fault(struct sample *sample, const struct boot *boot, long place, bool lasting,
                enum shim_failure failure)
{
    if (boot->prepare != NULL)
        boot->prepare(sample);
    arm(place, lasting, failure);
    cleat_status rc = sample_open(sample);
    bool reached = !disarm();
    if (rc != CLEAT_OK && !is_of_the_disk(rc))
        fail_msg("%s: %s, %s", describe("boot"), cleat_status_name(rc),
                 cleat_registry_error(sample->registry)->text);
    sample_close(sample);
    assert_sound(sample, "boot");
    if (boot->whole != NULL && !boot->whole(sample))
        fail_msg("%s: neither done nor not begun", describe("boot"));
    if ((rc = sample_open(sample)) != CLEAT_OK)
        fail_msg("%s, then: %s, %s", describe("boot"), cleat_status_name(rc),
                 cleat_registry_error(sample->registry)->text);
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    sample_close(sample);
    return reached;
}

static long
sweep_boot(struct sample *sample, const struct boot *boot)
{
    static const enum shim_failure failures[] = {SHIM_FAILS, SHIM_FULL};
    long tried = 0;
    for (size_t i = 0; i < CLEAT_COUNT(failures); i++)
        for (int lasting = 0; lasting < 2; lasting++)
            for (long place = 1; boot_with_fault(sample, boot, place, lasting, failures[i]);
                 tried++)
                place++;
    return tried;
}

static enum shim_failure
refuse_links(const struct shim_event *event)
{
    return event->kind == SHIM_LINK ? SHIM_REFUSED : SHIM_WORKS;
}

static enum shim_failure
refuse_names(const struct shim_event *event)
{
    bool renames = event->kind == SHIM_LINK || event->kind == SHIM_RENAME;
    return renames ? SHIM_REFUSED : SHIM_WORKS;
}

/* FAT and some network file systems. */
static void
a_file_system_without_links_has_databases_too(void **state)
{
    struct sample *sample = *state;
    shim_before = refuse_names;
    cleat_status rc = sample_open(sample);
    assert_int_equal(rc, CLEAT_READONLY);
    sample_close(sample);
    shim_before = refuse_links;
    rc = sample_open(sample);
    shim_before = fail_at_place;
    assert_int_equal(rc, CLEAT_OK);
    sample_close(sample);
    assert_sound(sample, "boot");
}

static void
boot_survives_every_failure_of_the_disk(void **state)
{
    struct sample *sample = *state;
    const struct boot cold = {remove_databases, NULL}, warm = {NULL, NULL};
    cleat_settings_set(&sample->settings, "log_level", "none");
    long tried = sweep_boot(sample, &cold);
    tried += sweep_boot(sample, &warm);
    print_message("    %ld failures\n", tried);
}

/* ---- migrations ---- */

static struct {
    char *bytes;
    size_t size;
} old;

static void
restore_old(struct sample *sample)
{
    remove_databases(sample);
    sample_write(sample_path(sample, "shop.db"), old.bytes, old.size);
}

/* One revision or another, with its list and every row. */
static bool
is_of_a_revision(struct sample *sample)
{
    int64_t revision = sample_ask(sample_path(sample, "shop.db"), revisions_sql);
    return revision > 0 &&
           sample_ask(sample_path(sample, "shop.db"), "SELECT count(*) FROM cleat_migrations") ==
               revision &&
           sample_ask(sample_path(sample, "shop.db"), "SELECT count(*) FROM books") ==
               REVISIONS_ROWS;
}

static void
migrations_survive_every_failure_of_the_disk(void **state)
{
    struct sample *sample = *state;
    const struct boot boot = {restore_old, is_of_a_revision};
    cleat_settings_set(&sample->settings, "log_level", "none");
    cleat_settings_set(&sample->settings, "migrate_backup", "on");
    revisions_make_old(sample);
    old.bytes = sample_read(sample_path(sample, "shop.db"), &old.size);
    print_message("    %ld failures\n", sweep_boot(sample, &boot));
    free(old.bytes);
}

/* An argument names the tests to run, with * for any text. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_call_survives_every_failure_of_the_disk),
        TEST(every_operation_survives_every_failure_of_the_disk),
        TEST(a_unit_of_an_atomic_group_is_never_apart),
        TEST(a_commit_over_two_files_says_which_may_have_it),
        TEST(a_file_system_without_links_has_databases_too),
        TEST(boot_survives_every_failure_of_the_disk),
        TEST(migrations_survive_every_failure_of_the_disk),
    };
    shim_install();
    shim_before = fail_at_place;
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
