/* time.c: microseconds since 1970 UTC, and the one text form a datetime is stored in. Dates are
 * computed in the proleptic Gregorian calendar, without the C library's time zones. */
#include "runtime.h"

#include <time.h>

#define SECOND INT64_C(1000000)
#define DAY (86400 * SECOND)

int64_t
cleat_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * SECOND + now.tv_nsec / 1000;
}

/* Days from 1970-01-01 to a date. Years begin in March here, so that the leap day is the last. */
static int64_t
days_of(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void
date_of(int64_t days, int *ret_year, int *ret_month, int *ret_day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153;
    *ret_day = (int)(day_of_year - (153 * month + 2) / 5 + 1);
    *ret_month = (int)(month < 10 ? month + 3 : month - 9);
    *ret_year = (int)(year_of_era + era * 400 + (*ret_month <= 2));
}

static char *
write_digits(char *to, int value, int count, char after)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = (char)('0' + value % 10);
        value /= 10;
    }
    to[count] = after;
    return to + count + 1;
}

void
cleat_datetime_format(int64_t microseconds, char ret_datetime[25])
{
    int64_t first = days_of(0, 1, 1) * DAY;
    int64_t end = days_of(10000, 1, 1) * DAY;
    if (ret_datetime == NULL)
        return;
    ret_datetime[0] = '\0';
    if (microseconds < first || microseconds >= end)
        return;
    int64_t day = (microseconds - first) / DAY;
    int64_t rest = (microseconds - first) % DAY;
    int year, month, month_day;
    date_of(day + days_of(0, 1, 1), &year, &month, &month_day);
    char *to = write_digits(ret_datetime, year, 4, '-');
    to = write_digits(to, month, 2, '-');
    to = write_digits(to, month_day, 2, 'T');
    to = write_digits(to, (int)(rest / (3600 * SECOND)), 2, ':');
    to = write_digits(to, (int)(rest / (60 * SECOND) % 60), 2, ':');
    to = write_digits(to, (int)(rest / SECOND % 60), 2, '.');
    to = write_digits(to, (int)(rest / 1000 % 1000), 3, 'Z');
    *to = '\0';
}

/* Reads exactly `count` digits and moves on; -1 when they are not there or the value is over
 * `most`. */
static int
read_digits(const char **text, int count, int most)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*text)++) {
        if (**text < '0' || **text > '9')
            return -1;
        value = value * 10 + (**text - '0');
    }
    return value <= most ? value : -1;
}

static bool
skip(const char **text, char expected)
{
    if (**text != expected)
        return false;
    (*text)++;
    return true;
}

static int
month_length(int year, int month)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return lengths[month - 1] + (month == 2 && leap);
}

/* The digits after the second, in microseconds; -1 when there are none or more than 9. */
static int64_t
read_fraction(const char **text)
{
    int64_t value = 0;
    int64_t place = SECOND;
    int count = 0;
    for (; **text >= '0' && **text <= '9'; (*text)++, count++) {
        place /= 10;
        value += (**text - '0') * place;
    }
    return count >= 1 && count <= 9 ? value : -1;
}

/* Z or an offset, at the end of the text. */
static bool
read_zone(const char *text, int64_t *ret_offset)
{
    *ret_offset = 0;
    if (skip(&text, 'Z'))
        return *text == '\0';
    int sign = *text == '+' ? 1 : -1;
    if (!skip(&text, '+') && !skip(&text, '-'))
        return false;
    int hours = read_digits(&text, 2, 23);
    if (hours < 0 || !skip(&text, ':'))
        return false;
    int minutes = read_digits(&text, 2, 59);
    *ret_offset = sign * (hours * 60 + minutes) * 60 * SECOND;
    return minutes >= 0 && *text == '\0';
}

cleat_status
cleat_datetime_parse(const char *datetime, int64_t *ret_microseconds)
{
    const char *text = datetime;
    if (text == NULL)
        return CLEAT_VALUE;
    if (ret_microseconds == NULL)
        return CLEAT_MISUSE;
    int year = read_digits(&text, 4, 9999);
    if (year < 0 || !skip(&text, '-'))
        return CLEAT_VALUE;
    int month = read_digits(&text, 2, 12);
    if (month < 1 || !skip(&text, '-'))
        return CLEAT_VALUE;
    int day = read_digits(&text, 2, month_length(year, month));
    if (day < 1 || !skip(&text, 'T'))
        return CLEAT_VALUE;
    int hour = read_digits(&text, 2, 23);
    if (hour < 0 || !skip(&text, ':'))
        return CLEAT_VALUE;
    int minute = read_digits(&text, 2, 59);
    if (minute < 0 || !skip(&text, ':'))
        return CLEAT_VALUE;
    int second = read_digits(&text, 2, 59);
    if (second < 0)
        return CLEAT_VALUE;
    int64_t fraction = skip(&text, '.') ? read_fraction(&text) : 0;
    int64_t offset;
    if (fraction < 0 || !read_zone(text, &offset))
        return CLEAT_VALUE;
    int64_t time = days_of(year, month, day) * DAY + ((hour * 60 + minute) * 60 + second) * SECOND +
                   fraction - offset;
    if (time < days_of(0, 1, 1) * DAY || time >= days_of(10000, 1, 1) * DAY)
        return CLEAT_VALUE; /* an offset leads out of the years that have four digits */
    *ret_microseconds = time;
    return CLEAT_OK;
}
