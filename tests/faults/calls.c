/* calls.c: the list of calls. Each is short and complete: what it was given it checks and frees, so
 * that a wrong result, and a leak, have the name of their call. */
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

enum { FILLED = 6 };

static const char long_text[] =
    "a text that is long enough not to fit into any small buffer that somebody might keep for it";

/* The rows of a list, as generated code declares them. */
struct books {
    library_books_row *items;
    size_t count;
    void *owned;
};

/* An outcome above 0 that is expected becomes CLEAT_OK, another one CLEAT_VALUE. */
static cleat_status
expect(cleat_status rc, cleat_status expected)
{
    return rc < 0 ? rc : rc == expected ? CLEAT_OK : CLEAT_VALUE;
}

static cleat_status
holds(bool condition)
{
    return condition ? CLEAT_OK : CLEAT_VALUE;
}

static void
isbn_of(int number, char ret_isbn[16])
{
    snprintf(ret_isbn, 16, "isbn-%d", number);
}

void
calls_fill(cleat_registry *registry)
{
    cleat_session *session;
    char isbn[16];
    assert_int_equal(cleat_session_open(registry, "library", CLEAT_WRITE, &session), CLEAT_OK);
    for (int i = 1; i <= FILLED; i++) {
        isbn_of(i, isbn);
        library_books_row book = sample_book(isbn, "A title with words");
        book.id = i;
        book.cover = (cleat_blob){long_text, sizeof long_text};
        assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_OK);
        library_loans_row loan = {.book_id = i, .reader = "ada", .note = long_text};
        assert_int_equal(cleat_row_insert(session, LOANS, &loan), CLEAT_OK);
    }
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
}

/* ---- single rows ---- */

static cleat_status
insert(cleat_session *session)
{
    library_books_row book = sample_book("new", long_text);
    cleat_status rc = cleat_row_insert(session, BOOKS, &book);
    return rc < 0 ? rc : holds(rc == CLEAT_OK && book.id == FILLED + 1);
}

static cleat_status
insert_with_new_id(cleat_session *session)
{
    library_authors_row author;
    cleat_row_defaults(AUTHORS, &author);
    author.name = long_text;
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
        rc = holds(book.id == 3 && strcmp(book.title, "A title with words") == 0);
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
        rc = holds(book.id == 4 && book.cover.size == sizeof long_text &&
                   memcmp(book.cover.data, long_text, sizeof long_text) == 0);
    cleat_row_clear(BOOKS, &book);
    return rc;
}

static cleat_status
lend(cleat_session *session)
{
    library_loans_row loan = {0};
    cleat_value key[] = {cleat_value_integer(5), cleat_value_text("ada")};
    cleat_status rc = cleat_row_lend(session, LOANS, LOANS_BY_KEY, key, &loan);
    return rc < 0 ? rc : holds(rc == CLEAT_OK && strcmp(loan.note, long_text) == 0);
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
    return rc < 0 ? rc : holds(number == FILLED);
}

static cleat_status
count_by(cleat_session *session)
{
    int64_t number = -1;
    cleat_value key = cleat_value_text("ada");
    cleat_status rc = cleat_row_count_by(session, LOANS, LOANS_BY_READER, &key, &number);
    return rc < 0 ? rc : holds(number == FILLED);
}

/* Reads a list of books to its end. */
static cleat_status
read_list(cleat_cursor *cursor, cleat_status rc, int expected)
{
    library_books_row book;
    int number = 0;
    while (rc >= 0 && (rc = cleat_row_next(cursor, BOOKS, &book)) == CLEAT_ROW)
        number += book.isbn != NULL && book.cover.size == sizeof long_text;
    cleat_cursor_close(cursor);
    return rc < 0 ? rc : holds(rc == CLEAT_DONE && number == expected);
}

static cleat_status
list(cleat_session *session)
{
    cleat_cursor cursor = {0};
    return read_list(&cursor, cleat_row_list(session, BOOKS, &cursor), FILLED);
}

static cleat_status
list_by(cleat_session *session)
{
    cleat_cursor cursor = {0};
    cleat_value key = cleat_value_integer(BOOK_NEW);
    return read_list(&cursor, cleat_row_list_by(session, BOOKS, BOOKS_BY_STATE, &key, &cursor),
                     FILLED);
}

static cleat_status
list_twice(cleat_session *session)
{
    cleat_cursor first = {0}, second = {0};
    cleat_status rc = cleat_row_list(session, BOOKS, &first);
    if (rc == CLEAT_OK)
        rc = read_list(&second, cleat_row_list(session, BOOKS, &second), FILLED);
    return read_list(&first, rc, FILLED);
}

static cleat_status
list_page(cleat_session *session)
{
    cleat_cursor cursor = {0};
    library_books_row from = sample_book("isbn-2", "A title with words");
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
                   strcmp(books->items[0].title, "A title with words") == 0);
    cleat_rows_clear(books);
    return rc;
}

static cleat_status
collect(cleat_session *session)
{
    struct books books = {0};
    return check_books(&books, cleat_row_collect(session, BOOKS, &books), FILLED);
}

static cleat_status
collect_by(cleat_session *session)
{
    struct books books = {0};
    cleat_value key = cleat_value_integer(BOOK_NEW);
    return check_books(&books, cleat_row_collect_by(session, BOOKS, BOOKS_BY_STATE, &key, &books),
                       FILLED);
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

/* ---- sets ---- */

static void
make_books(library_books_row books[3], const char *const isbns[3])
{
    for (int i = 0; i < 3; i++)
        books[i] = sample_book(isbns[i], long_text);
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

/* ---- streams ---- */

static cleat_status
stream_read(cleat_session *session)
{
    cleat_stream stream = {0};
    char bytes[sizeof long_text];
    size_t size = 0;
    cleat_value key = cleat_value_integer(1);
    cleat_status rc = cleat_row_stream_open(session, BOOKS, BOOKS_BY_ID, &key, "cover", CLEAT_READ,
                                            &stream);
    if (rc == CLEAT_OK)
        rc = cleat_stream_read(&stream, 0, bytes, sizeof bytes, &size);
    if (rc == CLEAT_OK)
        rc = holds(size == sizeof bytes && memcmp(bytes, long_text, size) == 0);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
stream_write(cleat_session *session)
{
    cleat_stream stream = {0};
    cleat_value key = cleat_value_integer(1);
    cleat_status rc = cleat_row_stream_open(session, BOOKS, BOOKS_BY_ID, &key, "cover", CLEAT_WRITE,
                                            &stream);
    if (rc == CLEAT_OK)
        rc = cleat_stream_write(&stream, 2, "bytes", 5);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
stream_create(cleat_session *session)
{
    static const char bytes[12000];
    cleat_stream stream = {0};
    cleat_value key = cleat_value_integer(1);
    cleat_status rc = cleat_row_stream_create(session, BOOKS, BOOKS_BY_ID, &key, "cover",
                                              sizeof bytes, &stream);
    if (rc == CLEAT_OK)
        rc = cleat_stream_write(&stream, 0, bytes, sizeof bytes);
    cleat_stream_close(&stream);
    return rc;
}

/* ---- full text ---- */

static cleat_status
search(cleat_session *session)
{
    cleat_cursor cursor = {0};
    return read_list(&cursor, cleat_row_search(session, &library_books_fts, "words title", &cursor),
                     FILLED);
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
    "added_at, changed_at, title_length"

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

/* ---- own SQL ---- */

static cleat_status
statement(cleat_session *session)
{
    cleat_statement *own = NULL;
    cleat_status rc = cleat_statement_open(
        session, "SELECT cover, title || ?1 || ?2 FROM library.books WHERE id = ?3", &own);
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_text(own, 1, long_text);
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_blob(own, 2, (cleat_blob){"x", 1});
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_integer(own, 3, 2);
    if (rc == CLEAT_OK)
        rc = expect(cleat_statement_next(own), CLEAT_ROW);
    if (rc == CLEAT_OK)
        rc = holds(cleat_statement_blob(own, 0).size == sizeof long_text &&
                   strlen(cleat_statement_text(own, 1)) == 18 + strlen(long_text) + 1);
    if (rc == CLEAT_OK)
        rc = expect(cleat_statement_next(own), CLEAT_DONE);
    cleat_statement_close(own);
    return rc;
}

static cleat_status
execute(cleat_session *session)
{
    return cleat_session_execute(session, "DELETE FROM library.loans WHERE book_id = 1");
}

static cleat_status
execute_apart(cleat_session *session)
{
    cleat_status rc = execute(session);
    if (rc == CLEAT_OK)
        rc = cleat_session_execute(
            session, "INSERT INTO archive.notes (id, slug) VALUES ('apart', 'apart')");
    return rc;
}

/* ---- rows and JSON: no session is needed, but memory is ---- */

static const cleat_rules book_rules = {.table = &library_books_table};

static cleat_status
json(cleat_session *session)
{
    library_books_row book = sample_book("isbn", long_text), defaults = sample_book("", ""),
                      read = {0};
    cleat_violations violations;
    char *text = NULL;
    (void)session;
    cleat_status rc = cleat_row_validate(&book_rules, &book, &violations);
    if (rc == CLEAT_OK)
        rc = cleat_row_to_json(&book_rules, &book, &text);
    if (rc == CLEAT_OK)
        rc = cleat_row_from_json(&book_rules, text, strlen(text), CLEAT_JSON_LENIENT, &defaults,
                                 &read, &violations);
    if (rc == CLEAT_OK)
        rc = holds(strcmp(read.title, long_text) == 0);
    cleat_free(text);
    cleat_row_clear(BOOKS, &read);
    return rc;
}

static cleat_status
ambient(cleat_session *session)
{
    cleat_status rc = cleat_session_use(session);
    if (rc < 0)
        return rc;
    return cleat_session_release(session);
}

#define READS(function)                                                                            \
    {                                                                                              \
#function, CALL_READS, function                                                            \
    }
#define WRITES(function)                                                                           \
    {                                                                                              \
#function, CALL_WRITES, function                                                           \
    }

const struct call calls[] = {
    WRITES(insert),
    WRITES(insert_with_new_id),
    WRITES(update),
    WRITES(patch),
    WRITES(patch_places),
    WRITES(upsert),
    WRITES(ensure),
    WRITES(ensure_new),
    READS(get),
    READS(lend),
    READS(exists),
    WRITES(delete_row),
    READS(count),
    READS(count_by),
    READS(list),
    READS(list_by),
    READS(list_twice),
    READS(list_page),
    READS(list_page_by),
    READS(collect),
    READS(collect_by),
    READS(get_many),
    READS(get_many_by_text),
    WRITES(insert_many),
    WRITES(upsert_many),
    WRITES(ensure_many),
    READS(stream_read),
    WRITES(stream_write),
    WRITES(stream_create),
    READS(search),
    READS(search_with),
    WRITES(full_text_check),
    WRITES(full_text_rebuild),
    READS(query_one),
    READS(query_many),
    READS(query_array),
    READS(query_collect),
    WRITES(query_execute),
    READS(statement),
    WRITES(execute),
    {"execute_apart", CALL_WRITES | CALL_APART, execute_apart},
    READS(json),
    READS(ambient),
};

const size_t call_count = CLEAT_COUNT(calls);
