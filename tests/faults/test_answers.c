/* test_answers.c: SQLite answers every single call that the runtime makes to it with an error: once,
 * and from then on. The status says so and names the database, the databases are sound afterwards,
 * and the same then succeeds. */
#include "answers.h"
#include "faults.h"
#include "revisions.h"
#include "sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

static const struct failures of_sqlite = {
    1, arm, answers_disarm, answers_describe, may_say, faults_stride, 4, 11, 1};

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

/* Beside triggers a row that fails is looked for, one row after the other, which is undone again:
 * what keeps it from being found keeps nothing of it, and when it cannot be undone, the unit. */
static void
a_row_is_looked_for_and_never_left(void **state)
{
    struct sample *sample = *state;
    bool past = false;
    long named = 0, unnamed = 0, broken = 0;
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    for (long place = 1; !past; place++) {
        cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
        const cleat_error *error = cleat_session_error(session);
        library_books_row books[] = {sample_book("1", "A"), sample_book("2", "B"),
                                     sample_book("1", "C")};
        library_tags_row tag = {.book_id = 1, .tag = "x"};
        assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
        answers_arm(place, false, SQLITE_IOERR);
        cleat_status rc = cleat_row_insert_many(session, &library_books_table, books, 3);
        past = answers_disarm();
        assert_true(rc == error->status && (rc == CLEAT_CONFLICT || may_say(rc)));
        assert_string_equal(error->table, "books");
        assert_true(error->row == 2 || (!past && error->row == -1));
        named += rc == CLEAT_CONFLICT && error->row == 2;
        unnamed += rc == CLEAT_CONFLICT && error->row == -1;
        bool commits = cleat_session_commit(session) == CLEAT_OK;
        broken += !commits;
        cleat_session_close(session);
        const char *path = sample_path(sample, "library.db");
        assert_int_equal(sample_ask(path, "SELECT count(*) FROM books"), 0);
        assert_int_equal(sample_ask(path, "SELECT count(*) FROM tags"), commits);
        sample_run(path, "DELETE FROM tags");
    }
    assert_true(named > 0 && unnamed > 0 && broken > 0);
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

/* ---- what each code says ---- */

static const struct {
    int code;
    cleat_status status;
} codes[] = {
    {SQLITE_ERROR, CLEAT_ERROR},
    {SQLITE_INTERNAL, CLEAT_ERROR},
    {SQLITE_PERM, CLEAT_READONLY},
    {SQLITE_ABORT, CLEAT_ERROR},
    {SQLITE_BUSY, CLEAT_BUSY},
    {SQLITE_BUSY_SNAPSHOT, CLEAT_BUSY},
    {SQLITE_LOCKED, CLEAT_BUSY},
    {SQLITE_NOMEM, CLEAT_NOMEM},
    {SQLITE_READONLY_DIRECTORY, CLEAT_READONLY},
    {SQLITE_INTERRUPT, CLEAT_INTERRUPTED},
    {SQLITE_IOERR_FSYNC, CLEAT_IO},
    {SQLITE_IOERR_NOMEM, CLEAT_NOMEM},
    {SQLITE_CORRUPT_INDEX, CLEAT_CORRUPT},
    {SQLITE_FULL, CLEAT_FULL},
    {SQLITE_CANTOPEN, CLEAT_CANNOT_OPEN},
    {SQLITE_PROTOCOL, CLEAT_BUSY},
    {SQLITE_TOOBIG, CLEAT_TOO_BIG},
    {SQLITE_CONSTRAINT_UNIQUE, CLEAT_CONFLICT},
    {SQLITE_CONSTRAINT_PRIMARYKEY, CLEAT_CONFLICT},
    {SQLITE_CONSTRAINT_ROWID, CLEAT_CONFLICT},
    {SQLITE_CONSTRAINT_FOREIGNKEY, CLEAT_FOREIGN_KEY},
    {SQLITE_CONSTRAINT_NOTNULL, CLEAT_NOT_NULL},
    {SQLITE_CONSTRAINT_CHECK, CLEAT_CHECK},
    {SQLITE_CONSTRAINT_DATATYPE, CLEAT_CHECK},
    {SQLITE_CONSTRAINT_TRIGGER, CLEAT_CHECK},
    {SQLITE_CONSTRAINT_VTAB, CLEAT_ERROR},
    {SQLITE_MISMATCH, CLEAT_CHECK},
    {SQLITE_MISUSE, CLEAT_MISUSE},
    {SQLITE_RANGE, CLEAT_MISUSE},
    {SQLITE_NOTADB, CLEAT_CORRUPT},
};

static void
expect_status(struct sample *sample, int code, cleat_status status)
{
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    int64_t count = -1;
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    tag.book_id = 2;
    answers_arm(1, false, code);
    cleat_status rc = cleat_row_insert(session, &library_tags_table, &tag);
    answers_disarm();
    const cleat_error *error = cleat_session_error(session);
    if (rc != status || error->status != rc || error->sqlite_code != code ||
        error->text[0] == '\0' || strcmp(error->database, "library") != 0)
        fail_msg("%d: %s, %d, %s", code, cleat_status_name(rc), error->sqlite_code, error->text);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(cleat_row_count(session, &library_tags_table, &count), CLEAT_OK);
    assert_int_equal(count, 0);
    cleat_session_close(session);
}

static void
every_code_has_its_status(void **state)
{
    assert_int_equal(sample_open(*state), CLEAT_OK);
    for (size_t i = 0; i < CLEAT_COUNT(codes); i++)
        expect_status(*state, codes[i].code, codes[i].status);
}

/* An argument names the tests to run, with * for any text. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_call_survives_every_answer),   TEST(every_operation_survives_every_answer),
        TEST(a_row_is_looked_for_and_never_left), TEST(boot_survives_every_answer),
        TEST(verifying_survives_every_answer),    TEST(migrations_survive_every_answer),
        TEST(every_code_has_its_status),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
