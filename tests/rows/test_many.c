/* test_many.c: whole arrays: insert, upsert, ensure. */
#include "shop.h"

enum { MANY = 100000 };

static char codes[MANY][24];

static shop_items_row *
make_items(size_t count)
{
    shop_items_row *rows = calloc(count, sizeof *rows);
    assert_non_null(rows);
    for (size_t i = 0; i < count; i++) {
        snprintf(codes[i], sizeof codes[i], "c%zu", i);
        rows[i] = item(0, codes[i], "name");
        rows[i].has_price = i % 3 == 0;
        rows[i].price = (int64_t)i;
    }
    return rows;
}

static void
insert_many_adds_all_and_assigns_their_numbers(void **state)
{
    (void)state;
    shop_items_row *rows = make_items(MANY), found = {0};
    gives(CLEAT_OK, shop_items_insert_many(session, rows, MANY));
    for (size_t i = 0; i < MANY; i++)
        assert_int_equal(rows[i].id, i + 1);
    assert_int_equal(ask("SELECT count(*) FROM shop.items"), MANY);
    gives(CLEAT_OK, shop_items_get(session, rows[77].id, &found));
    assert_string_equal(found.code, "c77");
    assert_false(found.has_price);
    gives(CLEAT_OK, shop_items_get_by_code(session, "C99", &found));
    assert_int_equal(found.price, 99);
    shop_items_clear(&found);
    free(rows);
}

static void
no_rows_and_one_row_are_fine(void **state)
{
    (void)state;
    shop_items_row row = item(0, "a", "A");
    gives(CLEAT_OK, shop_items_insert_many(session, NULL, 0));
    gives(CLEAT_OK, shop_items_upsert_many(session, NULL, 0));
    gives(CLEAT_OK, shop_items_ensure_many_by_code(session, &row, 0));
    gives(CLEAT_MISUSE, shop_items_insert_many(session, NULL, 1));
    gives(CLEAT_OK, shop_items_insert_many(session, &row, 1));
    assert_int_equal(row.id, 1);
    assert_int_equal(ask("SELECT count(*) FROM shop.items"), 1);
    reopen(CLEAT_READ);
    gives(CLEAT_READONLY, shop_items_insert_many(session, &row, 1));
}

static void
insert_many_mixes_given_and_assigned_numbers(void **state)
{
    (void)state;
    shop_tickets_row rows[] = {{.title = "a"},           {.id = 50, .title = "b"}, {.title = "c"},
                               {.id = 20, .title = "d"}, {.id = -3, .title = "e"}, {.title = "f"}};
    gives(CLEAT_OK, shop_tickets_insert_many(session, rows, CLEAT_COUNT(rows)));
    const int64_t expected[] = {1, 50, 51, 20, -3, 52};
    for (size_t i = 0; i < CLEAT_COUNT(rows); i++)
        assert_int_equal(rows[i].id, expected[i]);
}

static void
numbers_of_autoincrement_never_return(void **state)
{
    (void)state;
    shop_tickets_row rows[] = {{.title = "a"}, {.title = "b"}, {.title = "c"}};
    shop_items_row others[] = {item(0, "a", "A"), item(0, "b", "B")};
    gives(CLEAT_OK, shop_tickets_insert_many(session, rows, 3));
    execute("DELETE FROM shop.tickets");
    shop_tickets_row more[] = {{.title = "d"}, {.title = "e"}};
    gives(CLEAT_OK, shop_tickets_insert_many(session, more, 2));
    assert_int_equal(more[0].id, 4);
    execute("DELETE FROM shop.tickets");
    shop_tickets_row one = {.title = "f"};
    gives(CLEAT_OK, shop_tickets_insert(session, &one));
    assert_int_equal(one.id, 6);
    gives(CLEAT_OK, shop_items_insert_many(session, others, 2)); /* no AUTOINCREMENT here */
    execute("DELETE FROM shop.items");
    others[0].id = others[1].id = 0;
    gives(CLEAT_OK, shop_items_insert_many(session, others, 2));
    assert_int_equal(others[0].id, 1);
}

enum { IN_A_ROW = 10 };

/* Inserts rows whose numbers rise by one from `first`, and expects them to be stored so. */
static void
insert_nodes_from(int64_t first)
{
    shop_nodes_row rows[IN_A_ROW], found = {0};
    for (size_t i = 0; i < IN_A_ROW; i++)
        rows[i] = (shop_nodes_row){.id = first + (int64_t)i, .name = "node"};
    rows[3].name = "third";
    gives(CLEAT_OK, shop_nodes_insert_many(session, rows, IN_A_ROW));
    for (size_t i = 0; i < IN_A_ROW; i++)
        assert_int_equal(rows[i].id, first + (int64_t)i);
    gives(CLEAT_OK, shop_nodes_get(session, first + 3, &found));
    assert_string_equal(found.name, "third");
    gives(CLEAT_OK, shop_nodes_exists(session, first + IN_A_ROW - 1));
    shop_nodes_clear(&found);
}

static void
numbers_that_follow_on_are_stored_as_given(void **state)
{
    (void)state;
    insert_nodes_from(-100);
    insert_nodes_from(-90); /* SQLite would go on with these */
    insert_nodes_from(1);
    insert_nodes_from(11);
    insert_nodes_from(30);
    insert_nodes_from(-50);
    insert_nodes_from(40);
    insert_nodes_from(INT64_MAX - IN_A_ROW + 1);
    assert_int_equal(ask("SELECT count(*) FROM shop.nodes"), 8 * IN_A_ROW);
    shop_nodes_row rows[IN_A_ROW] = {{0}};
    gives(CLEAT_FULL, shop_nodes_insert_many(session, rows, IN_A_ROW));
}

static void
rows_that_follow_on_in_another_order_keep_their_numbers(void **state)
{
    (void)state;
    shop_nodes_row rows[IN_A_ROW];
    char names[IN_A_ROW][8];
    for (size_t i = 0; i < IN_A_ROW; i++) {
        snprintf(names[i], sizeof names[i], "%zu", IN_A_ROW - i);
        rows[i] = (shop_nodes_row){.id = (int64_t)(IN_A_ROW - i), .name = names[i]};
    }
    rows[4].name = NULL;
    gives(CLEAT_NOT_NULL, shop_nodes_insert_many(session, rows, IN_A_ROW));
    assert_true(blames_row(4));
    rows[4].name = names[4];
    gives(CLEAT_OK, shop_nodes_insert_many(session, rows, IN_A_ROW));
    assert_int_equal(ask("SELECT count(*) FROM shop.nodes WHERE name=CAST(id AS TEXT)"), IN_A_ROW);
}

/* A trigger that uses up a number does not move those that come after it. */
static void
triggers_do_not_move_numbers(void **state)
{
    (void)state;
    insert_nodes_from(1);
    execute(
        "CREATE TEMP TRIGGER fill AFTER INSERT ON shop.nodes WHEN new.id IN (13,33)"
        " BEGIN INSERT INTO nodes(id,name) VALUES(new.id+1000,'more'); END");
    insert_nodes_from(11);
    insert_nodes_from(1014);
    execute("DROP TRIGGER temp.fill");
    insert_nodes_from(1024);
    execute(
        "CREATE TRIGGER shop.grow AFTER INSERT ON nodes WHEN new.id=1036"
        " BEGIN INSERT INTO nodes(id,name) VALUES(2000,'more'); END");
    insert_nodes_from(1034);
    assert_int_equal(ask("SELECT max(id) FROM shop.nodes"), 2000);
}

static void
the_greatest_number_is_an_error_and_no_overflow(void **state)
{
    (void)state;
    shop_tickets_row rows[] = {{.id = INT64_MAX, .title = "a"}, {.title = "b"}};
    gives(CLEAT_FULL, shop_tickets_insert_many(session, rows, 2));
    assert_int_equal(rows[1].id, 0);
    assert_int_equal(ask("SELECT count(*) FROM shop.tickets"), 0);
}

static void
ids_are_new_and_rise(void **state)
{
    (void)state;
    shop_people_row rows[] = {person("a", "A"), person("b", "B"), person("c", "C")};
    strcpy(rows[1].id, "01AAAAAAAAAAAAAAAAAAAAAAAA");
    gives(CLEAT_OK, shop_people_insert_many(session, rows, 3));
    assert_int_equal(strlen(rows[0].id), 26);
    assert_true(strcmp(rows[0].id, rows[2].id) < 0);
    assert_string_equal(rows[1].id, "01AAAAAAAAAAAAAAAAAAAAAAAA");
    assert_int_equal(ask("SELECT count(*) FROM shop.people WHERE length(id)=26"), 3);
}

/* ---- failures ---- */

static void
a_row_that_fails_undoes_all_and_is_named(void **state)
{
    (void)state;
    shop_items_row *rows = make_items(1000);
    rows[500].code = "C17";
    gives(CLEAT_CONFLICT, shop_items_insert_many(session, rows, 1000));
    assert_true(blames_row(500));
    assert_string_equal(cleat_session_error(session)->column, "code");
    assert_int_equal(rows[0].id, 0);
    rows[500].code = "other";
    rows[999].name = NULL;
    gives(CLEAT_NOT_NULL, shop_items_insert_many(session, rows, 1000));
    assert_true(blames_row(999));
    rows[999].name = "name";
    rows[0].has_price = true;
    rows[0].price = -1;
    gives(CLEAT_CHECK, shop_items_upsert_many(session, rows, 1000));
    assert_true(blames_row(0));
    rows[0].price = 1;
    rows[3].state = (enum item_state)77;
    gives(CLEAT_CHECK, shop_items_ensure_many_by_code(session, rows, 1000));
    assert_true(blames_row(3));
    assert_string_equal(cleat_session_error(session)->column, "state");
    rows[3].state = ITEM_NEW;
    rows[4].has_weight = true;
    rows[4].weight = strtod("nan", NULL);
    gives(CLEAT_CHECK, shop_items_insert_many(session, rows, 1000));
    assert_true(blames_row(4));
    rows[4].has_weight = false;
    assert_int_equal(ask("SELECT count(*) FROM shop.items"), 0);
    gives(CLEAT_OK, shop_items_insert_many(session, rows, 1000));
    assert_int_equal(rows[999].id, 1000);
    free(rows);
}

/* With triggers SQLite reads all rows first: the row must be looked for. */
static void
a_row_that_fails_is_named_beside_triggers(void **state)
{
    (void)state;
    shop_articles_row rows[] = {
        {.slug = "a", .title = "A", .body = "one"},
        {.slug = "b", .title = "B", .body = "two"},
        {.slug = "a", .title = "C", .body = "three"},
        {.slug = "d", .title = "D", .body = "four"},
    };
    gives(CLEAT_CONFLICT, shop_articles_insert_many(session, rows, 4));
    assert_true(blames_row(2));
    assert_int_equal(rows[0].id, 0);
    assert_int_equal(ask("SELECT count(*) FROM shop.articles"), 0);
    rows[2].slug = "c";
    gives(CLEAT_OK, shop_articles_insert_many(session, rows, 4));
    assert_int_equal(ask("SELECT count(*) FROM shop.articles_fts WHERE articles_fts MATCH 'three'"),
                     1);
}

static void
a_reference_without_target_is_named_unless_rows_refer_to_rows(void **state)
{
    (void)state;
    shop_nodes_row nodes[] = {
        {.id = 1, .has_parent_id = true, .parent_id = 3, .name = "a"},
        {.id = 2, .has_parent_id = true, .parent_id = 1, .name = "b"},
        {.id = 3, .has_parent_id = true, .parent_id = 2, .name = "c"},
    };
    gives(CLEAT_OK, shop_nodes_insert_many(session, nodes, 3)); /* a ring */
    shop_nodes_row wrong[] = {{.id = 4, .name = "d"},
                              {.id = 5, .has_parent_id = true, .parent_id = 99, .name = "e"}};
    gives(CLEAT_FOREIGN_KEY, shop_nodes_insert_many(session, wrong, 2));
    assert_int_equal(cleat_session_error(session)->row, -1);
    assert_int_equal(ask("SELECT count(*) FROM shop.nodes"), 3);
}

static void
a_failure_leaves_what_was_done_before(void **state)
{
    (void)state;
    shop_items_row first = item(1, "z", "Z"), rows[] = {item(0, "a", "A"), item(0, "z", "B")};
    gives(CLEAT_OK, shop_items_insert(session, &first));
    gives(CLEAT_CONFLICT, shop_items_insert_many(session, rows, 2));
    gives(CLEAT_OK, cleat_session_commit(session));
    assert_int_equal(ask("SELECT count(*) FROM shop.items"), 1);
}

/* ---- upsert ---- */

static void
upsert_many_adds_and_overwrites(void **state)
{
    (void)state;
    shop_items_row *rows = make_items(1000);
    int64_t before = cleat_now();
    gives(CLEAT_OK, shop_items_upsert_many(session, rows, 500));
    assert_true(rows[499].has_changed_at && rows[499].changed_at >= before);
    for (size_t i = 0; i < 1000; i++)
        rows[i].name = i % 2 == 0 ? "even" : "odd";
    gives(CLEAT_OK, shop_items_upsert_many(session, rows, 1000));
    assert_int_equal(ask("SELECT count(*) FROM shop.items WHERE name='even'"), 500);
    assert_int_equal(ask("SELECT count(*) FROM shop.items"), 1000);
    assert_int_equal(rows[999].id, 1000);
    free(rows);
}

static void
upsert_many_leaves_equal_rows_alone(void **state)
{
    (void)state;
    shop_items_row *rows = make_items(100);
    gives(CLEAT_OK, shop_items_upsert_many(session, rows, 100));
    int64_t first = rows[0].changed_at;
    rows[7].name = "changed";
    gives(CLEAT_OK, shop_items_upsert_many(session, rows, 100));
    cleat_statement *statement;
    gives(CLEAT_OK,
          cleat_statement_open(session, "SELECT count(*) FROM shop.items WHERE changed_at=?1",
                               &statement));
    gives(CLEAT_OK, cleat_statement_bind_integer(statement, 1, first));
    gives(CLEAT_ROW, cleat_statement_next(statement));
    assert_int_equal(cleat_statement_integer(statement, 0), 99);
    cleat_statement_close(statement);
    free(rows);
}

static void
upsert_many_by_a_unique_key_gives_stored_keys(void **state)
{
    (void)state;
    shop_people_row old[] = {person("a", "A"), person("b", "B")};
    shop_people_row rows[] = {person("c", "C"), person("b", "BB"), person("a", "AA"),
                              person("c", "CC")};
    gives(CLEAT_OK, shop_people_upsert_many_by_email(session, old, 2));
    gives(CLEAT_OK, shop_people_upsert_many_by_email(session, rows, 4));
    assert_string_equal(rows[1].id, old[1].id);
    assert_string_equal(rows[2].id, old[0].id);
    assert_string_equal(rows[3].id, rows[0].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.people WHERE name IN ('AA','BB','CC')"), 3);
    shop_items_row one = item(5, "x", "X"), two[] = {item(0, "y", "Y"), item(0, "X", "XX")};
    gives(CLEAT_OK, shop_items_insert(session, &one));
    gives(CLEAT_OK, shop_items_upsert_many_by_code(session, two, 2));
    assert_true(two[0].id > 5);
    assert_int_equal(two[1].id, 5);
}

static void
upsert_many_with_nothing_to_write_gives_stored_keys(void **state)
{
    (void)state;
    shop_labels_row old = {.id = 7, .name = "red"};
    shop_labels_row rows[] = {{.name = "blue"}, {.name = "red"}, {.id = 3, .name = "blue"}};
    gives(CLEAT_OK, shop_labels_insert(session, &old));
    gives(CLEAT_OK, shop_labels_upsert_many_by_name(session, rows, 3));
    assert_int_equal(rows[1].id, 7);
    assert_true(rows[0].id != 0 && rows[0].id == rows[2].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.labels"), 2);
}

static void
upsert_many_knows_composite_keys(void **state)
{
    (void)state;
    shop_stock_row rows[] = {
        {.place = "north", .item_id = 1, .amount = 1},
        {.place = "north", .item_id = 2, .amount = 2},
        {.place = "north", .item_id = 1, .amount = 3},
    };
    shop_marks_row marks[] = {{.item_id = 1, .mark = "a"}, {.item_id = 1, .mark = "a"}};
    gives(CLEAT_OK, shop_stock_upsert_many(session, rows, 3));
    assert_int_equal(ask("SELECT sum(amount) FROM shop.stock"), 5);
    gives(CLEAT_OK, shop_marks_upsert_many(session, marks, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.marks"), 1);
}

/* ---- ensure ---- */

static void
ensure_many_adds_what_is_missing_and_gives_stored_keys(void **state)
{
    (void)state;
    shop_people_row old[] = {person("a", "A"), person("b", "B")};
    shop_people_row rows[] = {person("c", "C"), person("b", "other"), person("c", "twice")};
    gives(CLEAT_OK, shop_people_insert_many(session, old, 2));
    gives(CLEAT_OK, shop_people_ensure_many_by_email(session, rows, 3));
    assert_string_equal(rows[1].id, old[1].id);
    assert_string_equal(rows[2].id, rows[0].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.people"), 3);
    assert_int_equal(ask("SELECT count(*) FROM shop.people WHERE name='other'"), 0);
}

static void
a_failure_gives_no_row_the_key_that_was_found(void **state)
{
    (void)state;
    shop_items_row old = item(5, "a", "A");
    shop_items_row rows[] = {item(9, "A", "other"), item(0, "a", "twice"), item(0, "b", "B")};
    rows[2].has_price = true;
    rows[2].price = -1;
    gives(CLEAT_OK, shop_items_insert(session, &old));
    gives(CLEAT_CHECK, shop_items_ensure_many_by_code(session, rows, 3));
    gives(CLEAT_CHECK, shop_items_upsert_many_by_code(session, rows, 3));
    assert_int_equal(rows[0].id, 9);
    assert_int_equal(rows[1].id, 0);
    gives(CLEAT_OK, shop_items_ensure_many_by_code(session, rows, 2));
    assert_int_equal(rows[0].id, 5);
    assert_int_equal(rows[1].id, 5);
}

static void
ensure_many_gives_stored_texts_as_keys(void **state)
{
    (void)state;
    shop_words_row old = {.word = "colour", .alias = "color", .uses = 3};
    char alias[] = "color";
    shop_words_row rows[] = {{.word = "new", .alias = "fresh"}, {.word = "hue", .alias = alias}};
    gives(CLEAT_OK, shop_words_insert(session, &old));
    gives(CLEAT_OK, shop_words_ensure_many_by_alias(session, rows, 2));
    assert_string_equal(rows[1].word, "colour");
    assert_string_equal(rows[1].alias, "color");
    assert_int_equal(rows[1].uses, 0);
    assert_null(rows[0].owned);
    gives(CLEAT_OK, shop_words_ensure_many(session, rows, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.words"), 2);
    shop_words_clear(&rows[1]);
}

/* Rows are written in the order of their keys, so their numbers rise in it: by bytes, behind a
 * beginning that many have in common too. */
static void
ensure_many_numbers_new_rows_in_the_order_of_their_keys(void **state)
{
    (void)state;
    const char *names[] = {"beginning", "beginning z", "b", "beginni",     "",           "\xc3\xa9",
                           "beginning", "beginnin",    "B", "beginning a", "a beginning"};
    enum { COUNT = sizeof names / sizeof names[0] };
    shop_labels_row rows[COUNT];
    memset(rows, 0, sizeof rows);
    for (size_t i = 0; i < COUNT; i++)
        rows[i].name = names[i];
    gives(CLEAT_OK, shop_labels_ensure_many_by_name(session, rows, COUNT));
    for (size_t i = 0; i < COUNT; i++)
        for (size_t j = 0; j < COUNT; j++)
            assert_int_equal(strcmp(names[i], names[j]) < 0, rows[i].id < rows[j].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.labels"), COUNT - 1);
}

/* The number that was given last, perhaps in another table, is that of no row here. */
static void
ensure_many_gives_new_rows_the_numbers_of_the_database(void **state)
{
    (void)state;
    shop_guests_row guest = {.id = 1, .badge = "1"};
    shop_labels_row rows[] = {{.name = "a"}, {.name = "b"}, {.name = "a"}};
    gives(CLEAT_OK, shop_guests_insert(session, &guest));
    gives(CLEAT_OK, shop_labels_ensure_many_by_name(session, rows, 3));
    assert_int_equal(rows[0].id, 1);
    assert_int_equal(rows[1].id, 2);
    assert_int_equal(rows[2].id, 1);
    gives(CLEAT_OK, shop_guests_ensure_many_by_badge(session, &guest, 1));
    rows[0].id = rows[1].id = rows[2].id = 0;
    gives(CLEAT_OK, shop_labels_ensure_many_by_name(session, rows, 3));
    assert_int_equal(rows[0].id, 1);
    assert_int_equal(rows[1].id, 2);
    assert_int_equal(ask("SELECT last_insert_rowid()"), 2);
    shop_items_row items[] = {item(0, "a", "A"), item(0, "b", "B"), item(0, "A", "AA")};
    items[1].has_price = true;
    items[1].price = -1;
    gives(CLEAT_CHECK, shop_items_upsert_many_by_code(session, items, 3));
    assert_true(blames_row(1));
    assert_int_equal(items[0].id, 0);
    assert_int_equal(items[2].id, 0);
    items[1].price = 1;
    gives(CLEAT_OK, shop_items_upsert_many_by_code(session, items, 3));
    assert_int_equal(items[0].id, items[2].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.items WHERE name='AA' OR price=1"), 2);
}

/* Of a trigger that comes later the statement that is kept knows nothing. */
static void
ensure_many_gives_numbers_beside_triggers(void **state)
{
    (void)state;
    shop_labels_row first = {.name = "first"},
                    rows[] = {{.name = "z"}, {.name = "first"}, {.name = "y"}};
    gives(CLEAT_OK, shop_labels_ensure_many_by_name(session, &first, 1));
    execute(
        "CREATE TEMP TRIGGER more AFTER INSERT ON shop.labels WHEN new.id<100"
        " BEGIN INSERT INTO labels(id,name) VALUES(new.id+100,'more '||new.id); END");
    for (int again = 0; again < 2; again++) {
        gives(CLEAT_OK, shop_labels_ensure_many_by_name(session, rows, 3));
        assert_int_equal(rows[1].id, first.id);
        assert_int_equal(ask("SELECT id FROM shop.labels WHERE name='z'"), rows[0].id);
        assert_int_equal(ask("SELECT id FROM shop.labels WHERE name='y'"), rows[2].id);
        assert_int_equal(ask("SELECT count(*) FROM shop.labels"), 5);
        rows[0].id = rows[1].id = rows[2].id = 0;
    }
    execute("DROP TRIGGER temp.more");
}

/* Rows that are there need no number, and for new ones SQLite looks for one. */
static void
ensure_many_finds_rows_when_the_greatest_number_is_taken(void **state)
{
    (void)state;
    shop_labels_row last = {.id = INT64_MAX, .name = "last"};
    shop_labels_row rows[] = {{.name = "new"}, {.name = "last"}};
    shop_labels_row mixed[] = {{.name = "last"}, {.id = 7, .name = "seven"}, {.name = "more"}};
    shop_guests_row guest = {.id = INT64_MAX}, guests[] = {{.id = 3, .badge = "3"}, {0}};
    gives(CLEAT_OK, shop_labels_insert(session, &last));
    gives(CLEAT_OK, shop_labels_ensure_many_by_name(session, rows, 2));
    assert_true(rows[0].id > 0 && rows[0].id < INT64_MAX);
    assert_int_equal(rows[1].id, INT64_MAX);
    assert_int_equal(ask("SELECT id FROM shop.labels WHERE name='new'"), rows[0].id);
    gives(CLEAT_OK, shop_labels_upsert_many_by_name(session, mixed, 3));
    assert_int_equal(mixed[0].id, INT64_MAX);
    assert_int_equal(mixed[1].id, 7);
    assert_int_equal(ask("SELECT id FROM shop.labels WHERE name='more'"), mixed[2].id);
    rows[0] = (shop_labels_row){.name = "newer"};
    gives(CLEAT_FULL, shop_labels_insert_many(session, rows, 1));
    gives(CLEAT_OK, shop_guests_insert(session, &guest));
    gives(CLEAT_FULL, shop_guests_ensure_many_by_badge(session, guests, 2));
    assert_int_equal(guests[0].id, 3);
    assert_int_equal(guests[1].id, 0);
    assert_int_equal(ask("SELECT count(*) FROM shop.guests"), 1);
}

static void
ensure_many_takes_null_for_a_new_row(void **state)
{
    (void)state;
    shop_guests_row rows[] = {{.badge = "1"}, {0}, {.badge = "1"}, {0}};
    gives(CLEAT_OK, shop_guests_ensure_many_by_badge(session, rows, 4));
    assert_int_equal(rows[2].id, rows[0].id);
    assert_true(rows[1].id != 0 && rows[3].id != 0 && rows[1].id != rows[3].id);
    assert_int_equal(ask("SELECT count(*) FROM shop.guests"), 3);
}

static void
ensure_many_keeps_full_text_in_step(void **state)
{
    (void)state;
    shop_articles_row rows[200], found = {0};
    cleat_cursor cursor;
    memset(rows, 0, sizeof rows);
    for (int i = 0; i < 200; i++)
        rows[i] = (shop_articles_row){.slug = codes[i], .title = "T", .body = codes[i]};
    for (int i = 0; i < 200; i++)
        snprintf(codes[i], sizeof codes[i], "word%d", i);
    gives(CLEAT_OK, shop_articles_ensure_many_by_slug(session, rows, 100));
    gives(CLEAT_OK, shop_articles_ensure_many_by_slug(session, rows, 200));
    for (int i = 0; i < 200; i++)
        rows[i].title = "changed";
    gives(CLEAT_OK, shop_articles_upsert_many_by_slug(session, rows, 200));
    gives(CLEAT_OK, shop_articles_list(session, &cursor));
    gives(CLEAT_ROW, shop_articles_next(&cursor, &found));
    cleat_cursor_close(&cursor);
    execute("INSERT INTO shop.articles_fts(articles_fts) VALUES('integrity-check')");
    assert_int_equal(
        ask("SELECT count(*) FROM shop.articles_fts WHERE articles_fts MATCH 'changed'"), 200);
}

static void
an_open_cursor_does_not_disturb(void **state)
{
    (void)state;
    shop_items_row row, rows[] = {item(0, "a", "A"), item(0, "b", "B")};
    shop_items_row more[] = {item(0, "c", "C")};
    cleat_cursor cursor;
    gives(CLEAT_OK, shop_items_insert_many(session, rows, 2));
    gives(CLEAT_OK, shop_items_list(session, &cursor));
    gives(CLEAT_ROW, shop_items_next(&cursor, &row));
    gives(CLEAT_OK, shop_items_ensure_many_by_code(session, more, 1));
    gives(CLEAT_ROW, shop_items_next(&cursor, &row));
    assert_string_equal(row.code, "b");
    rows[0].id = 0;
    gives(CLEAT_CONFLICT, shop_items_insert_many(session, rows, 1));
    cleat_cursor_close(&cursor);
}

/* What was fed is the program's again after the call. */
static void
the_array_is_forgotten_after_the_call(void **state)
{
    (void)state;
    shop_tickets_row *rows = calloc(2, sizeof *rows);
    assert_non_null(rows);
    rows[0].title = rows[1].title = "a";
    gives(CLEAT_OK, shop_tickets_insert_many(session, rows, 2));
    free(rows);
    assert_int_equal(ask("SELECT count(c1) FROM \"cleat:shop.tickets\""), 0);
}

/* Texts that are equal to the database are one row, whatever their bytes. */
static void
upsert_many_leaves_the_last_of_equal_keys(void **state)
{
    (void)state;
    shop_items_row rows[] = {
        item(0, "z", "Z"),     item(0, "a long code", "first"), item(0, "A LONG CODE", "second"),
        item(0, "A", "third"), item(0, "a", "fourth"),          item(0, "A", "fifth")};
    gives(CLEAT_OK, shop_items_upsert_many_by_code(session, rows, 6));
    assert_int_equal(ask("SELECT count(*) FROM shop.items"), 3);
    assert_int_equal(
        ask("SELECT count(*) FROM shop.items WHERE name COLLATE BINARY IN ('second','fifth')"), 2);
    assert_int_equal(rows[1].id, rows[2].id);
    assert_int_equal(rows[3].id, rows[5].id);
}

/* Rows are written in the order of their keys, unless only their own order works. */
static void
upsert_many_swaps_unique_values_in_the_order_that_works(void **state)
{
    (void)state;
    shop_items_row old[] = {item(1, "a", "A"), item(2, "b", "B")};
    shop_items_row rows[] = {item(2, "c", "B"), item(1, "b", "A")};
    shop_items_row wrong[] = {item(9, "z", "Z"), item(1, "c", "A"), item(2, "d", "B")};
    gives(CLEAT_OK, shop_items_insert_many(session, old, 2));
    gives(CLEAT_OK, shop_items_upsert_many(session, rows, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.items WHERE code IN ('b','c')"), 2);
    gives(CLEAT_CONFLICT, shop_items_upsert_many(session, wrong, 3));
    assert_true(blames_row(1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(insert_many_adds_all_and_assigns_their_numbers),
        TEST(no_rows_and_one_row_are_fine),
        TEST(insert_many_mixes_given_and_assigned_numbers),
        TEST(numbers_that_follow_on_are_stored_as_given),
        TEST(rows_that_follow_on_in_another_order_keep_their_numbers),
        TEST(triggers_do_not_move_numbers),
        TEST(numbers_of_autoincrement_never_return),
        TEST(the_greatest_number_is_an_error_and_no_overflow),
        TEST(ids_are_new_and_rise),
        TEST(a_row_that_fails_undoes_all_and_is_named),
        TEST(a_row_that_fails_is_named_beside_triggers),
        TEST(a_reference_without_target_is_named_unless_rows_refer_to_rows),
        TEST(a_failure_leaves_what_was_done_before),
        TEST(upsert_many_adds_and_overwrites),
        TEST(upsert_many_leaves_equal_rows_alone),
        TEST(upsert_many_by_a_unique_key_gives_stored_keys),
        TEST(upsert_many_with_nothing_to_write_gives_stored_keys),
        TEST(upsert_many_knows_composite_keys),
        TEST(ensure_many_adds_what_is_missing_and_gives_stored_keys),
        TEST(a_failure_gives_no_row_the_key_that_was_found),
        TEST(ensure_many_gives_stored_texts_as_keys),
        TEST(ensure_many_numbers_new_rows_in_the_order_of_their_keys),
        TEST(ensure_many_gives_new_rows_the_numbers_of_the_database),
        TEST(ensure_many_gives_numbers_beside_triggers),
        TEST(ensure_many_finds_rows_when_the_greatest_number_is_taken),
        TEST(ensure_many_takes_null_for_a_new_row),
        TEST(ensure_many_keeps_full_text_in_step),
        TEST(an_open_cursor_does_not_disturb),
        TEST(the_array_is_forgotten_after_the_call),
        TEST(upsert_many_leaves_the_last_of_equal_keys),
        TEST(upsert_many_swaps_unique_values_in_the_order_that_works),
    };
    return RUN(tests);
}
