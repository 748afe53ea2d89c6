/* test_page.c: pages by the row they begin at. Every order is walked to its end in both
 * directions and compared with the whole list. */
#include "shop.h"

#include "sql.h" /* the builder of SQL is private to the runtime */

enum { LIMIT = 7, MOST = 400 };

static void
add_items(int count)
{
    static char codes[MOST][16];
    static const char *const names[] = {"apple", "Apple", "pear", "fig", "Kiwi"};
    shop_items_row rows[MOST];
    for (int i = 0; i < count; i++) {
        snprintf(codes[i], sizeof codes[i], "c%d", i);
        rows[i] = item(0, codes[i], names[i * 31 % 5]);
        rows[i].has_price = i % 4 != 0;
        rows[i].price = i * 17 % 10;
        rows[i].state = i % 9 == 0 ? ITEM_SOLD : ITEM_NEW;
    }
    gives(CLEAT_OK, shop_items_insert_many(session, rows, (size_t)count));
}

/* How the items of one list are reached. */
typedef cleat_status item_page(const shop_items_row *row, cleat_side side, size_t limit,
                               cleat_cursor *ret_cursor);

static cleat_status
page_of_all(const shop_items_row *row, cleat_side side, size_t limit, cleat_cursor *ret_cursor)
{
    return shop_items_list_page(session, row, side, limit, ret_cursor);
}

static cleat_status
page_by_state(const shop_items_row *row, cleat_side side, size_t limit, cleat_cursor *ret_cursor)
{
    return shop_items_list_page_by_state(session, ITEM_NEW, row, side, limit, ret_cursor);
}

/* Reads one page; returns how many rows it has. The last or first row of it is kept. */
static size_t
read_page(item_page *page, const shop_items_row *row, cleat_side side, int64_t *ret_ids,
          shop_items_row *ret_edge)
{
    cleat_cursor cursor;
    shop_items_row read;
    static char names[2][32];
    static int turn;
    size_t count = 0;
    gives(CLEAT_OK, page(row, side, LIMIT, &cursor));
    while (shop_items_next(&cursor, &read) == CLEAT_ROW) {
        ret_ids[count++] = read.id;
        if (side == CLEAT_BEFORE && count > 1)
            continue;
        *ret_edge = read;
        ret_edge->name = strcpy(names[turn], read.name);
    }
    turn = !turn;
    assert_int_equal(cursor.statement == NULL, true);
    return count;
}

static size_t
walk(item_page *page, cleat_side side, int64_t *ret_ids)
{
    shop_items_row edge;
    size_t total = 0, count = LIMIT;
    for (bool first = true; count == LIMIT; first = false) {
        int64_t ids[LIMIT];
        shop_items_row from = edge;
        count = read_page(page, first ? NULL : &from, side, ids, &edge);
        if (side == CLEAT_AFTER) {
            memcpy(ret_ids + total, ids, count * sizeof *ids);
        } else {
            memcpy(ret_ids + MOST - total - count, ids, count * sizeof *ids);
        }
        total += count;
    }
    if (side == CLEAT_BEFORE)
        memmove(ret_ids, ret_ids + MOST - total, total * sizeof *ret_ids);
    return total;
}

/* The pages one after the other are the list, whichever way they are read. */
static void
check_walks(item_page *page, const char *list)
{
    int64_t forward[MOST], back[MOST];
    cleat_statement *statement;
    size_t count = walk(page, CLEAT_AFTER, forward);
    assert_int_equal(walk(page, CLEAT_BEFORE, back), count);
    gives(CLEAT_OK, cleat_statement_open(session, list, &statement));
    for (size_t i = 0; i < count; i++) {
        gives(CLEAT_ROW, cleat_statement_next(statement));
        assert_int_equal(forward[i], cleat_statement_integer(statement, 0));
        assert_int_equal(back[i], forward[i]);
    }
    gives(CLEAT_DONE, cleat_statement_next(statement));
    cleat_statement_close(statement);
}

static void
pages_of_all_rows_are_the_list(void **state)
{
    (void)state;
    add_items(350); /* a whole number of pages, so that the last one is empty */
    check_walks(page_of_all, "SELECT id FROM shop.items ORDER BY id");
}

static void
pages_by_a_prefix_are_in_the_order_of_the_index(void **state)
{
    (void)state;
    add_items(300);
    check_walks(page_by_state,
                "SELECT id FROM shop.items WHERE state='new' ORDER BY name DESC, id");
}

static void
pages_of_nothing_are_empty(void **state)
{
    (void)state;
    cleat_cursor cursor;
    shop_items_row row = item(5, "a", "A");
    gives(CLEAT_OK, shop_items_list_page(session, NULL, CLEAT_AFTER, 10, &cursor));
    gives(CLEAT_DONE, shop_items_next(&cursor, &row));
    gives(CLEAT_OK, shop_items_list_page(session, &row, CLEAT_BEFORE, 10, &cursor));
    gives(CLEAT_DONE, shop_items_next(&cursor, &row));
    add_items(3);
    gives(CLEAT_OK, shop_items_list_page(session, NULL, CLEAT_AFTER, 0, &cursor));
    gives(CLEAT_DONE, shop_items_next(&cursor, &row));
    gives(CLEAT_OK, shop_items_list_page(session, NULL, CLEAT_AFTER, SIZE_MAX, &cursor));
    for (int64_t id = 1; id <= 3; id++) {
        gives(CLEAT_ROW, shop_items_next(&cursor, &row));
        assert_int_equal(row.id, id);
    }
    gives(CLEAT_DONE, shop_items_next(&cursor, &row));
    gives(CLEAT_MISUSE, shop_items_list_page(session, NULL, CLEAT_AFTER, 1, NULL));
}

/* Rows that come and go before the page, and the row itself, do not move it. */
static void
a_page_stays_when_others_write(void **state)
{
    (void)state;
    int64_t first[LIMIT], next[LIMIT];
    shop_items_row edge, ignored, fresh = item(0, "fresh", "A");
    add_items(30);
    assert_int_equal(read_page(page_of_all, NULL, CLEAT_AFTER, first, &edge), LIMIT);
    execute("DELETE FROM shop.items WHERE id IN (2, 3, 7)");
    fresh.id = -5;
    gives(CLEAT_OK, shop_items_insert(session, &fresh));
    assert_int_equal(read_page(page_of_all, &edge, CLEAT_AFTER, next, &ignored), LIMIT);
    for (int i = 0; i < LIMIT; i++)
        assert_int_equal(next[i], first[LIMIT - 1] + 1 + i);
}

static void
pages_compare_columns_that_are_null(void **state)
{
    (void)state;
    static const char *const names[] = {NULL, "Bob", NULL, "Ann", "Ann", "Cid", NULL};
    static char emails[7][8];
    shop_people_row people[7], last = {0}, read;
    cleat_cursor cursor;
    for (int i = 0; i < 7; i++) {
        snprintf(emails[i], sizeof emails[i], "%d", i);
        people[i] = person(emails[i], names[i]);
    }
    gives(CLEAT_OK, shop_people_insert_many(session, people, 7));
    const char *const expected[] = {"0", "2", "6"};
    for (int i = 0; i < 3; i++) {
        gives(CLEAT_OK, shop_people_list_page_by_name(session, NULL, i == 0 ? NULL : &last,
                                                      CLEAT_AFTER, 1, &cursor));
        gives(CLEAT_ROW, shop_people_next(&cursor, &read));
        assert_string_equal(read.email, expected[i]);
        gives(CLEAT_OK, shop_people_get_by_email(session, expected[i], &last));
    }
    gives(CLEAT_OK, shop_people_list_page_by_name(session, NULL, &last, CLEAT_AFTER, 1, &cursor));
    gives(CLEAT_DONE, shop_people_next(&cursor, &read));
    shop_people_clear(&last);
}

static cleat_status
page_by_state_and_hidden_price(const shop_items_row *row, cleat_side side, size_t limit,
                               cleat_cursor *ret_cursor)
{
    /* the second index on state: its order is price, which may be NULL, then the key */
    const cleat_value key[] = {cleat_value_integer(ITEM_NEW)};
    static const uint16_t offsets[] = {offsetof(shop_items_row, state)};
    static cleat_key keys[2];
    static cleat_table table;
    if (table.name == NULL) {
        keys[0] = shop_items_table.keys[0];
        keys[1] = (cleat_key)CLEAT_KEY_ROW(offsets, "price");
        table = shop_items_table;
        table.keys = keys;
        table.key_count = 2;
    }
    cleat_status rc = cleat_row_list_page_by(session, &table, 1, key, row, side, limit, ret_cursor);
    if (rc == CLEAT_OK)
        ret_cursor->table = &shop_items_table;
    return rc;
}

static cleat_status
page_by_price_downward(const shop_items_row *row, cleat_side side, size_t limit,
                       cleat_cursor *ret_cursor)
{
    const cleat_value key[] = {cleat_value_integer(ITEM_NEW)};
    static const uint16_t offsets[] = {offsetof(shop_items_row, state)};
    static cleat_key keys[2];
    static cleat_table table;
    if (table.name == NULL) {
        keys[0] = shop_items_table.keys[0];
        keys[1] = (cleat_key)CLEAT_KEY_ROW(offsets, "\"price\" DESC, name");
        table = shop_items_table;
        table.keys = keys;
        table.key_count = 2;
    }
    cleat_status rc = cleat_row_list_page_by(session, &table, 1, key, row, side, limit, ret_cursor);
    if (rc == CLEAT_OK)
        ret_cursor->table = &shop_items_table;
    return rc;
}

static void
pages_sort_null_before_values_and_after_them_downward(void **state)
{
    (void)state;
    add_items(200);
    check_walks(page_by_state_and_hidden_price,
                "SELECT id FROM shop.items WHERE state='new' ORDER BY price, id");
    check_walks(page_by_price_downward,
                "SELECT id FROM shop.items WHERE state='new' ORDER BY price DESC, name, id");
}

static void
pages_know_composite_keys(void **state)
{
    (void)state;
    shop_stock_row rows[60], last = {0}, read;
    static char places[60][8];
    cleat_cursor cursor;
    size_t count = 0;
    for (int i = 0; i < 60; i++) {
        snprintf(places[i], sizeof places[i], "p%d", i % 6);
        rows[i] = (shop_stock_row){.place = places[i], .item_id = i, .amount = i};
    }
    gives(CLEAT_OK, shop_stock_insert_many(session, rows, 60));
    for (bool more = true; more;) {
        gives(CLEAT_OK,
              shop_stock_list_page(session, count == 0 ? NULL : &last, CLEAT_AFTER, 11, &cursor));
        char place[8];
        for (more = false; shop_stock_next(&cursor, &read) == CLEAT_ROW; more = true) {
            int order = count == 0 ? 1 : strcmp(read.place, last.place);
            assert_true(order > 0 || (order == 0 && read.item_id > last.item_id));
            last = read;
            last.place = strcpy(place, read.place);
            count++;
        }
        static char kept[8];
        if (more)
            last.place = strcpy(kept, place);
    }
    assert_int_equal(count, 60);
    gives(CLEAT_OK,
          shop_stock_list_page_by_place(session, "p2", &rows[26], CLEAT_AFTER, 2, &cursor));
    gives(CLEAT_ROW, shop_stock_next(&cursor, &read));
    assert_int_equal(read.item_id, 32);
    cleat_cursor_close(&cursor);
}

/* The name of the column has a comma and a word of SQL. */
static void
pages_know_columns_by_their_names_in_sql(void **state)
{
    (void)state;
    static const char *const moods[] = {"calm", "gay", "low", "mad"};
    shop_moods_row rows[4], last = {0}, read;
    cleat_cursor cursor;
    for (int i = 0; i < 4; i++)
        rows[i] = (shop_moods_row){.day = 1, .mood = moods[i]};
    gives(CLEAT_OK, shop_moods_insert_many(session, rows, 4));
    for (int i = 3; i >= 0; i--) {
        gives(CLEAT_OK, shop_moods_list_page_by_day(session, 1, i == 3 ? NULL : &last, CLEAT_AFTER,
                                                    1, &cursor));
        gives(CLEAT_ROW, shop_moods_next(&cursor, &read));
        assert_string_equal(read.mood, moods[i]);
        gives(CLEAT_DONE, shop_moods_next(&cursor, &read));
        last = rows[i];
    }
}

/* The key names one row, and nothing is beside it. */
static void
a_page_by_the_whole_key_has_one_row(void **state)
{
    (void)state;
    shop_marks_row mark = {.item_id = 7, .mark = "new"}, other = {.item_id = 7, .mark = "old"},
                   read;
    const cleat_value key[] = {cleat_value_integer(7), cleat_value_text("new")};
    const cleat_side sides[] = {CLEAT_AFTER, CLEAT_BEFORE};
    cleat_cursor cursor;
    gives(CLEAT_OK, shop_marks_insert(session, &mark));
    gives(CLEAT_OK, shop_marks_insert(session, &other));
    for (size_t i = 0; i < 2; i++) {
        gives(CLEAT_OK, cleat_row_list_page_by(session, &shop_marks_table, 0, key, NULL, sides[i],
                                               9, &cursor));
        gives(CLEAT_ROW, shop_marks_next(&cursor, &read));
        assert_string_equal(read.mark, "new");
        gives(CLEAT_DONE, shop_marks_next(&cursor, &read));
        gives(CLEAT_OK, cleat_row_list_page_by(session, &shop_marks_table, 0, key, &mark, sides[i],
                                               9, &cursor));
        gives(CLEAT_DONE, shop_marks_next(&cursor, &read));
    }
}

static void
two_cursors_of_one_page_do_not_disturb_each_other(void **state)
{
    (void)state;
    cleat_cursor one, two;
    shop_items_row row;
    add_items(20);
    gives(CLEAT_OK, shop_items_list_page(session, NULL, CLEAT_AFTER, 5, &one));
    gives(CLEAT_ROW, shop_items_next(&one, &row));
    gives(CLEAT_OK, shop_items_list_page(session, NULL, CLEAT_AFTER, 5, &two));
    gives(CLEAT_ROW, shop_items_next(&two, &row));
    assert_int_equal(row.id, 1);
    gives(CLEAT_ROW, shop_items_next(&one, &row));
    assert_int_equal(row.id, 2);
    cleat_cursor_close(&one);
    gives(CLEAT_ROW, shop_items_next(&two, &row));
    assert_int_equal(row.id, 2);
}

/* A page is read from the index where it begins, neither from its start nor by sorting. */
static void
pages_search_in_the_index(void **state)
{
    (void)state;
    const cleat_key *key = &shop_items_table.keys[SHOP_ITEMS_BY_STATE];
    struct page_column order[CLEAT_COUNT("the columns")];
    cleat_statement *statement;
    char text[1024];
    add_items(5);
    unsigned count = cleat_sql_page_order(&shop_items_table, key, order);
    assert_int_equal(count, 2); /* name, id */
    char *sql = cleat_sql_page(&shop_items_table, key, order, count, true, false);
    assert_non_null(sql);
    snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
    free(sql);
    gives(CLEAT_OK, cleat_statement_open(session, text, &statement));
    gives(CLEAT_ROW, cleat_statement_next(statement));
    assert_non_null(strstr(cleat_statement_text(statement, 3), "(state=? AND name<?)"));
    gives(CLEAT_DONE, cleat_statement_next(statement));
    cleat_statement_close(statement);
}

static void
a_page_has_one_of_two_sides(void **state)
{
    (void)state;
    cleat_cursor cursor = {0};
    gives(CLEAT_MISUSE, shop_items_list_page(session, NULL, (cleat_side)2, 3, &cursor));
    gives(CLEAT_MISUSE,
          shop_items_list_page_by_state(session, ITEM_NEW, NULL, (cleat_side)-1, 3, &cursor));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(pages_of_all_rows_are_the_list),
        TEST(pages_by_a_prefix_are_in_the_order_of_the_index),
        TEST(pages_of_nothing_are_empty),
        TEST(a_page_stays_when_others_write),
        TEST(pages_compare_columns_that_are_null),
        TEST(pages_sort_null_before_values_and_after_them_downward),
        TEST(pages_know_composite_keys),
        TEST(pages_know_columns_by_their_names_in_sql),
        TEST(a_page_by_the_whole_key_has_one_row),
        TEST(two_cursors_of_one_page_do_not_disturb_each_other),
        TEST(pages_search_in_the_index),
        TEST(a_page_has_one_of_two_sides),
    };
    return RUN(tests);
}
