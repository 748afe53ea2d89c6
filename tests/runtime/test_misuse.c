/* test_misuse.c: calls without what they need, on what is not there, in the wrong order: each says
 * CLEAT_MISUSE and why, none crashes, and the session goes on. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TAGS (&library_tags_table)
#define BOOKS (&library_books_table)

#define REFUSES(call) assert_int_equal(call, CLEAT_MISUSE)
#define EXPECT_NOT_NULL(call) assert_int_equal(call, CLEAT_NOT_NULL)

static void
nothing_is_no_registry_and_no_session(void **state)
{
    cleat_session *session = NULL;
    cleat_registry *registry = NULL;
    cleat_database_info info;
    (void)state;
    REFUSES(cleat_registry_open(NULL, NULL, &registry));
    assert_non_null(strstr(cleat_registry_error(registry)->text, "no init table"));
    cleat_registry_close(registry);
    REFUSES(cleat_registry_open(&sample_init_table, NULL, NULL));
    REFUSES(cleat_session_open(NULL, NULL, CLEAT_READ, &session));
    REFUSES(cleat_session_commit(NULL));
    REFUSES(cleat_session_rollback(NULL));
    REFUSES(cleat_session_use(NULL));
    REFUSES(cleat_session_release(NULL));
    REFUSES(cleat_session_execute(NULL, "SELECT 1"));
    assert_int_equal(cleat_registry_count(NULL), 0);
    assert_int_equal(cleat_registry_database(NULL, 0, &info), CLEAT_NOT_FOUND);
    REFUSES(cleat_registry_database(NULL, 0, NULL));
    REFUSES(cleat_registry_database_named(NULL, NULL, NULL));
    cleat_settings_init(NULL, NULL);
    cleat_settings_file(NULL, "x");
    cleat_settings_log(NULL, NULL, NULL);
    cleat_settings_trace(NULL, NULL, NULL);
    cleat_settings_progress(NULL, NULL, NULL);
    assert_non_null(strstr(cleat_registry_error(NULL)->text, "no registry"));
    assert_non_null(strstr(cleat_session_error(NULL)->text, "no session"));
    assert_string_equal(cleat_session_database(NULL), "");
    cleat_session_close(NULL);
    cleat_registry_close(NULL);
}

static void
nothing_is_no_row_no_table_and_no_key(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    cleat_value values[] = {cleat_value_integer(1), cleat_value_text("x")};
    cleat_cursor cursor = {0};
    REFUSES(cleat_row_insert(NULL, TAGS, &tag));
    REFUSES(cleat_row_insert(session, TAGS, NULL));
    REFUSES(cleat_row_insert(session, NULL, &tag));
    assert_non_null(strstr(cleat_session_error(session)->text, "without a table"));
    REFUSES(cleat_row_update(session, TAGS, NULL));
    REFUSES(cleat_row_upsert(session, TAGS, 7, &tag));
    REFUSES(cleat_row_ensure(session, TAGS, 0, NULL));
    REFUSES(cleat_row_get(session, TAGS, 7, values, &tag));
    REFUSES(cleat_row_get(session, TAGS, 0, NULL, &tag));
    REFUSES(cleat_row_lend(session, TAGS, 0, NULL, &tag));
    REFUSES(cleat_row_exists(session, TAGS, 9, values));
    REFUSES(cleat_row_delete(session, TAGS, 9, values));
    REFUSES(cleat_row_count(session, TAGS, NULL));
    REFUSES(cleat_row_list(session, TAGS, NULL));
    REFUSES(cleat_row_list_by(session, TAGS, 3, values, &cursor));
    REFUSES(cleat_row_collect(session, TAGS, NULL));
    REFUSES(cleat_row_insert_many(session, TAGS, NULL, 2));
    assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_OK);
    cleat_session_close(session);
}

/* The error of a session is of this kind and names these. */
static void
expect_error(const cleat_session *session, cleat_status status, const char *table,
             const char *column)
{
    const cleat_error *error = cleat_session_error(session);
    assert_int_equal(error->status, status);
    assert_string_equal(error->database, "library");
    assert_string_equal(error->table, table);
    assert_string_equal(error->column, column);
}

static void
a_key_without_a_value_is_refused_by_name(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    cleat_value nothing = cleat_value_text(NULL);
    library_books_row book = {0};
    library_loans_row loan = {0};
    cleat_cursor cursor = {0};
    EXPECT_NOT_NULL(cleat_row_get(session, BOOKS, BOOKS_BY_ISBN, &nothing, &book));
    expect_error(session, CLEAT_NOT_NULL, "books", "isbn");
    EXPECT_NOT_NULL(cleat_row_exists(session, BOOKS, BOOKS_BY_ISBN, &nothing));
    EXPECT_NOT_NULL(cleat_row_delete(session, BOOKS, BOOKS_BY_ISBN, &nothing));
    EXPECT_NOT_NULL(
        cleat_row_list_by(session, &library_loans_table, LOANS_BY_READER, &nothing, &cursor));
    expect_error(session, CLEAT_NOT_NULL, "loans", "reader");
    /* a column that may be NULL has such rows, or none */
    assert_int_equal(
        cleat_row_list_by(session, &library_loans_table, LOANS_BY_NOTE, &nothing, &cursor),
        CLEAT_OK);
    assert_int_equal(cleat_row_next(&cursor, &library_loans_table, &loan), CLEAT_DONE);
    cleat_session_close(session);
}

static void
refusals_name_their_table(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_READ);
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    library_books_row book = sample_book("1", "One");
    cleat_search search = {.operators = true};
    cleat_search elsewhere = {.snippet_tokens = 3, .snippet_column = "none"};
    cleat_stream stream;
    cleat_value key = cleat_value_integer(1);
    cleat_cursor cursor;
    assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_READONLY);
    expect_error(session, CLEAT_READONLY, "tags", "");
    REFUSES(cleat_row_insert(session, TAGS, NULL));
    expect_error(session, CLEAT_MISUSE, "tags", "");
    REFUSES(cleat_row_get(session, BOOKS, 99, &key, &book));
    expect_error(session, CLEAT_MISUSE, "books", "");
    REFUSES(cleat_row_stream_open(session, BOOKS, 0, &key, "none", CLEAT_READ, &stream));
    expect_error(session, CLEAT_MISUSE, "books", "none");
    assert_int_equal(cleat_row_search_with(session, &library_books_fts, "a AND", &search, &cursor),
                     CLEAT_VALUE);
    expect_error(session, CLEAT_VALUE, "books", "");
    REFUSES(cleat_row_search_with(session, &library_books_fts, "a", &elsewhere, &cursor));
    expect_error(session, CLEAT_MISUSE, "books", "none");
    assert_int_equal(cleat_row_list(session, TAGS, &cursor), CLEAT_OK);
    REFUSES(cleat_row_next(&cursor, BOOKS, &book));
    expect_error(session, CLEAT_MISUSE, "books", "");
    cleat_session_close(session);
}

static void
values_that_no_column_takes_are_refused_by_name(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    library_books_row book = sample_book("1", "One");
    memset(&book.in_print, 2, 1);
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_CHECK);
    expect_error(session, CLEAT_CHECK, "books", "in_print");
    cleat_rules rules = {.table = BOOKS};
    cleat_violations violations;
    assert_int_equal(cleat_row_validate(&rules, &book, &violations), CLEAT_CHECK);
    assert_string_equal(violations.items[0].column, "in_print");
    book.in_print = true;
    book.cover = (cleat_blob){"x", (size_t)1 << 40};
    assert_int_equal(cleat_row_insert(session, BOOKS, &book), CLEAT_TOO_BIG);
    expect_error(session, CLEAT_TOO_BIG, "books", "cover");
    assert_int_equal(cleat_row_insert_many(session, BOOKS, &book, 1), CLEAT_TOO_BIG);
    expect_error(session, CLEAT_TOO_BIG, "books", "cover");
    assert_int_equal(cleat_session_error(session)->row, 0);
    cleat_session_close(session);
}

static void
cursors_streams_and_searches_that_are_not_open_are_refused(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_READ);
    library_tags_row tag;
    library_books_row book;
    cleat_cursor cursor = {0};
    cleat_match match;
    cleat_stream stream = {0};
    cleat_value key = cleat_value_integer(1);
    size_t size;
    char byte;
    REFUSES(cleat_row_next(NULL, TAGS, &tag));
    REFUSES(cleat_row_next(&cursor, TAGS, &tag));
    REFUSES(cleat_row_search_next(&cursor, &library_books_fts, &book, &match));
    REFUSES(cleat_stream_read(NULL, 0, &byte, 1, &size));
    REFUSES(cleat_stream_read(&stream, 0, &byte, 1, &size));
    REFUSES(cleat_stream_write(&stream, 0, &byte, 1));
    REFUSES(cleat_row_stream_open(session, BOOKS, 9, &key, "cover", CLEAT_READ, &stream));
    REFUSES(cleat_row_stream_open(session, BOOKS, 0, &key, "none", CLEAT_READ, &stream));
    REFUSES(cleat_row_stream_open(session, BOOKS, 0, &key, "cover", 9, &stream));
    assert_int_equal(cleat_row_list(session, TAGS, &cursor), CLEAT_OK);
    REFUSES(cleat_row_search_next(&cursor, NULL, &book, &match));
    cleat_cursor_close(&cursor);
    cleat_cursor_close(NULL);
    cleat_stream_close(NULL);
    assert_int_equal(cleat_stream_size(&stream), 0);
    cleat_session_close(session);
}

static void
statements_refuse_what_they_cannot_do(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, CLEAT_READ);
    cleat_statement *statement = NULL;
    REFUSES(cleat_statement_open(session, NULL, &statement));
    REFUSES(cleat_statement_open(session, "SELECT 1", NULL));
    REFUSES(cleat_statement_next(NULL));
    REFUSES(cleat_statement_reset(NULL));
    REFUSES(cleat_statement_bind_integer(NULL, 1, 1));
    REFUSES(cleat_statement_bind_real(NULL, 1, 1));
    REFUSES(cleat_statement_bind_text(NULL, 1, "x"));
    REFUSES(cleat_statement_bind_blob(NULL, 1, (cleat_blob){"x", 1}));
    REFUSES(cleat_statement_bind_null(NULL, 1));
    assert_int_equal(cleat_statement_open(session, "SELECT ?1, ?2", &statement), CLEAT_OK);
    REFUSES(cleat_statement_bind_integer(statement, 3, 1));
    assert_int_equal(cleat_statement_bind_text(statement, 1, NULL), CLEAT_OK);
    assert_int_equal(cleat_statement_bind_blob(statement, 2, (cleat_blob){NULL, 0}), CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
    REFUSES(cleat_statement_bind_text(statement, 1, "x"));
    REFUSES(cleat_statement_bind_real(statement, 1, 1));
    REFUSES(cleat_statement_bind_blob(statement, 1, (cleat_blob){"x", 1}));
    assert_true(cleat_statement_is_null(statement, 0) && cleat_statement_is_null(statement, 9));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    REFUSES(cleat_statement_next(statement));
    REFUSES(cleat_statement_reset(statement));
    assert_null(cleat_statement_text(statement, 0));
    cleat_statement_close(statement);
    cleat_statement_close(NULL);
    REFUSES(cleat_statement_next(statement));
    cleat_session_close(session);
}

/* ---- init tables that no generator makes ---- */

static const char *const none[] = {NULL};
static const cleat_table *const no_tables[] = {NULL};

static void
assert_table_refused(struct sample *sample, const cleat_database *databases, size_t count,
                     const char *default_database, const char *words)
{
    cleat_init_table table = {.abi = CLEAT_GENERATED_ABI,
                              .name = "wrong",
                              .default_database = default_database,
                              .databases = databases,
                              .database_count = count};
    cleat_registry *registry = NULL;
    REFUSES(cleat_registry_open(&table, &sample->settings, &registry));
    if (strstr(cleat_registry_error(registry)->text, words) == NULL)
        fail_msg("%s", cleat_registry_error(registry)->text);
    cleat_registry_close(registry);
}

#define DATABASE(text, linked)                                                                     \
    {                                                                                              \
        .name = text, .revision = "000000000001", .modules = none, .tables = no_tables,            \
        .schema = none, .links = linked                                                            \
    }

static void
init_tables_that_cannot_be_are_refused(void **state)
{
    struct sample *sample = *state;
    static const char *const to_itself[] = {"one", NULL};
    static const char *const to_nobody[] = {"nobody", NULL};
    static const cleat_database twice[] = {DATABASE("one", none), DATABASE("one", none)};
    static const cleat_database itself[] = {DATABASE("one", to_itself)};
    static const cleat_database nobody[] = {DATABASE("one", to_nobody)};
    static const cleat_database alone[] = {DATABASE("one", none)};
    assert_table_refused(sample, twice, 2, NULL, "twice");
    assert_table_refused(sample, itself, 1, NULL, "which cannot be");
    assert_table_refused(sample, nobody, 1, NULL, "which cannot be");
    assert_table_refused(sample, alone, 1, "two", "from the init table is none of the init table");
}

static void
databases_of_no_link_have_no_default(void **state)
{
    struct sample *sample = *state;
    static const cleat_database two[] = {DATABASE("one", none), DATABASE("two", none)};
    static const cleat_init_table table = {
        .abi = CLEAT_GENERATED_ABI, .name = "two", .databases = two, .database_count = 2};
    cleat_registry *registry = NULL;
    cleat_session *session = NULL;
    assert_int_equal(cleat_registry_open(&table, &sample->settings, &registry), CLEAT_OK);
    assert_int_equal(cleat_session_open(registry, NULL, CLEAT_READ, &session), CLEAT_NOT_FOUND);
    assert_non_null(strstr(cleat_registry_error(registry)->text, "no default database"));
    assert_int_equal(cleat_session_open(registry, "one", CLEAT_READ, NULL), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_registry_error(registry)->text, "no place for the session"));
    cleat_registry_install(registry);
    assert_int_equal(cleat_session_expect(NULL, &session), CLEAT_NOT_FOUND);
    cleat_registry_install(NULL);
    cleat_registry_close(registry);
}

int
main(void)
{
#define OPEN(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_no_registry_and_no_session),
        OPEN(nothing_is_no_row_no_table_and_no_key),
        OPEN(a_key_without_a_value_is_refused_by_name),
        OPEN(refusals_name_their_table),
        OPEN(values_that_no_column_takes_are_refused_by_name),
        OPEN(cursors_streams_and_searches_that_are_not_open_are_refused),
        OPEN(statements_refuse_what_they_cannot_do),
        TEST(init_tables_that_cannot_be_are_refused),
        TEST(databases_of_no_link_have_no_default),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
