/* test_power.c: the power goes off after every single call that a program makes to its files. The
 * program boots, writes, closes and boots again while a disk records it; then every state that the
 * disk can be in is rebuilt, at the same path, and booted. None is corrupt, none has half a unit
 * of work in one file, none lost what was acknowledged at synchronous=FULL, and all have the
 * compiled schema. Controls that are known to be wrong must be caught by the same checks. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "disk.h"
#include "faults.h"
#include "sample.h"
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <sys/stat.h>
#include <unistd.h>

#define TAGS (&library_tags_table)
#define BOOKS (&library_books_table)
#define NOTES (&archive_notes_table)

enum { UNITS = 33, TAGS_OF_UNIT = 5 };

/* What the states of a run were found to be. */
struct findings {
    size_t states;
    size_t refused; /* cleat does not boot */
    size_t corrupt; /* integrity_check, the index of words, foreign keys */
    size_t schema;  /* not the compiled one */
    size_t torn;    /* half a unit within one file */
    size_t passed;  /* a later unit of a file is there without an earlier one */
    size_t lost;    /* an acknowledged unit is not there */
    size_t apart;   /* a unit over two files is in one of them */
    size_t stuck;   /* nothing can be written any more */
    char first[512];
};

struct run {
    const char *journal_mode, *synchronous;
    int variants;    /* of each state */
    int step;        /* 1 for the state after every call */
    unsigned atomic; /* CLEAT_ATOMIC: how units over both files are opened */
    bool grouped;    /* both files are an atomic group, which chooses its own journal */
};

/* ---- the program ---- */

enum { IN_LIBRARY = 1, IN_ARCHIVE = 2 };

static unsigned
files_of(int unit)
{
    return unit % 3 == 0 ? IN_LIBRARY | IN_ARCHIVE : unit % 7 == 0 ? IN_ARCHIVE : IN_LIBRARY;
}

static void
write_unit(cleat_session *session, int unit)
{
    char text[16];
    snprintf(text, sizeof text, "%d", unit);
    if ((files_of(unit) & IN_LIBRARY) != 0) {
        library_books_row book = sample_book(text, "A title that is found by its words");
        assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
        for (int i = 0; i < TAGS_OF_UNIT; i++) {
            library_tags_row tag = {.book_id = unit,
                                    .tag = (const char *[]){"a", "b", "c", "d", "e"}[i]};
            assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_OK);
        }
    }
    if ((files_of(unit) & IN_ARCHIVE) != 0) {
        archive_notes_row note;
        cleat_row_defaults(NOTES, &note);
        note.slug = text;
        assert_int_equal(cleat_row_insert(session, NOTES, &note), CLEAT_OK);
    }
}

static void
run_units(struct sample *sample, int first, int last, unsigned atomic)
{
    for (int unit = first; unit <= last; unit++) {
        bool archive = files_of(unit) == IN_ARCHIVE;
        bool both = files_of(unit) == (IN_LIBRARY | IN_ARCHIVE);
        cleat_session *session = sample_session(sample, archive ? "archive" : "library",
                                                CLEAT_WRITE | (both ? atomic : 0));
        write_unit(session, unit);
        assert_int_equal(cleat_session_commit(session), CLEAT_OK);
        disk_acknowledge(unit);
        cleat_session_close(session);
    }
}

/* The sample with the library and the archive as one atomic group. */
static const cleat_init_table *
make_group(void)
{
    static cleat_database databases[3];
    static cleat_init_table table;
    for (size_t i = 0; i < CLEAT_COUNT(databases); i++)
        databases[i] = sample_init_table.databases[i];
    databases[0].atomic_group = databases[1].atomic_group = "pair";
    table = sample_init_table;
    table.databases = databases;
    return &table;
}

/* Boots, writes, lets the log begin anew, closes, boots once more and writes. */
static void
run_program(struct sample *sample, const struct run *run)
{
    cleat_settings_set(&sample->settings, "journal_mode", run->journal_mode);
    cleat_settings_set(&sample->settings, "synchronous", run->synchronous);
    if (run->grouped)
        sample->table = make_group();
    assert_int_equal(sample_open(sample), CLEAT_OK);
    run_units(sample, 1, UNITS / 3, run->atomic);
    if (strcmp(run->journal_mode, "WAL") == 0 && !run->grouped)
        sample_run(sample_path(sample, "library.db"), "PRAGMA wal_checkpoint(RESTART)");
    run_units(sample, UNITS / 3 + 1, UNITS * 2 / 3, run->atomic);
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    run_units(sample, UNITS * 2 / 3 + 1, UNITS, run->atomic);
    sample_close(sample);
}

/* ---- what is left ---- */

static void
found(struct findings *findings, size_t *count, const char *what, const char *where)
{
    ++*count;
    if (findings->first[0] == '\0')
        snprintf(findings->first, sizeof findings->first, "%.200s, after %.300s", what, where);
}

/* The answer of a query: rows and columns one after the other. */
static void
ask(sqlite3 *handle, const char *sql, char *ret_text, size_t size)
{
    sqlite3_stmt *statement = NULL;
    size_t length = 0;
    ret_text[0] = '\0';
    int rc = sqlite3_prepare_v2(handle, sql, -1, &statement, NULL);
    while (rc == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement) && length < size; i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i);
            length += (size_t)snprintf(ret_text + length, size - length, "%s%s",
                                       length == 0 ? "" : "|", text == NULL ? "" : text);
        }
    rc = sqlite3_finalize(statement);
    if (rc != SQLITE_OK)
        snprintf(ret_text, size, "%s", sqlite3_errstr(rc));
}

static void
ask_file(struct sample *sample, const char *name, const char *sql, char *ret_text, size_t size)
{
    sqlite3 *handle;
    snprintf(ret_text, size, "cannot open");
    if (sqlite3_open_v2(sample_path(sample, name), &handle, SQLITE_OPEN_READWRITE, NULL) ==
        SQLITE_OK)
        ask(handle, sql, ret_text, size);
    sqlite3_close(handle);
}

/* The tables of atomic commits come when there is one. */
#define SCHEMA_SQL                                                                                 \
    "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name NOT LIKE 'cleat^_%' ESCAPE '^'"      \
    " ORDER BY type, name"

/* The units that are in a file: 0 for none of it, 1 for all, 2 for a part. */
static void
read_units(sqlite3 *handle, const char *sql, int whole, int ret_units[UNITS + 1])
{
    sqlite3_stmt *statement = NULL;
    memset(ret_units, 0, sizeof(int) * (UNITS + 1));
    if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK)
        while (sqlite3_step(statement) == SQLITE_ROW) {
            int unit = sqlite3_column_int(statement, 0);
            if (unit > 0 && unit <= UNITS)
                ret_units[unit] = sqlite3_column_int(statement, 1) == whole ? 1 : 2;
        }
    sqlite3_finalize(statement);
}

static void
check_library(struct findings *findings, sqlite3 *handle, const char *where,
              int ret_units[UNITS + 1])
{
    char text[4096];
    ask(handle, "PRAGMA integrity_check", text, sizeof text);
    if (strcmp(text, "ok") != 0)
        found(findings, &findings->corrupt, text, where);
    ask(handle,
        "SELECT (SELECT count(*) FROM books_fts WHERE books_fts MATCH 'words') ="
        " (SELECT count(*) FROM books), (SELECT count(*) FROM pragma_foreign_key_check)",
        text, sizeof text);
    if (strcmp(text, "1|0") != 0)
        found(findings, &findings->corrupt, "the index of words", where);
    read_units(handle,
               "SELECT t.book_id, count(*) + (SELECT count(*) FROM books WHERE isbn = t.book_id)"
               " FROM tags AS t WHERE book_id <= 1000 GROUP BY 1",
               TAGS_OF_UNIT + 1, ret_units);
}

static void
check_archive(struct findings *findings, sqlite3 *handle, const char *where,
              int ret_units[UNITS + 1])
{
    char text[4096];
    ask(handle, "PRAGMA integrity_check", text, sizeof text);
    if (strcmp(text, "ok") != 0)
        found(findings, &findings->corrupt, text, where);
    read_units(handle, "SELECT slug, 1 FROM notes", 1, ret_units);
}

/* Units of one file come one after the other, each whole; what was acknowledged is there. */
static void
check_units(struct findings *findings, const int units[UNITS + 1], unsigned file, int acknowledged,
            const char *where)
{
    bool ended = false;
    char what[64];
    for (int unit = 1; unit <= UNITS; unit++) {
        if ((files_of(unit) & file) == 0)
            continue;
        snprintf(what, sizeof what, "unit %d of %s", unit,
                 file == IN_LIBRARY ? "library" : "archive");
        if (units[unit] == 2)
            found(findings, &findings->torn, what, where);
        else if (units[unit] == 1 && ended)
            found(findings, &findings->passed, what, where);
        else if (units[unit] == 0 && unit <= acknowledged)
            found(findings, &findings->lost, what, where);
        ended |= units[unit] == 0;
    }
}

static void
check_schema(struct findings *findings, struct sample *sample, const char *const schemas[3],
             const char *where)
{
    static const char *const names[] = {"library.db", "archive.db", "journal.db"};
    static char text[8192];
    for (size_t i = 0; i < CLEAT_COUNT(names); i++) {
        ask_file(sample, names[i], SCHEMA_SQL, text, sizeof text);
        if (strcmp(text, schemas[i]) != 0)
            found(findings, &findings->schema, names[i], where);
    }
}

static void
check_files(struct findings *findings, struct sample *sample, int acknowledged, const char *where)
{
    int library[UNITS + 1] = {0}, archive[UNITS + 1] = {0};
    sqlite3 *handle;
    if (sqlite3_open(sample_path(sample, "library.db"), &handle) == SQLITE_OK)
        check_library(findings, handle, where, library);
    sqlite3_close(handle);
    if (sqlite3_open(sample_path(sample, "archive.db"), &handle) == SQLITE_OK)
        check_archive(findings, handle, where, archive);
    sqlite3_close(handle);
    check_units(findings, library, IN_LIBRARY, acknowledged, where);
    check_units(findings, archive, IN_ARCHIVE, acknowledged, where);
    for (int unit = 3; unit <= UNITS; unit += 3) {
        if (library[unit] == 0 && archive[unit] == 1 && unit > acknowledged)
            found(findings, &findings->passed, "the attached file is ahead of main", where);
        findings->apart += library[unit] != archive[unit];
    }
}

/* What a program does next. */
static void
check_goes_on(struct findings *findings, struct sample *sample, const char *where)
{
    cleat_session *session = NULL;
    library_tags_row tag = {.book_id = 5000, .tag = "after"};
    cleat_status rc = cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &session);
    if (rc == CLEAT_OK)
        rc = cleat_row_insert(session, TAGS, &tag);
    if (rc == CLEAT_OK)
        rc = cleat_session_commit(session);
    if (rc != CLEAT_OK)
        found(findings, &findings->stuck, cleat_status_name(rc), where);
}

static void
check_state(struct findings *findings, struct sample *sample, const char *const schemas[3],
            int acknowledged, const char *where)
{
    findings->states++;
    cleat_status rc = sample_open(sample);
    if (rc != CLEAT_OK) {
        found(findings, rc == CLEAT_CORRUPT ? &findings->corrupt : &findings->refused,
              cleat_registry_error(sample->registry)->text, where);
        sample_close(sample);
        return;
    }
    check_schema(findings, sample, schemas, where);
    check_files(findings, sample, acknowledged, where);
    check_goes_on(findings, sample, where);
    sample_close(sample);
}

/* ---- every state ---- */

static void
check_states(struct findings *findings, struct sample *sample, const struct run *run,
             const char *const schemas[3], size_t count)
{
    uint64_t seed = faults_round();
    /* what is checked need not last */
    cleat_settings_set(&sample->settings, "synchronous", "OFF");
    cleat_settings_set(&sample->settings, "log_level", "none");
    for (size_t calls = 0; calls <= count; calls += (size_t)run->step)
        for (int variant = 0; variant < run->variants; variant++) {
            int acknowledged;
            char where[320];
            if (!disk_rebuild(calls, (unsigned)variant, seed, &acknowledged))
                continue;
            snprintf(where, sizeof where, "%s, variant %d", disk_describe(calls), variant);
            check_state(findings, sample, schemas, acknowledged, where);
        }
    print_message(
        "    %s %s: %zu calls, %zu states: %zu refused, %zu corrupt, %zu of another "
        "schema, %zu torn, %zu passed, %zu lost, %zu apart, %zu stuck\n",
        run->journal_mode, run->synchronous, count, findings->states, findings->refused,
        findings->corrupt, findings->schema, findings->torn, findings->passed, findings->lost,
        findings->apart, findings->stuck);
    if (findings->first[0] != '\0')
        print_message("    first: %s\n", findings->first);
}

static void
read_schemas(struct sample *sample, char schemas[3][8192])
{
    static const char *const names[] = {"library.db", "archive.db", "journal.db"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        ask_file(sample, names[i], SCHEMA_SQL, schemas[i], 8192);
}

/* Records the program and checks every state; `prepare` may begin in its own way. */
static struct findings
replay(struct sample *sample, const struct run *run, void (*prepare)(struct sample *))
{
    static char schemas[3][8192];
    struct findings findings = {.states = 0};
    disk_record(sample->directory);
    if (prepare != NULL)
        prepare(sample);
    run_program(sample, run);
    size_t count = disk_stop();
    read_schemas(sample, schemas);
    check_states(&findings, sample, run, (const char *const[]){schemas[0], schemas[1], schemas[2]},
                 count);
    disk_forget();
    return findings;
}

static int
variants(int in_ci)
{
    return faults_loops(in_ci, 8);
}

static int
step(int in_ci)
{
    return faults_loops(in_ci, 1);
}

/* ---- the promises ---- */

static void
assert_sound(const struct findings *findings)
{
    assert_int_equal(findings->refused, 0);
    assert_int_equal(findings->corrupt, 0);
    assert_int_equal(findings->schema, 0);
    assert_int_equal(findings->torn, 0);
    assert_int_equal(findings->stuck, 0);
}

static void
a_log_at_full_loses_nothing_that_was_acknowledged(void **state)
{
    const struct run run = {"WAL", "FULL", variants(5), 1, 0, false};
    struct findings findings = replay(*state, &run, NULL);
    assert_sound(&findings);
    assert_int_equal(findings.passed, 0);
    assert_int_equal(findings.lost, 0);
    assert_true(findings.states >= 1500);
    /* what the documentation says of two files with logs happens: the test can see it */
    assert_true(findings.apart > 0);
}

static void
a_log_at_normal_loses_the_last_units_only(void **state)
{
    const struct run run = {"WAL", "NORMAL", variants(4), step(9), 0, false};
    struct findings findings = replay(*state, &run, NULL);
    assert_sound(&findings);
    assert_int_equal(findings.passed, 0);
}

static void
a_killed_process_loses_nothing_at_normal(void **state)
{
    const struct run run = {"WAL", "NORMAL", 1, step(7), 0, false};
    struct findings findings = replay(*state, &run, NULL);
    assert_sound(&findings);
    assert_int_equal(findings.passed, 0);
    assert_int_equal(findings.lost, 0);
}

static void
a_journal_at_extra_loses_nothing_and_keeps_files_together(void **state)
{
    const struct run run = {"DELETE", "EXTRA", variants(3), step(9), 0, false};
    struct findings findings = replay(*state, &run, NULL);
    assert_sound(&findings);
    assert_int_equal(findings.passed, 0);
    assert_int_equal(findings.lost, 0);
    assert_int_equal(findings.apart, 0);
}

static void
atomic_units_over_two_files_are_never_apart(void **state)
{
    const struct run run = {"WAL", "FULL", variants(3), step(3), CLEAT_ATOMIC, false};
    struct findings findings = replay(*state, &run, NULL);
    assert_sound(&findings);
    assert_int_equal(findings.passed, 0);
    assert_int_equal(findings.lost, 0);
    assert_int_equal(findings.apart, 0);
}

/* What is redone in the attached file may be later than what that file has lost. */
static void
atomic_units_at_normal_are_never_apart(void **state)
{
    const struct run run = {"WAL", "NORMAL", variants(3), step(5), CLEAT_ATOMIC, false};
    struct findings findings = replay(*state, &run, NULL);
    assert_sound(&findings);
    assert_int_equal(findings.apart, 0);
}

/* The journal that brings the last unit back is deleted without a sync of its directory, except at
 * EXTRA: that unit may be lost, in both files. */
static void
units_of_an_atomic_group_are_never_apart(void **state)
{
    const struct run run = {"WAL", "NORMAL", variants(3), step(9), 0, true};
    struct findings findings = replay(*state, &run, NULL);
    assert_sound(&findings);
    assert_int_equal(findings.passed, 0);
    assert_int_equal(findings.apart, 0);
}

/* ---- controls ---- */

static void
without_syncs_the_same_checks_find_damage(void **state)
{
    const struct run run = {"DELETE", "OFF", variants(4), step(41), 0, false};
    struct findings findings = replay(*state, &run, NULL);
    assert_true(findings.corrupt > 0);
    assert_true(findings.lost > 0);
}

static void
ignore_own_syncs(struct sample *sample)
{
    (void)sample;
    disk_ignore_own_syncs();
}

static void
without_the_syncs_of_boot_the_same_checks_find_damage(void **state)
{
    const struct run run = {"WAL", "FULL", variants(4), step(29), 0, false};
    struct findings findings = replay(*state, &run, ignore_own_syncs);
    assert_true(findings.corrupt + findings.refused > 0);
}

/* A program that makes its archive in place, with the bookkeeping first: who reads it in between
 * believes that all is done. */
static void
create_in_place(struct sample *sample)
{
    char sql[128];
    static const char *const names[] = {"archive.db", "journal.db", "library.db"};
    assert_int_equal(sample_open(sample), CLEAT_OK);
    int64_t application = sample_ask(sample_path(sample, "archive.db"), "PRAGMA application_id");
    int64_t version = sample_ask(sample_path(sample, "archive.db"), "PRAGMA user_version");
    sample_close(sample);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        unlink(sample_path(sample, names[i]));
    disk_record(sample->directory);
    snprintf(sql, sizeof sql, "PRAGMA application_id=%lld; PRAGMA user_version=%lld",
             (long long)application, (long long)version);
    sample_run(sample_path(sample, "archive.db"), sql);
    sample_run(sample_path(sample, "archive.db"), archive_schema[0]);
}

static void
bookkeeping_outside_of_the_transaction_is_found(void **state)
{
    const struct run run = {"WAL", "FULL", variants(4), step(29), 0, false};
    struct findings findings = replay(*state, &run, create_in_place);
    assert_true(findings.refused > 0);
}

/* An argument names the tests to run, with * for any text. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_log_at_full_loses_nothing_that_was_acknowledged),
        TEST(a_log_at_normal_loses_the_last_units_only),
        TEST(a_killed_process_loses_nothing_at_normal),
        TEST(a_journal_at_extra_loses_nothing_and_keeps_files_together),
        TEST(atomic_units_over_two_files_are_never_apart),
        TEST(atomic_units_at_normal_are_never_apart),
        TEST(units_of_an_atomic_group_are_never_apart),
        TEST(without_syncs_the_same_checks_find_damage),
        TEST(without_the_syncs_of_boot_the_same_checks_find_damage),
        TEST(bookkeeping_outside_of_the_transaction_is_found),
    };
    shim_install();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
