/* test_values.c: what has no place in the random rows: values of 100 MB, values over SQLite's
 * limits, and values that other programs have stored and that no C type holds. Each round-trips or
 * is an error that names the column; nothing is cut, and nothing becomes another value. */
#include "bed.h"

#include <math.h>
#include <string.h>

#define STRICT (&values_db_strict_table)
#define LOOSE (&values_db_loose_table)

enum { HUGE = 100000000 };

static values_db_strict_row
a_row(void)
{
    values_db_strict_row row = {.yes = true, .size = 1.5, .name = "a", .data = "{}"};
    row.file = (cleat_blob){"x", 1};
    row.mood = VALUE_MOOD_BAD;
    cleat_datetime_format(cleat_now(), row.day);
    cleat_ulid_new(row.one);
    cleat_uuid_new(row.two);
    return row;
}

/* Bytes that differ from place to place, without NUL, with a NUL behind. */
static char *
huge_bytes(size_t size)
{
    char *bytes = malloc(size + 1);
    uint32_t state = 1;
    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (char)(state >> 25 | 1);
    }
    bytes[size] = '\0';
    return bytes;
}

static void
a_blob_of_100_mb_round_trips(void **state)
{
    cleat_session *session = bed_session(state);
    values_db_strict_row row = a_row(), back = {0};
    char *bytes = huge_bytes(HUGE);
    row.file = (cleat_blob){bytes, HUGE};
    assert_int_equal(values_db_strict_insert(session, &row), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(values_db_strict_get(session, row.id, &back), CLEAT_OK);
    assert_int_equal(back.file.size, HUGE);
    assert_true(memcmp(back.file.data, bytes, HUGE) == 0);
    values_db_strict_clear(&back);
    assert_int_equal(values_db_strict_lend(session, row.id, &back), CLEAT_OK);
    assert_true(back.file.size == HUGE && memcmp(back.file.data, bytes, HUGE) == 0);
    free(bytes);
    assert_int_equal(bed_number(state, "SELECT length(file) FROM strict"), HUGE);
}

static void
a_text_of_100_mb_round_trips(void **state)
{
    cleat_session *session = bed_session(state);
    values_db_strict_row row = a_row(), back = {0};
    char *text = huge_bytes(HUGE);
    row.name = text;
    assert_int_equal(values_db_strict_insert(session, &row), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(values_db_strict_get(session, row.id, &back), CLEAT_OK);
    assert_true(strcmp(back.name, text) == 0);
    values_db_strict_clear(&back);
    free(text);
    assert_int_equal(bed_number(state, "SELECT length(name) FROM strict"), HUGE);
}

/* In pieces of a megabyte, each of them its own number. */
static void
stream_out(cleat_stream *stream, char *piece, size_t size)
{
    size_t count, place;
    for (place = 0; place < HUGE; place += count) {
        count = HUGE - place < size ? HUGE - place : size;
        memset(piece, (int)(place / size) + 1, count);
        assert_int_equal(cleat_stream_write(stream, place, piece, count), CLEAT_OK);
    }
    cleat_stream_close(stream);
}

static void
stream_in(cleat_stream *stream, char *piece, size_t size)
{
    size_t count, place;
    for (place = 0; cleat_stream_read(stream, place, piece, size, &count) == CLEAT_OK;
         place += count)
        assert_true(piece[0] == (char)(place / size + 1) && piece[count - 1] == piece[0]);
    assert_int_equal(place, HUGE);
    cleat_stream_close(stream);
}

static void
a_blob_of_100_mb_is_streamed_without_its_memory(void **state)
{
    enum { PIECE = 1 << 20 };
    cleat_session *session = bed_session(state);
    values_db_uploads_row row = values_db_uploads_defaults();
    cleat_stream stream;
    char *piece = malloc(PIECE);
    assert_non_null(piece);
    row.name = "large";
    row.content = (cleat_blob){"", 0};
    assert_int_equal(values_db_uploads_insert(session, &row), CLEAT_OK);
    sqlite3_int64 before = sqlite3_memory_used();
    sqlite3_memory_highwater(1);
    assert_int_equal(
        values_db_uploads_stream_create(session, row.id, VALUES_DB_UPLOADS_CONTENT, HUGE, &stream),
        CLEAT_OK);
    stream_out(&stream, piece, PIECE);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(values_db_uploads_stream_open(session, row.id, VALUES_DB_UPLOADS_CONTENT,
                                                   CLEAT_READ, &stream),
                     CLEAT_OK);
    stream_in(&stream, piece, PIECE);
    assert_in_range(sqlite3_memory_highwater(0) - before, 0, 16 << 20);
    assert_int_equal(bed_number(state, "SELECT length(content) FROM uploads"), HUGE);
    free(piece);
}

static void
what_is_over_the_limit_is_too_big(void **state)
{
    values_db_strict_row row = a_row();
    char *bytes = huge_bytes(1000001);
    /* the connections of this test have a limit of a million bytes */
    row.file = (cleat_blob){bytes, 1000001};
    assert_int_equal(values_db_strict_insert(bed_session(state), &row), CLEAT_TOO_BIG);
    assert_string_equal(cleat_session_error(bed_session(state))->column, "file");
    row.file.size = 1;
    row.name = bytes;
    assert_int_equal(values_db_strict_insert(bed_session(state), &row), CLEAT_TOO_BIG);
    assert_string_equal(cleat_session_error(bed_session(state))->column, "name");
    assert_int_equal(values_db_strict_insert_many(bed_session(state), &row, 1), CLEAT_TOO_BIG);
    assert_string_equal(cleat_session_error(bed_session(state))->column, "name");
    /* each fits, the row does not */
    row.name = bytes + 400000;
    row.file.size = 600000;
    assert_int_equal(values_db_strict_insert(bed_session(state), &row), CLEAT_TOO_BIG);
    assert_string_equal(cleat_session_error(bed_session(state))->table, "strict");
    row.name = "a";
    row.file.size = 999000;
    assert_int_equal(values_db_strict_insert(bed_session(state), &row), CLEAT_OK);
    row.id = 0;
    row.file.size = SIZE_MAX / 2; /* refused before a byte of it is read */
    assert_int_equal(values_db_strict_insert(bed_session(state), &row), CLEAT_TOO_BIG);
    free(bytes);
    assert_int_equal(bed_number(state, "SELECT count(*) FROM strict"), 1);
}

static int
set_up_limited(void **state)
{
    bed_limit(1000000);
    return bed_set_up(state);
}

/* ---- values that others have stored ---- */

/* Expects that no call reads the only row of a table, because of one column, and that the
 * caller's row stays as it was. */
static void
assert_unreadable(void **state, const cleat_table *table, const char *sql, const char *column)
{
    cleat_session *session = bed_session(state);
    cleat_value key = cleat_value_integer(1);
    cleat_cursor cursor;
    char *row = calloc(1, table->row_size), *before = calloc(1, table->row_size);
    assert_true(row != NULL && before != NULL);
    bed_run(state, sql);
    for (int call = 0; call < 3; call++) {
        cleat_status rc;
        if (call == 0) {
            rc = cleat_row_get(session, table, 0, &key, row);
        } else if (call == 1) {
            rc = cleat_row_lend(session, table, 0, &key, row);
        } else {
            assert_int_equal(cleat_row_list(session, table, &cursor), CLEAT_OK);
            rc = cleat_row_next(&cursor, table, row);
        }
        const cleat_error *error = cleat_session_error(session);
        if (rc != CLEAT_VALUE || strcmp(error->column, column) != 0)
            fail_msg("%s: call %d gives %s about '%s'", sql, call, cleat_status_name(rc),
                     error->column);
        assert_string_equal(error->table, table->name);
        assert_memory_equal(row, before, table->row_size);
    }
    free(row);
    free(before);
}

static void
stored_values_that_no_member_holds_are_errors(void **state)
{
    static const char *const cases[][2] = {
        {"name", "UPDATE strict SET name='a'||char(0)||'b'"},
        {"name", "UPDATE strict SET name=char(0)"},
        {"data", "UPDATE strict SET data='{}'||char(0)"},
        {"yes", "UPDATE strict SET yes=2"},
        {"yes", "UPDATE strict SET yes=-9223372036854775807 - 1"},
        {"day", "UPDATE strict SET day=day||'0'"},
        {"day", "UPDATE strict SET day='2024'||char(0)||'01'"},
        {"one", "UPDATE strict SET one=one||'0'"},
        {"one", "UPDATE strict SET one=substr(one, 2)||char(0)"},
        {"two", "UPDATE strict SET two=printf('%.*c', 1000000, 'x')"},
        {"mood", "UPDATE strict SET mood='ugly'"},
        {"mood", "UPDATE strict SET mood='GOOD'"},
        {"mood", "UPDATE strict SET mood='good'||char(0)"},
        {"mood", "UPDATE strict SET mood=''"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++) {
        values_db_strict_row row = a_row();
        row.id = 1;
        assert_int_equal(values_db_strict_upsert(bed_session(state), &row) >= 0, 1);
        assert_unreadable(state, STRICT, cases[i][1], cases[i][0]);
        bed_run(state, "DELETE FROM strict");
    }
}

static void
stored_values_of_another_type_are_errors(void **state)
{
    static const char *const cases[][2] = {
        {"count", "UPDATE loose SET count='12 apples'"},
        {"count", "UPDATE loose SET count=1.5"},
        {"count", "UPDATE loose SET count=1e30"},
        {"count", "UPDATE loose SET count=X'31'"},
        {"yes", "UPDATE loose SET yes='yes'"},
        {"size", "UPDATE loose SET size='big'"},
        {"name", "UPDATE loose SET name=X'61'"},
        {"file", "UPDATE loose SET file='text'"},
        {"file", "UPDATE loose SET file=1"},
        {"time", "UPDATE loose SET time='now'"},
        {"mood", "UPDATE loose SET mood=X'676f6f64'"},
        {"time", "UPDATE loose SET time=1.5"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++) {
        values_db_loose_row row = {.id = 1};
        assert_int_equal(values_db_loose_upsert(bed_session(state), &row) >= 0, 1);
        assert_unreadable(state, LOOSE, cases[i][1], cases[i][0]);
        bed_run(state, "DELETE FROM loose");
    }
}

static void
numbers_that_others_wrote_as_text_are_numbers(void **state)
{
    values_db_loose_row row = {.id = 1}, back = {0};
    assert_int_equal(values_db_loose_insert(bed_session(state), &row), CLEAT_OK);
    bed_run(state, "UPDATE loose SET count='9223372036854775807', size='1', yes='1', name=12");
    assert_int_equal(values_db_loose_get(bed_session(state), 1, &back), CLEAT_OK);
    assert_true(back.has_count && back.count == INT64_MAX && back.has_yes && back.yes);
    assert_true(back.has_size && back.size >= 1 && back.size <= 1);
    assert_string_equal(back.name, "12");
    values_db_loose_clear(&back);
}

/* ---- values that are refused ---- */

static void
not_a_number_is_never_null(void **state)
{
    values_db_loose_row row = {.has_size = true, .size = (double)NAN}, good = {.id = 1};
    cleat_session *session = bed_session(state);
    assert_int_equal(values_db_loose_insert(session, &row), CLEAT_CHECK);
    assert_string_equal(cleat_session_error(session)->column, "size");
    assert_true(row.id == 0);
    assert_int_equal(values_db_loose_insert(session, &good), CLEAT_OK);
    row.id = 1;
    assert_int_equal(values_db_loose_update(session, &row), CLEAT_CHECK);
    assert_int_equal(values_db_loose_upsert(session, &row), CLEAT_CHECK);
    assert_string_equal(cleat_session_error(session)->column, "size");
}

static void
a_key_without_a_successor_is_a_clear_error(void **state)
{
    values_db_loose_row last = {.id = INT64_MAX}, next = {0};
    cleat_session *session = bed_session(state);
    assert_int_equal(values_db_loose_insert(session, &last), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(values_db_loose_insert(session, &next), CLEAT_FULL);
    assert_true(next.id == 0);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(values_db_loose_exists(session, INT64_MAX), CLEAT_OK);
}

static void
what_the_has_of_a_null_hides_is_not_stored(void **state)
{
    values_db_loose_row row = {.count = 5, .size = (double)NAN}, back = {0};
    row.mood = (enum value_mood)99;
    assert_int_equal(values_db_loose_insert(bed_session(state), &row), CLEAT_OK);
    assert_int_equal(values_db_loose_get(bed_session(state), row.id, &back), CLEAT_OK);
    assert_true(!back.has_count && back.count == 0 && !back.has_size && !back.has_mood);
    assert_true(back.name == NULL && back.file.data == NULL);
    values_db_loose_clear(&back);
}

/* A get that finds nothing, or finds what the row cannot hold, leaves the row of the caller as it
 * was: it can be read, used again and cleared. */
static void
a_row_of_a_failed_get_is_what_it_was(void **state)
{
    cleat_session *session = bed_session(state);
    values_db_strict_row row = a_row(), read = {0}, before;
    assert_int_equal(values_db_strict_insert(session, &row), CLEAT_OK);
    assert_int_equal(values_db_strict_get(session, row.id, &read), CLEAT_OK);
    memcpy(&before, &read, sizeof before);
    assert_int_equal(values_db_strict_get(session, row.id + 1, &read), CLEAT_NOT_FOUND);
    assert_memory_equal(&read, &before, sizeof read);
    bed_run(state, "UPDATE strict SET mood = 'no such mood'");
    assert_int_equal(values_db_strict_get(session, row.id, &read), CLEAT_VALUE);
    assert_memory_equal(&read, &before, sizeof read);
    assert_string_equal(read.name, "a");
    assert_string_equal(cleat_session_error(session)->table, "strict");
    assert_string_equal(cleat_session_error(session)->column, "mood");
    bed_run(state, "UPDATE strict SET mood = 'good', name = 'a longer name than it was before'");
    assert_int_equal(values_db_strict_get(session, row.id, &read), CLEAT_OK);
    assert_string_equal(read.name, "a longer name than it was before");
    values_db_strict_clear(&read);
    values_db_strict_clear(&read);
    assert_null(read.owned);
}

/* The years where calendars differ, and those around them; SQLite counts the day before 0300-03-01
 * wrong. */
static void
a_column_takes_the_days_that_there_are(void **state)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    static const int years[] = {0,   1,   4,    100,  299,  300,  301,  399,  400, 401,
                                800, 999, 1000, 1582, 1900, 2000, 2024, 9600, 9999};
    cleat_session *session = bed_session(state);
    values_db_strict_row row = a_row();
    assert_int_equal(values_db_strict_insert(session, &row), CLEAT_OK);
    for (size_t i = 0; i < CLEAT_COUNT(years); i++)
        for (int month = 1; month <= 12; month++)
            for (int day = 1; day <= 32; day++) {
                int year = years[i];
                bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
                bool valid = day <= lengths[month - 1] + (month == 2 && leap);
                char text[64];
                snprintf(text, sizeof text, "%04d-%02d-%02dT23:59:59.999Z", year, month, day);
                memcpy(row.day, text, sizeof row.day);
                cleat_status rc = values_db_strict_patch(session, &row, VALUES_DB_STRICT_DAY);
                if (rc != (valid ? CLEAT_OK : CLEAT_CHECK))
                    fail_msg("%s gives %s", text, cleat_status_name(rc));
                if (!valid)
                    assert_string_equal(cleat_session_error(session)->column, "day");
            }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(a_blob_of_100_mb_round_trips),
        BED_TEST(a_text_of_100_mb_round_trips),
        BED_TEST(a_blob_of_100_mb_is_streamed_without_its_memory),
        cmocka_unit_test_setup_teardown(what_is_over_the_limit_is_too_big, set_up_limited,
                                        bed_tear_down),
        BED_TEST(stored_values_that_no_member_holds_are_errors),
        BED_TEST(stored_values_of_another_type_are_errors),
        BED_TEST(numbers_that_others_wrote_as_text_are_numbers),
        BED_TEST(not_a_number_is_never_null),
        BED_TEST(a_row_of_a_failed_get_is_what_it_was),
        BED_TEST(a_column_takes_the_days_that_there_are),
        BED_TEST(a_key_without_a_successor_is_a_clear_error),
        BED_TEST(what_the_has_of_a_null_hides_is_not_stored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
