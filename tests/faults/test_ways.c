/* test_ways.c: the ways of a file through its history that only the tool takes (to a revision, back,
 * on trial, stamped, recognised, copied), and what ends them. Memory ends at any allocation, SQLite
 * answers any call with an error: the status says so, the file is whole and at one revision, the
 * same then leads where it always does. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "answers.h"
#include "faults.h"
#include "memory.h"
#include "sample.h"
#include "sweeps.h"

#include "execution/migration/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

/* ---- a history of three revisions, each with a way back but the first ---- */

#define FIRST "100000000001"
#define SECOND "100000000002"
#define THIRD "100000000003"
#define BOOKS_1 "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL) STRICT"
#define REVIEWS                                                                                    \
    "CREATE TABLE reviews (id INTEGER PRIMARY KEY,"                                                \
    " book_id INTEGER NOT NULL REFERENCES books (id)) STRICT"
#define REVIEWS_INDEX "CREATE INDEX reviews_book_id_idx ON reviews (book_id)"
#define COLUMNS_3                                                                                  \
    " (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL CHECK (isbn <> ''), pages INTEGER) STRICT"
#define BOOKS_INDEX "CREATE UNIQUE INDEX books_isbn_key ON books (isbn)"
#define THICK "CREATE VIEW thick AS SELECT id FROM books WHERE pages > 100"
#define THICK_DELETE                                                                               \
    "CREATE TRIGGER thick_delete INSTEAD OF DELETE ON thick BEGIN"                                 \
    " DELETE FROM books WHERE id = OLD.id; END"
#define BOOKS_DELETE                                                                               \
    "CREATE TRIGGER books_delete AFTER DELETE ON books BEGIN"                                      \
    " DELETE FROM reviews WHERE book_id = OLD.id; END"

static const cleat_change up_1[] = {{NULL, BOOKS_1}};
static const cleat_change up_2[] = {
    {"each ISBN is there once", "SELECT max(id) FROM books GROUP BY isbn HAVING count(*) > 1"},
    {NULL, REVIEWS},
    {NULL, REVIEWS_INDEX},
    {NULL, "INSERT INTO reviews SELECT id, id FROM books"},
};
static const cleat_change down_2[] = {{NULL, "DROP TABLE reviews"}};
static const cleat_change up_3[] = {
    {NULL, "CREATE TABLE books_new" COLUMNS_3},
    {NULL, "INSERT INTO books_new (id, isbn) SELECT id, isbn FROM books"},
    {NULL, "DROP TABLE books"},
    {NULL, "ALTER TABLE books_new RENAME TO books"},
    {NULL, BOOKS_INDEX},
    {NULL, THICK},
    {NULL, THICK_DELETE},
    {NULL, BOOKS_DELETE},
};
static const cleat_change down_3[] = {
    {NULL, "DROP VIEW thick"},
    {"no pages are lost", "SELECT id FROM books WHERE pages IS NOT NULL"},
    {NULL, "CREATE TABLE books_old (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL) STRICT"},
    {NULL, "INSERT INTO books_old SELECT id, isbn FROM books"},
    {NULL, "DROP TABLE books"},
    {NULL, "ALTER TABLE books_old RENAME TO books"},
};

static const cleat_migration migrations[] = {
    CLEAT_MIGRATION_ONE_WAY(FIRST, "", "a00000000001", "books", up_1),
    CLEAT_MIGRATION(SECOND, FIRST, "a00000000002", "reviews", up_2, down_2),
    CLEAT_MIGRATION(THIRD, SECOND, "a00000000003", "pages", up_3, down_3),
};
/* the last step loses a column on the way, or leaves rows without a target */
static const cleat_change up_astray[] = {{NULL, "ALTER TABLE books ADD COLUMN shelf TEXT"}};
static const cleat_change up_orphans[] = {{NULL, "DELETE FROM books WHERE id < 4"}};
static const cleat_change up_undone[] = {
    {NULL, "CREATE TABLE shelves (id INTEGER PRIMARY KEY)"},
    {"books are numbered from 1", "SELECT id FROM books WHERE id < 1"},
};
static const cleat_migration undone[] = {
    CLEAT_MIGRATION_ONE_WAY(FIRST, "", "a00000000001", "books", up_1),
    CLEAT_MIGRATION_ONE_WAY(SECOND, FIRST, "a00000000002", "reviews", up_2),
    CLEAT_MIGRATION_ONE_WAY(THIRD, SECOND, "a00000000003", "shelves", up_undone),
};
static const cleat_migration astray[] = {
    CLEAT_MIGRATION_ONE_WAY(FIRST, "", "a00000000001", "books", up_1),
    CLEAT_MIGRATION_ONE_WAY(SECOND, FIRST, "a00000000002", "reviews", up_2),
    CLEAT_MIGRATION_ONE_WAY(THIRD, SECOND, "a00000000003", "pages", up_astray),
};
static const cleat_migration orphaning[] = {
    CLEAT_MIGRATION_ONE_WAY(FIRST, "", "a00000000001", "books", up_1),
    CLEAT_MIGRATION_ONE_WAY(SECOND, FIRST, "a00000000002", "reviews", up_2),
    CLEAT_MIGRATION_ONE_WAY(THIRD, SECOND, "a00000000003", "pages", up_orphans),
};

static const char *const schema_1[] = {BOOKS_1, NULL};
static const char *const schema_3[] = {"CREATE TABLE books" COLUMNS_3,
                                       REVIEWS,
                                       REVIEWS_INDEX,
                                       BOOKS_INDEX,
                                       THICK,
                                       THICK_DELETE,
                                       BOOKS_DELETE,
                                       NULL};
static const char *const none[] = {NULL};
static const cleat_table *const no_tables[] = {NULL};

#define DATABASE(identity, sql, list, length)                                                      \
    {                                                                                              \
        .name = "shop", .revision = identity, .modules = none, .tables = no_tables, .schema = sql, \
        .links = none, .migrations = list, .migration_count = length                               \
    }
static const cleat_database shop_1[] = {DATABASE("a00000000001", schema_1, migrations, 1)};
static const cleat_database shop = DATABASE("a00000000003", schema_3, migrations, 3);
static const cleat_database shop_astray = DATABASE("a00000000003", schema_3, astray, 3);
static const cleat_database shop_orphaning = DATABASE("a00000000003", schema_3, orphaning, 3);
static const cleat_database shop_undone = DATABASE("a00000000003", NULL, undone, 3);
static const cleat_init_table program_1 = {
    .abi = CLEAT_GENERATED_ABI, .name = "shop", .databases = shop_1, .database_count = 1};

/* ---- files at each revision ---- */

enum { ROWS = 30 };

enum state { AT_1, AT_2, AT_3, STATES };

struct file {
    char *bytes;
    size_t size;
};

static struct file kept[STATES];

static const char *
path_of(struct sample *sample)
{
    return sample_path(sample, "shop.db");
}

static void
remove_files(struct sample *sample)
{
    static const char *const names[] = {"shop.db", "shop.db-wal", "shop.db-shm", "copy",
                                        "copy.part"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        unlink(sample_path(sample, names[i]));
}

/* A way, and what comes of it. */
struct way {
    const char *name;
    enum state from;
    const char *prepare; /* done to the file before; NULL for nothing */
    cleat_status (*run)(struct migrate *migrate, cleat_error *error); /* NULL: a copy */
    const char *to;
    bool dry;
    const cleat_database *database;
    cleat_status status;
    int64_t revision; /* of the file in the end */
};

static struct sample *copied; /* the one whose file is */

static cleat_status
run_handle(sqlite3 *handle, const struct way *way, cleat_error *error)
{
    struct migrate migrate = {
        .handle = handle,
        .database = way->database,
        .to = way->to,
        .dry = way->dry,
        .name_rows = true,
    };
    if (way->run == NULL)
        return cleat_migrate_backup(handle, sample_path(copied, "copy"), "shop", error);
    return way->run(&migrate, error);
}

static cleat_status
open_and_run(struct sample *sample, const struct way *way, sqlite3 **ret_handle, cleat_error *error)
{
    struct migrate migrate = {.database = way->database};
    copied = sample;
    int rc = cleat_migrate_open(path_of(sample), CLEAT_TRUSTED_SCHEMA, 1000, ret_handle);
    migrate.handle = *ret_handle;
    if (rc != SQLITE_OK)
        return cleat_migrate_fail(&migrate, rc, NULL, error);
    return run_handle(*ret_handle, way, error);
}

static cleat_status
up(struct sample *sample, const char *to)
{
    const struct way way = {.run = cleat_migrate_up, .to = to, .database = &shop};
    cleat_error error;
    sqlite3 *handle = NULL;
    cleat_status rc = open_and_run(sample, &way, &handle, &error);
    sqlite3_close(handle);
    return rc;
}

/* ---- the ways ---- */

/* What a file has that no list was ever in; the number is that of its schema. */
#define NO_LIST(version) "DROP TABLE cleat_migrations; PRAGMA user_version=" version
#define STRANGE "DROP TABLE cleat_migrations; PRAGMA application_id=0; PRAGMA user_version=0"
#define ORPHAN "INSERT INTO reviews VALUES (999, 999)"

static const struct way ways[] = {
    {"up", AT_1, NULL, cleat_migrate_up, NULL, false, &shop, CLEAT_OK, 3},
    {"up to a revision", AT_1, NULL, cleat_migrate_up, SECOND, false, &shop, CLEAT_OK, 2},
    {"up on trial", AT_1, NULL, cleat_migrate_up, NULL, true, &shop, CLEAT_OK, 1},
    {"up with orphans", AT_2, ORPHAN, cleat_migrate_up, NULL, false, &shop, CLEAT_OK, 3},
    {"up without a list", AT_1, "", cleat_migrate_up, NULL, false, &shop, CLEAT_OK, 3},
    {"up at the last without a list", AT_3, "", cleat_migrate_up, NULL, false, &shop, CLEAT_OK, 3},
    {"down", AT_3, NULL, cleat_migrate_down, NULL, false, &shop, CLEAT_OK, 2},
    {"down to a revision", AT_3, NULL, cleat_migrate_down, FIRST, false, &shop, CLEAT_OK, 1},
    {"down on trial", AT_3, NULL, cleat_migrate_down, FIRST, true, &shop, CLEAT_OK, 3},
    {"down with orphans", AT_3, ORPHAN, cleat_migrate_down, NULL, false, &shop, CLEAT_OK, 2},
    {"down without a list", AT_3, "", cleat_migrate_down, NULL, false, &shop, CLEAT_OK, 2},
    {"stamp", AT_2, STRANGE, cleat_migrate_stamp, SECOND, false, &shop, CLEAT_OK, 2},
    {"stamp on trial", AT_2, STRANGE, cleat_migrate_stamp, SECOND, true, &shop, CLEAT_OK, 2},
    {"a copy", AT_3, NULL, NULL, NULL, false, &shop, CLEAT_OK, 3},
    {"up over rows that must not be", AT_1, "UPDATE books SET isbn = 'x'", cleat_migrate_up, NULL,
     false, &shop, CLEAT_CHECK, 1},
    {"down over rows that must not be", AT_3, "UPDATE books SET pages = 7", cleat_migrate_down,
     FIRST, false, &shop, CLEAT_CHECK, 3},
    {"up to another schema", AT_2, NULL, cleat_migrate_up, NULL, false, &shop_astray, CLEAT_DRIFT,
     2},
    {"up to orphans", AT_2, NULL, cleat_migrate_up, NULL, false, &shop_orphaning, CLEAT_FOREIGN_KEY,
     2},
    {"up to orphans on trial", AT_2, NULL, cleat_migrate_up, NULL, true, &shop_orphaning,
     CLEAT_FOREIGN_KEY, 2},
    {"up to more orphans", AT_2, ORPHAN, cleat_migrate_up, NULL, false, &shop_orphaning,
     CLEAT_FOREIGN_KEY, 2},
    {"up to no revision", AT_2, NULL, cleat_migrate_up, "1000000000ff", false, &shop,
     CLEAT_NOT_FOUND, 2},
    {"up from no revision", AT_2, STRANGE, cleat_migrate_up, NULL, false, &shop, CLEAT_DRIFT, 2},
    {"down without a way back", AT_2, NULL, cleat_migrate_down, NULL, false, &shop_astray,
     CLEAT_MISUSE, 2},
};

/* The file that each way begins with. */
static struct file begun[CLEAT_COUNT(ways)];

static void
begin(struct sample *sample, size_t place)
{
    const struct way *way = &ways[place];
    char sql[200] = "";
    sample_write(path_of(sample), kept[way->from].bytes, kept[way->from].size);
    if (way->prepare != NULL && way->prepare[0] == '\0')
        snprintf(sql, sizeof sql, "DROP TABLE cleat_migrations; PRAGMA user_version=%d",
                 (int)cleat_version_number(migrations[way->from].schema, NULL));
    else if (way->prepare != NULL)
        snprintf(sql, sizeof sql, "%s", way->prepare);
    sample_run(path_of(sample), sql);
    begun[place].bytes = sample_read(path_of(sample), &begun[place].size);
}

static void
prepare(struct sample *sample, const struct way *way)
{
    const struct file *file = &begun[way - ways];
    remove_files(sample);
    sample_write(path_of(sample), file->bytes, file->size);
}

/* Whether the file is as the way has found it. */
static bool
is_untouched(struct sample *sample, const struct way *way)
{
    const struct file *file = &begun[way - ways];
    return sweep_is_same(path_of(sample), file->bytes, file->size);
}

static int
set_up(void **state)
{
    int rc = sample_set_up(state);
    struct sample *sample = *state;
    if (rc != 0)
        return rc;
    cleat_settings_set(&sample->settings, "log_level", "none");
    sample->table = &program_1;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    sample_run(path_of(sample),
               "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30)"
               " INSERT INTO books SELECT i, 'isbn ' || i FROM n; ANALYZE");
    kept[AT_1].bytes = sample_read(path_of(sample), &kept[AT_1].size);
    assert_int_equal(up(sample, SECOND), CLEAT_OK);
    sample_run(path_of(sample), "ANALYZE");
    kept[AT_2].bytes = sample_read(path_of(sample), &kept[AT_2].size);
    assert_int_equal(up(sample, NULL), CLEAT_OK);
    sample_run(path_of(sample), "ANALYZE");
    kept[AT_3].bytes = sample_read(path_of(sample), &kept[AT_3].size);
    for (size_t i = 0; i < CLEAT_COUNT(ways); i++)
        begin(sample, i);
    return 0;
}

static int
tear_down(void **state)
{
    for (size_t i = 0; i < STATES; i++)
        free(kept[i].bytes);
    for (size_t i = 0; i < CLEAT_COUNT(begun); i++)
        free(begun[i].bytes);
    return sample_tear_down(state);
}

#define HAS_LIST "SELECT count(*) FROM sqlite_schema WHERE name = 'cleat_migrations'"
#define REVISION                                                                                   \
    "SELECT 1 + (SELECT count(*) FROM sqlite_schema WHERE name = 'reviews') +"                     \
    " (SELECT count(*) FROM sqlite_schema WHERE name IN ('books', 'books_isbn_key', 'thick',"      \
    "  'thick_delete', 'books_delete') AND (name <> 'books' OR sql LIKE '%pages%')) / 5"
/* the parts of the last revision are there together or not at all */
#define MIXED                                                                                      \
    "SELECT (SELECT count(*) FROM sqlite_schema WHERE name IN ('books', 'books_isbn_key',"         \
    " 'thick', 'thick_delete', 'books_delete') AND (name <> 'books' OR sql LIKE '%pages%')) % 5"
#define ROWS_AND_SOUND                                                                             \
    "SELECT count(*) FROM books, pragma_integrity_check WHERE integrity_check = 'ok'"

/* Returns the file's revision. */
static int64_t
check_file(struct sample *sample, const char *where)
{
    static const char *const questions[] = {REVISION, MIXED, HAS_LIST, ROWS_AND_SOUND};
    int64_t answers[CLEAT_COUNT(questions)];
    sample_ask_each(path_of(sample), questions, CLEAT_COUNT(questions), answers);
    if (answers[3] != ROWS)
        fail_msg("%s: damaged", where);
    if (answers[1] != 0)
        fail_msg("%s: between two revisions", where);
    if (answers[2] == 1 &&
        sample_ask(path_of(sample), "SELECT count(*) FROM cleat_migrations") != answers[0])
        fail_msg("%s: the list is not that of revision %lld", where, (long long)answers[0]);
    return answers[0];
}

static void
check_copy(struct sample *sample, const char *where)
{
    const char *path = sample_path(sample, "copy");
    if (access(path, F_OK) == 0 && sample_ask(path, ROWS_AND_SOUND) != ROWS)
        fail_msg("%s: the copy is damaged", where);
    unlink(sample_path(sample, "copy"));
}

/* Without a failure. */
static void
run_whole(struct sample *sample, const struct way *way, const char *where)
{
    cleat_error error = {.status = CLEAT_OK};
    sqlite3 *handle = NULL;
    cleat_status rc = open_and_run(sample, way, &handle, &error);
    sqlite3_close(handle);
    if (rc != way->status)
        fail_msg("%s: %s, %s", where, cleat_status_name(rc), error.text);
    if (check_file(sample, where) != way->revision)
        fail_msg("%s: it leads to another revision", where);
    if (way->run == NULL)
        assert_int_equal(access(sample_path(sample, "copy"), F_OK), 0);
    check_copy(sample, where);
}

/* With one. What was done is not done again: a step down more would be another. Returns whether the
 * failure was reached. */
static bool
run_with_failure(struct sample *sample, const struct way *way, long place, bool lasting,
                 bool of_memory)
{
    char where[200];
    cleat_error error = {.status = CLEAT_OK};
    sqlite3 *handle = NULL;
    prepare(sample, way);
    if (of_memory)
        memory_arm(place, lasting);
    else
        answers_arm(place, lasting, SQLITE_IOERR);
    cleat_status rc = open_and_run(sample, way, &handle, &error);
    bool reached = of_memory ? !memory_disarm() : !answers_disarm();
    sqlite3_close(handle);
    if (of_memory)
        snprintf(where, sizeof where, "%s, allocation %ld %s", way->name, place,
                 lasting ? "and all after it" : "once");
    else
        snprintf(where, sizeof where, "%s, %s", way->name, answers_describe());
    bool says_so = of_memory ? rc == CLEAT_NOMEM : rc == CLEAT_IO || rc == CLEAT_CANNOT_OPEN;
    if (rc != way->status && !says_so)
        fail_msg("%s: %s, %s", where, cleat_status_name(rc), error.text);
    if (rc != CLEAT_OK && (error.status != rc || error.text[0] == '\0'))
        fail_msg("%s: the error says too little: %s", where, error.text);
    check_copy(sample, where);
    bool done = rc == way->status;
    if ((done || !is_untouched(sample, way)) && check_file(sample, where) != way->revision && done)
        fail_msg("%s: it says that it is done", where);
    if (rc != CLEAT_OK && faults_again(place))
        run_whole(sample, way, where);
    return reached;
}

static void
ways_lead_where_they_say(void **state)
{
    for (size_t i = 0; i < CLEAT_COUNT(ways); i++) {
        prepare(*state, &ways[i]);
        run_whole(*state, &ways[i], ways[i].name);
    }
}

/* ---- failures ---- */

static const struct strides of_ways = {11, 997};

static long
count_allocations(struct sample *sample, const struct way *way)
{
    prepare(sample, way);
    memory_arm(MEMORY_PLACES, false);
    cleat_error error;
    sqlite3 *handle = NULL;
    open_and_run(sample, way, &handle, &error);
    memory_disarm();
    sqlite3_close(handle);
    return memory_count();
}

static void
ways_end_well_when_memory_ends(void **state)
{
    long tried = 0, living = memory_living();
    sqlite3_int64 used = sqlite3_memory_used();
    for (size_t i = 0; i < CLEAT_COUNT(ways); i++)
        for (int lasting = 0; lasting < 2; lasting++) {
            long total = count_allocations(*state, &ways[i]), place = 0;
            for (; (place = memory_next(place, total, of_ways)) <= total; tried++)
                run_with_failure(*state, &ways[i], place, lasting, true);
        }
    assert_int_equal(memory_living(), living);
    assert_int_equal(sqlite3_memory_used(), used);
    print_message("    %ld failures\n", tried);
}

static void
ways_end_well_when_sqlite_fails(void **state)
{
    long tried = 0, stride = faults_stride(13);
    for (size_t i = 0; i < CLEAT_COUNT(ways); i++)
        for (int lasting = 0; lasting < 2; lasting++) {
            long place = 1 + ((long)i + lasting) % stride;
            for (; run_with_failure(*state, &ways[i], place, lasting, false); tried++)
                place += stride;
        }
    assert_true(tried > 0);
    print_message("    %ld failures\n", tried);
}

/* ---- a step that SQLite undoes without a word, as ANALYZE can when the disk fails ---- */

static bool
undo_before_the_last_change(void *data, const cleat_progress *progress)
{
    sqlite3 *handle = data;
    if (handle != NULL && progress->statement == 1) {
        sqlite3_set_authorizer(handle, NULL, NULL); /* it refuses this to the step itself */
        assert_int_equal(sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    }
    return true;
}

static cleat_status
run_undone(struct sample *sample, bool undo, cleat_error *error)
{
    struct migrate migrate = {.database = &shop_undone, .progress = undo_before_the_last_change};
    assert_int_equal(cleat_migrate_open(path_of(sample), 0, 1000, &migrate.handle), SQLITE_OK);
    migrate.progress_data = undo ? migrate.handle : NULL;
    cleat_status rc = cleat_migrate_up(&migrate, error);
    sqlite3_close(migrate.handle);
    return rc;
}

#define LISTED "SELECT count(*) FROM cleat_migrations"
#define SHELVES "SELECT count(*) FROM sqlite_schema WHERE name = 'shelves'"

static void
a_step_that_is_undone_meanwhile_is_not_in_the_list(void **state)
{
    struct sample *sample = *state;
    cleat_error error;
    remove_files(sample);
    sample_write(path_of(sample), kept[AT_2].bytes, kept[AT_2].size);
    assert_int_equal(run_undone(sample, true, &error), CLEAT_IO);
    assert_string_equal(error.text, "shop: migration " THIRD ": disk I/O error");
    assert_int_equal(sample_ask(path_of(sample), LISTED), 2);
    assert_int_equal(sample_ask(path_of(sample), SHELVES), 0);
    assert_int_equal(run_undone(sample, false, &error), CLEAT_OK);
    assert_int_equal(sample_ask(path_of(sample), LISTED), 3);
    assert_int_equal(sample_ask(path_of(sample), SHELVES), 1);
}

int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ways_lead_where_they_say),
        TEST(a_step_that_is_undone_meanwhile_is_not_in_the_list),
        TEST(ways_end_well_when_memory_ends),
        TEST(ways_end_well_when_sqlite_fails),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    memory_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
