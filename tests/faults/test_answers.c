/* test_answers.c: SQLite answers every single call that the runtime makes to it with an error: once,
 * and from then on. The status says so and names the database, the databases are sound afterwards,
 * and the same then succeeds. */
#include "answers.h"
#include "revisions.h"
#include "sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

static void
arm(long place, bool lasting, int kind)
{
    (void)kind;
    answers_arm(place, lasting, SQLITE_IOERR);
}

static bool
may_say(cleat_status rc)
{
    return rc == CLEAT_IO || rc == CLEAT_CANNOT_OPEN;
}

static const struct failures of_sqlite = {1, arm, answers_disarm, answers_describe, may_say, 4, 11};

static void
open_with_calls(struct sample *sample)
{
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open(sample);
}

static void
every_call_survives_every_answer(void **state)
{
    open_with_calls(*state);
    print_message("    %ld failures\n", sweep_calls(*state, &of_sqlite));
}

static void
every_operation_survives_every_answer(void **state)
{
    open_with_calls(*state);
    print_message("    %ld failures\n", sweep_operations(*state, &of_sqlite));
}

static void
boot_survives_every_answer(void **state)
{
    struct sample *sample = *state;
    const struct boot cold = {sweep_remove_databases, NULL}, warm = {NULL, NULL};
    cleat_settings_set(&sample->settings, "log_level", "none");
    long tried = sweep_boot(sample, &cold, &of_sqlite);
    tried += sweep_boot(sample, &warm, &of_sqlite);
    print_message("    %ld failures\n", tried);
}

/* A log that was left makes the runtime compare the schemas. */
static void
leave_other_schema(struct sample *sample)
{
    sample_run(sample_path(sample, "library.db"), "PRAGMA schema_version=77");
}

static void
verifying_survives_every_answer(void **state)
{
    struct sample *sample = *state;
    const struct boot verifying = {leave_other_schema, NULL};
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    print_message("    %ld failures\n", sweep_boot(sample, &verifying, &of_sqlite));
}

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

static void
migrations_survive_every_answer(void **state)
{
    struct sample *sample = *state;
    const struct boot boot = {restore_old, NULL};
    cleat_settings_set(&sample->settings, "log_level", "none");
    cleat_settings_set(&sample->settings, "migrate_backup", "on");
    revisions_make_old(sample);
    old.bytes = sample_read(sample_path(sample, "shop.db"), &old.size);
    print_message("    %ld failures\n", sweep_boot(sample, &boot, &of_sqlite));
    free(old.bytes);
}

/* An argument names the tests to run, with * for any text. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_call_survives_every_answer), TEST(every_operation_survives_every_answer),
        TEST(boot_survives_every_answer),       TEST(verifying_survives_every_answer),
        TEST(migrations_survive_every_answer),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
