/* test_joined_sets.c: many rows of tables that extend others: arrays, lists, pages, search, JSON,
 * streams. */
#include "works.h"

#include "sql.h" /* the builder of SQL is private to the runtime */

enum { COUNT = 500 };

static char uris[COUNT][24], senders[COUNT][24];

/* Letters 0 to COUNT - 1, in an order that is not that of their keys. */
static void
make_letters(shop_letters_row *rows)
{
    for (size_t i = 0; i < COUNT; i++) {
        size_t number = i * 7 % COUNT;
        snprintf(uris[i], sizeof uris[i], "letter:%03zu", number);
        snprintf(senders[i], sizeof senders[i], "sender %03zu", COUNT - number);
        rows[i] = letter_row(uris[i], senders[i]);
        rows[i].has_shelf = number % 5 != 0;
        rows[i].shelf = (int64_t)(number % 5);
        rows[i].isbn = number % 2 == 0 ? NULL : uris[i];
    }
}

static void
add_letters(void)
{
    static shop_letters_row rows[COUNT];
    make_letters(rows);
    gives(CLEAT_OK, shop_letters_insert_many(session, rows, COUNT));
    for (size_t i = 0; i < COUNT; i++)
        assert_true(rows[i].id > 0);
}

/* ---- arrays ---- */

static void
insert_many_writes_all_parts_or_none(void **state)
{
    (void)state;
    static shop_letters_row rows[COUNT];
    shop_letters_row found = {0};
    make_letters(rows);
    const char *sender = rows[77].sender;
    rows[77].sender = rows[76].sender;
    gives(CLEAT_CONFLICT, shop_letters_insert_many(session, rows, COUNT));
    assert_true(blames_row(76) || blames_row(77));
    holds(0, 0, 0);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(rows[i].id, 0);
    rows[77].sender = sender;
    rows[78].body = "bad";
    gives(CLEAT_CHECK, shop_letters_insert_many(session, rows, COUNT));
    assert_true(blames_row(78));
    rows[78].body = "good";
    rows[79].kind = WORK_KIND_TEXT;
    gives(CLEAT_CHECK, shop_letters_insert_many(session, rows, COUNT));
    assert_true(blames_row(79));
    rows[79].kind = WORK_KIND_LETTER;
    holds(0, 0, 0);
    gives(CLEAT_OK, shop_letters_insert_many(session, rows, COUNT));
    holds(COUNT, COUNT, COUNT);
    for (size_t i = 0; i < COUNT; i += 50) {
        gives(CLEAT_OK, shop_letters_get(session, rows[i].id, &found));
        assert_string_equal(found.uri, rows[i].uri);
        assert_string_equal(found.sender, rows[i].sender);
        assert_int_equal(found.has_shelf, rows[i].has_shelf);
    }
    shop_letters_clear(&found);
    gives(CLEAT_OK, shop_letters_insert_many(session, NULL, 0));
}

static void
rows_of_an_array_may_refer_to_one_another(void **state)
{
    (void)state;
    shop_texts_row rows[2] = {text_row("text:1", "question"), text_row("text:2", "answer")};
    rows[0].id = 10;
    rows[1].id = 11;
    rows[0].has_answer_to = rows[1].has_answer_to = true;
    rows[0].answer_to = 11;
    rows[1].answer_to = 10;
    gives(CLEAT_OK, shop_texts_insert_many(session, rows, 2));
    holds(2, 2, 0);
    rows[0].uri = "text:3";
    rows[0].id = 0;
    rows[0].answer_to = 4711;
    gives(CLEAT_FOREIGN_KEY, shop_texts_insert_many(session, rows, 1));
    assert_string_equal(cleat_session_error(session)->table, "texts");
    holds(2, 2, 0);
}

static void
upsert_many_is_an_upsert_of_each(void **state)
{
    (void)state;
    static shop_letters_row rows[COUNT];
    shop_letters_row found = {0};
    make_letters(rows);
    gives(CLEAT_OK, shop_letters_upsert_many_by_uri(session, rows, COUNT / 2));
    int64_t id = rows[3].id;
    for (size_t i = 0; i < COUNT; i++)
        rows[i].id = 0;
    rows[3].body = "changed";
    rows[4].title = "changed";
    rows[5].sender = "changed";
    gives(CLEAT_OK, shop_letters_upsert_many_by_uri(session, rows, COUNT));
    holds(COUNT, COUNT, COUNT);
    assert_int_equal(rows[3].id, id);
    gives(CLEAT_OK, shop_letters_get(session, id, &found));
    assert_string_equal(found.body, "changed");
    assert_int_equal(ask("SELECT count(*) FROM shop.works WHERE title = 'changed'"), 1);
    assert_int_equal(ask("SELECT count(*) FROM shop.letters WHERE sender = 'changed'"), 1);
    rows[0].title = "not this";
    rows[COUNT - 1].body = "bad";
    gives(CLEAT_CHECK, shop_letters_upsert_many_by_sender(session, rows, COUNT));
    assert_true(blames_row(COUNT - 1));
    assert_int_equal(ask("SELECT count(*) FROM shop.works WHERE title = 'not this'"), 0);
    shop_letters_clear(&found);
}

static void
the_last_of_equal_rows_wins_an_upsert(void **state)
{
    (void)state;
    shop_texts_row rows[3] = {text_row("text:1", "first"), text_row("text:1", "second"),
                              text_row("text:1", "first")};
    shop_texts_row found = {0};
    gives(CLEAT_OK, shop_texts_upsert_many_by_uri(session, rows, 3));
    assert_int_equal(rows[1].id, rows[0].id);
    assert_int_equal(rows[2].id, rows[0].id);
    gives(CLEAT_OK, shop_texts_get_by_uri(session, "text:1", &found));
    assert_string_equal(found.body, "first");
    rows[1].body = "third";
    gives(CLEAT_OK, shop_texts_upsert_many(session, rows, 2));
    gives(CLEAT_OK, shop_texts_get_by_uri(session, "text:1", &found));
    assert_string_equal(found.body, "third");
    holds(1, 1, 0);
    shop_texts_clear(&found);
}

static void
ensure_many_adds_what_is_not_there(void **state)
{
    (void)state;
    static shop_letters_row rows[COUNT];
    make_letters(rows);
    gives(CLEAT_OK, shop_letters_ensure_many_by_sender(session, rows, COUNT / 2));
    int64_t id = rows[3].id;
    for (size_t i = 0; i < COUNT; i++)
        rows[i].id = 0;
    rows[3].body = "not written";
    rows[COUNT - 1].sender = rows[COUNT - 2].sender;
    rows[COUNT - 1].isbn = NULL;
    gives(CLEAT_OK, shop_letters_ensure_many_by_sender(session, rows, COUNT));
    holds(COUNT - 1, COUNT - 1, COUNT - 1);
    assert_int_equal(rows[3].id, id);
    assert_int_equal(rows[COUNT - 1].id, rows[COUNT - 2].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.texts WHERE body = 'not written'"), 0);
    shop_letters_row more[2] = {letter_row("letter:new", "new"), letter_row("letter:000", "newer")};
    gives(CLEAT_CONFLICT, shop_letters_ensure_many_by_sender(session, more, 2));
    assert_true(blames_row(1));
    assert_int_equal(more[0].id, 0);
    holds(COUNT - 1, COUNT - 1, COUNT - 1);
}

static void
keys_of_text_are_taken_over(void **state)
{
    (void)state;
    shop_firms_row firms[2] = {shop_firms_defaults(), shop_firms_defaults()};
    firms[0].email = "a@x";
    firms[0].about = "one";
    firms[1].email = "b@x";
    firms[1].about = "two";
    gives(CLEAT_OK, shop_firms_insert_many(session, firms, 2));
    shop_firms_row again[2] = {firms[1], firms[0]};
    again[0].id[0] = again[1].id[0] = '\0';
    again[0].about = "changed";
    gives(CLEAT_OK, shop_firms_upsert_many_by_email(session, again, 2));
    assert_string_equal(again[0].id, firms[1].id);
    assert_string_equal(again[1].id, firms[0].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.firms WHERE about = 'changed'"), 1);
}

static void
get_many_keeps_the_order_of_the_keys(void **state)
{
    (void)state;
    shop_letters_rows rows;
    add_letters();
    const char *const by_uri[] = {"letter:400", "letter:003", "nothing", "letter:250"};
    gives(CLEAT_NOT_FOUND, shop_letters_get_many_by_uri(session, by_uri, 4, &rows));
    assert_int_equal(rows.count, 3);
    assert_string_equal(rows.items[0].uri, "letter:400");
    assert_string_equal(rows.items[1].uri, "letter:003");
    assert_string_equal(rows.items[2].uri, "letter:250");
    int64_t ids[] = {rows.items[2].id, rows.items[0].id};
    shop_letters_rows_clear(&rows);
    const char *const by_sender[] = {"sender 500", "sender 001"};
    gives(CLEAT_OK, shop_letters_get_many_by_sender(session, by_sender, 2, &rows));
    assert_string_equal(rows.items[0].uri, "letter:000");
    assert_string_equal(rows.items[1].uri, "letter:499");
    shop_letters_rows_clear(&rows);
    gives(CLEAT_OK, shop_letters_get_many(session, ids, 2, &rows));
    assert_string_equal(rows.items[0].uri, "letter:250");
    assert_string_equal(rows.items[1].sender, "sender 100");
    shop_letters_rows_clear(&rows);
}

/* ---- lists and pages ---- */

static void
lists_and_counts_know_only_whole_rows(void **state)
{
    (void)state;
    shop_texts_row text = text_row("text:1", "no letter");
    shop_letters_row row;
    shop_letters_rows rows;
    cleat_cursor cursor;
    int64_t count, last = 0;
    gives(CLEAT_OK, shop_texts_insert(session, &text));
    add_letters();
    gives(CLEAT_OK, shop_letters_count(session, &count));
    assert_int_equal(count, COUNT);
    gives(CLEAT_OK, shop_texts_count(session, &count));
    assert_int_equal(count, COUNT + 1);
    gives(CLEAT_OK, shop_letters_list(session, &cursor));
    for (count = 0; shop_letters_next(&cursor, &row) == CLEAT_ROW; count++) {
        assert_true(row.id > last);
        assert_string_equal(row.body, "Dear all");
        last = row.id;
    }
    assert_int_equal(count, COUNT);
    gives(CLEAT_OK, shop_letters_collect(session, &rows));
    assert_int_equal(rows.count, COUNT);
    assert_int_equal(rows.items[COUNT - 1].id, last);
    shop_letters_rows_clear(&rows);
    gives(CLEAT_OK, shop_letters_count_by_kind(session, WORK_KIND_TEXT, &count));
    assert_int_equal(count, 0);
    gives(CLEAT_OK, shop_letters_collect_by_shelf(session, 3, &rows));
    assert_int_equal(rows.count, COUNT / 5);
    for (size_t i = 1; i < rows.count; i++) /* isbn DESC, NULL is the least */
        assert_true(rows.items[i].isbn == NULL ||
                    strcmp(rows.items[i - 1].isbn, rows.items[i].isbn) > 0);
    shop_letters_rows_clear(&rows);
}

/* Walks all letters of a kind or shelf by pages in both directions. */
static void
walk(bool by_kind, int64_t expected)
{
    shop_letters_row row, last = {0};
    cleat_cursor cursor;
    for (int side = CLEAT_AFTER; side <= CLEAT_BEFORE; side++) {
        int64_t count = 0;
        for (size_t page = 0, read = 1; read > 0; page++) {
            const shop_letters_row *from = page == 0 ? NULL : &last;
            int64_t first = 0;
            if (by_kind)
                gives(CLEAT_OK, shop_letters_list_page_by_kind(session, WORK_KIND_LETTER, from,
                                                               (cleat_side)side, 7, &cursor));
            else
                gives(CLEAT_OK, shop_letters_list_page_by_shelf(session, 3, from, (cleat_side)side,
                                                                7, &cursor));
            for (read = 0; shop_letters_next(&cursor, &row) == CLEAT_ROW; read++)
                if (side == CLEAT_AFTER || read == 0)
                    first = row.id;
            count += (int64_t)read;
            if (read > 0)
                gives(CLEAT_OK, shop_letters_get(session, first, &last));
        }
        assert_int_equal(count, expected);
    }
    shop_letters_clear(&last);
}

static void
pages_walk_to_the_end_in_both_directions(void **state)
{
    (void)state;
    add_letters();
    walk(true, COUNT);
    walk(false, COUNT / 5);
}

static void
rows_can_be_written_while_they_are_listed(void **state)
{
    (void)state;
    shop_letters_row row;
    cleat_cursor cursor;
    int64_t count = 0;
    add_letters();
    gives(CLEAT_OK, shop_letters_list_by_kind(session, WORK_KIND_LETTER, &cursor));
    for (; shop_letters_next(&cursor, &row) == CLEAT_ROW; count++) {
        row.title = "seen";
        row.body = count == 7 ? "bad" : "Dear you";
        gives(count == 7 ? CLEAT_CHECK : CLEAT_OK, shop_letters_update(session, &row));
        if (count % 100 == 99)
            gives(CLEAT_OK, shop_letters_delete(session, row.id));
    }
    assert_int_equal(count, COUNT);
    holds(COUNT - 5, COUNT - 5, COUNT - 5);
    assert_int_equal(ask("SELECT count(*) FROM shop.works WHERE title = 'seen'"), COUNT - 6);
}

static void
rows_by_example_may_name_columns_of_every_part(void **state)
{
    (void)state;
    shop_letters_row like = letter_row("", ""), row;
    cleat_cursor cursor;
    int64_t count;
    add_letters();
    like.has_shelf = true;
    like.shelf = 3;
    like.isbn = NULL;
    unsigned long long columns = SHOP_LETTERS_KIND | SHOP_LETTERS_SHELF | SHOP_LETTERS_ISBN;
    gives(CLEAT_OK, shop_letters_count_where(session, &like, columns, &count));
    assert_int_equal(count, COUNT / 10);
    gives(CLEAT_OK, shop_letters_list_where(session, &like, columns, &cursor));
    for (count = 0; shop_letters_next(&cursor, &row) == CLEAT_ROW; count++)
        assert_true(row.shelf == 3 && row.isbn == NULL && row.kind == WORK_KIND_LETTER);
    assert_int_equal(count, COUNT / 10);
    gives(CLEAT_OK, shop_letters_delete_where(session, &like, columns, &count));
    assert_int_equal(count, COUNT / 10);
    holds(COUNT - COUNT / 10, COUNT - COUNT / 10, COUNT - COUNT / 10);
}

/* ---- plans ---- */

/* Asserts that a statement reads its tables by keys, and no subquery as a whole. */
static void
reads_by_keys(char *sql)
{
    char text[4096];
    cleat_statement *plan;
    assert_non_null(sql);
    snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
    free(sql);
    gives(CLEAT_OK, cleat_statement_open(session, text, &plan));
    for (int line = 0; cleat_statement_next(plan) == CLEAT_ROW; line++) {
        const char *detail = cleat_statement_text(plan, 3);
        if (strncmp(detail, "SEARCH", 6) == 0)
            continue;
        print_error("%s: %s\n", text, detail);
        fail();
    }
    cleat_statement_close(plan);
}

static void
a_join_is_planned_with_its_statement(void **state)
{
    (void)state;
    const cleat_table *table = &shop_letters_table;
    for (unsigned key = 0; key < table->key_count; key++) {
        reads_by_keys(cleat_sql_build(table, CLEAT_SQL_GET, key));
        reads_by_keys(cleat_sql_build(table, CLEAT_SQL_LIST_BY, key));
        reads_by_keys(cleat_sql_build(table, CLEAT_SQL_COUNT_BY, key));
    }
    struct page_column order[16];
    const cleat_key *by_kind = &table->keys[SHOP_LETTERS_BY_KIND];
    unsigned count = cleat_sql_page_order(table, by_kind, order);
    reads_by_keys(cleat_sql_page(table, by_kind, order, count, true, false));
}

/* ---- search ---- */

static void
a_search_finds_whole_rows(void **state)
{
    (void)state;
    shop_texts_row texts[2] = {text_row("text:1", "to attach a database"),
                               text_row("text:2", "to detach it")};
    shop_firms_row firm = shop_firms_defaults(), found_firm;
    shop_texts_row found;
    cleat_match match;
    cleat_search options = {.snippet_tokens = 3, .highlight_column = "body"};
    cleat_cursor cursor;
    gives(CLEAT_OK, shop_texts_insert_many(session, texts, 2));
    gives(CLEAT_OK, shop_texts_fts_search_with(session, "attach", &options, &cursor));
    gives(CLEAT_ROW, shop_texts_fts_search_next(&cursor, &found, &match));
    assert_string_equal(found.uri, "text:1");
    assert_string_equal(match.highlight, "to <b>attach</b> a database");
    gives(CLEAT_DONE, shop_texts_fts_search_next(&cursor, &found, &match));
    texts[0].body = "to join";
    gives(CLEAT_OK, shop_texts_patch(session, &texts[0], SHOP_TEXTS_BODY));
    gives(CLEAT_OK, shop_texts_fts_search(session, "attach", &cursor));
    gives(CLEAT_DONE, shop_texts_next(&cursor, &found));
    gives(CLEAT_OK, shop_texts_delete(session, texts[0].id));
    gives(CLEAT_OK, shop_texts_fts_search(session, "join", &cursor));
    gives(CLEAT_DONE, shop_texts_next(&cursor, &found));
    gives(CLEAT_OK, shop_texts_fts_check(session));
    firm.email = "firm@x"; /* its index points to a number that the row does not have */
    firm.about = "paper";
    gives(CLEAT_OK, shop_firms_insert(session, &firm));
    gives(CLEAT_OK, shop_firms_fts_search(session, "paper", &cursor));
    gives(CLEAT_ROW, shop_firms_next(&cursor, &found_firm));
    assert_string_equal(found_firm.email, "firm@x");
    cleat_cursor_close(&cursor);
}

/* ---- JSON ---- */

static void
json_has_the_columns_of_all_parts(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada"), read = {0};
    cleat_violations wrong;
    char *json;
    letter.id = 5;
    letter.extra = "{\"a\":1}";
    gives(CLEAT_OK, shop_letters_to_json(&letter, &json));
    assert_non_null(strstr(json, "\"sender\":\"Ada\""));
    assert_non_null(strstr(json, "\"uri\":\"letter:1\""));
    assert_non_null(strstr(json, "\"kind\":\"letter\""));
    gives(CLEAT_OK, shop_letters_from_json(json, strlen(json), CLEAT_JSON_STRICT, &read, &wrong));
    assert_string_equal(read.uri, "letter:1");
    assert_int_equal(read.id, 5);
    cleat_free(json);
    shop_letters_clear(&read);
    static const char other[] =
        "{\"kind\":\"film\",\"uri\":\"forbidden\",\"body\":\"bad\","
        "\"sender\":\"x\"}";
    gives(CLEAT_OK,
          shop_letters_from_json(other, strlen(other), CLEAT_JSON_LENIENT, &read, &wrong));
    assert_int_equal(shop_letters_validate(&read, &wrong), CLEAT_CHECK);
    assert_int_equal(wrong.count, 3);
    static const char plain[] = "{\"uri\":\"u\",\"body\":\"b\",\"sender\":\"x\"}";
    gives(CLEAT_OK,
          shop_letters_from_json(plain, strlen(plain), CLEAT_JSON_LENIENT, &read, &wrong));
    assert_int_equal(read.kind, WORK_KIND_LETTER);
    gives(CLEAT_OK, shop_letters_insert(session, &read));
    shop_letters_clear(&read);
}

/* ---- streams ---- */

static void
streams_find_the_part_of_their_column(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada"), found = {0};
    cleat_stream stream;
    char bytes[8] = "";
    size_t size = 0;
    gives(CLEAT_OK, shop_letters_insert(session, &letter));
    gives(CLEAT_OK, shop_letters_stream_create(session, letter.id, SHOP_LETTERS_COVER, 5, &stream));
    gives(CLEAT_OK, cleat_stream_write(&stream, 0, "cover", 5));
    cleat_stream_close(&stream);
    gives(CLEAT_OK, shop_letters_get(session, letter.id, &found));
    assert_int_equal(found.cover.size, 5);
    assert_memory_equal(found.cover.data, "cover", 5);
    assert_true(found.has_changed_at);
    gives(CLEAT_OK,
          shop_letters_stream_open(session, letter.id, SHOP_LETTERS_SENDER, CLEAT_READ, &stream));
    gives(CLEAT_OK, cleat_stream_read(&stream, 0, bytes, sizeof bytes, &size));
    assert_int_equal(size, 3);
    assert_memory_equal(bytes, "Ada", 3);
    cleat_stream_close(&stream);
    gives(CLEAT_OK,
          shop_letters_stream_open(session, letter.id, SHOP_LETTERS_URI, CLEAT_READ, &stream));
    cleat_stream_close(&stream);
    gives(CLEAT_NOT_FOUND,
          shop_letters_stream_open(session, letter.id + 1, SHOP_LETTERS_URI, CLEAT_READ, &stream));
    shop_letters_clear(&found);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(insert_many_writes_all_parts_or_none),
        TEST(rows_of_an_array_may_refer_to_one_another),
        TEST(upsert_many_is_an_upsert_of_each),
        TEST(the_last_of_equal_rows_wins_an_upsert),
        TEST(ensure_many_adds_what_is_not_there),
        TEST(keys_of_text_are_taken_over),
        TEST(get_many_keeps_the_order_of_the_keys),
        TEST(lists_and_counts_know_only_whole_rows),
        TEST(pages_walk_to_the_end_in_both_directions),
        TEST(rows_can_be_written_while_they_are_listed),
        TEST(rows_by_example_may_name_columns_of_every_part),
        TEST(a_join_is_planned_with_its_statement),
        TEST(a_search_finds_whole_rows),
        TEST(json_has_the_columns_of_all_parts),
        TEST(streams_find_the_part_of_their_column),
    };
    return RUN(tests);
}
