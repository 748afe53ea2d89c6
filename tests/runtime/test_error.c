/* test_error.c: a failure says what, where and why, without a value of any row. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define BOOKS (&library_books_table)

static const char secret[] = "978-secret";

/* Expects an insert to fail, with names but without the secret. */
static void
assert_fails(cleat_session *session, library_books_row *book, cleat_status status,
             const char *column, const char *words)
{
    assert_int_equal(cleat_row_insert(session, BOOKS, book), status);
    const cleat_error *error = cleat_session_error(session);
    assert_int_equal(error->status, status);
    assert_int_not_equal(error->sqlite_code, 0);
    assert_string_equal(error->database, "library");
    assert_string_equal(error->table, "books");
    assert_string_equal(error->column, column);
    assert_non_null(strstr(error->sql, "INSERT INTO \"library\".\"books\""));
    assert_null(strstr(error->text, secret));
    if (strstr(error->text, words) == NULL)
        fail_msg("%s", error->text);
}

static void
constraints_have_their_status_and_column(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book(secret, "A");
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    assert_fails(session, &book, CLEAT_CONFLICT, "id", "already has a row with this id");
    book.id = 0;
    assert_fails(session, &book, CLEAT_CONFLICT, "isbn", "already has a row with this isbn");
    book.isbn = "2";
    book.title = NULL;
    assert_fails(session, &book, CLEAT_NOT_NULL, "title", "library.books.title must have a value");
    book.title = "A";
    book.has_pages = true;
    book.pages = -1;
    assert_fails(session, &book, CLEAT_CHECK, "pages", "CHECK constraint failed");
    book.pages = 1;
    book.metadata = "{";
    assert_fails(session, &book, CLEAT_CHECK, "metadata", "CHECK constraint failed");
    book.metadata = "{}";
    book.has_author_id = true;
    memcpy(book.author_id, "nobody", 7);
    assert_fails(session, &book, CLEAT_FOREIGN_KEY, "author_id",
                 "a row of authors that is not there");
}

static void
a_key_of_two_columns_is_named_in_full(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_CONFLICT);
    assert_string_equal(cleat_session_error(session)->column, "book_id, tag");
}

static void
the_next_call_clears_the_error(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", NULL);
    int64_t count;
    assert_int_equal(cleat_session_error(session)->status, CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_NOT_NULL);
    assert_int_equal(cleat_session_error(session)->status, CLEAT_NOT_NULL);
    assert_int_equal(cleat_row_count(session, BOOKS, &count), CLEAT_OK);
    assert_int_equal(cleat_session_error(session)->status, CLEAT_OK);
    assert_string_equal(cleat_session_error(session)->text, "");
}

static void
every_status_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(cleat_status_name(CLEAT_CONFLICT), "CLEAT_CONFLICT");
    for (int status = CLEAT_INTERRUPTED; status <= CLEAT_UNCHANGED; status++)
        assert_string_not_equal(cleat_status_name((cleat_status)status), "CLEAT_UNKNOWN");
    assert_string_equal(cleat_status_name((cleat_status)77), "CLEAT_UNKNOWN");
}

static void
a_referenced_row_cannot_be_deleted(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_authors_row author = {.name = "Ada"};
    assert_int_equal(cleat_row_insert(session, &library_authors_table, &author), CLEAT_OK);
    library_books_row book = sample_book("1", "A");
    book.has_author_id = true;
    memcpy(book.author_id, author.id, sizeof author.id);
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    cleat_value key = cleat_value_text(author.id);
    assert_int_equal(cleat_row_delete(session, &library_authors_table, 0, &key), CLEAT_FOREIGN_KEY);
    assert_string_equal(cleat_session_error(session)->table, "authors");
}

static void
a_reference_without_a_target_is_named(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    const cleat_error *error = cleat_session_error(session);
    library_books_row books[2] = {sample_book("1", "A"), sample_book("2", "B")};
    strcpy(books[1].author_id, "01ARZ3NDEKTSV4RRFFQ69G5FAV");
    books[1].has_author_id = true;
    assert_int_equal(cleat_row_insert(session, BOOKS, &books[1]), CLEAT_FOREIGN_KEY);
    assert_string_equal(error->table, "books");
    assert_string_equal(error->column, "author_id");
    assert_string_equal(error->text,
                        "library.books.author_id refers to a row of authors that is not there");
    assert_non_null(strstr(error->sql, "INSERT"));
    assert_int_equal(cleat_row_insert_many(session, BOOKS, books, 2), CLEAT_FOREIGN_KEY);
    assert_int_equal(error->row, 1);
    assert_string_equal(error->column, "author_id");
    assert_int_equal(cleat_row_insert(session, BOOKS, &books[0]), CLEAT_OK);
    books[1].id = books[0].id;
    assert_int_equal(cleat_row_update(session, BOOKS, &books[1]), CLEAT_FOREIGN_KEY);
    assert_string_equal(error->column, "author_id");
    assert_int_equal(cleat_row_patch(session, BOOKS, &books[1], UINT64_C(1) << 10),
                     CLEAT_FOREIGN_KEY);
    assert_string_equal(error->column, "author_id");
    library_loans_row loan = {.book_id = 7, .reader = "eve"};
    assert_int_equal(cleat_row_upsert(session, &library_loans_table, 0, &loan), CLEAT_FOREIGN_KEY);
    assert_string_equal(error->column, "book_id");
}

/* SQLite names an index over expressions by its own name, and a long list of columns in full. */
static void
a_key_without_columns_or_with_many_is_named_as_far_as_it_goes(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    const cleat_error *error = cleat_session_error(session);
    char sql[2000], list[600] = "", name[80];
    library_tags_row tag = {.book_id = 1, .tag = "One"};
    assert_int_equal(
        cleat_session_execute(session, "CREATE UNIQUE INDEX library.low ON tags (lower(tag))"),
        CLEAT_OK);
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_OK);
    tag.tag = "ONE";
    assert_int_equal(cleat_row_insert(session, &library_tags_table, &tag), CLEAT_CONFLICT);
    assert_string_equal(error->text, "library.tags already has a row with this key");
    assert_string_equal(error->table, "tags");
    assert_string_equal(error->column, "");
    for (int i = 0; i < 8; i++) {
        snprintf(name, sizeof name, "%sa_column_with_quite_a_long_name_%d", i > 0 ? ", " : "", i);
        strcat(list, name);
    }
    snprintf(sql, sizeof sql, "CREATE TABLE library.wide (%s, UNIQUE (%s))", list, list);
    assert_int_equal(cleat_session_execute(session, sql), CLEAT_OK);
    static const char row[] = "INSERT INTO library.wide VALUES (1, 2, 3, 4, 5, 6, 7, 8)";
    assert_int_equal(cleat_session_execute(session, row), CLEAT_OK);
    assert_int_equal(cleat_session_execute(session, row), CLEAT_CONFLICT);
    assert_string_equal(error->table, "wide");
    assert_memory_equal(error->column,
                        "a_column_with_quite_a_long_name_0, a_column_with_quite_a_long_name_1", 67);
    assert_int_equal(strlen(error->column), sizeof error->column - 1);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_reference_without_a_target_is_named),
        TEST(constraints_have_their_status_and_column),
        TEST(a_key_of_two_columns_is_named_in_full),
        TEST(the_next_call_clears_the_error),
        TEST(a_key_without_columns_or_with_many_is_named_as_far_as_it_goes),
        cmocka_unit_test(every_status_has_a_name),
        TEST(a_referenced_row_cannot_be_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
