/* test_snapshot.c: what is read from the text of a snapshot, and that a file made of it says the
 * same. */
#include "common/arena.h"
#include "snapshot/compare.h"
#include "snapshot/snapshot.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const char text[] =
    "-- A person.\n"
    "-- Of any kind.\n"
    "-- cleat: was people\n"
    "-- cleat: renamed given from \"first name\"\n"
    "-- cleat: dropped shoe: nobody asked: ever\n"
    "CREATE TABLE person (\n"
    "    id INTEGER PRIMARY KEY AUTOINCREMENT,\n"
    "    given TEXT NOT NULL COLLATE NOCASE DEFAULT 'no, ''name''' CHECK (length(given) <= 80), -- as said\n"
    "    kind TEXT CHECK (kind = 'a' OR kind = 'b'),\n"
    "    size REAL DEFAULT (1 + 2) CHECK (size > 0 AND size < 9),\n"
    "    twice REAL GENERATED ALWAYS AS (size * 2) VIRTUAL,\n"
    "    parent INTEGER REFERENCES person ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,\n"
    "    CONSTRAINT span CHECK (size > 1 OR kind IS NULL),\n"
    "    UNIQUE (given, kind)\n"
    ") STRICT;\n"
    "\n"
    "-- Finds them.\n"
    "CREATE UNIQUE INDEX person_low ON person (lower(given) COLLATE RTRIM DESC, kind)\n"
    "    WHERE kind <> 'b';\n"
    "CREATE VIRTUAL TABLE person_fts USING fts5(given, content='person', content_rowid = id);\n"
    "CREATE TRIGGER person_ai AFTER INSERT ON person\n"
    "BEGIN\n"
    "    INSERT INTO person_fts (rowid, given) VALUES (new.id, new.given);\n"
    "END;\n"
    "CREATE VIEW names AS SELECT given AS name FROM person;\n"
    "CREATE TABLE pair (a TEXT, b INTEGER, PRIMARY KEY (b DESC, a)) WITHOUT ROWID;\n";

static struct snapshot *
read_text(const char *sql)
{
    struct snapshot *snapshot = NULL;
    GError *error = NULL;
    if (!snapshot_read_text("db", "db.sql", sql, &snapshot, &error))
        fail_msg("%s", error->message);
    return snapshot;
}

static void
columns_are_read_with_all_their_facts(void **state)
{
    (void)state;
    const struct snapshot *snapshot = read_text(text);
    const struct snapshot_table *person = snapshot_table(snapshot, "PERSON");
    assert_non_null(person);
    assert_int_equal(person->columns->len, 6);
    assert_true(person->strict && person->autoincrement && !person->without_rowid);
    assert_string_equal(person->rowid_column, "id");
    const struct snapshot_column *given = snapshot_column(person, "given");
    assert_string_equal(given->type, "TEXT");
    assert_string_equal(given->collation, "NOCASE");
    assert_string_equal(given->default_sql, "'no, ''name'''");
    assert_string_equal(given->doc, "as said");
    assert_true(given->not_null);
    assert_int_equal(given->line, 8);
    const struct snapshot_column *twice = snapshot_column(person, "twice");
    assert_int_equal(twice->generated, GENERATED_VIRTUAL);
    assert_string_equal(twice->generated_sql, "size * 2");
}

static void
checks_know_their_column_labels_and_length(void **state)
{
    (void)state;
    const struct snapshot_table *person = snapshot_table(read_text(text), "person");
    assert_int_equal(person->checks->len, 4);
    const struct snapshot_check *length = g_ptr_array_index(person->checks, 0);
    const struct snapshot_check *labels = g_ptr_array_index(person->checks, 1);
    const struct snapshot_check *range = g_ptr_array_index(person->checks, 2);
    const struct snapshot_check *row = g_ptr_array_index(person->checks, 3);
    assert_int_equal(length->max_length, 80);
    assert_string_equal(length->column, "given");
    assert_int_equal(labels->labels->len, 2);
    assert_string_equal(g_ptr_array_index(labels->labels, 1), "b");
    assert_string_equal(range->sql, "size > 0 AND size < 9");
    assert_string_equal(range->column, "size");
    assert_null(row->column);
    assert_int_equal(row->line, 13);
}

static void
keys_and_indexes_have_order_collation_and_where(void **state)
{
    (void)state;
    const struct snapshot *snapshot = read_text(text);
    const struct snapshot_table *person = snapshot_table(snapshot, "person");
    assert_int_equal(person->indexes->len, 2);
    const struct snapshot_index *unique = g_ptr_array_index(person->indexes, 0);
    assert_true(unique->is_constraint && unique->unique);
    const struct snapshot_index *low = snapshot_index(person, "person_low");
    const struct snapshot_key_part *part = g_ptr_array_index(low->parts, 0);
    assert_string_equal(part->expression, "lower(given)");
    assert_string_equal(part->collation, "RTRIM");
    assert_true(part->descending);
    assert_string_equal(low->where, "kind <> 'b'");
    assert_int_equal(low->line, 18);
    const struct snapshot_table *pair = snapshot_table(snapshot, "pair");
    const struct snapshot_key_part *first = g_ptr_array_index(pair->primary_key, 0);
    assert_true(pair->without_rowid && first->descending);
    assert_string_equal(first->column, "b");
    assert_true(snapshot_column(pair, "a")->not_null);
}

static void
references_are_resolved_and_deferral_is_known(void **state)
{
    (void)state;
    const struct snapshot_table *person = snapshot_table(read_text(text), "person");
    const struct snapshot_foreign_key *key = g_ptr_array_index(person->foreign_keys, 0);
    assert_string_equal(g_ptr_array_index(key->targets, 0), "id");
    assert_string_equal(key->on_delete, "CASCADE");
    assert_true(key->deferred);
    assert_int_equal(key->line, 12);
}

static void
comments_are_documentation_or_facts(void **state)
{
    (void)state;
    const struct snapshot *snapshot = read_text(text);
    const struct snapshot_table *person = snapshot_table(snapshot, "person");
    assert_string_equal(person->doc, "A person.\nOf any kind.");
    assert_int_equal(person->line, 6);
    assert_string_equal(person->was, "people");
    assert_int_equal(person->was_line, 3);
    const struct snapshot_rename *rename = g_ptr_array_index(person->renames, 0);
    assert_string_equal(rename->column, "given");
    assert_string_equal(rename->from, "first name");
    const struct snapshot_drop *drop = g_ptr_array_index(person->drops, 0);
    assert_string_equal(drop->column, "shoe");
    assert_string_equal(drop->why, "nobody asked: ever");
    assert_int_equal(drop->line, 5);
}

static void
virtual_tables_views_and_triggers_are_there_and_shadow_tables_are_not(void **state)
{
    (void)state;
    const struct snapshot *snapshot = read_text(text);
    assert_int_equal(snapshot->tables->len, 3);
    const struct snapshot_table *fts = snapshot_table(snapshot, "person_fts");
    assert_string_equal(fts->module, "fts5");
    assert_string_equal(g_ptr_array_index(fts->arguments, 1), "content='person'");
    const struct snapshot_view *view = snapshot_view(snapshot, "names");
    assert_string_equal(g_ptr_array_index(view->columns, 0), "name");
    const struct snapshot_table *person = snapshot_table(snapshot, "person");
    assert_int_equal(person->triggers->len, 1);
}

static void
expect_error(const char *sql, const char *message)
{
    struct snapshot *snapshot = NULL;
    GError *error = NULL;
    assert_false(snapshot_read_text("db", "db.sql", sql, &snapshot, &error));
    assert_string_equal(error->message, message);
    assert_null(snapshot);
    g_error_free(error);
}

static void
errors_have_a_place_and_only_create_runs(void **state)
{
    (void)state;
    expect_error("\n\nCREATE TABLE t (a, a);", "db.sql:3: duplicate column name: a");
    expect_error("CREATE TABLE t (a);\nATTACH 'x' AS y;",
                 "db.sql:2: only CREATE statements are expected here");
    expect_error(
        "CREATE TABLE t AS WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r)"
        " SELECT * FROM r;",
        "db.sql:1: interrupted");
    read_text("PRAGMA foreign_keys = ON; BEGIN; CREATE TABLE t (a); COMMIT;");
    read_text("");
}

/* Loads a text into a file, and compares the file with the text. */
static void
expect_same_in_a_file(const char *sql)
{
    char *directory = g_dir_make_tmp("review-XXXXXX", NULL);
    char *path = g_build_filename(directory, "live.db", NULL);
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    struct snapshot *live = NULL;
    GError *error = NULL;
    assert_true(snapshot_read_file("db", path, &live, &error));
    const struct comparison *comparison = compare_snapshots(live, read_text(sql));
    FOR_EACH(struct change, change, comparison->changes)
        print_message("%s %s\n", change_kind_name(change->kind), change_object(change));
    assert_int_equal(comparison->changes->len, 0);
    g_unlink(path);
    g_rmdir(directory);
    g_free(path);
    g_free(directory);
}

static void
a_file_says_what_the_text_says_that_made_it(void **state)
{
    (void)state;
    expect_same_in_a_file(text);
    GDir *directory = g_dir_open(SNAPSHOTS, 0, NULL);
    const char *name;
    guint files = 0;
    while ((name = g_dir_read_name(directory)) != NULL) {
        char *path = g_build_filename(SNAPSHOTS, name, NULL);
        char *sql = NULL;
        assert_true(g_file_get_contents(path, &sql, NULL, NULL));
        expect_same_in_a_file(sql);
        files++;
        g_free(sql);
        g_free(path);
    }
    g_dir_close(directory);
    assert_true(files > 3);
}

static void
a_file_that_is_no_database_is_an_error(void **state)
{
    (void)state;
    struct snapshot *live = NULL;
    GError *error = NULL;
    assert_false(snapshot_read_file("db", "/nonexistent/live.db", &live, &error));
    assert_non_null(strstr(error->message, "unable to open database file"));
    g_error_free(error);
}

static int
free_arena(void **state)
{
    (void)state;
    arena_free_all();
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_read_with_all_their_facts),
        cmocka_unit_test(checks_know_their_column_labels_and_length),
        cmocka_unit_test(keys_and_indexes_have_order_collation_and_where),
        cmocka_unit_test(references_are_resolved_and_deferral_is_known),
        cmocka_unit_test(comments_are_documentation_or_facts),
        cmocka_unit_test(virtual_tables_views_and_triggers_are_there_and_shadow_tables_are_not),
        cmocka_unit_test(errors_have_a_place_and_only_create_runs),
        cmocka_unit_test(a_file_says_what_the_text_says_that_made_it),
        cmocka_unit_test(a_file_that_is_no_database_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, free_arena);
}
