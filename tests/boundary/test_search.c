/* test_search.c: full-text search finds what the rows say now, best first, whatever is done to the
 * rows, the file or the text that is searched for. */
#include "shelf.h"

#include <sqlite3.h>
#include <stdio.h>

/* ---- helpers ---- */

static void
add_page(int64_t id, const char *title, const char *body)
{
    shelf_pages_row row = {.id = id, .title = title, .body = body};
    shelf_expect(CLEAT_OK, shelf_pages_insert(shelf_session, &row));
}

static void
add_letter(const char *sender, const char *body, char ret_id[27])
{
    shelf_letters_row row = {.sender = sender, .body = body};
    shelf_expect(CLEAT_OK, shelf_letters_insert(shelf_session, &row));
    if (ret_id != NULL)
        memcpy(ret_id, row.id, sizeof row.id);
}

/* The ids of the pages that match, such as "2 1", best first. */
static const char *
pages_with(const char *text)
{
    static char ids[200];
    cleat_cursor cursor = {0};
    shelf_pages_row row = {0};
    cleat_status rc;
    ids[0] = '\0';
    shelf_expect(CLEAT_OK, shelf_pages_fts_search(shelf_session, text, &cursor));
    while ((rc = shelf_pages_next(&cursor, &row)) == CLEAT_ROW)
        sprintf(ids + strlen(ids), "%s%d", ids[0] == '\0' ? "" : " ", (int)row.id);
    shelf_expect(CLEAT_DONE, rc);
    return ids;
}

/* The senders of the letters that match, in the order of their names. */
static const char *
letters_with(const char *text)
{
    static char senders[200];
    char names[26] = {0};
    cleat_cursor cursor = {0};
    shelf_letters_row row = {0};
    cleat_status rc;
    shelf_expect(CLEAT_OK, shelf_letters_fts_search(shelf_session, text, &cursor));
    while ((rc = shelf_letters_next(&cursor, &row)) == CLEAT_ROW)
        names[row.sender[0] - 'a'] = row.sender[0];
    shelf_expect(CLEAT_DONE, rc);
    senders[0] = '\0';
    for (size_t i = 0; i < sizeof names; i++)
        if (names[i] != 0)
            sprintf(senders + strlen(senders), "%c", names[i]);
    return senders;
}

static void
expect_in_step(void)
{
    shelf_expect(CLEAT_OK, shelf_pages_fts_check(shelf_session));
    shelf_expect(CLEAT_OK, shelf_letters_fts_check(shelf_session));
    shelf_expect(CLEAT_OK, shelf_replies_fts_check(shelf_session));
}

/* Runs SQL on the file as another program would. */
static void
run_outside(const char *sql)
{
    sqlite3 *handle;
    char *message = NULL;
    shelf_leave();
    assert_int_equal(sqlite3_open(shelf_path, &handle), SQLITE_OK);
    if (sqlite3_exec(handle, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    sqlite3_close(handle);
    shelf_return();
}

/* The statements that made some objects of the file, with semicolons between. */
static char *
stored_sql(sqlite3 *handle, const char *which)
{
    sqlite3_stmt *statement;
    char *sql = sqlite3_mprintf("SELECT group_concat(sql, ';') FROM sqlite_schema WHERE %s", which);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    sqlite3_free(sql);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    sql = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return sql;
}

/* ---- staying in step ---- */

static void
the_index_follows_every_write(void **state)
{
    (void)state;
    add_page(1, "The sea", "Salt water");
    add_page(2, "The lake", NULL);
    assert_string_equal(pages_with("sea"), "1");
    shelf_pages_row row = {.id = 1, .title = "The river", .body = "Sweet water"};
    shelf_expect(CLEAT_OK, shelf_pages_update(shelf_session, &row));
    assert_string_equal(pages_with("sea"), "");
    assert_string_equal(pages_with("river sweet"), "1");
    row.id = 2;
    assert_true(shelf_pages_upsert(shelf_session, &row) >= 0);
    row.id = 3;
    assert_true(shelf_pages_upsert(shelf_session, &row) >= 0);
    assert_string_equal(pages_with("river"), "1 2 3");
    shelf_expect(CLEAT_OK, shelf_pages_delete(shelf_session, 2));
    assert_string_equal(pages_with("river"), "1 3");
    shelf_expect(CLEAT_OK, cleat_session_execute(shelf_session,
                                                 "UPDATE shelf.pages SET id=id+10, "
                                                 "views=views+1"));
    assert_string_equal(pages_with("river"), "11 13");
    expect_in_step();
}

static void
a_rollback_takes_the_index_back(void **state)
{
    (void)state;
    add_page(1, "sea", NULL);
    shelf_expect(CLEAT_OK, cleat_session_commit(shelf_session));
    add_page(2, "sea", NULL);
    shelf_expect(CLEAT_OK, shelf_pages_delete(shelf_session, 1));
    assert_string_equal(pages_with("sea"), "2");
    shelf_expect(CLEAT_OK, cleat_session_rollback(shelf_session));
    assert_string_equal(pages_with("sea"), "1");
    expect_in_step();
}

static void
cascades_reach_the_index(void **state)
{
    (void)state;
    shelf_replies_row reply = {.body = "gladly"};
    cleat_cursor cursor = {0};
    add_letter("a", "come", reply.letter_id);
    shelf_expect(CLEAT_OK, shelf_replies_insert(shelf_session, &reply));
    shelf_expect(CLEAT_OK, shelf_replies_fts_search(shelf_session, "gladly", &cursor));
    shelf_expect(CLEAT_ROW, shelf_replies_next(&cursor, &reply));
    cleat_cursor_close(&cursor);
    shelf_expect(CLEAT_OK, shelf_letters_delete_by_sender(shelf_session, "a"));
    shelf_expect(CLEAT_OK, shelf_replies_fts_search(shelf_session, "gladly", &cursor));
    shelf_expect(CLEAT_DONE, shelf_replies_next(&cursor, &reply));
    expect_in_step();
}

/* VACUUM may give plain rowids new numbers, which closes the gaps that deleted rows leave. (SQLite
 * does so for tables without any index, and promises nothing for the others.) */
static void
text_keys_survive_vacuum(void **state)
{
    (void)state;
    char sender[2] = "a", body[32];
    for (; sender[0] <= 'z'; sender[0]++) {
        snprintf(body, sizeof body, "letter of %s%s", sender, sender);
        add_letter(sender, body, NULL);
    }
    for (sender[0] = 'a'; sender[0] <= 'z'; sender[0] = (char)(sender[0] + 2))
        shelf_expect(CLEAT_OK, shelf_letters_delete_by_sender(shelf_session, sender));
    shelf_expect(CLEAT_OK, cleat_session_commit(shelf_session));
    run_outside("VACUUM");
    expect_in_step();
    assert_string_equal(letters_with("aa"), "");
    assert_string_equal(letters_with("zz"), "z");
    assert_string_equal(letters_with("hh"), "h");
    assert_string_equal(letters_with("letter"), "bdfhjlnprtvxz");
}

/* The same when the rows are copied into a new table, as a migration does, in another order. */
static void
text_keys_survive_a_rebuild_of_the_table(void **state)
{
    (void)state;
    static const char *const senders[] = {"c", "a", "e", "b", "d"};
    static const char *const bodies[] = {"three", "one", "five", "two", "four"};
    for (size_t i = 0; i < CLEAT_COUNT(senders); i++)
        add_letter(senders[i], bodies[i], NULL);
    shelf_expect(CLEAT_OK, shelf_letters_delete_by_sender(shelf_session, "a"));
    shelf_expect(CLEAT_OK, cleat_session_commit(shelf_session));
    shelf_leave();
    sqlite3 *handle;
    char *script;
    assert_int_equal(sqlite3_open(shelf_path, &handle), SQLITE_OK);
    script = sqlite3_mprintf(
        "BEGIN; CREATE TEMP TABLE kept AS SELECT cleat_rowid AS number, * FROM letters;"
        "DROP TABLE letters; %z;"
        "INSERT INTO letters (cleat_rowid, id, sender, body)"
        " SELECT number, id, sender, body FROM kept ORDER BY sender DESC;"
        "%z; COMMIT",
        stored_sql(handle, "type = 'table' AND name = 'letters'"),
        stored_sql(handle, "type <> 'table' AND tbl_name = 'letters'"));
    assert_int_equal(sqlite3_exec(handle, script, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(script);
    sqlite3_close(handle);
    shelf_return();
    expect_in_step();
    assert_string_equal(letters_with("five"), "e");
    assert_string_equal(letters_with("one"), "");
}

/* ---- looking after an index ---- */

static void
check_sees_what_is_out_of_step_and_rebuild_mends_it(void **state)
{
    (void)state;
    add_page(1, "sea", NULL);
    add_page(2, "lake", NULL);
    shelf_expect(CLEAT_OK, cleat_session_commit(shelf_session));
    /* an index that lacks a row and has another's words */
    run_outside(
        "INSERT INTO pages_fts(pages_fts, rowid, title, body)"
        " VALUES('delete', 1, 'sea', NULL);"
        "INSERT INTO pages_fts(rowid, title) VALUES(2, 'river')");
    assert_int_equal(shelf_pages_fts_check(shelf_session), CLEAT_CORRUPT);
    assert_string_equal(cleat_session_error(shelf_session)->table, "pages");
    assert_string_equal(pages_with("sea"), "");
    shelf_expect(CLEAT_OK, shelf_pages_fts_rebuild(shelf_session));
    shelf_expect(CLEAT_OK, shelf_pages_fts_check(shelf_session));
    assert_string_equal(pages_with("sea"), "1");
    assert_string_equal(pages_with("river"), "");
}

static void
a_read_session_may_search_but_not_rebuild(void **state)
{
    (void)state;
    cleat_session *reader;
    cleat_cursor cursor = {0};
    shelf_pages_row row = {0};
    add_page(1, "sea", NULL);
    shelf_expect(CLEAT_OK, cleat_session_commit(shelf_session));
    shelf_expect(CLEAT_OK, cleat_session_open(shelf_registry, "shelf", CLEAT_READ, &reader));
    assert_int_equal(shelf_pages_fts_search(reader, "sea", &cursor), CLEAT_OK);
    assert_int_equal(shelf_pages_next(&cursor, &row), CLEAT_ROW);
    assert_int_equal(shelf_pages_fts_rebuild(reader), CLEAT_READONLY);
    assert_int_equal(shelf_pages_fts_check(reader), CLEAT_READONLY);
    cleat_session_close(reader);
}

/* ---- searching ---- */

static void
better_matches_come_first(void **state)
{
    (void)state;
    cleat_cursor cursor = {0};
    cleat_search options = {.limit = 2};
    cleat_match match = {0};
    shelf_pages_row row = {0};
    double last = -1e9;
    int count = 0;
    add_page(1, "water", "and a long text about many other things that nobody asked for");
    add_page(2, "water water", "water");
    add_page(3, "nothing", "of this kind");
    add_page(4, "a", "long text about many other things with water in it, somewhere near its end");
    assert_string_equal(pages_with("water"), "2 1 4");
    shelf_expect(CLEAT_OK, shelf_pages_fts_search_with(shelf_session, "water", &options, &cursor));
    while (shelf_pages_fts_search_next(&cursor, &row, &match) == CLEAT_ROW) {
        assert_true(match.rank >= last && match.rank < 0);
        assert_null(match.snippet);
        assert_null(match.highlight);
        last = match.rank;
        count++;
    }
    assert_int_equal(count, 2);
}

static void
matches_are_marked(void **state)
{
    (void)state;
    cleat_cursor cursor = {0};
    cleat_match match = {0};
    shelf_pages_row row = {0};
    cleat_search options = {.snippet_tokens = 5, .highlight_column = "title"};
    add_page(1, "The salt sea",
             "one two three four five six seven eight nine ten eleven salt "
             "thirteen fourteen fifteen sixteen seventeen");
    shelf_expect(CLEAT_OK, shelf_pages_fts_search_with(shelf_session, "salt", &options, &cursor));
    shelf_expect(CLEAT_ROW, shelf_pages_fts_search_next(&cursor, &row, &match));
    assert_string_equal(match.highlight, "The <b>salt</b> sea");
    assert_non_null(strstr(match.snippet, "<b>salt</b>"));
    cleat_cursor_close(&cursor);
    options.snippet_column = "body";
    options.before = "[";
    options.after = "]";
    options.ellipsis = "...";
    options.highlight_column = NULL;
    shelf_expect(CLEAT_OK, shelf_pages_fts_search_with(shelf_session, "salt", &options, &cursor));
    shelf_expect(CLEAT_ROW, shelf_pages_fts_search_next(&cursor, &row, &match));
    assert_string_equal(match.snippet, "...ten eleven [salt] thirteen fourteen...");
    assert_null(match.highlight);
    assert_string_equal(row.title, "The salt sea");
    shelf_expect(CLEAT_DONE, shelf_pages_fts_search_next(&cursor, &row, &match));
}

static void
operators_only_work_on_request(void **state)
{
    (void)state;
    cleat_cursor cursor = {0};
    cleat_search options = {.operators = true};
    cleat_match match = {0};
    shelf_pages_row row = {0};
    add_page(1, "sea", "blue");
    add_page(2, "lake", "green");
    assert_string_equal(pages_with("sea OR lake"), "");
    assert_string_equal(pages_with("title:sea"), "");
    assert_string_equal(pages_with("se*"), "");
    assert_string_equal(pages_with("se\xC3\xA4"), "1"); /* accents do not count */
    shelf_expect(CLEAT_OK,
                 shelf_pages_fts_search_with(shelf_session, "sea OR lake", &options, &cursor));
    shelf_expect(CLEAT_ROW, shelf_pages_fts_search_next(&cursor, &row, &match));
    shelf_expect(CLEAT_ROW, shelf_pages_fts_search_next(&cursor, &row, &match));
    shelf_expect(CLEAT_DONE, shelf_pages_fts_search_next(&cursor, &row, &match));
    shelf_expect(CLEAT_OK,
                 shelf_pages_fts_search_with(shelf_session, "title:se*", &options, &cursor));
    shelf_expect(CLEAT_ROW, shelf_pages_fts_search_next(&cursor, &row, &match));
    assert_int_equal(row.id, 1);
    cleat_cursor_close(&cursor);
}

static void
a_wrong_query_is_an_error_of_its_own(void **state)
{
    (void)state;
    static const char *const wrong[] = {"AND",   "\"open", "sea AND", "nobody:sea", "(",      "*",
                                        "sea^^", "NEAR(",  "-sea",    "'",          "secret;"};
    cleat_cursor cursor = {0};
    cleat_search options = {.operators = true};
    shelf_pages_row row = {0};
    add_page(1, "sea", NULL);
    for (size_t i = 0; i < CLEAT_COUNT(wrong); i++) {
        shelf_expect(CLEAT_VALUE,
                     shelf_pages_fts_search_with(shelf_session, wrong[i], &options, &cursor));
        assert_null(strstr(cleat_session_error(shelf_session)->text, "secret"));
    }
    shelf_expect(CLEAT_OK, shelf_pages_fts_search_with(shelf_session, " ", &options, &cursor));
    shelf_expect(CLEAT_DONE, shelf_pages_next(&cursor, &row));
    assert_string_equal(pages_with("sea"), "1"); /* the session goes on */
}

static void
wrong_arguments_are_named(void **state)
{
    (void)state;
    cleat_cursor cursor = {0};
    cleat_match match = {0};
    shelf_pages_row row = {0};
    cleat_search options = {.snippet_tokens = 5, .snippet_column = "views"};
    assert_int_equal(shelf_pages_fts_search_with(shelf_session, "a", &options, &cursor),
                     CLEAT_MISUSE);
    assert_string_equal(cleat_session_error(shelf_session)->column, "views");
    options = (cleat_search){.snippet_tokens = 65};
    assert_int_equal(shelf_pages_fts_search_with(shelf_session, "a", &options, &cursor),
                     CLEAT_MISUSE);
    options = (cleat_search){.snippet_tokens = -1};
    assert_int_equal(shelf_pages_fts_search_with(shelf_session, "a", &options, &cursor),
                     CLEAT_MISUSE);
    assert_int_equal(shelf_pages_fts_search(shelf_session, NULL, &cursor), CLEAT_MISUSE);
    assert_int_equal(cleat_full_text_rebuild(shelf_session, NULL), CLEAT_MISUSE);
    assert_int_equal(cleat_full_text_check(shelf_session, NULL), CLEAT_MISUSE);
    assert_int_equal(shelf_pages_fts_search(shelf_session, "a", NULL), CLEAT_MISUSE);
    assert_int_equal(shelf_pages_fts_search_next(NULL, &row, &match), CLEAT_MISUSE);
    assert_int_equal(shelf_pages_fts_search_next(&cursor, &row, &match), CLEAT_MISUSE);
    add_page(1, "a", NULL);
    shelf_expect(CLEAT_OK, shelf_pages_list(shelf_session, &cursor));
    assert_int_equal(shelf_pages_fts_search_next(&cursor, &row, &match), CLEAT_MISUSE);
}

static void
two_searches_run_at_once(void **state)
{
    (void)state;
    cleat_cursor first = {0}, second = {0};
    cleat_match match = {0};
    cleat_search options = {.highlight_column = "title"};
    shelf_pages_row row = {0};
    add_page(1, "sea", NULL);
    add_page(2, "lake", NULL);
    shelf_expect(CLEAT_OK, shelf_pages_fts_search(shelf_session, "sea", &first));
    shelf_expect(CLEAT_OK, shelf_pages_fts_search_with(shelf_session, "lake", &options, &second));
    shelf_expect(CLEAT_ROW, shelf_pages_next(&first, &row));
    assert_int_equal(row.id, 1);
    shelf_expect(CLEAT_ROW, shelf_pages_fts_search_next(&second, &row, &match));
    assert_string_equal(match.highlight, "<b>lake</b>");
    shelf_expect(CLEAT_DONE, shelf_pages_next(&first, &row));
    shelf_expect(CLEAT_DONE, shelf_pages_fts_search_next(&second, &row, &match));
}

/* Words, quotes, operators, half characters: every text is a search. */
static void
no_text_is_a_syntax_error(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "sea", "\"", "'",  "*", "(",     ")",         "AND", "OR", "NOT",  "NEAR", "^",
        ":",   "-",  "+",  "{", "}",     ";",         "--",  "\\", "\xC3", "\xFF", "\xE2\x82\xAC",
        " ",   "\t", "\n", "%", "title", "pages_fts", "0",   ",",  "\x01"};
    char text[400];
    add_page(1, "sea", "title AND \" NEAR");
    for (int i = 0; i < 5000; i++) {
        text[0] = '\0';
        for (unsigned j = shelf_random(20); j > 0; j--)
            strcat(text, pieces[shelf_random(CLEAT_COUNT(pieces))]);
        pages_with(text);
    }
    for (int i = 0; i < 5000; i++) {
        size_t length = shelf_random(30);
        for (size_t j = 0; j < length; j++)
            text[j] = (char)(1 + shelf_random(255));
        text[length] = '\0';
        pages_with(text);
    }
}

static void
a_very_long_text_is_a_search_too(void **state)
{
    (void)state;
    enum { WORDS = 3000 };
    char *text = malloc(WORDS * 8 + 1);
    char *at = text;
    add_page(1, "sea", NULL);
    for (int i = 0; i < WORDS; i++)
        at += sprintf(at, "w%d ", i % 1000);
    assert_string_equal(pages_with(text), "");
    memset(text, 'x', WORDS * 8);
    text[WORDS * 8] = '\0';
    assert_string_equal(pages_with(text), "");
    free(text);
}

/* Rows come and go at random; the index is in step and finds exactly the rows that have a word. */
static void
random_writes_leave_the_index_in_step(void **state)
{
    (void)state;
    static const char *const words[] = {"red", "green", "blue", "black"};
    const char *body[40] = {NULL};
    for (int i = 0; i < 2000; i++) {
        unsigned at = shelf_random(40);
        shelf_pages_row row = {.id = at + 1, .title = "t", .body = words[shelf_random(4)]};
        unsigned what = shelf_random(4);
        if (what == 0) {
            cleat_status rc = shelf_pages_delete(shelf_session, row.id);
            shelf_expect(body[at] == NULL ? CLEAT_NOT_FOUND : CLEAT_OK, rc);
            body[at] = NULL;
        } else if (what == 1 && body[at] == NULL) {
            shelf_expect(CLEAT_OK, shelf_pages_insert(shelf_session, &row));
            body[at] = row.body;
        } else {
            assert_true(shelf_pages_upsert(shelf_session, &row) >= 0);
            body[at] = row.body;
        }
    }
    expect_in_step();
    for (size_t w = 0; w < CLEAT_COUNT(words); w++) {
        cleat_cursor cursor = {0};
        shelf_pages_row row = {0};
        size_t expected = 0, count = 0;
        for (size_t i = 0; i < CLEAT_COUNT(body); i++)
            expected += body[i] == words[w];
        shelf_expect(CLEAT_OK, shelf_pages_fts_search(shelf_session, words[w], &cursor));
        for (; shelf_pages_next(&cursor, &row) == CLEAT_ROW; count++)
            assert_string_equal(row.body, words[w]);
        assert_int_equal(count, expected);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shelf_open, shelf_close)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_index_follows_every_write),
        TEST(a_rollback_takes_the_index_back),
        TEST(cascades_reach_the_index),
        TEST(text_keys_survive_vacuum),
        TEST(text_keys_survive_a_rebuild_of_the_table),
        TEST(check_sees_what_is_out_of_step_and_rebuild_mends_it),
        TEST(a_read_session_may_search_but_not_rebuild),
        TEST(better_matches_come_first),
        TEST(matches_are_marked),
        TEST(operators_only_work_on_request),
        TEST(a_wrong_query_is_an_error_of_its_own),
        TEST(wrong_arguments_are_named),
        TEST(two_searches_run_at_once),
        TEST(no_text_is_a_syntax_error),
        TEST(a_very_long_text_is_a_search_too),
        TEST(random_writes_leave_the_index_in_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
