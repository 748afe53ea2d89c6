/* test_cursor.c: lists and searches: their order, their lending, and cursors that outlive what
 * they were opened in. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BOOKS (&library_books_table)

static void
add_book(cleat_session *session, const char *isbn, const char *title, enum book_state book_state)
{
    library_books_row book = sample_book(isbn, title);
    book.state = book_state;
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
}

static cleat_session *
fill(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    add_book(session, "1", "The red house", BOOK_NEW);
    add_book(session, "2", "A blue house", BOOK_READ);
    add_book(session, "3", "The blue AND red boat", BOOK_NEW);
    return session;
}

/* The ISBNs of what a cursor has left, in its order. */
static void
assert_isbns(cleat_cursor *cursor, const char *expected)
{
    library_books_row book = {0};
    char found[64] = "";
    cleat_status rc;
    while ((rc = cleat_row_next(cursor, BOOKS, &book)) == CLEAT_ROW)
        strncat(found, book.isbn, sizeof found - strlen(found) - 1);
    assert_int_equal(rc, CLEAT_DONE);
    assert_string_equal(found, expected);
    assert_int_equal(cleat_row_next(cursor, BOOKS, &book), CLEAT_DONE);
}

static void
a_list_is_in_the_order_of_the_primary_key(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    assert_isbns(&cursor, "123");
}

static void
a_list_by_an_index_is_in_its_order(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    cleat_value key = cleat_value_integer(BOOK_NEW);
    assert_int_equal(cleat_row_list_by(session, BOOKS, BOOKS_BY_STATE, &key, &cursor), CLEAT_OK);
    assert_isbns(&cursor, "13");
}

static void
a_list_by_null_finds_nulls(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    cleat_value key = cleat_value_text(NULL);
    assert_int_equal(cleat_row_list_by(session, BOOKS, BOOKS_BY_AUTHOR_ID, &key, &cursor),
                     CLEAT_OK);
    assert_isbns(&cursor, "231");
}

static void
a_list_does_not_need_the_caller_s_key_any_more(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    char isbn[] = "2";
    cleat_value key = cleat_value_text(isbn);
    assert_int_equal(cleat_row_list_by(session, BOOKS, BOOKS_BY_ISBN, &key, &cursor), CLEAT_OK);
    isbn[0] = '1';
    assert_isbns(&cursor, "2");
}

static void
the_same_list_can_be_read_twice_at_once(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursors[4];
    library_books_row books[4] = {0};
    for (int i = 0; i < 4; i++)
        assert_int_equal(cleat_row_list(session, BOOKS, &cursors[i]), CLEAT_OK);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < i; j++)
            assert_int_equal(cleat_row_next(&cursors[i], BOOKS, &books[i]), CLEAT_ROW);
    assert_string_equal(books[1].isbn, "1");
    assert_string_equal(books[2].isbn, "2");
    assert_string_equal(books[3].isbn, "3");
    assert_isbns(&cursors[0], "123");
    assert_isbns(&cursors[2], "3");
    cleat_cursor_close(&cursors[1]);
    assert_int_equal(cleat_row_list(session, BOOKS, &cursors[0]), CLEAT_OK);
    assert_isbns(&cursors[3], "");
    assert_isbns(&cursors[0], "123");
}

static void
other_calls_do_not_disturb_a_list(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    library_books_row book = {0}, read = {0};
    cleat_value key = cleat_value_integer(1);
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_ROW);
    assert_int_equal(cleat_row_lend(session, BOOKS, 0, &key, &read), CLEAT_OK);
    assert_int_equal(cleat_row_get(session, BOOKS, 0, &key, &read), CLEAT_OK);
    assert_string_equal(book.title, "The red house");
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_ROW);
    assert_string_equal(book.title, "A blue house");
    cleat_cursor_close(&cursor);
    cleat_row_clear(BOOKS, &read);
}

static void
next_keeps_what_the_row_owns(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    library_books_row book = {0};
    cleat_value key = cleat_value_integer(1);
    assert_int_equal(cleat_row_get(session, BOOKS, 0, &key, &book), CLEAT_OK);
    void *owned = book.owned;
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_ROW);
    assert_ptr_equal(book.owned, owned);
    cleat_cursor_close(&cursor);
    cleat_row_clear(BOOKS, &book);
}

static void
a_closed_cursor_is_misuse_and_closing_again_is_harmless(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor, zero = {0};
    library_books_row book = {0};
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    cleat_cursor copy = cursor;
    cleat_cursor_close(&cursor);
    cleat_cursor_close(&cursor);
    cleat_cursor_close(&zero);
    cleat_cursor_close(NULL);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_MISUSE);
    assert_int_equal(cleat_row_next(&copy, BOOKS, &book), CLEAT_MISUSE);
    cleat_cursor_close(&copy);
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, &library_tags_table, &book), CLEAT_MISUSE);
    assert_isbns(&cursor, "123");
}

static void
a_cursor_ends_with_its_unit_of_work(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    library_books_row book = {0};
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(session)->text, "has ended with its unit of work"));
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_MISUSE);
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_MISUSE);
    cleat_cursor_close(&cursor);
}

/* Opens and closes many sessions, so that the old one's memory and connection serve others. */
static void
a_stale_cursor_never_reads_another_session_s_rows(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = fill(state);
    cleat_cursor stale;
    library_books_row book = {0};
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(cleat_row_list(session, BOOKS, &stale), CLEAT_OK);
    cleat_session_close(session);
    for (int i = 0; i < 300; i++) {
        cleat_cursor fresh;
        cleat_session *other = sample_session(sample, NULL, CLEAT_READ);
        assert_int_equal(cleat_row_list(other, BOOKS, &fresh), CLEAT_OK);
        cleat_cursor copy = stale;
        assert_int_equal(cleat_row_next(&copy, BOOKS, &book), CLEAT_MISUSE);
        cleat_cursor_close(&copy);
        assert_int_equal(cleat_row_next(&fresh, BOOKS, &book), CLEAT_ROW);
        cleat_session_close(other);
    }
}

static void
search_finds_words_in_the_order_of_rank(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    assert_int_equal(cleat_row_search(session, &library_books_fts, "house", &cursor), CLEAT_OK);
    library_books_row book = {0};
    int count = 0;
    while (cleat_row_next(&cursor, BOOKS, &book) == CLEAT_ROW)
        count++;
    assert_int_equal(count, 2);
    assert_int_equal(cleat_row_search(session, &library_books_fts, "blue red", &cursor), CLEAT_OK);
    assert_isbns(&cursor, "3");
}

static void
no_text_is_a_syntax_error_of_a_search(void **state)
{
    cleat_session *session = fill(state);
    static const char *const texts[] = {
        "AND", "(",    "\"",      "a\"b\"",   "blue AND", "NEAR(", "-x", "title:red",
        "*",   "^red", "'; DROP", "\xff\xfe", ".",        "{",     "+",
    };
    cleat_cursor cursor;
    library_books_row book = {0};
    for (size_t i = 0; i < CLEAT_COUNT(texts); i++) {
        assert_int_equal(cleat_row_search(session, &library_books_fts, texts[i], &cursor),
                         CLEAT_OK);
        cleat_status rc;
        while ((rc = cleat_row_next(&cursor, BOOKS, &book)) == CLEAT_ROW)
            ;
        assert_int_equal(rc, CLEAT_DONE);
    }
    assert_int_equal(cleat_row_search(session, &library_books_fts, "blue AND red", &cursor),
                     CLEAT_OK);
    assert_isbns(&cursor, "3");
}

static void
an_empty_search_has_no_rows(void **state)
{
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    assert_int_equal(cleat_row_search(session, &library_books_fts, "  ", &cursor), CLEAT_OK);
    assert_isbns(&cursor, "");
    cleat_cursor_close(&cursor);
    assert_int_equal(cleat_row_search(session, &library_books_fts, NULL, &cursor), CLEAT_MISUSE);
}

static void
a_commit_with_an_open_cursor_keeps_no_lock(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = fill(state);
    cleat_cursor cursor;
    library_books_row book = {0};
    assert_int_equal(cleat_row_list(session, BOOKS, &cursor), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_ROW);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(
        sample_ask(sample_path(sample, "library.db"), "PRAGMA wal_checkpoint(TRUNCATE)"), 0);
}

/* ---- more columns than a function of SQL takes ---- */

enum { COLUMNS = 1100 };

struct wide_row {
    int64_t values[COLUMNS];
    void *owned;
};

static cleat_column wide_columns[COLUMNS];
static const uint16_t wide_offsets[] = {0};
static const cleat_key wide_keys[] = {CLEAT_KEY_ROW(wide_offsets, NULL)};
static const cleat_table wide = {.database = "wide",
                                 .name = "wide",
                                 .columns = wide_columns,
                                 .keys = wide_keys,
                                 .column_count = COLUMNS,
                                 .key_count = 1,
                                 .row_size = sizeof(struct wide_row),
                                 .owned_offset = offsetof(struct wide_row, owned)};

static const char *
describe_wide(void)
{
    static char names[COLUMNS][8], sql[COLUMNS * 32];
    size_t size = (size_t)snprintf(sql, sizeof sql, "CREATE TABLE wide (");
    for (unsigned i = 0; i < COLUMNS; i++) {
        snprintf(names[i], sizeof names[i], "c%u", i);
        wide_columns[i] = (cleat_column){.name = names[i],
                                         .offset = (uint16_t)(i * sizeof(int64_t)),
                                         .kind = CLEAT_KIND_INTEGER};
        size += (size_t)snprintf(sql + size, sizeof sql - size, "%s%s INTEGER NOT NULL%s",
                                 i == 0 ? "" : ", ", names[i], i == 0 ? " PRIMARY KEY" : "");
    }
    snprintf(sql + size, sizeof sql - size, ") STRICT");
    return sql;
}

static void
rows_of_very_many_columns_are_collected_too(void **state)
{
    static const char *const none[] = {NULL};
    static const cleat_table *const tables[] = {&wide, NULL};
    static struct wide_row row;
    struct sample *sample = *state;
    const char *const schema[] = {describe_wide(), NULL};
    const cleat_database database = {.name = "wide",
                                     .revision = "3f21c4d9a07b",
                                     .modules = none,
                                     .tables = tables,
                                     .schema = schema,
                                     .links = none};
    const cleat_init_table table = {
        .abi = CLEAT_GENERATED_ABI, .name = "wide", .databases = &database, .database_count = 1};
    struct {
        struct wide_row *items;
        size_t count;
        void *owned;
    } rows;
    sample->table = &table;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "wide", CLEAT_WRITE);
    for (int64_t i = 3; i > 0; i--) {
        row.values[0] = i;
        row.values[COLUMNS - 1] = i * 10;
        assert_int_equal(cleat_row_insert(session, &wide, &row), CLEAT_OK);
    }
    assert_int_equal(cleat_row_collect(session, &wide, &rows), CLEAT_OK);
    assert_int_equal(rows.count, 3);
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(rows.items[i].values[0], i + 1);
        assert_int_equal(rows.items[i].values[COLUMNS - 1], 10 * i + 10);
    }
    cleat_rows_clear(&rows);
    cleat_session_close(session);
    sample_close(sample);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_list_is_in_the_order_of_the_primary_key),
        TEST(a_list_by_an_index_is_in_its_order),
        TEST(a_list_by_null_finds_nulls),
        TEST(a_list_does_not_need_the_caller_s_key_any_more),
        TEST(the_same_list_can_be_read_twice_at_once),
        TEST(other_calls_do_not_disturb_a_list),
        TEST(next_keeps_what_the_row_owns),
        TEST(a_closed_cursor_is_misuse_and_closing_again_is_harmless),
        TEST(a_cursor_ends_with_its_unit_of_work),
        TEST(a_stale_cursor_never_reads_another_session_s_rows),
        TEST(search_finds_words_in_the_order_of_rank),
        TEST(no_text_is_a_syntax_error_of_a_search),
        TEST(an_empty_search_has_no_rows),
        TEST(a_commit_with_an_open_cursor_keeps_no_lock),
        cmocka_unit_test_setup_teardown(rows_of_very_many_columns_are_collected_too, sample_set_up,
                                        sample_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
