/* test_row.c: one row at a time: what is written is read, keys are assigned, and every outcome has
 * its status. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BOOKS (&library_books_table)

static cleat_status
get_book(cleat_session *session, int64_t id, library_books_row *ret_book)
{
    cleat_value value = cleat_value_integer(id);
    return cleat_row_get(session, BOOKS, BOOKS_BY_ID, &value, ret_book);
}

static void
every_kind_of_column_round_trips(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_authors_row author = {.name = "Ada"};
    assert_int_equal(cleat_row_insert(session, &library_authors_table, &author), CLEAT_OK);
    library_books_row book = sample_book("1", "Sketch of the \xc3\xa9ngine");
    book.state = BOOK_LOST;
    book.has_genre = book.has_pages = book.has_rating = book.has_author_id = true;
    book.genre = GENRE_ESSAY;
    book.pages = INT64_MAX;
    book.rating = 0.1;
    book.cover.data = "\0\xff";
    book.cover.size = 2;
    memcpy(book.author_id, author.id, sizeof author.id);
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    library_books_row read = {0};
    assert_int_equal(get_book(session, book.id, &read), CLEAT_OK);
    assert_string_equal(read.isbn, "1");
    assert_string_equal(read.title, "Sketch of the \xc3\xa9ngine");
    assert_int_equal(read.state, BOOK_LOST);
    assert_true(read.has_genre && read.genre == GENRE_ESSAY);
    assert_true(read.has_pages && read.pages == INT64_MAX);
    assert_true(read.has_rating && read.rating > 0.0999 && read.rating < 0.1001);
    assert_true(read.in_print);
    assert_int_equal(read.cover.size, 2);
    assert_memory_equal(read.cover.data, "\0\xff", 2);
    assert_string_equal(read.metadata, "{}");
    assert_true(read.has_author_id);
    assert_string_equal(read.author_id, author.id);
    assert_true(read.added_at == book.added_at && read.added_at > 0);
    assert_true(!read.has_changed_at && read.changed_at[0] == '\0');
    library_authors_row ada = {0};
    const cleat_value key[] = {cleat_value_text(author.id)};
    assert_int_equal(cleat_row_get(session, &library_authors_table, 0, key, &ada), CLEAT_OK);
    assert_true(ada.has_name_length && ada.name_length == 3);
    cleat_row_clear(&library_authors_table, &ada);
    cleat_row_clear(BOOKS, &read);
    assert_null(read.owned);
}

static void
an_integer_key_of_0_is_assigned_and_written_back(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row one = sample_book("1", "A"), other = sample_book("2", "B");
    assert_int_equal(cleat_row_insert(session, BOOKS, &one), CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, BOOKS, &other), CLEAT_OK);
    assert_true(one.id == 1 && other.id == 2);
    library_books_row chosen = sample_book("3", "C");
    chosen.id = 70;
    assert_int_equal(cleat_row_insert(session, BOOKS, &chosen), CLEAT_OK);
    assert_true(chosen.id == 70);
}

static void
an_empty_text_key_is_assigned_and_taken_back_on_failure(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_authors_row author = {.name = "Ada"}, nameless = {.name = NULL};
    assert_int_equal(cleat_row_insert(session, &library_authors_table, &author), CLEAT_OK);
    assert_int_equal(strlen(author.id), 26);
    assert_int_equal(cleat_row_insert(session, &library_authors_table, &nameless), CLEAT_NOT_NULL);
    assert_string_equal(nameless.id, "");
    cleat_session *archive = sample_session(*state, "archive", CLEAT_WRITE);
    archive_notes_row note = {.slug = "a"};
    assert_int_equal(cleat_row_insert(archive, &archive_notes_table, &note), CLEAT_OK);
    assert_true(strlen(note.id) == 36 && note.id[14] == '7');
}

static void
defaults_have_ids_and_the_time(void **state)
{
    (void)state;
    library_books_row book;
    library_authors_row author;
    memset(&book, 0xff, sizeof book);
    cleat_row_defaults(BOOKS, &book);
    cleat_row_defaults(&library_authors_table, &author);
    assert_true(book.id == 0 && book.title == NULL && book.owned == NULL);
    assert_true(cleat_now() - book.added_at < 10000000);
    assert_true(!book.has_changed_at);
    assert_int_equal(strlen(author.id), 26);
}

static void
a_missing_row_is_not_found(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A");
    cleat_value value = cleat_value_integer(5);
    book.id = 5;
    assert_int_equal(get_book(session, 5, &book), CLEAT_NOT_FOUND);
    assert_string_equal(book.title, "A");
    assert_int_equal(cleat_row_update(session, BOOKS, &book), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_row_delete(session, BOOKS, 0, &value), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_row_exists(session, BOOKS, 0, &value), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_row_lend(session, BOOKS, 0, &value, &book), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_session_error(session)->status, CLEAT_OK);
}

static void
update_writes_every_column_and_the_time(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A"), read = {0};
    int64_t changed;
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    book.title = "B";
    book.state = BOOK_READ;
    book.has_pages = true;
    book.pages = 3;
    assert_int_equal(cleat_row_update(session, BOOKS, &book), CLEAT_OK);
    assert_true(book.has_changed_at);
    assert_int_equal(get_book(session, book.id, &read), CLEAT_OK);
    assert_string_equal(read.title, "B");
    assert_true(read.state == BOOK_READ && read.has_pages && read.pages == 3);
    assert_string_equal(read.changed_at, book.changed_at);
    assert_int_equal(cleat_datetime_parse(read.changed_at, &changed), CLEAT_OK);
    assert_true(cleat_now() - changed < 10000000);
    cleat_row_clear(BOOKS, &read);
}

static void
update_of_a_row_that_is_all_key_says_whether_it_is_there(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    assert_int_equal(cleat_row_update(session, &library_tags_table, &tag), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    assert_int_equal(cleat_row_update(session, &library_tags_table, &tag), CLEAT_OK);
}

static void
upsert_twice_leaves_one_row(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A"), read = {0};
    int64_t count;
    assert_int_equal(cleat_row_upsert(session, BOOKS, BOOKS_BY_ID, &book), CLEAT_CREATED);
    assert_true(book.id == 1 && book.has_changed_at);
    book.title = "B";
    assert_int_equal(cleat_row_upsert(session, BOOKS, BOOKS_BY_ID, &book), CLEAT_UPDATED);
    assert_int_equal(cleat_row_upsert(session, BOOKS, BOOKS_BY_ID, &book), CLEAT_UNCHANGED);
    assert_int_equal(cleat_row_count(session, BOOKS, &count), CLEAT_OK);
    assert_true(count == 1);
    assert_int_equal(get_book(session, 1, &read), CLEAT_OK);
    assert_string_equal(read.title, "B");
    cleat_row_clear(BOOKS, &read);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    assert_int_equal(cleat_row_upsert(session, &library_tags_table, 0, &tag), CLEAT_CREATED);
    assert_int_equal(cleat_row_upsert(session, &library_tags_table, 0, &tag), CLEAT_UNCHANGED);
    assert_int_equal(cleat_row_count(session, &library_tags_table, &count), CLEAT_OK);
    assert_true(count == 1);
}

static void
upsert_by_a_unique_key_keeps_and_returns_the_primary_key(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A"), other = sample_book("2", "X");
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, BOOKS, &other), CLEAT_OK);
    library_books_row again = sample_book("1", "B"), fresh = sample_book("3", "C");
    assert_int_equal(cleat_row_upsert(session, BOOKS, BOOKS_BY_ISBN, &again), CLEAT_UPDATED);
    assert_true(again.id == book.id);
    assert_int_equal(cleat_row_upsert(session, BOOKS, BOOKS_BY_ISBN, &fresh), CLEAT_CREATED);
    assert_true(fresh.id == 3);
    cleat_session *archive = sample_session(*state, "archive", CLEAT_WRITE);
    archive_notes_row one, two;
    cleat_row_defaults(&archive_notes_table, &one);
    cleat_row_defaults(&archive_notes_table, &two);
    one.slug = two.slug = "same";
    assert_int_equal(cleat_row_upsert(archive, &archive_notes_table, NOTES_BY_SLUG, &one),
                     CLEAT_CREATED);
    assert_int_equal(cleat_row_upsert(archive, &archive_notes_table, NOTES_BY_SLUG, &two),
                     CLEAT_UNCHANGED);
    assert_string_equal(one.id, two.id);
}

static void
composite_keys_work_without_rowid(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A");
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    library_loans_row loan = {.book_id = book.id, .reader = "eve"}, read = {0};
    cleat_value key[] = {cleat_value_integer(book.id), cleat_value_text("eve")};
    assert_int_equal(cleat_row_insert(session, &library_loans_table, &loan), CLEAT_OK);
    loan.has_returned_at = true;
    loan.returned_at = 99;
    loan.note = "";
    assert_int_equal(cleat_row_update(session, &library_loans_table, &loan), CLEAT_OK);
    assert_int_equal(cleat_row_get(session, &library_loans_table, 0, key, &read), CLEAT_OK);
    assert_true(read.has_returned_at && read.returned_at == 99);
    assert_string_equal(read.note, "");
    cleat_row_clear(&library_loans_table, &read);
    assert_int_equal(cleat_row_exists(session, &library_loans_table, 0, key), CLEAT_OK);
    assert_int_equal(cleat_row_delete(session, &library_loans_table, 0, key), CLEAT_OK);
    assert_int_equal(cleat_row_exists(session, &library_loans_table, 0, key), CLEAT_NOT_FOUND);
}

static void
get_by_a_unique_key_finds_the_row(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("978", "A"), read = {0};
    cleat_value isbn = cleat_value_text("978");
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    assert_int_equal(cleat_row_get(session, BOOKS, BOOKS_BY_ISBN, &isbn, &read), CLEAT_OK);
    assert_true(read.id == book.id);
    cleat_row_clear(BOOKS, &read);
}

static void
get_reuses_the_row_s_memory_and_may_take_its_key_from_it(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row one = sample_book("1", "a rather long title, longer than the other"),
                      other = sample_book("2", "short"), read = {0};
    assert_int_equal(cleat_row_insert(session, BOOKS, &one), CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, BOOKS, &other), CLEAT_OK);
    assert_int_equal(get_book(session, 1, &read), CLEAT_OK);
    void *block = read.owned;
    assert_int_equal(get_book(session, 2, &read), CLEAT_OK);
    assert_ptr_equal(read.owned, block);
    cleat_value isbn = cleat_value_text(read.isbn);
    assert_int_equal(cleat_row_get(session, BOOKS, BOOKS_BY_ISBN, &isbn, &read), CLEAT_OK);
    assert_string_equal(read.title, "short");
    cleat_row_clear(BOOKS, &read);
    cleat_row_clear(BOOKS, &read);
}

static void
a_lent_row_lasts_until_the_next_call(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A"), lent = {0};
    cleat_value key = cleat_value_integer(1);
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    assert_int_equal(cleat_row_lend(session, BOOKS, 0, &key, &lent), CLEAT_OK);
    assert_string_equal(lent.title, "A");
    assert_null(lent.owned);
    assert_int_equal(cleat_row_lend(session, BOOKS, 0, &key, &lent), CLEAT_OK);
    assert_string_equal(lent.title, "A");
    assert_int_equal(cleat_row_delete(session, BOOKS, 0, &key), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
}

static void
counts_are_right(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    int64_t count;
    for (int i = 0; i < 10; i++) {
        char isbn[16];
        snprintf(isbn, sizeof isbn, "%d", i);
        library_books_row book = sample_book(isbn, "T");
        book.state = i < 3 ? BOOK_READ : BOOK_NEW;
        assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    }
    assert_int_equal(cleat_row_count(session, BOOKS, &count), CLEAT_OK);
    assert_true(count == 10);
    cleat_value state_value = cleat_value_integer(BOOK_READ);
    assert_int_equal(cleat_row_count_by(session, BOOKS, BOOKS_BY_STATE, &state_value, &count),
                     CLEAT_OK);
    assert_true(count == 3);
    cleat_value nobody = cleat_value_text(NULL);
    assert_int_equal(cleat_row_count_by(session, BOOKS, BOOKS_BY_AUTHOR_ID, &nobody, &count),
                     CLEAT_OK);
    assert_true(count == 10);
}

static void
calls_without_their_arguments_are_misuse(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A");
    cleat_value key = cleat_value_integer(1);
    cleat_cursor cursor = {0};
    int64_t count;
    assert_int_equal(cleat_row_insert(NULL, BOOKS, &book), CLEAT_MISUSE);
    assert_int_equal(cleat_row_insert(session, NULL, &book), CLEAT_MISUSE);
    assert_int_equal(cleat_row_insert(session, BOOKS, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_row_get(session, BOOKS, 0, NULL, &book), CLEAT_MISUSE);
    assert_int_equal(cleat_row_get(session, BOOKS, 9, &key, &book), CLEAT_MISUSE);
    assert_int_equal(cleat_row_count(session, BOOKS, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_row_count_by(session, BOOKS, 9, &key, &count), CLEAT_MISUSE);
    assert_int_equal(cleat_row_list(session, BOOKS, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_row_list_by(session, BOOKS, 9, &key, &cursor), CLEAT_MISUSE);
    assert_int_equal(cleat_row_next(NULL, BOOKS, &book), CLEAT_MISUSE);
    assert_int_equal(cleat_row_next(&cursor, BOOKS, &book), CLEAT_MISUSE);
    assert_string_not_equal(cleat_session_error(session)->text, "");
    cleat_row_clear(BOOKS, NULL);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_column_round_trips),
        TEST(an_integer_key_of_0_is_assigned_and_written_back),
        TEST(an_empty_text_key_is_assigned_and_taken_back_on_failure),
        cmocka_unit_test(defaults_have_ids_and_the_time),
        TEST(a_missing_row_is_not_found),
        TEST(update_writes_every_column_and_the_time),
        TEST(update_of_a_row_that_is_all_key_says_whether_it_is_there),
        TEST(upsert_twice_leaves_one_row),
        TEST(upsert_by_a_unique_key_keeps_and_returns_the_primary_key),
        TEST(composite_keys_work_without_rowid),
        TEST(get_by_a_unique_key_finds_the_row),
        TEST(get_reuses_the_row_s_memory_and_may_take_its_key_from_it),
        TEST(a_lent_row_lasts_until_the_next_call),
        TEST(counts_are_right),
        TEST(calls_without_their_arguments_are_misuse),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
