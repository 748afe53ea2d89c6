/* test_prologue.c: what a hostile file, path or statement cannot do to a connection. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <unistd.h>

/* Adds to a file's schema, and puts the version of the schema back so that the header looks as it
 * did. */
static void
plant(struct sample *sample, const char *name, const char *sql)
{
    char text[512];
    const char *path = sample_path(sample, name);
    int64_t cookie = sample_ask(path, "PRAGMA schema_version");
    snprintf(text, sizeof text, "%s; PRAGMA schema_version=%lld; PRAGMA wal_checkpoint(TRUNCATE)",
             sql, (long long)cookie);
    sample_run(path, text);
    assert_int_equal(sample_ask(path, "PRAGMA schema_version"), cookie);
}

static void
assert_session_refused(struct sample *sample, const char *database, const char *words)
{
    cleat_session *session = NULL;
    assert_int_equal(cleat_session_open(sample->registry, database, CLEAT_WRITE, &session),
                     CLEAT_DRIFT);
    assert_null(session);
    if (strstr(cleat_registry_error(sample->registry)->text, words) == NULL)
        fail_msg("%s", cleat_registry_error(sample->registry)->text);
}

static void
a_planted_trigger_never_runs(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    plant(sample, "archive.db",
          "CREATE TRIGGER evil AFTER INSERT ON notes BEGIN DELETE FROM notes; END");
    assert_int_equal(sample_open(sample), CLEAT_OK); /* nothing of it has run yet */
    assert_session_refused(sample, "archive", "has a trigger evil that is not in the schema");
    assert_session_refused(sample, "library", "has a trigger evil that is not in the schema");
    cleat_session_close(sample_session(sample, "journal", CLEAT_WRITE));
    sample_close(sample);
}

static void
a_planted_view_is_refused_and_a_table_in_its_place_drifts(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    plant(sample, "archive.db", "CREATE VIEW evil AS SELECT 1");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_session_refused(sample, "archive", "has a view evil that is not in the schema");
    sample_close(sample);
    sample_run(sample_path(sample, "archive.db"), "CREATE VIEW more AS SELECT 1");
    assert_int_equal(sample_open(sample), CLEAT_DRIFT); /* the header tells already */
    sample_close(sample);
}

static void
a_symbolic_link_that_came_later_is_not_followed(void **state)
{
    struct sample *sample = *state;
    char path[256], elsewhere[256];
    cleat_session *session = NULL;
    snprintf(path, sizeof path, "%s", sample_path(sample, "archive.db"));
    snprintf(elsewhere, sizeof elsewhere, "%s", sample_path(sample, "elsewhere.db"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_int_equal(rename(path, elsewhere), 0);
    assert_int_equal(symlink(elsewhere, path), 0);
    assert_int_equal(cleat_session_open(sample->registry, "archive", CLEAT_READ, &session),
                     CLEAT_CANNOT_OPEN);
    assert_int_equal(cleat_session_open(sample->registry, "library", CLEAT_READ, &session),
                     CLEAT_CANNOT_OPEN);
    sample_close(sample);
}

/* Runs a statement that must not work. */
static void
assert_fails(cleat_session *session, const char *sql)
{
    if (cleat_session_execute(session, sql) >= 0)
        fail_msg("%s works", sql);
}

static void
statements_cannot_reach_out(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "library", CLEAT_WRITE);
    assert_fails(session, "SELECT load_extension('x')");
    assert_fails(session, "SELECT \"nosuchcolumn\" FROM library.tags");
    assert_fails(session, "ATTACH '/tmp/x' AS x");
    assert_fails(session, "PRAGMA writable_schema=ON");
    assert_fails(session, "INSERT INTO library.sqlite_schema(type) VALUES('x')");
    assert_fails(session, "INSERT INTO library.books_fts_data(id, block) VALUES(77, x'00')");
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    cleat_session_close(session);
}

static void
a_statement_of_more_than_a_million_bytes_is_refused(void **state)
{
    struct sample *sample = *state;
    enum { LENGTH = 1000100 };
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "archive", CLEAT_READ);
    char *sql = malloc(LENGTH + 1);
    assert_non_null(sql);
    memset(sql, ' ', LENGTH);
    memcpy(sql, "SELECT", 6);
    sql[LENGTH - 1] = '1';
    sql[LENGTH] = '\0';
    assert_int_equal(cleat_session_execute(session, sql), CLEAT_TOO_BIG);
    free(sql);
    cleat_session_close(session);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_planted_trigger_never_runs),
        TEST(a_planted_view_is_refused_and_a_table_in_its_place_drifts),
        TEST(a_symbolic_link_that_came_later_is_not_followed),
        TEST(statements_cannot_reach_out),
        TEST(a_statement_of_more_than_a_million_bytes_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
