/* sessions.c: what units of work cost beside SQL written by hand: opening and committing, reads in
 * one session, handing a connection over, eight writers of one file, and commits over two files
 * that are whole or not. Both take turns in many short rounds. Prints one line for each comparison:
 * the least time of each and the ratio of these, and the median of the ratios of all rounds, which
 * is what the bar is for. Exits with 1 when something fails.
 *
 *   bench_sessions DIRECTORY [ROUNDS] */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "median.h"

#include <cleat/table.h>

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_ROUNDS = 1000, WRITERS = 8, RACES = 9 };

/* ---- two databases, linked; and one alone ---- */

typedef struct row {
    int64_t id;
    int64_t value;
    const char *text;
    void *owned;
} row;

static const cleat_column columns[] = {
    CLEAT_COLUMN(row, id, "id", CLEAT_KIND_INTEGER, CLEAT_KEY | CLEAT_ASSIGNED),
    CLEAT_COLUMN(row, value, "value", CLEAT_KIND_INTEGER, 0),
    CLEAT_COLUMN(row, text, "text", CLEAT_KIND_TEXT, 0),
};
static const uint16_t key_id[] = {offsetof(row, id)};
static const cleat_key keys[] = {CLEAT_KEY_ROW(key_id, NULL)};

#define TABLE_OF(name_)                                                                            \
    {                                                                                              \
        .database = name_, .name = "t", .columns = columns, .keys = keys,                          \
        .column_count = CLEAT_COUNT(columns), .key_count = 1, .row_size = sizeof(row),             \
        .owned_offset = offsetof(row, owned)                                                       \
    }

static const cleat_table alone_t = TABLE_OF("alone");
static const cleat_table home_t = TABLE_OF("home");
static const cleat_table peer_t = TABLE_OF("peer");
static const cleat_table *const alone_tables[] = {&alone_t, NULL};
static const cleat_table *const home_tables[] = {&home_t, NULL};
static const cleat_table *const peer_tables[] = {&peer_t, NULL};
static const char *const none[] = {NULL};
static const char *const home_links[] = {"peer", NULL};
static const char *const peer_links[] = {"home", NULL};
static const char *const schema[] = {
    "CREATE TABLE t (id INTEGER PRIMARY KEY, value INTEGER NOT NULL, text TEXT NOT NULL) STRICT",
    NULL};

static const cleat_database databases[] = {
    {"alone", "3f21c4d9a07b", none, alone_tables, schema, none, 0, NULL, 0, NULL, NULL},
    {"home", "3f21c4d9a07b", none, home_tables, schema, home_links, 0, NULL, 0, NULL, NULL},
    {"peer", "3f21c4d9a07b", none, peer_tables, schema, peer_links, 0, NULL, 0, NULL, NULL},
};
static const cleat_init_table init_table = {CLEAT_GENERATED_ABI, "bench", "alone", databases,
                                            CLEAT_COUNT(databases)};

static const char *directory;
static int rounds = 300;
static cleat_registry *registry;
static sqlite3 *handle; /* by hand: alone, or home with peer attached */

static void
check(int rc)
{
    if (rc >= 0 && rc != CLEAT_NOT_FOUND)
        return;
    fprintf(stderr, "%s\n", cleat_registry_error(registry)->text);
    exit(1);
}

static void
run(const char *sql)
{
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK)
        return;
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(handle));
    exit(1);
}

static sqlite3_stmt *
prepare(const char *sql)
{
    sqlite3_stmt *statement;
    if (sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) !=
        SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(handle));
        exit(1);
    }
    return statement;
}

static void
step(sqlite3_stmt *statement)
{
    sqlite3_step(statement);
    if (sqlite3_reset(statement) == SQLITE_OK)
        return;
    fprintf(stderr, "%s\n", sqlite3_errmsg(handle));
    exit(1);
}

static int64_t
clock_of(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
open_by_hand(const char *name, const char *pragmas)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s.db", directory, name);
    if (sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) !=
        SQLITE_OK)
        exit(1);
    sqlite3_busy_timeout(handle, 10000);
    run(pragmas);
}

/* ---- two ways, by turns ---- */

typedef void way(int count);

/* Nanoseconds for one of `count`. */
static double
time_of(clockid_t which, way *work, int count)
{
    int64_t start = clock_of(which);
    work(count);
    return (double)(clock_of(which) - start) / count;
}

/* Each goes first in every other round. A bar of 0 is none. Returns how much longer the least
 * time of the second is. */
static double
compare(const char *what, clockid_t which, way *by_hand, way *by_cleat, int count, double bar)
{
    static double times[2][MOST_ROUNDS], ratios[MOST_ROUNDS];
    way *const ways[2] = {by_hand, by_cleat};
    for (int round = 0; round < rounds; round++) {
        for (int turn = 0; turn < 2; turn++) {
            int i = (round + turn) % 2;
            times[i][round] = time_of(which, ways[i], count);
        }
        ratios[round] = times[1][round] / times[0][round];
    }
    for (int i = 0; i < 2; i++)
        qsort(times[i], (size_t)rounds, sizeof times[i][0], compare_numbers);
    double ratio = median(ratios, rounds);
    printf("%-26s hand %9.0f cleat %9.0f ratio %.2f median %.3f", what, times[0][0], times[1][0],
           times[1][0] / times[0][0], ratio);
    if (bar != 0)
        printf("   bar %.2f: %s", bar, ratio <= bar ? "met" : "MISSED");
    printf("\n");
    fflush(stdout);
    return times[1][0] - times[0][0];
}

/* ---- units of one row ---- */

static const cleat_table *table;
static sqlite3_stmt *begin, *commit, *lock, *insert, *insert_peer, *get;

static void
prepare_all(const char *name)
{
    char sql[160];
    begin = prepare(lock == NULL ? "BEGIN IMMEDIATE" : "BEGIN");
    commit = prepare("COMMIT");
    snprintf(sql, sizeof sql, "INSERT INTO \"%s\".t(value, text) VALUES(?1, ?2)", name);
    insert = prepare(sql);
    snprintf(sql, sizeof sql, "SELECT id, value, text FROM \"%s\".t WHERE id=?1", name);
    get = prepare(sql);
}

static void
finalize_all(void)
{
    sqlite3_stmt **const all[] = {&begin, &commit, &lock, &insert, &insert_peer, &get};
    for (size_t i = 0; i < CLEAT_COUNT(all); i++) {
        sqlite3_finalize(*all[i]);
        *all[i] = NULL;
    }
    sqlite3_close(handle);
}

static void
insert_by_hand(sqlite3_stmt *statement, int i)
{
    sqlite3_bind_int64(statement, 1, i);
    sqlite3_bind_text(statement, 2, "some text", 9, SQLITE_STATIC);
    step(statement);
}

static void
commit_by_hand(int count)
{
    for (int i = 0; i < count; i++) {
        step(begin);
        if (lock != NULL)
            step(lock);
        insert_by_hand(insert, i);
        step(commit);
    }
}

static void
commit_by_cleat(int count)
{
    cleat_session *session;
    for (int i = 0; i < count; i++) {
        row one = {.value = i, .text = "some text"};
        check(cleat_session_open(registry, table->database, CLEAT_WRITE, &session));
        check(cleat_row_insert(session, table, &one));
        check(cleat_session_commit(session));
        cleat_session_close(session);
    }
}

/* ---- reads ---- */

static void
read_by_hand(int count)
{
    for (int i = 0; i < count; i++) {
        sqlite3_bind_int64(get, 1, 1 + i % 1000);
        step(get);
    }
}

static void
read_by_cleat(int count)
{
    cleat_session *session;
    row one = {0};
    check(cleat_session_open(registry, table->database, CLEAT_READ, &session));
    for (int i = 0; i < count; i++) {
        cleat_value key[] = {cleat_value_integer(1 + i % 1000)};
        check(cleat_row_lend(session, table, 0, key, &one));
    }
    cleat_session_close(session);
}

static void
begin_by_hand(int count)
{
    for (int i = 0; i < count; i++) {
        step(begin);
        step(commit);
    }
}

static void
open_by_cleat(int count)
{
    cleat_session *session;
    for (int i = 0; i < count; i++) {
        check(cleat_session_open(registry, table->database, CLEAT_READ, &session));
        cleat_session_close(session);
    }
}

/* ---- two files ---- */

static void
commit_two_by_hand(int count)
{
    for (int i = 0; i < count; i++) {
        step(begin);
        insert_by_hand(insert, i);
        insert_by_hand(insert_peer, i);
        step(commit);
    }
}

static void
commit_two(int count, unsigned mode)
{
    cleat_session *session;
    for (int i = 0; i < count; i++) {
        row one = {.value = i, .text = "some text"}, other = one;
        check(cleat_session_open(registry, "home", mode, &session));
        check(cleat_row_insert(session, &home_t, &one));
        check(cleat_row_insert(session, &peer_t, &other));
        check(cleat_session_commit(session));
        cleat_session_close(session);
    }
}

static void
commit_two_atomic(int count)
{
    commit_two(count, CLEAT_WRITE | CLEAT_ATOMIC);
}

static void
read_atomic(int count)
{
    cleat_session *session;
    for (int i = 0; i < count; i++) {
        check(cleat_session_open(registry, "home", CLEAT_READ | CLEAT_ATOMIC, &session));
        cleat_session_close(session);
    }
}

/* ---- eight writers ---- */

struct writer {
    pthread_t thread;
    bool by_hand;
    int64_t worst;
    int64_t count;
};

static atomic_bool stopped;

static void
write_once(struct writer *writer, sqlite3 *own, cleat_session **session)
{
    row one = {.value = writer->count, .text = "some text"};
    int64_t start = clock_of(CLOCK_MONOTONIC);
    if (writer->by_hand) {
        if (sqlite3_exec(own,
                         "BEGIN IMMEDIATE; INSERT INTO t(value, text) VALUES(1, 'some text');"
                         "COMMIT",
                         NULL, NULL, NULL) != SQLITE_OK)
            exit(1);
    } else {
        check(cleat_session_open(registry, "alone", CLEAT_WRITE, session));
        check(cleat_row_insert(*session, &alone_t, &one));
        check(cleat_session_commit(*session));
        cleat_session_close(*session);
    }
    int64_t time = clock_of(CLOCK_MONOTONIC) - start;
    writer->worst = time > writer->worst ? time : writer->worst;
    writer->count++;
}

static void *
write_on(void *data)
{
    struct writer *writer = data;
    cleat_session *session;
    sqlite3 *own = NULL;
    char path[512];
    snprintf(path, sizeof path, "%s/alone.db", directory);
    if (writer->by_hand) {
        sqlite3_open_v2(path, &own, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
        sqlite3_busy_timeout(own, 60000);
        sqlite3_exec(own, "PRAGMA synchronous=NORMAL", NULL, NULL, NULL);
    }
    while (!atomic_load(&stopped))
        write_once(writer, own, &session);
    sqlite3_close(own);
    return NULL;
}

struct result {
    double rate, worst; /* commits in a second, milliseconds */
};

static struct result
race(bool by_hand)
{
    struct writer writers[WRITERS];
    struct timespec time = {0, 500000000};
    struct result result = {0, 0};
    int64_t start = clock_of(CLOCK_MONOTONIC);
    atomic_store(&stopped, false);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.by_hand = by_hand};
        pthread_create(&writers[i].thread, NULL, write_on, &writers[i]);
    }
    nanosleep(&time, NULL);
    atomic_store(&stopped, true);
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        double worst = (double)writers[i].worst / 1e6;
        result.worst = worst > result.worst ? worst : result.worst;
        result.rate += (double)writers[i].count;
    }
    result.rate *= 1e9 / (double)(clock_of(CLOCK_MONOTONIC) - start);
    return result;
}

static void
measure_race(void)
{
    double rates[2][RACES], worsts[2][RACES], ratios[RACES];
    for (int i = 0; i < RACES; i++) {
        for (int turn = 0; turn < 2; turn++) {
            int side = (i + turn) % 2;
            struct result result = race(side == 0);
            rates[side][i] = result.rate;
            worsts[side][i] = result.worst;
        }
        ratios[i] = rates[1][i] / rates[0][i];
    }
    double ratio = median(ratios, RACES);
    for (int i = 0; i < 2; i++)
        printf("%d writers, %-14s %8.0f commits a second, worst wait %8.1f ms\n", WRITERS,
               i == 0 ? "busy_timeout" : "sessions", median(rates[i], RACES),
               median(worsts[i], RACES));
    printf("%-26s median %.2f of the commits, from %.2f to %.2f\n", "sessions beside it", ratio,
           ratios[0], ratios[RACES - 1]);
    fflush(stdout);
}

/* ---- all ---- */

static void
measure_alone(void)
{
    const clockid_t cpu = CLOCK_PROCESS_CPUTIME_ID;
    table = &alone_t;
    open_by_hand("alone", "PRAGMA synchronous=NORMAL");
    prepare_all("main");
    compare("unit of one row", cpu, commit_by_hand, commit_by_cleat, 400, 1.1);
    compare("read, session of 1000", cpu, read_by_hand, read_by_cleat, 1000, 1 / 1.3);
    sqlite3_finalize(begin);
    begin = prepare("BEGIN");
    double more = compare("empty read unit", cpu, begin_by_hand, open_by_cleat, 2000, 0);
    printf("%-26s %.0f ns   bar 200: %s\n", "hand-over of a connection", more,
           more < 200 ? "met" : "MISSED");
    finalize_all();
}

static void
measure_linked(void)
{
    const clockid_t cpu = CLOCK_PROCESS_CPUTIME_ID;
    char sql[600];
    table = &home_t;
    open_by_hand("home", "PRAGMA synchronous=NORMAL");
    snprintf(sql, sizeof sql, "ATTACH '%s/peer.db' AS peer; PRAGMA peer.synchronous=NORMAL",
             directory);
    run(sql);
    lock = prepare("DELETE FROM main.t WHERE 0");
    prepare_all("main");
    compare("unit of one row, linked", cpu, commit_by_hand, commit_by_cleat, 400, 0);
    insert_peer = prepare("INSERT INTO peer.t(value, text) VALUES(?1, ?2)");
    run("PRAGMA main.synchronous=FULL; PRAGMA peer.synchronous=FULL");
    compare("two files, FULL, atomic", CLOCK_MONOTONIC, commit_two_by_hand, commit_two_atomic, 10,
            0);
    compare("the same, CPU", cpu, commit_two_by_hand, commit_two_atomic, 10, 0);
    run("PRAGMA main.synchronous=NORMAL; PRAGMA peer.synchronous=NORMAL");
    compare("unit of one row, marked", cpu, commit_by_hand, commit_by_cleat, 400, 0);
    compare("empty read unit, atomic", cpu, begin_by_hand, read_atomic, 400, 0);
    finalize_all();
}

int
main(int count, char **arguments)
{
    cleat_settings settings;
    if (count < 2) {
        fprintf(stderr, "usage: bench_sessions DIRECTORY [ROUNDS]\n");
        return 2;
    }
    directory = arguments[1];
    if (count > 2)
        rounds = atoi(arguments[2]);
    if (rounds < 1 || rounds > MOST_ROUNDS)
        rounds = MOST_ROUNDS;
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", directory);
    cleat_settings_set(&settings, "busy_timeout_ms", "60000");
    cleat_settings_set(&settings, "log_level", "error");
    check(cleat_registry_open(&init_table, &settings, &registry));
    measure_alone();
    measure_race();
    measure_linked();
    cleat_registry_close(registry);
    return 0;
}
