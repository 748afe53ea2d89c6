/* test_operations.c: the log is moved, statistics are made, what is wrong is found and named, and
 * figures are right. */
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static int64_t
size_of(struct sample *sample, const char *name)
{
    struct stat found;
    return stat(sample_path(sample, name), &found) == 0 ? (int64_t)found.st_size : -1;
}

static void
insert_book(struct sample *sample, const char *isbn)
{
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    library_books_row book = sample_book(isbn, "A title");
    assert_int_equal(cleat_row_insert(session, &library_books_table, &book), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
}

/* ---- facts ---- */

static void
a_database_is_described_by_place_and_by_name(void **state)
{
    struct sample *sample = *state;
    cleat_database_info info = {0}, named = {0};
    assert_int_equal(cleat_registry_database(sample->registry, 1, &info), CLEAT_OK);
    assert_string_equal(info.name, "journal");
    assert_int_equal(info.table_count, 0);
    assert_int_equal(cleat_registry_database_named(sample->registry, NULL, &named), CLEAT_OK);
    assert_string_equal(named.name, "library");
    assert_int_equal(named.table_count, 4);
    assert_int_equal(named.module_count, 2);
    assert_non_null(named.modules[1]);
    assert_null(named.modules[2]);
    assert_string_equal(named.links[0], "archive");
    assert_null(named.links[1]);
    assert_int_equal(strlen(named.revision), 12);
    assert_true(named.created);
    assert_int_equal(cleat_registry_database_named(sample->registry, "none", &named),
                     CLEAT_NOT_FOUND);
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_registry_database_named(sample->registry, "library", &named), CLEAT_OK);
    assert_false(named.created);
}

static void
registries_open_again_and_beside_each_other(void **state)
{
    struct sample *sample = *state;
    cleat_registry *second = NULL;
    cleat_session *session = NULL;
    insert_book(sample, "1");
    assert_int_equal(cleat_registry_open(&sample_init_table, &sample->settings, &second), CLEAT_OK);
    assert_int_equal(cleat_session_open(second, "library", CLEAT_WRITE, &session), CLEAT_OK);
    library_books_row book = sample_book("2", "A title");
    assert_int_equal(cleat_row_insert(session, &library_books_table, &book), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_registry_close(second);
    insert_book(sample, "3");
    for (int i = 0; i < 3; i++) {
        sample_close(sample);
        assert_int_equal(sample_open(sample), CLEAT_OK);
        assert_true(sample_logged(sample, "Bootstrap: All 3 databases are already there"));
    }
    assert_int_equal(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM books"),
                     3);
}

/* ---- log and statistics ---- */

static void
a_checkpoint_empties_the_log(void **state)
{
    struct sample *sample = *state;
    insert_book(sample, "1");
    assert_true(size_of(sample, "library.db-wal") > 0);
    assert_int_equal(cleat_registry_checkpoint(sample->registry, "library"), CLEAT_OK);
    assert_int_equal(size_of(sample, "library.db-wal"), 0);
    insert_book(sample, "2");
    assert_int_equal(cleat_registry_checkpoint(sample->registry, NULL), CLEAT_OK);
    assert_int_equal(size_of(sample, "library.db-wal"), 0);
    assert_int_equal(cleat_registry_checkpoint(sample->registry, "elsewhere"), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_registry_checkpoint(NULL, NULL), CLEAT_MISUSE);
}

static void
a_checkpoint_that_readers_hold_up_is_busy(void **state)
{
    struct sample *sample = *state;
    insert_book(sample, "1");
    cleat_session *reader = sample_session(sample, "library", CLEAT_READ);
    int64_t count;
    assert_int_equal(cleat_row_count(reader, &library_books_table, &count), CLEAT_OK);
    insert_book(sample, "2");
    assert_int_equal(cleat_registry_checkpoint(sample->registry, "library"), CLEAT_BUSY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
    cleat_session_close(reader);
    assert_int_equal(cleat_registry_checkpoint(sample->registry, "library"), CLEAT_OK);
}

static void
statistics_are_made_and_the_next_boot_accepts_them(void **state)
{
    struct sample *sample = *state;
    insert_book(sample, "1");
    for (int i = 0; i < 2; i++)
        assert_int_equal(cleat_registry_optimize(sample->registry, NULL), CLEAT_OK);
    sample_close(sample);
    const char *path = sample_path(sample, "library.db");
    assert_true(sample_ask(path, "SELECT count(*) FROM sqlite_stat1 WHERE tbl='books'") > 0);
    assert_int_equal(sample_ask(path, "PRAGMA schema_version"), 0x63636C61);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_registry_check(sample->registry, NULL, CLEAT_CHECK_FULL, NULL, NULL),
                     CLEAT_OK);
}

/* ---- checks ---- */

struct heard {
    char text[4096];
    int count;
};

static void
hear(void *data, const char *database, const char *problem)
{
    struct heard *heard = data;
    size_t size = strlen(heard->text);
    heard->count++;
    snprintf(heard->text + size, sizeof heard->text - size, "%s: %s\n", database, problem);
}

static void
assert_finds(struct sample *sample, unsigned mode, cleat_status status, const char *words)
{
    struct heard heard = {.count = 0};
    assert_int_equal(cleat_registry_check(sample->registry, NULL, mode, hear, &heard), status);
    if (strstr(heard.text, words) == NULL)
        fail_msg("found only: %s", heard.text);
    assert_int_equal(cleat_registry_error(sample->registry)->status, status);
}

static void
sound_databases_have_no_problems(void **state)
{
    struct sample *sample = *state;
    struct heard heard = {.count = 0};
    insert_book(sample, "1");
    cleat_session *reader = sample_session(sample, "library", CLEAT_READ);
    for (unsigned mode = CLEAT_CHECK_QUICK; mode <= CLEAT_CHECK_FULL; mode++)
        assert_int_equal(cleat_registry_check(sample->registry, NULL, mode, hear, &heard),
                         CLEAT_OK);
    assert_int_equal(heard.count, 0);
    assert_int_equal(cleat_registry_check(sample->registry, NULL, 7, NULL, NULL), CLEAT_MISUSE);
    cleat_session_close(reader);
}

static void
a_reference_without_target_is_named(void **state)
{
    struct sample *sample = *state;
    insert_book(sample, "1");
    sample_run(sample_path(sample, "library.db"),
               "PRAGMA foreign_keys=OFF; UPDATE books SET author_id='01ARZ3NDEKTSV4RRFFQ69G5FAV'");
    assert_finds(sample, CLEAT_CHECK_QUICK, CLEAT_FOREIGN_KEY,
                 "library: a row of books refers to a row of authors that is not there");
    assert_int_equal(
        cleat_registry_check(sample->registry, "library", CLEAT_CHECK_QUICK, NULL, NULL),
        CLEAT_FOREIGN_KEY);
    assert_true(sample_logged(sample, "ERROR - cleat.check - library: a row of books refers to"));
    assert_int_equal(
        cleat_registry_check(sample->registry, "archive", CLEAT_CHECK_QUICK, NULL, NULL), CLEAT_OK);
}

/* A value that its column refuses, put there by somebody who told SQLite not to look. */
static void
a_value_that_a_check_refuses_is_named(void **state)
{
    struct sample *sample = *state;
    insert_book(sample, "1");
    sample_run(sample_path(sample, "library.db"),
               "PRAGMA ignore_check_constraints=ON; UPDATE books SET pages=-1");
    assert_finds(sample, CLEAT_CHECK_QUICK, CLEAT_CORRUPT, "CHECK constraint failed in books");
}

/* Beside the program's connections, which have read it before. */
static void
a_schema_that_is_damaged_meanwhile_is_a_problem(void **state)
{
    struct sample *sample = *state;
    size_t size;
    assert_int_equal(cleat_registry_checkpoint(sample->registry, "library"), CLEAT_OK);
    char *bytes = sample_read(sample_path(sample, "library.db"), &size);
    FILE *file = fopen(sample_path(sample, "library.db"), "r+b");
    assert_non_null(file);
    memset(bytes + 100, 0xff, 12);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    free(bytes);
    assert_finds(sample, CLEAT_CHECK_QUICK, CLEAT_CORRUPT, "library.db is no database");
}

static void
so_many_problems_are_told_and_no_more(void **state)
{
    struct sample *sample = *state;
    struct heard heard = {.count = 0};
    sample_run(sample_path(sample, "library.db"),
               "PRAGMA foreign_keys=OFF;"
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150)"
               " INSERT INTO loans (book_id, reader) SELECT i, 'a' FROM n");
    assert_int_equal(
        cleat_registry_check(sample->registry, "library", CLEAT_CHECK_QUICK, hear, &heard),
        CLEAT_FOREIGN_KEY);
    assert_int_equal(heard.count, 100);
}

static void
a_full_text_index_that_missed_a_change_is_named(void **state)
{
    struct sample *sample = *state;
    insert_book(sample, "1");
    sample_run(sample_path(sample, "library.db"),
               "INSERT INTO books_fts(books_fts, rowid, title) "
               "SELECT 'delete', id, title FROM books");
    assert_finds(sample, CLEAT_CHECK_FULL, CLEAT_CORRUPT,
                 "library: the full-text index books_fts does not fit its rows");
}

static void
a_damaged_page_and_a_changed_schema_are_named(void **state)
{
    struct sample *sample = *state;
    insert_book(sample, "1");
    sample_run(sample_path(sample, "archive.db"), "CREATE TABLE more(x)");
    assert_finds(sample, CLEAT_CHECK_QUICK, CLEAT_DRIFT, "table more is in the file");
    sample_close(sample);
    sample_run(sample_path(sample, "archive.db"),
               "DROP TABLE more; PRAGMA schema_version=1667460212");
    int64_t page = sample_ask(sample_path(sample, "library.db"),
                              "SELECT rootpage FROM sqlite_schema WHERE name='books'");
    FILE *file = fopen(sample_path(sample, "library.db"), "r+b");
    assert_non_null(file);
    fseek(file, (long)((page - 1) * 4096), SEEK_SET);
    for (int i = 0; i < 64; i++)
        fputc(0xAA, file);
    fclose(file);
    assert_int_equal(sample_open(sample), CLEAT_OK); /* only pages that are read are seen */
    assert_finds(sample, CLEAT_CHECK_QUICK, CLEAT_CORRUPT, "library: ");
}

/* ---- figures ---- */

static void
sessions_statements_and_commits_are_counted(void **state)
{
    struct sample *sample = *state;
    cleat_stats stats;
    library_books_row row = {0};
    cleat_value key = cleat_value_text("1");
    insert_book(sample, "1");
    cleat_session_close(sample_session(sample, "library", CLEAT_WRITE));
    cleat_session *session = sample_session(sample, "library", CLEAT_READ);
    for (int i = 0; i < 3; i++)
        assert_int_equal(cleat_row_get(session, &library_books_table, BOOKS_BY_ISBN, &key, &row),
                         CLEAT_OK);
    cleat_row_clear(&library_books_table, &row);
    assert_int_equal(cleat_registry_stats(sample->registry, "library", &stats), CLEAT_OK);
    assert_int_equal(stats.sessions, 3);
    assert_int_equal(stats.commits, 1);
    assert_int_equal(stats.rollbacks, 1);
    assert_int_equal(stats.statements, 4);
    assert_int_equal(stats.prepared, 2);
    assert_int_equal(stats.connections_opened, 1);
    assert_int_equal(stats.connections_used, 1);
    assert_int_equal(stats.connections_idle, 0);
    assert_int_equal(stats.most_used, 1);
    assert_int_equal(stats.waits, 0);
    assert_int_equal(stats.file_size, size_of(sample, "library.db"));
    assert_int_equal(stats.log_size, size_of(sample, "library.db-wal"));
    cleat_session_close(session);
    cleat_session_close(sample_session(sample, "archive", CLEAT_READ));
    assert_int_equal(cleat_registry_stats(sample->registry, NULL, &stats), CLEAT_OK);
    assert_int_equal(stats.sessions, 4);
    assert_int_equal(stats.connections_idle, 2);
    assert_int_equal(cleat_registry_stats(sample->registry, "elsewhere", &stats), CLEAT_NOT_FOUND);
}

static void
what_a_closed_connection_counted_stays(void **state)
{
    struct sample *sample = *state;
    cleat_stats stats;
    sample_close(sample);
    cleat_settings_set(&sample->settings, "pool_size", "0");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    insert_book(sample, "1");
    insert_book(sample, "2");
    assert_int_equal(cleat_registry_stats(sample->registry, "library", &stats), CLEAT_OK);
    assert_int_equal(stats.commits, 2);
    assert_int_equal(stats.connections_opened, 2);
    assert_int_equal(stats.connections_idle, 0);
    assert_int_equal(stats.connections_used, 0);
}

static void
a_wait_is_measured(void **state)
{
    struct sample *sample = *state;
    cleat_stats stats;
    cleat_session *holder = sample_session(sample, "archive", CLEAT_WRITE), *second = NULL;
    assert_int_equal(cleat_session_open(sample->registry, "archive", CLEAT_WRITE, &second),
                     CLEAT_BUSY);
    cleat_session_close(holder);
    assert_int_equal(cleat_registry_stats(sample->registry, "archive", &stats), CLEAT_OK);
    assert_int_equal(stats.waits, 1);
    assert_int_equal(stats.timeouts, 1);
    assert_true(stats.wait_ns >= 190 * UINT64_C(1000000)); /* the sample waits 200 ms */
    assert_int_equal(stats.longest_wait_ns, stats.wait_ns);
}

static void
figures_are_printed_as_a_table(void **state)
{
    struct sample *sample = *state;
    size_t size;
    insert_book(sample, "1");
    FILE *file = fopen(sample_path(sample, "printed"), "w");
    assert_non_null(file);
    assert_int_equal(cleat_stats_print(sample->registry, file), CLEAT_OK);
    fclose(file);
    char *text = sample_read(sample_path(sample, "printed"), &size);
    text[size] = '\0';
    assert_int_equal(strncmp(text, "database ", 9), 0);
    assert_non_null(strstr(text, "\nlibrary "));
    assert_non_null(strstr(text, "\nall "));
    free(text);
    assert_int_equal(cleat_stats_print(sample->registry, NULL), CLEAT_OK);
    assert_true(sample_logged(sample, "INFO - cleat.stats - library "));
}

static void
a_child_process_is_refused(void **state)
{
    struct sample *sample = *state;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        cleat_stats stats;
        bool refused = cleat_registry_checkpoint(sample->registry, NULL) == CLEAT_FORKED &&
                       cleat_registry_stats(sample->registry, NULL, &stats) == CLEAT_FORKED &&
                       cleat_registry_backup(sample->registry, "x", NULL, NULL) == CLEAT_FORKED &&
                       cleat_stats_print(sample->registry, NULL) == CLEAT_FORKED;
        _exit(refused ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_database_is_described_by_place_and_by_name),
        TEST(registries_open_again_and_beside_each_other),
        TEST(a_checkpoint_empties_the_log),
        TEST(a_checkpoint_that_readers_hold_up_is_busy),
        TEST(statistics_are_made_and_the_next_boot_accepts_them),
        TEST(sound_databases_have_no_problems),
        TEST(a_reference_without_target_is_named),
        TEST(a_value_that_a_check_refuses_is_named),
        TEST(a_schema_that_is_damaged_meanwhile_is_a_problem),
        TEST(so_many_problems_are_told_and_no_more),
        TEST(a_full_text_index_that_missed_a_change_is_named),
        TEST(a_damaged_page_and_a_changed_schema_are_named),
        TEST(sessions_statements_and_commits_are_counted),
        TEST(what_a_closed_connection_counted_stays),
        TEST(a_wait_is_measured),
        TEST(figures_are_printed_as_a_table),
        TEST(a_child_process_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
