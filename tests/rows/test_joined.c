/* test_joined.c: one row of a table that extends another, or one that extends another: every call
 * reads and writes all parts, or none. */
#include "works.h"

static void
insert_writes_every_part_and_get_reads_the_join(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada"), found = {0};
    shop_texts_row text = {0};
    shop_works_row work = {0};
    assert_int_equal(letter.kind, WORK_KIND_LETTER);
    assert_true(letter.has_weight);
    letter.isbn = "978";
    letter.cover = (cleat_blob){"\1\0\2", 3};
    letter.title = "";
    gives(CLEAT_OK, shop_letters_insert(session, &letter));
    assert_true(letter.id > 0);
    holds(1, 1, 1);
    gives(CLEAT_OK, shop_letters_get(session, letter.id, &found));
    assert_int_equal(found.id, letter.id);
    assert_int_equal(found.kind, WORK_KIND_LETTER);
    assert_string_equal(found.uri, "letter:1");
    assert_string_equal(found.title, "");
    assert_true(found.weight > 1.4 && found.weight < 1.6);
    assert_null(found.extra);
    assert_string_equal(found.isbn, "978");
    assert_int_equal(found.cover.size, 3);
    assert_memory_equal(found.cover.data, "\1\0\2", 3);
    assert_string_equal(found.sender, "Ada");
    assert_false(found.has_sent_at);
    gives(CLEAT_OK, shop_texts_get(session, letter.id, &text));
    assert_int_equal(text.kind, WORK_KIND_LETTER);
    assert_string_equal(text.body, "Dear all");
    gives(CLEAT_OK, shop_works_get(session, letter.id, &work));
    assert_int_equal(work.kind, WORK_KIND_LETTER);
    shop_letters_clear(&found);
    shop_texts_clear(&text);
    shop_works_clear(&work);
}

static void
every_unique_key_of_every_part_finds_the_row(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada"), found = {0};
    letter.isbn = "978";
    gives(CLEAT_OK, shop_letters_insert(session, &letter));
    gives(CLEAT_OK, shop_letters_get_by_uri(session, "letter:1", &found));
    assert_string_equal(found.sender, "Ada");
    gives(CLEAT_OK, shop_letters_get_by_isbn(session, "978", &found));
    assert_string_equal(found.sender, "Ada");
    gives(CLEAT_OK, shop_letters_get_by_sender(session, "Ada", &found));
    assert_string_equal(found.uri, "letter:1");
    shop_letters_clear(&found);
    gives(CLEAT_OK, shop_letters_lend_by_uri(session, "letter:1", &found));
    assert_string_equal(found.isbn, "978");
    gives(CLEAT_OK, shop_letters_exists_by_sender(session, "Ada"));
    gives(CLEAT_OK, shop_texts_exists_by_isbn(session, "978"));
    gives(CLEAT_NOT_FOUND, shop_texts_exists_by_isbn(session, "979"));
    gives(CLEAT_NOT_FOUND, shop_letters_get_by_uri(session, "letter:2", &found));
}

static void
a_row_of_another_table_is_not_found(void **state)
{
    (void)state;
    shop_films_row film = shop_films_defaults(), other = {0};
    shop_texts_row text = text_row("text:1", "Once"), found = {0};
    film.kind = WORK_KIND_FILM;
    film.uri = "film:1";
    film.minutes = 90;
    gives(CLEAT_OK, shop_films_insert(session, &film));
    gives(CLEAT_OK, shop_texts_insert(session, &text));
    gives(CLEAT_NOT_FOUND, shop_texts_get(session, film.id, &found));
    gives(CLEAT_NOT_FOUND, shop_texts_get_by_uri(session, "film:1", &found));
    gives(CLEAT_NOT_FOUND, shop_texts_exists(session, film.id));
    gives(CLEAT_NOT_FOUND, shop_texts_delete(session, film.id));
    gives(CLEAT_NOT_FOUND, shop_films_delete_by_uri(session, "text:1"));
    gives(CLEAT_NOT_FOUND, shop_letters_get(session, text.id, &(shop_letters_row){0}));
    text.id = film.id;
    text.title = "taken over";
    gives(CLEAT_NOT_FOUND, shop_texts_update(session, &text));
    gives(CLEAT_NOT_FOUND, shop_texts_patch(session, &text, SHOP_TEXTS_TITLE));
    gives(CLEAT_NOT_FOUND, shop_texts_patch(session, &text, SHOP_TEXTS_BODY));
    gives(CLEAT_OK, shop_films_get(session, film.id, &other));
    assert_null(other.title);
    shop_films_clear(&other);
}

static void
a_failure_in_any_part_leaves_nothing_behind(void **state)
{
    (void)state;
    shop_letters_row first = letter_row("letter:1", "Ada");
    gives(CLEAT_OK, shop_letters_insert(session, &first));
    shop_letters_row same = letter_row("letter:2", "Ada");
    gives(CLEAT_CONFLICT, shop_letters_insert(session, &same));
    assert_string_equal(cleat_session_error(session)->table, "letters");
    assert_string_equal(cleat_session_error(session)->column, "sender");
    assert_int_equal(same.id, 0);
    holds(1, 1, 1);
    shop_letters_row bad = letter_row("letter:2", "Bob");
    bad.body = "bad";
    gives(CLEAT_CHECK, shop_letters_insert(session, &bad));
    assert_string_equal(cleat_session_error(session)->table, "texts");
    assert_string_equal(cleat_session_error(session)->column, "body");
    bad.body = NULL;
    gives(CLEAT_NOT_NULL, shop_letters_insert(session, &bad));
    bad.body = "good";
    bad.uri = "forbidden";
    gives(CLEAT_CHECK, shop_letters_insert(session, &bad));
    assert_string_equal(cleat_session_error(session)->table, "works");
    bad.uri = "letter:1";
    gives(CLEAT_CONFLICT, shop_letters_insert(session, &bad));
    assert_string_equal(cleat_session_error(session)->column, "uri");
    assert_int_equal(bad.id, 0);
    bad.uri = "letter:2";
    gives(CLEAT_OK, shop_letters_insert(session, &bad));
    assert_int_equal(bad.id, first.id + 1);
    holds(2, 2, 2);
    gives(CLEAT_OK, cleat_session_commit(session));
    holds(2, 2, 2);
}

static void
a_failed_write_keeps_what_the_unit_did_before(void **state)
{
    (void)state;
    shop_works_row work = shop_works_defaults();
    work.kind = WORK_KIND_FILM;
    work.uri = "plain";
    gives(CLEAT_OK, shop_works_insert(session, &work));
    shop_texts_row text = text_row("text:1", "bad");
    gives(CLEAT_CHECK, shop_texts_insert(session, &text));
    gives(CLEAT_CHECK, shop_texts_upsert_by_uri(session, &text));
    gives(CLEAT_CHECK, shop_texts_ensure_by_uri(session, &text));
    holds(1, 0, 0);
    text.body = "good";
    gives(CLEAT_OK, shop_texts_insert(session, &text));
    gives(CLEAT_OK, cleat_session_commit(session));
    holds(2, 1, 0);
}

static void
update_and_patch_reach_every_part(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada"), found = {0};
    gives(CLEAT_OK, shop_letters_insert(session, &letter));
    letter.uri = "letter:one";
    letter.body = "Dear Bob";
    letter.sender = "Eve";
    gives(CLEAT_OK, shop_letters_update(session, &letter));
    assert_true(letter.has_changed_at);
    gives(CLEAT_OK, shop_letters_get_by_uri(session, "letter:one", &found));
    assert_string_equal(found.body, "Dear Bob");
    assert_string_equal(found.sender, "Eve");
    assert_int_equal(found.changed_at, letter.changed_at);
    letter.uri = "not this";
    letter.body = "but this";
    letter.sender = "nor this";
    gives(CLEAT_OK, shop_letters_patch(session, &letter, SHOP_LETTERS_BODY));
    assert_true(letter.changed_at > found.changed_at);
    gives(CLEAT_OK, shop_letters_get(session, letter.id, &found));
    assert_string_equal(found.uri, "letter:one");
    assert_string_equal(found.body, "but this");
    assert_string_equal(found.sender, "Eve");
    assert_int_equal(found.changed_at, letter.changed_at);
    letter.title = "three";
    letter.sender = "parts";
    gives(CLEAT_OK,
          shop_letters_patch(session, &letter,
                             SHOP_LETTERS_TITLE | SHOP_LETTERS_BODY | SHOP_LETTERS_SENDER));
    gives(CLEAT_OK, shop_letters_get_by_sender(session, "parts", &found));
    assert_string_equal(found.title, "three");
    letter.title = "lost";
    letter.body = "bad";
    letter.sender = "lost";
    gives(CLEAT_CHECK, shop_letters_update(session, &letter));
    gives(CLEAT_CHECK,
          shop_letters_patch(session, &letter,
                             SHOP_LETTERS_TITLE | SHOP_LETTERS_BODY | SHOP_LETTERS_SENDER));
    gives(CLEAT_OK, shop_letters_get(session, letter.id, &found));
    assert_string_equal(found.title, "three");
    assert_string_equal(found.sender, "parts");
    letter.id = 77;
    gives(CLEAT_NOT_FOUND, shop_letters_patch(session, &letter, SHOP_LETTERS_TITLE));
    shop_letters_clear(&found);
}

static void
a_row_has_the_constant_of_its_table(void **state)
{
    (void)state;
    shop_texts_row text = text_row("text:1", "Once"), found = {0};
    text.kind = WORK_KIND_FILM;
    gives(CLEAT_CHECK, shop_texts_insert(session, &text));
    assert_string_equal(cleat_session_error(session)->column, "kind");
    text.kind = WORK_KIND_LETTER; /* what only letters add */
    gives(CLEAT_CHECK, shop_texts_insert(session, &text));
    gives(CLEAT_CHECK, shop_texts_upsert_by_uri(session, &text));
    gives(CLEAT_CHECK, shop_texts_ensure_by_uri(session, &text));
    gives(CLEAT_CHECK, shop_texts_insert_many(session, &text, 1));
    assert_true(blames_row(0));
    holds(0, 0, 0);
    text.kind = WORK_KIND_TEXT;
    gives(CLEAT_OK, shop_texts_insert(session, &text));
    text.kind = WORK_KIND_FILM;
    text.title = "changed";
    gives(CLEAT_CHECK, shop_texts_update(session, &text));
    gives(CLEAT_CHECK, shop_texts_patch(session, &text, SHOP_TEXTS_KIND));
    gives(CLEAT_OK, shop_texts_patch(session, &text, SHOP_TEXTS_TITLE));
    cleat_violations violations;
    assert_int_equal(shop_texts_validate(&text, &violations), CLEAT_CHECK);
    assert_int_equal(violations.count, 1);
    assert_string_equal(violations.items[0].column, "kind");
    shop_letters_row letter = letter_row("letter:1", "Ada");
    gives(CLEAT_OK, shop_letters_insert(session, &letter));
    gives(CLEAT_OK, shop_texts_get(session, letter.id, &found));
    found.body = "a letter changed as a text";
    assert_int_equal(shop_texts_validate(&found, NULL), CLEAT_OK);
    gives(CLEAT_OK, shop_texts_update(session, &found));
    gives(CLEAT_UNCHANGED, shop_texts_upsert_by_uri(session, &found));
    gives(CLEAT_OK, shop_letters_exists(session, letter.id));
    shop_texts_clear(&found);
}

static void
upsert_tells_outcomes_of_the_whole_row(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada"), found = {0};
    letter.isbn = "978";
    gives(CLEAT_CREATED, shop_letters_upsert_by_uri(session, &letter));
    int64_t id = letter.id, time = letter.changed_at;
    assert_true(letter.has_changed_at);
    gives(CLEAT_UNCHANGED, shop_letters_upsert(session, &letter));
    letter.id = 0;
    gives(CLEAT_UNCHANGED, shop_letters_upsert_by_sender(session, &letter));
    assert_int_equal(letter.id, id);
    assert_int_equal(letter.changed_at, time);
    letter.id = 0;
    letter.body = "Dear Bob"; /* only the second part differs, and the first one has the time */
    gives(CLEAT_UPDATED, shop_letters_upsert_by_isbn(session, &letter));
    assert_int_equal(letter.id, id);
    assert_true(letter.changed_at > time);
    gives(CLEAT_OK, shop_letters_get(session, id, &found));
    assert_int_equal(found.changed_at, letter.changed_at);
    assert_string_equal(found.body, "Dear Bob");
    letter.title = "TITLE";
    gives(CLEAT_UPDATED, shop_letters_upsert(session, &letter));
    letter.title = "title"; /* equal for NOCASE, and another text */
    gives(CLEAT_UPDATED, shop_letters_upsert(session, &letter));
    letter.has_weight = false;
    gives(CLEAT_UPDATED, shop_letters_upsert(session, &letter));
    gives(CLEAT_UNCHANGED, shop_letters_upsert(session, &letter));
    time = letter.changed_at;
    letter.sender = NULL;
    letter.body = "lost";
    gives(CLEAT_NOT_NULL, shop_letters_upsert(session, &letter));
    assert_int_equal(letter.changed_at, time);
    gives(CLEAT_OK, shop_letters_get(session, id, &found));
    assert_string_equal(found.body, "Dear Bob");
    assert_false(found.has_weight);
    holds(1, 1, 1);
    shop_letters_clear(&found);
}

static void
upsert_takes_no_row_of_another_table_over(void **state)
{
    (void)state;
    shop_films_row film = shop_films_defaults(), found = {0};
    film.kind = WORK_KIND_FILM;
    film.uri = "film:1";
    film.minutes = 90;
    gives(CLEAT_CREATED, shop_films_upsert_by_uri(session, &film));
    shop_texts_row text = text_row("film:1", "Once");
    gives(CLEAT_CONFLICT, shop_texts_upsert_by_uri(session, &text));
    gives(CLEAT_CONFLICT, shop_texts_ensure_by_uri(session, &text));
    text.uri = "text:1";
    text.id = film.id;
    gives(CLEAT_CONFLICT, shop_texts_upsert(session, &text));
    assert_int_equal(text.id, film.id);
    gives(CLEAT_OK, shop_films_get(session, film.id, &found));
    assert_string_equal(found.uri, "film:1");
    holds(1, 0, 0);
    shop_films_clear(&found);
}

static void
ensure_creates_or_copies_the_whole_row(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada");
    gives(CLEAT_CREATED, shop_letters_ensure_by_sender(session, &letter));
    shop_letters_row again = letter_row("letter:2", "Ada");
    again.body = "not this";
    gives(CLEAT_FOUND, shop_letters_ensure_by_sender(session, &again));
    assert_int_equal(again.id, letter.id);
    assert_string_equal(again.uri, "letter:1");
    assert_string_equal(again.body, "Dear all");
    holds(1, 1, 1);
    shop_letters_clear(&again);
}

/* What would be refused were there no such row is refused beside one, in every part. */
static void
ensure_refuses_a_row_that_could_not_be_added(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada");
    shop_letters_row again = letter_row("letter:2", "Ada");
    shop_films_row film = shop_films_defaults(), other = film;
    film.uri = other.uri = "film:1";
    film.minutes = 90;
    gives(CLEAT_CREATED, shop_letters_ensure_by_sender(session, &letter));
    gives(CLEAT_CREATED, shop_films_ensure_by_uri(session, &film));
    again.body = NULL;
    gives(CLEAT_NOT_NULL, shop_letters_ensure_by_sender(session, &again));
    assert_string_equal(cleat_session_error(session)->column, "body");
    assert_int_equal(again.id, 0);
    again = letter_row(NULL, "Ada");
    gives(CLEAT_NOT_NULL, shop_letters_ensure_by_sender(session, &again));
    other.minutes = -1;
    gives(CLEAT_CHECK, shop_films_ensure_by_uri(session, &other));
    gives(CLEAT_CHECK, shop_films_ensure_many_by_uri(session, &other, 1));
    assert_int_equal(other.id, 0);
    other.minutes = 1;
    gives(CLEAT_FOUND, shop_films_ensure_by_uri(session, &other));
    assert_int_equal(other.minutes, 90);
    shop_films_clear(&other);
}

static void
delete_removes_every_part_whatever_the_keys_say(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada");
    shop_films_row film = shop_films_defaults();
    shop_favourites_row favourite = shop_favourites_defaults();
    film.uri = "film:1";
    film.minutes = 90;
    favourite.uri = "favourite:1";
    gives(CLEAT_OK, shop_letters_insert(session, &letter));       /* CASCADE */
    gives(CLEAT_OK, shop_films_insert(session, &film));           /* no action */
    gives(CLEAT_OK, shop_favourites_insert(session, &favourite)); /* RESTRICT */
    holds(3, 1, 1);
    gives(CLEAT_OK, shop_films_delete_by_uri(session, "film:1"));
    gives(CLEAT_OK, shop_favourites_delete(session, favourite.id));
    gives(CLEAT_OK, shop_letters_delete_by_sender(session, "Ada"));
    gives(CLEAT_NOT_FOUND, shop_letters_delete(session, letter.id));
    holds(0, 0, 0);
    assert_int_equal(ask("SELECT count(*) FROM shop.films"), 0);
    assert_int_equal(ask("SELECT count(*) FROM shop.favourites"), 0);
}

static void
delete_of_a_row_that_is_needed_removes_no_part(void **state)
{
    (void)state;
    shop_works_row found = {0};
    shop_films_row film = shop_films_defaults();
    film.uri = "film:1";
    film.minutes = 90;
    gives(CLEAT_OK, shop_films_insert(session, &film));
    execute("INSERT INTO shop.favourites (id) SELECT id FROM shop.works");
    gives(CLEAT_FOREIGN_KEY, shop_films_delete(session, film.id));
    gives(CLEAT_OK, shop_films_exists(session, film.id));
    gives(CLEAT_OK, shop_favourites_exists(session, film.id));
    gives(CLEAT_FOREIGN_KEY, shop_works_delete(session, film.id));
    gives(CLEAT_OK, shop_works_get(session, film.id, &found));
    shop_works_clear(&found);
}

static void
delete_as_the_middle_table_takes_what_extends_it(void **state)
{
    (void)state;
    shop_letters_row letter = letter_row("letter:1", "Ada");
    gives(CLEAT_OK, shop_letters_insert(session, &letter));
    gives(CLEAT_OK, shop_texts_delete(session, letter.id));
    holds(0, 0, 0);
}

static void
a_table_with_nothing_but_its_key_extends_too(void **state)
{
    (void)state;
    shop_favourites_row row = shop_favourites_defaults(), found = {0};
    row.uri = "favourite:1";
    row.kind = WORK_KIND_FILM;
    gives(CLEAT_CREATED, shop_favourites_upsert_by_uri(session, &row));
    gives(CLEAT_UNCHANGED, shop_favourites_upsert(session, &row));
    row.title = "best";
    gives(CLEAT_UPDATED, shop_favourites_upsert(session, &row));
    row.title = "better";
    gives(CLEAT_OK, shop_favourites_update(session, &row));
    row.title = "good";
    gives(CLEAT_OK, shop_favourites_patch(session, &row, SHOP_FAVOURITES_TITLE));
    gives(CLEAT_OK, shop_favourites_get(session, row.id, &found));
    assert_string_equal(found.title, "good");
    shop_favourites_clear(&found);
}

static void
ids_are_given_by_the_first_table(void **state)
{
    (void)state;
    shop_firms_row firm = shop_firms_defaults(), found = {0};
    assert_int_equal(strlen(firm.id), 26);
    firm.id[0] = '\0';
    firm.email = "firm@x";
    gives(CLEAT_NOT_NULL, shop_firms_insert(session, &firm));
    assert_string_equal(firm.id, "");
    firm.about = "everything about paper";
    gives(CLEAT_OK, shop_firms_insert(session, &firm));
    assert_int_equal(strlen(firm.id), 26);
    gives(CLEAT_OK, shop_firms_get_by_email(session, "FIRM@X", &found));
    assert_string_equal(found.id, firm.id);
    shop_firms_row other = shop_firms_defaults();
    other.email = "Firm@x";
    other.about = "glue";
    gives(CLEAT_UPDATED, shop_firms_upsert_by_email(session, &other));
    assert_string_equal(other.id, firm.id);
    assert_true(other.has_checked_at);
    assert_int_equal(ask("SELECT count(*) FROM shop.parties"), 1);
    gives(CLEAT_OK, shop_firms_delete_by_email(session, "FIRM@x"));
    assert_int_equal(ask("SELECT count(*) FROM shop.parties"), 0);
    shop_firms_clear(&found);
}

static void
keys_of_two_columns_join_in_either_order(void **state)
{
    (void)state;
    shop_talks_row talk = {.day = 2, .room = "east", .title = "C", .speaker = "Ada"}, found = {0};
    gives(CLEAT_CREATED, shop_talks_upsert(session, &talk));
    gives(CLEAT_UNCHANGED, shop_talks_upsert_by_title(session, &talk));
    talk.speaker = "Bob";
    gives(CLEAT_UPDATED, shop_talks_upsert(session, &talk));
    talk.day = 3; /* the row with the title keeps its key */
    talk.speaker = "Eve";
    gives(CLEAT_UPDATED, shop_talks_upsert_by_title(session, &talk));
    assert_int_equal(talk.day, 2);
    gives(CLEAT_OK, shop_talks_get(session, 2, "east", &found));
    assert_string_equal(found.speaker, "Eve");
    gives(CLEAT_NOT_FOUND, shop_talks_get(session, 3, "east", &found));
    gives(CLEAT_OK, shop_talks_delete(session, 2, "east"));
    assert_int_equal(ask("SELECT count(*) FROM shop.slots"), 0);
    shop_talks_clear(&talk);
    shop_talks_clear(&found);
}

static void
a_read_session_writes_no_part(void **state)
{
    (void)state;
    shop_texts_row text = text_row("text:1", "Once");
    gives(CLEAT_OK, shop_texts_insert(session, &text));
    gives(CLEAT_OK, cleat_session_commit(session));
    reopen(CLEAT_READ);
    gives(CLEAT_READONLY, shop_texts_update(session, &text));
    gives(CLEAT_READONLY, shop_texts_upsert_by_uri(session, &text));
    gives(CLEAT_READONLY, shop_texts_delete(session, text.id));
    gives(CLEAT_READONLY, shop_texts_insert_many(session, &text, 1));
    gives(CLEAT_MISUSE, shop_texts_get(session, text.id, NULL));
    gives(CLEAT_OK, shop_texts_exists(session, text.id));
}

static void
a_row_that_is_only_time_is_updated_in_all_its_tables(void **state)
{
    (void)state;
    shop_ghosts_row ghost = {.id = 3}, found = {0};
    gives(CLEAT_CREATED, shop_ghosts_upsert(session, &ghost));
    assert_true(ghost.has_seen_at);
    int64_t seen = ghost.seen_at;
    gives(CLEAT_UPDATED, shop_ghosts_upsert(session, &ghost));
    assert_true(ghost.seen_at > seen);
    gives(CLEAT_OK, shop_ghosts_get(session, 3, &found));
    assert_int_equal(found.seen_at, ghost.seen_at);
}

static void
a_key_that_cannot_be_looked_for_is_named(void **state)
{
    (void)state;
    shop_medals_row medal = shop_medals_defaults();
    medal.kind = WORK_KIND_FILM;
    medal.uri = "medal:1";
    medal.has_award = true;
    medal.award = (enum work_kind)99;
    gives(CLEAT_CHECK, shop_medals_ensure_by_award(session, &medal));
    assert_string_equal(cleat_session_error(session)->table, "medals");
    assert_string_equal(cleat_session_error(session)->column, "award");
    gives(CLEAT_CHECK, shop_medals_upsert_by_award(session, &medal));
    assert_string_equal(cleat_session_error(session)->column, "award");
    assert_int_equal(medal.id, 0);
    holds(0, 0, 0);
    medal.award = WORK_KIND_TEXT;
    gives(CLEAT_CREATED, shop_medals_ensure_by_award(session, &medal));
    gives(CLEAT_FOUND, shop_medals_ensure_by_award(session, &medal));
    shop_medals_clear(&medal);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_that_is_only_time_is_updated_in_all_its_tables),
        TEST(a_key_that_cannot_be_looked_for_is_named),
        TEST(insert_writes_every_part_and_get_reads_the_join),
        TEST(every_unique_key_of_every_part_finds_the_row),
        TEST(a_row_of_another_table_is_not_found),
        TEST(a_failure_in_any_part_leaves_nothing_behind),
        TEST(a_failed_write_keeps_what_the_unit_did_before),
        TEST(update_and_patch_reach_every_part),
        TEST(a_row_has_the_constant_of_its_table),
        TEST(upsert_tells_outcomes_of_the_whole_row),
        TEST(upsert_takes_no_row_of_another_table_over),
        TEST(ensure_creates_or_copies_the_whole_row),
        TEST(ensure_refuses_a_row_that_could_not_be_added),
        TEST(delete_removes_every_part_whatever_the_keys_say),
        TEST(delete_of_a_row_that_is_needed_removes_no_part),
        TEST(delete_as_the_middle_table_takes_what_extends_it),
        TEST(a_table_with_nothing_but_its_key_extends_too),
        TEST(ids_are_given_by_the_first_table),
        TEST(keys_of_two_columns_join_in_either_order),
        TEST(a_read_session_writes_no_part),
    };
    return RUN(tests);
}
