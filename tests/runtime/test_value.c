/* test_value.c: values at the edges round-trip or are a clear error, never a silent loss. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <math.h>

#define BOOKS (&library_books_table)
#define NOTES (&archive_notes_table)

static void
empty_texts_and_blobs_are_not_null(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("", ""), read = {0};
    cleat_value key = cleat_value_integer(1);
    book.cover.data = "";
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    assert_int_equal(cleat_row_get(session, BOOKS, 0, &key, &read), CLEAT_OK);
    assert_string_equal(read.isbn, "");
    assert_non_null(read.cover.data);
    assert_int_equal(read.cover.size, 0);
    book.cover.data = NULL;
    assert_int_equal(cleat_row_update(session, BOOKS, &book), CLEAT_OK);
    assert_int_equal(cleat_row_get(session, BOOKS, 0, &key, &read), CLEAT_OK);
    assert_null(read.cover.data);
    cleat_row_clear(BOOKS, &read);
}

static void
numbers_at_the_edges_round_trip(void **state)
{
    static const int64_t integers[] = {INT64_MIN, INT64_MAX, -1, 0};
    static const double reals[] = {0.0, -1.5, 1e308, 5e-324, INFINITY, -INFINITY};
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A"), read = {0};
    cleat_value key = cleat_value_integer(1);
    book.has_rating = true;
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    for (size_t i = 0; i < CLEAT_COUNT(reals); i++) {
        book.rating = reals[i];
        book.added_at = integers[i % CLEAT_COUNT(integers)];
        assert_int_equal(cleat_row_update(session, BOOKS, &book), CLEAT_OK);
        assert_int_equal(cleat_row_get(session, BOOKS, 0, &key, &read), CLEAT_OK);
        assert_true(read.has_rating);
        assert_memory_equal(&read.rating, &reals[i], sizeof reals[i]);
        assert_true(read.added_at == book.added_at);
    }
    cleat_row_clear(BOOKS, &read);
}

static void
not_a_number_is_refused(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A");
    book.has_rating = true;
    book.rating = (double)NAN;
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_CHECK);
    assert_string_equal(cleat_session_error(session)->column, "rating");
}

static void
huge_texts_round_trip(void **state)
{
    enum { SIZE = 5000000 };
    cleat_session *session = sample_session(*state, "archive", CLEAT_WRITE);
    char *text = malloc(SIZE + 1);
    assert_non_null(text);
    memset(text, 'x', SIZE);
    text[SIZE] = '\0';
    archive_notes_row note = {.slug = "a", .body = text}, read = {0};
    assert_int_equal(cleat_row_insert(session, NOTES, &note), CLEAT_OK);
    cleat_value key = cleat_value_text(note.id);
    assert_int_equal(cleat_row_get(session, NOTES, 0, &key, &read), CLEAT_OK);
    assert_int_equal(strlen(read.body), SIZE);
    cleat_row_clear(NOTES, &read);
    free(text);
}

/* Stores a note by SQL and expects reading it to fail for a column. */
static void
assert_unreadable(void **state, const char *sql, const char *column)
{
    struct sample *sample = *state;
    cleat_value key = cleat_value_text("a");
    cleat_session *session = sample_session(sample, "archive", CLEAT_WRITE);
    assert_int_equal(cleat_session_execute(session, sql), CLEAT_OK);
    archive_notes_row read = {.slug = "before", .amount = 5};
    cleat_cursor cursor;
    assert_int_equal(cleat_row_get(session, NOTES, NOTES_BY_SLUG, &key, &read), CLEAT_VALUE);
    const cleat_error *error = cleat_session_error(session);
    assert_string_equal(error->database, "archive");
    assert_string_equal(error->table, "notes");
    assert_string_equal(error->column, column);
    assert_int_equal(cleat_row_lend(session, NOTES, NOTES_BY_SLUG, &key, &read), CLEAT_VALUE);
    assert_int_equal(cleat_row_list(session, NOTES, &cursor), CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, NOTES, &read), CLEAT_VALUE);
    assert_int_equal(cleat_row_next(&cursor, NOTES, &read), CLEAT_MISUSE);
    assert_string_equal(read.slug, "before");
    assert_true(read.amount == 5 && read.owned == NULL);
    cleat_session_close(session);
}

static void
a_text_with_a_nul_is_an_error(void **state)
{
    assert_unreadable(state, "INSERT INTO archive.notes VALUES('i','a',1,'x'||char(0)||'y')",
                      "body");
}

static void
a_text_in_a_number_s_column_is_an_error(void **state)
{
    assert_unreadable(state, "INSERT INTO archive.notes VALUES('i','a','12 apples',NULL)",
                      "amount");
}

static void
a_fraction_in_an_integer_s_column_is_an_error(void **state)
{
    assert_unreadable(state, "INSERT INTO archive.notes VALUES('i','a',1.5,NULL)", "amount");
}

static void
an_id_that_is_too_long_is_an_error(void **state)
{
    assert_unreadable(state,
                      "INSERT INTO archive.notes VALUES('0123456789012345678901234567890123456789',"
                      "'a',1,NULL)",
                      "id");
}

/* An upsert that finds such an id would have to give it to the row. */
static void
a_found_id_that_is_too_long_is_an_error(void **state)
{
    cleat_session *session = sample_session(*state, "archive", CLEAT_WRITE);
    archive_notes_row note = {.slug = "a", .body = "new"};
    int64_t count = -1;
    assert_int_equal(cleat_session_execute(session,
                                           "INSERT INTO archive.notes VALUES"
                                           "('0123456789012345678901234567890123456','a',1,'old')"),
                     CLEAT_OK);
    assert_int_equal(cleat_row_upsert(session, NOTES, NOTES_BY_SLUG, &note), CLEAT_VALUE);
    const cleat_error *error = cleat_session_error(session);
    assert_string_equal(error->database, "archive");
    assert_string_equal(error->table, "notes");
    assert_string_equal(error->column, "id");
    assert_string_equal(note.id, "");
    assert_int_equal(cleat_row_upsert_many(session, NOTES, NOTES_BY_SLUG, &note, 1), CLEAT_VALUE);
    assert_string_equal(error->column, "id");
    assert_string_equal(note.id, "");
    assert_int_equal(cleat_row_ensure_many(session, NOTES, NOTES_BY_SLUG, &note, 1), CLEAT_VALUE);
    assert_string_equal(note.id, "");
    /* what fails for another reason says so */
    note.slug = NULL;
    assert_int_equal(cleat_row_upsert(session, NOTES, NOTES_BY_SLUG, &note), CLEAT_NOT_NULL);
    const uint16_t body[] = {3};
    assert_int_equal(
        cleat_row_count_where(session, NOTES, &note, cleat_columns_of_places(body, 1), &count),
        CLEAT_OK);
    assert_int_equal(count, 0);
}

/* A query may give NULL in any column of its rows. */
static void
a_null_where_there_is_none_is_an_error(void **state)
{
    enum { COLUMNS = 13 };
    static const char *const names[COLUMNS] = {
        "id",       "isbn",  "title",    "state",     "genre",    "pages",     "rating",
        "in_print", "cover", "metadata", "author_id", "added_at", "changed_at"};
    static const bool null[COLUMNS] = {
        [4] = true, [5] = true, [6] = true, [8] = true, [10] = true, [12] = true};
    static const char *const databases[] = {"library", NULL};
    static char texts[COLUMNS][200];
    static cleat_query queries[COLUMNS];
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A");
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    for (int i = 0; i < COLUMNS; i++) {
        strcpy(texts[i], "SELECT ");
        for (int j = 0; j < COLUMNS; j++) {
            strcat(texts[i], j == 0 ? "" : ",");
            strcat(texts[i], j == i ? "NULL" : names[j]);
        }
        strcat(texts[i], " FROM library.books");
        queries[i] = (cleat_query){.sql = texts[i], .result = BOOKS, .databases = databases};
        library_books_row read = {.isbn = "before"};
        cleat_status rc = cleat_query_one(session, &queries[i], NULL, &read);
        assert_int_equal(rc, null[i] ? CLEAT_OK : CLEAT_VALUE);
        assert_string_equal(read.isbn, null[i] ? "1" : "before");
        if (!null[i])
            assert_string_equal(cleat_session_error(session)->column, names[i]);
        cleat_row_clear(BOOKS, &read);
    }
    static const char *const both[] = {"library", "archive", NULL};
    static const cleat_query no_id = {
        .sql = "SELECT NULL, title, pages, isbn FROM library.books",
        .result = NOTES,
        .databases = both,
    };
    archive_notes_row note = {.slug = "before"};
    assert_int_equal(cleat_query_one(session, &no_id, NULL, &note), CLEAT_VALUE);
    assert_string_equal(cleat_session_error(session)->column, "id");
    assert_string_equal(note.slug, "before");
}

static void
an_unknown_label_is_an_error(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A"), read = {0};
    cleat_value key = cleat_value_integer(1);
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
    assert_int_equal(cleat_session_execute(session, "UPDATE library.books SET genre='poem'"),
                     CLEAT_OK);
    assert_int_equal(cleat_row_get(session, BOOKS, 0, &key, &read), CLEAT_VALUE);
    assert_string_equal(cleat_session_error(session)->column, "genre");
    assert_int_equal(
        cleat_session_execute(session, "UPDATE library.books SET genre='novel'||char(0)||'la'"),
        CLEAT_OK);
    assert_int_equal(cleat_row_get(session, BOOKS, 0, &key, &read), CLEAT_VALUE);
    assert_string_equal(cleat_session_error(session)->column, "genre");
}

static void
a_value_without_a_label_is_refused(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "A");
    book.has_genre = true;
    book.genre = (enum genre)99;
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_CHECK);
    assert_string_equal(cleat_session_error(session)->column, "genre");
    cleat_value key = cleat_value_integer(99);
    int64_t count;
    assert_int_equal(cleat_row_count_by(session, BOOKS, BOOKS_BY_STATE, &key, &count), CLEAT_CHECK);
}

static void
labels_go_both_ways(void **state)
{
    int value = 0;
    (void)state;
    assert_string_equal(cleat_enum_label(&library_book_state, BOOK_LOST), "lost");
    assert_string_equal(cleat_enum_label(&library_genre, GENRE_ESSAY), "essay");
    assert_null(cleat_enum_label(&library_genre, 0));
    assert_null(cleat_enum_label(&library_book_state, -1));
    assert_int_equal(cleat_enum_from_label(&library_genre, "novel", &value), CLEAT_OK);
    assert_int_equal(value, GENRE_NOVEL);
    assert_int_equal(cleat_enum_from_label(&library_genre, "poem", &value), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_enum_from_label(&library_genre, NULL, &value), CLEAT_NOT_FOUND);
    assert_int_equal(value, GENRE_NOVEL);
}

static void
an_array_without_its_end_is_not_overread(void **state)
{
    cleat_session *session = sample_session(*state, NULL, CLEAT_WRITE);
    library_authors_row author = {.name = "Ada"}, read = {0};
    memset(author.id, 'A', sizeof author.id);
    assert_int_equal(cleat_row_insert(session, &library_authors_table, &author), CLEAT_OK);
    char id[28];
    memset(id, 'A', 27);
    id[27] = '\0';
    cleat_value key = cleat_value_text(id);
    assert_int_equal(cleat_row_get(session, &library_authors_table, 0, &key, &read), CLEAT_VALUE);
    memset(author.id, 'B', sizeof author.id);
    memset(id, 'B', 27);
    assert_int_equal(cleat_row_insert_many(session, &library_authors_table, &author, 1), CLEAT_OK);
    assert_int_equal(cleat_row_exists(session, &library_authors_table, 0, &key), CLEAT_OK);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(empty_texts_and_blobs_are_not_null),
        TEST(numbers_at_the_edges_round_trip),
        TEST(not_a_number_is_refused),
        TEST(huge_texts_round_trip),
        TEST(a_text_with_a_nul_is_an_error),
        TEST(a_text_in_a_number_s_column_is_an_error),
        TEST(a_fraction_in_an_integer_s_column_is_an_error),
        TEST(an_id_that_is_too_long_is_an_error),
        TEST(a_found_id_that_is_too_long_is_an_error),
        TEST(a_null_where_there_is_none_is_an_error),
        TEST(an_unknown_label_is_an_error),
        TEST(a_value_without_a_label_is_refused),
        cmocka_unit_test(labels_go_both_ways),
        TEST(an_array_without_its_end_is_not_overread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
