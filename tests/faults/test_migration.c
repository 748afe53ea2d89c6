/* test_migration.c: the power goes off at every call of a boot that runs migrations on a file with
 * rows. Every state of the disk is one revision or another, as SQLite sees it, never between; the
 * next boot ends at the last one, with every row. A program that keeps its book outside of the
 * transaction is caught by the same checks. */
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

/* ---- a shop in three revisions ---- */

#define BOOKS_1 "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL) STRICT"
#define BOOKS_3                                                                                    \
    "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL CHECK (isbn <> ''),"           \
    " pages INTEGER) STRICT"
#define REVIEWS                                                                                    \
    "CREATE TABLE reviews (id INTEGER PRIMARY KEY,"                                                \
    " book_id INTEGER NOT NULL REFERENCES books (id)) STRICT"
#define BOOKS_INDEX "CREATE UNIQUE INDEX books_isbn_key ON books (isbn)"

static const cleat_change first_up[] = {{NULL, BOOKS_1}};
static const cleat_change second_up[] = {{NULL, REVIEWS},
                                         {NULL, "INSERT INTO reviews SELECT id, id FROM books"}};
static const cleat_change third_up[] = {
    {NULL,
     "CREATE TABLE books_new (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL CHECK (isbn <> ''),"
     " pages INTEGER) STRICT"},
    {NULL, "INSERT INTO books_new (id, isbn) SELECT id, isbn FROM books"},
    {NULL, "DROP TABLE books"},
    {NULL, "ALTER TABLE books_new RENAME TO books"},
    {NULL, BOOKS_INDEX},
};

static const cleat_migration migrations[] = {
    CLEAT_MIGRATION_ONE_WAY("100000000001", "", "a00000000001", "books", first_up),
    CLEAT_MIGRATION_ONE_WAY("100000000002", "100000000001", "a00000000002", "reviews", second_up),
    CLEAT_MIGRATION_ONE_WAY("100000000003", "100000000002", "a00000000003", "pages", third_up),
};

static const char *const schema_1[] = {BOOKS_1, NULL};
static const char *const schema_3[] = {BOOKS_3, REVIEWS, BOOKS_INDEX, NULL};
static const char *const none[] = {NULL};
static const cleat_table *const no_tables[] = {NULL};

static const cleat_database shop_1[] = {{
    .name = "shop",
    .revision = "a00000000001",
    .modules = none,
    .tables = no_tables,
    .schema = schema_1,
    .links = none,
    .migrations = migrations,
    .migration_count = 1,
}};
static const cleat_database shop_3[] = {{
    .name = "shop",
    .revision = "a00000000003",
    .modules = none,
    .tables = no_tables,
    .schema = schema_3,
    .links = none,
    .migrations = migrations,
    .migration_count = 3,
}};
static const cleat_init_table program_1 = {
    .abi = CLEAT_GENERATED_ABI, .name = "shop", .databases = shop_1, .database_count = 1};
static const cleat_init_table program_3 = {
    .abi = CLEAT_GENERATED_ABI, .name = "shop", .databases = shop_3, .database_count = 1};

enum { ROWS = 200 };

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

/* Which revision the schema is, 0 for none. */
static int64_t
revision_of(struct sample *sample)
{
    return ask(sample,
               "SELECT CASE (SELECT group_concat(name || ' ' || (sql LIKE '%pages%')) FROM"
               " (SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
               "  AND name <> 'cleat_migrations' ORDER BY name))"
               " WHEN 'books 0' THEN 1 WHEN 'books 0,reviews 0' THEN 2"
               " WHEN 'books 1,books_isbn_key 0,reviews 0' THEN 3 ELSE 0 END");
}

static void
check_before(struct findings *findings, struct sample *sample, const char *where)
{
    int64_t revision = revision_of(sample);
    findings->old += revision == 1 || revision == 2;
    findings->new += revision == 3;
    if (revision < 1 || ask(sample, "SELECT count(*) FROM cleat_migrations") != revision)
        found(findings, &findings->between, "neither old nor new", where);
    if (ask(sample, "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check='ok'") !=
            1 ||
        ask(sample, "SELECT count(*) FROM books") != ROWS)
        found(findings, &findings->damaged, "damaged", where);
}

static void
check_after(struct findings *findings, struct sample *sample, const char *where)
{
    cleat_status rc = cleat_registry_open(&program_3, &sample->settings, &sample->registry);
    if (rc != CLEAT_OK)
        found(findings, &findings->refused, cleat_registry_error(sample->registry)->text, where);
    sample_close(sample);
    if (rc == CLEAT_OK && (revision_of(sample) != 3 ||
                           ask(sample,
                               "SELECT count(*) FROM books JOIN reviews ON book_id = books.id"
                               " WHERE isbn = 'isbn ' || books.id") != ROWS))
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
    assert_int_equal(cleat_registry_open(&program_1, &sample->settings, &sample->registry),
                     CLEAT_OK);
    sample_close(sample);
    sample_run(sample_path(sample, "shop.db"),
               "PRAGMA synchronous=EXTRA;"
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200)"
               " INSERT INTO books SELECT i, 'isbn ' || i FROM n");
    return disk_count();
}

static void
migrate_and_check(struct sample *sample, const char *journal_mode)
{
    size_t from = make_old(sample, journal_mode);
    assert_int_equal(cleat_registry_open(&program_3, &sample->settings, &sample->registry),
                     CLEAT_OK);
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
    for (size_t i = 0; i < CLEAT_COUNT(third_up); i++)
        sample_run(path, third_up[i].sql);
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
