/* test_pieces.c: memory ends, or SQLite fails, where no list of calls leads: a unit is held up by
 * another's commit, its peers are written for the first time, many commits have to be brought to
 * disk. Each place of each piece of work fails in turn, once and from then on; the error says so, and
 * the rows are all there or not at all. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "answers.h"
#include "faults.h"
#include "memory.h"
#include "peers.h"
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is done while one place after the other fails, what makes it ready, and how many rows near has
 * more when it was done. */
struct piece {
    const char *name, *database; /* of the errors */
    void (*prepare)(struct sample *sample);
    cleat_status (*run)(struct sample *sample, cleat_error *ret_error);
    int rows;
    bool either; /* or was not, and yet they are there: another's commit has been completed */
};

static cleat_session *open_session;
static bool many_written; /* in it */

static cleat_status
of_session(cleat_status rc, cleat_error *ret_error)
{
    if (rc < 0)
        *ret_error = *cleat_session_error(open_session);
    return rc;
}

static cleat_status
of_registry(struct sample *sample, cleat_status rc, cleat_error *ret_error)
{
    if (rc < 0)
        *ret_error = *cleat_registry_error(sample->registry);
    return rc;
}

static void
close_session(void)
{
    cleat_session_close(open_session);
    open_session = NULL;
    many_written = false;
}

/* With a connection for who comes; what its peers' changes are captured with is not there yet. */
static void
open_anew(struct sample *sample)
{
    close_session();
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session_close(sample_session(sample, "near", CLEAT_READ));
}

/* The first to write a peer asks its homes for their intents. */
static cleat_status
begin_on_peer(struct sample *sample, cleat_error *ret_error)
{
    return of_registry(sample,
                       cleat_session_open(sample->registry, "near", CLEAT_WRITE, &open_session),
                       ret_error);
}

static cleat_status
write_peers(struct sample *sample, cleat_error *ret_error)
{
    cleat_status rc = cleat_session_open_over(sample->registry, peers_all, PEERS, ATOMIC,
                                              &open_session);
    if (rc < 0)
        return of_registry(sample, rc, ret_error);
    rc = cleat_session_execute(open_session, INSERT("near"));
    if (rc == CLEAT_OK)
        rc = cleat_session_commit(open_session);
    return of_session(rc, ret_error);
}

/* Nobody writes, and yet the two never meet. */
static void
tear(struct sample *sample)
{
    open_anew(sample);
    peers_cut_short(sample);
}

static cleat_status
read_both(struct sample *sample, cleat_error *ret_error)
{
    return of_registry(
        sample,
        cleat_session_open(sample->registry, "home", CLEAT_READ | CLEAT_ATOMIC, &open_session),
        ret_error);
}

/* After 256 commits, the next unit is brought to disk in all files. */
static void
write_many(struct sample *sample)
{
    if (many_written)
        return;
    open_anew(sample);
    open_session = peers_open_over(sample, peers_home_and_near, 2, ATOMIC);
    for (int i = 0; i < 256; i++) {
        peers_run(open_session, "UPDATE near.items SET price = price + 1 WHERE id = 1");
        assert_int_equal(cleat_session_commit(open_session), CLEAT_OK);
    }
    many_written = true;
}

static cleat_status
begin_once_more(struct sample *sample, cleat_error *ret_error)
{
    (void)sample;
    cleat_status rc = cleat_session_execute(open_session, "SELECT 1");
    many_written = rc != CLEAT_OK;
    return of_session(rc, ret_error);
}

static void
set_savepoints(struct sample *sample)
{
    close_session();
    open_session = sample_session(sample, "near", CLEAT_WRITE);
    assert_int_equal(cleat_savepoint(open_session, "outer"), CLEAT_OK);
    peers_run(open_session, INSERT("near"));
    assert_int_equal(cleat_savepoint(open_session, "inner"), CLEAT_OK);
}

static cleat_status
undo_both(struct sample *sample, cleat_error *ret_error)
{
    (void)sample;
    return of_session(cleat_savepoint_rollback(open_session, "outer"), ret_error);
}

/* Home has commits over both, of which the new file has none. */
static void
remove_near(struct sample *sample)
{
    static const char *const names[] = {"near.db", "near.db-wal", "near.db-shm"};
    close_session();
    sample_close(sample);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        unlink(sample_path(sample, names[i]));
}

static void
attach_to_near(struct sample *sample)
{
    sample_close(sample);
    cleat_settings_set(&sample->settings, "near.attach", "far, void");
}

static cleat_status
open_registry(struct sample *sample, cleat_error *ret_error)
{
    return of_registry(sample, sample_open(sample), ret_error);
}

static const struct piece pieces[] = {
    {"begin on a peer", NULL, open_anew, begin_on_peer, 0, false},
    {"write peers for the first time", NULL, open_anew, write_peers, 1, false},
    {"read what was cut short", NULL, tear, read_both, 1, true},
    {"begin after many commits", NULL, write_many, begin_once_more, 0, false},
    {"undo two savepoints", "near", set_savepoints, undo_both, 0, false},
    {"start with a new peer", NULL, remove_near, open_registry, 0, false},
    {"attach", NULL, attach_to_near, open_registry, 0, false},
};

static int64_t
rows_of_near(struct sample *sample)
{
    struct stat found;
    bool there = stat(sample_path(sample, "near.db"), &found) == 0 && found.st_size > 0;
    return there ? peers_count(sample, "near") : 0;
}

/* Runs a piece with one failure. Returns whether it was reached. */
static bool
run_with_failure(struct sample *sample, const struct piece *piece, long place, bool lasting,
                 bool of_memory)
{
    char where[200];
    cleat_error error = {.status = CLEAT_OK};
    piece->prepare(sample);
    int64_t before = rows_of_near(sample);
    if (of_memory)
        memory_arm(place, lasting);
    else
        answers_arm(place, lasting, SQLITE_IOERR);
    cleat_status rc = piece->run(sample, &error);
    bool reached = of_memory ? !memory_disarm() : !answers_disarm();
    if (of_memory)
        snprintf(where, sizeof where, "%s, allocation %ld%s", piece->name, place,
                 lasting ? " and all after it" : "");
    else
        snprintf(where, sizeof where, "%s, %s", piece->name, answers_describe());
    bool says_so = of_memory ? rc == CLEAT_NOMEM : rc == CLEAT_IO || rc == CLEAT_CANNOT_OPEN;
    if (rc != CLEAT_OK && (!says_so || error.status != rc || error.text[0] == '\0' ||
                           (piece->database != NULL && rc != CLEAT_NOMEM &&
                            strcmp(error.database, piece->database) != 0)))
        fail_msg("%s: %s, %s, %s", where, cleat_status_name(rc), error.database, error.text);
    if (!reached && rc != CLEAT_OK)
        fail_msg("%s: it fails by itself: %s", where, error.text);
    int64_t rows = rows_of_near(sample) - before;
    if (rows != (rc == CLEAT_OK ? piece->rows : 0) && !(piece->either && rows == piece->rows))
        fail_msg("%s: %lld rows more", where, (long long)rows);
    return reached;
}

static long
try_allocations(struct sample *sample, const struct piece *piece, bool lasting)
{
    static const struct strides strides = {7, 601};
    long tried = 0, place = 0;
    run_with_failure(sample, piece, MEMORY_PLACES, lasting, true);
    long total = memory_count();
    for (; (place = memory_next(place, total, strides)) <= total; tried++)
        run_with_failure(sample, piece, place, lasting, true);
    return tried;
}

static long
try_answers(struct sample *sample, const struct piece *piece, bool lasting)
{
    long tried = 0, stride = faults_stride(7), place = 1 + lasting;
    for (; run_with_failure(sample, piece, place, lasting, false); place += stride)
        tried++;
    return tried;
}

static void
try_all(struct sample *sample,
        long (*try_piece)(struct sample *sample, const struct piece *piece, bool lasting))
{
    long tried = 0;
    cleat_settings_set(&sample->settings, "log_level", "none");
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "20");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    peers_cut_short(sample);
    cleat_session_close(sample_session(sample, "near", CLEAT_WRITE));
    for (size_t i = 0; i < CLEAT_COUNT(pieces); i++) {
        tried += try_piece(sample, &pieces[i], false);
        tried += try_piece(sample, &pieces[i], true);
        close_session();
    }
    print_message("    %ld failures\n", tried);
}

static void
pieces_end_well_when_memory_ends(void **state)
{
    try_all(*state, try_allocations);
}

static void
pieces_end_well_when_sqlite_fails(void **state)
{
    try_all(*state, try_answers);
}

/* An argument names the tests to run, with * for any text. */
int
main(int argc, char **argv)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, peers_set_up, peers_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(pieces_end_well_when_memory_ends),
        TEST(pieces_end_well_when_sqlite_fails),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    memory_install();
    shim_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
