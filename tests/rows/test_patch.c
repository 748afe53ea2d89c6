/* test_patch.c: updates of some columns. */
#include "shop.h"

static void
patch_writes_only_the_named_columns(void **state)
{
    (void)state;
    shop_items_row row = item(7, "a", "first"), found = {0};
    row.has_price = true;
    row.price = 10;
    gives(CLEAT_OK, shop_items_insert(session, &row));
    shop_items_row change = item(7, "b", "second");
    change.state = ITEM_SOLD;
    gives(CLEAT_OK, shop_items_patch(session, &change, SHOP_ITEMS_NAME | SHOP_ITEMS_STATE));
    gives(CLEAT_OK, shop_items_get(session, 7, &found));
    assert_string_equal(found.name, "second");
    assert_int_equal(found.state, ITEM_SOLD);
    assert_string_equal(found.code, "a");
    assert_true(found.has_price);
    assert_int_equal(found.price, 10);
    gives(CLEAT_OK, shop_items_patch(session, &change, SHOP_ITEMS_PRICE));
    gives(CLEAT_OK, shop_items_get(session, 7, &found));
    assert_false(found.has_price);
    shop_items_clear(&found);
}

static void
patch_always_sets_the_time_of_the_update(void **state)
{
    (void)state;
    shop_items_row row = item(7, "a", "first"), found = {0};
    gives(CLEAT_OK, shop_items_insert(session, &row));
    gives(CLEAT_OK, shop_items_get(session, 7, &found));
    assert_false(found.has_changed_at);
    int64_t before = cleat_now();
    gives(CLEAT_OK, shop_items_patch(session, &row, SHOP_ITEMS_NAME));
    gives(CLEAT_OK, shop_items_get(session, 7, &found));
    assert_true(found.has_changed_at && found.changed_at >= before);
    assert_true(row.has_changed_at && row.changed_at == found.changed_at);
    shop_items_clear(&found);
}

static void
patch_of_a_row_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    shop_items_row row = item(7, "a", "first");
    shop_people_row nobody = person("a@b", "A");
    gives(CLEAT_NOT_FOUND, shop_items_patch(session, &row, SHOP_ITEMS_NAME));
    gives(CLEAT_NOT_FOUND, shop_items_patch(session, &row, 0));
    gives(CLEAT_NOT_FOUND, shop_people_patch(session, &nobody, SHOP_PEOPLE_NAME));
    gives(CLEAT_OK, shop_items_insert(session, &row));
    gives(CLEAT_OK, shop_items_patch(session, &row, 0));
}

static void
patch_finds_composite_keys_and_text_keys(void **state)
{
    (void)state;
    shop_stock_row stock = {.place = "north", .item_id = 1, .amount = 5};
    shop_stock_row other = {.place = "north", .item_id = 2, .amount = 6};
    shop_words_row word = {.word = "colour", .alias = "color"};
    gives(CLEAT_OK, shop_stock_insert(session, &stock));
    gives(CLEAT_OK, shop_stock_insert(session, &other));
    gives(CLEAT_OK, shop_words_insert(session, &word));
    stock.amount = 50;
    gives(CLEAT_OK, shop_stock_patch(session, &stock, SHOP_STOCK_AMOUNT));
    assert_int_equal(ask("SELECT sum(amount) FROM shop.stock"), 56);
    word.alias = "hue";
    gives(CLEAT_OK, shop_words_patch(session, &word, SHOP_WORDS_ALIAS));
    assert_int_equal(ask("SELECT count(*) FROM shop.words WHERE alias='hue' AND uses=0"), 1);
}

static void
patch_reports_what_the_schema_refuses(void **state)
{
    (void)state;
    shop_items_row one = item(1, "a", "first"), two = item(2, "b", "second");
    gives(CLEAT_OK, shop_items_insert(session, &one));
    gives(CLEAT_OK, shop_items_insert(session, &two));
    two.code = "A";
    gives(CLEAT_CONFLICT, shop_items_patch(session, &two, SHOP_ITEMS_CODE));
    assert_string_equal(cleat_session_error(session)->column, "code");
    two.has_price = true;
    two.price = -1;
    gives(CLEAT_CHECK, shop_items_patch(session, &two, SHOP_ITEMS_PRICE));
    two.name = NULL;
    gives(CLEAT_NOT_NULL, shop_items_patch(session, &two, SHOP_ITEMS_NAME));
    gives(CLEAT_MISUSE, shop_items_patch(session, &two, 1)); /* the key */
    gives(CLEAT_MISUSE, shop_items_patch(session, &two, UINT64_C(1) << 63));
    reopen(CLEAT_READ);
    gives(CLEAT_READONLY, shop_items_patch(session, &two, SHOP_ITEMS_NAME));
}

static void
patch_of_a_wide_table_takes_an_array(void **state)
{
    (void)state;
    const uint16_t columns[] = {SHOP_WIDE_C00, SHOP_WIDE_C63, SHOP_WIDE_C64, SHOP_WIDE_C69};
    shop_wide_row row = shop_wide_defaults(), found = {0};
    gives(CLEAT_OK, shop_wide_insert(session, &row));
    row.c00 = row.c01 = row.c63 = row.c64 = row.c65 = row.c69 = 1000;
    gives(CLEAT_OK, shop_wide_patch(session, &row, columns, CLEAT_COUNT(columns)));
    gives(CLEAT_OK, shop_wide_get(session, row.id, &found));
    assert_int_equal(found.c00 + found.c63 + found.c64 + found.c69, 4000);
    assert_int_equal(found.c01, 1);
    assert_int_equal(found.c65, 65);
    assert_true(found.has_changed_at);
    const uint16_t wrong[] = {500};
    gives(CLEAT_MISUSE, shop_wide_patch(session, &row, wrong, 1));
    gives(CLEAT_MISUSE, shop_wide_patch(session, &row, NULL, 1));
    gives(CLEAT_OK, shop_wide_patch(session, &row, NULL, 0));
}

/* More sets than are kept, again and again: each must still be the right one. */
static void
patch_knows_more_sets_than_it_keeps(void **state)
{
    (void)state;
    shop_wide_row row = shop_wide_defaults(), found = {0};
    int64_t *const from = &row.c00, *const to = &found.c00;
    gives(CLEAT_OK, shop_wide_insert(session, &row));
    for (int round = 1; round <= 3; round++)
        for (int i = 0; i < 40; i++) {
            uint16_t column = (uint16_t)(SHOP_WIDE_C00 + i);
            from[i] = round * 1000 + i;
            gives(CLEAT_OK, shop_wide_patch(session, &row, &column, 1));
        }
    gives(CLEAT_OK, shop_wide_get(session, row.id, &found));
    for (int i = 0; i < 70; i++)
        assert_int_equal(to[i], i < 40 ? 3000 + i : i);
}

/* SQLite 3.40 opens the value of another column there, later versions refuse it. */
static void
a_table_with_a_generated_column_has_no_streams(void **state)
{
    (void)state;
    shop_items_row row = item(7, "a", "first");
    const cleat_value key[] = {cleat_value_integer(7)};
    cleat_stream stream = {0};
    row.photo = (cleat_blob){"photo", 5};
    gives(CLEAT_OK, shop_items_insert(session, &row));
    gives(CLEAT_MISUSE,
          cleat_row_stream_open(session, &shop_items_table, 0, key, "photo", CLEAT_READ, &stream));
    assert_string_equal(cleat_session_error(session)->column, "photo");
    assert_non_null(strstr(cleat_session_error(session)->text, "generated"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(patch_writes_only_the_named_columns),
        TEST(patch_always_sets_the_time_of_the_update),
        TEST(patch_of_a_row_that_is_not_there_is_not_found),
        TEST(patch_finds_composite_keys_and_text_keys),
        TEST(patch_reports_what_the_schema_refuses),
        TEST(patch_of_a_wide_table_takes_an_array),
        TEST(patch_knows_more_sets_than_it_keeps),
        TEST(a_table_with_a_generated_column_has_no_streams),
    };
    return RUN(tests);
}
