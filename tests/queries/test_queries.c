/* test_queries.c: what db_queries.sql and db_objects.sql become, called as a program calls it,
 * against files in a directory of its own. Every test starts with four books and one author. */
#define _POSIX_C_SOURCE 200809L

/* cmocka.h wants these four first. */
#include "../temporary.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <archive/db_models.cleat.h>
#include <init_table.h>
#include <library/db_models.cleat.h>
#include <loans/db_models.cleat.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char directory[64];
static cleat_registry *registry;
static cleat_session *session;

#define works(call) gives(CLEAT_OK, call)
#define gives(expected, call)                                                                      \
    do {                                                                                           \
        cleat_status got_ = (call);                                                                \
        if (got_ != (expected))                                                                    \
            print_message("%s: %s: %s\n", #call, cleat_status_name(got_),                          \
                          cleat_session_error(session)->text);                                     \
        assert_int_equal(got_, expected);                                                          \
    } while (0)

/* ---- the fixture ---- */

static void
add_book(int64_t id, const char *title, const char *note, bool has_price, double price)
{
    library_books_row row = library_books_defaults();
    row.id = id;
    row.title = title;
    row.note = note;
    row.has_price = has_price;
    row.price = price;
    row.has_author_id = id < 3;
    row.author_id = 7;
    works(library_books_insert(session, &row));
}

static int
open_library(void **state)
{
    (void)state;
    cleat_settings settings;
    if (!make_temporary(directory, sizeof directory, "queries"))
        return -1;
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", directory);
    cleat_settings_set(&settings, "log_level", "none");
    works(cleat_registry_open(&queries_fixture_init_table, &settings, &registry));
    works(cleat_session_open(registry, "library", CLEAT_WRITE, &session));
    works(library_add_author(session, 7, "Ada"));
    add_book(1, "Engines", "old", true, 12.5);
    add_book(2, "Notes", NULL, false, 0);
    add_book(3, "Poems", "gone", true, 1.5);
    add_book(4, "words", "seven", true, 200);
    works(cleat_session_commit(session));
    return 0;
}

static int
close_library(void **state)
{
    static const char *const names[] = {"library", "archive"};
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    char path[128];
    (void)state;
    cleat_session_close(session);
    session = NULL;
    cleat_registry_close(registry);
    for (size_t i = 0; i < 2; i++)
        for (size_t j = 0; j < 4; j++) {
            snprintf(path, sizeof path, "%s/%s.db%s", directory, names[i], suffixes[j]);
            unlink(path);
        }
    snprintf(path, sizeof path, "%s/.cleat-lock", directory);
    unlink(path);
    rmdir(directory);
    return 0;
}

/* ---- one ---- */

static void
one_copies_the_row(void **state)
{
    (void)state;
    library_book_by_title_row row = {0};
    char title[] = "Engines";
    works(library_book_by_title(session, title, &row));
    memset(title, 'x', sizeof title);
    gives(CLEAT_NOT_FOUND, library_book_by_title(session, "nothing", &row));
    assert_int_equal(row.id, 1);
    assert_string_equal(row.title, "Engines");
    assert_string_equal(row.note, "old");
    assert_int_equal(row.state, BOOK_STATE_OPEN);
    assert_true(row.has_price);
    assert_true(row.price > 12 && row.price < 13);
    works(library_book_by_title(session, "Notes", &row));
    assert_null(row.note);
    assert_false(row.has_price);
    library_book_by_title_clear(&row);
    assert_null(row.title);
}

static void
one_counts_and_adds_up(void **state)
{
    (void)state;
    library_totals_row row = {0};
    works(library_totals(session, &row));
    assert_int_equal(row.books, 4);
    assert_int_equal(row.authors, 1);
    assert_true(row.has_worth && row.worth > 213 && row.worth < 215);
    assert_true(row.has_dear_one);
    works(cleat_session_execute(session, "DELETE FROM library.books"));
    works(library_totals(session, &row));
    assert_int_equal(row.books, 0);
    assert_false(row.has_worth);
    assert_false(row.has_middle);
    assert_false(row.has_dear_one);
    library_totals_clear(&row);
}

static void
returning_gives_the_new_row(void **state)
{
    (void)state;
    library_add_book_row row = {0};
    int64_t author = 7;
    works(library_add_book(session, "Letters", &author, BOOK_STATE_LENT, &row));
    assert_int_equal(row.id, 5);
    assert_string_equal(row.title, "Letters");
    works(library_add_book(session, "Diaries", NULL, BOOK_STATE_OPEN, &row));
    library_books_row book = {0};
    works(library_books_get(session, row.id, &book));
    assert_false(book.has_author_id);
    library_books_clear(&book);
    library_add_book_clear(&row);
    author = 99;
    gives(CLEAT_FOREIGN_KEY, library_add_book(session, "Letters", &author, BOOK_STATE_LENT, &row));
}

/* ---- many ---- */

static void
many_lends_its_rows_in_order(void **state)
{
    (void)state;
    cleat_cursor cursor;
    library_books_of_author_row row;
    int64_t author = 7;
    works(library_books_of_author(session, &author, &cursor));
    gives(CLEAT_ROW, library_books_of_author_next(&cursor, &row));
    assert_string_equal(row.title, "Engines");
    assert_string_equal(row.author, "Ada");
    gives(CLEAT_ROW, library_books_of_author_next(&cursor, &row));
    assert_string_equal(row.title, "Notes");
    gives(CLEAT_DONE, library_books_of_author_next(&cursor, &row));
    gives(CLEAT_DONE, library_books_of_author_next(&cursor, &row));
    works(library_books_of_author(session, NULL, &cursor));
    gives(CLEAT_ROW, library_books_of_author_next(&cursor, &row));
    assert_string_equal(row.title, "Poems");
    assert_null(row.author);
    cleat_cursor_close(&cursor);
    gives(CLEAT_MISUSE, library_books_of_author_next(&cursor, &row));
}

static void
the_same_query_nests(void **state)
{
    (void)state;
    cleat_cursor outer, inner;
    library_archived_books_row row;
    int pairs = 0;
    works(library_archived_books(session, 1, &outer));
    while (library_archived_books_next(&outer, &row) == CLEAT_ROW) {
        works(library_archived_books(session, row.id, &inner));
        while (library_archived_books_next(&inner, &row) == CLEAT_ROW)
            pairs++;
    }
    assert_int_equal(pairs, 4 + 3 + 2 + 1);
}

static void
a_cursor_ends_with_its_unit_of_work(void **state)
{
    (void)state;
    cleat_cursor cursor;
    library_archived_books_row row;
    works(library_archived_books(session, 1, &cursor));
    gives(CLEAT_ROW, library_archived_books_next(&cursor, &row));
    works(cleat_session_commit(session));
    gives(CLEAT_MISUSE, library_archived_books_next(&cursor, &row));
    works(library_archived_books(session, 1, &cursor));
    gives(CLEAT_ROW, library_archived_books_next(&cursor, &row));
    cleat_cursor_close(&cursor);
}

static void
collect_gives_all_rows_at_once(void **state)
{
    (void)state;
    library_state_counts_rows rows = {0};
    gives(CLEAT_OK, library_state_counts_collect(session, &rows));
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.items[0].state, BOOK_STATE_OPEN);
    assert_int_equal(rows.items[0].books, 4);
    assert_string_equal(rows.items[0].last_title, "words");
    library_state_counts_rows_clear(&rows);
    assert_null(rows.items);
    library_all_titles_rows titles = {0};
    works(library_all_titles_collect(session, &titles));
    assert_int_equal(titles.count, 5);
    assert_string_equal(titles.items[0].title, "Ada");
    library_all_titles_rows_clear(&titles);
}

static void
an_update_lists_what_it_returns(void **state)
{
    (void)state;
    library_lose_all_rows rows = {0};
    works(library_lose_all_collect(session, 3, &rows));
    assert_int_equal(rows.count, 2);
    library_lose_all_rows_clear(&rows);
    library_books_row book = {0};
    works(library_books_get(session, 4, &book));
    assert_int_equal(book.state, BOOK_STATE_LOST);
    library_books_clear(&book);
}

static void
full_text_is_searched_by_a_query(void **state)
{
    (void)state;
    cleat_cursor cursor;
    library_matching_books_row row;
    works(library_matching_books(session, "engines OR poems", &cursor));
    gives(CLEAT_ROW, library_matching_books_next(&cursor, &row));
    assert_int_equal(row.id, 1);
    assert_string_equal(row.extract, "[Engines]");
    gives(CLEAT_ROW, library_matching_books_next(&cursor, &row));
    assert_string_equal(row.title, "Poems");
    gives(CLEAT_DONE, library_matching_books_next(&cursor, &row));
}

static void
a_value_that_sql_cannot_use_is_an_error_of_the_query(void **state)
{
    static const char *const texts[] = {"\"", "secret AND", "secret:x", "(", "NEAR("};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const cleat_error *error = cleat_session_error(session);
        library_matching_books_rows rows;
        library_matching_books_row row;
        cleat_cursor cursor;
        works(library_matching_books(session, texts[i], &cursor));
        gives(CLEAT_VALUE, library_matching_books_next(&cursor, &row));
        assert_string_equal(error->table, "matching_books");
        assert_string_equal(error->column, "words");
        assert_non_null(strstr(error->sql, "MATCH"));
        assert_null(strstr(error->text, "secret"));
        gives(CLEAT_VALUE, library_matching_books_collect(session, texts[i], &rows));
    }
    library_shouted_note_row note;
    gives(CLEAT_VALUE, library_shouted_note(session, "no json", 1, &note));
    assert_string_equal(cleat_session_error(session)->table, "shouted_note");
    works(library_shouted_note(session, "{\"a\": 7}", 1, &note));
    assert_int_equal(note.number, 7);
}

static void
a_module_uses_the_enum_of_another(void **state)
{
    (void)state;
    cleat_cursor cursor;
    library_lent_books_row row;
    library_loans_row loan = library_loans_defaults();
    loan.book_id = 1;
    loan.until = 10;
    works(library_loans_insert(session, &loan));
    works(library_lent_books(session, 11, BOOK_STATE_OPEN, &cursor));
    gives(CLEAT_ROW, library_lent_books_next(&cursor, &row));
    assert_string_equal(row.title, "Engines");
    assert_int_equal(row.state, BOOK_STATE_OPEN);
    cleat_cursor_close(&cursor);
}

/* ---- arrays ---- */

static void
an_array_of_integers_is_looked_for(void **state)
{
    (void)state;
    const int64_t ids[] = {3, 1, 99, 1};
    library_books_by_ids_rows rows = {0};
    works(library_books_by_ids_collect(session, ids, CLEAT_COUNT(ids), &rows));
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.items[0].id, 1);
    assert_int_equal(rows.items[1].id, 3);
    library_books_by_ids_rows_clear(&rows);
    works(library_books_by_ids_collect(session, NULL, 0, &rows));
    assert_int_equal(rows.count, 0);
    library_books_by_ids_rows_clear(&rows);
    gives(CLEAT_NOT_NULL, library_books_by_ids_collect(session, NULL, 2, &rows));
    assert_string_equal(cleat_session_error(session)->column, "ids");
}

static void
a_list_keeps_its_own_copy_of_an_array(void **state)
{
    (void)state;
    char first[] = "Poems", second[] = "Engines";
    const char *titles[] = {first, second, NULL};
    cleat_cursor cursor;
    library_books_by_titles_row row;
    works(library_books_by_titles(session, titles, 3, 99, &cursor));
    memset(first, 'x', sizeof first - 1);
    memset(second, 'x', sizeof second - 1);
    memset(titles, 0, sizeof titles);
    gives(CLEAT_ROW, library_books_by_titles_next(&cursor, &row));
    assert_int_equal(row.id, 1);
    gives(CLEAT_ROW, library_books_by_titles_next(&cursor, &row));
    assert_int_equal(row.id, 3);
    gives(CLEAT_DONE, library_books_by_titles_next(&cursor, &row));
}

static void
arrays_of_every_kind_are_bound(void **state)
{
    (void)state;
    int64_t changed;
    const int64_t now = 5;
    const double price = 3.25;
    works(library_set_details(session, "n", &price, &now, BOOK_STATE_LENT,
                              (cleat_blob){"\0\1\2", 3}, 2, &changed));
    assert_int_equal(changed, 1);
    const enum book_state states[] = {BOOK_STATE_LENT, BOOK_STATE_LOST};
    library_books_in_states_rows by_state = {0};
    works(library_books_in_states_collect(session, states, 2, &by_state));
    assert_int_equal(by_state.count, 1);
    assert_int_equal(by_state.items[0].state, BOOK_STATE_LENT);
    library_books_in_states_rows_clear(&by_state);
    const double prices[] = {3.25, 200};
    library_books_at_prices_rows by_price = {0};
    works(library_books_at_prices_collect(session, prices, 2, &by_price));
    assert_int_equal(by_price.count, 2);
    library_books_at_prices_rows_clear(&by_price);
    cleat_cursor cursor;
    library_books_with_covers_row row;
    const cleat_blob covers[] = {{"\0\1", 2}, {"\0\1\2", 3}, {NULL, 0}};
    works(library_books_with_covers(session, covers, 3, (const bool[]){false}, 1, &cursor));
    gives(CLEAT_ROW, library_books_with_covers_next(&cursor, &row));
    assert_int_equal(row.id, 2);
    gives(CLEAT_DONE, library_books_with_covers_next(&cursor, &row));
}

static void
an_enum_array_has_only_labels(void **state)
{
    (void)state;
    const enum book_state states[] = {BOOK_STATE_LENT, (enum book_state)77};
    cleat_cursor cursor;
    gives(CLEAT_CHECK, library_books_in_states(session, states, 2, &cursor));
    assert_string_equal(cleat_session_error(session)->column, "states");
}

static void
not_in_an_empty_array_is_everything(void **state)
{
    (void)state;
    int64_t count;
    const int64_t kept[] = {1, 2, 3};
    works(library_forget_books(session, kept, 3, &count));
    assert_int_equal(count, 1);
    works(library_forget_books(session, NULL, 0, &count));
    assert_int_equal(count, 3);
}

/* ---- parameters and NULL ---- */

static void
null_is_passed_where_a_column_may_be_null(void **state)
{
    (void)state;
    int64_t changed;
    works(library_set_details(session, NULL, NULL, NULL, BOOK_STATE_OPEN, (cleat_blob){NULL, 0}, 1,
                              &changed));
    library_books_row book = {0};
    works(library_books_get(session, 1, &book));
    assert_null(book.note);
    assert_false(book.has_price);
    assert_null(book.cover.data);
    works(library_set_details(session, "", NULL, NULL, BOOK_STATE_OPEN, (cleat_blob){"", 0}, 1,
                              &changed));
    works(library_books_get(session, 1, &book));
    assert_string_equal(book.note, "");
    assert_non_null(book.cover.data);
    assert_int_equal(book.cover.size, 0);
    library_books_clear(&book);
}

static void
null_is_refused_elsewhere(void **state)
{
    (void)state;
    library_book_by_title_row row = {0};
    gives(CLEAT_NOT_NULL, library_book_by_title(session, NULL, &row));
    assert_string_equal(cleat_session_error(session)->column, "title");
    int64_t changed;
    gives(CLEAT_CHECK, library_set_details(session, NULL, NULL, NULL, (enum book_state)9,
                                           (cleat_blob){NULL, 0}, 1, &changed));
    assert_string_equal(cleat_session_error(session)->column, "state");
}

static void
words_of_c_are_parameters(void **state)
{
    (void)state;
    int64_t changed;
    works(library_class(session, "A title", "a note", 4, &changed));
    assert_int_equal(changed, 1);
}

/* ---- the guard ---- */

static void
a_null_that_was_said_not_to_come_is_an_error(void **state)
{
    (void)state;
    library_bad_note_row row = {0};
    works(library_bad_note(session, 1, &row));
    assert_string_equal(row.note, "old");
    assert_int_equal(row.number, 7);
    gives(CLEAT_VALUE, library_bad_note(session, 3, &row));
    assert_string_equal(cleat_session_error(session)->column, "note");
    gives(CLEAT_VALUE, library_bad_note(session, 4, &row));
    assert_string_equal(cleat_session_error(session)->column, "number");
    assert_string_equal(row.note, "old");
    library_bad_note_clear(&row);
}

/* ---- databases ---- */

static void
a_query_joins_and_writes_two_files(void **state)
{
    (void)state;
    int64_t moved;
    cleat_cursor cursor;
    library_archived_books_row row;
    library_lose_all_rows lost = {0};
    works(library_lose_all_collect(session, 4, &lost));
    library_lose_all_rows_clear(&lost);
    works(library_move_to_shelf(session, "B7", &moved));
    assert_int_equal(moved, 1);
    works(library_archived_books(session, 3, &cursor));
    gives(CLEAT_ROW, library_archived_books_next(&cursor, &row));
    assert_null(row.shelf);
    gives(CLEAT_ROW, library_archived_books_next(&cursor, &row));
    assert_string_equal(row.shelf, "B7");
    cleat_cursor_close(&cursor);
    gives(CLEAT_CONFLICT, library_move_to_shelf(session, "B7", &moved));
    assert_string_equal(cleat_session_error(session)->column, "book_id");
}

static void
a_session_that_does_not_reach_a_database_says_which(void **state)
{
    (void)state;
    cleat_session *other;
    cleat_cursor cursor;
    works(cleat_session_open(registry, "archive", CLEAT_READ, &other));
    assert_int_equal(library_archived_books(other, 1, &cursor), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(other)->text, "needs library"));
    cleat_session_close(other);
}

static void
a_read_session_refuses_queries_that_write(void **state)
{
    (void)state;
    cleat_session *reader;
    int64_t count;
    works(cleat_session_open(registry, "library", CLEAT_READ, &reader));
    assert_int_equal(library_forget_books(reader, NULL, 0, &count), CLEAT_READONLY);
    library_totals_row row = {0};
    assert_int_equal(library_totals(reader, &row), CLEAT_OK);
    assert_int_equal(row.books, 4);
    library_totals_clear(&row);
    cleat_session_close(reader);
}

static void
a_conflict_names_table_and_column(void **state)
{
    (void)state;
    gives(CLEAT_CONFLICT, library_add_author(session, 8, "Ada"));
    assert_string_equal(cleat_session_error(session)->table, "authors");
    assert_string_equal(cleat_session_error(session)->column, "name");
}

/* ---- views and triggers ---- */

static void
a_view_lists_and_counts(void **state)
{
    (void)state;
    int64_t count;
    cleat_cursor cursor;
    library_dear_books_row row;
    works(library_dear_books_count(session, &count));
    assert_int_equal(count, 2);
    works(library_dear_books_list(session, &cursor));
    gives(CLEAT_ROW, library_dear_books_next(&cursor, &row));
    assert_string_equal(row.title, "Engines");
    assert_true(row.worth > 12);
    assert_false(row.is_orphan);
    gives(CLEAT_ROW, library_dear_books_next(&cursor, &row));
    assert_true(row.is_orphan);
    gives(CLEAT_DONE, library_dear_books_next(&cursor, &row));
    library_dear_titles_rows rows = {0};
    works(library_dear_titles_collect(session, &rows));
    assert_int_equal(rows.count, 2);
    assert_true(rows.items[1].worth > 199);
    library_dear_titles_rows_clear(&rows);
}

static void
triggers_do_their_work(void **state)
{
    (void)state;
    works(cleat_session_execute(session, "DELETE FROM library.books"));
    gives(CLEAT_CHECK, library_authors_delete(session, 7));
    assert_non_null(strstr(cleat_session_error(session)->text, "authors stay"));
    add_book(1, "Engines", NULL, true, 11);
    works(cleat_session_execute(session, "UPDATE library.dear_books SET worth = 99"));
    library_books_row book = {0};
    works(library_books_get(session, 1, &book));
    assert_true(book.price > 98);
    library_books_clear(&book);
}

#define PROMISE(test) cmocka_unit_test_setup_teardown(test, open_library, close_library)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISE(one_copies_the_row),
        PROMISE(one_counts_and_adds_up),
        PROMISE(returning_gives_the_new_row),
        PROMISE(many_lends_its_rows_in_order),
        PROMISE(the_same_query_nests),
        PROMISE(a_cursor_ends_with_its_unit_of_work),
        PROMISE(collect_gives_all_rows_at_once),
        PROMISE(an_update_lists_what_it_returns),
        PROMISE(full_text_is_searched_by_a_query),
        PROMISE(a_value_that_sql_cannot_use_is_an_error_of_the_query),
        PROMISE(a_module_uses_the_enum_of_another),
        PROMISE(an_array_of_integers_is_looked_for),
        PROMISE(a_list_keeps_its_own_copy_of_an_array),
        PROMISE(arrays_of_every_kind_are_bound),
        PROMISE(an_enum_array_has_only_labels),
        PROMISE(not_in_an_empty_array_is_everything),
        PROMISE(null_is_passed_where_a_column_may_be_null),
        PROMISE(null_is_refused_elsewhere),
        PROMISE(words_of_c_are_parameters),
        PROMISE(a_null_that_was_said_not_to_come_is_an_error),
        PROMISE(a_query_joins_and_writes_two_files),
        PROMISE(a_session_that_does_not_reach_a_database_says_which),
        PROMISE(a_read_session_refuses_queries_that_write),
        PROMISE(a_conflict_names_table_and_column),
        PROMISE(a_view_lists_and_counts),
        PROMISE(triggers_do_their_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
