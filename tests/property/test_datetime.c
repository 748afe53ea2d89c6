/* test_datetime.c: every day of the years 0 to 9999 goes to text and back, in the order of time,
 * by a calendar that only counts; and what is no time is refused. */
#include <cleat/cleat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)
#define YEAR_0 INT64_C(-62167219200000000)
#define YEAR_10000 INT64_C(253402300800000000)

struct date {
    int year, month, day;
};

static bool
is_leap(int year)
{
    return year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
}

static void
next_day(struct date *date)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int length = lengths[date->month - 1] + (date->month == 2 && is_leap(date->year));
    if (date->day++ < length)
        return;
    date->day = 1;
    if (date->month++ < 12)
        return;
    date->month = 1;
    date->year++;
}

static void
every_day_goes_to_text_and_back(void **state)
{
    struct date date = {0, 1, 1};
    char last[25] = "", text[25], expected[64];
    int64_t back, time = YEAR_0;
    (void)state;
    for (; date.year < 10000; next_day(&date), time += DAY) {
        int64_t rest = (time / DAY * INT64_C(7919)) % 86400000;
        rest = rest < 0 ? -rest : rest;
        cleat_datetime_format(time + rest * 1000 + 999, text);
        snprintf(expected, sizeof expected, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", date.year,
                 date.month, date.day, (int)(rest / 3600000), (int)(rest / 60000 % 60),
                 (int)(rest / 1000 % 60), (int)(rest % 1000));
        if (strcmp(text, expected) != 0)
            fail_msg("%s is written %s", expected, text);
        if (cleat_datetime_parse(text, &back) != CLEAT_OK || back != time + rest * 1000)
            fail_msg("%s does not come back", text);
        if (strcmp(last, text) >= 0)
            fail_msg("%s is not before %s", last, text);
        memcpy(last, text, sizeof last);
    }
    assert_true(time == YEAR_10000);
}

static void
days_that_are_not_are_refused(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const int years[] = {0, 4, 100, 300, 400, 1900, 2000, 2023, 2024, 9999};
    char text[64];
    int64_t time;
    (void)state;
    for (size_t i = 0; i < sizeof years / sizeof years[0]; i++)
        for (int month = 0; month <= 13; month++)
            for (int day = 0; day <= 32; day++) {
                bool valid = month >= 1 && month <= 12 && day >= 1 &&
                             day <= lengths[month - 1] + (month == 2 && is_leap(years[i]));
                snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", years[i], month, day);
                cleat_status rc = cleat_datetime_parse(text, &time);
                if (rc != (valid ? CLEAT_OK : CLEAT_VALUE))
                    fail_msg("%s gives %s", text, cleat_status_name(rc));
            }
}

static void
times_outside_the_years_have_no_text(void **state)
{
    const int64_t times[] = {YEAR_0 - 1, YEAR_10000, INT64_MIN, INT64_MAX};
    char text[25];
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        cleat_datetime_format(times[i], text);
        assert_string_equal(text, "");
    }
    cleat_datetime_format(YEAR_10000 - 1, text);
    assert_string_equal(text, "9999-12-31T23:59:59.999Z");
    cleat_datetime_format(-1, text);
    assert_string_equal(text, "1969-12-31T23:59:59.999Z");
}

static void
fractions_have_up_to_nine_digits(void **state)
{
    static const struct {
        const char *text;
        int64_t time;
    } cases[] = {
        {"1970-01-01T00:00:01Z", 1000000},          {"1970-01-01T00:00:01.5Z", 1500000},
        {"1970-01-01T00:00:01.25Z", 1250000},       {"1970-01-01T00:00:01.125Z", 1125000},
        {"1970-01-01T00:00:01.0001Z", 1000100},     {"1970-01-01T00:00:01.00001Z", 1000010},
        {"1970-01-01T00:00:01.000001Z", 1000001},   {"1970-01-01T00:00:01.0000019Z", 1000001},
        {"1970-01-01T00:00:01.99999999Z", 1999999}, {"1970-01-01T00:00:01.999999999Z", 1999999},
        {"1969-12-31T23:59:59.999999999Z", -1},     {"1970-01-01T02:00:00+02:00", 0},
        {"1969-12-31T18:30:00-05:30", 0},           {"1970-01-01T23:59:00+23:59", 0},
        {"1970-01-01T00:00:00-00:00", 0},           {"9999-12-31T23:59:59.999999Z", YEAR_10000 - 1},
    };
    int64_t time;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (cleat_datetime_parse(cases[i].text, &time) != CLEAT_OK)
            fail_msg("%s is refused", cases[i].text);
        assert_true(time == cases[i].time);
    }
}

static void
what_is_no_time_is_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "1970",
        "1970-01-01",
        "1970-01-01T",
        "1970-01-01T00:00Z",
        "1970-01-01T00:00:00",
        "1970-01-01 00:00:00Z",
        "1970-01-01t00:00:00Z",
        "1970-01-01T00:00:00z",
        "1970-1-01T00:00:00Z",
        "70-01-01T00:00:00Z",
        "+1970-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:60:00Z",
        "1970-01-01T00:00:60Z",
        "1970-01-01T00:00:00.Z",
        "1970-01-01T00:00:00,5Z",
        "1970-01-01T00:00:00.1234567890Z",
        "1970-01-01T00:00:00ZZ",
        "1970-01-01T00:00:00Z ",
        " 1970-01-01T00:00:00Z",
        "1970-01-01T00:00:00+2:00",
        "1970-01-01T00:00:00+0200",
        "1970-01-01T00:00:00+24:00",
        "1970-01-01T00:00:00+02:60",
        "1970-01-01T00:00:00+02",
        "1970-01-01T00:00:00 +02:00",
        "1970-01-01T00:00:00Z+02:00",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59.999-00:01",
        "yesterday",
        "1970-01-0\xd9\xa1T00:00:00Z",
    };
    int64_t time = 42;
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (cleat_datetime_parse(texts[i], &time) != CLEAT_VALUE)
            fail_msg("'%s' is accepted", texts[i]);
    assert_int_equal(cleat_datetime_parse(NULL, &time), CLEAT_VALUE);
    assert_int_equal(time, 42);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_goes_to_text_and_back),
        cmocka_unit_test(days_that_are_not_are_refused),
        cmocka_unit_test(times_outside_the_years_have_no_text),
        cmocka_unit_test(fractions_have_up_to_nine_digits),
        cmocka_unit_test(what_is_no_time_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
