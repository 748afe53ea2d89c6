/* test_memory.c: memory runs out at every allocation of every public call, of the runtime's own and
 * of SQLite's, once and from then on. The call says CLEAT_NOMEM, or its result is right; a rollback
 * works without memory; the same call then succeeds; nothing is leaked. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "calls.h"
#include "faults.h"
#include "memory.h"
#include "operations.h"
#include "revisions.h"
#include "sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <glob.h>
#include <sqlite3.h>

static const struct strides of_calls = {3, 211}, of_boot = {2, 67}, of_operations = {11, 601};

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

/* How many allocations a call makes on a new connection. */
static long
count_allocations(struct sample *sample, const struct call *call)
{
    cleat_session *session = call_session(sample, call);
    memory_arm(MEMORY_PLACES, false);
    cleat_status rc = call->run(session);
    memory_disarm();
    if (rc != CLEAT_OK)
        fail_msg("%s: %s, %s", call->name, cleat_status_name(rc),
                 cleat_session_error(session)->text);
    cleat_session_close(session);
    return memory_count();
}

static uint64_t kept_sum; /* of what is in the files before a call */

static void
run_without(struct sample *sample, const struct call *call, long place, bool lasting)
{
    cleat_session *session = call_session(sample, call);
    bool single = (call->flags & CALL_WRITES) != 0 && (call->flags & CALL_SEVERAL) == 0;
    memory_arm(place, lasting);
    cleat_status rc = call->run(session);
    cleat_error error = *cleat_session_error(session);
    if (rc < 0 && single && !lasting && cleat_session_commit(session) == CLEAT_OK &&
        sweep_sum(sample) != kept_sum)
        fail_msg("%s, allocation %ld: the call has failed, and has written", call->name, place);
    if (rc < 0 && cleat_session_rollback(session) != CLEAT_OK)
        fail_msg("%s, allocation %ld: no rollback, %s", call->name, place,
                 cleat_session_error(session)->text);
    memory_disarm();
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
starve_call(struct sample *sample, const struct call *call)
{
    sqlite3_int64 used = sqlite3_memory_used();
    long living = memory_living(), tried = 0;
    sample_open(sample);
    kept_sum = sweep_sum(sample);
    long total = count_allocations(sample, call);
    for (int lasting = 0; lasting < 2; lasting++)
        for (long place = 0; (place = memory_next(place, total, of_calls)) <= total; tried++)
            run_without(sample, call, place, lasting);
    sample_close(sample);
    if (memory_living() != living || sqlite3_memory_used() != used)
        fail_msg("%s leaks %ld blocks, and %lld bytes in SQLite", call->name,
                 memory_living() - living, (long long)(sqlite3_memory_used() - used));
    return tried;
}

static void
every_call_survives_every_allocation_that_fails(void **state)
{
    struct sample *sample = *state;
    long tried = 0;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open(sample);
    sample_close(sample);
    size_t count = 0;
    for (const struct call *call; (call = call_at(count)) != NULL; count++)
        tried += starve_call(sample, call);
    print_message("    %zu calls, %ld failures\n", count, tried);
}

/* ---- files in UTF-16 ---- */

/* Another program may have made the file so; then every text that is read is made anew. */
static void
make_utf16(struct sample *sample, const char *name, const char *const *schema)
{
    static char sql[8000];
    const char *path = sample_path(sample, name);
    size_t size = (size_t)snprintf(
        sql, sizeof sql,
        "PRAGMA encoding='UTF-16le'; PRAGMA application_id=%lld; PRAGMA user_version=%lld",
        (long long)sample_ask(path, "PRAGMA application_id"),
        (long long)sample_ask(path, "PRAGMA user_version"));
    for (; *schema != NULL; schema++)
        size += (size_t)snprintf(sql + size, sizeof sql - size, ";%s", *schema);
    assert_true(size < sizeof sql);
    remove(path);
    sample_run(path, sql);
}

/* No lookaside of SQLite's has room for these. */
static char long_text[3001];

static cleat_status
get_long(cleat_session *session)
{
    const cleat_value key[] = {cleat_value_integer(1), cleat_value_text("ada")};
    library_loans_row loan = {0};
    cleat_status rc = cleat_row_get(session, &library_loans_table, 0, key, &loan);
    if (rc == CLEAT_OK)
        rc = holds(strcmp(loan.note, long_text) == 0);
    cleat_row_clear(&library_loans_table, &loan);
    return rc;
}

static cleat_status
collect_long(cleat_session *session)
{
    struct {
        library_loans_row *items;
        size_t count;
        void *owned;
    } loans = {NULL, 0, NULL};
    cleat_status rc = cleat_row_collect(session, &library_loans_table, &loans);
    if (rc == CLEAT_OK)
        rc = holds(loans.count == 1 && strcmp(loans.items[0].note, long_text) == 0);
    cleat_rows_clear(&loans);
    return rc;
}

/* Whether FTS5 marks the right word without memory is not asked. */
static cleat_status
search_long(cleat_session *session)
{
    static const cleat_search options = {.snippet_tokens = 4,
                                         .snippet_column = "title",
                                         .highlight_column = "title",
                                         .before = long_text};
    cleat_cursor cursor = {0};
    cleat_match match;
    library_books_row book;
    cleat_status rc = cleat_row_search_with(session, &library_books_fts, "word", &options, &cursor);
    if (rc == CLEAT_OK)
        rc = expect(cleat_row_search_next(&cursor, &library_books_fts, &book, &match), CLEAT_ROW);
    if (rc == CLEAT_OK)
        rc = holds(match.snippet != NULL && match.highlight != NULL);
    cleat_cursor_close(&cursor);
    return rc;
}

/* It would have to take the long text as its id. */
static cleat_status
find_long(cleat_session *session)
{
    archive_notes_row note = {.slug = "a"};
    cleat_status rc = cleat_row_upsert(session, &archive_notes_table, NOTES_BY_SLUG, &note);
    bool names_id = strcmp(cleat_session_error(session)->column, "id") == 0;
    return rc == CLEAT_VALUE && names_id ? CLEAT_OK : rc;
}

static void
make_long(struct sample *sample)
{
    memset(long_text, 'x', sizeof long_text - 1);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    make_utf16(sample, "library.db", library_schema);
    make_utf16(sample, "archive.db", archive_schema);
    sample_run(sample_path(sample, "archive.db"),
               "INSERT INTO notes(id, slug) VALUES (printf('%.3000c', 'x'), 'a')");
    sample_run(sample_path(sample, "library.db"),
               "INSERT INTO loans(book_id, reader, note)"
               " VALUES (1, 'ada', printf('%.3000c', 'x'));"
               "INSERT INTO books(isbn, title, added_at)"
               " VALUES (printf('%.3000c', 'x'), 'word', 0)");
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
texts_of_a_file_in_utf_16_without_memory(void **state)
{
    static cleat_status (*const calls[])(cleat_session *) = {get_long, collect_long, search_long,
                                                             find_long};
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "log_level", "none");
    make_long(sample);
    for (size_t i = 0; i < CLEAT_COUNT(calls); i++) {
        cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
        long failed = 0, place = 1;
        for (bool past = false; !past; place++) {
            /* after a failure the connection is another one; now its statements are there */
            assert_int_equal(calls[i](session), CLEAT_OK);
            assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
            memory_arm(place, false);
            cleat_status rc = calls[i](session);
            past = memory_disarm();
            assert_true(rc == CLEAT_OK || (rc == CLEAT_NOMEM && !past));
            if (rc < 0)
                assert_int_equal(cleat_session_error(session)->status, CLEAT_NOMEM);
            failed += rc < 0;
            assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
        }
        assert_true(failed > 0);
        cleat_session_close(session);
    }
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
        memory_arm(MEMORY_PLACES, false);
        assert_int_equal(cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &session),
                         CLEAT_OK);
        memory_disarm();
        cleat_session_close(session);
        long total = memory_count();
        for (long place = 0; (place = memory_next(place, total, of_boot)) <= total; tried++) {
            session = NULL;
            memory_arm(place, lasting);
            cleat_status rc = cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &session);
            memory_disarm();
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

/* Boots with each failure in turn, and then without. `prepare` makes the files ready for each. */
static void
starve_boot(struct sample *sample, void (*prepare)(struct sample *), bool lasting, long *tried)
{
    prepare(sample);
    memory_arm(MEMORY_PLACES, false);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    memory_disarm();
    sample_close(sample);
    long total = memory_count();
    for (long place = 0; (place = memory_next(place, total, of_boot)) <= total; ++*tried) {
        prepare(sample);
        memory_arm(place, lasting);
        cleat_status rc = sample_open(sample);
        memory_disarm();
        assert_allowed(rc, cleat_registry_error(sample->registry), "boot", place);
        if (rc < 0 && sample->registry != NULL)
            assert_int_equal(cleat_registry_error(sample->registry)->status, CLEAT_NOMEM);
        sample_close(sample);
        assert_int_equal(sample_open(sample), CLEAT_OK);
        sample_close(sample);
    }
}

static void
leave_files(struct sample *sample)
{
    (void)sample;
}

static void
remove_files(struct sample *sample)
{
    static const char *const names[] = {"library.db", "archive.db", "journal.db"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        remove(sample_path(sample, names[i]));
}

static void
boot_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    sqlite3_int64 used = sqlite3_memory_used();
    long living = memory_living(), tried = 0;
    for (int lasting = 0; lasting < 2; lasting++) {
        starve_boot(sample, leave_files, lasting, &tried);
        starve_boot(sample, remove_files, lasting, &tried);
    }
    assert_int_equal(memory_living(), living);
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
        starve_boot(sample, leave_files, lasting, &tried);
    print_message("    %ld failures\n", tried);
}

/* The file of the first revision again. */
static struct {
    char *bytes;
    size_t size;
} old;

/* Backups of the same second have names of their own, which take more and more allocations. */
static void
remove_backups(struct sample *sample)
{
    glob_t found;
    if (glob(sample_path(sample, "shop.db.*"), 0, NULL, &found) != 0)
        return;
    for (size_t i = 0; i < found.gl_pathc; i++)
        remove(found.gl_pathv[i]);
    globfree(&found);
}

static void
restore_old(struct sample *sample)
{
    remove_backups(sample);
    remove(sample_path(sample, "shop.db-wal"));
    sample_write(sample_path(sample, "shop.db"), old.bytes, old.size);
}

static void
migrating_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    sqlite3_int64 used = sqlite3_memory_used();
    long living = memory_living(), tried = 0;
    cleat_settings_set(&sample->settings, "log_level", "none");
    revisions_make_old(sample);
    old.bytes = sample_read(sample_path(sample, "shop.db"), &old.size);
    for (int backup = 0; backup < 2; backup++) {
        cleat_settings_set(&sample->settings, "migrate_backup", backup ? "on" : "off");
        for (int lasting = 0; lasting < 2; lasting++)
            starve_boot(sample, restore_old, lasting, &tried);
    }
    assert_int_equal(sample_ask(sample_path(sample, "shop.db"), revisions_sql), 3);
    free(old.bytes);
    assert_int_equal(memory_living(), living);
    assert_int_equal(sqlite3_memory_used(), used);
    print_message("    %ld failures\n", tried);
}

/* ---- checks of files ---- */

/* A CHECK of every row asks json_valid(), which says no when it has no memory. */
static void
a_check_without_memory_finds_no_damage(void **state)
{
    static const struct strides strides = {13, 13};
    struct sample *sample = *state;
    long failed = 0;
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_run(sample_path(sample, "library.db"),
               "WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
               " INSERT INTO books(isbn, title, added_at, metadata)"
               " SELECT i, 'a title', 0, json_object('place', i) FROM n");
    memory_arm(MEMORY_PLACES, false);
    assert_int_equal(
        cleat_registry_check(sample->registry, "library", CLEAT_CHECK_FULL, NULL, NULL), CLEAT_OK);
    memory_disarm();
    long total = memory_count();
    for (long place = 0; (place = memory_next(place, total, strides)) <= total;) {
        memory_arm(place, false);
        cleat_status rc = cleat_registry_check(sample->registry, "library", CLEAT_CHECK_FULL, NULL,
                                               NULL);
        memory_disarm();
        assert_allowed(rc, cleat_registry_error(sample->registry), "check", place);
        failed += rc == CLEAT_NOMEM;
    }
    assert_true(failed > 0);
}

/* ---- operations ---- */

/* The only one to try, when it was named; NULL for all. */
static const char *only;

static void
assert_operation(cleat_status rc, const cleat_error *error, const struct operation *operation,
                 long place)
{
    if (rc != CLEAT_PARTIAL || (operation->flags & OPERATION_PARTIAL) == 0)
        assert_allowed(rc, error, operation->name, place);
    if (rc < 0 && error->status != rc && error->status != CLEAT_OK)
        fail_msg("%s, allocation %ld: %s, and the error says %s", operation->name, place,
                 cleat_status_name(rc), cleat_status_name(error->status));
}

static void
run_whole(struct sample *sample, const struct operation *operation, long place)
{
    cleat_error error = {.status = CLEAT_OK};
    cleat_status rc = operation->run(sample, &error);
    if (rc != CLEAT_OK)
        fail_msg("%s, after allocation %ld: %s, %s", operation->name, place, cleat_status_name(rc),
                 error.text);
}

static void
operate_without(struct sample *sample, const struct operation *operation, long place, bool lasting)
{
    cleat_error error = {.status = CLEAT_OK};
    if (operation->prepare != NULL)
        operation->prepare(sample);
    memory_arm(place, lasting);
    cleat_status rc = operation->run(sample, &error);
    memory_disarm();
    assert_operation(rc, &error, operation, place);
    if (rc != CLEAT_OK && (operation->flags & OPERATION_ANEW) != 0)
        operation->prepare(sample);
    if (rc != CLEAT_OK && ((operation->flags & OPERATION_READS) == 0 || faults_again(place)))
        run_whole(sample, operation, place);
    if (operation->whole != NULL && !operation->whole(sample))
        fail_msg("%s, after allocation %ld: not whole", operation->name, place);
}

static long
starve_operation(struct sample *sample, const struct operation *operation)
{
    sqlite3_int64 used = sqlite3_memory_used();
    long living = memory_living(), tried = 0;
    sweep_restore(sample); /* what the operations before it wrote would be read again and again */
    operate_without(sample, operation, MEMORY_PLACES, false);
    long total = memory_count();
    for (int lasting = 0; lasting < 2; lasting++) {
        for (long place = 0; (place = memory_next(place, total, of_operations)) <= total; tried++)
            operate_without(sample, operation, place, lasting);
        if ((operation->flags & OPERATION_READS) != 0)
            run_whole(sample, operation, total);
    }
    sample_close(sample);
    if (memory_living() != living || sqlite3_memory_used() != used)
        fail_msg("%s leaks %ld blocks, and %lld bytes in SQLite", operation->name,
                 memory_living() - living, (long long)(sqlite3_memory_used() - used));
    return tried;
}

static void
operations_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    long tried = 0;
    size_t count = 0;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open(sample);
    sweep_keep(sample);
    sample_close(sample);
    for (const struct operation *operation; (operation = operation_at(count)) != NULL; count++)
        if (only == NULL || strcmp(only, operation->name) == 0)
            tried += starve_operation(sample, operation);
    sweep_forget();
    print_message("    %zu operations, %ld failures\n", count, tried);
}

static void
a_unit_of_an_atomic_group_is_whole_without_memory(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "pool_size", "0");
    cleat_settings_set(&sample->settings, "log_level", "none");
    calls_open_group(sample);
    sweep_keep(sample);
    sample_close(sample);
    print_message("    %ld failures\n", starve_operation(sample, &operation_of_group));
    sweep_forget();
}

/* An argument names the tests to run, with * for any text; another one the operation of them. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_call_survives_every_allocation_that_fails),
        TEST(texts_of_a_file_in_utf_16_without_memory),
        TEST(opening_a_session_without_memory_can_be_tried_again),
        TEST(boot_without_memory_can_be_tried_again),
        TEST(verifying_without_memory_can_be_tried_again),
        TEST(migrating_without_memory_can_be_tried_again),
        TEST(a_check_without_memory_finds_no_damage),
        TEST(operations_without_memory_can_be_tried_again),
        TEST(a_unit_of_an_atomic_group_is_whole_without_memory),
    };
    memory_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (argc > 2)
        only = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
