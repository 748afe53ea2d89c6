/* boot.c: what it takes to start. Cold: every database of an init table is created, beside a
 * program that runs the same SQL in one transaction per file. Warm: every file is checked, beside
 * a program that opens each and asks one pragma. Prints one line per measurement: microseconds per
 * database of wall and CPU time, the least of all repetitions; the median of the ratios of each
 * repetition, in which both took turns; for cleat also how many of them are the check itself,
 * without settings, paths and the registry around it (the linker brings its call here). At last, how
 * the time per database grows with their number. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "median.h"

#include <cleat/table.h>

#include <dirent.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TABLES = 20, STATEMENTS = 3 * TABLES, MOST = 100, MOST_ROUNDS = 1000 };

static const char *directory = "bench-boot";
static int repetitions = 5;
static int only_count;        /* 0: all counts of databases */
static const char *only_what; /* NULL: all measurements */
static const char *schema[STATEMENTS + 1];
static cleat_database databases[MOST];
static cleat_init_table init_table;

/* ---- the databases ---- */

static char *
format(const char *text, int number)
{
    char buffer[1024];
    snprintf(buffer, sizeof buffer, text, number, number);
    return strdup(buffer);
}

/* Twenty tables with two indexes each. */
static void
make_schema(void)
{
    for (int i = 0; i < TABLES; i++) {
        schema[i] = format(
            "CREATE TABLE \"table_%02d\" (\n"
            "    \"id\" INTEGER NOT NULL PRIMARY KEY,\n"
            "    \"name\" TEXT NOT NULL UNIQUE CHECK (length(\"name\") <= 200),\n"
            "    \"state\" TEXT NOT NULL DEFAULT 'new'"
            " CHECK (\"state\" = 'new' OR \"state\" = 'done'),\n"
            "    \"size\" INTEGER CHECK (\"size\" >= 0),\n"
            "    \"score\" REAL,\n"
            "    \"content\" BLOB,\n"
            "    \"created_at\" INTEGER NOT NULL\n"
            ") STRICT",
            i);
        schema[TABLES + 2 * i] = format(
            "CREATE INDEX \"table_%02d_state\" ON \"table_%02d\" (\"state\", \"created_at\")", i);
        schema[TABLES + 2 * i + 1] = format(
            "CREATE INDEX \"table_%02d_size\" ON \"table_%02d\" (\"size\" DESC)", i);
    }
}

static void
make_init_table(void)
{
    static const char *const modules[] = {"bench", NULL};
    static const char *const links[] = {NULL};
    static const cleat_table *const tables[] = {NULL};
    make_schema();
    for (int i = 0; i < MOST; i++)
        databases[i] = (cleat_database){
            .name = format("database_%03d", i),
            .revision = "0123456789ab",
            .modules = modules,
            .tables = tables,
            .schema = schema,
            .links = links,
        };
    init_table = (cleat_init_table){
        .abi = CLEAT_GENERATED_ABI, .name = "bench", .databases = databases};
}

/* What removing leaves to be written is nobody's work that is measured here. */
static void
empty(void)
{
    char path[1024];
    DIR *list = opendir(directory);
    for (struct dirent *entry; list != NULL && (entry = readdir(list)) != NULL;) {
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        if (entry->d_name[0] != '.' || strcmp(entry->d_name, ".cleat-lock") == 0)
            unlink(path);
    }
    if (list == NULL)
        return;
    fsync(dirfd(list));
    closedir(list);
}

/* ---- time ---- */

/* Two ways take turns: by hand and by cleat, or some databases at a time and all of them. */
enum way { HAND, CLEAT, WAYS, SOME = HAND, ALL = CLEAT };

/* Microseconds per database. */
struct cost {
    double wall, cpu;
};

static struct cost costs[WAYS][MOST_ROUNDS];
static int rounds;

static double
seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The CPU time of the check in the last boot, in seconds. */
static double check_time;

cleat_status __real_cleat_boot(cleat_registry *registry);
cleat_status __wrap_cleat_boot(cleat_registry *registry);

cleat_status
__wrap_cleat_boot(cleat_registry *registry)
{
    double start = seconds(CLOCK_PROCESS_CPUTIME_ID);
    cleat_status rc = __real_cleat_boot(registry);
    check_time = seconds(CLOCK_PROCESS_CPUTIME_ID) - start;
    return rc;
}

static struct cost
measure(void (*work)(int count), int count)
{
    double wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    work(count);
    return (struct cost){
        .wall = (seconds(CLOCK_MONOTONIC) - wall) * 1e6 / count,
        .cpu = (seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu) * 1e6 / count,
    };
}

/* ---- figures ---- */

static struct cost
least(enum way way)
{
    struct cost found = costs[way][0];
    for (int i = 1; i < rounds; i++) {
        if (costs[way][i].wall < found.wall)
            found.wall = costs[way][i].wall;
        if (costs[way][i].cpu < found.cpu)
            found.cpu = costs[way][i].cpu;
    }
    return found;
}

/* What cleat took of the time by hand, in the median of all rounds. */
static struct cost
paired(void)
{
    static double walls[MOST_ROUNDS], cpus[MOST_ROUNDS];
    for (int i = 0; i < rounds; i++) {
        walls[i] = costs[CLEAT][i].wall / costs[HAND][i].wall;
        cpus[i] = costs[CLEAT][i].cpu / costs[HAND][i].cpu;
    }
    return (struct cost){.wall = median(walls, rounds), .cpu = median(cpus, rounds)};
}

static void
report(const char *what, int count, double check)
{
    struct cost hand = least(HAND), cleat = least(CLEAT), ratio = paired();
    printf(
        "boot what=%s databases=%d rounds=%d hand_wall_us=%.1f hand_cpu_us=%.1f "
        "cleat_wall_us=%.1f cleat_cpu_us=%.1f wall_ratio=%.3f cpu_ratio=%.3f check_us=%.1f\n",
        what, count, rounds, hand.wall, hand.cpu, cleat.wall, cleat.cpu, ratio.wall, ratio.cpu,
        check * 1e6 / count);
    fflush(stdout);
}

/* ---- by hand and by cleat ---- */

static void
fail(const char *what, const char *text)
{
    fprintf(stderr, "bench_boot: %s: %s\n", what, text);
    exit(1);
}

static void
run(sqlite3 *handle, const char *sql)
{
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail(sql, sqlite3_errmsg(handle));
}

static sqlite3 *
open_file(int number)
{
    char path[1024];
    sqlite3 *handle;
    snprintf(path, sizeof path, "%s/%s.db", directory, databases[number].name);
    if (sqlite3_open(path, &handle) != SQLITE_OK)
        fail(path, sqlite3_errmsg(handle));
    return handle;
}

static void
create_by_hand(int count)
{
    for (int i = 0; i < count; i++) {
        sqlite3 *handle = open_file(i);
        run(handle, "BEGIN");
        for (int j = 0; j < STATEMENTS; j++)
            run(handle, schema[j]);
        run(handle,
            "PRAGMA application_id=7; PRAGMA user_version=7; COMMIT; "
            "PRAGMA journal_mode=WAL");
        sqlite3_close(handle);
    }
}

static void
check_by_hand(int count)
{
    for (int i = 0; i < count; i++) {
        sqlite3 *handle = open_file(i);
        sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        run(handle, "PRAGMA user_version");
        sqlite3_close(handle);
    }
}

static void
boot(int count)
{
    cleat_settings settings;
    cleat_registry *registry;
    cleat_settings_init(&settings, NULL);
    cleat_settings_set(&settings, "directory", directory);
    cleat_settings_set(&settings, "log_level", "none");
    init_table.database_count = (size_t)count;
    if (cleat_registry_open(&init_table, &settings, &registry) != CLEAT_OK)
        fail("boot", cleat_registry_error(registry)->text);
    cleat_registry_close(registry);
}

/* Leaves a log with a few pages beside every database. */
static void
fill_logs(int count)
{
    for (int i = 0; i < count; i++) {
        sqlite3 *handle = open_file(i);
        sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        run(handle, "INSERT OR REPLACE INTO table_00 VALUES (1, 'a', 'new', 1, 1, x'', 1)");
        sqlite3_close(handle);
    }
}

/* ---- the measurements ---- */

static bool
is_wanted(const char *what)
{
    return only_what == NULL || strcmp(only_what, what) == 0;
}

static bool
is_alone(const char *what)
{
    return only_what != NULL && strcmp(only_what, what) == 0;
}

/* Few databases take little time: then more rounds do. */
static void
set_rounds(int count, int factor)
{
    rounds = repetitions * factor * (count <= 10 ? 5 : count <= 50 ? 2 : 1);
    if (rounds > MOST_ROUNDS)
        rounds = MOST_ROUNDS;
}

static void
measure_cold(int count)
{
    void (*const works[WAYS])(int) = {create_by_hand, boot};
    set_rounds(count, 1);
    for (int i = 0; i < rounds && is_wanted("cold"); i++)
        for (int turn = 0; turn < WAYS; turn++) {
            int way = (i + turn) % WAYS;
            empty();
            costs[way][i] = measure(works[way], count);
        }
    if (is_wanted("cold"))
        report("cold", count, check_time);
    empty();
    boot(count);
}

static void
measure_warm(const char *what, int count)
{
    double check = 0;
    set_rounds(count, 10);
    if (!is_wanted(what))
        return;
    for (int i = 0; i < rounds; i++) {
        costs[HAND][i] = measure(check_by_hand, count);
        costs[CLEAT][i] = measure(boot, count);
        if (check == 0 || check_time < check)
            check = check_time;
    }
    report(what, count, check);
}

/* Another file that is open in the process makes SQLite itself read the headers. */
static void
measure_beside(int count)
{
    sqlite3 *handle;
    if (sqlite3_open(":memory:", &handle) != SQLITE_OK)
        fail("beside", sqlite3_errmsg(handle));
    measure_warm("warm_beside", count);
    sqlite3_close(handle);
}

/* Whether many databases take as much time each as few: the same number of files is made ten at a
 * time and all at once, by turns. */
static void
measure_growth(void)
{
    enum { AT_ONCE = 10, TIMES = MOST / AT_ONCE };
    set_rounds(MOST, 1);
    for (int i = 0; i < rounds; i++) {
        costs[SOME][i] = (struct cost){0, 0};
        for (int j = 0; j < TIMES; j++) {
            empty();
            struct cost one = measure(boot, AT_ONCE);
            costs[SOME][i].wall += one.wall / TIMES;
            costs[SOME][i].cpu += one.cpu / TIMES;
        }
        empty();
        costs[ALL][i] = measure(boot, MOST);
    }
    struct cost ratio = paired();
    printf("growth what=cold from=%d to=%d wall_ratio=%.3f cpu_ratio=%.3f\n", AT_ONCE, MOST,
           ratio.wall, ratio.cpu);
}

int
main(int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--directory") == 0)
            directory = argv[i + 1];
        else if (strcmp(argv[i], "--reps") == 0)
            repetitions = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--databases") == 0)
            only_count = atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--what") == 0)
            only_what = argv[i + 1];
    }
    mkdir(directory, 0700);
    make_init_table();
    static const int counts[] = {1, 10, 50, MOST};
    for (size_t i = 0; i < CLEAT_COUNT(counts); i++) {
        int count = counts[i];
        if ((only_count != 0 && only_count != count) || is_alone("growth"))
            continue;
        measure_cold(count);
        measure_warm("warm", count);
        measure_beside(count);
        fill_logs(count);
        measure_warm("warm_log", count);
    }
    if (only_count == 0 && is_wanted("growth"))
        measure_growth();
    empty();
    rmdir(directory);
    return 0;
}
