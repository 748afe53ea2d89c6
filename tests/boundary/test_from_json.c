/* test_from_json.c: what a document says that the schema does not allow is told by name, and no
 * bytes whatever do more harm than that. */
#include "shelf.h"

#include <math.h>
#include <stdio.h>

static cleat_violations found;
static shelf_books_row row;

static cleat_status
read_json(const char *json, unsigned mode)
{
    return shelf_books_from_json(json, strlen(json), mode, &row, &found);
}

static void
expect(const char *json, unsigned mode, const char *column, cleat_rule rule)
{
    assert_int_equal(read_json(json, mode), CLEAT_CHECK);
    for (size_t i = 0; i < found.count; i++)
        if (strcmp(found.items[i].column, column) == 0 && found.items[i].rule == rule)
            return;
    fail_msg("%s: found %zu, first %s of %s: %s", json, found.total,
             cleat_rule_name(found.items[0].rule), found.items[0].column, found.items[0].text);
}

static int
clear(void **state)
{
    (void)state;
    shelf_books_clear(&row);
    return 0;
}

static void
lenient_takes_the_defaults_of_the_schema(void **state)
{
    (void)state;
    assert_int_equal(read_json("{\"title\":\"x\",\"unheard\":{\"of\":[1]}}", CLEAT_JSON_LENIENT),
                     CLEAT_OK);
    assert_string_equal(row.title, "x");
    assert_string_equal(row.meta, "{}");
    assert_int_equal(row.pages, 100);
    assert_int_equal(row.binding, BINDING_CLOTH);
    assert_int_equal(strlen(row.made_at), 24);
    assert_false(row.has_price);
    assert_int_equal(read_json("{}", CLEAT_JSON_LENIENT), CLEAT_OK);
    assert_null(row.title);
    assert_int_equal(shelf_books_validate(&row, &found), CLEAT_CHECK);
}

static void
strict_names_what_is_unknown_and_what_is_missing(void **state)
{
    (void)state;
    expect("{\"title\":\"x\",\"unheard\":1}", CLEAT_JSON_STRICT, "unheard",
           CLEAT_VIOLATION_UNKNOWN);
    expect("{\"title\":\"x\"}", CLEAT_JSON_STRICT, "meta", CLEAT_VIOLATION_MISSING);
    for (size_t i = 0; i < found.count; i++)
        assert_string_not_equal(found.items[i].column, "sheets"); /* is computed */
    expect("{\"title\":\"x\",\"title\":\"y\"}", CLEAT_JSON_LENIENT, "title", CLEAT_VIOLATION_TWICE);
}

static void
strict_also_validates(void **state)
{
    (void)state;
    char *json = NULL;
    shelf_books_row wrong = shelf_book();
    wrong.pages = 10000;
    assert_int_equal(shelf_books_to_json(&wrong, &json), CLEAT_OK);
    expect(json, CLEAT_JSON_STRICT, "pages", CLEAT_VIOLATION_CHECK);
    assert_int_equal(read_json(json, CLEAT_JSON_LENIENT), CLEAT_OK);
    cleat_free(json);
}

static void
a_failure_leaves_the_row_as_it_was(void **state)
{
    (void)state;
    assert_int_equal(read_json("{\"title\":\"first\"}", CLEAT_JSON_LENIENT), CLEAT_OK);
    assert_int_equal(read_json("{\"title\":\"second\",\"pages\":\"\"}", CLEAT_JSON_LENIENT),
                     CLEAT_CHECK);
    assert_string_equal(row.title, "first");
    assert_int_equal(read_json("{\"title\":\"third\"}", CLEAT_JSON_LENIENT), CLEAT_OK);
    assert_string_equal(row.title, "third");
}

static void
values_of_another_type_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        const char *column;
        cleat_rule rule;
    } cases[] = {
        {"{\"id\":\"1\"}", "id", CLEAT_VIOLATION_TYPE},
        {"{\"id\":true}", "id", CLEAT_VIOLATION_TYPE},
        {"{\"id\":[1]}", "id", CLEAT_VIOLATION_TYPE},
        {"{\"id\":null}", "id", CLEAT_VIOLATION_NULL},
        {"{\"id\":1.5}", "id", CLEAT_VIOLATION_NUMBER},
        {"{\"id\":9223372036854775808}", "id", CLEAT_VIOLATION_NUMBER},
        {"{\"id\":-9223372036854775809}", "id", CLEAT_VIOLATION_NUMBER},
        {"{\"id\":1e19}", "id", CLEAT_VIOLATION_NUMBER},
        {"{\"id\":1e-1}", "id", CLEAT_VIOLATION_NUMBER},
        {"{\"id\":1e999999999999999999999}", "id", CLEAT_VIOLATION_NUMBER},
        {"{\"price\":1e309}", "price", CLEAT_VIOLATION_NUMBER},
        {"{\"price\":\"1\"}", "price", CLEAT_VIOLATION_TYPE},
        {"{\"title\":1}", "title", CLEAT_VIOLATION_TYPE},
        {"{\"title\":null}", "title", CLEAT_VIOLATION_NULL},
        {"{\"title\":\"a\\u0000b\"}", "title", CLEAT_VIOLATION_TYPE},
        {"{\"sold\":0}", "sold", CLEAT_VIOLATION_TYPE},
        {"{\"sold\":\"true\"}", "sold", CLEAT_VIOLATION_TYPE},
        {"{\"binding\":\"CLOTH\"}", "binding", CLEAT_VIOLATION_ENUM},
        {"{\"binding\":7}", "binding", CLEAT_VIOLATION_TYPE},
        {"{\"owner\":\"01ARZ3NDEKTSV4RRFFQ69G5FA\"}", "owner", CLEAT_VIOLATION_TYPE},
        {"{\"owner\":\"\"}", "owner", CLEAT_VIOLATION_TYPE},
        {"{\"copy\":\"x\"}", "copy", CLEAT_VIOLATION_TYPE},
        {"{\"made_at\":\"yesterday\"}", "made_at", CLEAT_VIOLATION_TYPE},
        {"{\"made_at\":\"2026-01-31T23:59:59.1234Z\"}", "made_at", CLEAT_VIOLATION_TYPE},
        {"{\"made_at\":1}", "made_at", CLEAT_VIOLATION_TYPE},
        {"{\"seen_at\":\"1\"}", "seen_at", CLEAT_VIOLATION_TYPE},
        {"{\"cover\":\"AP8\"}", "cover", CLEAT_VIOLATION_TYPE},
        {"{\"cover\":\"AP==\"}", "cover", CLEAT_VIOLATION_TYPE},
        {"{\"cover\":\"A===\"}", "cover", CLEAT_VIOLATION_TYPE},
        {"{\"cover\":\"A=8Q\"}", "cover", CLEAT_VIOLATION_TYPE},
        {"{\"cover\":\"AP-_\"}", "cover", CLEAT_VIOLATION_TYPE},
        {"{\"cover\":[0]}", "cover", CLEAT_VIOLATION_TYPE},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++)
        expect(cases[i].json, CLEAT_JSON_LENIENT, cases[i].column, cases[i].rule);
}

static void
several_forms_of_a_value_are_taken(void **state)
{
    (void)state;
    assert_int_equal(
        read_json("{\"id\":-9223372036854775808,\"pages\":1.00e2,\"price\":9e999,\"meta\":null,"
                  "\"extra\":null,\"cover\":\"\",\"seen_at\":5,\"lent\":9223372036854775807,"
                  "\"made_at\":\"2026-02-01T01:59:59.120+02:00\",\"repaired\":null}",
                  CLEAT_JSON_LENIENT),
        CLEAT_OK);
    assert_true(row.id == INT64_MIN);
    assert_int_equal(row.pages, 100);
    assert_true(row.price > 1e308 && row.price * 0.5 >= row.price);
    assert_string_equal(row.meta, "null"); /* NOT NULL: JSON's own null */
    assert_null(row.extra);
    assert_non_null(row.cover.data);
    assert_int_equal(row.cover.size, 0);
    assert_true(row.has_seen_at);
    assert_int_equal(row.seen_at, 5);
    assert_true(row.lent == INT64_MAX);
    assert_string_equal(row.made_at, "2026-01-31T23:59:59.120Z");
    assert_false(row.has_repaired);
}

static void
what_is_no_json_is_said_with_its_place(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        " ",
        "{",
        "}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "[1 2]",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{'a':1}",
        "{a:1}",
        "{\"a\":tru}",
        "{\"a\":NaN}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\"\xFF\"}",
        "{} {}",
        "{}x",
        "\xEF\xBB\xBF{}",
        "{\"a\":\"",
        "{\"a\":\"\\",
        "// c\n{}",
        "[]",
        "1",
        "\"x\"",
        "null",
    };
    for (size_t i = 0; i < CLEAT_COUNT(wrong); i++)
        expect(wrong[i], CLEAT_JSON_LENIENT, "", CLEAT_VIOLATION_JSON);
    expect("{\"a\":tru}", CLEAT_JSON_STRICT, "", CLEAT_VIOLATION_JSON);
    assert_string_equal(found.items[0].text, "the text is no JSON: this is no value, at byte 6");
    assert_int_equal(shelf_books_from_json("{}\0", 3, CLEAT_JSON_LENIENT, &row, &found),
                     CLEAT_CHECK);
}

static char *
nested(size_t levels, const char *open, const char *close)
{
    char *text = malloc(levels * (strlen(open) + strlen(close)) + 40);
    char *at = text;
    at += sprintf(at, "{\"extra\":");
    for (size_t i = 0; i < levels; i++)
        at += sprintf(at, "%s", open);
    at += sprintf(at, "1");
    for (size_t i = 0; i < levels; i++)
        at += sprintf(at, "%s", close);
    strcpy(at, "}");
    return text;
}

static void
ten_thousand_levels_are_refused(void **state)
{
    (void)state;
    char *lists = nested(10000, "[", "]");
    char *objects = nested(10000, "{\"a\":", "}");
    char *open = nested(100000, "[", "");
    expect(lists, CLEAT_JSON_LENIENT, "extra", CLEAT_VIOLATION_JSON);
    expect(objects, CLEAT_JSON_LENIENT, "extra", CLEAT_VIOLATION_JSON);
    expect(open, CLEAT_JSON_LENIENT, "extra", CLEAT_VIOLATION_JSON);
    assert_non_null(strstr(found.items[0].text, "too many levels"));
    expect("{\"title\":[1,{\"extra\":x}]}", CLEAT_JSON_LENIENT, "title", CLEAT_VIOLATION_JSON);
    expect("{\"title\":\"x\",", CLEAT_JSON_LENIENT, "", CLEAT_VIOLATION_JSON);
    free(lists);
    free(objects);
    free(open);
    char *most = nested(CLEAT_JSON_DEPTH_MAX - 1, "{\"b\":0,\"a\":", "}");
    char *json = NULL;
    assert_int_equal(read_json(most, CLEAT_JSON_LENIENT), CLEAT_OK);
    row.title = "t";
    assert_int_equal(shelf_books_to_json(&row, &json), CLEAT_OK);
    cleat_free(json);
    free(most);
}

static void
missing_arguments_are_errors(void **state)
{
    (void)state;
    assert_int_equal(shelf_books_from_json(NULL, 0, CLEAT_JSON_LENIENT, &row, &found),
                     CLEAT_MISUSE);
    assert_int_equal(shelf_books_from_json("{}", 2, CLEAT_JSON_LENIENT, NULL, &found),
                     CLEAT_MISUSE);
    assert_int_equal(shelf_books_from_json("{}", 2, 0, &row, &found), CLEAT_MISUSE);
    assert_int_equal(shelf_books_from_json("{}", 2, CLEAT_JSON_STRICT, &row, NULL), CLEAT_CHECK);
    assert_int_equal(shelf_books_from_json("{}", 2, CLEAT_JSON_LENIENT, &row, NULL), CLEAT_OK);
}

static void
many_violations_are_counted(void **state)
{
    (void)state;
    char json[16000] = "{";
    for (int i = 0; i < 100; i++)
        sprintf(json + strlen(json), "%s\"unknown\xC3\xA9%0100d\":%d", i == 0 ? "" : ",", i, i);
    strcat(json, "}");
    assert_int_equal(read_json(json, CLEAT_JSON_STRICT), CLEAT_CHECK);
    assert_int_equal(found.count, CLEAT_VIOLATIONS_MAX);
    assert_true(found.total > 100);
    assert_int_equal(strlen(found.items[0].column), sizeof found.items[0].column - 1);
}

/* Bytes are changed, cut, doubled: nothing but an answer may come of it. */
static void
mutilated_documents_do_no_harm(void **state)
{
    (void)state;
    static const char *const pieces[] = {
        "{", "}",    "[",     "]", "\"", "\\",   "\\u",          "\\ud83d", ":",
        ",", "null", "1e999", "-", "0",  "\xC3", "\xED\xA0\x80", "true"};
    char *whole = NULL;
    shelf_books_row book = shelf_book();
    assert_int_equal(shelf_books_to_json(&book, &whole), CLEAT_OK);
    size_t length = strlen(whole);
    int accepted = 0;
    for (int i = 0; i < 20000; i++) {
        /* of exactly its size, so that a byte too far is seen */
        size_t cut = shelf_random(8) == 0 ? shelf_random((unsigned)length) : length;
        const char *piece = pieces[shelf_random(CLEAT_COUNT(pieces))];
        size_t at = shelf_random((unsigned)cut + 1), added = strlen(piece);
        size_t dropped = shelf_random(6);
        if (dropped > cut - at)
            dropped = cut - at;
        if (shelf_random(3) == 0)
            added = 0;
        size_t size = cut - dropped + added;
        char *json = malloc(size == 0 ? 1 : size);
        memcpy(json, whole, at);
        memcpy(json + at, piece, added);
        memcpy(json + at + added, whole + at + dropped, cut - at - dropped);
        for (unsigned j = shelf_random(3); j > 0 && size > 0; j--)
            json[shelf_random((unsigned)size)] = (char)shelf_random(256);
        unsigned mode = shelf_random(2) == 0 ? CLEAT_JSON_STRICT : CLEAT_JSON_LENIENT;
        cleat_status rc = shelf_books_from_json(json, size, mode, &row, &found);
        assert_true(rc == CLEAT_OK || rc == CLEAT_CHECK);
        assert_int_equal(rc == CLEAT_OK, found.total == 0);
        free(json);
        if (rc != CLEAT_OK)
            continue;
        accepted++;
        char *again = NULL;
        if (row.title == NULL)
            row.title = "";
        assert_int_equal(shelf_books_to_json(&row, &again), CLEAT_OK);
        cleat_free(again);
    }
    assert_true(accepted > 100);
    cleat_free(whole);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(lenient_takes_the_defaults_of_the_schema, clear),
        cmocka_unit_test_teardown(strict_names_what_is_unknown_and_what_is_missing, clear),
        cmocka_unit_test_teardown(strict_also_validates, clear),
        cmocka_unit_test_teardown(a_failure_leaves_the_row_as_it_was, clear),
        cmocka_unit_test_teardown(values_of_another_type_are_refused, clear),
        cmocka_unit_test_teardown(several_forms_of_a_value_are_taken, clear),
        cmocka_unit_test_teardown(what_is_no_json_is_said_with_its_place, clear),
        cmocka_unit_test_teardown(ten_thousand_levels_are_refused, clear),
        cmocka_unit_test_teardown(missing_arguments_are_errors, clear),
        cmocka_unit_test_teardown(many_violations_are_counted, clear),
        cmocka_unit_test_teardown(mutilated_documents_do_no_harm, clear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
