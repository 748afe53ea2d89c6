/* test_moments.c: what has to happen at one moment. A file is replaced between two looks at it, a
 * commit is cut short whenever the one before has been completed, a disk fails once a commit has
 * reached the first of three files. Each is let happen right then; the error says what it was, and
 * nothing is lost. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "peers.h"
#include "revisions.h"
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- what an atomic session was not opened over ---- */

static void
expect_refusal(cleat_session *session, const char *sql, cleat_status status, const char *words)
{
    assert_int_equal(cleat_session_execute(session, sql), status);
    if (strstr(cleat_session_error(session)->text, words) == NULL)
        fail_msg("%s: %s", sql, cleat_session_error(session)->text);
}

static void
what_a_session_was_not_opened_over_it_cannot_write(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = peers_open_over(sample, peers_home_and_near, 2, ATOMIC);
    expect_refusal(session, INSERT("far"), CLEAT_MISUSE,
                   "far.items cannot be written here: the atomic session was not opened over");
    cleat_session_close(session);
    session = peers_open_over(sample, peers_all, PEERS, ATOMIC);
    peers_run(session, INSERT("far"));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    /* the same connection, which captures the changes of both now */
    session = peers_open_over(sample, peers_home_and_near, 2, ATOMIC);
    expect_refusal(session, INSERT("far"), CLEAT_MISUSE,
                   "the atomic session was not opened over far and cannot write it");
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(peers_count(sample, "far"), 1);
    assert_int_equal(peers_count(sample, "near"), 1);
}

static void
functions_of_the_runtime_s_own_harm_nobody_who_calls_them(void **state)
{
    static const char *const refused[] = {
        "SELECT cleat_intent(-1)", "SELECT cleat_intent(0)",    "SELECT cleat_intent(1)",
        "SELECT cleat_intent(4)",  "SELECT cleat_intent(1000)", "SELECT cleat_intent('far')",
    };
    cleat_session *session = peers_open_over(*state, peers_home_and_near, 2, ATOMIC);
    for (size_t i = 0; i < CLEAT_COUNT(refused); i++)
        expect_refusal(session, refused[i], CLEAT_MISUSE, "was not opened over");
    expect_refusal(session, "SELECT cleat_pack()", CLEAT_ERROR, "the runtime's own");
    expect_refusal(session, "SELECT cleat_pack(1)", CLEAT_ERROR, "the runtime's own");
    peers_run(session, "SELECT cleat_pack(1, 0, NULL, 1.5, x''), cleat_part()");
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    peers_cut_short(*state);
    sample_close(*state);
    assert_int_equal(sample_open(*state), CLEAT_OK);
    assert_int_equal(peers_count(*state, "near"), 2);
}

/* ---- commits that are cut short again and again ---- */

static struct sample *torn; /* whose near lacks a commit whenever it was completed */
static int times_torn;

static void
tear_again(void *data, cleat_log_level level, const char *line)
{
    (void)data;
    (void)level;
    if (torn == NULL || strstr(line, "Completed commits") == NULL)
        return;
    times_torn++;
    sample_run(sample_path(torn, "home.db"),
               "INSERT INTO cleat_intents SELECT peer, id + 1, part, change, \"row\""
               " FROM cleat_intents WHERE id = (SELECT max(id) FROM cleat_intents)");
}

static void
expect_no_moment(struct sample *sample, const char *database, unsigned mode)
{
    cleat_session *session = NULL;
    torn = sample;
    times_torn = 0;
    cleat_status rc = cleat_session_open(sample->registry, database, mode, &session);
    torn = NULL;
    assert_int_equal(times_torn, 8);
    assert_int_equal(rc, CLEAT_BUSY);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "no moment was found"));
    assert_string_equal(cleat_registry_error(sample->registry)->database, database);
    /* nobody is left with a lock, and one who comes when it is over completes the last */
    assert_int_equal(cleat_session_open(sample->registry, database, mode, &session), CLEAT_OK);
    cleat_session_close(session);
    session = peers_open_over(sample, peers_all, PEERS, CLEAT_WRITE);
    cleat_session_close(session);
}

static void
a_commit_that_is_cut_short_again_and_again_holds_nobody_for_ever(void **state)
{
    struct sample *sample = *state;
    cleat_settings_log(&sample->settings, tear_again, NULL);
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "10");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    peers_cut_short(sample);
    expect_no_moment(sample, "near", CLEAT_WRITE);
    peers_cut_short(sample);
    expect_no_moment(sample, "home", CLEAT_READ | CLEAT_ATOMIC);
    assert_int_equal(peers_count(sample, "near"), 2);
}

/* Who may not wait completes it at once. */
static void
who_does_not_wait_reads_a_completed_commit_too(void **state)
{
    struct sample *sample = *state;
    cleat_session *session;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "0");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    peers_cut_short(sample);
    assert_int_equal(peers_count(sample, "near"), 0);
    assert_int_equal(
        cleat_session_open(sample->registry, "home", CLEAT_READ | CLEAT_ATOMIC, &session),
        CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(peers_count(sample, "near"), 1);
}

/* A mark of a database that the program does not have is somebody else's. */
static void
marks_of_strangers_are_no_reason_to_wait(void **state)
{
    struct sample *sample = *state;
    cleat_session *session;
    peers_cut_short(sample);
    sample_run(sample_path(sample, "near.db"), "INSERT INTO cleat_marks VALUES ('stranger', 7)");
    assert_int_equal(
        cleat_session_open(sample->registry, "home", CLEAT_READ | CLEAT_ATOMIC, &session),
        CLEAT_OK);
    cleat_session_close(session);
    cleat_session_close(sample_session(sample, "near", CLEAT_WRITE));
    assert_int_equal(peers_count(sample, "near"), 1);
    assert_int_equal(sample_ask(sample_path(sample, "near.db"),
                                "SELECT id FROM cleat_marks WHERE home = 'stranger'"),
                     7);
}

static void
rows_that_were_changed_since_are_said(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = peers_open_over(sample, peers_home_and_near, 2, ATOMIC);
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    peers_run(session, "UPDATE near.items SET price = 2.25");
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    sample_run(sample_path(sample, "near.db"),
               "UPDATE cleat_marks SET id = id - 1; UPDATE items SET id = 77");
    assert_int_equal(cleat_session_open(sample->registry, "near", CLEAT_WRITE, &session),
                     CLEAT_DRIFT);
    const char *text = cleat_registry_error(sample->registry)->text;
    assert_non_null(strstr(text, "near: a commit of home that was cut short cannot be completed"));
    assert_non_null(strstr(text, "near.db have been changed since"));
    assert_int_equal(peers_count(sample, "near"), 1);
    sample_run(sample_path(sample, "near.db"), "UPDATE items SET id = 1");
    cleat_session_close(sample_session(sample, "near", CLEAT_WRITE));
    assert_int_equal(
        sample_ask(sample_path(sample, "near.db"), "SELECT count(*) FROM items WHERE price = 2.25"),
        1);
}

/* A unit that has written what another's commit is to be completed in, which cannot be. */
static void
a_commit_that_cannot_be_completed_is_the_error_of_who_meets_it(void **state)
{
    struct sample *sample = *state;
    const char *path = sample_path(sample, "home.db");
    peers_cut_short(sample);
    sample_run(path, "UPDATE cleat_intents SET change = 99");
    cleat_session *session = sample_session(sample, "home", CLEAT_WRITE);
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_CORRUPT);
    assert_string_equal(cleat_session_error(session)->database, "near");
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(peers_count(sample, "near"), 0);
    sample_run(sample_path(sample, "home.db"),
               "UPDATE cleat_intents SET change = (SELECT id FROM cleat_changes"
               " WHERE peer = 'near' AND change = 'insert')");
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_BUSY);
    assert_non_null(strstr(cleat_session_error(session)->text, "is complete now"));
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(peers_count(sample, "near"), 2);
}

/* ---- a disk that fails once a commit has reached the first file ---- */

static enum shim_failure
fail_writes_of_near(const struct shim_event *event)
{
    bool near = event->path != NULL && strstr(event->path, "/near.db") != NULL;
    return near && event->kind == SHIM_WRITE ? SHIM_FAILS : SHIM_WORKS;
}

static void
a_commit_that_reaches_two_of_four_names_them(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, "home", CLEAT_WRITE);
    peers_run(session, INSERT("home"));
    peers_run(session, INSERT("near"));
    shim_before = fail_writes_of_near;
    assert_int_equal(cleat_session_commit(session), CLEAT_PARTIAL);
    shim_before = NULL;
    const char *text = cleat_session_error(session)->text;
    if (strstr(text, "only: home is committed, near is rolled back: ") == NULL)
        fail_msg("%s", text);
    assert_int_equal(cleat_session_outcome(session, "home"), CLEAT_OUTCOME_COMMITTED);
    assert_int_equal(cleat_session_outcome(session, "far"), CLEAT_OUTCOME_NONE);
    assert_int_equal(cleat_session_outcome(session, "near"), CLEAT_OUTCOME_ROLLED_BACK);
    assert_string_equal(cleat_outcome_name((cleat_outcome)99), "unknown");
    cleat_session_close(session);
    assert_int_equal(peers_count(sample, "home"), 1);
    assert_int_equal(peers_count(sample, "near"), 0);
}

/* It is completed when the disk works again, by whoever comes first. */
static void
a_commit_that_cannot_be_completed_at_once_is_pending(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = peers_open_over(sample, peers_home_and_near, 2, ATOMIC);
    peers_run(session, INSERT("home"));
    peers_run(session, INSERT("near"));
    shim_before = fail_writes_of_near;
    assert_int_equal(cleat_session_commit(session), CLEAT_PARTIAL);
    shim_before = NULL;
    const char *text = cleat_session_error(session)->text;
    if (strstr(text, "only: home is committed, near is pending: ") == NULL)
        fail_msg("%s", text);
    assert_int_equal(cleat_session_outcome(session, "near"), CLEAT_OUTCOME_PENDING);
    cleat_session_close(session);
    assert_int_equal(peers_count(sample, "near"), 0);
    cleat_session_close(sample_session(sample, "near", CLEAT_WRITE));
    assert_int_equal(peers_count(sample, "near"), 1);
}

/* ---- files that change between two looks ---- */

/* What is done to a file, and right before which call, of the runtime's own or of SQLite's. */
static struct {
    enum shim_kind kind;
    bool own;
    const char *tail; /* of the call's path */
    void (*act)(struct sample *sample);
    struct sample *sample;
} moment;

static enum shim_failure
act_at_moment(const struct shim_event *event)
{
    size_t length = event->path == NULL ? 0 : strlen(event->path);
    void (*act)(struct sample * sample) = moment.act;
    if (act == NULL || event->own != moment.own || event->kind != moment.kind ||
        length < strlen(moment.tail) ||
        strcmp(event->path + length - strlen(moment.tail), moment.tail) != 0)
        return SHIM_WORKS;
    moment.act = NULL;
    act(moment.sample);
    return SHIM_WORKS;
}

static cleat_status
open_when(struct sample *sample, enum shim_kind kind, const char *tail,
          void (*act)(struct sample *sample))
{
    moment.kind = kind;
    moment.own = strcmp(tail, "/far.db") != 0;
    moment.tail = tail;
    moment.act = act;
    moment.sample = sample;
    shim_before = act_at_moment;
    cleat_status rc = sample_open(sample);
    shim_before = NULL;
    assert_null(moment.act);
    return rc;
}

static void
expect_of_near(struct sample *sample, cleat_status rc, cleat_status status, const char *words)
{
    const cleat_error *error = cleat_registry_error(sample->registry);
    assert_int_equal(rc, status);
    assert_string_equal(error->database, "near");
    if (strstr(error->text, words) == NULL)
        fail_msg("%s", error->text);
    sample_close(sample);
}

static void
make_circle(struct sample *sample)
{
    unlink(sample_path(sample, "near.db"));
    assert_int_equal(symlink("near.db", sample_path(sample, "near.db")), 0);
}

static void
make_directory(struct sample *sample)
{
    unlink(sample_path(sample, "near.db"));
    assert_int_equal(mkdir(sample_path(sample, "near.db"), 0700), 0);
}

static void
a_file_that_becomes_something_else_during_the_boot_is_refused(void **state)
{
    struct sample *sample = *state;
    cleat_status rc = open_when(sample, SHIM_OPEN, "/.cleat-lock", make_circle);
    expect_of_near(sample, rc, CLEAT_CANNOT_OPEN, "Too many levels of symbolic links");
    unlink(sample_path(sample, "near.db"));
    rc = open_when(sample, SHIM_OPEN, "/.cleat-lock", make_directory);
    expect_of_near(sample, rc, CLEAT_CANNOT_OPEN, "is no file");
    rmdir(sample_path(sample, "near.db"));
    assert_int_equal(access(sample_path(sample, "home.db"), F_OK), -1);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
move_away(struct sample *sample)
{
    char away[160];
    snprintf(away, sizeof away, "%s-away", sample->directory);
    assert_int_equal(rename(sample->directory, away), 0);
}

static void
a_directory_that_goes_during_the_boot_is_named(void **state)
{
    struct sample *sample = *state;
    char away[160];
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    cleat_status rc = open_when(sample, SHIM_OPEN, "/far.db", move_away);
    snprintf(away, sizeof away, "%s-away", sample->directory);
    assert_int_equal(rename(away, sample->directory), 0);
    assert_int_equal(rc, CLEAT_CANNOT_OPEN);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, sample->directory));
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

/* A file that was kept: another program puts it there, which ignores the lock. */
static void
put_kept(struct sample *sample, const char *name)
{
    size_t size;
    char *bytes = sample_read(sample_path(sample, "kept"), &size);
    sample_write(sample_path(sample, name), bytes, size);
    free(bytes);
}

static void
put_near_there(struct sample *sample)
{
    put_kept(sample, "near.db");
}

static void
a_file_that_somebody_else_makes_meanwhile_is_not_made_again(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "near", CLEAT_WRITE);
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    sample_close(sample);
    assert_int_equal(rename(sample_path(sample, "near.db"), sample_path(sample, "kept")), 0);
    assert_int_equal(open_when(sample, SHIM_SYNC, "/near.db.cleat-new", put_near_there), CLEAT_OK);
    assert_false(sample_logged(sample, "near: Database created"));
    sample_close(sample);
    assert_int_equal(peers_count(sample, "near"), 1);
    assert_int_equal(access(sample_path(sample, "near.db.cleat-new"), F_OK), -1);
}

static void
put_old_shop_there(struct sample *sample)
{
    put_kept(sample, "shop.db");
}

/* By one of an earlier revision: its migrations are run at the next start. */
static void
a_file_that_is_replaced_meanwhile_is_not_used(void **state)
{
    struct sample *sample = *state;
    revisions_make_old(sample);
    assert_int_equal(rename(sample_path(sample, "shop.db"), sample_path(sample, "kept")), 0);
    assert_int_equal(open_when(sample, SHIM_SYNC, "/shop.db.cleat-new", put_old_shop_there),
                     CLEAT_BUSY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "shop");
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "is being replaced"));
    sample_close(sample);
    assert_int_equal(sample_ask(sample_path(sample, "shop.db"), revisions_sql), 1);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(sample_ask(sample_path(sample, "shop.db"), revisions_sql), 3);
}

/* ---- pages that cannot be read ---- */

static long reads_left; /* until one fails */

static enum shim_failure
fail_one_read(const struct shim_event *event)
{
    bool counts = event->kind == SHIM_READ && event->path != NULL &&
                  strstr(event->path, "/home.db") != NULL;
    return counts && reads_left-- == 0 ? SHIM_FAILS : SHIM_WORKS;
}

static void
count_problem(void *data, const char *database, const char *problem)
{
    (void)database;
    (void)problem;
    ++*(int *)data;
}

/* Nor one that a long value goes on in: of those SQLite tells in other words. */
static void
a_page_that_cannot_be_read_is_no_damage(void **state)
{
    struct sample *sample = *state;
    int problems = 0;
    long failed = 0;
    sample_run(sample_path(sample, "home.db"),
               "INSERT INTO items (name) VALUES (hex(zeroblob(20000)));"
               "PRAGMA wal_checkpoint(TRUNCATE)");
    for (long place = 0;; place++) {
        reads_left = place;
        shim_before = fail_one_read;
        cleat_status rc = cleat_registry_check(sample->registry, "home", CLEAT_CHECK_QUICK,
                                               count_problem, &problems);
        shim_before = NULL;
        const cleat_error *error = cleat_registry_error(sample->registry);
        if (rc != CLEAT_OK && (rc != CLEAT_IO || strcmp(error->database, "home") != 0))
            fail_msg("read %ld: %s, %s", place, cleat_status_name(rc), error->text);
        failed += rc == CLEAT_IO;
        if (reads_left >= 0)
            break;
    }
    assert_int_equal(problems, 0);
    assert_true(failed > 5);
}

/* ---- files that are less than they should be ---- */

static enum shim_failure
open_near_to_read(const struct shim_event *event)
{
    bool near = event->path != NULL && strstr(event->path, "/near.db") != NULL;
    return near && event->kind == SHIM_OPEN && !event->own ? SHIM_REFUSED : SHIM_WORKS;
}

static void
a_file_that_can_only_be_read_is_not_written(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    sample_close(sample);
    cleat_settings_set(&sample->settings, "near.journal_mode", "DELETE");
    unlink(sample_path(sample, "near.db"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    shim_before = open_near_to_read;
    cleat_status rc = cleat_session_open(sample->registry, "near", CLEAT_WRITE, &session);
    shim_before = NULL;
    assert_int_equal(rc, CLEAT_READONLY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "near");
    assert_int_equal(peers_count(sample, "near"), 0);
}

/* SQLite then goes on with the journal mode that the file has, and says nothing. */
static void
a_file_that_cannot_have_a_log_is_not_used_without(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    sample_close(sample);
    cleat_settings_set(&sample->settings, "near.journal_mode", "DELETE");
    unlink(sample_path(sample, "near.db"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    cleat_settings_set(&sample->settings, "near.journal_mode", "WAL");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    shim_shares = false;
    cleat_status rc = cleat_session_open(sample->registry, "near", CLEAT_WRITE, &session);
    shim_shares = true;
    assert_int_equal(rc, CLEAT_READONLY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "near");
    assert_int_equal(cleat_session_open(sample->registry, "near", CLEAT_WRITE, &session), CLEAT_OK);
    cleat_session_close(session);
}

/* An argument names the tests to run, with * for any text. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, peers_set_up, peers_tear_down)
#define TEST_OPEN(function)                                                                        \
    cmocka_unit_test_setup_teardown(function, peers_set_up_open, peers_tear_down)
    const struct CMUnitTest tests[] = {
        TEST_OPEN(what_a_session_was_not_opened_over_it_cannot_write),
        TEST_OPEN(functions_of_the_runtime_s_own_harm_nobody_who_calls_them),
        TEST(a_commit_that_is_cut_short_again_and_again_holds_nobody_for_ever),
        TEST(who_does_not_wait_reads_a_completed_commit_too),
        TEST_OPEN(marks_of_strangers_are_no_reason_to_wait),
        TEST_OPEN(rows_that_were_changed_since_are_said),
        TEST_OPEN(a_commit_that_cannot_be_completed_is_the_error_of_who_meets_it),
        TEST_OPEN(a_commit_that_reaches_two_of_four_names_them),
        TEST_OPEN(a_commit_that_cannot_be_completed_at_once_is_pending),
        TEST(a_file_that_becomes_something_else_during_the_boot_is_refused),
        TEST(a_directory_that_goes_during_the_boot_is_named),
        TEST(a_file_that_somebody_else_makes_meanwhile_is_not_made_again),
        TEST(a_file_that_is_replaced_meanwhile_is_not_used),
        TEST_OPEN(a_file_that_can_only_be_read_is_not_written),
        TEST_OPEN(a_file_that_cannot_have_a_log_is_not_used_without),
        TEST_OPEN(a_page_that_cannot_be_read_is_no_damage),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    shim_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
