/* group.c: threads that each commit one small row at a time, in three ways: with a hand-written
 * connection each, with a session each, and together by cleat_group_run(). The ways take turns in
 * rounds. Prints for each number of threads the medians of all rounds: commits in a second, the
 * longest time that anyone waited for one, and the ratios of each round, in which all were at work
 * one after the other; and which bar that meets.
 *
 *   bench_group DIRECTORY [MILLISECONDS OF A ROUND] [ROUNDS] [SYNCHRONOUS] */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "bench/db_models.cleat.h"
#include "init_table.h"
#include "median.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { HAND, SESSION, GROUP, WAYS };
enum { MOST_THREADS = 32, MOST_ROUNDS = 200 };

static const char *const way_names[WAYS] = {"hand", "session", "group"};
static const int thread_counts[] = {1, 4, 16, 32};

static cleat_registry *registry;
static char hand_path[4096];
static const char *synchronous = "FULL";
static atomic_bool stop;
static atomic_int_fast64_t next_id;

struct thread {
    pthread_t thread;
    int way;
    uint64_t commits;
    int64_t longest_ns;
};

static int64_t
now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void
check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "bench_group: %s: %s\n", what, cleat_registry_error(registry)->text);
    exit(1);
}

/* ---- one commit, in each way ---- */

static cleat_status
insert_user(cleat_session *session, void *data)
{
    bench_users_row row = bench_users_defaults();
    (void)data;
    row.id = atomic_fetch_add(&next_id, 1);
    row.email = "somebody@example.com";
    row.display_name = "Somebody";
    return bench_users_insert(session, &row);
}

static void
commit_session(void)
{
    cleat_session *session;
    check(cleat_session_open(registry, NULL, CLEAT_WRITE, &session) == CLEAT_OK, "open");
    check(insert_user(session, NULL) >= 0, "insert");
    check(cleat_session_commit(session) == CLEAT_OK, "commit");
    cleat_session_close(session);
}

struct hand {
    sqlite3 *handle;
    sqlite3_stmt *begin, *insert, *commit;
};

static void
open_hand(struct hand *hand)
{
    char sql[64];
    check(sqlite3_open_v2(hand_path, &hand->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          NULL) == SQLITE_OK,
          "open by hand");
    sqlite3_busy_timeout(hand->handle, 60000);
    snprintf(sql, sizeof sql, "PRAGMA synchronous=%s; PRAGMA foreign_keys=ON", synchronous);
    sqlite3_exec(hand->handle, sql, NULL, NULL, NULL);
    sqlite3_prepare_v2(hand->handle, "BEGIN IMMEDIATE", -1, &hand->begin, NULL);
    sqlite3_prepare_v2(hand->handle,
                       "INSERT INTO users(id,email,display_name,bio,age,score,avatar,created_at) "
                       "VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
                       -1, &hand->insert, NULL);
    sqlite3_prepare_v2(hand->handle, "COMMIT", -1, &hand->commit, NULL);
}

static void
step(sqlite3_stmt *statement)
{
    sqlite3_step(statement);
    check(sqlite3_reset(statement) == SQLITE_OK, "by hand");
}

static void
commit_hand(struct hand *hand)
{
    step(hand->begin);
    sqlite3_bind_int64(hand->insert, 1, atomic_fetch_add(&next_id, 1));
    sqlite3_bind_text(hand->insert, 2, "somebody@example.com", -1, SQLITE_STATIC);
    sqlite3_bind_text(hand->insert, 3, "Somebody", -1, SQLITE_STATIC);
    sqlite3_bind_double(hand->insert, 6, 0);
    sqlite3_bind_int64(hand->insert, 8, 0);
    step(hand->insert);
    step(hand->commit);
}

static void
close_hand(struct hand *hand)
{
    sqlite3_finalize(hand->begin);
    sqlite3_finalize(hand->insert);
    sqlite3_finalize(hand->commit);
    sqlite3_close(hand->handle);
}

/* ---- a round ---- */

static void *
keep_committing(void *data)
{
    struct thread *thread = data;
    struct hand hand;
    if (thread->way == HAND)
        open_hand(&hand);
    while (!atomic_load(&stop)) {
        int64_t start = now();
        if (thread->way == HAND)
            commit_hand(&hand);
        else if (thread->way == SESSION)
            commit_session();
        else
            check(cleat_group_run(registry, NULL, insert_user, NULL, NULL) >= 0, "group");
        int64_t time = now() - start;
        thread->commits++;
        if (time > thread->longest_ns)
            thread->longest_ns = time;
    }
    if (thread->way == HAND)
        close_hand(&hand);
    return NULL;
}

/* Commits in a second; *ret_longest_ms is the longest wait. */
static double
run_round(int way, int threads, int milliseconds, double *ret_longest_ms)
{
    struct thread all[MOST_THREADS] = {0};
    struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    uint64_t commits = 0;
    int64_t longest = 0, start = now();
    atomic_store(&stop, false);
    for (int i = 0; i < threads; i++) {
        all[i].way = way;
        pthread_create(&all[i].thread, NULL, keep_committing, &all[i]);
    }
    nanosleep(&time, NULL);
    atomic_store(&stop, true);
    for (int i = 0; i < threads; i++) {
        pthread_join(all[i].thread, NULL);
        commits += all[i].commits;
        longest = all[i].longest_ns > longest ? all[i].longest_ns : longest;
    }
    *ret_longest_ms = (double)longest / 1e6;
    return (double)commits * 1e9 / (double)(now() - start);
}

/* ---- figures ---- */

struct figures {
    double rate[WAYS][MOST_ROUNDS], longest[WAYS][MOST_ROUNDS];
    int rounds;
};

/* The rounds stay in their order, which pairs them. */
static double
median_of(const double *numbers, int count)
{
    double sorted[MOST_ROUNDS];
    memcpy(sorted, numbers, (size_t)count * sizeof *sorted);
    return median(sorted, count);
}

static double
ratio_of(const struct figures *figures, int way, int other)
{
    double ratios[MOST_ROUNDS];
    for (int i = 0; i < figures->rounds; i++)
        ratios[i] = figures->rate[way][i] / figures->rate[other][i];
    return median(ratios, figures->rounds);
}

static void
judge(const char *what, double value, bool met)
{
    printf("bar %s: %.2f, %s\n", what, value, met ? "met" : "MISSED");
}

static void
report(const struct figures *figures, int threads)
{
    for (int way = 0; way < WAYS; way++)
        printf(
            "group threads=%d synchronous=%s way=%s commits_per_s=%.0f longest_ms=%.1f "
            "of_hand=%.2f of_session=%.2f\n",
            threads, synchronous, way_names[way], median_of(figures->rate[way], figures->rounds),
            median_of(figures->longest[way], figures->rounds), ratio_of(figures, way, HAND),
            ratio_of(figures, way, SESSION));
    double gain = ratio_of(figures, GROUP, HAND);
    double longest = median_of(figures->longest[GROUP], figures->rounds);
    if (threads == 1)
        judge("alone at least 0.8 of own commits", gain, gain >= 0.8);
    if (threads == 16 && strcmp(synchronous, "FULL") == 0) {
        judge("16 threads at least 10 times own commits", gain, gain >= 10);
        judge("16 threads wait at most 50 ms", longest, longest < 50);
    }
    fflush(stdout);
}

static void
run(int threads, int milliseconds, int rounds)
{
    static struct figures figures;
    figures.rounds = rounds;
    for (int i = 0; i < rounds; i++)
        for (int turn = 0; turn < WAYS; turn++) {
            int way = (i + turn) % WAYS;
            figures.rate[way][i] = run_round(way, threads, milliseconds, &figures.longest[way][i]);
        }
    report(&figures, threads);
}

int
main(int count, char **arguments)
{
    cleat_settings settings;
    cleat_database_info info;
    if (count < 2) {
        fprintf(stderr, "usage: bench_group DIRECTORY [MILLISECONDS] [ROUNDS] [SYNCHRONOUS]\n");
        return 2;
    }
    int milliseconds = count > 2 ? atoi(arguments[2]) : 1000;
    int rounds = count > 3 ? atoi(arguments[3]) : 3;
    if (rounds < 1 || rounds > MOST_ROUNDS)
        rounds = MOST_ROUNDS;
    synchronous = count > 4 ? arguments[4] : synchronous;
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", arguments[1]);
    cleat_settings_set(&settings, "synchronous", synchronous);
    cleat_settings_set(&settings, "busy_timeout_ms", "60000");
    cleat_settings_set(&settings, "pool_size", "32");
    cleat_settings_set(&settings, "log_level", "warning");
    check(cleat_registry_open(&bench_schema_init_table, &settings, &registry) == CLEAT_OK, "open");
    check(cleat_registry_database(registry, 0, &info) == CLEAT_OK, "database");
    snprintf(hand_path, sizeof hand_path, "%s", info.path);
    atomic_store(&next_id, 1 + now());
    for (size_t i = 0; i < CLEAT_COUNT(thread_counts); i++)
        run(thread_counts[i], milliseconds, rounds);
    cleat_registry_close(registry);
    return 0;
}
