/* test_race.c: processes that start at once and are killed at any time. Whatever happens, a
 * database is whole or absent, nobody who lives is refused, nobody waits for ever, and what was
 * acknowledged is there. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "faults.h"
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TAGS (&library_tags_table)

enum { MOST_PROCESSES = 8 };

static uint64_t chance_state = 2463534242u;

static long
chance(long below)
{
    chance_state ^= chance_state << 13; /* xorshift */
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return (long)(chance_state % (uint64_t)below);
}

/* How far each process of a race is, in memory that all of them share. */
enum progress { NOT_BEGUN, AT_WORK, DONE };
static atomic_int *progress;

/* What a process does; returns the step that failed, 0 for none. */
typedef int program(struct sample *sample, int64_t number);

static int
write_row(cleat_registry *registry, int64_t number)
{
    cleat_session *session = NULL;
    library_tags_row tag = {.book_id = number, .tag = "x"};
    int step = 0;
    if (cleat_session_open(registry, NULL, CLEAT_WRITE, &session) != CLEAT_OK)
        return 2;
    if (cleat_row_insert(session, TAGS, &tag) != CLEAT_OK)
        step = 3;
    else if (cleat_session_commit(session) != CLEAT_OK)
        step = 4;
    cleat_session_close(session);
    return step;
}

/* Boots, writes one row, closes. */
static int
boot_and_write(struct sample *sample, int64_t number)
{
    cleat_registry *registry = NULL;
    int step = 1;
    if (cleat_registry_open(&sample_init_table, &sample->settings, &registry) == CLEAT_OK)
        step = write_row(registry, number);
    cleat_registry_close(registry);
    return step;
}

/* A program that knows nothing of others: makes the library where it shall be, statement by
 * statement. */
static char bookkeeping[128];

static int
create_in_place(struct sample *sample, int64_t number)
{
    sqlite3 *handle;
    int rc = sqlite3_open(sample_path(sample, "library.db"), &handle);
    (void)number;
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(handle, bookkeeping, NULL, NULL, NULL);
    for (size_t i = 0; rc == SQLITE_OK && library_schema[i] != NULL; i++)
        rc = sqlite3_exec(handle, library_schema[i], NULL, NULL, NULL);
    sqlite3_close(handle);
    return rc == SQLITE_OK ? 0 : 1;
}

static void
remove_databases(struct sample *sample)
{
    static const char *const names[] = {"library", "archive", "journal"};
    static const char *const suffixes[] = {".db", ".db-wal", ".db-shm", ".db-journal",
                                           ".db.cleat-new"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        for (size_t j = 0; j < CLEAT_COUNT(suffixes); j++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s", names[i], suffixes[j]);
            unlink(sample_path(sample, name));
        }
}

/* What came of the processes of a race, or of several. */
struct race {
    int64_t longest;          /* pause before a kill, in nanoseconds */
    int early, at_work, late; /* kills: before the process began, then, after it */
    int finished, failed;     /* the others */
};

static void
start(struct sample *sample, program *run, int place, pid_t *ret_child)
{
    atomic_store(&progress[place], NOT_BEGUN);
    *ret_child = fork();
    if (*ret_child != 0)
        return;
    atomic_store(&progress[place], AT_WORK);
    int step = run(sample, place + 1);
    atomic_store(&progress[place], DONE);
    _exit(step);
}

/* Kills that come too late are made to come earlier, and the other way round: how long a process
 * takes is the machine's affair. */
static void
kill_one(struct race *race, pid_t child, int place)
{
    struct timespec pause = {0, chance((long)race->longest)};
    nanosleep(&pause, NULL);
    kill(child, SIGKILL);
    int was = atomic_load(&progress[place]);
    race->early += was == NOT_BEGUN;
    race->at_work += was == AT_WORK;
    race->late += was == DONE;
    if (was == DONE && race->longest > 20000)
        race->longest -= race->longest / 8;
    else if (was == NOT_BEGUN && race->longest < 200000000)
        race->longest += race->longest / 8;
}

/* Starts processes, kills some of them at a random time, waits for all. Those who were started last
 * are killed first: the others may be done before the last one is there. */
static void
race_once(struct sample *sample, program *run, int count, int kills, struct race *race)
{
    pid_t children[MOST_PROCESSES];
    for (int i = 0; i < count; i++)
        start(sample, run, i, &children[i]);
    for (int i = 0; i < kills; i++)
        kill_one(race, children[count - 1 - i], count - 1 - i);
    for (int i = 0; i < count; i++) {
        int status = -1;
        waitpid(children[i], &status, 0);
        race->finished += WIFEXITED(status) && WEXITSTATUS(status) == 0;
        race->failed += WIFEXITED(status) && WEXITSTATUS(status) != 0;
    }
}

/* Those who were not killed have all succeeded, and so does whoever comes after them. */
static void
check_race(struct sample *sample, int count, const struct race *before, const struct race *after)
{
    assert_int_equal(after->failed, 0);
    assert_int_equal(boot_and_write(sample, 100), 0);
    int64_t rows = sample_ask(sample_path(sample, "library.db"), "SELECT count(*) FROM tags");
    assert_true(rows >= after->finished - before->finished + 1 && rows <= count + 1);
    assert_int_equal(sample_ask(sample_path(sample, "library.db"),
                                "SELECT count(*) FROM pragma_integrity_check"
                                " WHERE integrity_check = 'ok'"),
                     1);
}

static struct race
begin_races(struct sample *sample)
{
    chance_state += faults_round();
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "60000");
    cleat_settings_set(&sample->settings, "log_level", "none");
    return (struct race){.longest = 12000000};
}

/* Goes on for so many loops, and then until enough of the kills met a process at work. */
static void
race(struct sample *sample, int count, int kills, int loops)
{
    struct race race = begin_races(sample);
    int done = 0, wanted = loops * kills / 4;
    for (; done < loops || (race.at_work < wanted && done < 20 * loops); done++) {
        struct race before = race;
        race_once(sample, boot_and_write, count, kills, &race);
        check_race(sample, count, &before, &race);
        if (chance(4) != 0) /* the others begin with what is there */
            remove_databases(sample);
        else
            sample_run(sample_path(sample, "library.db"), "DELETE FROM tags");
    }
    print_message("    %d loops of %d processes; kills: %d early, %d at work, %d late\n", done,
                  count, race.early, race.at_work, race.late);
    if (race.at_work < wanted)
        fail_msg("only %d of %d kills came at work", race.at_work, done * kills);
}

static void
two_processes_start_at_once(void **state)
{
    race(*state, 2, 0, faults_loops(20, 500));
}

static void
eight_processes_start_at_once(void **state)
{
    race(*state, 8, 0, faults_loops(8, 200));
}

static void
one_of_two_that_start_is_killed(void **state)
{
    race(*state, 2, 1, faults_loops(60, 1000));
}

static void
three_of_eight_that_start_are_killed(void **state)
{
    race(*state, 8, 3, faults_loops(15, 1000));
}

/* What the kills above do to a program that does not build its files aside; without them it does
 * all that is asked for. */
static void
a_program_that_creates_in_place_leaves_half_a_database(void **state)
{
    struct sample *sample = *state;
    struct race race = begin_races(sample);
    int unfit = 0;
    assert_int_equal(boot_and_write(sample, 1), 0);
    snprintf(bookkeeping, sizeof bookkeeping,
             "PRAGMA application_id=%lld; PRAGMA user_version=%lld",
             (long long)sample_ask(sample_path(sample, "library.db"), "PRAGMA application_id"),
             (long long)sample_ask(sample_path(sample, "library.db"), "PRAGMA user_version"));
    remove_databases(sample);
    race_once(sample, create_in_place, 1, 0, &race);
    assert_int_equal(boot_and_write(sample, 1), 0);
    for (int i = 0; i < 2000 && unfit < 3; i++) {
        remove_databases(sample);
        race_once(sample, create_in_place, 1, 1, &race);
        unfit += boot_and_write(sample, 100) == 1;
    }
    print_message("    %d kills at work, %d late, %d unfit\n", race.at_work, race.late, unfit);
    assert_int_equal(unfit, 3);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(two_processes_start_at_once),
        TEST(eight_processes_start_at_once),
        TEST(one_of_two_that_start_is_killed),
        TEST(three_of_eight_that_start_are_killed),
        TEST(a_program_that_creates_in_place_leaves_half_a_database),
    };
    progress = mmap(NULL, MOST_PROCESSES * sizeof *progress, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (progress == MAP_FAILED)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
