/* test_parameters.c: what queries are given: a value of every kind, alone, by its address where it
 * may be NULL, and as an array, borrowed and copied. SQL itself says what has arrived. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <math.h>

/* The answer of a query, as one text. */
struct answer {
    const char *text;
    void *owned;
};

static const cleat_column columns[] = {
    CLEAT_COLUMN(struct answer, text, "text", CLEAT_KIND_TEXT, 0)};
static const cleat_table result = {.database = "library",
                                   .name = "answer",
                                   .columns = columns,
                                   .column_count = 1,
                                   .row_size = sizeof(struct answer),
                                   .owned_offset = offsetof(struct answer, owned)};
static const char *const own_database[] = {"library", NULL};

/* A query lives as long as the program: connections know it by its address. */
static const cleat_query *
query_of(const char *sql, const cleat_parameter *parameter)
{
    static cleat_query queries[16];
    for (size_t i = 0; i < CLEAT_COUNT(queries); i++) {
        if (queries[i].sql != NULL && strcmp(queries[i].sql, sql) != 0)
            continue;
        queries[i] = (cleat_query){.sql = sql,
                                   .result = &result,
                                   .parameters = parameter,
                                   .databases = own_database,
                                   .parameter_count = 1};
        return &queries[i];
    }
    fail_msg("too many queries");
    return NULL;
}

static void
expect_answer(const char *name, const struct answer *answer, cleat_status rc, const char *expected)
{
    if (rc < 0 || strcmp(answer->text, expected) != 0)
        fail_msg("%s: %s, %s instead of %s", name, cleat_status_name(rc),
                 rc < 0 ? "" : answer->text, expected);
}

/* A query gives the same whether it copies what it is given or not. */
static void
expect(struct sample *sample, const char *sql, const cleat_parameter *parameter, cleat_value value,
       const char *expected)
{
    const cleat_query *query = query_of(sql, parameter);
    cleat_session *session = sample_session(sample, NULL, CLEAT_READ);
    cleat_cursor cursor = {0};
    struct answer answer = {0};
    cleat_status rc = cleat_query_one(session, query, &value, &answer);
    expect_answer(parameter->name, &answer, rc, expected);
    cleat_row_clear(&result, &answer);
    assert_int_equal(cleat_query_many(session, query, &value, &cursor), CLEAT_OK);
    rc = cleat_row_next(&cursor, &result, &answer);
    expect_answer(parameter->name, &answer, rc, expected);
    cleat_session_close(session);
}

static void
expect_refusal(struct sample *sample, const char *sql, const cleat_parameter *parameter,
               cleat_value value, cleat_status status, const char *words)
{
    const cleat_query *query = query_of(sql, parameter);
    cleat_session *session = sample_session(sample, NULL, CLEAT_READ);
    struct answer answer = {0};
    assert_int_equal(cleat_query_one(session, query, &value, &answer), status);
    const cleat_error *error = cleat_session_error(session);
    assert_string_equal(error->column, parameter->name);
    if (strstr(error->text, words) == NULL)
        fail_msg("%s: %s", parameter->name, error->text);
    cleat_session_close(session);
}

/* ---- alone ---- */

#define ALONE "SELECT quote(?1) || ' ' || typeof(?1)"

static void
a_value_of_every_kind_arrives(void **state)
{
    const struct {
        cleat_parameter parameter;
        cleat_value value;
        const char *expected;
    } cases[] = {
        {{"integer", NULL, CLEAT_KIND_INTEGER, 0}, cleat_value_integer(-7), "-7 integer"},
        {{"boolean", NULL, CLEAT_KIND_BOOLEAN, 0}, cleat_value_integer(1), "1 integer"},
        {{"real", NULL, CLEAT_KIND_REAL, 0}, cleat_value_real(0.5), "0.5 real"},
        {{"text", NULL, CLEAT_KIND_TEXT, 0}, cleat_value_text("it's"), "'it''s' text"},
        {{"json", NULL, CLEAT_KIND_JSON, 0}, cleat_value_text("{}"), "'{}' text"},
        {{"blob", NULL, CLEAT_KIND_BLOB, 0},
         cleat_value_blob((cleat_blob){"\1\0", 2}),
         "X'0100' blob"},
        {{"empty", NULL, CLEAT_KIND_BLOB, 0}, cleat_value_blob((cleat_blob){"", 0}), "X'' blob"},
        {{"timestamp", NULL, CLEAT_KIND_TIMESTAMP, 0}, cleat_value_integer(9), "9 integer"},
        {{"datetime", NULL, CLEAT_KIND_DATETIME, 0}, cleat_value_text("2026"), "'2026' text"},
        {{"ulid", NULL, CLEAT_KIND_ULID, 0}, cleat_value_text("0"), "'0' text"},
        {{"uuid", NULL, CLEAT_KIND_UUID, 0}, cleat_value_text("f"), "'f' text"},
        {{"enum", &library_genre, CLEAT_KIND_ENUM, 0},
         cleat_value_integer(GENRE_ESSAY),
         "'essay' text"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++)
        expect(*state, ALONE, &cases[i].parameter, cases[i].value, cases[i].expected);
}

static void
a_number_that_may_be_null_comes_by_its_address(void **state)
{
    const int64_t integer = 5;
    const bool boolean = true;
    const double real = 2.5;
    const enum genre genre = GENRE_NOVEL;
    const struct {
        cleat_parameter parameter;
        const void *address;
        const char *expected;
    } cases[] = {
        {{"integer", NULL, CLEAT_KIND_INTEGER, CLEAT_NULLABLE}, &integer, "5 integer"},
        {{"timestamp", NULL, CLEAT_KIND_TIMESTAMP, CLEAT_NULLABLE}, &integer, "5 integer"},
        {{"boolean", NULL, CLEAT_KIND_BOOLEAN, CLEAT_NULLABLE}, &boolean, "1 integer"},
        {{"real", NULL, CLEAT_KIND_REAL, CLEAT_NULLABLE}, &real, "2.5 real"},
        {{"enum", &library_genre, CLEAT_KIND_ENUM, CLEAT_NULLABLE}, &genre, "'novel' text"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++) {
        const cleat_parameter *parameter = &cases[i].parameter;
        expect(*state, ALONE, parameter, cleat_value_pointer(cases[i].address), cases[i].expected);
        expect(*state, ALONE, parameter, cleat_value_pointer(NULL), "NULL null");
    }
}

static void
texts_and_blobs_may_be_null_where_that_is_said(void **state)
{
    static const uint8_t kinds[] = {CLEAT_KIND_TEXT, CLEAT_KIND_BLOB};
    for (size_t i = 0; i < CLEAT_COUNT(kinds); i++) {
        const cleat_parameter may = {"may", NULL, kinds[i], CLEAT_NULLABLE};
        const cleat_parameter must = {"must", NULL, kinds[i], 0};
        cleat_value nothing = cleat_value_blob((cleat_blob){NULL, 0});
        if (kinds[i] == CLEAT_KIND_TEXT)
            nothing = cleat_value_text(NULL);
        expect(*state, ALONE, &may, nothing, "NULL null");
        expect_refusal(*state, ALONE, &must, nothing, CLEAT_NOT_NULL, "must have a value");
    }
}

static void
what_sql_has_no_value_for_is_refused(void **state)
{
    const cleat_parameter real = {"real", NULL, CLEAT_KIND_REAL, 0};
    const cleat_parameter label = {"label", &library_genre, CLEAT_KIND_ENUM, 0};
    expect_refusal(*state, ALONE, &real, cleat_value_real((double)NAN), CLEAT_CHECK,
                   "not a number");
    expect_refusal(*state, ALONE, &label, cleat_value_integer(99), CLEAT_CHECK, "has no label");
}

/* ---- arrays ---- */

#define ITEMS "SELECT coalesce(group_concat(quote(value), ' '), 'none') FROM cleat_array(?1)"

static void
an_array_of_every_kind_arrives(void **state)
{
    static const int64_t integers[] = {3, -1};
    static const bool booleans[] = {true, false};
    static const double reals[] = {0.5, -2.0};
    static const char *const texts[] = {"a", NULL, "bc"};
    static const cleat_blob blobs[] = {{"\1", 1}, {NULL, 0}, {"", 0}};
    static const int genres[] = {GENRE_ESSAY, GENRE_NOVEL};
    const struct {
        cleat_parameter parameter;
        cleat_value value;
        const char *expected;
    } cases[] = {
        {{"integers", NULL, CLEAT_KIND_INTEGER, CLEAT_ARRAY},
         cleat_value_array(integers, 2),
         "3 -1"},
        {{"timestamps", NULL, CLEAT_KIND_TIMESTAMP, CLEAT_ARRAY},
         cleat_value_array(integers, 2),
         "3 -1"},
        {{"booleans", NULL, CLEAT_KIND_BOOLEAN, CLEAT_ARRAY},
         cleat_value_array(booleans, 2),
         "1 0"},
        {{"reals", NULL, CLEAT_KIND_REAL, CLEAT_ARRAY}, cleat_value_array(reals, 2), "0.5 -2.0"},
        {{"texts", NULL, CLEAT_KIND_TEXT, CLEAT_ARRAY},
         cleat_value_array(texts, 3),
         "'a' NULL 'bc'"},
        {{"uuids", NULL, CLEAT_KIND_UUID, CLEAT_ARRAY}, cleat_value_array(texts, 1), "'a'"},
        {{"blobs", NULL, CLEAT_KIND_BLOB, CLEAT_ARRAY},
         cleat_value_array(blobs, 3),
         "X'01' NULL X''"},
        {{"enums", &library_genre, CLEAT_KIND_ENUM, CLEAT_ARRAY},
         cleat_value_array(genres, 2),
         "'essay' 'novel'"},
        {{"nothing", NULL, CLEAT_KIND_TEXT, CLEAT_ARRAY}, cleat_value_array(NULL, 0), "none"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++)
        expect(*state, ITEMS, &cases[i].parameter, cases[i].value, cases[i].expected);
}

static void
an_array_is_a_table_with_its_argument_only(void **state)
{
    static const int64_t integers[] = {3, -1, 8};
    static const int unknown[] = {99};
    const cleat_parameter parameter = {"integers", NULL, CLEAT_KIND_INTEGER, CLEAT_ARRAY};
    const cleat_parameter labels = {"labels", &library_genre, CLEAT_KIND_ENUM, CLEAT_ARRAY};
    cleat_value value = cleat_value_array(integers, 3);
    expect(*state, "SELECT rowid || '' FROM cleat_array(?1) WHERE value > 3", &parameter, value,
           "2");
    expect(*state, "SELECT typeof(items) FROM cleat_array(?1)", &parameter, value, "null");
    expect(*state,
           "SELECT count(*) || '' FROM cleat_array(?1) AS a JOIN cleat_array(?1) AS b"
           " ON b.value < a.value",
           &parameter, value, "3");
    /* what is no array has no items */
    expect(*state, "SELECT count(*) || '' FROM cleat_array(1) WHERE ?1 IS NULL", &parameter, value,
           "0");
    expect_refusal(*state, ITEMS, &labels, cleat_value_array(unknown, 1), CLEAT_CHECK,
                   "has no label");
    expect_refusal(*state, ITEMS, &parameter, cleat_value_array(NULL, 2), CLEAT_NOT_NULL,
                   "must have a value");
    cleat_session *session = sample_session(*state, NULL, CLEAT_READ);
    const cleat_query *bare = query_of("SELECT value || '' FROM cleat_array WHERE ?1", &parameter);
    struct answer answer = {0};
    assert_int_equal(cleat_query_one(session, bare, &value, &answer), CLEAT_ERROR);
    const cleat_query *around = query_of(
        "SELECT a.value || '' FROM cleat_array(b.items) AS a,"
        " cleat_array(a.items) AS b WHERE ?1",
        &parameter);
    assert_int_equal(cleat_query_one(session, around, &value, &answer), CLEAT_ERROR);
}

int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_value_of_every_kind_arrives),
        TEST(a_number_that_may_be_null_comes_by_its_address),
        TEST(texts_and_blobs_may_be_null_where_that_is_said),
        TEST(what_sql_has_no_value_for_is_refused),
        TEST(an_array_of_every_kind_arrives),
        TEST(an_array_is_a_table_with_its_argument_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
