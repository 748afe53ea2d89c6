/* test_settings.c: where a value comes from, which values are refused, and what a path means. */
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

static void
write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void
assert_path(struct sample *sample, const char *database, const char *expected)
{
    cleat_database_info info = {0};
    for (size_t i = 0; cleat_registry_database(sample->registry, i, &info) == CLEAT_OK; i++)
        if (strcmp(info.name, database) == 0)
            break;
    assert_string_equal(info.path, expected);
}

static void
assert_refused(struct sample *sample, const char *words)
{
    assert_true(sample_open(sample) < 0);
    if (strstr(cleat_registry_error(sample->registry)->text, words) == NULL)
        fail_msg("%s", cleat_registry_error(sample->registry)->text);
    sample_close(sample);
}

static void
an_unknown_key_is_misuse(void **state)
{
    struct sample *sample = *state;
    cleat_settings *settings = &sample->settings;
    assert_int_equal(cleat_settings_set(settings, "pool", "1"), CLEAT_MISUSE);
    assert_int_equal(cleat_settings_set(settings, "databases._path", "x"), CLEAT_MISUSE);
    assert_int_equal(cleat_settings_set(settings, "databases.x_paths", "x"), CLEAT_MISUSE);
    assert_int_equal(cleat_settings_set(settings, NULL, "1"), CLEAT_MISUSE);
    assert_int_equal(cleat_settings_set(settings, "databases.x_path", "x"), CLEAT_OK);
}

static void
too_many_values_are_refused(void **state)
{
    static char keys[CLEAT_SETTINGS_MAX + 1][40];
    cleat_settings settings;
    (void)state;
    cleat_settings_init(&settings, NULL);
    for (int i = 0; i <= CLEAT_SETTINGS_MAX; i++) {
        snprintf(keys[i], sizeof keys[i], "databases.d%d_path", i);
        assert_int_equal(cleat_settings_set(&settings, keys[i], "x"),
                         i < CLEAT_SETTINGS_MAX ? CLEAT_OK : CLEAT_FULL);
    }
    assert_int_equal(cleat_settings_set(&settings, keys[0], "y"), CLEAT_OK);
}

static void
the_program_goes_over_the_environment_and_that_over_the_file(void **state)
{
    struct sample *sample = *state;
    char file[256], text[1024], environment[256], program[256], from_file[256];
    snprintf(file, sizeof file, "%s", sample_path(sample, "settings"));
    snprintf(environment, sizeof environment, "%s", sample_path(sample, "environment.db"));
    snprintf(program, sizeof program, "%s", sample_path(sample, "program.db"));
    snprintf(from_file, sizeof from_file, "%s", sample_path(sample, "file.db"));
    snprintf(text, sizeof text,
             "# where things are\n\n pool_size = 3\n[databases]\narchive_path = %s\n"
             "journal_path = \"%s\"\nlibrary_path=%s\n",
             from_file, from_file, from_file);
    write_file(file, text);
    sample->settings.prefix = "CLEATTEST";
    cleat_settings_file(&sample->settings, file);
    setenv("CLEATTEST_DATABASES__LIBRARY_PATH", environment, 1);
    setenv("CLEATTEST_DATABASES__ARCHIVE_PATH", environment, 1);
    cleat_settings_set(&sample->settings, "databases.library_path", program);
    cleat_status rc = sample_open(sample);
    unsetenv("CLEATTEST_DATABASES__LIBRARY_PATH");
    unsetenv("CLEATTEST_DATABASES__ARCHIVE_PATH");
    assert_int_equal(rc, CLEAT_OK);
    assert_path(sample, "library", program);
    assert_path(sample, "archive", environment);
    assert_path(sample, "journal", from_file);
}

static void
a_missing_settings_file_is_an_error(void **state)
{
    struct sample *sample = *state;
    cleat_settings_file(&sample->settings, sample_path(sample, "none"));
    assert_refused(sample, "none");
}

static void
a_line_that_means_nothing_is_named(void **state)
{
    struct sample *sample = *state;
    const char *file = sample_path(sample, "settings");
    cleat_settings_file(&sample->settings, file);
    write_file(file, "pool_size = 3\n\nsynchronos = FULL\n");
    assert_refused(sample, "settings:3: ");
    write_file(file, "pool_size 3\n");
    assert_refused(sample, "settings:1: ");
    write_file(file, "[tables]\nx_path = y\n");
    assert_refused(sample, "settings:2: ");
    write_file(file, "[databases]\nlibary_path = y\n");
    assert_refused(sample, "databases.libary_path");
    write_file(file, "library.path = x\n[databases]\nlibrary_path = y\n");
    assert_refused(sample, "settings:3: the same was set in line 1");
}

static void
a_value_out_of_range_is_refused_without_being_repeated(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "pool_size", "secret");
    assert_refused(sample, "pool_size from the program must be a whole number");
    cleat_settings_set(&sample->settings, "pool_size", "8");
    cleat_settings_set(&sample->settings, "journal.mmap_mb", "secret");
    assert_refused(sample, "journal.mmap_mb from the program must be a whole number");
    cleat_settings_set(&sample->settings, "journal.mmap_mb", "0");
    cleat_settings_set(&sample->settings, "synchronous", "secret");
    assert_int_equal(sample_open(sample), CLEAT_MISUSE);
    assert_null(strstr(cleat_registry_error(sample->registry)->text, "secret"));
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "OFF, NORMAL"));
}

/* An empty one would be the root of all files. */
static void
an_empty_directory_is_refused(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "directory", "");
    assert_refused(sample, "directory from the program is empty");
}

static void
a_file_may_begin_with_the_mark_of_its_encoding(void **state)
{
    struct sample *sample = *state;
    const char *file = sample_path(sample, "settings");
    write_file(file, "\xef\xbb\xbfpool_size = 3\r\ncache_kb = 4\r\n");
    cleat_settings_file(&sample->settings, file);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
a_url_a_home_and_a_relative_path_are_canonical(void **state)
{
    struct sample *sample = *state;
    char url[256], old_home[512], old_directory[512];
    const char *home = getenv("HOME");
    snprintf(old_home, sizeof old_home, "%s", home == NULL ? "" : home);
    assert_non_null(getcwd(old_directory, sizeof old_directory));
    assert_int_equal(chdir(sample->directory), 0);
    setenv("HOME", sample->directory, 1);
    snprintf(url, sizeof url, "sqlite:///%s/deep/er/library.db", sample->directory);
    cleat_settings_set(&sample->settings, "databases.library_path", url);
    cleat_settings_set(&sample->settings, "databases.archive_path", "~/a.db");
    cleat_settings_set(&sample->settings, "databases.journal_path", "sqlite:///x/../x/./j.db");
    cleat_status rc = sample_open(sample);
    setenv("HOME", old_home, 1);
    assert_int_equal(chdir(old_directory), 0);
    assert_int_equal(rc, CLEAT_OK);
    assert_path(sample, "library", sample_path(sample, "deep/er/library.db"));
    assert_path(sample, "archive", sample_path(sample, "a.db"));
    assert_path(sample, "journal", sample_path(sample, "x/j.db"));
    struct stat found;
    assert_int_equal(stat(sample_path(sample, "deep"), &found), 0);
    assert_int_equal(found.st_mode & 0777, 0700);
}

static void
a_text_that_looks_like_a_uri_is_a_file_name(void **state)
{
    struct sample *sample = *state;
    char old_directory[512];
    struct stat found;
    assert_non_null(getcwd(old_directory, sizeof old_directory));
    assert_int_equal(chdir(sample->directory), 0);
    cleat_settings_set(&sample->settings, "databases.archive_path", "file:a?mode=memory");
    cleat_status rc = sample_open(sample);
    assert_int_equal(chdir(old_directory), 0);
    assert_int_equal(rc, CLEAT_OK);
    assert_int_equal(stat(sample_path(sample, "file:a?mode=memory"), &found), 0);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    int64_t count;
    assert_int_equal(cleat_row_count(session, &archive_notes_table, &count), CLEAT_OK);
    cleat_session_close(session);
}

static void
other_urls_memory_and_directories_are_refused(void **state)
{
    struct sample *sample = *state;
    static const char *const bad[] = {"sqlite://host/x", "sqlite:x", "sqlite:////x?mode=memory",
                                      ":memory:", "sqlite:///:memory:"};
    for (size_t i = 0; i < CLEAT_COUNT(bad); i++) {
        cleat_settings_set(&sample->settings, "databases.library_path", bad[i]);
        assert_refused(sample, "database");
    }
    cleat_settings_set(&sample->settings, "databases.library_path", sample->directory);
    assert_refused(sample, "is no file");
}

static void
paths_that_name_no_file_are_refused(void **state)
{
    struct sample *sample = *state;
    static const char *const ends[] = {"", ".", ".."};
    assert_int_equal(symlink("nowhere", sample_path(sample, "dangling")), 0);
    for (size_t i = 0; i < CLEAT_COUNT(ends); i++) {
        cleat_settings_set(&sample->settings, "databases.library_path",
                           sample_path(sample, ends[i]));
        assert_refused(sample, "library: databases.library_path from the program: ");
        assert_refused(sample, "is a directory, not a file");
    }
    cleat_settings_set(&sample->settings, "databases.library_path",
                       sample_path(sample, "dangling"));
    assert_int_equal(sample_open(sample), CLEAT_CANNOT_OPEN);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text,
                           "dangling is a symbolic link to a file that is not there"));
}

static void
the_same_file_under_two_names_is_refused(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "databases.library_path", sample_path(sample, "x.db"));
    cleat_settings_set(&sample->settings, "databases.archive_path", sample_path(sample, "x.db"));
    assert_refused(sample, "have the same file");
}

static void
a_hard_link_to_another_database_is_refused(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    unlink(sample_path(sample, "archive.db"));
    assert_int_equal(link(sample_path(sample, "journal.db"), sample_path(sample, "archive.db")), 0);
    assert_refused(sample, "archive and journal have the same file");
}

static void
a_symbolic_link_is_followed_once(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(mkdir(sample_path(sample, "real"), 0700), 0);
    assert_int_equal(symlink(sample_path(sample, "real"), sample_path(sample, "link")), 0);
    cleat_settings_set(&sample->settings, "databases.library_path",
                       sample_path(sample, "link/l.db"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_path(sample, "library", sample_path(sample, "real/l.db"));
}

static void
a_symbolic_link_to_itself_is_refused(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(symlink("library.db", sample_path(sample, "library.db")), 0);
    assert_refused(sample, "Too many levels of symbolic links");
}

static void
the_old_path_warns_and_is_the_default_database_s(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "database_path", sample_path(sample, "old.db"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_path(sample, "library", sample_path(sample, "old.db"));
    assert_true(sample_logged(sample,
                              "WARNING - cleat.settings - database_path is deprecated: use "
                              "databases.library_path"));
}

static void
the_old_path_needs_a_default_database(void **state)
{
    struct sample *sample = *state;
    cleat_init_table table = sample_init_table;
    table.default_database = NULL;
    sample->table = &table;
    cleat_settings_set(&sample->settings, "database_path", sample_path(sample, "old.db"));
    assert_int_equal(sample_open(sample), CLEAT_MISUSE);
    assert_string_equal(cleat_registry_error(sample->registry)->text,
                        "the setting database_path needs a default database");
    sample_close(sample);
    assert_int_equal(access(sample_path(sample, "old.db"), F_OK), -1);
}

/* The value ends at its own quote; one in the comment is none of it. */
static void
quotes_in_a_comment_are_not_the_value_s(void **state)
{
    struct sample *sample = *state;
    char text[400], file[256];
    snprintf(file, sizeof file, "%s", sample_path(sample, "settings"));
    snprintf(text, sizeof text,
             "[library]\npath = \"%s\" # not \"that\" one\n[archive]\npath = \"%s\" # nor \"that\n",
             sample_path(sample, "one #1.db"), sample_path(sample, "two.db"));
    write_file(file, text);
    cleat_settings_file(&sample->settings, file);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_path(sample, "library", sample_path(sample, "one #1.db"));
    assert_path(sample, "archive", sample_path(sample, "two.db"));
}

static void
the_default_database_can_be_chosen(void **state)
{
    struct sample *sample = *state;
    cleat_session *session;
    cleat_settings_set(&sample->settings, "default_database", "archive");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_session_open(sample->registry, NULL, CLEAT_READ, &session), CLEAT_OK);
    assert_string_equal(cleat_session_database(session), "archive");
    sample_close(sample);
    cleat_settings_set(&sample->settings, "default_database", "elsewhere");
    assert_refused(sample, "default database");
}

static void
pragmas_reach_every_attached_database(void **state)
{
    struct sample *sample = *state;
    static const char *const questions[][2] = {
        {"PRAGMA library.synchronous", "2"},         {"PRAGMA archive.synchronous", "2"},
        {"PRAGMA archive.cache_size", "-777"},       {"PRAGMA foreign_keys", "1"},
        {"PRAGMA archive.journal_mode", "truncate"},
    };
    cleat_settings_set(&sample->settings, "synchronous", "full");
    cleat_settings_set(&sample->settings, "cache_kb", "777");
    cleat_settings_set(&sample->settings, "journal_mode", "TRUNCATE");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_READ);
    for (size_t i = 0; i < CLEAT_COUNT(questions); i++) {
        cleat_statement *statement;
        assert_int_equal(cleat_statement_open(session, questions[i][0], &statement), CLEAT_OK);
        assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
        assert_string_equal(cleat_statement_text(statement, 0), questions[i][1]);
        cleat_statement_close(statement);
    }
}

static void
a_database_s_own_value_goes_over_the_one_for_all(void **state)
{
    struct sample *sample = *state;
    static const char *const questions[][2] = {
        {"PRAGMA library.synchronous", "2"},
        {"PRAGMA archive.synchronous", "0"},
        {"PRAGMA library.cache_size", "-555"},
        {"PRAGMA archive.cache_size", "-666"},
        {"PRAGMA archive.journal_mode", "persist"},
        {"PRAGMA library.journal_mode", "wal"},
        {"PRAGMA archive.journal_size_limit", "4096"},
        {"PRAGMA temp_store", "2"},
        {"PRAGMA cell_size_check", "1"},
        {"PRAGMA cache_spill", "0"},
        {"PRAGMA automatic_index", "0"},
        {"PRAGMA wal_autocheckpoint", "77"},
        {"PRAGMA threads", "2"},
        {"PRAGMA library.secure_delete", "2"},
    };
    const char *file = sample_path(sample, "settings");
    write_file(file,
               "cache_kb = 555 # for all\n[library]\nsynchronous = FULL\n"
               "temp_store=memory\ncell_size_check=on\ncache_spill = no\n"
               "automatic_index = off\nwal_autocheckpoint = 77\nsorter_threads = 2\n"
               "secure_delete = fast\n[ archive ] # old\njournal_mode = PERSIST\n"
               "journal_size_limit_kb = 4\n");
    sample->settings.prefix = "CLEATTEST";
    cleat_settings_file(&sample->settings, file);
    cleat_settings_set(&sample->settings, "archive.synchronous", "OFF");
    setenv("CLEATTEST_ARCHIVE__CACHE_KB", "666", 1);
    cleat_status rc = sample_open(sample);
    unsetenv("CLEATTEST_ARCHIVE__CACHE_KB");
    assert_int_equal(rc, CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_READ);
    for (size_t i = 0; i < CLEAT_COUNT(questions); i++) {
        cleat_statement *statement;
        assert_int_equal(cleat_statement_open(session, questions[i][0], &statement), CLEAT_OK);
        assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
        if (strcmp(cleat_statement_text(statement, 0), questions[i][1]) != 0)
            fail_msg("%s: %s", questions[i][0], cleat_statement_text(statement, 0));
        cleat_statement_close(statement);
    }
}

static void
a_path_in_a_section_is_the_database_s(void **state)
{
    struct sample *sample = *state;
    char text[512];
    const char *file = sample_path(sample, "settings");
    snprintf(text, sizeof text, "[archive]\npath = \"%s\" # elsewhere\n",
             sample_path(sample, "a #1.db"));
    write_file(file, text);
    cleat_settings_file(&sample->settings, file);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_path(sample, "archive", sample_path(sample, "a #1.db"));
}

static void
what_was_meant_is_suggested(void **state)
{
    struct sample *sample = *state;
    const char *file = sample_path(sample, "settings");
    cleat_settings_file(&sample->settings, file);
    write_file(file, "synchronos = FULL\n");
    assert_refused(sample,
                   "settings:1: there is no setting 'synchronos'; did you mean "
                   "'synchronous'?");
    write_file(file, "[libary]\npath = x\n");
    assert_refused(sample,
                   "settings:2: there is no setting 'libary.path'; did you mean "
                   "'library.path'?");
    write_file(file, "colour = red\n");
    assert_refused(sample, "settings:1: there is no setting 'colour'");
    write_file(file, "pool_size = 1\n\npool_size = 2\n");
    assert_refused(sample, "settings:3: the same was set in line 1");
    write_file(file, "");
    assert_int_equal(cleat_settings_set(&sample->settings, "libary.path", "x"), CLEAT_OK);
    assert_refused(sample,
                   "the program: there is no setting 'libary.path'; did you mean "
                   "'library.path'?");
}

static void
strange_variables_and_refused_keys_are_warned_of(void **state)
{
    struct sample *sample = *state;
    sample->settings.prefix = "CLEATTEST";
    setenv("CLEATTEST_DATABASES__LIBARY_PATH", "x", 1);
    setenv("CLEATTEST_COLOUR", "red", 1);
    setenv("CLEATTESTER_COLOUR", "red", 1);
    setenv("CLEATTEST_POOL_SIZE", "4", 1);
    assert_int_equal(cleat_settings_set(&sample->settings, "pool_sise", "1"), CLEAT_MISUSE);
    cleat_status rc = sample_open(sample);
    unsetenv("CLEATTEST_DATABASES__LIBARY_PATH");
    unsetenv("CLEATTEST_COLOUR");
    unsetenv("CLEATTESTER_COLOUR");
    unsetenv("CLEATTEST_POOL_SIZE");
    assert_int_equal(rc, CLEAT_OK);
    assert_true(sample_logged(sample,
                              "WARNING - cleat.settings - the environment variable "
                              "CLEATTEST_DATABASES__LIBARY_PATH is no setting; did you "
                              "mean CLEATTEST_DATABASES__LIBRARY_PATH?"));
    assert_true(sample_logged(sample, "CLEATTEST_COLOUR is no setting"));
    assert_false(sample_logged(sample, "CLEATTESTER"));
    assert_false(sample_logged(sample, "POOL_SIZE is"));
    assert_true(sample_logged(sample, "did you mean 'pool_size'?"));
}

static void
other_urls_are_refused_without_their_passwords(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "archive.path", "postgres://me:secret@host/archive");
    assert_int_equal(sample_open(sample), CLEAT_MISUSE);
    assert_null(strstr(cleat_registry_error(sample->registry)->text, "secret"));
    for (size_t i = 0; i < sample->line_count; i++)
        assert_null(strstr(sample->lines[i], "secret"));
    sample_close(sample);
    cleat_settings_set(&sample->settings, "archive.path", "~somebody/a.db");
    assert_refused(sample, "only ~/ stands for a home");
}

/* Prints the settings into a file and returns its text; the caller frees it. */
static char *
print_settings(struct sample *sample, const char *path)
{
    size_t size;
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(cleat_settings_print(&sample->settings, &sample_init_table, file), CLEAT_OK);
    fclose(file);
    char *text = sample_read(path, &size);
    text[size] = '\0';
    return text;
}

static void
assert_printed(const char *text, const char *line)
{
    if (strstr(text, line) == NULL)
        fail_msg("no %s in\n%s", line, text);
}

static void
printed_settings_say_where_they_come_from(void **state)
{
    struct sample *sample = *state;
    char file[256], printed[256], line[512];
    snprintf(file, sizeof file, "%s", sample_path(sample, "settings"));
    write_file(file, "pool_size = 3\n[archive]\nsynchronous = EXTRA\n");
    snprintf(printed, sizeof printed, "%s", sample_path(sample, "printed"));
    cleat_settings_file(&sample->settings, file);
    sample->settings.prefix = "CLEATTEST";
    setenv("CLEATTEST_CACHE_KB", "77", 1);
    cleat_settings_set(&sample->settings, "echo_sql", "off");
    cleat_settings_set(&sample->settings, "journal.path", "postgres://me:secret@host/j");
    char *text = print_settings(sample, printed);
    unsetenv("CLEATTEST_CACHE_KB");
    assert_printed(text, "\ncache_kb = 77  # CLEATTEST_CACHE_KB\n");
    assert_printed(text, "\necho_sql = off  # the program\n");
    assert_printed(text, "\nmmap_mb = 0  # default\n");
    snprintf(line, sizeof line, "\npool_size = 3  # %s:1\n", file);
    assert_printed(text, line);
    snprintf(line, sizeof line, "\nsynchronous = EXTRA  # %s:3\n", file);
    assert_printed(text, line);
    assert_printed(text, "\npath = postgres://***@host/j  # the program\n");
    assert_null(strstr(text, "secret"));
    struct stat found;
    assert_int_not_equal(stat(sample_path(sample, "library.db"), &found), 0);
    free(text);
}

static void
a_home_that_the_environment_does_not_say_is_the_user_s(void **state)
{
    struct sample *sample = *state;
    static const char *const homes[] = {NULL, "not/absolute"};
    const char *home = getenv("HOME");
    char *before = home == NULL ? NULL : strdup(home);
    cleat_settings_set(&sample->settings, "archive.path", "~/of-a-test.db");
    for (size_t i = 0; i < CLEAT_COUNT(homes); i++) {
        unsetenv("HOME");
        if (homes[i] != NULL)
            setenv("HOME", homes[i], 1);
        char *text = print_settings(sample, sample_path(sample, "printed"));
        assert_printed(text, "\npath = /");
        assert_printed(text, "/of-a-test.db  # the program\n");
        assert_null(strstr(text, "not/absolute"));
        free(text);
    }
    if (before != NULL)
        setenv("HOME", before, 1);
    free(before);
}

static void
printed_settings_give_the_same_settings(void **state)
{
    struct sample *sample = *state;
    char printed[256], again[256];
    snprintf(printed, sizeof printed, "%s", sample_path(sample, "printed"));
    snprintf(again, sizeof again, "%s", sample_path(sample, "again"));
    cleat_settings_set(&sample->settings, "archive.path", sample_path(sample, "a #1.db"));
    cleat_settings_set(&sample->settings, "library.cache_kb", "99");
    free(print_settings(sample, printed));
    cleat_settings_init(&sample->settings, NULL);
    cleat_settings_file(&sample->settings, printed);
    char *text = print_settings(sample, again);
    char line[512];
    snprintf(line, sizeof line, "\npath = \"%s\"  # %s:", sample_path(sample, "a #1.db"), printed);
    assert_printed(text, line);
    assert_printed(text, "\ncache_kb = 99  # ");
    free(text);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_path(sample, "archive", sample_path(sample, "a #1.db"));
}

static void
printing_to_a_full_disk_is_said(void **state)
{
    struct sample *sample = *state;
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(cleat_settings_print(&sample->settings, sample->table, full), CLEAT_IO);
    clearerr(full);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(cleat_stats_print(sample->registry, full), CLEAT_IO);
    fclose(full);
}

static void
a_deprecated_name_warns_once(void **state)
{
    struct sample *sample = *state;
    int warnings = 0;
    sample->settings.prefix = "CLEATTEST";
    setenv("CLEATTEST_DATABASE_PATH", sample_path(sample, "old.db"), 1);
    cleat_settings_set(&sample->settings, "library.path", sample_path(sample, "new.db"));
    cleat_status rc = sample_open(sample);
    unsetenv("CLEATTEST_DATABASE_PATH");
    assert_int_equal(rc, CLEAT_OK);
    assert_path(sample, "library", sample_path(sample, "new.db"));
    for (size_t i = 0; i < sample->line_count; i++)
        warnings += strstr(sample->lines[i], "deprecated") != NULL;
    assert_int_equal(warnings, 1);
    assert_true(sample_logged(sample, "CLEATTEST_DATABASE_PATH"));
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_key_is_misuse),
        cmocka_unit_test(too_many_values_are_refused),
        TEST(the_program_goes_over_the_environment_and_that_over_the_file),
        TEST(a_missing_settings_file_is_an_error),
        TEST(a_line_that_means_nothing_is_named),
        TEST(a_value_out_of_range_is_refused_without_being_repeated),
        TEST(an_empty_directory_is_refused),
        TEST(a_file_may_begin_with_the_mark_of_its_encoding),
        TEST(a_url_a_home_and_a_relative_path_are_canonical),
        TEST(a_text_that_looks_like_a_uri_is_a_file_name),
        TEST(other_urls_memory_and_directories_are_refused),
        TEST(paths_that_name_no_file_are_refused),
        TEST(the_same_file_under_two_names_is_refused),
        TEST(a_hard_link_to_another_database_is_refused),
        TEST(a_symbolic_link_is_followed_once),
        TEST(a_symbolic_link_to_itself_is_refused),
        TEST(the_old_path_warns_and_is_the_default_database_s),
        TEST(the_old_path_needs_a_default_database),
        TEST(quotes_in_a_comment_are_not_the_value_s),
        TEST(the_default_database_can_be_chosen),
        TEST(pragmas_reach_every_attached_database),
        TEST(a_database_s_own_value_goes_over_the_one_for_all),
        TEST(a_path_in_a_section_is_the_database_s),
        TEST(what_was_meant_is_suggested),
        TEST(strange_variables_and_refused_keys_are_warned_of),
        TEST(other_urls_are_refused_without_their_passwords),
        TEST(printed_settings_say_where_they_come_from),
        TEST(a_home_that_the_environment_does_not_say_is_the_user_s),
        TEST(printed_settings_give_the_same_settings),
        TEST(printing_to_a_full_disk_is_said),
        TEST(a_deprecated_name_warns_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
