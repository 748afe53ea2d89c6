/* test_drift.c: a file that is not the compiled one is refused, untouched, with the difference
 * named; what is not a difference is accepted. */
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

#include <sys/stat.h>
#include <unistd.h>

static int
set_up(void **state)
{
    int rc = sample_set_up_open(state);
    sample_close(*state);
    return rc;
}

/* Changes the library and expects it to be refused in these words, with no byte changed. */
static void
assert_drift(struct sample *sample, const char *sql, const char *words)
{
    size_t size, size_after;
    sample_run(sample_path(sample, "library.db"), sql);
    char *bytes = sample_read(sample_path(sample, "library.db"), &size);
    assert_int_equal(sample_open(sample), CLEAT_DRIFT);
    const cleat_error *error = cleat_registry_error(sample->registry);
    assert_string_equal(error->database, "library");
    if (strstr(error->text, words) == NULL)
        fail_msg("%s", error->text);
    char *after = sample_read(sample_path(sample, "library.db"), &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(bytes, after, size);
    free(bytes);
    free(after);
    assert_int_not_equal(access(sample_path(sample, "library.db-wal"), F_OK), 0);
    assert_int_not_equal(access(sample_path(sample, "library.db-shm"), F_OK), 0);
}

static void
a_new_column_is_named(void **state)
{
    assert_drift(*state, "ALTER TABLE tags ADD COLUMN colour TEXT",
                 "table tags: the file has a column colour that is not in the schema");
}

static void
a_missing_column_is_named(void **state)
{
    assert_drift(*state, "ALTER TABLE loans DROP COLUMN note",
                 "table loans: the file has no column note");
}

static void
a_changed_column_is_named(void **state)
{
    assert_drift(*state,
                 "DROP TABLE tags; CREATE TABLE \"tags\" (\"book_id\" INTEGER NOT NULL, \"tag\" "
                 "BLOB NOT NULL, PRIMARY KEY (\"book_id\", \"tag\")) STRICT, WITHOUT ROWID",
                 "table tags: the column tag is different in the file");
}

static void
changed_constraints_are_named(void **state)
{
    assert_drift(*state,
                 "DROP TABLE tags; CREATE TABLE \"tags\" (\"book_id\" INTEGER NOT NULL, \"tag\" "
                 "TEXT NOT NULL CHECK (tag <> ''), PRIMARY KEY (\"book_id\", \"tag\")) STRICT, "
                 "WITHOUT ROWID",
                 "table tags: its constraints are different in the file");
}

static void
a_missing_index_is_named(void **state)
{
    assert_drift(*state, "DROP INDEX books_state", "index books_state is missing");
}

static void
another_index_of_the_same_name_is_named(void **state)
{
    assert_drift(*state, "DROP INDEX books_state; CREATE INDEX books_state ON books (title)",
                 "index books_state is different in the file");
}

/* SQLite writes what names a table anew when the table is renamed, with quotes of its own. */
static void
what_sqlite_wrote_anew_is_no_drift(void **state)
{
    struct sample *sample = *state;
    const char *path = sample_path(sample, "library.db");
    sample_run(path, "ALTER TABLE books RENAME TO tomes; ALTER TABLE tomes RENAME TO \"books\"");
    int64_t triggers = sample_ask(path,
                                  "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'"
                                  " AND sql LIKE '%ON \"books\"%'");
    assert_int_equal(triggers, 3);
    sample_run(path,
               "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET"
               " sql = replace(sql, 'ON \"books\"', 'ON  books') WHERE type = 'trigger'");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    library_books_row book = sample_book("1", "words");
    assert_int_equal(cleat_row_insert(session, &library_books_table, &book), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
}

/* The header is right, and the first page is not. */
static void
a_schema_that_cannot_be_read_is_corrupt(void **state)
{
    struct sample *sample = *state;
    size_t size, after_size;
    sample_run(sample_path(sample, "library.db"), "PRAGMA user_version = 77");
    char *bytes = sample_read(sample_path(sample, "library.db"), &size);
    memset(bytes + 100, 0xff, 12);
    sample_write(sample_path(sample, "library.db"), bytes, size);
    assert_int_equal(sample_open(sample), CLEAT_CORRUPT);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
    if (strstr(cleat_registry_error(sample->registry)->text, "is no database") == NULL)
        fail_msg("%s", cleat_registry_error(sample->registry)->text);
    sample_close(sample);
    char *after = sample_read(sample_path(sample, "library.db"), &after_size);
    assert_int_equal(size, after_size);
    assert_memory_equal(bytes, after, size);
    free(bytes);
    free(after);
}

static void
an_extra_trigger_is_named(void **state)
{
    assert_drift(*state, "CREATE TRIGGER spy AFTER DELETE ON tags BEGIN SELECT 1; END",
                 "trigger spy is in the file and not in the schema");
}

static void
several_differences_are_counted(void **state)
{
    assert_drift(*state, "DROP INDEX books_state; CREATE TABLE x (y); CREATE VIEW z AS SELECT 1",
                 "index books_state is missing, and 2 more");
}

static void
another_revision_is_refused(void **state)
{
    assert_drift(*state, "PRAGMA user_version = 77", "not the revision 3f21c4d9a07b");
}

static void
a_file_of_another_database_is_refused(void **state)
{
    struct sample *sample = *state;
    unlink(sample_path(sample, "library.db"));
    assert_int_equal(rename(sample_path(sample, "archive.db"), sample_path(sample, "library.db")),
                     0);
    assert_drift(sample, "SELECT 1", "belongs to something else");
}

static void
a_database_of_someone_else_is_refused(void **state)
{
    struct sample *sample = *state;
    unlink(sample_path(sample, "library.db"));
    assert_drift(sample, "CREATE TABLE t (x)", "belongs to something else");
}

static void
a_change_in_the_log_is_seen(void **state)
{
    struct sample *sample = *state;
    size_t size, log_size;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    assert_int_equal(cleat_session_execute(session, "CREATE INDEX library.sly ON tags (tag)"),
                     CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    char *bytes = sample_read(sample_path(sample, "library.db"), &size);
    char *log = sample_read(sample_path(sample, "library.db-wal"), &log_size);
    sample_close(sample);
    FILE *file = fopen(sample_path(sample, "library.db"), "wb");
    fwrite(bytes, 1, size, file);
    fclose(file);
    file = fopen(sample_path(sample, "library.db-wal"), "wb");
    fwrite(log, 1, log_size, file);
    fclose(file);
    free(bytes);
    free(log);
    assert_int_equal(sample_open(sample), CLEAT_DRIFT);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "index sly"));
}

static void
statistics_and_a_vacuum_are_no_drift(void **state)
{
    struct sample *sample = *state;
    sample_run(sample_path(sample, "library.db"), "ANALYZE; VACUUM");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "library: Database verified"));
}

/* As a copy leaves it that was broken off. */
static void
a_file_without_its_end_is_corrupt(void **state)
{
    struct sample *sample = *state;
    const char *path = sample_path(sample, "library.db");
    struct stat found;
    assert_int_equal(stat(path, &found), 0);
    assert_int_equal(truncate(path, found.st_size - 4096), 0);
    assert_int_equal(sample_open(sample), CLEAT_CORRUPT);
    const cleat_error *error = cleat_registry_error(sample->registry);
    assert_string_equal(error->database, "library");
    assert_non_null(strstr(error->text, "library.db is cut off, 4096 bytes are missing"));
    assert_int_equal(truncate(path, found.st_size + 4096), 0); /* more of it is no damage */
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
a_file_that_is_no_database_is_corrupt(void **state)
{
    struct sample *sample = *state;
    static const char text[] =
        "this is a shopping list, not a database, but it is long enough "
        "to have a header of one hundred bytes; at least nearly";
    FILE *file = fopen(sample_path(sample, "library.db"), "wb");
    fwrite(text, 1, sizeof text, file);
    fclose(file);
    assert_int_equal(sample_open(sample), CLEAT_CORRUPT);
    sample_close(sample);
    file = fopen(sample_path(sample, "library.db"), "wb");
    fwrite(text, 1, 12, file);
    fclose(file);
    assert_int_equal(sample_open(sample), CLEAT_CORRUPT);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "library.db"));
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_column_is_named),
        TEST(a_missing_column_is_named),
        TEST(a_changed_column_is_named),
        TEST(changed_constraints_are_named),
        TEST(a_missing_index_is_named),
        TEST(another_index_of_the_same_name_is_named),
        TEST(what_sqlite_wrote_anew_is_no_drift),
        TEST(a_schema_that_cannot_be_read_is_corrupt),
        TEST(an_extra_trigger_is_named),
        TEST(several_differences_are_counted),
        TEST(another_revision_is_refused),
        TEST(a_file_of_another_database_is_refused),
        TEST(a_database_of_someone_else_is_refused),
        TEST(a_change_in_the_log_is_seen),
        TEST(statistics_and_a_vacuum_are_no_drift),
        TEST(a_file_without_its_end_is_corrupt),
        TEST(a_file_that_is_no_database_is_corrupt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
