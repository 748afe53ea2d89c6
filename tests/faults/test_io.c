/* test_io.c: the disk fails, or is full, at every single call that the runtime or SQLite makes to
 * it: once, and from then on. The status says what happened, the databases are sound afterwards,
 * the same call then succeeds, and a commit over two files says CLEAT_PARTIAL only where one of
 * them may have it. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "faults.h"
#include "revisions.h"
#include "shim.h"
#include "sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <stdatomic.h>

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
arm(long place, bool lasting, int kind)
{
    fault.armed = true;
    fault.lasting = lasting;
    fault.failure = kind == 0 ? SHIM_FAILS : SHIM_FULL;
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
describe(void)
{
    static char text[256];
    snprintf(text, sizeof text, "call %ld of the disk (%s%s) %s %s", fault.place,
             fault.own ? "own " : "", shim_name(fault.kind),
             fault.failure == SHIM_FULL ? "full" : "failed", fault.lasting ? "for good" : "once");
    return text;
}

/* The statuses of a disk that fails. A log that cannot be read or locked is SQLite's "cannot open",
 * a header half written its "corrupt" until the log is read; what is full is full. */
static bool
is_of_the_disk(cleat_status rc)
{
    return rc == CLEAT_IO || rc == CLEAT_FULL || rc == CLEAT_CANNOT_OPEN;
}

static int
stride(int in_ci)
{
    return faults_loops(in_ci, 1);
}

static const struct failures of_the_disk = {2,      arm, disarm, describe, is_of_the_disk,
                                            stride, 2,   7,      1};

/* ---- calls and operations ---- */

static void
open_with_calls(struct sample *sample)
{
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "synchronous", "FULL");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open(sample);
}

static void
every_call_survives_every_failure_of_the_disk(void **state)
{
    open_with_calls(*state);
    print_message("    %ld failures\n", sweep_calls(*state, &of_the_disk));
}

static void
every_operation_survives_every_failure_of_the_disk(void **state)
{
    open_with_calls(*state);
    print_message("    %ld failures\n", sweep_operations(*state, &of_the_disk));
}

static void
a_unit_of_an_atomic_group_is_never_apart(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open_group(sample);
    long tried = sweep_operation(sample, &operation_of_group, &of_the_disk);
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
        arm(place, false, 0);
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
    sweep_assert_sound(sample, "boot");
}

static void
boot_survives_every_failure_of_the_disk(void **state)
{
    struct sample *sample = *state;
    const struct boot cold = {sweep_remove_databases, NULL}, warm = {NULL, NULL};
    cleat_settings_set(&sample->settings, "log_level", "none");
    long tried = sweep_boot(sample, &cold, &of_the_disk);
    tried += sweep_boot(sample, &warm, &of_the_disk);
    print_message("    %ld failures\n", tried);
}

/* ---- every reason that the system gives ---- */

static const struct {
    int code;
    cleat_status status; /* or CLEAT_CANNOT_OPEN */
} reasons[] = {
    {EIO, CLEAT_IO},
    {ENOSPC, CLEAT_FULL},
    {EDQUOT, CLEAT_FULL},
    {EACCES, CLEAT_READONLY},
    {EROFS, CLEAT_READONLY},
    {EPERM, CLEAT_READONLY},
    {ENOENT, CLEAT_IO},
    {ENOTDIR, CLEAT_IO},
    {ELOOP, CLEAT_IO},
    {EMFILE, CLEAT_IO},
    {ENOMEM, CLEAT_NOMEM},
    {EEXIST, CLEAT_CONFLICT},
    {ENOTEMPTY, CLEAT_CONFLICT},
    {EINVAL, CLEAT_IO},
    {ENOTSUP, CLEAT_IO},
    {EOPNOTSUPP, CLEAT_IO},
    {ENOSYS, CLEAT_IO},
};

static enum shim_failure
fail_own_at_place(const struct shim_event *event)
{
    return event->own ? fail_at_place(event) : SHIM_WORKS;
}

static void
arm_reason(long place, bool lasting, int kind)
{
    shim_errno = reasons[kind].code;
    arm(place, lasting, 0);
}

static const char *
describe_reason(void)
{
    static char text[300];
    snprintf(text, sizeof text, "%s: %s", describe(), strerror(shim_errno));
    return text;
}

static bool
is_of_the_reason(cleat_status rc)
{
    for (size_t i = 0; i < CLEAT_COUNT(reasons); i++)
        if (reasons[i].code == shim_errno && reasons[i].status == rc)
            return true;
    return rc == CLEAT_IO || rc == CLEAT_CANNOT_OPEN;
}

static const struct failures of_the_system = {CLEAT_COUNT(reasons),
                                              arm_reason,
                                              disarm,
                                              describe_reason,
                                              is_of_the_reason,
                                              faults_stride,
                                              1,
                                              7,
                                              9};

static void
every_reason_of_the_system_has_its_status(void **state)
{
    struct sample *sample = *state;
    const struct boot cold = {sweep_remove_databases, NULL};
    const struct operation *operation = NULL;
    open_with_calls(sample);
    for (size_t i = 0; (operation = operation_at(i)) != NULL; i++)
        if (strcmp(operation->name, "backup") == 0)
            break;
    assert_non_null(operation);
    shim_before = fail_own_at_place;
    long tried = sweep_operation(sample, operation, &of_the_system);
    sample_close(sample);
    tried += sweep_boot(sample, &cold, &of_the_system);
    shim_before = fail_at_place;
    shim_errno = EIO;
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
    sweep_remove_databases(sample);
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
    print_message("    %ld failures\n", sweep_boot(sample, &boot, &of_the_disk));
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
        TEST(every_reason_of_the_system_has_its_status),
        TEST(migrations_survive_every_failure_of_the_disk),
    };
    shim_install();
    shim_before = fail_at_place;
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
