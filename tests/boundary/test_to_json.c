/* test_to_json.c: a row leaves as JSON in one form only, and comes back as it was. */
#include "shelf.h"

#include <math.h>
#include <stdio.h>

/* The row as JSON; the next call frees it. */
static const char *
json_of(const shelf_books_row *row)
{
    static char *json;
    cleat_free(json);
    json = NULL;
    if (row != NULL)
        assert_int_equal(shelf_books_to_json(row, &json), CLEAT_OK);
    return json;
}

static const char *
member(const char *json, const char *name)
{
    static char value[256];
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(json, key);
    assert_non_null(at);
    at += strlen(key);
    size_t length = strcspn(at, at[0] == '"' ? "" : ",}");
    if (at[0] == '"')
        length = (size_t)(strchr(at + 1, '"') + 1 - at);
    snprintf(value, sizeof value, "%.*s", (int)length, at);
    return value;
}

static void
a_row_has_one_form(void **state)
{
    (void)state;
    shelf_books_row row = shelf_book();
    assert_string_equal(
        json_of(&row),
        "{\"binding\":\"cloth\",\"copy\":\"0190b5a2-7e6c-7abc-8def-0123456789ab\","
        "\"cover\":\"AP8Q\",\"extra\":1.2345678901234567890123e+22,\"id\":9007199254740993,"
        "\"lent\":null,\"made_at\":\"2026-01-31T23:59:59.123Z\","
        "\"meta\":{\"a\":[1.5,100,0],\"z\":1},\"note\":\"\\\"wet\\\"\\n\xE2\x82\xAC\","
        "\"owner\":\"01ARZ3NDEKTSV4RRFFQ69G5FAV\",\"pages\":100,\"price\":0.1,"
        "\"repaired\":\"leather\",\"seen_at\":\"2023-11-14T22:13:20.123456Z\",\"sheets\":null,"
        "\"sold\":false,\"title\":\"The sea\"}");
}

static void
real_numbers_have_the_fewest_digits(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-1.5, "-1.5"},
        {0.1, "0.1"},
        {1e21, "1e+21"},
        {1e20, "100000000000000000000"},
        {1e-6, "0.000001"},
        {1e-7, "1e-7"},
        {5e-324, "5e-324"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        {0.30000000000000004, "0.30000000000000004"},
        {9007199254740993.0, "9007199254740992"},
        {(double)INFINITY, "9e999"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++) {
        shelf_books_row row = shelf_book();
        row.price = cases[i].value;
        assert_string_equal(member(json_of(&row), "price"), cases[i].text);
    }
}

/* Equal values of a JSON column are equal bytes, and no digit is lost. */
static void
json_columns_are_canonical(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {" [ ] ", "[]"},
        {"{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}", "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}"},
        {"{\"\\u0062\":2,\"a\":1}", "{\"a\":1,\"b\":2}"},
        {"{\"\\n\":1,\"\\u0001\":2,\"\":3,\"!\":4}", "{\"\":3,\"\\u0001\":2,\"\\n\":1,\"!\":4}"},
        {"{\"a\":2,\"a\":1}", "{\"a\":2,\"a\":1}"},
        {"{\"a\\\\\":1,\"a\\\"\":2,\"a]\":3,\"a!\":4}",
         "{\"a!\":4,\"a\\\"\":2,\"a\\\\\":1,\"a]\":3}"},
        {"\"\\u00e9\\ud83d\\ude00\\/\\u0000\"", "\"\xC3\xA9\xF0\x9F\x98\x80/\\u0000\""},
        {"9007199254740993", "9007199254740993"},
        {"0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"},
        {"1.0E+2", "100"},
        {"-0.0e5", "0"},
        {"123.4560e-2", "1.23456"},
        {"0.00e10", "0"},
        {"1e400", "1e+400"},
        {"10.00e-3", "0.01"},
        {"1e99999999999999999999", "1e99999999999999999999"},
        {"[true,false,null]", "[true,false,null]"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++) {
        shelf_books_row row = shelf_book();
        char expected[400];
        row.extra = cases[i][0];
        snprintf(expected, sizeof expected, "\"extra\":%s,\"id\"", cases[i][1]);
        if (strstr(json_of(&row), expected) == NULL)
            fail_msg("%s gave %s", cases[i][0], json_of(&row));
    }
}

static void
times_outside_of_the_calendar_are_numbers(void **state)
{
    (void)state;
    static const struct {
        int64_t time;
        const char *text;
    } cases[] = {
        {0, "\"1970-01-01T00:00:00.000000Z\""},
        {-1, "\"1969-12-31T23:59:59.999999Z\""},
        {-62167219200000000, "\"0000-01-01T00:00:00.000000Z\""},
        {253402300799999999, "\"9999-12-31T23:59:59.999999Z\""},
        {253402300800000000, "253402300800000000"},
        {INT64_MIN, "-9223372036854775808"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++) {
        shelf_books_row row = shelf_book();
        row.seen_at = cases[i].time;
        assert_string_equal(member(json_of(&row), "seen_at"), cases[i].text);
    }
}

static void
a_value_without_a_form_is_an_error(void **state)
{
    (void)state;
    char *json = NULL;
    shelf_books_row row = shelf_book();
    row.price = (double)NAN;
    assert_int_equal(shelf_books_to_json(&row, &json), CLEAT_CHECK);
    row = shelf_book();
    row.note = "\xC0\x80";
    assert_int_equal(shelf_books_to_json(&row, &json), CLEAT_CHECK);
    row = shelf_book();
    row.extra = "\"\\ud800\"";
    assert_int_equal(shelf_books_to_json(&row, &json), CLEAT_CHECK);
    row = shelf_book();
    row.binding = (enum binding)99;
    assert_int_equal(shelf_books_to_json(&row, &json), CLEAT_CHECK);
    row = shelf_book();
    memset(row.copy, 'a', sizeof row.copy); /* without an end */
    assert_int_equal(shelf_books_to_json(&row, &json), CLEAT_CHECK);
    row = shelf_book();
    memcpy(row.made_at, "\xC0\x80", 3);
    assert_int_equal(shelf_books_to_json(&row, &json), CLEAT_CHECK);
    assert_null(json);
    assert_int_equal(shelf_books_to_json(NULL, &json), CLEAT_MISUSE);
    assert_int_equal(shelf_books_to_json(&row, NULL), CLEAT_MISUSE);
}

static char *
random_text(size_t most)
{
    static const char *const characters[] = {
        "a", "Z", "\"", "\\", "\n", "\x01", "\x7F", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80",
        " ", "/"};
    size_t count = shelf_random((unsigned)most);
    char *text = calloc(count + 1, 4);
    for (size_t i = 0; i < count; i++)
        strcat(text, characters[shelf_random(CLEAT_COUNT(characters))]);
    return text;
}

static double
random_real(void)
{
    for (;;) {
        uint64_t bits = (uint64_t)shelf_random(0x7FFFFFFF) << 33 ^
                        (uint64_t)shelf_random(0x7FFFFFFF) << 11 ^ shelf_random(0x7FFFFFFF);
        double value;
        memcpy(&value, &bits, sizeof value);
        if (value == value)
            return value < 0 ? -value : value;
    }
}

static void
what_leaves_comes_back_the_same(void **state)
{
    (void)state;
    for (int i = 0; i < 3000; i++) {
        char bytes[4];
        char *title = random_text(20), *note = random_text(300);
        shelf_books_row row = shelf_book(), again = {0};
        cleat_violations violations;
        for (size_t j = 0; j < sizeof bytes; j++)
            bytes[j] = (char)shelf_random(256);
        row.id = (int64_t)((uint64_t)shelf_random(0x7FFFFFFF) << 33 | shelf_random(0x7FFFFFFF));
        row.title = title;
        row.note = shelf_random(4) == 0 ? NULL : note;
        row.cover = (cleat_blob){shelf_random(5) == 0 ? NULL : bytes, shelf_random(5)};
        row.price = random_real();
        row.has_price = shelf_random(5) > 0;
        row.seen_at = (int64_t)((uint64_t)shelf_random(0x7FFFFFFF) << 33);
        char *first = NULL, *second = NULL;
        assert_int_equal(shelf_books_to_json(&row, &first), CLEAT_OK);
        cleat_status rc = shelf_books_from_json(first, strlen(first), CLEAT_JSON_STRICT, &again,
                                                &violations);
        if (rc != CLEAT_OK)
            fail_msg("%s: %s in %s", violations.items[0].column, violations.items[0].text, first);
        assert_int_equal(again.id, row.id);
        assert_string_equal(again.title, title);
        assert_int_equal(again.has_price, row.has_price);
        if (row.has_price)
            assert_memory_equal(&again.price, &row.price, sizeof row.price);
        assert_int_equal(again.cover.data == NULL, row.cover.data == NULL);
        if (row.cover.data != NULL) {
            assert_int_equal(again.cover.size, row.cover.size);
            assert_memory_equal(again.cover.data, bytes, row.cover.size);
        }
        assert_int_equal(again.seen_at, row.seen_at);
        assert_int_equal(shelf_books_to_json(&again, &second), CLEAT_OK);
        assert_string_equal(first, second);
        cleat_free(first);
        cleat_free(second);
        shelf_books_clear(&again);
        free(title);
        free(note);
    }
}

static int
leave(void **state)
{
    (void)state;
    json_of(NULL);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_has_one_form),
        cmocka_unit_test(real_numbers_have_the_fewest_digits),
        cmocka_unit_test(json_columns_are_canonical),
        cmocka_unit_test(times_outside_of_the_calendar_are_numbers),
        cmocka_unit_test(a_value_without_a_form_is_an_error),
        cmocka_unit_test(what_leaves_comes_back_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, leave);
}
