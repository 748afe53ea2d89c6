/* test_where.c: the rows that equal a row in some of its columns. */
#include "shop.h"

#include "sql.h" /* the builder of SQL is private to the runtime */

static void
add(int64_t id, const char *code, const char *name, enum item_state state, int64_t price)
{
    shop_items_row row = item(id, code, name);
    row.state = state;
    row.has_price = price >= 0;
    row.price = price;
    gives(CLEAT_OK, shop_items_insert(session, &row));
}

static void
fill(void)
{
    add(4, "d", "Tea", ITEM_NEW, 10);
    add(3, "c", "tea", ITEM_SOLD, 10);
    add(2, "b", "coffee", ITEM_NEW, -1);
    add(1, "a", "TEA", ITEM_NEW, 10);
}

static void
rows_that_equal_the_example_are_listed_by_key(void **state)
{
    (void)state;
    shop_items_row example = item(0, NULL, "tea"), row;
    cleat_cursor cursor;
    fill();
    example.has_price = true;
    example.price = 10;
    gives(CLEAT_OK,
          shop_items_list_where(session, &example,
                                SHOP_ITEMS_STATE | SHOP_ITEMS_NAME | SHOP_ITEMS_PRICE, &cursor));
    example.name = "gone"; /* the list has its own copy */
    gives(CLEAT_ROW, shop_items_next(&cursor, &row));
    assert_int_equal(row.id, 1); /* letters' case does not count in this column */
    gives(CLEAT_ROW, shop_items_next(&cursor, &row));
    assert_int_equal(row.id, 4);
    gives(CLEAT_DONE, shop_items_next(&cursor, &row));
}

static void
null_in_the_example_is_null_in_the_rows(void **state)
{
    (void)state;
    shop_items_row example = item(0, NULL, NULL);
    shop_items_rows rows;
    int64_t count;
    fill();
    gives(CLEAT_OK, shop_items_collect_where(session, &example, SHOP_ITEMS_PRICE, &rows));
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.items[0].name, "coffee");
    shop_items_rows_clear(&rows);
    example.has_price = true;
    example.price = 10;
    gives(CLEAT_OK, shop_items_count_where(session, &example, SHOP_ITEMS_PRICE, &count));
    assert_int_equal(count, 3);
    gives(CLEAT_OK, shop_items_count_where(session, &example, SHOP_ITEMS_NAME, &count));
    assert_int_equal(count, 0); /* nothing equals NULL in a column that has none */
    gives(CLEAT_OK, shop_items_count_where(session, &example, 0, &count));
    assert_int_equal(count, 4);
}

static void
keys_and_computed_columns_can_be_asked_for(void **state)
{
    (void)state;
    shop_items_row example = item(3, NULL, NULL);
    shop_stock_row stock = {.place = "north", .item_id = 7, .amount = 5};
    int64_t count;
    fill();
    example.has_name_length = true;
    example.name_length = 3;
    gives(CLEAT_OK, shop_items_count_where(session, &example, SHOP_ITEMS_NAME_LENGTH, &count));
    assert_int_equal(count, 3);
    gives(CLEAT_OK, shop_items_count_where(session, &example, SHOP_ITEMS_ID, &count));
    assert_int_equal(count, 1);
    gives(CLEAT_OK, shop_stock_insert(session, &stock));
    stock.place = "south";
    gives(CLEAT_OK,
          shop_stock_count_where(session, &stock, SHOP_STOCK_ITEM_ID | SHOP_STOCK_AMOUNT, &count));
    assert_int_equal(count, 1);
}

static void
what_equals_is_deleted_and_counted(void **state)
{
    (void)state;
    shop_items_row example = item(0, NULL, "tea");
    int64_t count = -1;
    fill();
    gives(CLEAT_MISUSE, shop_items_delete_where(session, &example, 0, &count));
    assert_int_equal(count, -1);
    gives(CLEAT_OK,
          shop_items_delete_where(session, &example, SHOP_ITEMS_NAME | SHOP_ITEMS_STATE, &count));
    assert_int_equal(count, 2);
    assert_int_equal(ask("SELECT sum(id) FROM shop.items"), 5);
    gives(CLEAT_OK,
          shop_items_delete_where(session, &example, SHOP_ITEMS_NAME | SHOP_ITEMS_STATE, &count));
    assert_int_equal(count, 0);
    reopen(CLEAT_READ);
    gives(CLEAT_READONLY, shop_items_delete_where(session, &example, SHOP_ITEMS_NAME, &count));
}

static void
wide_tables_take_an_array_of_columns(void **state)
{
    (void)state;
    const uint16_t columns[] = {SHOP_WIDE_C01, SHOP_WIDE_C69};
    shop_wide_row row = shop_wide_defaults();
    int64_t count;
    gives(CLEAT_OK, shop_wide_insert(session, &row));
    gives(CLEAT_OK, shop_wide_count_where(session, &row, columns, 2, &count));
    assert_int_equal(count, 1);
    row.c69 = 1;
    gives(CLEAT_OK, shop_wide_count_where(session, &row, columns, 2, &count));
    assert_int_equal(count, 0);
    gives(CLEAT_OK, shop_wide_count_where(session, &row, columns, 1, &count));
    assert_int_equal(count, 1);
    const uint16_t none[] = {71, 72}; /* the last one is there */
    gives(CLEAT_MISUSE, shop_wide_count_where(session, &row, none, 2, &count));
    gives(CLEAT_MISUSE, shop_wide_count_where(session, &row, NULL, 2, &count));
}

static void
what_cannot_be_compared_is_a_clear_error(void **state)
{
    (void)state;
    shop_items_row example = item(0, NULL, NULL);
    int64_t count;
    example.state = (enum item_state)9;
    gives(CLEAT_CHECK, shop_items_count_where(session, &example, SHOP_ITEMS_STATE, &count));
    assert_string_equal(cleat_session_error(session)->column, "state");
    gives(CLEAT_MISUSE, shop_items_count_where(session, &example, UINT64_C(1) << 60, &count));
    gives(CLEAT_MISUSE, shop_items_count_where(session, NULL, SHOP_ITEMS_STATE, &count));
    gives(CLEAT_MISUSE, shop_items_count_where(session, &example, SHOP_ITEMS_STATE, NULL));
    gives(CLEAT_MISUSE, shop_items_list_where(session, &example, SHOP_ITEMS_STATE, NULL));
}

static void
an_index_is_used_where_there_is_one(void **state)
{
    (void)state;
    const unsigned char columns[2] = {SHOP_ITEMS_STATE | SHOP_ITEMS_PRICE, 0};
    const unsigned char null_price[2] = {SHOP_ITEMS_PRICE, 0}, no_nulls[2] = {0, 0};
    const unsigned char *const nulls[] = {no_nulls, null_price};
    for (size_t i = 0; i < 2; i++) {
        char text[1024];
        cleat_statement *statement;
        char *sql = cleat_sql_where(&shop_items_table, CLEAT_SQL_LIST, columns, nulls[i]);
        assert_non_null(sql);
        snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
        free(sql);
        gives(CLEAT_OK, cleat_statement_open(session, text, &statement));
        gives(CLEAT_ROW, cleat_statement_next(statement));
        assert_non_null(strstr(cleat_statement_text(statement, 3), "(state=? AND price=?)"));
        gives(CLEAT_DONE, cleat_statement_next(statement)); /* no sort */
        cleat_statement_close(statement);
    }
}

/* More sets of columns than statements are kept for, with lists that stay open meanwhile. */
static void
many_sets_of_columns_at_once_are_kept_apart(void **state)
{
    (void)state;
    enum { OPEN = 24 };
    cleat_cursor cursors[OPEN];
    shop_items_row example = item(1, "a", "tea"), row;
    fill();
    for (uint64_t round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < OPEN; i++)
            gives(CLEAT_OK, shop_items_list_where(session, &example,
                                                  SHOP_ITEMS_ID | (i << 1 & ~SHOP_ITEMS_CODE & 62),
                                                  &cursors[i]));
        for (uint64_t i = 0; i < OPEN; i++) {
            cleat_status rc = shop_items_next(&cursors[i], &row);
            assert_true(rc == CLEAT_ROW || rc == CLEAT_DONE);
            if (rc == CLEAT_ROW)
                assert_int_equal(row.id, 1);
            if (round == 1)
                cleat_cursor_close(&cursors[i]);
        }
        if (round == 2) /* the places of the first have gone to others */
            gives(CLEAT_DONE, shop_items_next(&cursors[0], &row));
    }
    for (uint64_t i = 0; i < 64; i++) {
        int64_t count;
        gives(CLEAT_OK, shop_items_count_where(session, &example, i, &count));
        gives(CLEAT_OK, shop_items_count_where(session, &example, i, &count));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_that_equal_the_example_are_listed_by_key),
        TEST(null_in_the_example_is_null_in_the_rows),
        TEST(keys_and_computed_columns_can_be_asked_for),
        TEST(what_equals_is_deleted_and_counted),
        TEST(wide_tables_take_an_array_of_columns),
        TEST(what_cannot_be_compared_is_a_clear_error),
        TEST(an_index_is_used_where_there_is_one),
        TEST(many_sets_of_columns_at_once_are_kept_apart),
    };
    return RUN(tests);
}
