/* test_collect.c: lists as arrays, and rows by many keys. */
#include "shop.h"

static void
add_items(size_t count)
{
    static char codes[100000][24];
    shop_items_row *rows = calloc(count, sizeof *rows);
    assert_non_null(rows);
    for (size_t i = 0; i < count; i++) {
        snprintf(codes[i], sizeof codes[i], "c%zu", i + 1);
        rows[i] = item(0, codes[i], codes[count - 1 - i]);
        rows[i].state = i % 2 == 0 ? ITEM_NEW : ITEM_SOLD;
        rows[i].has_price = i % 3 == 0;
        rows[i].price = (int64_t)i;
        rows[i].photo = i % 5 == 0 ? (cleat_blob){codes[i], i % 10} : (cleat_blob){NULL, 0};
    }
    for (size_t i = 0; i < count; i++)
        rows[i].name = codes[i];
    gives(CLEAT_OK, shop_items_insert_many(session, rows, count));
    free(rows);
}

static void
collect_gives_what_list_gives(void **state)
{
    (void)state;
    shop_items_rows rows;
    shop_items_row row;
    cleat_cursor cursor;
    size_t count = 0;
    add_items(50000);
    gives(CLEAT_OK, shop_items_collect(session, &rows));
    assert_int_equal(rows.count, 50000);
    gives(CLEAT_OK, shop_items_list(session, &cursor));
    for (; shop_items_next(&cursor, &row) == CLEAT_ROW; count++) {
        const shop_items_row *kept = &rows.items[count];
        assert_int_equal(kept->id, row.id);
        assert_string_equal(kept->code, row.code);
        assert_int_equal(kept->has_price, row.has_price);
        assert_int_equal(kept->price, row.price);
        assert_int_equal(kept->state, row.state);
        assert_int_equal(kept->name_length, row.name_length);
        assert_int_equal(kept->photo.size, row.photo.size);
        assert_int_equal(kept->photo.data == NULL, row.photo.data == NULL);
        assert_null(kept->owned);
        if (row.photo.size > 0)
            assert_memory_equal(kept->photo.data, row.photo.data, row.photo.size);
    }
    assert_int_equal(count, 50000);
    shop_items_rows_clear(&rows);
    assert_null(rows.items);
    shop_items_rows_clear(&rows);
}

static void
collect_by_a_prefix_is_in_the_order_of_the_index(void **state)
{
    (void)state;
    shop_items_rows rows;
    add_items(100);
    gives(CLEAT_OK, shop_items_collect_by_state(session, ITEM_SOLD, &rows));
    assert_int_equal(rows.count, 50);
    for (size_t i = 1; i < rows.count; i++)
        assert_true(strcmp(rows.items[i - 1].name, rows.items[i].name) > 0);
    shop_items_rows_clear(&rows);
    gives(CLEAT_OK, shop_items_collect_by_state_and_price(session, ITEM_NEW, 96, &rows));
    assert_int_equal(rows.count, 1);
    shop_items_rows_clear(&rows);
    gives(CLEAT_OK, shop_people_collect_by_name(session, NULL, (shop_people_rows *)&rows));
    assert_int_equal(rows.count, 0);
    assert_null(rows.items);
}

/* What was found out about an index is found out again when the index is gone. */
static void
collect_keeps_its_order_when_the_index_goes(void **state)
{
    (void)state;
    static const char *const moods[] = {"calm", "gay", "low", "mad"};
    shop_moods_row days[4];
    shop_moods_rows rows;
    for (int i = 0; i < 4; i++)
        days[i] = (shop_moods_row){.day = 1, .mood = moods[i]};
    gives(CLEAT_OK, shop_moods_insert_many(session, days, 4));
    for (int turn = 0; turn < 3; turn++) {
        gives(CLEAT_OK, shop_moods_collect_by_day(session, 1, &rows));
        assert_int_equal(rows.count, 4);
        for (int i = 0; i < 4; i++)
            assert_string_equal(rows.items[i].mood, moods[3 - i]);
        shop_moods_rows_clear(&rows);
        if (turn == 0)
            execute("DROP INDEX shop.moods_day_mood_idx");
    }
}

static void
collect_takes_what_does_not_fit_a_block(void **state)
{
    (void)state;
    enum { SIZE = 300000 };
    char *body = malloc(SIZE + 1);
    assert_non_null(body);
    memset(body, 'x', SIZE);
    shop_articles_row articles[] = {{.slug = "a", .title = "", .body = "short"},
                                    {.slug = "b", .title = "B", .body = body},
                                    {.slug = "c", .title = "C", .body = "last"}};
    body[SIZE] = '\0';
    gives(CLEAT_OK, shop_articles_insert_many(session, articles, 3));
    shop_articles_rows rows;
    gives(CLEAT_OK, shop_articles_collect(session, &rows));
    assert_string_equal(rows.items[0].title, "");
    assert_string_equal(rows.items[1].body, body);
    assert_string_equal(rows.items[2].body, "last");
    shop_articles_rows_clear(&rows);
    free(body);
}

static void
collect_of_wrong_values_gives_nothing(void **state)
{
    (void)state;
    shop_people_rows rows = {0};
    shop_people_row ann = person("a", "A");
    gives(CLEAT_OK, shop_people_insert(session, &ann));
    execute("UPDATE shop.people SET name='a' || char(0) || 'b'");
    gives(CLEAT_VALUE, shop_people_collect(session, &rows));
    assert_string_equal(cleat_session_error(session)->column, "name");
    assert_null(rows.items);
}

static void
the_collector_is_for_generated_code_only(void **state)
{
    (void)state;
    cleat_statement *statement;
    gives(CLEAT_OK, cleat_statement_open(session, "SELECT cleat_collect(1, 2)", &statement));
    gives(CLEAT_ERROR, cleat_statement_next(statement));
    cleat_statement_close(statement);
}

/* ---- many keys ---- */

static void
get_many_keeps_the_order_of_the_keys(void **state)
{
    (void)state;
    const int64_t ids[] = {9, 3, 3, 100, 1};
    shop_items_rows rows;
    add_items(100);
    gives(CLEAT_OK, shop_items_get_many(session, ids, 5, &rows));
    assert_int_equal(rows.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(rows.items[i].id, ids[i]);
    assert_string_equal(rows.items[3].code, "c100");
    shop_items_rows_clear(&rows);
}

static void
get_many_skips_what_is_not_there_and_says_so(void **state)
{
    (void)state;
    const int64_t ids[] = {5, 1000, 0, -1, 6};
    const char *const emails[] = {"b", NULL, "a", "none"};
    shop_people_row people[] = {person("a", "A"), person("b", "B")};
    shop_items_rows rows;
    shop_people_rows found;
    add_items(10);
    gives(CLEAT_NOT_FOUND, shop_items_get_many(session, ids, 5, &rows));
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.items[1].id, 6);
    shop_items_rows_clear(&rows);
    gives(CLEAT_OK, shop_people_insert_many(session, people, 2));
    gives(CLEAT_NOT_FOUND, shop_people_get_many_by_email(session, emails, 4, &found));
    assert_int_equal(found.count, 2);
    assert_string_equal(found.items[0].id, people[1].id);
    shop_people_rows_clear(&found);
    gives(CLEAT_OK, shop_items_get_many(session, NULL, 0, &rows));
    assert_int_equal(rows.count, 0);
    gives(CLEAT_MISUSE, shop_items_get_many(session, NULL, 1, &rows));
}

static void
get_many_takes_an_array_for_each_column_of_the_key(void **state)
{
    (void)state;
    shop_stock_row stock[] = {{.place = "north", .item_id = 1, .amount = 1},
                              {.place = "north", .item_id = 2, .amount = 2},
                              {.place = "south", .item_id = 1, .amount = 3}};
    const char *const places[] = {"south", "north", "south"};
    const int64_t ids[] = {1, 2, 2};
    shop_stock_rows rows;
    gives(CLEAT_OK, shop_stock_insert_many(session, stock, 3));
    reopen(CLEAT_READ);
    gives(CLEAT_OK, shop_stock_get_many(session, places, ids, 0, &rows));
    reopen(CLEAT_WRITE);
    gives(CLEAT_OK, shop_stock_insert_many(session, stock, 3));
    gives(CLEAT_NOT_FOUND, shop_stock_get_many(session, places, ids, 3, &rows));
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.items[0].amount, 3);
    assert_int_equal(rows.items[1].amount, 2);
    shop_stock_rows_clear(&rows);
}

static void
get_many_takes_keys_of_blobs_and_reals(void **state)
{
    (void)state;
    shop_prints_row prints[] = {
        {.digest = {"\0b", 2}, .has_size = true, .size = 2.5, .stamp = {"x", 1}},
        {.digest = {"\0a", 2}, .has_size = true, .size = -1.5},
        {.has_size = true, .size = 0.5},
    };
    const cleat_blob digests[] = {{"\0b", 2}, {NULL, 0}, {"\0a", 2}};
    const double sizes[] = {2.5, 7, -1.5, 0.5};
    shop_prints_row print;
    shop_prints_rows rows;
    cleat_cursor cursor;
    gives(CLEAT_OK, shop_prints_insert_many(session, prints, 3));
    gives(CLEAT_NOT_FOUND, shop_prints_get_many_by_digest(session, digests, 3, &rows));
    assert_int_equal(rows.count, 2);
    assert_int_equal(rows.items[0].id, prints[0].id);
    assert_memory_equal(rows.items[1].digest.data, "\0a", 2);
    shop_prints_rows_clear(&rows);
    gives(CLEAT_NOT_FOUND, shop_prints_get_many_by_size(session, sizes, 4, &rows));
    assert_int_equal(rows.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rows.items[i].id, prints[i].id);
    shop_prints_rows_clear(&rows);
    /* a list by NULL is that of the rows without a value */
    gives(CLEAT_OK, shop_prints_list_by_stamp(session, (cleat_blob){NULL, 0}, &cursor));
    for (size_t i = 1; i < 3; i++) {
        gives(CLEAT_ROW, shop_prints_next(&cursor, &print));
        assert_int_equal(print.id, prints[i].id);
    }
    gives(CLEAT_DONE, shop_prints_next(&cursor, &print));
    gives(CLEAT_OK, shop_prints_list_by_stamp(session, (cleat_blob){"x", 1}, &cursor));
    gives(CLEAT_ROW, shop_prints_next(&cursor, &print));
    assert_int_equal(print.id, prints[0].id);
    cleat_cursor_close(&cursor);
}

/* As in a file whose index is damaged. */
static void
get_many_gives_no_more_rows_than_keys(void **state)
{
    (void)state;
    const char *const few[] = {"b", "a"}, *const more[] = {"b", "a", "none"};
    shop_items_rows rows = {0};
    execute("DROP INDEX shop.items_code_key");
    execute("INSERT INTO shop.items (code, name) VALUES ('a', 'A'), ('a', 'A'), ('b', 'B')");
    gives(CLEAT_CORRUPT, shop_items_get_many_by_code(session, few, 2, &rows));
    assert_string_equal(cleat_session_error(session)->database, "shop");
    assert_string_equal(cleat_session_error(session)->table, "items");
    assert_null(rows.items);
    gives(CLEAT_NOT_FOUND, shop_items_get_many_by_code(session, more, 3, &rows));
    assert_int_equal(rows.count, 2);
    assert_string_equal(rows.items[0].name, "B");
    assert_string_equal(rows.items[1].name, "A");
    shop_items_rows_clear(&rows);
}

static void
get_many_gives_a_hundred_thousand_rows(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    int64_t *ids = calloc(COUNT, sizeof *ids);
    shop_items_rows rows;
    assert_non_null(ids);
    add_items(COUNT);
    for (size_t i = 0; i < COUNT; i++)
        ids[i] = (int64_t)(i * 7919 % COUNT) + 1;
    gives(CLEAT_OK, shop_items_get_many(session, ids, COUNT, &rows));
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(rows.items[i].id, ids[i]);
    shop_items_rows_clear(&rows);
    free(ids);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(collect_gives_what_list_gives),
        TEST(collect_by_a_prefix_is_in_the_order_of_the_index),
        TEST(collect_keeps_its_order_when_the_index_goes),
        TEST(collect_takes_what_does_not_fit_a_block),
        TEST(collect_of_wrong_values_gives_nothing),
        TEST(the_collector_is_for_generated_code_only),
        TEST(get_many_keeps_the_order_of_the_keys),
        TEST(get_many_skips_what_is_not_there_and_says_so),
        TEST(get_many_takes_an_array_for_each_column_of_the_key),
        TEST(get_many_takes_keys_of_blobs_and_reals),
        TEST(get_many_gives_no_more_rows_than_keys),
        TEST(get_many_gives_a_hundred_thousand_rows),
    };
    return RUN(tests);
}
