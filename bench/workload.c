/* workload.c: runs an implementation through the workloads of hand_baseline.c, which is a part of
 * this file, so that hand-written and other code run by turns in one process, on the same rows.
 *
 * Each line of output has a checksum. What a program prints for a workload must be what the
 * hand-written code prints; run.py compares. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#define HAND_BASELINE_NO_MAIN
#pragma GCC diagnostic ignored "-Wunused-function"
#include "hand_baseline.c"

#include "workload.h"

struct run {
    const struct implementation *implementation;
    const hb_cfg *settings;
    int repetition;
};

static struct user users[HB_POOL];

static void
make_users(void)
{
    hb_pool_init();
    for (int i = 0; i < HB_POOL; i++) {
        const hb_user *from = &hb_pool[i];
        struct user *to = &users[i];

        to->email = from->email;
        to->display_name = from->display_name;
        to->bio = from->bio;
        to->has_age = !from->age_null;
        to->age = from->age;
        to->score = from->score;
        to->avatar = from->avatar;
        to->avatar_size = from->avatar_n;
        to->created_at = from->created_at;
    }
}

static const struct user *
user_at(uint64_t place)
{
    return &users[place % HB_POOL];
}

static void
report(const struct run *run, const char *workload, uint64_t operations, hb_t start, uint64_t sum)
{
    hb_report(run->implementation->name, workload, run->repetition, operations, start, hb_now(),
              sum);
}

/* Between the measured parts: the next one starts with an empty log, as it does for the baseline.
 * Uses a connection of its own, so it needs nothing from the implementation. */
static void
checkpoint(const struct run *run)
{
    sqlite3 *db = hb_open(run->settings->path);

    hb_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_close(db);
}

static void
run_inserts(const struct run *run)
{
    const struct implementation *with = run->implementation;
    uint64_t rows = run->settings->rows;
    hb_t start = hb_now();

    with->begin(UNIT_WRITE);
    for (uint64_t id = 1; id <= rows; id++)
        with->insert((int64_t)id, user_at(id));
    with->end(UNIT_WRITE);
    report(run, "insert", rows, start, rows);
    checkpoint(run);
}

static void
run_reads(const struct run *run, const char *workload, enum unit unit,
          uint64_t (*read)(int64_t id, uint64_t sum))
{
    uint64_t state = HB_SEED_GET;
    uint64_t sum = 0;
    hb_t start;

    if (!read)
        return;
    start = hb_now();
    run->implementation->begin(unit);
    for (uint64_t i = 0; i < run->settings->reads; i++)
        sum = read((int64_t)(hb_rng_next(&state) % run->settings->rows) + 1, sum);
    run->implementation->end(unit);
    report(run, workload, run->settings->reads, start, sum);
}

/* Units of their own: no begin and end around them. */
static void
run_reads_alone(const struct run *run)
{
    uint64_t state = HB_SEED_GET;
    uint64_t sum = 0;
    hb_t start = hb_now();

    if (!run->implementation->view_alone)
        return;
    for (uint64_t i = 0; i < run->settings->reads; i++) {
        int64_t id = (int64_t)(hb_rng_next(&state) % run->settings->rows) + 1;

        sum = run->implementation->view_alone(id, sum);
    }
    report(run, "get_view_alone", run->settings->reads, start, sum);
}

static void
run_scan(const struct run *run, const char *workload, uint64_t (*scan)(uint64_t *ret_rows))
{
    uint64_t rows = 0;
    uint64_t sum;
    hb_t start;

    if (!scan)
        return;
    start = hb_now();
    run->implementation->begin(UNIT_NONE);
    sum = scan(&rows);
    run->implementation->end(UNIT_NONE);
    report(run, workload, rows, start, sum);
}

/* `range` ids in random order; the rows written begin at `first` of the pool. */
static void
run_writes(const struct run *run, const char *workload, uint64_t seed, uint64_t range,
           uint64_t first, void (*write)(int64_t id, const struct user *user))
{
    uint64_t updates = run->settings->updates;
    hb_t start = hb_now();

    run->implementation->begin(UNIT_WRITE);
    for (uint64_t i = 0; i < updates; i++)
        write((int64_t)(hb_rng_next(&seed) % range) + 1, user_at(i + first));
    run->implementation->end(UNIT_WRITE);
    report(run, workload, updates, start, updates);
    checkpoint(run);
}

static void
run_deletes(const struct run *run)
{
    uint64_t rows = run->settings->rows;
    hb_t start = hb_now();

    run->implementation->begin(UNIT_WRITE);
    for (uint64_t id = 5; id <= rows; id += 5)
        run->implementation->remove((int64_t)id);
    run->implementation->end(UNIT_WRITE);
    report(run, "delete", rows / 5, start, rows / 5);
}

/* The rows that all writes have left must be the same too. */
static void
report_table(const struct run *run)
{
    sqlite3 *db = hb_open(run->settings->path);

    printf("tablesum impl=%s %016llx\n", run->implementation->name,
           (unsigned long long)hb_table_sum(db));
    sqlite3_close(db);
}

static void
run_all(const struct run *run)
{
    const struct implementation *with = run->implementation;
    uint64_t rows = run->settings->rows;

    hb_unlink(run->settings->path);
    with->connect(run->settings->path);
    run_inserts(run);
    run_reads(run, "get_view", UNIT_NONE, with->view);
    run_reads(run, "get_own", UNIT_NONE, with->own);
    run_reads(run, "get_view_tx", UNIT_READ, with->view);
    run_reads(run, "get_own_tx", UNIT_READ, with->own);
    run_reads_alone(run);
    run_scan(run, "scan_view", with->scan_view);
    run_scan(run, "scan_own", with->scan_own);
    run_writes(run, "update", HB_SEED_UPD, rows, 7, with->update);
    run_writes(run, "upsert", HB_SEED_UPS, rows + rows / 10, 11, with->upsert);
    run_deletes(run);
    with->disconnect();
    report_table(run);
    hb_unlink(run->settings->path);
}

const char *
users_ddl(void)
{
    return HB_DDL;
}

void
fail(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

int
workload_main(int argc, char **argv, const struct implementation *implementation, bool with_hand)
{
    hb_cfg settings;
    int repetitions;
    int naive;

    hb_args(argc, argv, &settings, &repetitions, &naive);
    make_users();
    printf("info sqlite=%s\n", sqlite3_libversion());
    for (int i = 0; i < repetitions; i++) {
        struct run run = {implementation, &settings, i};

        if (with_hand)
            hb_run_hand(&settings, i, 0);
        run_all(&run);
    }
    return 0;
}
