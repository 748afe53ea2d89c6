/* test_session.c: units of work: what commit, rollback and close leave, who waits for whom, and
 * what a wrong call gets. */
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
#include <sqlite3.h>
#include <sys/resource.h>
#include <time.h>

#define TAGS (&library_tags_table)
#define NOTES (&archive_notes_table)

static cleat_status
add_tag(cleat_session *session, int64_t book_id)
{
    library_tags_row tag = {.book_id = book_id, .tag = "x"};
    return cleat_row_insert(session, TAGS, &tag);
}

static cleat_status
add_note(cleat_session *session, const char *slug)
{
    archive_notes_row note = {.slug = slug};
    return cleat_row_insert(session, NOTES, &note);
}

static void
assert_tags(struct sample *sample, int64_t expected)
{
    assert_true(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags") ==
                expected);
}

static void
commit_keeps_and_rollback_and_close_undo(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(add_tag(session, 1), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_tags(sample, 1);
    assert_int_equal(add_tag(session, 2), CLEAT_OK);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(add_tag(session, 3), CLEAT_OK);
    cleat_session_close(session);
    assert_tags(sample, 1);
}

static void
a_failed_row_leaves_the_others_of_its_unit(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(add_tag(session, 1), CLEAT_OK);
    assert_int_equal(add_tag(session, 1), CLEAT_CONFLICT);
    assert_int_equal(add_tag(session, 2), CLEAT_OK);
    assert_int_equal(cleat_session_error(session)->status, CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_tags(sample, 2);
}

static void
closing_again_is_harmless_and_using_a_closed_session_is_misuse(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    cleat_session_close(session);
    cleat_session_close(session);
    cleat_session_close(NULL);
    assert_int_equal(add_tag(session, 1), CLEAT_MISUSE);
    assert_string_equal(cleat_session_error(session)->text, "the session is closed");
    assert_int_equal(cleat_session_commit(session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_rollback(session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_use(session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_execute(session, "SELECT 1"), CLEAT_MISUSE);
    assert_int_equal(cleat_session_commit(NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_session_error(NULL)->status, CLEAT_MISUSE);
}

static void
closing_an_old_session_again_does_not_close_a_new_one(void **state)
{
    struct sample *sample = *state;
    cleat_session *old = sample_session(sample, NULL, CLEAT_WRITE);
    cleat_session_close(old);
    cleat_session *fresh = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(add_tag(fresh, 1), CLEAT_OK);
    cleat_session_close(old);
    assert_int_equal(cleat_session_commit(fresh), CLEAT_OK);
    assert_tags(sample, 1);
}

static void
a_read_session_cannot_write(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_READ);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    cleat_value key[] = {cleat_value_integer(1), cleat_value_text("x")};
    assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_READONLY);
    assert_int_equal(cleat_row_update(session, TAGS, &tag), CLEAT_READONLY);
    assert_int_equal(cleat_row_upsert(session, TAGS, 0, &tag), CLEAT_READONLY);
    assert_int_equal(cleat_row_delete(session, TAGS, 0, key), CLEAT_READONLY);
    assert_int_equal(cleat_session_execute(session, "DELETE FROM library.tags"), CLEAT_READONLY);
    assert_non_null(strstr(cleat_session_error(session)->text, "CLEAT_READ"));
}

static void
a_read_session_has_one_view_until_it_commits(void **state)
{
    struct sample *sample = *state;
    int64_t count;
    cleat_session *reader = sample_session(sample, NULL, CLEAT_READ);
    cleat_session *writer = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_row_count(reader, TAGS, &count), CLEAT_OK);
    assert_int_equal(add_tag(writer, 1), CLEAT_OK);
    assert_int_equal(cleat_session_commit(writer), CLEAT_OK);
    assert_int_equal(cleat_row_count(reader, TAGS, &count), CLEAT_OK);
    assert_true(count == 0);
    assert_int_equal(cleat_session_commit(reader), CLEAT_OK);
    assert_int_equal(cleat_row_count(reader, TAGS, &count), CLEAT_OK);
    assert_true(count == 1);
}

static void
a_second_writer_waits_as_long_as_the_setting_says(void **state)
{
    struct sample *sample = *state;
    struct timespec start, end;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE), *other = NULL;
    clock_gettime(CLOCK_MONOTONIC, &start);
    assert_int_equal(cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &other), CLEAT_BUSY);
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t ms = (end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000;
    assert_true(ms >= 195 && ms < 2000);
    assert_null(other);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
    cleat_session_close(session);
    assert_int_equal(cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &other), CLEAT_OK);
    assert_int_equal(cleat_session_commit(other), CLEAT_OK);
}

static void
a_writer_locks_its_own_database_only(void **state)
{
    struct sample *sample = *state;
    cleat_session *library = sample_session(sample, "library", CLEAT_WRITE);
    cleat_session *archive = sample_session(sample, "archive", CLEAT_WRITE);
    assert_int_equal(add_note(archive, "a"), CLEAT_OK);
    assert_int_equal(add_tag(library, 1), CLEAT_OK);
    assert_int_equal(add_note(library, "b"), CLEAT_BUSY);
    assert_int_equal(cleat_session_commit(archive), CLEAT_OK);
    /* the view of the archive is older than what it holds now: the unit must begin again */
    assert_int_equal(add_note(library, "b"), CLEAT_BUSY);
    assert_int_equal(cleat_session_rollback(library), CLEAT_OK);
    assert_int_equal(add_note(library, "b"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(library), CLEAT_OK);
    assert_true(sample_ask(sample_path(sample, "archive.db"), "SELECT count(*) FROM notes") == 2);
}

static void
a_table_out_of_reach_is_misuse_that_names_both(void **state)
{
    cleat_session *session = sample_session(*state, "archive", CLEAT_WRITE);
    assert_int_equal(add_tag(session, 1), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(session)->text, "library.tags"));
    assert_non_null(strstr(cleat_session_error(session)->text, "on archive"));
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
}

static void
a_database_without_tables_has_sessions(void **state)
{
    cleat_session *session = sample_session(*state, "journal", CLEAT_WRITE);
    assert_string_equal(cleat_session_database(session), "journal");
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
}

static void
unknown_databases_and_modes_are_refused(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    cleat_registry *registry = sample->registry;
    assert_int_equal(cleat_session_open(registry, "libary", CLEAT_READ, &session), CLEAT_NOT_FOUND);
    assert_string_equal(cleat_registry_error(registry)->text,
                        "the registry has no database libary");
    assert_int_equal(cleat_session_open(registry, NULL, 3, &session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_open(registry, NULL, 0, &session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_open(NULL, NULL, CLEAT_READ, &session), CLEAT_MISUSE);
    assert_null(session);
}

static void
more_sessions_than_the_pool_keeps_work_at_once(void **state)
{
    struct sample *sample = *state;
    cleat_session *sessions[20];
    int64_t count;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 20; i++)
            sessions[i] = sample_session(sample, NULL, CLEAT_READ);
        for (int i = 0; i < 20; i++) {
            assert_int_equal(cleat_row_count(sessions[i], TAGS, &count), CLEAT_OK);
            cleat_session_close(sessions[i]);
        }
    }
}

static void
a_registry_closes_sessions_that_are_open(void **state)
{
    struct sample *sample = *state;
    library_tags_row tag = {0};
    cleat_cursor cursor;
    cleat_statement *statement;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    sample_session(sample, "archive", CLEAT_READ);
    assert_int_equal(add_tag(session, 1), CLEAT_OK);
    assert_int_equal(cleat_row_list(session, TAGS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, TAGS, &tag), CLEAT_ROW);
    assert_int_equal(cleat_statement_open(session, "SELECT 1", &statement), CLEAT_OK);
    sample_close(sample);
    assert_tags(sample, 0);
}

/* OR ROLLBACK is one way for SQLite to end a transaction by itself. */
static void
a_unit_that_sqlite_ended_is_refused_until_rollback(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(add_tag(session, 1), CLEAT_OK);
    assert_int_equal(
        cleat_session_execute(session, "INSERT OR ROLLBACK INTO library.tags VALUES(1,'x')"),
        CLEAT_CONFLICT);
    assert_int_equal(add_tag(session, 2), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(session)->text, "rolled it back"));
    assert_int_equal(cleat_session_commit(session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(add_tag(session, 3), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_tags(sample, 1);
}

static void
an_unkept_promise_fails_the_commit_and_can_be_mended(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_session_execute(session, "CREATE TEMP TABLE p (id INTEGER PRIMARY KEY)"),
                     CLEAT_OK);
    assert_int_equal(cleat_session_execute(session,
                                           "CREATE TEMP TABLE c (p INTEGER REFERENCES p (id) "
                                           "DEFERRABLE INITIALLY DEFERRED)"),
                     CLEAT_OK);
    assert_int_equal(add_tag(session, 1), CLEAT_OK);
    assert_int_equal(cleat_session_execute(session, "INSERT INTO temp.c VALUES (7)"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_FOREIGN_KEY);
    assert_int_equal(cleat_session_execute(session, "INSERT INTO temp.p VALUES (7)"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_tags(sample, 1);
}

/* In rollback mode a reader holds a commit back. Nothing has reached a file by then. */
static void
a_commit_that_a_reader_holds_back_is_whole_and_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    sqlite3 *reader;
    sqlite3_stmt *read;
    sample_close(sample);
    cleat_settings_set(&sample->settings, "journal_mode", "DELETE");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(add_tag(session, 1), CLEAT_OK);
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(sqlite3_open(sample_path(sample, "archive.db"), &reader), SQLITE_OK);
    sqlite3_prepare_v2(reader, "SELECT * FROM sqlite_schema", -1, &read, NULL);
    assert_int_equal(sqlite3_step(read), SQLITE_ROW);
    assert_int_equal(cleat_session_commit(session), CLEAT_BUSY);
    sqlite3_finalize(read);
    sqlite3_close(reader);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_tags(sample, 1);
}

/* A limit on the size of files makes the second of two commits fail, after the first is done. */
static void
a_commit_over_two_files_that_reaches_one_is_partial(void **state)
{
    enum { BYTES = 1000000 };
    struct sample *sample = *state;
    struct rlimit before, small = {600000, 600000};
    char *body = calloc(1, BYTES + 1);
    assert_non_null(body);
    memset(body, 'x', BYTES);
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    archive_notes_row note = {.slug = "a", .body = body};
    assert_int_equal(add_tag(session, 1), CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, NOTES, &note), CLEAT_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    setrlimit(RLIMIT_FSIZE, &small);
    cleat_status rc = cleat_session_commit(session);
    setrlimit(RLIMIT_FSIZE, &before);
    free(body);
    assert_int_equal(rc, CLEAT_PARTIAL);
    const cleat_error *error = cleat_session_error(session);
    assert_non_null(strstr(error->text, "library is committed, archive is rolled back"));
    assert_int_equal(cleat_session_outcome(session, "library"), CLEAT_OUTCOME_COMMITTED);
    assert_int_equal(cleat_session_outcome(session, "archive"), CLEAT_OUTCOME_ROLLED_BACK);
    assert_int_equal(cleat_session_outcome(session, "journal"), CLEAT_OUTCOME_NONE);
    assert_int_equal(add_tag(session, 2), CLEAT_MISUSE);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_tags(sample, 1);
    assert_true(sample_ask(sample_path(sample, "archive.db"), "SELECT count(*) FROM notes") == 0);
    assert_int_equal(add_note(session, "b"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(commit_keeps_and_rollback_and_close_undo),
        TEST(a_failed_row_leaves_the_others_of_its_unit),
        TEST(closing_again_is_harmless_and_using_a_closed_session_is_misuse),
        TEST(closing_an_old_session_again_does_not_close_a_new_one),
        TEST(a_read_session_cannot_write),
        TEST(a_read_session_has_one_view_until_it_commits),
        TEST(a_second_writer_waits_as_long_as_the_setting_says),
        TEST(a_writer_locks_its_own_database_only),
        TEST(a_table_out_of_reach_is_misuse_that_names_both),
        TEST(a_database_without_tables_has_sessions),
        TEST(unknown_databases_and_modes_are_refused),
        TEST(more_sessions_than_the_pool_keeps_work_at_once),
        TEST(a_registry_closes_sessions_that_are_open),
        TEST(a_unit_that_sqlite_ended_is_refused_until_rollback),
        TEST(an_unkept_promise_fails_the_commit_and_can_be_mended),
        TEST(a_commit_that_a_reader_holds_back_is_whole_and_can_be_tried_again),
        TEST(a_commit_over_two_files_that_reaches_one_is_partial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
