/* test_migrate.c: a file that is behind is brought up before anyone connects, or left as it is with
 * a reason that a person can act on. The migrations are written by hand; those that the tool writes
 * have tests of their own. */
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

#include <glob.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a shop in four revisions ---- */

#define BOOKS_1 "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL) STRICT"
#define BOOKS_2                                                                                    \
    "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL, title TEXT NOT NULL "         \
    "DEFAULT '') STRICT"
#define REVIEWS                                                                                    \
    "CREATE TABLE reviews (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books "     \
    "(id) ON DELETE CASCADE) STRICT"
#define BOOKS_INDEX "CREATE UNIQUE INDEX books_isbn_key ON books (isbn)"
#define BOOKS_TRIGGER                                                                              \
    "CREATE TRIGGER books_delete AFTER DELETE ON books BEGIN DELETE FROM reviews WHERE book_id "   \
    "= old.id; END"

static const cleat_change first_up[] = {{NULL, BOOKS_1}, {NULL, REVIEWS}};
static const cleat_change second_up[] = {
    {NULL, "ALTER TABLE books ADD COLUMN title TEXT NOT NULL DEFAULT ''"}};
static const cleat_change second_down[] = {{NULL, "ALTER TABLE books DROP COLUMN title"}};
static const cleat_change third_up[] = {
    {"books.isbn is unique",
     "SELECT id FROM books WHERE isbn IN (SELECT isbn FROM books GROUP BY isbn HAVING count(*) > "
     "1)"},
    {NULL, BOOKS_INDEX},
    {NULL, BOOKS_TRIGGER}};

static const cleat_migration migrations[] = {
    CLEAT_MIGRATION_ONE_WAY("100000000001", "", "a00000000001", "books and reviews", first_up),
    CLEAT_MIGRATION("100000000002", "100000000001", "a00000000002", "books have titles", second_up,
                    second_down),
    CLEAT_MIGRATION_ONE_WAY("100000000003", "100000000002", "a00000000003", "one isbn, one book",
                            third_up),
};

static const char *const schema_1[] = {BOOKS_1, REVIEWS, NULL};
static const char *const schema_2[] = {BOOKS_2, REVIEWS, NULL};
static const char *const schema_3[] = {BOOKS_2, BOOKS_INDEX, REVIEWS, BOOKS_TRIGGER, NULL};
static const char *const none[] = {NULL};
static const cleat_table *const no_tables[] = {NULL};

#define SHOP(revision, schema, list, count)                                                        \
    {                                                                                              \
        {                                                                                          \
            "shop", revision, none, no_tables, schema, none, 0, list, count, NULL, NULL            \
        }                                                                                          \
    }
#define TABLE_OF(databases)                                                                        \
    {                                                                                              \
        CLEAT_GENERATED_ABI, "shop", NULL, databases, 1                                            \
    }

static const cleat_database before_history[] = SHOP("a00000000001", schema_1, NULL, 0);
static const cleat_database shop_1[] = SHOP("a00000000001", schema_1, migrations, 1);
static const cleat_database shop_2[] = SHOP("a00000000002", schema_2, migrations, 2);
static const cleat_database shop_3[] = SHOP("a00000000003", schema_3, migrations, 3);
static const cleat_init_table program_0 = TABLE_OF(before_history);
static const cleat_init_table program_1 = TABLE_OF(shop_1);
static const cleat_init_table program_2 = TABLE_OF(shop_2);
static const cleat_init_table program_3 = TABLE_OF(shop_3);

/* The way of another branch. */
static const cleat_change other_up[] = {{NULL, "ALTER TABLE books ADD COLUMN pages INTEGER"}};
static const char *const schema_other[] = {
    "CREATE TABLE books (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL, pages INTEGER) STRICT",
    REVIEWS, NULL};
static const cleat_migration other_migrations[] = {
    CLEAT_MIGRATION_ONE_WAY("100000000001", "", "a00000000001", "books and reviews", first_up),
    CLEAT_MIGRATION_ONE_WAY("100000000009", "100000000001", "a00000000009", "books have pages",
                            other_up),
};
static const cleat_database shop_other[] = SHOP("a00000000009", schema_other, other_migrations, 2);
static const cleat_init_table program_other = TABLE_OF(shop_other);

/* ---- helpers ---- */

static cleat_status
boot(struct sample *sample, const cleat_init_table *program)
{
    sample_close(sample);
    sample->line_count = 0;
    return cleat_registry_open(program, &sample->settings, &sample->registry);
}

static const char *
shop(struct sample *sample)
{
    return sample_path(sample, "shop.db");
}

static int64_t
ask(struct sample *sample, const char *sql)
{
    return sample_ask(shop(sample), sql);
}

/* A file as the program left it that had revision 1, with rows. */
static void
make_old(struct sample *sample)
{
    assert_int_equal(boot(sample, &program_1), CLEAT_OK);
    sample_close(sample);
    sample_run(shop(sample),
               "INSERT INTO books VALUES (7, 'a'), (9, 'b');"
               "INSERT INTO reviews VALUES (1, 7), (2, 9), (3, 9)");
}

static void
assert_text(struct sample *sample, const char *words)
{
    const char *text = cleat_registry_error(sample->registry)->text;
    if (strstr(text, words) == NULL)
        fail_msg("'%s' is not in: %s", words, text);
}

/* Boots a program that must refuse the file, in these words, without a changed byte. */
static void
assert_refused(struct sample *sample, const cleat_init_table *program, cleat_status status,
               const char *words)
{
    size_t size, size_after;
    char *bytes = sample_read(shop(sample), &size);
    assert_int_equal(boot(sample, program), status);
    assert_text(sample, words);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "shop");
    char *after = sample_read(shop(sample), &size_after);
    assert_int_equal(size, size_after);
    assert_memory_equal(bytes, after, size);
    free(bytes);
    free(after);
}

static void
assert_whole(struct sample *sample, int64_t revisions)
{
    assert_int_equal(ask(sample, "SELECT count(*) FROM cleat_migrations"), revisions);
    assert_int_equal(ask(sample, "SELECT sum(id) FROM books"), 16);
    assert_int_equal(ask(sample, "SELECT sum(id * book_id) FROM reviews"), 7 + 18 + 27);
}

/* ---- files ---- */

static void
a_new_file_has_every_migration(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(ask(sample, "SELECT count(*) FROM cleat_migrations WHERE origin = 'created'"),
                     3);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    assert_true(sample_logged(sample, "shop: Database verified"));
}

static void
an_old_file_is_brought_up_with_its_rows(void **state)
{
    struct sample *sample = *state;
    cleat_database_info info;
    make_old(sample);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    assert_true(sample_logged(sample, "Migration 100000000002 applied: books have titles"));
    assert_true(sample_logged(sample, "shop: Database migrated"));
    assert_int_equal(cleat_registry_database(sample->registry, 0, &info), CLEAT_OK);
    assert_int_equal(info.migrated, 2);
    sample_close(sample);
    assert_whole(sample, 3);
    assert_int_equal(ask(sample, "SELECT count(*) FROM cleat_migrations WHERE origin = 'applied'"),
                     2);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    assert_true(sample_logged(sample, "shop: Database verified"));
}

static void
a_file_from_before_the_history_is_recognised(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(boot(sample, &program_0), CLEAT_OK);
    sample_close(sample);
    sample_run(shop(sample),
               "INSERT INTO books VALUES (7, 'a'), (9, 'b');"
               "INSERT INTO reviews VALUES (1, 7), (2, 9), (3, 9)");
    assert_int_equal(boot(sample, &program_1), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(
        ask(sample, "SELECT count(*) FROM cleat_migrations WHERE origin = 'recognised'"), 1);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    assert_whole(sample, 3);
}

static void
a_newer_file_is_refused(void **state)
{
    struct sample *sample = *state;
    make_old(sample);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    assert_refused(sample, &program_2, CLEAT_NEWER, "it has migration 100000000003");
    assert_refused(sample, &program_0, CLEAT_NEWER, "written by a newer program");
}

static void
a_file_of_another_branch_is_refused(void **state)
{
    struct sample *sample = *state;
    make_old(sample);
    assert_int_equal(boot(sample, &program_other), CLEAT_OK);
    sample_close(sample);
    assert_refused(sample, &program_2, CLEAT_DRIFT,
                   "it has migration 100000000009, which this program does not know, and not "
                   "100000000002");
}

static void
a_file_that_others_changed_is_refused(void **state)
{
    struct sample *sample = *state;
    make_old(sample);
    sample_run(shop(sample), "CREATE INDEX mine ON books (isbn)");
    assert_refused(sample, &program_3, CLEAT_DRIFT, "index mine is in the file");
    sample_close(sample);
    sample_run(shop(sample), "CREATE INDEX other ON reviews (book_id); CREATE TABLE third (a)");
    assert_refused(sample, &program_3, CLEAT_DRIFT,
                   "index mine is in the file and not in the schema, and 2 more");
}

static void
a_list_with_a_gap_is_refused(void **state)
{
    struct sample *sample = *state;
    make_old(sample);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    sample_run(shop(sample),
               "DELETE FROM cleat_migrations WHERE revision = '100000000002';"
               "PRAGMA user_version = 5");
    assert_refused(sample, &program_3, CLEAT_DRIFT, "without the one before it, 100000000002");
}

/* ---- rows ---- */

static void
rows_that_do_not_fit_are_counted_and_named(void **state)
{
    struct sample *sample = *state;
    make_old(sample);
    sample_run(shop(sample), "INSERT INTO books VALUES (11, 'b'), (12, 'a')");
    assert_int_equal(boot(sample, &program_2), CLEAT_OK);
    sample_close(sample);
    assert_refused(sample, &program_3, CLEAT_CHECK,
                   "books.isbn is unique; 4 rows are not so: 7, 9, 11, 12");
    sample_run(shop(sample), "DELETE FROM books WHERE id > 9");
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    assert_whole(sample, 3);
}

/* A step that fails leaves those before it, and nothing of its own. */
static const cleat_change bad_up[] = {{NULL, "ALTER TABLE books ADD COLUMN title TEXT"},
                                      {NULL, "DELETE FROM books WHERE id = 7"}};
static const cleat_change commit_up[] = {{NULL, "DELETE FROM reviews"}, {NULL, "COMMIT"}};
static const cleat_change view_up[] = {{NULL, "CREATE VIEW v AS SELECT pages FROM books"}};
static const cleat_change list_up[] = {{NULL, "DELETE FROM cleat_migrations"}};
static const cleat_change trigger_up[] = {
    {NULL,
     "CREATE TRIGGER t AFTER INSERT ON books BEGIN INSERT INTO reviews (page) VALUES (1); "
     "END"}};

static void
assert_step_refused(struct sample *sample, const cleat_change *up, uint16_t count,
                    cleat_status status, const char *words)
{
    const cleat_migration list[] = {
        migrations[0],
        {"100000000008", "100000000001", "a00000000008", "a step", up, NULL, count, 0},
    };
    const cleat_database databases[] = SHOP("a00000000008", schema_2, list, 2);
    const cleat_init_table program = TABLE_OF(databases);
    assert_refused(sample, &program, status, words);
    sample_close(sample);
    assert_whole(sample, 1);
}

static void
a_step_that_breaks_something_leaves_no_trace(void **state)
{
    struct sample *sample = *state;
    make_old(sample);
    assert_step_refused(sample, bad_up, 2, CLEAT_FOREIGN_KEY,
                        "1 reference has no target: reviews 1 to books");
    assert_step_refused(sample, commit_up, 2, CLEAT_ERROR, "not authorized");
    assert_step_refused(sample, list_up, 1, CLEAT_ERROR, "not authorized");
    assert_step_refused(sample, view_up, 1, CLEAT_ERROR, "the view v cannot be used");
    assert_step_refused(sample, trigger_up, 1, CLEAT_ERROR,
                        "the table's trigger books cannot be used");
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    assert_whole(sample, 3);
}

/* References that had no target before are not the migration's fault. */
static void
old_orphans_do_not_stop_a_step(void **state)
{
    static const cleat_change up[] = {{NULL,
                                       "ALTER TABLE books ADD COLUMN title TEXT NOT NULL "
                                       "DEFAULT ''"},
                                      {NULL, "UPDATE books SET title = isbn"}};
    struct sample *sample = *state;
    const cleat_migration list[] = {
        migrations[0],
        {"100000000002", "100000000001", "a00000000002", "titles", up, NULL, 2, 0},
    };
    const cleat_database databases[] = SHOP("a00000000002", schema_2, list, 2);
    const cleat_init_table program = TABLE_OF(databases);
    make_old(sample);
    sample_run(shop(sample), "PRAGMA foreign_keys=OFF; INSERT INTO reviews VALUES (5, 1000)");
    assert_int_equal(boot(sample, &program), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(ask(sample, "SELECT count(*) FROM books WHERE title = isbn"), 2);
}

/* Boots a program whose second migration is `up`. */
static cleat_status
boot_with_step(struct sample *sample, const cleat_change *up, uint16_t count,
               const char *const *schema)
{
    const cleat_migration list[] = {
        migrations[0],
        {"100000000002", "100000000001", "a00000000002", "a step", up, NULL, count, 0},
    };
    const cleat_database databases[] = SHOP("a00000000002", schema, list, 2);
    const cleat_init_table program = TABLE_OF(databases);
    return boot(sample, &program);
}

/* As many as before are not the same as before. */
static void
a_new_orphan_in_the_place_of_an_old_one_is_found(void **state)
{
    static const cleat_change up[] = {{NULL, "DELETE FROM reviews WHERE id = 5"},
                                      {NULL, "DELETE FROM books WHERE id = 7"}};
    struct sample *sample = *state;
    make_old(sample);
    sample_run(shop(sample), "PRAGMA foreign_keys=OFF; INSERT INTO reviews VALUES (5, 1000)");
    assert_int_equal(boot_with_step(sample, up, 2, schema_1), CLEAT_FOREIGN_KEY);
    assert_text(sample,
                "after it 1 reference has no target that had one before: reviews 1 to books");
    sample_close(sample);
    assert_int_equal(ask(sample, "SELECT sum(id) FROM books"), 16);
}

static void
old_orphans_are_known_under_new_names(void **state)
{
    static const char *const renamed[] = {
        "CREATE TABLE \"tomes\" (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL) STRICT",
        "CREATE TABLE \"notes\" (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES "
        "\"tomes\" (id) ON DELETE CASCADE) STRICT",
        NULL};
    static const cleat_change up[] = {{NULL, "ALTER TABLE books RENAME TO tomes"},
                                      {NULL, "ALTER TABLE reviews RENAME TO notes"},
                                      {NULL, "UPDATE notes SET id = id"}};
    struct sample *sample = *state;
    make_old(sample);
    sample_run(shop(sample), "PRAGMA foreign_keys=OFF; INSERT INTO reviews VALUES (5, 1000)");
    assert_int_equal(boot_with_step(sample, up, 3, renamed), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(ask(sample, "SELECT count(*) FROM notes"), 4);
}

/* ---- statistics ---- */

static void
statistics_go_through_a_rebuild_and_a_new_name(void **state)
{
    static const char *const changed[] = {
        "CREATE TABLE \"tomes\" (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL CHECK (isbn <> '')) "
        "STRICT",
        "CREATE TABLE reviews (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES "
        "\"tomes\" (id) ON DELETE CASCADE) STRICT",
        "CREATE INDEX tomes_isbn ON \"tomes\" (isbn)",
        "CREATE INDEX reviews_book ON reviews (book_id)",
        "CREATE INDEX reviews_late ON reviews (book_id) WHERE id > 2",
        NULL};
    static const cleat_change first[] = {{NULL, BOOKS_1},
                                         {NULL, REVIEWS},
                                         {NULL, "CREATE INDEX tomes_isbn ON books (isbn)"},
                                         {NULL, "CREATE INDEX reviews_book ON reviews (book_id)"},
                                         {NULL,
                                          "CREATE INDEX reviews_late ON reviews (book_id) "
                                          "WHERE id > 1"}};
    static const cleat_change second[] = {
        {NULL, "ALTER TABLE books RENAME TO tomes"},
        {NULL,
         "CREATE TABLE cleat_new_tomes (id INTEGER PRIMARY KEY, isbn TEXT NOT NULL CHECK "
         "(isbn <> '')) STRICT"},
        {NULL, "INSERT INTO cleat_new_tomes (id, isbn) SELECT id, isbn FROM tomes"},
        {NULL, "DROP TABLE tomes"},
        {NULL, "PRAGMA legacy_alter_table = ON"},
        {NULL, "ALTER TABLE cleat_new_tomes RENAME TO tomes"},
        {NULL, "PRAGMA legacy_alter_table = OFF"},
        {NULL, "CREATE INDEX tomes_isbn ON tomes (isbn)"},
        {NULL, "DROP INDEX reviews_late"},
        {NULL, "CREATE INDEX reviews_late ON reviews (book_id) WHERE id > 2"}};
    static const char *const before[] = {
        BOOKS_1,
        REVIEWS,
        "CREATE INDEX tomes_isbn ON books (isbn)",
        "CREATE INDEX reviews_book ON reviews (book_id)",
        "CREATE INDEX reviews_late ON reviews (book_id) WHERE id > 1",
        NULL};
    const cleat_migration list[] = {
        {"100000000001", "", "a00000000001", "indexes", first, NULL, CLEAT_COUNT(first), 0},
        {"100000000002", "100000000001", "a00000000002", "a step", second, NULL,
         CLEAT_COUNT(second), 0},
    };
    const cleat_database old[] = SHOP("a00000000001", before, list, 1);
    const cleat_database new[] = SHOP("a00000000002", changed, list, 2);
    const cleat_init_table old_program = TABLE_OF(old), new_program = TABLE_OF(new);
    struct sample *sample = *state;
    assert_int_equal(boot(sample, &old_program), CLEAT_OK);
    sample_close(sample);
    sample_run(shop(sample),
               "INSERT INTO books VALUES (7, 'a'), (9, 'b');"
               "INSERT INTO reviews VALUES (1, 7), (2, 9), (3, 9); ANALYZE");
    assert_int_equal(boot(sample, &new_program), CLEAT_OK);
    assert_true(sample_logged(sample, "Database migrated"));
    sample_close(sample);
    assert_int_equal(ask(sample,
                         "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'tomes' AND idx = "
                         "'tomes_isbn' AND stat = '2 1'"),
                     1);
    assert_int_equal(ask(sample,
                         "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'reviews' AND idx "
                         "= 'reviews_book'"),
                     1);
    assert_int_equal(
        ask(sample, "SELECT count(*) FROM sqlite_stat1 WHERE tbl <> 'cleat_migrations'"), 2);
    assert_int_equal(boot(sample, &new_program), CLEAT_OK);
    assert_true(sample_logged(sample, "Database verified"));
}

/* ---- on request ---- */

static void
a_backup_is_made_on_request(void **state)
{
    struct sample *sample = *state;
    char pattern[200];
    glob_t found;
    struct stat status;
    make_old(sample);
    cleat_settings_set(&sample->settings, "migrate_backup", "1");
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    snprintf(pattern, sizeof pattern, "%s.*", shop(sample));
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    assert_int_equal(stat(found.gl_pathv[0], &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(sample_ask(found.gl_pathv[0], "SELECT count(*) FROM cleat_migrations"), 1);
    assert_int_equal(sample_ask(found.gl_pathv[0], "SELECT sum(id) FROM books"), 16);
    globfree(&found);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    assert_int_equal(found.gl_pathc, 1);
    globfree(&found);
}

static void
migrations_are_left_alone_on_request(void **state)
{
    struct sample *sample = *state;
    make_old(sample);
    cleat_settings_set(&sample->settings, "migrate", "0");
    assert_refused(sample, &program_3, CLEAT_DRIFT, "lacks 2 migrations");
}

struct watch {
    int calls;
    int stop; /* at this call; 0: never */
    int kill; /* this process, at this call */
};

static bool
on_progress(void *data, const cleat_progress *progress)
{
    struct watch *watch = data;
    watch->calls++;
    if (watch->calls == watch->kill)
        kill(getpid(), SIGKILL);
    assert_string_equal(progress->database, "shop");
    assert_true(progress->step >= 1 && progress->step <= progress->steps);
    assert_true(progress->statement < progress->statements);
    return watch->calls != watch->stop;
}

static void
progress_is_told_and_can_stop(void **state)
{
    struct sample *sample = *state;
    struct watch watch = {0, 2, 0};
    make_old(sample);
    cleat_settings_progress(&sample->settings, on_progress, &watch);
    assert_int_equal(boot(sample, &program_3), CLEAT_INTERRUPTED);
    assert_text(sample, "migration 100000000003 was stopped");
    sample_close(sample);
    assert_whole(sample, 2);
    watch = (struct watch){0, 0, 0};
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    assert_int_equal(watch.calls, 3);
    sample_close(sample);
    assert_whole(sample, 3);
}

/* ---- crashes and company ---- */

/* Boots in another process, which is killed at a call of the hook. Returns whether it was. */
static bool
boot_and_kill(struct sample *sample, int at)
{
    struct watch watch = {0, 0, at};
    pid_t child = fork();
    if (child == 0) {
        cleat_settings_progress(&sample->settings, on_progress, &watch);
        _exit(boot(sample, &program_3) == CLEAT_OK ? 0 : 1);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void
a_kill_at_any_statement_loses_nothing(void **state)
{
    struct sample *sample = *state;
    bool killed = true;
    int at = 0;
    while (killed) {
        make_old(sample);
        killed = boot_and_kill(sample, ++at);
        int64_t revisions = ask(sample, "SELECT count(*) FROM cleat_migrations");
        int64_t titles = ask(sample,
                             "SELECT count(*) FROM pragma_table_info('books') WHERE name = "
                             "'title'");
        assert_int_equal(titles, revisions > 1);
        assert_whole(sample, revisions);
        assert_int_equal(boot(sample, &program_3), CLEAT_OK);
        sample_close(sample);
        assert_whole(sample, 3);
        unlink(shop(sample));
    }
    assert_true(at > 3);
}

static void
two_processes_migrate_once(void **state)
{
    struct sample *sample = *state;
    for (int round = 0; round < 10; round++) {
        pid_t children[4];
        make_old(sample);
        for (size_t i = 0; i < CLEAT_COUNT(children); i++) {
            children[i] = fork();
            if (children[i] == 0)
                _exit(boot(sample, &program_3) == CLEAT_OK ? 0 : 1);
        }
        for (size_t i = 0; i < CLEAT_COUNT(children); i++) {
            int status = 1;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        assert_whole(sample, 3);
        unlink(shop(sample));
    }
}

/* The cookie of the schema must not come back: an old program that is still connected would write
 * rows as they were before. */
static void
a_connection_that_is_open_sees_the_change(void **state)
{
    struct sample *sample = *state;
    sqlite3 *old = NULL;
    make_old(sample);
    assert_int_equal(sqlite3_open(shop(sample), &old), SQLITE_OK);
    assert_int_equal(sqlite3_exec(old, "SELECT * FROM books", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(boot(sample, &program_3), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(sqlite3_exec(old, "INSERT INTO books (id, isbn, title) VALUES (20, 'z', 't')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(old, "INSERT INTO books (id, isbn) VALUES (21, 'z')", NULL, NULL, NULL),
        SQLITE_CONSTRAINT);
    sqlite3_close(old);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_has_every_migration),
        TEST(an_old_file_is_brought_up_with_its_rows),
        TEST(a_file_from_before_the_history_is_recognised),
        TEST(a_newer_file_is_refused),
        TEST(a_file_of_another_branch_is_refused),
        TEST(a_file_that_others_changed_is_refused),
        TEST(a_list_with_a_gap_is_refused),
        TEST(rows_that_do_not_fit_are_counted_and_named),
        TEST(a_step_that_breaks_something_leaves_no_trace),
        TEST(old_orphans_do_not_stop_a_step),
        TEST(a_new_orphan_in_the_place_of_an_old_one_is_found),
        TEST(old_orphans_are_known_under_new_names),
        TEST(statistics_go_through_a_rebuild_and_a_new_name),
        TEST(a_backup_is_made_on_request),
        TEST(migrations_are_left_alone_on_request),
        TEST(progress_is_told_and_can_stop),
        TEST(a_kill_at_any_statement_loses_nothing),
        TEST(two_processes_migrate_once),
        TEST(a_connection_that_is_open_sees_the_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
