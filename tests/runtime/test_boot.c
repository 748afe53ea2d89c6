/* test_boot.c: every file exists with its whole schema before anyone connects, is the owner's
 * alone, and is never touched again. */
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

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
write_bytes(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
}

static void
boot_creates_every_database_and_says_so(void **state)
{
    struct sample *sample = *state;
    static const char *const lines[] = {
        "INFO - cleat.bootstrap - Bootstrap: Compiling database schema...",
        "INFO - cleat.bootstrap - Bootstrap: Checking 3 databases...",
        "INFO - cleat.bootstrap - archive: Database created with 1 tables from modules: archive",
        "INFO - cleat.bootstrap - journal: Database created with 0 tables from modules: journal",
        "INFO - cleat.bootstrap - library: Database created with 4 tables from modules: "
        "core.books, core.loans",
        "INFO - cleat.bootstrap - Bootstrap: Created 3 complete databases: archive, journal, "
        "library",
        "INFO - cleat.bootstrap - Bootstrap: Database compilation complete",
    };
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(sample->line_count, CLEAT_COUNT(lines));
    for (size_t i = 0; i < CLEAT_COUNT(lines); i++)
        assert_string_equal(sample->lines[i], lines[i]);
}

static void
a_second_boot_verifies_and_changes_no_byte(void **state)
{
    struct sample *sample = *state;
    static const char *const names[] = {"library.db", "archive.db", "journal.db"};
    char *bytes[3];
    size_t sizes[3];
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    for (size_t i = 0; i < 3; i++)
        bytes[i] = sample_read(sample_path(sample, names[i]), &sizes[i]);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "library: Database verified with 4 tables from modules: "));
    assert_true(sample_logged(sample, "Bootstrap: All 3 databases are already there"));
    sample_close(sample);
    for (size_t i = 0; i < 3; i++) {
        size_t size;
        char *now = sample_read(sample_path(sample, names[i]), &size);
        assert_int_equal(size, sizes[i]);
        assert_memory_equal(now, bytes[i], size);
        free(now);
        free(bytes[i]);
    }
}

static void
the_registry_knows_its_databases_in_order_of_name(void **state)
{
    struct sample *sample = *state;
    static const char *const names[] = {"archive", "journal", "library"};
    cleat_database_info info;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_registry_count(sample->registry), 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(cleat_registry_database(sample->registry, i, &info), CLEAT_OK);
        assert_string_equal(info.name, names[i]);
        assert_true(info.created && info.path[0] == '/');
    }
    assert_string_equal(info.revision, "3f21c4d9a07b");
    assert_int_equal(info.table_count, 4);
    assert_int_equal(cleat_registry_database(sample->registry, 3, &info), CLEAT_NOT_FOUND);
}

static void
files_are_the_owner_s_alone_and_have_a_write_ahead_log(void **state)
{
    struct sample *sample = *state;
    struct stat found;
    size_t size;
    mode_t mask = umask(0);
    cleat_status rc = sample_open(sample);
    umask(mask);
    assert_int_equal(rc, CLEAT_OK);
    assert_int_equal(stat(sample_path(sample, "library.db"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
    char *bytes = sample_read(sample_path(sample, "library.db"), &size);
    assert_true(bytes[18] == 2 && bytes[19] == 2);
    free(bytes);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(stat(sample_path(sample, "library.db-wal"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0600);
}

static void
no_temporary_file_is_left(void **state)
{
    struct sample *sample = *state;
    struct stat found;
    write_bytes(sample_path(sample, "library.db.cleat-new"), "left by a crash", 15);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(stat(sample_path(sample, "library.db.cleat-new"), &found), -1);
}

static void
an_empty_file_counts_as_absent(void **state)
{
    struct sample *sample = *state;
    write_bytes(sample_path(sample, "library.db"), "", 0);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "library: Database created"));
    assert_int_equal(sample_ask(sample_path(sample, "library.db"),
                                "SELECT count(*) FROM sqlite_schema WHERE name='books'"),
                     1);
}

static void
an_empty_file_with_a_log_is_refused(void **state)
{
    struct sample *sample = *state;
    write_bytes(sample_path(sample, "library.db"), "", 0);
    write_bytes(sample_path(sample, "library.db-wal"), "x", 1);
    assert_int_equal(sample_open(sample), CLEAT_CORRUPT);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
}

static void
a_stale_log_does_not_reach_a_new_file(void **state)
{
    struct sample *sample = *state;
    size_t size;
    const char *path = sample_path(sample, "library.db");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "old"};
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    char *log = sample_read(sample_path(sample, "library.db-wal"), &size);
    sample_close(sample);
    unlink(path);
    write_bytes(sample_path(sample, "library.db-wal"), log, size);
    free(log);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(sample_ask(path, "SELECT count(*) FROM tags"), 0);
}

static void
boot_reads_a_log_that_was_left_by_a_crash(void **state)
{
    struct sample *sample = *state;
    size_t size, log_size;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "kept"};
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    char *bytes = sample_read(sample_path(sample, "library.db"), &size);
    char *log = sample_read(sample_path(sample, "library.db-wal"), &log_size);
    sample_close(sample);
    write_bytes(sample_path(sample, "library.db"), bytes, size);
    write_bytes(sample_path(sample, "library.db-wal"), log, log_size);
    free(bytes);
    free(log);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "library: Database verified"));
    assert_int_equal(sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags"), 1);
}

static void
a_missing_file_is_an_error_and_not_created_by_attach(void **state)
{
    struct sample *sample = *state;
    struct stat found;
    cleat_session *session = NULL;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    unlink(sample_path(sample, "archive.db"));
    assert_int_equal(cleat_session_open(sample->registry, "library", CLEAT_READ, &session),
                     CLEAT_CANNOT_OPEN);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "archive");
    assert_int_equal(stat(sample_path(sample, "archive.db"), &found), -1);
}

static void
generated_code_of_another_abi_is_refused(void **state)
{
    struct sample *sample = *state;
    cleat_init_table table = sample_init_table;
    table.abi = CLEAT_GENERATED_ABI + 1;
    assert_int_equal(cleat_registry_open(&table, &sample->settings, &sample->registry),
                     CLEAT_MISUSE);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "ABI"));
    assert_int_equal(cleat_registry_count(sample->registry), 0);
    cleat_session *session = NULL;
    assert_int_equal(cleat_session_open(sample->registry, NULL, CLEAT_READ, &session),
                     CLEAT_MISUSE);
}

static void
a_schema_that_does_not_compile_leaves_no_file_of_any_database(void **state)
{
    static const char *const none[] = {NULL};
    static const cleat_table *const tables[] = {NULL};
    static const char *const schema[] = {"CREATE TABLE a (x)", "CREATE TABLE a (y)", NULL};
    static const cleat_database databases[] = {
        {"before", "2", none, tables, &schema[1], none, 0, NULL, 0, NULL, NULL},
        {"broken", "1", none, tables, schema, none, 0, NULL, 0, NULL, NULL},
    };
    static const cleat_init_table table = {CLEAT_GENERATED_ABI, "broken", NULL, databases, 2};
    struct sample *sample = *state;
    struct stat found;
    assert_int_equal(cleat_registry_open(&table, &sample->settings, &sample->registry),
                     CLEAT_ERROR);
    assert_string_equal(cleat_registry_error(sample->registry)->sql, "CREATE TABLE a (y)");
    assert_int_equal(stat(sample_path(sample, "broken.db"), &found), -1);
    assert_int_equal(stat(sample_path(sample, "broken.db.cleat-new"), &found), -1);
    assert_int_equal(stat(sample_path(sample, "before.db"), &found), -1);
    assert_int_equal(stat(sample_path(sample, "before.db.cleat-new"), &found), -1);
    assert_true(sample_logged(sample, "ERROR - cleat.bootstrap - broken: "));
}

static void
a_boot_that_cannot_write_leaves_no_file_and_the_next_one_works(void **state)
{
    struct sample *sample = *state;
    struct rlimit before, small;
    struct stat found;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    for (rlim_t size = 0; size < 40000; size += 3000) {
        small.rlim_cur = size;
        setrlimit(RLIMIT_FSIZE, &small);
        cleat_status rc = sample_open(sample);
        setrlimit(RLIMIT_FSIZE, &before);
        assert_true(rc == CLEAT_IO || rc == CLEAT_FULL);
        assert_int_equal(stat(sample_path(sample, "library.db"), &found), -1);
        assert_int_equal(stat(sample_path(sample, "library.db.cleat-new"), &found), -1);
        sample_close(sample);
    }
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
the_log_level_holds_lines_back(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "log_level", "warning");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(sample->line_count, 0);
}

static void
two_registries_use_the_same_files(void **state)
{
    struct sample *sample = *state;
    cleat_registry *other;
    int64_t count;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "archive", CLEAT_WRITE);
    assert_int_equal(cleat_registry_open(&sample_init_table, &sample->settings, &other), CLEAT_OK);
    archive_notes_row note;
    cleat_row_defaults(&archive_notes_table, &note);
    note.slug = "a";
    assert_int_equal(cleat_row_insert(session, &archive_notes_table, &note), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session *reader;
    assert_int_equal(cleat_session_open(other, "archive", CLEAT_READ, &reader), CLEAT_OK);
    assert_int_equal(cleat_row_count(reader, &archive_notes_table, &count), CLEAT_OK);
    assert_true(count == 1);
    cleat_registry_close(other);
}

/* Asked by another process: this one would not be told, and would lose the lock. */
static bool
is_locked(const char *path)
{
    enum { SHARED_FIRST = 0x40000002, SHARED_SIZE = 510 }; /* SQLite's file format says so */
    int status = -1;
    pid_t pid = fork();
    if (pid == 0) {
        struct flock lock = {
            .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = SHARED_FIRST, .l_len = SHARED_SIZE};
        int file = open(path, O_RDWR);
        _exit(fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A lock of a process is lost when it closes the file, whichever descriptor it closes. */
static void
the_lock_of_a_connection_beside_outlives_the_check(void **state)
{
    struct sample *sample = *state;
    sqlite3 *beside;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(sqlite3_open(sample_path(sample, "library.db"), &beside), SQLITE_OK);
    assert_int_equal(sqlite3_exec(beside, "SELECT count(*) FROM tags", NULL, NULL, NULL),
                     SQLITE_OK);
    assert_true(is_locked(sample_path(sample, "library.db")));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(is_locked(sample_path(sample, "library.db")));
    sqlite3_close(beside);
    assert_false(is_locked(sample_path(sample, "library.db")));
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(boot_creates_every_database_and_says_so),
        TEST(a_second_boot_verifies_and_changes_no_byte),
        TEST(the_registry_knows_its_databases_in_order_of_name),
        TEST(files_are_the_owner_s_alone_and_have_a_write_ahead_log),
        TEST(no_temporary_file_is_left),
        TEST(an_empty_file_counts_as_absent),
        TEST(an_empty_file_with_a_log_is_refused),
        TEST(a_stale_log_does_not_reach_a_new_file),
        TEST(boot_reads_a_log_that_was_left_by_a_crash),
        TEST(a_missing_file_is_an_error_and_not_created_by_attach),
        TEST(generated_code_of_another_abi_is_refused),
        TEST(a_schema_that_does_not_compile_leaves_no_file_of_any_database),
        TEST(a_boot_that_cannot_write_leaves_no_file_and_the_next_one_works),
        TEST(the_log_level_holds_lines_back),
        TEST(two_registries_use_the_same_files),
        TEST(the_lock_of_a_connection_beside_outlives_the_check),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
