/* test_upsert.c: create or update, create or get, and which of them it was. */
#include "shop.h"

static void
upsert_tells_created_updated_unchanged(void **state)
{
    (void)state;
    shop_items_row row = item(7, "a", "first"), found = {0};
    gives(CLEAT_CREATED, shop_items_upsert(session, &row));
    gives(CLEAT_UNCHANGED, shop_items_upsert(session, &row));
    row.name = "FIRST"; /* the same for NOCASE, and another text */
    gives(CLEAT_UPDATED, shop_items_upsert(session, &row));
    gives(CLEAT_UNCHANGED, shop_items_upsert(session, &row));
    row.has_weight = true;
    row.weight = 0.5;
    gives(CLEAT_UPDATED, shop_items_upsert(session, &row));
    row.photo = (cleat_blob){"", 0}; /* empty is not NULL */
    gives(CLEAT_UPDATED, shop_items_upsert(session, &row));
    gives(CLEAT_UNCHANGED, shop_items_upsert(session, &row));
    row.has_weight = false;
    gives(CLEAT_UPDATED, shop_items_upsert(session, &row));
    gives(CLEAT_OK, shop_items_get(session, 7, &found));
    assert_string_equal(found.name, "FIRST");
    assert_false(found.has_weight);
    shop_items_clear(&found);
}

static void
upsert_that_changes_nothing_keeps_the_time(void **state)
{
    (void)state;
    shop_items_row row = item(7, "a", "first"), found = {0};
    gives(CLEAT_CREATED, shop_items_upsert(session, &row));
    assert_true(row.has_changed_at);
    int64_t created = row.changed_at;
    gives(CLEAT_UNCHANGED, shop_items_upsert(session, &row));
    assert_int_equal(row.changed_at, created);
    gives(CLEAT_OK, shop_items_get(session, 7, &found));
    assert_int_equal(found.changed_at, created);
    row.name = NULL;
    gives(CLEAT_NOT_NULL, shop_items_upsert(session, &row));
    assert_int_equal(row.changed_at, created);
    row.name = "second";
    gives(CLEAT_UPDATED, shop_items_upsert(session, &row));
    assert_true(row.changed_at > created);
    shop_items_clear(&found);
}

static void
upsert_of_a_row_that_is_only_time_is_an_update(void **state)
{
    (void)state;
    shop_beats_row beat = {.name = "heart"};
    gives(CLEAT_CREATED, shop_beats_upsert(session, &beat));
    gives(CLEAT_UPDATED, shop_beats_upsert(session, &beat));
}

static void
upsert_by_a_unique_key_with_nothing_to_write_finds_the_row(void **state)
{
    (void)state;
    shop_labels_row first = {.name = "red"}, again = {.name = "red"};
    gives(CLEAT_CREATED, shop_labels_upsert_by_name(session, &first));
    gives(CLEAT_UNCHANGED, shop_labels_upsert_by_name(session, &again));
    assert_int_equal(again.id, first.id);
}

static void
upsert_tells_outcomes_without_a_rowid(void **state)
{
    (void)state;
    shop_stock_row stock = {.place = "north", .item_id = 1, .amount = 5};
    shop_marks_row mark = {.item_id = 1, .mark = "new"};
    gives(CLEAT_CREATED, shop_stock_upsert(session, &stock));
    gives(CLEAT_UNCHANGED, shop_stock_upsert(session, &stock));
    stock.amount = 6;
    gives(CLEAT_UPDATED, shop_stock_upsert(session, &stock));
    stock.item_id = 2;
    gives(CLEAT_CREATED, shop_stock_upsert(session, &stock));
    gives(CLEAT_CREATED, shop_marks_upsert(session, &mark));
    gives(CLEAT_UNCHANGED, shop_marks_upsert(session, &mark));
}

static void
upsert_by_a_unique_key_gives_the_stored_key(void **state)
{
    (void)state;
    shop_people_row ann = person("ann@x", "Ann"), again = person("ann@x", "Ann");
    gives(CLEAT_CREATED, shop_people_upsert_by_email(session, &ann));
    assert_int_equal(strlen(ann.id), 26);
    gives(CLEAT_UNCHANGED, shop_people_upsert_by_email(session, &again));
    assert_string_equal(again.id, ann.id);
    again = person("ann@x", "Anne");
    gives(CLEAT_UPDATED, shop_people_upsert_by_email(session, &again));
    assert_string_equal(again.id, ann.id);
    shop_items_row one = item(0, "a", "first"), two = item(0, "A", "first");
    gives(CLEAT_CREATED, shop_items_upsert_by_code(session, &one));
    assert_true(one.id > 0);
    gives(CLEAT_UNCHANGED, shop_items_upsert_by_code(session, &two));
    assert_int_equal(two.id, one.id);
    assert_int_equal(ask("SELECT count(*) FROM shop.items"), 1);
}

static void
upsert_by_a_unique_key_gives_a_stored_text_as_key(void **state)
{
    (void)state;
    shop_words_row old = {.word = "colour", .alias = "color", .uses = 3}, found = {0};
    char alias[] = "color";
    shop_words_row row = {.word = "hue", .alias = alias, .uses = 3};
    gives(CLEAT_CREATED, shop_words_upsert_by_alias(session, &old));
    assert_null(old.owned);
    gives(CLEAT_UNCHANGED, shop_words_upsert_by_alias(session, &row));
    assert_string_equal(row.word, "colour");
    memset(alias, 'x', 5); /* the row has its own texts now */
    assert_string_equal(row.alias, "color");
    row.word = "tint";
    row.uses = 4;
    gives(CLEAT_UPDATED, shop_words_upsert_by_alias(session, &row));
    assert_string_equal(row.word, "colour");
    assert_int_equal(row.uses, 4);
    gives(CLEAT_OK, shop_words_get(session, row.word, &found));
    assert_int_equal(found.uses, 4);
    gives(CLEAT_UPDATED, (row.uses = 5, shop_words_upsert_by_alias(session, &row)));
    assert_int_equal(ask("SELECT count(*) FROM shop.words"), 1);
    shop_words_clear(&row);
    shop_words_clear(&found);
}

/* The row has been written when its key is read, and is as it was then. */
static void
upsert_that_finds_a_key_that_is_no_text_has_written_nothing(void **state)
{
    (void)state;
    shop_words_row word = {.word = "hue", .alias = "color", .uses = 9};
    execute("INSERT INTO shop.words VALUES ('col' || char(0) || 'our', 'color', 3)");
    gives(CLEAT_VALUE, shop_words_upsert_by_alias(session, &word));
    assert_string_equal(cleat_session_error(session)->column, "word");
    gives(CLEAT_VALUE, shop_words_upsert_many_by_alias(session, &word, 1));
    assert_string_equal(cleat_session_error(session)->column, "word");
    assert_string_equal(word.word, "hue");
    assert_null(word.owned);
    gives(CLEAT_OK, cleat_session_commit(session));
    assert_int_equal(ask("SELECT uses FROM shop.words"), 3);
}

static void
a_row_whose_key_is_0_is_a_row_as_any(void **state)
{
    (void)state;
    shop_items_row row = item(0, "zero", "nothing"), found = {0};
    execute(
        "INSERT INTO shop.items(id, code, name, hidden, state, facts)"
        " VALUES(0, 'zero', 'old', 0, 'new', '{}')");
    gives(CLEAT_OK, shop_items_update(session, &row));
    gives(CLEAT_OK, shop_items_get(session, 0, &found));
    assert_string_equal(found.name, "nothing");
    row.name = "patched";
    gives(CLEAT_OK, shop_items_patch(session, &row, SHOP_ITEMS_NAME));
    assert_int_equal(ask("SELECT count(*) FROM shop.items WHERE id = 0 AND name = 'patched'"), 1);
    gives(CLEAT_OK, shop_items_delete(session, 0));
    gives(CLEAT_NOT_FOUND, shop_items_update(session, &row));
    gives(CLEAT_NOT_FOUND, shop_items_patch(session, &row, SHOP_ITEMS_NAME));
    shop_items_clear(&found);
}

static void
upsert_by_a_unique_key_has_nothing_but_the_key(void **state)
{
    (void)state;
    shop_guests_row one = {.badge = "7"}, two = {.badge = "7"}, without = {0};
    gives(CLEAT_CREATED, shop_guests_upsert_by_badge(session, &one));
    gives(CLEAT_UNCHANGED, shop_guests_upsert_by_badge(session, &two));
    assert_int_equal(two.id, one.id);
    gives(CLEAT_CREATED, shop_guests_upsert_by_badge(session, &without));
    without.id = 0;
    gives(CLEAT_CREATED, shop_guests_upsert_by_badge(session, &without));
    assert_int_equal(ask("SELECT count(*) FROM shop.guests"), 3);
}

static void
upsert_that_fails_leaves_the_row_without_a_key(void **state)
{
    (void)state;
    shop_people_row bad = person("x@x", "X");
    bad.has_boss_id = true;
    cleat_ulid_new(bad.boss_id);
    gives(CLEAT_FOREIGN_KEY, shop_people_upsert(session, &bad));
    assert_string_equal(bad.id, "");
    assert_false(bad.has_seen_at);
    shop_items_row one = item(1, "a", "A"), two = item(2, "a", "A");
    gives(CLEAT_CREATED, shop_items_upsert(session, &one));
    gives(CLEAT_CONFLICT, shop_items_upsert(session, &two));
    assert_string_equal(cleat_session_error(session)->column, "code");
}

static void
upsert_does_not_confuse_the_last_rowid(void **state)
{
    (void)state;
    shop_tickets_row ticket = {.title = "one"};
    gives(CLEAT_CREATED, shop_tickets_upsert(session, &ticket));
    int64_t id = ticket.id;
    gives(CLEAT_UNCHANGED, shop_tickets_upsert(session, &ticket));
    assert_int_equal(ask("SELECT last_insert_rowid()"), id);
}

static void
ensure_tells_created_from_found(void **state)
{
    (void)state;
    shop_people_row ann = person("ann@x", "Ann"), again = person("ann@x", "somebody else");
    gives(CLEAT_CREATED, shop_people_ensure_by_email(session, &ann));
    gives(CLEAT_FOUND, shop_people_ensure_by_email(session, &again));
    assert_string_equal(again.id, ann.id);
    assert_string_equal(again.name, "Ann");
    assert_non_null(again.owned);
    gives(CLEAT_FOUND, shop_people_ensure(session, &again));
    assert_string_equal(again.email, "ann@x");
    shop_people_clear(&again);
    shop_people_row new_one = person("bob@x", "Bob");
    gives(CLEAT_CREATED, shop_people_ensure(session, &new_one));
    assert_int_equal(strlen(new_one.id), 26);
}

static void
ensure_finds_composite_and_text_keys(void **state)
{
    (void)state;
    shop_stock_row stock = {.place = "north", .item_id = 1, .amount = 5}, other = stock;
    other.amount = 9;
    gives(CLEAT_CREATED, shop_stock_ensure(session, &stock));
    gives(CLEAT_FOUND, shop_stock_ensure(session, &other));
    assert_int_equal(other.amount, 5);
    shop_words_row word = {.word = "colour", .alias = "color", .uses = 3};
    shop_words_row same = {.word = "other", .alias = "color", .uses = 4};
    gives(CLEAT_CREATED, shop_words_ensure_by_alias(session, &word));
    gives(CLEAT_FOUND, shop_words_ensure_by_alias(session, &same));
    assert_string_equal(same.word, "colour");
    assert_int_equal(same.uses, 3);
    shop_stock_clear(&other);
    shop_words_clear(&same);
}

static void
ensure_assigns_numbers_and_takes_none_when_it_fails(void **state)
{
    (void)state;
    shop_items_row one = item(0, "a", "first"), two = item(0, "a", "again"), bad = item(0, "b", "");
    gives(CLEAT_CREATED, shop_items_ensure_by_code(session, &one));
    assert_true(one.id > 0);
    gives(CLEAT_FOUND, shop_items_ensure_by_code(session, &two));
    assert_int_equal(two.id, one.id);
    assert_string_equal(two.name, "first");
    bad.facts = "not json";
    gives(CLEAT_CHECK, shop_items_ensure_by_code(session, &bad));
    assert_int_equal(bad.id, 0);
    shop_items_clear(&two);
}

static void
ensure_takes_a_number_that_is_given(void **state)
{
    (void)state;
    shop_items_row new_one = item(0, "a", "first"), given = item(40, "b", "second");
    shop_items_row again = item(40, "c", "third");
    gives(CLEAT_CREATED, shop_items_ensure(session, &new_one));
    assert_true(new_one.id > 0);
    gives(CLEAT_CREATED, shop_items_ensure(session, &given));
    gives(CLEAT_FOUND, shop_items_ensure(session, &again));
    assert_string_equal(again.name, "second");
    shop_items_clear(&again);
    shop_items_row both[2] = {item(40, "c", "third"), item(0, "d", "fourth")};
    gives(CLEAT_OK, shop_items_ensure_many(session, both, 2));
    assert_true(both[1].id > 40);
    assert_int_equal(ask("SELECT count(*) FROM shop.items WHERE name = 'third'"), 0);
    assert_int_equal(ask("SELECT id FROM shop.items WHERE name = 'fourth'"), both[1].id);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(upsert_tells_created_updated_unchanged),
        TEST(upsert_that_changes_nothing_keeps_the_time),
        TEST(upsert_of_a_row_that_is_only_time_is_an_update),
        TEST(upsert_by_a_unique_key_with_nothing_to_write_finds_the_row),
        TEST(upsert_tells_outcomes_without_a_rowid),
        TEST(upsert_by_a_unique_key_gives_the_stored_key),
        TEST(upsert_by_a_unique_key_gives_a_stored_text_as_key),
        TEST(upsert_that_finds_a_key_that_is_no_text_has_written_nothing),
        TEST(a_row_whose_key_is_0_is_a_row_as_any),
        TEST(upsert_by_a_unique_key_has_nothing_but_the_key),
        TEST(upsert_that_fails_leaves_the_row_without_a_key),
        TEST(upsert_does_not_confuse_the_last_rowid),
        TEST(ensure_tells_created_from_found),
        TEST(ensure_finds_composite_and_text_keys),
        TEST(ensure_assigns_numbers_and_takes_none_when_it_fails),
        TEST(ensure_takes_a_number_that_is_given),
    };
    return RUN(tests);
}
