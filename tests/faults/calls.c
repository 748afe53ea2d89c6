/* calls.c: the calls on rows of a table that stands alone. Each is short and complete: what it was
 * given it checks and frees, so that a wrong result, and a leak, have the name of their call. */
#include "calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define AUTHORS (&library_authors_table)
#define BOOKS (&library_books_table)
#define LOANS (&library_loans_table)
#define TAGS (&library_tags_table)
#define NOTES (&archive_notes_table)

const char calls_text[92] =
    "a text that is long enough not to fit into any small buffer that somebody might keep for it";

/* The rows of a list, as generated code declares them. */
struct books {
    library_books_row *items;
    size_t count;
    void *owned;
};

static void
isbn_of(int number, char ret_isbn[16])
{
    snprintf(ret_isbn, 16, "isbn-%u", (unsigned)number % 1000000);
}

void
calls_fill(cleat_registry *registry)
{
    cleat_session *session;
    char isbn[16];
    assert_int_equal(cleat_session_open(registry, "library", CLEAT_WRITE, &session), CLEAT_OK);
    for (int i = 1; i <= CALLS_FILLED; i++) {
        isbn_of(i, isbn);
        library_books_row book = sample_book(isbn, CALLS_TITLE);
        book.id = i;
        book.cover = (cleat_blob){calls_text, sizeof calls_text};
        assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
        library_loans_row loan = {.book_id = i, .reader = "ada", .note = calls_text};
        assert_int_equal(cleat_row_insert(session, LOANS, &loan), CLEAT_OK);
    }
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
}

/* ---- single rows ---- */

static cleat_status
insert(cleat_session *session)
{
    library_books_row book = sample_book("new", calls_text);
    cleat_status rc = cleat_row_insert(session, BOOKS, &book);
    return rc < 0 ? rc : holds(rc == CLEAT_OK && book.id == CALLS_FILLED + 1);
}

static cleat_status
insert_with_new_id(cleat_session *session)
{
    library_authors_row author;
    cleat_row_defaults(AUTHORS, &author);
    author.name = calls_text;
    author.id[0] = '\0';
    cleat_status rc = cleat_row_insert(session, AUTHORS, &author);
    return rc < 0 ? rc : holds(strlen(author.id) == 26);
}

static cleat_status
update(cleat_session *session)
{
    library_books_row book = sample_book("isbn-1", "Another title");
    book.id = 1;
    return expect(cleat_row_update(session, BOOKS, &book), CLEAT_OK);
}

static cleat_status
patch(cleat_session *session)
{
    library_books_row book = sample_book("isbn-1", "Another title");
    book.id = 1;
    return expect(cleat_row_patch(session, BOOKS, &book, UINT64_C(1) << 2), CLEAT_OK);
}

static cleat_status
patch_places(cleat_session *session)
{
    static const uint16_t places[] = {2, 7};
    library_books_row book = sample_book("isbn-1", "Another title");
    book.id = 1;
    return expect(cleat_row_patch_places(session, BOOKS, &book, places, 2), CLEAT_OK);
}

static cleat_status
upsert(cleat_session *session)
{
    library_books_row book = sample_book("isbn-2", "Another title");
    cleat_status rc = cleat_row_upsert(session, BOOKS, BOOKS_BY_ISBN, &book);
    return expect(rc, CLEAT_UPDATED);
}

static cleat_status
ensure(cleat_session *session)
{
    library_books_row book = sample_book("isbn-3", "Another title");
    cleat_status rc = cleat_row_ensure(session, BOOKS, BOOKS_BY_ISBN, &book);
    rc = expect(rc, CLEAT_FOUND);
    if (rc == CLEAT_OK)
        rc = holds(book.id == 3 && strcmp(book.title, CALLS_TITLE) == 0);
    cleat_row_clear(BOOKS, &book);
    return rc;
}

static cleat_status
ensure_new(cleat_session *session)
{
    library_books_row book = sample_book("isbn-new", "Another title");
    cleat_status rc = cleat_row_ensure(session, BOOKS, BOOKS_BY_ISBN, &book);
    rc = expect(rc, CLEAT_CREATED);
    cleat_row_clear(BOOKS, &book);
    return rc;
}

static cleat_status
get(cleat_session *session)
{
    library_books_row book = {0};
    cleat_value key = cleat_value_text("isbn-4");
    cleat_status rc = cleat_row_get(session, BOOKS, BOOKS_BY_ISBN, &key, &book);
    if (rc == CLEAT_OK)
        rc = holds(book.id == 4 && book.cover.size == sizeof calls_text &&
                   memcmp(book.cover.data, calls_text, sizeof calls_text) == 0);
    cleat_row_clear(BOOKS, &book);
    return rc;
}

static cleat_status
lend(cleat_session *session)
{
    library_loans_row loan = {0};
    cleat_value key[] = {cleat_value_integer(5), cleat_value_text("ada")};
    cleat_status rc = cleat_row_lend(session, LOANS, LOANS_BY_KEY, key, &loan);
    return rc < 0 ? rc : holds(rc == CLEAT_OK && strcmp(loan.note, calls_text) == 0);
}

static cleat_status
exists(cleat_session *session)
{
    cleat_value key = cleat_value_text("isbn-4");
    return expect(cleat_row_exists(session, BOOKS, BOOKS_BY_ISBN, &key), CLEAT_OK);
}

static cleat_status
delete_row(cleat_session *session)
{
    cleat_value key = cleat_value_integer(6);
    return expect(cleat_row_delete(session, BOOKS, BOOKS_BY_ID, &key), CLEAT_OK);
}

/* ---- counts and lists ---- */

static cleat_status
count(cleat_session *session)
{
    int64_t number = -1;
    cleat_status rc = cleat_row_count(session, BOOKS, &number);
    return rc < 0 ? rc : holds(number == CALLS_FILLED);
}

static cleat_status
count_by(cleat_session *session)
{
    int64_t number = -1;
    cleat_value key = cleat_value_text("ada");
    cleat_status rc = cleat_row_count_by(session, LOANS, LOANS_BY_READER, &key, &number);
    return rc < 0 ? rc : holds(number == CALLS_FILLED);
}

/* Reads a list of books to its end. */
static cleat_status
read_list(cleat_cursor *cursor, cleat_status rc, int expected)
{
    library_books_row book;
    int number = 0;
    while (rc >= 0 && (rc = cleat_row_next(cursor, BOOKS, &book)) == CLEAT_ROW)
        number += book.isbn != NULL && book.cover.size == sizeof calls_text;
    cleat_cursor_close(cursor);
    return rc < 0 ? rc : holds(rc == CLEAT_DONE && number == expected);
}

static cleat_status
list(cleat_session *session)
{
    cleat_cursor cursor = {0};
    return read_list(&cursor, cleat_row_list(session, BOOKS, &cursor), CALLS_FILLED);
}

static cleat_status
list_by(cleat_session *session)
{
    cleat_cursor cursor = {0};
    cleat_value key = cleat_value_integer(BOOK_NEW);
    return read_list(&cursor, cleat_row_list_by(session, BOOKS, BOOKS_BY_STATE, &key, &cursor),
                     CALLS_FILLED);
}

static cleat_status
list_twice(cleat_session *session)
{
    cleat_cursor first = {0}, second = {0};
    cleat_status rc = cleat_row_list(session, BOOKS, &first);
    if (rc == CLEAT_OK)
        rc = read_list(&second, cleat_row_list(session, BOOKS, &second), CALLS_FILLED);
    return read_list(&first, rc, CALLS_FILLED);
}

static cleat_status
list_page(cleat_session *session)
{
    cleat_cursor cursor = {0};
    library_books_row from = sample_book("isbn-2", CALLS_TITLE);
    from.id = 2;
    cleat_status rc = cleat_row_list_page(session, BOOKS, &from, CLEAT_AFTER, 3, &cursor);
    return read_list(&cursor, rc, 3);
}

static cleat_status
list_page_by(cleat_session *session)
{
    cleat_cursor cursor = {0};
    cleat_value key = cleat_value_integer(BOOK_NEW);
    cleat_status rc = cleat_row_list_page_by(session, BOOKS, BOOKS_BY_STATE, &key, NULL,
                                             CLEAT_BEFORE, 2, &cursor);
    return read_list(&cursor, rc, 2);
}

static cleat_status
check_books(struct books *books, cleat_status rc, size_t expected)
{
    if (rc == CLEAT_OK)
        rc = holds(books->count == expected && books->items[expected - 1].title != NULL &&
                   strcmp(books->items[0].title, CALLS_TITLE) == 0);
    cleat_rows_clear(books);
    return rc;
}

static cleat_status
collect(cleat_session *session)
{
    struct books books = {0};
    return check_books(&books, cleat_row_collect(session, BOOKS, &books), CALLS_FILLED);
}

static cleat_status
collect_by(cleat_session *session)
{
    struct books books = {0};
    cleat_value key = cleat_value_integer(BOOK_NEW);
    return check_books(&books, cleat_row_collect_by(session, BOOKS, BOOKS_BY_STATE, &key, &books),
                       CALLS_FILLED);
}

static cleat_status
get_many(cleat_session *session)
{
    struct books books = {0};
    static const int64_t ids[] = {4, 2, 3};
    const void *keys[] = {ids};
    return check_books(&books, cleat_row_get_many(session, BOOKS, BOOKS_BY_ID, keys, 3, &books), 3);
}

static cleat_status
get_many_by_text(cleat_session *session)
{
    struct books books = {0};
    static const char *const isbns[] = {"isbn-6", "isbn-1"};
    const void *keys[] = {isbns};
    return check_books(&books, cleat_row_get_many(session, BOOKS, BOOKS_BY_ISBN, keys, 2, &books),
                       2);
}

/* ---- the rows that equal a row ---- */

/* The state, the last of the columns that every book has the same value in. */
static cleat_columns
state_of(library_books_row *ret_book)
{
    *ret_book = sample_book("any", "any");
    return cleat_columns_of_bits(UINT64_C(1) << 3);
}

static cleat_status
list_where(cleat_session *session)
{
    library_books_row book;
    cleat_columns columns = state_of(&book);
    cleat_cursor cursor = {0};
    return read_list(&cursor, cleat_row_list_where(session, BOOKS, &book, columns, &cursor),
                     CALLS_FILLED);
}

static cleat_status
collect_where(cleat_session *session)
{
    static const uint16_t places[] = {3, 7};
    library_books_row book;
    struct books books = {0};
    state_of(&book);
    cleat_columns columns = cleat_columns_of_places(places, 2);
    return check_books(&books, cleat_row_collect_where(session, BOOKS, &book, columns, &books),
                       CALLS_FILLED);
}

static cleat_status
count_where(cleat_session *session)
{
    library_books_row book;
    int64_t number = -1;
    cleat_columns columns = state_of(&book);
    cleat_status rc = cleat_row_count_where(session, BOOKS, &book, columns, &number);
    return rc < 0 ? rc : holds(number == CALLS_FILLED);
}

static cleat_status
delete_where(cleat_session *session)
{
    library_books_row book;
    int64_t number = -1;
    cleat_columns columns = state_of(&book);
    cleat_status rc = cleat_row_delete_where(session, BOOKS, &book, columns, &number);
    return rc < 0 ? rc : holds(number == CALLS_FILLED);
}

/* ---- sets ---- */

static void
make_books(library_books_row books[3], const char *const isbns[3])
{
    for (int i = 0; i < 3; i++)
        books[i] = sample_book(isbns[i], calls_text);
}

static cleat_status
insert_many(cleat_session *session)
{
    library_books_row books[3];
    make_books(books, (const char *const[]){"x", "y", "z"});
    return expect(cleat_row_insert_many(session, BOOKS, books, 3), CLEAT_OK);
}

static cleat_status
upsert_many(cleat_session *session)
{
    library_books_row books[3];
    make_books(books, (const char *const[]){"x", "isbn-2", "z"});
    return expect(cleat_row_upsert_many(session, BOOKS, BOOKS_BY_ISBN, books, 3), CLEAT_OK);
}

static cleat_status
ensure_many(cleat_session *session)
{
    library_books_row books[3];
    make_books(books, (const char *const[]){"x", "isbn-2", "z"});
    return expect(cleat_row_ensure_many(session, BOOKS, BOOKS_BY_ISBN, books, 3), CLEAT_OK);
}

/* ---- full text ---- */

static cleat_status
search(cleat_session *session)
{
    cleat_cursor cursor = {0};
    return read_list(&cursor, cleat_row_search(session, &library_books_fts, "words title", &cursor),
                     CALLS_FILLED);
}

/* Which word is marked is not checked: without memory FTS5 marks the first one and says nothing. */
static cleat_status
search_with(cleat_session *session)
{
    static const cleat_search options = {
        .limit = 3, .snippet_tokens = 4, .highlight_column = "title", .operators = true};
    cleat_cursor cursor = {0};
    cleat_match match;
    library_books_row book;
    int number = 0;
    cleat_status rc = cleat_row_search_with(session, &library_books_fts, "title OR x", &options,
                                            &cursor);
    while (rc >= 0 &&
           (rc = cleat_row_search_next(&cursor, &library_books_fts, &book, &match)) == CLEAT_ROW)
        number += strstr(match.highlight, "<b>") != NULL && match.snippet != NULL;
    cleat_cursor_close(&cursor);
    return rc < 0 ? rc : holds(number == 3);
}

static cleat_status
full_text_check(cleat_session *session)
{
    return expect(cleat_full_text_check(session, &library_books_fts), CLEAT_OK);
}

static cleat_status
full_text_rebuild(cleat_session *session)
{
    return expect(cleat_full_text_rebuild(session, &library_books_fts), CLEAT_OK);
}

/* ---- queries ---- */

#define BOOK_COLUMNS                                                                               \
    "id, isbn, title, state, genre, pages, rating, in_print, cover, metadata, author_id, "         \
    "added_at, changed_at"

static const char *const own_database[] = {"library", NULL};
static const cleat_parameter isbn_parameter[] = {{"isbn", NULL, CLEAT_KIND_TEXT, 0}};
static const cleat_parameter ids_parameter[] = {{"ids", NULL, CLEAT_KIND_INTEGER, CLEAT_ARRAY}};
static const cleat_query query_by_isbn = {
    .sql = "SELECT " BOOK_COLUMNS " FROM library.books WHERE isbn >= ?1 ORDER BY id",
    .result = &library_books_table,
    .parameters = isbn_parameter,
    .databases = own_database,
    .parameter_count = 1,
};
static const cleat_query query_touch = {
    .sql = "UPDATE library.books SET pages = 7 WHERE isbn >= ?1",
    .result = &library_books_table,
    .parameters = isbn_parameter,
    .databases = own_database,
    .parameter_count = 1,
    .flags = CLEAT_WRITES,
};
static const cleat_query query_by_ids = {
    .sql = "SELECT " BOOK_COLUMNS
           " FROM library.books WHERE id IN (SELECT value FROM cleat_array(?1))",
    .result = &library_books_table,
    .parameters = ids_parameter,
    .databases = own_database,
    .parameter_count = 1,
};

static cleat_status
query_one(cleat_session *session)
{
    library_books_row book = {0};
    cleat_value value = cleat_value_text("isbn-6");
    cleat_status rc = cleat_query_one(session, &query_by_isbn, &value, &book);
    if (rc == CLEAT_OK)
        rc = holds(book.id == 6);
    cleat_row_clear(BOOKS, &book);
    return rc;
}

static cleat_status
query_many(cleat_session *session)
{
    cleat_cursor cursor = {0};
    cleat_value value = cleat_value_text("isbn-3");
    return read_list(&cursor, cleat_query_many(session, &query_by_isbn, &value, &cursor), 4);
}

static cleat_status
query_array(cleat_session *session)
{
    static const int64_t ids[] = {1, 5, 9};
    cleat_cursor cursor = {0};
    cleat_value value = cleat_value_array(ids, 3);
    return read_list(&cursor, cleat_query_many(session, &query_by_ids, &value, &cursor), 2);
}

static cleat_status
query_collect(cleat_session *session)
{
    struct books books = {0};
    cleat_value value = cleat_value_text("isbn-3");
    return check_books(&books, cleat_query_collect(session, &query_by_isbn, &value, &books), 4);
}

static cleat_status
query_execute(cleat_session *session)
{
    int64_t changed = -1;
    cleat_value value = cleat_value_text("isbn-3");
    cleat_status rc = cleat_query_execute(session, &query_touch, &value, &changed);
    return rc < 0 ? rc : holds(changed == 4);
}

const struct call calls_of_rows[] = {
    CALL(insert, NULL, CALL_WRITES),
    CALL(insert_with_new_id, NULL, CALL_WRITES),
    CALL(update, NULL, CALL_WRITES),
    CALL(patch, NULL, CALL_WRITES),
    CALL(patch_places, NULL, CALL_WRITES),
    CALL(upsert, NULL, CALL_WRITES),
    CALL(ensure, NULL, CALL_WRITES),
    CALL(ensure_new, NULL, CALL_WRITES),
    CALL(get, NULL, CALL_READS),
    CALL(lend, NULL, CALL_READS),
    CALL(exists, NULL, CALL_READS),
    CALL(delete_row, NULL, CALL_WRITES),
    CALL(count, NULL, CALL_READS),
    CALL(count_by, NULL, CALL_READS),
    CALL(list, NULL, CALL_READS),
    CALL(list_by, NULL, CALL_READS),
    CALL(list_twice, NULL, CALL_READS),
    CALL(list_page, NULL, CALL_READS),
    CALL(list_page_by, NULL, CALL_READS),
    CALL(collect, NULL, CALL_READS),
    CALL(collect_by, NULL, CALL_READS),
    CALL(get_many, NULL, CALL_READS),
    CALL(get_many_by_text, NULL, CALL_READS),
    CALL(list_where, NULL, CALL_READS),
    CALL(collect_where, NULL, CALL_READS),
    CALL(count_where, NULL, CALL_READS),
    CALL(delete_where, NULL, CALL_WRITES),
    CALL(insert_many, NULL, CALL_WRITES),
    CALL(upsert_many, NULL, CALL_WRITES),
    CALL(ensure_many, NULL, CALL_WRITES),
    CALL(search, NULL, CALL_READS),
    CALL(search_with, NULL, CALL_READS),
    CALL(full_text_check, NULL, CALL_WRITES),
    CALL(full_text_rebuild, NULL, CALL_WRITES),
    CALL(query_one, NULL, CALL_READS),
    CALL(query_many, NULL, CALL_READS),
    CALL(query_array, NULL, CALL_READS),
    CALL(query_collect, NULL, CALL_READS),
    CALL(query_execute, NULL, CALL_WRITES),
};

const size_t calls_of_rows_count = CLEAT_COUNT(calls_of_rows);
