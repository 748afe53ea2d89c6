/* test_joined_many.c: sets of rows of tables that extend others, where rows depend on one another or
 * on rows of other tables: what a set does is what each row in its turn would do, or nothing. */
#include "works.h"

enum { COUNT = 64 };

static void
add_film(const char *uri)
{
    shop_films_row film = shop_films_defaults();
    film.kind = WORK_KIND_FILM;
    film.uri = uri;
    film.minutes = 90;
    gives(CLEAT_OK, shop_films_insert(session, &film));
}

static void
sets_take_no_row_of_another_table_over(void **state)
{
    (void)state;
    add_film("film:1");
    shop_texts_row rows[3] = {text_row("text:1", "a"), text_row("film:1", "b"),
                              text_row("text:2", "c")};
    gives(CLEAT_CONFLICT, shop_texts_upsert_many_by_uri(session, rows, 3));
    assert_true(blames_row(1));
    gives(CLEAT_CONFLICT, shop_texts_ensure_many_by_uri(session, rows, 3));
    assert_true(blames_row(1));
    rows[1].uri = "text:3";
    rows[1].id = ask("SELECT id FROM shop.works WHERE uri = 'film:1'");
    gives(CLEAT_CONFLICT, shop_texts_upsert_many(session, rows, 3));
    assert_true(blames_row(1));
    rows[1].isbn = "978";
    gives(CLEAT_CONFLICT, shop_texts_upsert_many_by_isbn(session, rows, 3));
    assert_int_equal(rows[0].id, 0);
    holds(1, 0, 0);
    assert_int_equal(ask("SELECT count(*) FROM shop.works WHERE uri = 'film:1'"), 1);
}

/* The first part has nothing that an update could write. */
static void
sets_take_over_no_row_that_is_only_keys(void **state)
{
    (void)state;
    shop_parties_row party = shop_parties_defaults();
    party.email = "a@x";
    gives(CLEAT_OK, shop_parties_insert(session, &party));
    shop_firms_row firms[2] = {shop_firms_defaults(), shop_firms_defaults()};
    firms[0].about = firms[1].about = "paper";
    firms[0].email = "b@x";
    firms[1].email = "A@X";
    gives(CLEAT_CONFLICT, shop_firms_upsert_many_by_email(session, firms, 2));
    assert_true(blames_row(1));
    firms[1].email = "c@x";
    memcpy(firms[1].id, party.id, sizeof party.id);
    gives(CLEAT_CONFLICT, shop_firms_upsert_many(session, firms, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.firms"), 0);
    assert_int_equal(ask("SELECT count(*) FROM shop.parties"), 1);
}

static void
rows_of_a_set_may_have_the_same_key(void **state)
{
    (void)state;
    static char uris[COUNT][16], bodies[COUNT][16];
    static const char *const isbns[] = {"978-0", "978-1", "978-2", "978-3"};
    shop_texts_row rows[COUNT], found = {0};
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(uris[i], sizeof uris[i], "text:%zu", i % 4);
        snprintf(bodies[i], sizeof bodies[i], "%zu", i);
        rows[i] = text_row(uris[i], bodies[i]);
        rows[i].isbn = isbns[i % 4];
    }
    gives(CLEAT_OK, shop_texts_upsert_many_by_isbn(session, rows, COUNT));
    holds(4, 4, 0);
    for (size_t i = 4; i < COUNT; i++)
        assert_int_equal(rows[i].id, rows[i % 4].id);
    gives(CLEAT_OK, shop_texts_get_by_isbn(session, "978-3", &found));
    assert_string_equal(found.body, "63");
    for (size_t i = 0; i < COUNT; i++)
        rows[i].id = 0;
    gives(CLEAT_OK, shop_texts_ensure_many_by_isbn(session, rows, COUNT));
    assert_int_equal(rows[63].id, found.id);
    gives(CLEAT_OK, shop_texts_get_by_isbn(session, "978-0", &found));
    assert_string_equal(found.body, "60");
    shop_texts_clear(&found);
}

static void
the_first_row_that_fails_is_blamed_whatever_its_part(void **state)
{
    (void)state;
    shop_letters_row rows[8];
    static char uris[8][16];
    for (size_t i = 0; i < 8; i++) {
        snprintf(uris[i], sizeof uris[i], "letter:%zu", i);
        rows[i] = letter_row(uris[i], uris[i]);
    }
    rows[5].uri = uris[0];    /* in the first part */
    rows[3].body = "bad";     /* in the second */
    rows[2].sender = uris[1]; /* in the last */
    gives(CLEAT_CONFLICT, shop_letters_insert_many(session, rows, 8));
    assert_true(blames_row(2));
    assert_string_equal(cleat_session_error(session)->table, "letters");
    rows[2].sender = uris[2];
    gives(CLEAT_CHECK, shop_letters_ensure_many_by_uri(session, rows, 8));
    assert_true(blames_row(3));
    rows[3].body = "good";
    gives(CLEAT_CONFLICT, shop_letters_upsert_many_by_sender(session, rows, 8));
    assert_true(blames_row(5));
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(rows[i].id, 0);
    holds(0, 0, 0);
}

static void
references_among_rows_hide_no_failure(void **state)
{
    (void)state;
    shop_texts_row rows[4] = {text_row("text:1", "a"), text_row("text:2", "b"),
                              text_row("text:3", "c"), text_row("text:1", "d")};
    for (size_t i = 0; i < 4; i++) {
        rows[i].id = (int64_t)i + 1;
        rows[i].has_answer_to = true;
        rows[i].answer_to = 4 - (int64_t)i;
    }
    gives(CLEAT_CONFLICT, shop_texts_upsert_many(session, rows, 4));
    rows[3].uri = "text:4";
    gives(CLEAT_OK, shop_texts_upsert_many(session, rows, 4));
    holds(4, 4, 0);
}

static void
a_key_stays_as_it_is_stored(void **state)
{
    (void)state;
    shop_firms_row firms[2] = {shop_firms_defaults(), shop_firms_defaults()};
    firms[0].email = "Ada@x";
    firms[1].email = "Bob@x";
    firms[0].about = firms[1].about = "paper";
    gives(CLEAT_OK, shop_firms_upsert_many_by_email(session, firms, 2));
    firms[0].email = "ADA@X";
    firms[1].email = "BOB@X";
    gives(CLEAT_UNCHANGED, shop_firms_upsert_by_email(session, &firms[0]));
    firms[0].about = "glue";
    gives(CLEAT_UPDATED, shop_firms_upsert_by_email(session, &firms[0]));
    firms[0].about = firms[1].about = "ink";
    gives(CLEAT_OK, shop_firms_upsert_many_by_email(session, firms, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.firms WHERE about = 'ink'"), 2);
    assert_int_equal(ask("SELECT count(*) FROM shop.parties WHERE email COLLATE BINARY"
                         " IN ('Ada@x', 'Bob@x')"),
                     2);
}

/* Nothing differs, so that only the function in the statement tells that a row was met. */
static void
a_row_of_nothing_but_keys_gets_the_stored_one(void **state)
{
    (void)state;
    shop_parties_row party = shop_parties_defaults(), again = {.email = "A@x"};
    party.email = "a@x";
    gives(CLEAT_CREATED, shop_parties_upsert_by_email(session, &party));
    gives(CLEAT_UNCHANGED, shop_parties_upsert_by_email(session, &again));
    assert_string_equal(again.id, party.id);
    again.id[0] = '\0';
    gives(CLEAT_OK, shop_parties_upsert_many_by_email(session, &again, 1));
    assert_string_equal(again.id, party.id);
}

static void
a_part_gets_the_time_when_only_another_one_differs(void **state)
{
    (void)state;
    shop_letters_row rows[2] = {letter_row("letter:1", "Ada"), letter_row("letter:2", "Bob")};
    rows[0].isbn = "978";
    gives(CLEAT_OK, shop_letters_upsert_many_by_uri(session, rows, 2));
    execute("UPDATE shop.works SET changed_at = 5");
    gives(CLEAT_OK, shop_letters_upsert_many_by_uri(session, rows, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.works WHERE changed_at = 5"), 2);
    rows[0].body = "Dear Bob";
    gives(CLEAT_OK, shop_letters_upsert_many(session, rows, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.works WHERE changed_at = 5"), 1);
    assert_int_equal(ask("SELECT changed_at FROM shop.works WHERE uri = 'letter:1'"),
                     rows[0].changed_at);
    rows[1].shelf = 7;
    rows[1].has_shelf = true;
    gives(CLEAT_OK, shop_letters_upsert_many_by_sender(session, rows, 2));
    assert_int_equal(ask("SELECT count(*) FROM shop.works WHERE changed_at = 5"), 0);
}

static void
rows_by_example_are_deleted_by_any_key(void **state)
{
    (void)state;
    shop_firms_row firms[3] = {shop_firms_defaults(), shop_firms_defaults(), shop_firms_defaults()};
    shop_talks_row talks[3] = {{.day = 2, .room = "east", .speaker = "Ada"},
                               {.day = 2, .room = "west", .speaker = "Bob"},
                               {.day = 3, .room = "east", .speaker = "Ada"}};
    int64_t count = -1;
    for (size_t i = 0; i < 3; i++) {
        static const char *const emails[] = {"a@x", "b@x", "c@x"};
        firms[i].email = emails[i];
        firms[i].about = i == 1 ? "glue" : "paper";
    }
    gives(CLEAT_OK, shop_firms_insert_many(session, firms, 3));
    gives(CLEAT_OK, shop_talks_insert_many(session, talks, 3));
    gives(CLEAT_OK, shop_firms_delete_where(session, &firms[0], SHOP_FIRMS_ABOUT, &count));
    assert_int_equal(count, 2);
    assert_int_equal(ask("SELECT count(*) FROM shop.parties WHERE email = 'b@x'"), 1);
    assert_int_equal(ask("SELECT count(*) FROM shop.parties"), 1);
    gives(CLEAT_OK, shop_talks_delete_where(session, &talks[0], SHOP_TALKS_SPEAKER, &count));
    assert_int_equal(count, 2);
    assert_int_equal(ask("SELECT count(*) FROM shop.slots"), 1);
    gives(CLEAT_OK, shop_talks_delete_where(session, &talks[0], SHOP_TALKS_SPEAKER, &count));
    assert_int_equal(count, 0);
}

static void
a_delete_by_example_that_fails_deletes_nothing(void **state)
{
    (void)state;
    shop_films_row film = shop_films_defaults();
    int64_t count = -1;
    film.minutes = 90;
    for (int i = 0; i < 3; i++) {
        char uri[] = {'f', (char)('0' + i), '\0'};
        film.id = 0;
        film.uri = uri;
        gives(CLEAT_OK, shop_films_insert(session, &film));
    }
    execute("INSERT INTO shop.favourites (id) SELECT id FROM shop.works WHERE uri = 'f1'");
    gives(CLEAT_FOREIGN_KEY, shop_films_delete_where(session, &film, SHOP_FILMS_MINUTES, &count));
    assert_int_equal(count, -1);
    assert_int_equal(ask("SELECT count(*) FROM shop.films"), 3);
    holds(3, 0, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sets_take_no_row_of_another_table_over),
        TEST(sets_take_over_no_row_that_is_only_keys),
        TEST(rows_of_a_set_may_have_the_same_key),
        TEST(the_first_row_that_fails_is_blamed_whatever_its_part),
        TEST(references_among_rows_hide_no_failure),
        TEST(a_key_stays_as_it_is_stored),
        TEST(a_row_of_nothing_but_keys_gets_the_stored_one),
        TEST(a_part_gets_the_time_when_only_another_one_differs),
        TEST(rows_by_example_are_deleted_by_any_key),
        TEST(a_delete_by_example_that_fails_deletes_nothing),
    };
    return RUN(tests);
}
