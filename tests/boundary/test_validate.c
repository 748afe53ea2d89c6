/* test_validate.c: a row that breaks rules is told all of them, by column, before any database is
 * asked; and what C says of a check is what SQLite says of it. */
#include "shelf.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>

static cleat_violations found;

static void
expect_one(const shelf_books_row *row, const char *column, cleat_rule rule)
{
    cleat_status rc = shelf_books_validate(row, &found);
    assert_int_equal(rc, CLEAT_CHECK);
    if (found.total != 1)
        for (size_t i = 0; i < found.count; i++)
            print_error("%s: %s\n", found.items[i].column, found.items[i].text);
    assert_int_equal(found.total, 1);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.items[0].column, column);
    assert_int_equal(found.items[0].rule, rule);
    assert_string_equal(found.database, "shelf");
    assert_string_equal(found.table, "books");
}

static void
a_valid_row_breaks_nothing(void **state)
{
    (void)state;
    shelf_books_row row = shelf_book();
    assert_int_equal(shelf_books_validate(&row, &found), CLEAT_OK);
    assert_int_equal(found.total, 0);
    assert_int_equal(shelf_books_validate(&row, NULL), CLEAT_OK);
    shelf_expect(CLEAT_OK, shelf_books_insert(shelf_session, &row));
}

static void
each_rule_names_its_column(void **state)
{
    (void)state;
    shelf_books_row row = shelf_book();
    row.title = NULL;
    expect_one(&row, "title", CLEAT_VIOLATION_NULL);
    row.title = "123456789012345678901";
    expect_one(&row, "title", CLEAT_VIOLATION_LENGTH);
    assert_string_equal(found.items[0].text, "has 21 characters, 20 is the most");
    row.title = "\xED\xA0\x80";
    expect_one(&row, "title", CLEAT_VIOLATION_UTF8);
    row = shelf_book();
    row.meta = "{\"a\":}";
    expect_one(&row, "meta", CLEAT_VIOLATION_JSON);
    row = shelf_book();
    row.cover.size = 5;
    expect_one(&row, "cover", CLEAT_VIOLATION_LENGTH);
    row = shelf_book();
    row.price = (double)NAN;
    assert_int_equal(shelf_books_validate(&row, &found), CLEAT_CHECK);
    assert_int_equal(found.items[0].rule, CLEAT_VIOLATION_NUMBER);
    row.price = -1;
    expect_one(&row, "price", CLEAT_VIOLATION_CHECK);
    assert_string_equal(found.items[0].text, "price >= 0");
    row.has_price = false;
    row.binding = (enum binding)3;
    expect_one(&row, "binding", CLEAT_VIOLATION_ENUM);
    row = shelf_book();
    row.has_lent = true;
    row.sold = true;
    expect_one(&row, "", CLEAT_VIOLATION_CHECK);
}

static void
ids_and_times_have_their_form(void **state)
{
    (void)state;
    static const char *const owners[] = {"", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "short",
                                         "01ARZ3NDEKTSV4RRFFQ69G5FAU",
                                         "01ARZ3NDEKTSV4RRFFQ69G5FA-"};
    static const char *const copies[] = {"", "0190b5a2-7e6c-7abc-8def-0123456789a",
                                         "0190b5a2x7e6c-7abc-8def-0123456789ab"};
    static const char *const times[] = {"", "2026-02-30T00:00:00.000Z", "2026-01-31T23:59:59Z",
                                        "2026-01-31 23:59:59.123Z"};
    for (size_t i = 0; i < CLEAT_COUNT(owners); i++) {
        shelf_books_row row = shelf_book();
        strcpy(row.owner, owners[i]);
        expect_one(&row, "owner", CLEAT_VIOLATION_TYPE);
    }
    for (size_t i = 0; i < CLEAT_COUNT(copies); i++) {
        shelf_books_row row = shelf_book();
        strcpy(row.copy, copies[i]);
        expect_one(&row, "copy", CLEAT_VIOLATION_TYPE);
    }
    for (size_t i = 0; i < CLEAT_COUNT(times); i++) {
        shelf_books_row row = shelf_book();
        strcpy(row.made_at, times[i]);
        expect_one(&row, "made_at", CLEAT_VIOLATION_TYPE);
    }
    shelf_books_row row = shelf_book();
    memset(row.copy, 'a', sizeof row.copy); /* no NUL anywhere */
    expect_one(&row, "copy", CLEAT_VIOLATION_TYPE);
}

static void
a_key_that_will_be_assigned_may_be_empty(void **state)
{
    (void)state;
    shelf_letters_row row = {.sender = "a", .body = "b"};
    assert_int_equal(shelf_letters_validate(&row, &found), CLEAT_OK);
    strcpy(row.id, "x");
    assert_int_equal(shelf_letters_validate(&row, &found), CLEAT_CHECK);
}

static void
all_rules_are_told_at_once(void **state)
{
    (void)state;
    shelf_books_row row = {.sold = true, .has_lent = true, .has_price = true, .price = -1};
    assert_int_equal(shelf_books_validate(&row, &found), CLEAT_CHECK);
    static const char *const columns[] = {"title", "meta", "price", "pages", "made_at", "copy", ""};
    assert_int_equal(found.total, CLEAT_COUNT(columns));
    for (size_t i = 0; i < CLEAT_COUNT(columns); i++)
        assert_string_equal(found.items[i].column, columns[i]);
    assert_string_equal(cleat_rule_name(found.items[0].rule), "null");
    assert_int_equal(shelf_books_validate(NULL, &found), CLEAT_MISUSE);
}

/* A rejected row is rejected by the database too, and an accepted one accepted. */
static void
validation_agrees_with_the_database(void **state)
{
    (void)state;
    static const char *const titles[] = {NULL, "", "ok", "twenty characters ok",
                                         "too long by one char!"};
    static const char *const metas[] = {"{}", "[1,", "", "null", "{\"a\":\"\\ud83d\\ude00\"}"};
    static const int64_t pages[] = {0, 1, 9999, 10000};
    int refused = 0, accepted = 0;
    for (int i = 0; i < 2000; i++) {
        shelf_books_row row = shelf_book();
        row.id = 0;
        row.title = titles[shelf_random(5)];
        row.meta = metas[shelf_random(5)];
        row.pages = pages[shelf_random(4)];
        row.price = (double)shelf_random(3) - 1;
        row.has_lent = shelf_random(2) == 0;
        row.sold = shelf_random(2) == 0;
        row.cover.size = shelf_random(6);
        row.cover.data = "123456";
        cleat_status valid = shelf_books_validate(&row, &found);
        cleat_status rc = shelf_books_insert(shelf_session, &row);
        assert_int_equal(valid == CLEAT_OK, rc == CLEAT_OK);
        if (rc != CLEAT_OK)
            assert_true(rc == CLEAT_CHECK || rc == CLEAT_NOT_NULL);
        *(rc == CLEAT_OK ? &accepted : &refused) += 1;
    }
    assert_true(refused > 100 && accepted > 20);
}

/* ---- checks in C ---- */

static sqlite3 *plain;

static void
run(const char *sql)
{
    assert_int_equal(sqlite3_exec(plain, sql, NULL, NULL, NULL), SQLITE_OK);
}

static shelf_samples_row
random_sample(void)
{
    static const char *const texts[] = {NULL, "", "x", "yy", "xx", "\xC3\xA9\xC3\xA9", "z"};
    static const char *const names[] = {NULL, "x", "X"};
    static const int64_t numbers[] = {-3, -2, -1, 0, 1, 2, 3, INT64_MAX, INT64_MIN, INT64_MAX - 1};
    static const double reals[] = {-2, -1, -0.5, 0, 0.5, 1, 1e300};
    static const enum binding bindings[] = {BINDING_PAPER, BINDING_CLOTH, BINDING_LEATHER};
    shelf_samples_row row = {.has_a = shelf_random(4) > 0,
                             .a = numbers[shelf_random(CLEAT_COUNT(numbers))],
                             .b = numbers[shelf_random(CLEAT_COUNT(numbers))],
                             .has_r = shelf_random(3) > 0,
                             .r = reals[shelf_random(CLEAT_COUNT(reals))],
                             .s = texts[shelf_random(CLEAT_COUNT(texts))],
                             .n = names[shelf_random(3)],
                             .has_e = shelf_random(3) > 0,
                             .e = bindings[shelf_random(3)],
                             .has_f = shelf_random(3) > 0,
                             .f = shelf_random(2) > 0,
                             .has_d = shelf_random(3) > 0};
    if (shelf_random(3) > 0)
        row.k = (cleat_blob){"abc", shelf_random(4)};
    strcpy(row.d, shelf_random(2) > 0 ? "2019-12-31T23:59:59.999Z" : "2020-01-01T00:00:00.000Z");
    return row;
}

static void
store_plain(const shelf_samples_row *row, sqlite3_stmt *insert)
{
    sqlite3_reset(insert);
    sqlite3_clear_bindings(insert);
    if (row->has_a)
        sqlite3_bind_int64(insert, 1, row->a);
    sqlite3_bind_int64(insert, 2, row->b);
    if (row->has_r)
        sqlite3_bind_double(insert, 3, row->r);
    sqlite3_bind_text(insert, 4, row->s, -1, SQLITE_STATIC);
    sqlite3_bind_text(insert, 5, row->n, -1, SQLITE_STATIC);
    if (row->k.data != NULL)
        sqlite3_bind_blob(insert, 6, row->k.data, (int)row->k.size, SQLITE_STATIC);
    if (row->has_e)
        sqlite3_bind_text(insert, 7, binding_label(row->e), -1, SQLITE_STATIC);
    if (row->has_f)
        sqlite3_bind_int(insert, 8, row->f);
    if (row->has_d)
        sqlite3_bind_text(insert, 9, row->d, -1, SQLITE_STATIC);
    run("DELETE FROM samples");
    assert_int_equal(sqlite3_step(insert), SQLITE_DONE);
}

static bool
overflows(const shelf_samples_row *row, const char *sql)
{
    bool large = row->a > 100 || row->a < -100 || row->b > 100 || row->b < -100;
    return strpbrk(sql, "+*-") != NULL && (large || strstr(sql, "4611686018427387904") != NULL ||
                                           strstr(sql, "922337203685477580") != NULL);
}

static void
checks_in_c_say_what_sqlite_says(void **state)
{
    (void)state;
    sqlite3_stmt *insert, *asks[64];
    unsigned translated = 0, agreed = 0;
    assert_int_equal(sqlite3_open(":memory:", &plain), SQLITE_OK);
    run("CREATE TABLE samples(a INTEGER, b INTEGER NOT NULL, r REAL, s TEXT, n TEXT COLLATE NOCASE,"
        " k BLOB, e TEXT, f INTEGER, d TEXT) STRICT");
    assert_int_equal(sqlite3_prepare_v2(plain, "INSERT INTO samples VALUES(?,?,?,?,?,?,?,?,?)", -1,
                                        &insert, NULL),
                     SQLITE_OK);
    const cleat_rules *rules = &shelf_samples_rules;
    for (unsigned i = 0; i < rules->check_count; i++) {
        char sql[300];
        snprintf(sql, sizeof sql, "SELECT (%s) FROM samples", rules->checks[i].sql);
        assert_int_equal(sqlite3_prepare_v2(plain, sql, -1, &asks[i], NULL), SQLITE_OK);
        translated += rules->checks[i].holds != NULL;
    }
    assert_int_equal(rules->check_count - translated, 7);
    for (int round = 0; round < 5000; round++) {
        shelf_samples_row row = random_sample();
        store_plain(&row, insert);
        for (unsigned i = 0; i < rules->check_count; i++) {
            const cleat_check *check = &rules->checks[i];
            if (check->holds == NULL)
                continue;
            assert_int_equal(sqlite3_step(asks[i]), SQLITE_ROW);
            bool holds = sqlite3_column_type(asks[i], 0) == SQLITE_NULL ||
                         sqlite3_column_double(asks[i], 0) < 0 ||
                         sqlite3_column_double(asks[i], 0) > 0;
            sqlite3_reset(asks[i]);
            bool in_c = check->holds(&row);
            /* what overflows is left to the database: C may say yes, but never wrongly no */
            if (in_c != holds && !(in_c && overflows(&row, check->sql)))
                fail_msg("%s: SQLite says %d, C says %d", check->sql, holds, in_c);
            agreed += in_c == holds;
        }
    }
    assert_true(agreed > 5000 * translated * 9 / 10);
    for (unsigned i = 0; i < rules->check_count; i++)
        sqlite3_finalize(asks[i]);
    sqlite3_finalize(insert);
    sqlite3_close(plain);
}

static void
the_database_names_every_column_of_a_check(void **state)
{
    (void)state;
    shelf_books_row row = shelf_book();
    const cleat_error *error = cleat_session_error(shelf_session);
    row.has_lent = row.sold = true;
    shelf_expect(CLEAT_CHECK, shelf_books_insert(shelf_session, &row));
    assert_string_equal(error->column, "lent, sold");
    row = shelf_book();
    row.pages = 0;
    shelf_expect(CLEAT_CHECK, shelf_books_insert(shelf_session, &row));
    assert_string_equal(error->column, "pages");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_valid_row_breaks_nothing, shelf_open, shelf_close),
        cmocka_unit_test(each_rule_names_its_column),
        cmocka_unit_test(ids_and_times_have_their_form),
        cmocka_unit_test(a_key_that_will_be_assigned_may_be_empty),
        cmocka_unit_test(all_rules_are_told_at_once),
        cmocka_unit_test_setup_teardown(validation_agrees_with_the_database, shelf_open,
                                        shelf_close),
        cmocka_unit_test_setup_teardown(the_database_names_every_column_of_a_check, shelf_open,
                                        shelf_close),
        cmocka_unit_test(checks_in_c_say_what_sqlite_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
