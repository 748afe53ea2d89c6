/* rebuild.c: what a change of a schema costs for one million rows: ten times a hundred thousand. The
 * prices in codegen/review/effect_prices.h are what this prints. A table of about 70 bytes a row with a text
 * key and one index lies in a file in WAL mode; every change is made three times, and the middle one
 * counts. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { RUNS = 3 };

static const char path[] = "rebuild-bench.db";

static const char schema[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
    "CREATE TABLE t (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, size INTEGER, note TEXT) STRICT;"
    "CREATE INDEX t_kind ON t (kind);"
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
    "  INSERT INTO t SELECT printf('%026d', i * 7919 % 100003), 'kind' || (i % 7), i,"
    "    'a note about row ' || i FROM n;"
    "PRAGMA wal_checkpoint(TRUNCATE);";

/* A change as the upgrade makes it, in one transaction. */
struct change {
    const char *name;
    const char *sql;
};

static const struct change changes[] = {
    {"SECONDS_INDEX", "CREATE INDEX t_size ON t (size, note);"},
    {"SECONDS_DROP_COLUMN", "ALTER TABLE t DROP COLUMN note;"},
    {"SECONDS_FULL_TEXT",
     "CREATE VIRTUAL TABLE f USING fts5(note, content='t');"
     "INSERT INTO f (f) VALUES ('rebuild');"},
    {"SECONDS_REBUILD",
     "CREATE TABLE n (id TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL CHECK (kind <> ''),"
     "  size INTEGER, note TEXT) STRICT;"
     "INSERT INTO n (rowid, id, kind, size, note) SELECT rowid, id, kind, size, note FROM t;"
     "DROP TABLE t; ALTER TABLE n RENAME TO t; CREATE INDEX t_kind ON t (kind);"
     "PRAGMA foreign_key_check;"},
};

static void
run(sqlite3 *db, const char *sql)
{
    char *message = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &message) == SQLITE_OK)
        return;
    fprintf(stderr, "%s\n", message);
    exit(1);
}

/* Of the processor, with the kernel's part: what waits for the disk, or for other programs, does not
 * count. */
static double
now(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void
remove_database(void)
{
    remove(path);
    remove("rebuild-bench.db-wal");
    remove("rebuild-bench.db-shm");
}

static double
measure(const struct change *change)
{
    sqlite3 *db = NULL;
    remove_database();
    if (sqlite3_open(path, &db) != SQLITE_OK)
        exit(1);
    run(db, schema);
    double start = now();
    run(db, "BEGIN IMMEDIATE");
    run(db, change->sql);
    run(db, "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    double seconds = now() - start;
    sqlite3_close(db);
    remove_database();
    return seconds;
}

static int
compare_seconds(const void *left, const void *right)
{
    double l = *(const double *)left, r = *(const double *)right;
    return (l > r) - (l < r);
}

int
main(void)
{
    printf(
        "/* effect_prices.h: seconds of the processor for one million rows, as bench_rebuild prints them.\n"
        " * SQLite %s. */\n",
        sqlite3_libversion());
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        double seconds[RUNS];
        for (int r = 0; r < RUNS; r++)
            seconds[r] = measure(&changes[i]);
        qsort(seconds, RUNS, sizeof *seconds, compare_seconds);
        printf("#define %s %.1f\n", changes[i].name, 10 * seconds[RUNS / 2]);
    }
    return 0;
}
