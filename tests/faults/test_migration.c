/* test_migration.c: the power goes off at every call of a boot that runs migrations on a file with
 * rows. Every state of the disk is one revision or another, as SQLite sees it, never between; the
 * next boot ends at the last one, with every row. A program that keeps its book outside of the
 * transaction is caught by the same checks. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "disk.h"
#include "faults.h"
#include "revisions.h"
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

/* ---- the states ---- */

struct findings {
    size_t states, old, new; /* old: any revision but the last */
    size_t between;          /* the schema is that of no revision, or its list is of another */
    size_t damaged;          /* integrity_check, or a row is missing */
    size_t refused;          /* the next boot fails, or does not end at the last revision */
    char first[512];
};

static void
found(struct findings *findings, size_t *count, const char *what, const char *where)
{
    ++*count;
    if (findings->first[0] == '\0')
        snprintf(findings->first, sizeof findings->first, "%.200s, after %.300s", what, where);
}

static int64_t
ask(struct sample *sample, const char *sql)
{
    sqlite3 *handle;
    sqlite3_stmt *statement = NULL;
    int64_t answer = -1;
    if (sqlite3_open(sample_path(sample, "shop.db"), &handle) == SQLITE_OK &&
        sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return answer;
}

static void
check_before(struct findings *findings, struct sample *sample, const char *where)
{
    int64_t revision = ask(sample, revisions_sql);
    findings->old += revision == 1 || revision == 2;
    findings->new += revision == 3;
    if (revision < 1 || ask(sample, "SELECT count(*) FROM cleat_migrations") != revision)
        found(findings, &findings->between, "neither old nor new", where);
    if (ask(sample, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'") !=
            1 ||
        ask(sample, "SELECT count(*) FROM books") != REVISIONS_ROWS)
        found(findings, &findings->damaged, "damaged", where);
}

static void
check_after(struct findings *findings, struct sample *sample, const char *where)
{
    cleat_status rc = sample_open(sample);
    if (rc != CLEAT_OK)
        found(findings, &findings->refused, cleat_registry_error(sample->registry)->text, where);
    sample_close(sample);
    if (rc == CLEAT_OK && (ask(sample, revisions_sql) != 3 ||
                           ask(sample,
                               "SELECT count(*) FROM books JOIN reviews ON book_id = books.id"
                               " WHERE isbn = 'isbn ' || books.id") != REVISIONS_ROWS))
        found(findings, &findings->refused, "the rows or the schema", where);
}

static struct findings
check_states(struct sample *sample, size_t from, size_t count, int variants)
{
    struct findings findings = {.states = 0};
    cleat_settings_set(&sample->settings, "log_level", "none");
    for (size_t calls = from; calls <= count; calls++)
        for (int variant = 0; variant < variants; variant++) {
            char where[320];
            int acknowledged;
            if (!disk_rebuild(calls, (unsigned)variant, faults_round(), &acknowledged))
                continue;
            snprintf(where, sizeof where, "%s, variant %d", disk_describe(calls), variant);
            findings.states++;
            check_before(&findings, sample, where);
            check_after(&findings, sample, where);
        }
    print_message("    %zu states, %zu old, %zu new: %zu between, %zu damaged, %zu refused\n",
                  findings.states, findings.old, findings.new, findings.between, findings.damaged,
                  findings.refused);
    if (findings.first[0] != '\0')
        print_message("    first: %s\n", findings.first);
    return findings;
}

/* A file of the first revision with rows; returns how many calls it took. */
static size_t
make_old(struct sample *sample, const char *journal_mode)
{
    cleat_settings_set(&sample->settings, "journal_mode", journal_mode);
    disk_record(sample->directory);
    revisions_make_old(sample);
    return disk_count();
}

static void
migrate_and_check(struct sample *sample, const char *journal_mode)
{
    size_t from = make_old(sample, journal_mode);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    size_t count = disk_stop();
    struct findings findings = check_states(sample, from, count, faults_loops(4, 20));
    disk_forget();
    assert_int_equal(findings.between, 0);
    assert_int_equal(findings.damaged, 0);
    assert_int_equal(findings.refused, 0);
    assert_true(findings.old > 0 && findings.new > 0);
}

static void
a_migration_with_a_log_is_done_or_not_begun(void **state)
{
    migrate_and_check(*state, "WAL");
}

static void
a_migration_with_a_journal_is_done_or_not_begun(void **state)
{
    migrate_and_check(*state, "DELETE");
}

/* The same changes by a program that commits each, and its book before them. */
static void
a_book_kept_outside_of_the_transaction_is_found(void **state)
{
    struct sample *sample = *state;
    size_t from = make_old(sample, "WAL");
    const char *path = sample_path(sample, "shop.db");
    sample_run(path, "DELETE FROM cleat_migrations");
    for (size_t i = 0; i < revision_3_change_count; i++)
        sample_run(path, revision_3_changes[i].sql);
    size_t count = disk_stop();
    struct findings findings = check_states(sample, from, count, 2);
    disk_forget();
    assert_true(findings.between > 0);
    assert_true(findings.refused > 0);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_migration_with_a_log_is_done_or_not_begun),
        TEST(a_migration_with_a_journal_is_done_or_not_begun),
        TEST(a_book_kept_outside_of_the_transaction_is_found),
    };
    shim_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
