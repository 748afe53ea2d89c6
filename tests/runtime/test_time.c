/* test_time.c: the stored form of times, in both directions and at the edges. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void
assert_formats(int64_t microseconds, const char *expected)
{
    char text[25];
    cleat_datetime_format(microseconds, text);
    assert_string_equal(text, expected);
}

static void
assert_parses(const char *text, int64_t expected)
{
    int64_t microseconds = -1;
    assert_int_equal(cleat_datetime_parse(text, &microseconds), CLEAT_OK);
    assert_true(microseconds == expected);
}

static void
known_times_are_formatted(void **state)
{
    (void)state;
    assert_formats(0, "1970-01-01T00:00:00.000Z");
    assert_formats(INT64_C(951782400123456), "2000-02-29T00:00:00.123Z");
    assert_formats(INT64_C(1769903999123999), "2026-01-31T23:59:59.123Z");
    assert_formats(-1, "1969-12-31T23:59:59.999Z");
    assert_formats(INT64_C(-62167219200000000), "0000-01-01T00:00:00.000Z");
    assert_formats(INT64_C(253402300799999999), "9999-12-31T23:59:59.999Z");
}

static void
a_time_outside_four_digit_years_is_empty(void **state)
{
    (void)state;
    assert_formats(INT64_C(253402300800000000), "");
    assert_formats(INT64_C(-62167219200000001), "");
    assert_formats(INT64_MAX, "");
    assert_formats(INT64_MIN, "");
}

static void
fractions_and_offsets_are_read(void **state)
{
    (void)state;
    assert_parses("1970-01-01T00:00:00Z", 0);
    assert_parses("1970-01-01T00:00:00.5Z", 500000);
    assert_parses("1970-01-01T00:00:00.123456789Z", 123456);
    assert_parses("1970-01-01T02:00:00+02:00", 0);
    assert_parses("1969-12-31T19:30:00-04:30", 0);
}

static void
anything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-02-29T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00.1234567890Z",
        "1970-01-01T00:00:00Zx",
        "1970-01-01T00:00:00+2:00",
        "1970-01-01T00:00:00+02:60",
        "1900-02-29T00:00:00Z",
        "70-01-01T00:00:00Z",
        "1970-00-01T00:00:00Z",
        "1970-01-00T00:00:00Z",
        "+970-01-01T00:00:00Z",
    };
    int64_t microseconds = 42;
    (void)state;
    for (size_t i = 0; i < CLEAT_COUNT(bad); i++)
        assert_int_equal(cleat_datetime_parse(bad[i], &microseconds), CLEAT_VALUE);
    assert_int_equal(cleat_datetime_parse(NULL, &microseconds), CLEAT_VALUE);
    assert_true(microseconds == 42);
}

static void
every_day_of_1200_years_round_trips_in_order(void **state)
{
    char before[25] = "";
    (void)state;
    for (int64_t day = -146097; day < 2 * 146097; day++) {
        char text[25];
        int64_t microseconds = day * INT64_C(86400000000) + INT64_C(45296789000), back;
        cleat_datetime_format(microseconds, text);
        assert_true(strcmp(before, text) < 0);
        assert_int_equal(cleat_datetime_parse(text, &back), CLEAT_OK);
        assert_true(back == microseconds);
        memcpy(before, text, sizeof before);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_times_are_formatted),
        cmocka_unit_test(a_time_outside_four_digit_years_is_empty),
        cmocka_unit_test(fractions_and_offsets_are_read),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(every_day_of_1200_years_round_trips_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
