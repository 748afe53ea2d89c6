/* test_descriptors.c: tables described by hand, as no generator does: without a key, ordered by no
 * column, with an enum without labels, with references of a table that is not described, of more
 * columns than there is room for at first. Each is an error with its status, or done without. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "memory.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The sample, with another descriptor in place of the one of its name in the library. */
static struct {
    const cleat_table *tables[8];
    cleat_database databases[8];
    cleat_init_table table;
} described;

static void
open_described(struct sample *sample, const cleat_table *other,
               const cleat_soft_reference *references)
{
    described.table = sample_init_table;
    for (size_t i = 0; i < sample_init_table.database_count; i++)
        described.databases[i] = sample_init_table.databases[i];
    cleat_database *library = &described.databases[0];
    size_t count = 0;
    for (const cleat_table *const *table = library->tables; *table != NULL; table++)
        if (strcmp((*table)->name, other->name) != 0)
            described.tables[count++] = *table;
    if (references == NULL)
        described.tables[count++] = other;
    described.tables[count] = NULL;
    library->tables = described.tables;
    library->soft_references = references;
    described.table.databases = described.databases;
    sample->table = &described.table;
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
expect_no_key(cleat_session *session, cleat_status rc)
{
    assert_int_equal(rc, CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(session)->text, "there is no primary key"));
    assert_string_equal(cleat_session_error(session)->table, "tags");
}

static void
a_table_without_a_key_has_no_calls_by_one(void **state)
{
    cleat_table tags = library_tags_table;
    tags.keys = NULL;
    tags.key_count = 0;
    open_described(*state, &tags, NULL);
    cleat_session *session = sample_session(*state, "library", CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "one"};
    const cleat_value key[] = {cleat_value_integer(1), cleat_value_text("one")};
    const int64_t books[] = {1};
    const char *const texts[] = {"one"};
    const void *const values[] = {books, texts};
    cleat_cursor cursor;
    struct {
        library_tags_row *items;
        size_t count;
        void *owned;
    } rows = {NULL, 0, NULL};
    const uint16_t places[] = {1};
    int64_t count = 0;
    assert_int_equal(cleat_row_insert(session, &tags, &tag), CLEAT_OK);
    expect_no_key(session, cleat_row_update(session, &tags, &tag));
    expect_no_key(session, cleat_row_patch_places(session, &tags, &tag, places, 1));
    expect_no_key(session, cleat_row_upsert(session, &tags, 0, &tag));
    expect_no_key(session, cleat_row_ensure(session, &tags, 0, &tag));
    expect_no_key(session, cleat_row_get(session, &tags, 0, key, &tag));
    expect_no_key(session, cleat_row_delete(session, &tags, 0, key));
    expect_no_key(session, cleat_row_get_many(session, &tags, 0, values, 1, &rows));
    expect_no_key(session, cleat_row_list_page(session, &tags, NULL, CLEAT_AFTER, 1, &cursor));
    assert_int_equal(cleat_row_count(session, &tags, &count), CLEAT_OK);
    assert_int_equal(count, 1);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    sample_close(*state);
}

/* A key of a kind that no key has in a schema. */
static void
a_key_that_is_not_a_number_finds_no_row(void **state)
{
    static const uint16_t rating[] = {offsetof(library_books_row, rating)};
    static const uint16_t title[] = {2};
    const cleat_key keys[] = {CLEAT_KEY_ROW(rating, NULL)};
    cleat_table books = library_books_table;
    books.keys = keys;
    books.key_count = 1;
    assert_string_equal(books.columns[title[0]].name, "title");
    open_described(*state, &books, NULL);
    cleat_session *session = sample_session(*state, "library", CLEAT_WRITE);
    library_books_row book = sample_book("1", "one");
    book.has_rating = true;
    book.rating = strtod("nan", NULL);
    assert_int_equal(cleat_row_patch_places(session, &books, &book, title, 1), CLEAT_CHECK);
    assert_string_equal(cleat_session_error(session)->column, "rating");
    cleat_session_close(session);
    sample_close(*state);
}

static void
an_order_by_no_column_is_that_of_the_key(void **state)
{
    static const uint16_t reader[] = {offsetof(library_loans_row, reader)};
    cleat_key keys[] = {library_loans_table.keys[0],
                        CLEAT_KEY_ROW(reader, "\"shelf\" DESC, \"note\"")};
    cleat_table loans = library_loans_table;
    loans.keys = keys;
    loans.key_count = 2;
    open_described(*state, &loans, NULL);
    sample_run(sample_path(*state, "library.db"),
               "INSERT INTO loans VALUES (NULL, 3, 'a', 'x'), (NULL, 1, 'a', 'z'),"
               " (NULL, 2, 'a', 'y')");
    cleat_session *session = sample_session(*state, "library", CLEAT_READ);
    const cleat_value value = cleat_value_text("a");
    library_loans_row loan = {.owned = NULL};
    cleat_cursor cursor;
    assert_int_equal(
        cleat_row_list_page_by(session, &loans, 1, &value, NULL, CLEAT_AFTER, 9, &cursor),
        CLEAT_OK);
    for (int64_t book = 1; book <= 3; book++) {
        assert_int_equal(cleat_row_next(&cursor, &loans, &loan), CLEAT_ROW);
        assert_int_equal(loan.book_id, book);
    }
    assert_int_equal(cleat_row_next(&cursor, &loans, &loan), CLEAT_DONE);
    cleat_cursor_close(&cursor);
    cleat_row_clear(&loans, &loan);
    cleat_session_close(session);
    sample_close(*state);
}

static void
an_enum_without_labels_has_no_values(void **state)
{
    cleat_table books = library_books_table;
    books.enums = NULL;
    books.enum_count = 0;
    const cleat_rules rules = {.table = &books};
    library_books_row book = sample_book("1", "one"), defaults = book, read = book;
    cleat_violations violations;
    char *json = NULL;
    static const char text[] = "{\"state\": \"new\"}";
    (void)state;
    assert_int_equal(cleat_row_validate(&rules, &book, &violations), CLEAT_CHECK);
    assert_int_equal(violations.total, 1);
    assert_int_equal(violations.items[0].rule, CLEAT_VIOLATION_ENUM);
    assert_int_equal(cleat_row_to_json(&rules, &book, &json), CLEAT_CHECK);
    assert_null(json);
    assert_int_equal(cleat_row_from_json(&rules, text, sizeof text - 1, CLEAT_JSON_LENIENT,
                                         &defaults, &read, &violations),
                     CLEAT_CHECK);
    assert_int_equal(violations.items[0].rule, CLEAT_VIOLATION_ENUM);
}

static bool
never_holds(const void *row)
{
    (void)row;
    return false;
}

/* No text ends within a character, wherever it is cut. */
static void
a_rule_that_is_too_long_is_cut_behind_a_character(void **state)
{
    static char sql[400] = "title <> '";
    static const cleat_check checks[] = {{NULL, sql, never_holds}};
    const cleat_rules rules = {.table = &library_books_table, .checks = checks, .check_count = 1};
    library_books_row book = sample_book("1", "one");
    cleat_violations violations;
    (void)state;
    for (int i = 0; i < 100; i++)
        strcat(sql, "\xe2\x82\xac");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cleat_row_validate(&rules, &book, &violations), CLEAT_CHECK);
        assert_int_equal(violations.total, 1);
        const char *text = violations.items[0].text;
        assert_in_range(strlen(text), sizeof violations.items[0].text - 3,
                        sizeof violations.items[0].text - 1);
        assert_int_equal(strlen(strchr(text, '\xe2')) % 3, 0);
        memmove(sql + 1, sql, strlen(sql));
    }
}

/* The rows are named by their numbers then; there are more such references than a list has room for
 * at first, and memory ends at any of its allocations. */
static void
orphans_of_a_table_that_is_not_described(void **state)
{
    static const cleat_soft_reference references[] = {
        {"books", "isbn", "archive", "notes", "slug"},
        {"books", "title", "archive", "notes", "slug"},
        {"books", "isbn", "archive", "notes", "id"},
        {"books", "title", "archive", "notes", "id"},
        {"books", "isbn", "archive", "notes", "body"},
        {"books", "title", "archive", "notes", "body"},
        {NULL, NULL, NULL, NULL, NULL},
    };
    static const struct strides strides = {1, 101};
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "pool_size", "0"); /* each time on a new connection */
    open_described(sample, &library_books_table, references);
    sample_run(
        sample_path(sample, "library.db"),
        "INSERT INTO books (id, isbn, title, in_print, added_at) VALUES (7, 'x', 'y', 1, 0)");
    cleat_orphan *found = NULL;
    size_t count = 0;
    long place = MEMORY_PLACES, total = 0, failed = 0;
    /* what is allocated only once shifts no place then */
    assert_int_equal(cleat_orphans(sample->registry, NULL, &found, &count), CLEAT_OK);
    cleat_free(found);
    do {
        found = NULL;
        count = 0;
        memory_arm(place, false);
        cleat_status rc = cleat_orphans(sample->registry, NULL, &found, &count);
        memory_disarm();
        failed += rc != CLEAT_OK;
        assert_true(rc == CLEAT_OK || (rc == CLEAT_NOMEM && place != MEMORY_PLACES));
        assert_int_equal(count, rc == CLEAT_OK ? 6 : 0);
        for (size_t i = 0; i < count; i++)
            assert_string_equal(found[i].keys[0], "7");
        cleat_free(found);
        if (place == MEMORY_PLACES) {
            total = memory_count();
            place = 0;
        }
    } while ((place = memory_next(place, total, strides)) <= total);
    print_message("    %ld failures\n", failed);
    assert_true(failed > 20);
    sample_close(sample);
}

/* ---- a row of many columns ---- */

enum { COLUMNS = 300 };

struct wide_row {
    int64_t values[COLUMNS];
    void *owned;
};

static cleat_column wide_columns[COLUMNS];
static char wide_names[COLUMNS][8];
static const uint16_t wide_key[] = {0};
static const cleat_key wide_keys[] = {CLEAT_KEY_ROW(wide_key, NULL)};

static void
a_row_of_many_columns_from_json_without_memory(void **state)
{
    static struct wide_row defaults, row;
    static char json[COLUMNS * 20];
    size_t length = 1;
    (void)state;
    json[0] = '{';
    for (unsigned i = 0; i < COLUMNS; i++) {
        snprintf(wide_names[i], sizeof wide_names[i], "c%u", i);
        wide_columns[i] = (cleat_column){.name = wide_names[i],
                                         .offset = (uint16_t)(i * sizeof(int64_t)),
                                         .kind = CLEAT_KIND_INTEGER};
        length += (size_t)snprintf(json + length, sizeof json - length, "%s\"c%u\": %u",
                                   i == 0 ? "" : ", ", i, i + 1);
    }
    json[length++] = '}';
    const cleat_table wide = {.database = "library",
                              .name = "wide",
                              .columns = wide_columns,
                              .keys = wide_keys,
                              .column_count = COLUMNS,
                              .key_count = 1,
                              .row_size = sizeof(struct wide_row),
                              .owned_offset = offsetof(struct wide_row, owned)};
    const cleat_rules rules = {.table = &wide};
    cleat_violations violations;
    long place = 1, living = memory_living();
    for (bool past = false; !past; place++) {
        memset(&defaults, 0, sizeof defaults);
        memset(&row, 0, sizeof row);
        memory_arm(place, false);
        cleat_status rc = cleat_row_from_json(&rules, json, length, CLEAT_JSON_STRICT, &defaults,
                                              &row, &violations);
        past = memory_disarm();
        assert_int_equal(rc, past ? CLEAT_OK : CLEAT_NOMEM);
        assert_int_equal(row.values[COLUMNS - 1], past ? COLUMNS : 0);
        cleat_row_clear(&wide, &row);
        assert_int_equal(memory_living(), living);
    }
    assert_true(place >= 3); /* the row's block, and what was seen */
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_table_without_a_key_has_no_calls_by_one),
        TEST(a_key_that_is_not_a_number_finds_no_row),
        TEST(an_order_by_no_column_is_that_of_the_key),
        TEST(an_enum_without_labels_has_no_values),
        TEST(a_rule_that_is_too_long_is_cut_behind_a_character),
        TEST(orphans_of_a_table_that_is_not_described),
        TEST(a_row_of_many_columns_from_json_without_memory),
    };
    memory_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
