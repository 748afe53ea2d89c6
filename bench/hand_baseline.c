/* clang-format off */
/* hand_baseline.c - best-practice hand-written sqlite3 C, used as the bar that
 * generated code is compared against.  Self-contained, own code only.
 *
 *   gcc -O2 hand_baseline.c -lsqlite3 -o hand_baseline
 *   ./hand_baseline [--db PATH] [--rows N] [--reads N] [--updates N]
 *                   [--reps N] [--profile plain|tuned] [--naive]
 *
 * One line per workload and repetition, space separated key=value:
 *   bench impl=hand workload=get_view profile=plain rep=0 ops=1000000
 *         wall_s=1.234567 cpu_s=1.230000 ns_per_op=1234.6 sum=0123456789abcdef
 * one "tablesum" line (the rows left after all writes must be the same too)
 * and, at the end, one "best" line per workload (minimum over repetitions).
 * "sum" depends only on the data, so another implementation that runs the same
 * workload must print the same value.
 *
 * Workloads
 *   insert     N rows, one transaction, all 8 columns bound
 *   get_view   random point reads by id; all columns read in place (pointers
 *              valid until the statement is reset)
 *   get_own    the same, but each row is copied out so that it outlives the
 *              statement (one malloc per row for struct and text/blob bytes)
 *   get_view_tx, get_own_tx   as above, all reads inside one read transaction
 *   scan_view  all rows in id order, streamed, all columns read in place
 *   scan_own   all rows in id order collected into one owned array, then read
 *   update     random updates by id of the 7 non-key columns, one transaction
 *   upsert     random INSERT..ON CONFLICT(id) DO UPDATE, ids over 1.1 x N,
 *              one transaction
 *   delete     every 5th id (N/5 rows), one transaction
 *
 * What makes it best practice: every statement prepared once with
 * SQLITE_PREPARE_PERSISTENT and kept; explicit byte lengths; SQLITE_STATIC
 * (caller's buffers outlive sqlite3_step); reset right after use; explicit
 * column list; every return code checked; WAL + synchronous=NORMAL.
 * --naive prepares and finalizes per call instead (insert, get, update,
 * upsert, delete), to show what the statement cache alone is worth.
 *
 * Define HAND_BASELINE_NO_MAIN to include this file in a comparison program.
 */
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---------------------------------------------------------------- data -- */

#define HB_POOL 4096

typedef struct {
  int64_t id;
  const char *email;        int email_n;         /* not null */
  const char *display_name; int display_name_n;  /* not null */
  const char *bio;          int bio_n;           /* NULL when null */
  int age_null; int32_t age;                     /* nullable */
  double score;                                  /* not null */
  const void *avatar;       int avatar_n;        /* NULL when null */
  int64_t created_at;                            /* not null */
} hb_user;

static const char HB_DDL[] =
  "CREATE TABLE users("
  "id INTEGER PRIMARY KEY,"
  "email TEXT NOT NULL,"
  "display_name TEXT NOT NULL,"
  "bio TEXT,"
  "age INTEGER,"
  "score REAL NOT NULL,"
  "avatar BLOB,"
  "created_at INTEGER NOT NULL)";

static uint64_t hb_rng_next(uint64_t *s) {          /* xorshift64* */
  uint64_t x = *s;
  x ^= x >> 12; x ^= x << 25; x ^= x >> 27;
  *s = x;
  return x * 2685821657736338717ULL;
}

static hb_user hb_pool[HB_POOL];

/* Payloads are made once, before any timing; a row is a payload plus its id. */
static void hb_pool_init(void) {
  if (hb_pool[0].email) return;
  uint64_t s = 88172645463325252ULL;
  for (int i = 0; i < HB_POOL; i++) {
    hb_user *u = &hb_pool[i];
    char buf[256];
    int n = snprintf(buf, sizeof buf, "user%05d.%06x@example.org", i,
                     (unsigned)(hb_rng_next(&s) & 0xffffff));
    u->email = strdup(buf); u->email_n = n;
    n = snprintf(buf, sizeof buf, "Display Name %d", i);
    u->display_name = strdup(buf); u->display_name_n = n;
    if (i % 4) {
      n = 40 + (int)(hb_rng_next(&s) % 80);
      for (int k = 0; k < n; k++) buf[k] = 'a' + (char)(hb_rng_next(&s) % 26);
      buf[n] = 0;
      u->bio = strdup(buf); u->bio_n = n;
    }
    u->age_null = i % 5 == 0;
    u->age = u->age_null ? 0 : 18 + i % 60;
    u->score = (double)(hb_rng_next(&s) % 100000) / 7.0;
    if (i % 8) {
      unsigned char *b = malloc(64);
      for (int k = 0; k < 64; k++) b[k] = (unsigned char)hb_rng_next(&s);
      u->avatar = b; u->avatar_n = 64;
    }
    u->created_at = 1700000000000LL + i;
  }
}

static inline const hb_user *hb_payload(uint64_t k) { return &hb_pool[k % HB_POOL]; }

/* Folding of one row.  Touches every column; needs no text length (all texts
 * are at least 8 bytes), so string types without a length are not charged. */
static inline uint64_t hb_fold(uint64_t h, int64_t id, const char *email,
    const char *name, const char *bio, int age_null, int32_t age, double score,
    const void *avatar, int avatar_n, int64_t created_at) {
  const unsigned char *a = avatar;
  h += (uint64_t)id * 3 + (uint64_t)created_at;
  h += (uint64_t)(unsigned char)email[0] + (uint64_t)(unsigned char)email[7] * 5;
  h += (uint64_t)(unsigned char)name[0] + (uint64_t)(unsigned char)name[7] * 7;
  h += bio ? (uint64_t)(unsigned char)bio[0] + (uint64_t)(unsigned char)bio[7] * 11 : 13;
  h += age_null ? 17 : (uint64_t)age * 19;
  h += (uint64_t)(int64_t)(score * 7.0);
  h += a ? (uint64_t)avatar_n + a[0] + (uint64_t)a[avatar_n - 1] * 23 : 29;
  return h;
}
static inline uint64_t hb_fold_user(uint64_t h, const hb_user *u) {
  return hb_fold(h, u->id, u->email, u->display_name, u->bio, u->age_null,
                 u->age, u->score, u->avatar, u->avatar_n, u->created_at);
}

/* -------------------------------------------------------------- timing -- */

typedef struct { double wall, cpu; } hb_t;
static __attribute__((noinline)) hb_t hb_now(void) {
  struct timespec a, b;
  clock_gettime(CLOCK_MONOTONIC, &a);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
  return (hb_t){ (double)a.tv_sec + (double)a.tv_nsec * 1e-9,
                 (double)b.tv_sec + (double)b.tv_nsec * 1e-9 };
}

typedef struct { char impl[24], workload[24]; double wall, cpu; uint64_t ops; } hb_best;
static hb_best hb_bests[128];
static int hb_nbests;
static const char *hb_profile = "plain";

static void hb_report(const char *impl, const char *workload, int rep,
                      uint64_t ops, hb_t t0, hb_t t1, uint64_t sum) {
  double wall = t1.wall - t0.wall, cpu = t1.cpu - t0.cpu;
  printf("bench impl=%s workload=%s profile=%s rep=%d ops=%llu wall_s=%.6f cpu_s=%.6f ns_per_op=%.1f sum=%016llx\n",
         impl, workload, hb_profile, rep, (unsigned long long)ops, wall, cpu,
         wall * 1e9 / (double)ops, (unsigned long long)sum);
  fflush(stdout);
  for (int i = 0; i < hb_nbests; i++) {
    hb_best *b = &hb_bests[i];
    if (!strcmp(b->impl, impl) && !strcmp(b->workload, workload)) {
      if (wall < b->wall) b->wall = wall;
      if (cpu < b->cpu) b->cpu = cpu;
      return;
    }
  }
  hb_best *b = &hb_bests[hb_nbests++];
  snprintf(b->impl, sizeof b->impl, "%s", impl);
  snprintf(b->workload, sizeof b->workload, "%s", workload);
  b->wall = wall; b->cpu = cpu; b->ops = ops;
}

static void hb_report_bests(void) {
  for (int i = 0; i < hb_nbests; i++) {
    hb_best *b = &hb_bests[i];
    printf("best impl=%s workload=%s profile=%s ops=%llu wall_s=%.6f cpu_s=%.6f ns_per_op=%.1f cpu_ns_per_op=%.1f\n",
           b->impl, b->workload, hb_profile, (unsigned long long)b->ops, b->wall, b->cpu,
           b->wall * 1e9 / (double)b->ops, b->cpu * 1e9 / (double)b->ops);
  }
}

/* ---------------------------------------------------------- connection -- */

#ifndef HB_MUTEX
#define HB_MUTEX 0 /* SQLite's default; SQLITE_OPEN_NOMUTEX for a connection of one thread */
#endif

static void hb_die(sqlite3 *db, const char *what, int rc) {
  fprintf(stderr, "%s: rc=%d %s\n", what, rc, db ? sqlite3_errmsg(db) : "");
  exit(1);
}
static void hb_exec(sqlite3 *db, const char *sql) {
  int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
  if (rc != SQLITE_OK) hb_die(db, sql, rc);
}
static void hb_unlink(const char *path) {
  char p[4096];
  unlink(path);
  snprintf(p, sizeof p, "%s-wal", path); unlink(p);
  snprintf(p, sizeof p, "%s-shm", path); unlink(p);
}
static sqlite3 *hb_open(const char *path) {
  sqlite3 *db = NULL;
  int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | HB_MUTEX, NULL);
  if (rc != SQLITE_OK) hb_die(db, "open", rc);
  sqlite3_busy_timeout(db, 5000);
  hb_exec(db, "PRAGMA journal_mode=WAL");
  hb_exec(db, "PRAGMA synchronous=NORMAL");
  if (!strcmp(hb_profile, "tuned")) {
    hb_exec(db, "PRAGMA cache_size=-65536");
    hb_exec(db, "PRAGMA mmap_size=268435456");
    hb_exec(db, "PRAGMA temp_store=MEMORY");
  }
  return db;
}

/* ------------------------------------------------------- the DAO proper -- */

enum { ST_INSERT, ST_GET, ST_UPDATE, ST_UPSERT, ST_DELETE, ST_LIST, ST_N };
#define HB_COLS "id,email,display_name,bio,age,score,avatar,created_at"
static const char *const hb_sql[ST_N] = {
  "INSERT INTO users(" HB_COLS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8)",
  "SELECT " HB_COLS " FROM users WHERE id=?1",
  "UPDATE users SET email=?2,display_name=?3,bio=?4,age=?5,score=?6,avatar=?7,created_at=?8 WHERE id=?1",
  "INSERT INTO users(" HB_COLS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8) "
    "ON CONFLICT(id) DO UPDATE SET email=excluded.email,display_name=excluded.display_name,"
    "bio=excluded.bio,age=excluded.age,score=excluded.score,avatar=excluded.avatar,"
    "created_at=excluded.created_at",
  "DELETE FROM users WHERE id=?1",
  "SELECT " HB_COLS " FROM users ORDER BY id",
};

typedef struct { sqlite3 *db; sqlite3_stmt *st[ST_N]; int naive; } hb_dao;

static inline sqlite3_stmt *hb_stmt(hb_dao *d, int which) {
  if (!d->st[which]) {
    int rc = sqlite3_prepare_v3(d->db, hb_sql[which], -1,
                                d->naive ? 0 : SQLITE_PREPARE_PERSISTENT, &d->st[which], NULL);
    if (rc != SQLITE_OK) hb_die(d->db, hb_sql[which], rc);
  }
  return d->st[which];
}
static inline void hb_done(hb_dao *d, int which) {
  if (d->naive) { sqlite3_finalize(d->st[which]); d->st[which] = NULL; }
  else sqlite3_reset(d->st[which]);
}
static void hb_dao_close(hb_dao *d) {
  for (int i = 0; i < ST_N; i++) sqlite3_finalize(d->st[i]), d->st[i] = NULL;
}

static inline int hb_bind_user(sqlite3_stmt *s, const hb_user *u) {
  int rc = sqlite3_bind_int64(s, 1, u->id);
  rc |= sqlite3_bind_text(s, 2, u->email, u->email_n, SQLITE_STATIC);
  rc |= sqlite3_bind_text(s, 3, u->display_name, u->display_name_n, SQLITE_STATIC);
  rc |= u->bio ? sqlite3_bind_text(s, 4, u->bio, u->bio_n, SQLITE_STATIC) : sqlite3_bind_null(s, 4);
  rc |= u->age_null ? sqlite3_bind_null(s, 5) : sqlite3_bind_int(s, 5, u->age);
  rc |= sqlite3_bind_double(s, 6, u->score);
  rc |= u->avatar ? sqlite3_bind_blob(s, 7, u->avatar, u->avatar_n, SQLITE_STATIC) : sqlite3_bind_null(s, 7);
  rc |= sqlite3_bind_int64(s, 8, u->created_at);
  return rc;
}
static int hb_write(hb_dao *d, int which, const hb_user *u) {
  sqlite3_stmt *s = hb_stmt(d, which);
  int rc = hb_bind_user(s, u);
  if (rc == SQLITE_OK) rc = sqlite3_step(s);
  hb_done(d, which);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
static int hb_delete(hb_dao *d, int64_t id) {
  sqlite3_stmt *s = hb_stmt(d, ST_DELETE);
  int rc = sqlite3_bind_int64(s, 1, id);
  if (rc == SQLITE_OK) rc = sqlite3_step(s);
  hb_done(d, ST_DELETE);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
/* Pointers are valid until the statement is stepped or reset. */
static inline void hb_read_view(sqlite3_stmt *s, hb_user *u) {
  u->id = sqlite3_column_int64(s, 0);
  u->email = (const char *)sqlite3_column_text(s, 1);
  u->email_n = sqlite3_column_bytes(s, 1);
  u->display_name = (const char *)sqlite3_column_text(s, 2);
  u->display_name_n = sqlite3_column_bytes(s, 2);
  u->bio = (const char *)sqlite3_column_text(s, 3);
  u->bio_n = u->bio ? sqlite3_column_bytes(s, 3) : 0;
  u->age_null = sqlite3_column_type(s, 4) == SQLITE_NULL;
  u->age = u->age_null ? 0 : sqlite3_column_int(s, 4);
  u->score = sqlite3_column_double(s, 5);
  u->avatar = sqlite3_column_blob(s, 6);
  u->avatar_n = u->avatar ? sqlite3_column_bytes(s, 6) : 0;
  u->created_at = sqlite3_column_int64(s, 7);
}
static size_t hb_var_size(const hb_user *u) {
  return (size_t)u->email_n + 1 + (size_t)u->display_name_n + 1 +
         (u->bio ? (size_t)u->bio_n + 1 : 0) + (size_t)u->avatar_n;
}
/* Re-point u's variable part into p; returns the end. */
static char *hb_move_var(hb_user *u, char *p) {
#define HB_MOVE(f, n, nul) do { memcpy(p, f, (size_t)(n)); f = (void *)p; p += (n); if (nul) *p++ = 0; } while (0)
  HB_MOVE(u->email, u->email_n, 1);
  HB_MOVE(u->display_name, u->display_name_n, 1);
  if (u->bio) HB_MOVE(u->bio, u->bio_n, 1);
  if (u->avatar) HB_MOVE(u->avatar, u->avatar_n, 0);
#undef HB_MOVE
  return p;
}
/* One allocation holds the struct and its text and blob bytes. */
static int hb_get_own(hb_dao *d, int64_t id, hb_user **out) {
  sqlite3_stmt *s = hb_stmt(d, ST_GET);
  *out = NULL;
  int rc = sqlite3_bind_int64(s, 1, id);
  if (rc == SQLITE_OK && (rc = sqlite3_step(s)) == SQLITE_ROW) {
    hb_user v;
    hb_read_view(s, &v);
    hb_user *u = malloc(sizeof v + hb_var_size(&v));
    if (!u) rc = SQLITE_NOMEM;
    else { *u = v; hb_move_var(u, (char *)(u + 1)); *out = u; rc = SQLITE_OK; }
  }
  hb_done(d, ST_GET);
  return rc;
}
/* Owned list: one growing row array and a chain of 64 KiB byte blocks. */
typedef struct hb_block { struct hb_block *next; size_t used; char b[65536 - 16]; } hb_block;
typedef struct { hb_user *rows; size_t n, cap; hb_block *blocks; } hb_list;
static int hb_list_own(hb_dao *d, hb_list *l) {
  memset(l, 0, sizeof *l);
  sqlite3_stmt *s = hb_stmt(d, ST_LIST);
  int rc;
  while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
    if (l->n == l->cap) {
      l->cap = l->cap ? l->cap * 2 : 64;
      l->rows = realloc(l->rows, l->cap * sizeof *l->rows);
      if (!l->rows) abort();
    }
    hb_user *u = &l->rows[l->n++];
    hb_read_view(s, u);
    size_t need = hb_var_size(u);                 /* rows here are < 64 KiB */
    if (!l->blocks || l->blocks->used + need > sizeof l->blocks->b) {
      hb_block *nb = malloc(sizeof *nb);
      if (!nb) abort();
      nb->next = l->blocks; nb->used = 0; l->blocks = nb;
    }
    hb_move_var(u, l->blocks->b + l->blocks->used);
    l->blocks->used += need;
  }
  hb_done(d, ST_LIST);
  return rc == SQLITE_DONE ? SQLITE_OK : rc;
}
static void hb_list_free(hb_list *l) {
  for (hb_block *b = l->blocks, *n; b; b = n) { n = b->next; free(b); }
  free(l->rows);
}

/* ----------------------------------------------------------- workloads -- */

typedef struct { const char *path; uint64_t rows, reads, updates; } hb_cfg;

/* Deterministic plan shared by every implementation. */
#define HB_SEED_GET 0x9E3779B97F4A7C15ULL
#define HB_SEED_UPD 0xD1B54A32D192ED03ULL
#define HB_SEED_UPS 0x94D049BB133111EBULL

/* Sum over the table as it stands: another implementation can check that its
 * writes left the same rows behind. */
static uint64_t hb_table_sum(sqlite3 *db) {
  hb_dao d = { .db = db };
  sqlite3_stmt *st = hb_stmt(&d, ST_LIST);
  uint64_t sum = 0;
  while (sqlite3_step(st) == SQLITE_ROW) { hb_user u; hb_read_view(st, &u); sum = hb_fold_user(sum, &u); }
  hb_dao_close(&d);
  return sum;
}

static void hb_run_hand(const hb_cfg *c, int rep, int naive) {
  const char *impl = naive ? "hand_naive" : "hand";
  hb_unlink(c->path);
  sqlite3 *db = hb_open(c->path);
  hb_exec(db, HB_DDL);
  hb_dao d = { .db = db, .naive = naive };
  hb_t t0, t1;
  uint64_t sum, s;
  int rc;

  sum = 0; t0 = hb_now();
  hb_exec(db, "BEGIN IMMEDIATE");
  for (uint64_t i = 1; i <= c->rows; i++) {
    hb_user u = *hb_payload(i);
    u.id = (int64_t)i;
    if ((rc = hb_write(&d, ST_INSERT, &u))) hb_die(db, "insert", rc);
  }
  hb_exec(db, "COMMIT");
  t1 = hb_now();
  hb_report(impl, "insert", rep, c->rows, t0, t1, c->rows);
  hb_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");       /* not timed */

  for (int tx = 0; tx < 2; tx++) {
    sum = 0; s = HB_SEED_GET; t0 = hb_now();
    if (tx) hb_exec(db, "BEGIN");
    for (uint64_t i = 0; i < c->reads; i++) {
      int64_t id = (int64_t)(hb_rng_next(&s) % c->rows) + 1;
      sqlite3_stmt *st = hb_stmt(&d, ST_GET);
      hb_user u;
      if ((rc = sqlite3_bind_int64(st, 1, id)) || (rc = sqlite3_step(st)) != SQLITE_ROW) hb_die(db, "get", rc);
      hb_read_view(st, &u);
      sum = hb_fold_user(sum, &u);
      hb_done(&d, ST_GET);
    }
    if (tx) hb_exec(db, "COMMIT");
    t1 = hb_now();
    hb_report(impl, tx ? "get_view_tx" : "get_view", rep, c->reads, t0, t1, sum);

    sum = 0; s = HB_SEED_GET; t0 = hb_now();
    if (tx) hb_exec(db, "BEGIN");
    for (uint64_t i = 0; i < c->reads; i++) {
      int64_t id = (int64_t)(hb_rng_next(&s) % c->rows) + 1;
      hb_user *u;
      if ((rc = hb_get_own(&d, id, &u)) || !u) hb_die(db, "get_own", rc);
      sum = hb_fold_user(sum, u);
      free(u);
    }
    if (tx) hb_exec(db, "COMMIT");
    t1 = hb_now();
    hb_report(impl, tx ? "get_own_tx" : "get_own", rep, c->reads, t0, t1, sum);
  }

  if (!naive) {
    sum = 0; t0 = hb_now();
    sqlite3_stmt *st = hb_stmt(&d, ST_LIST);
    uint64_t n = 0;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
      hb_user u;
      hb_read_view(st, &u);
      sum = hb_fold_user(sum, &u);
      n++;
    }
    if (rc != SQLITE_DONE) hb_die(db, "scan", rc);
    hb_done(&d, ST_LIST);
    t1 = hb_now();
    hb_report(impl, "scan_view", rep, n, t0, t1, sum);

    sum = 0; t0 = hb_now();
    hb_list l;
    if ((rc = hb_list_own(&d, &l))) hb_die(db, "list", rc);
    for (size_t i = 0; i < l.n; i++) sum = hb_fold_user(sum, &l.rows[i]);
    n = l.n;
    hb_list_free(&l);
    t1 = hb_now();
    hb_report(impl, "scan_own", rep, n, t0, t1, sum);
  }

  s = HB_SEED_UPD; t0 = hb_now();
  hb_exec(db, "BEGIN IMMEDIATE");
  for (uint64_t i = 0; i < c->updates; i++) {
    int64_t id = (int64_t)(hb_rng_next(&s) % c->rows) + 1;
    hb_user u = *hb_payload(i + 7);
    u.id = id;
    if ((rc = hb_write(&d, ST_UPDATE, &u))) hb_die(db, "update", rc);
  }
  hb_exec(db, "COMMIT");
  t1 = hb_now();
  hb_report(impl, "update", rep, c->updates, t0, t1, c->updates);
  hb_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");

  s = HB_SEED_UPS; t0 = hb_now();
  hb_exec(db, "BEGIN IMMEDIATE");
  for (uint64_t i = 0; i < c->updates; i++) {
    int64_t id = (int64_t)(hb_rng_next(&s) % (c->rows + c->rows / 10)) + 1;
    hb_user u = *hb_payload(i + 11);
    u.id = id;
    if ((rc = hb_write(&d, ST_UPSERT, &u))) hb_die(db, "upsert", rc);
  }
  hb_exec(db, "COMMIT");
  t1 = hb_now();
  hb_report(impl, "upsert", rep, c->updates, t0, t1, c->updates);
  hb_exec(db, "PRAGMA wal_checkpoint(TRUNCATE)");

  t0 = hb_now();
  hb_exec(db, "BEGIN IMMEDIATE");
  for (uint64_t i = 5; i <= c->rows; i += 5)
    if ((rc = hb_delete(&d, (int64_t)i))) hb_die(db, "delete", rc);
  hb_exec(db, "COMMIT");
  t1 = hb_now();
  hb_report(impl, "delete", rep, c->rows / 5, t0, t1, c->rows / 5);

  hb_dao_close(&d);
  if (rep == 0) printf("tablesum impl=%s %016llx\n", impl, (unsigned long long)hb_table_sum(db));
  rc = sqlite3_close(db);
  if (rc != SQLITE_OK) hb_die(db, "close", rc);
  hb_unlink(c->path);
}

static void hb_args(int argc, char **argv, hb_cfg *c, int *reps, int *naive) {
  *c = (hb_cfg){ "hand_baseline.db", 500000, 1000000, 300000 };
  *reps = 5; *naive = 0;
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--naive")) { *naive = 1; continue; }
    if (i + 1 >= argc) { fprintf(stderr, "missing value for %s\n", argv[i]); exit(2); }
    const char *k = argv[i], *v = argv[++i];
    if (!strcmp(k, "--db")) c->path = v;
    else if (!strcmp(k, "--rows")) c->rows = strtoull(v, NULL, 10);
    else if (!strcmp(k, "--reads")) c->reads = strtoull(v, NULL, 10);
    else if (!strcmp(k, "--updates")) c->updates = strtoull(v, NULL, 10);
    else if (!strcmp(k, "--reps")) *reps = atoi(v);
    else if (!strcmp(k, "--profile")) hb_profile = v;
    else { fprintf(stderr, "unknown option %s\n", k); exit(2); }
  }
}

#ifndef HAND_BASELINE_NO_MAIN
int main(int argc, char **argv) {
  hb_cfg c;
  int reps, naive;
  hb_args(argc, argv, &c, &reps, &naive);
  hb_pool_init();
  printf("info sqlite=%s rows=%llu reads=%llu updates=%llu profile=%s\n", sqlite3_libversion(),
         (unsigned long long)c.rows, (unsigned long long)c.reads, (unsigned long long)c.updates, hb_profile);
  for (int r = 0; r < reps; r++) {
    hb_run_hand(&c, r, 0);
    if (naive) hb_run_hand(&c, r, 1);
  }
  hb_report_bests();
  return 0;
}
#endif
