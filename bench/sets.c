/* sets.c: set operations beside loops of cached single-row statements, written by hand. Both run by
 * turns, in one transaction, on files with the same schema: that of the generated tables. A set
 * operation is one call with the whole array. Each line has a checksum, which both must agree on.
 *
 * The last lines are memory: the peak of a process that collects all users. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#define HAND_BASELINE_NO_MAIN
#pragma GCC diagnostic ignored "-Wunused-function"
#include "hand_baseline.c"

#include "bench/db_models.cleat.h"
#include "init_table.h"

#include <sys/resource.h>
#include <sys/wait.h>

enum { ARTICLES = 20000, BATCH = 1000 };

static const hb_cfg *config;
static cleat_registry *registry;
static cleat_session *session;
static sqlite3 *hand;

static void
check(cleat_status status)
{
    if (status >= 0)
        return;
    fprintf(stderr, "%s: %s\n", cleat_status_name(status),
            session ? cleat_session_error(session)->text : cleat_registry_error(registry)->text);
    exit(1);
}

/* ---- the two files ---- */

static const char *
path_of(const char *name)
{
    static char paths[2][4096];
    static int turn;
    char *path = paths[turn++ % 2];
    snprintf(path, sizeof paths[0], "%s.%s", config->path, name);
    return path;
}

/* `temp_store` is where SQLite keeps what undoes a statement that fails. */
static void
open_cleat(const char *temp_store)
{
    cleat_settings settings;
    cleat_settings_init(&settings, NULL);
    check(cleat_settings_set(&settings, "databases.bench_path", path_of("cleat")));
    check(cleat_settings_set(&settings, "log_level", "warning"));
    check(cleat_settings_set(&settings, "temp_store", temp_store));
    check(cleat_registry_open(&bench_schema_init_table, &settings, &registry));
}

static void
open_hand(void)
{
    const char *const *schema = bench_schema_init_table.databases[0].schema;
    hand = hb_open(path_of("hand"));
    for (; *schema != NULL; schema++)
        hb_exec(hand, *schema);
}

static void
begin(unsigned mode)
{
    check(cleat_session_open(registry, "bench", mode, &session));
}

static void
end(unsigned mode)
{
    if (mode == CLEAT_WRITE)
        check(cleat_session_commit(session));
    cleat_session_close(session);
    session = NULL;
}

static void
hb_check(sqlite3 *db, int rc)
{
    if (rc != SQLITE_OK)
        hb_die(db, "sets", rc);
}

static sqlite3_stmt *
prepare(const char *sql)
{
    sqlite3_stmt *statement;
    int rc = sqlite3_prepare_v3(hand, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    if (rc != SQLITE_OK)
        hb_die(hand, sql, rc);
    return statement;
}

/* Runs a statement that returns no row, and makes it ready again. */
static void
run(sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    if (rc != SQLITE_DONE)
        hb_die(hand, sqlite3_sql(statement), rc);
    sqlite3_reset(statement);
}

/* ---- the rows ---- */

/* Ids and payloads of one workload; what is timed is only the writing. */
static bench_users_row *rows;
static hb_user *hand_rows;

static void
set_row(uint64_t place, int64_t id, uint64_t payload)
{
    const hb_user *from = hb_payload(payload);
    bench_users_row *row = &rows[place];
    hand_rows[place] = *from;
    hand_rows[place].id = id;
    memset(row, 0, sizeof *row);
    row->id = id;
    row->email = from->email;
    row->display_name = from->display_name;
    row->bio = from->bio;
    row->has_age = !from->age_null;
    row->age = from->age;
    row->score = from->score;
    row->avatar.data = from->avatar;
    row->avatar.size = (size_t)from->avatar_n;
    row->created_at = from->created_at;
}

static uint64_t
fold(uint64_t sum, const bench_users_row *row)
{
    return hb_fold(sum, row->id, row->email, row->display_name, row->bio, !row->has_age,
                   (int32_t)row->age, row->score, row->avatar.data, (int)row->avatar.size,
                   row->created_at);
}

/* ---- users: insert, upsert ---- */

static void
write_hand(const char *workload, int rep, int which, uint64_t count)
{
    hb_dao dao = {.db = hand};
    hb_t start = hb_now();
    hb_exec(hand, "BEGIN IMMEDIATE");
    for (uint64_t i = 0; i < count; i++) {
        int rc = hb_write(&dao, which, &hand_rows[i]);
        if (rc != SQLITE_OK)
            hb_die(hand, workload, rc);
    }
    hb_exec(hand, "COMMIT");
    hb_t stop = hb_now();
    hb_dao_close(&dao);
    hb_report("hand", workload, rep, count, start, stop, hb_table_sum(hand));
}

static uint64_t
cleat_sum(void)
{
    bench_users_row row;
    cleat_cursor cursor;
    uint64_t sum = 0;
    begin(CLEAT_READ);
    check(bench_users_list(session, &cursor));
    while (bench_users_next(&cursor, &row) == CLEAT_ROW)
        sum = fold(sum, &row);
    end(CLEAT_READ);
    return sum;
}

static void
write_cleat(const char *workload, int rep,
            cleat_status (*write)(cleat_session *s, bench_users_row *some, size_t count),
            uint64_t count)
{
    hb_t start = hb_now();
    begin(CLEAT_WRITE);
    check(write(session, rows, count));
    end(CLEAT_WRITE);
    hb_t stop = hb_now();
    hb_report("cleat", workload, rep, count, start, stop, cleat_sum());
}

/* Batches of rows in no order, each in a transaction of its own: of a table that is larger than the
 * page cache, nearly every row needs a page of its own. `payload` makes each run's rows new. */
static void
run_batches(const char *workload, int rep, uint64_t payload)
{
    uint64_t seed = HB_SEED_UPS + 1, count = config->updates / BATCH * BATCH;
    for (uint64_t i = 0; i < count; i++)
        set_row(i, (int64_t)(hb_rng_next(&seed) % config->rows) + 1, i + payload);
    hb_dao dao = {.db = hand};
    hb_t start = hb_now();
    for (uint64_t i = 0; i < count; i++) {
        if (i % BATCH == 0)
            hb_exec(hand, i == 0 ? "BEGIN IMMEDIATE" : "COMMIT; BEGIN IMMEDIATE");
        int rc = hb_write(&dao, ST_UPSERT, &hand_rows[i]);
        if (rc != SQLITE_OK)
            hb_die(hand, workload, rc);
    }
    hb_exec(hand, "COMMIT");
    hb_t stop = hb_now();
    hb_dao_close(&dao);
    hb_report("hand", workload, rep, count, start, stop, hb_table_sum(hand));

    start = hb_now();
    for (uint64_t i = 0; i < count; i += BATCH) {
        begin(CLEAT_WRITE);
        check(bench_users_upsert_many(session, rows + i, BATCH));
        end(CLEAT_WRITE);
    }
    stop = hb_now();
    hb_report("cleat", workload, rep, count, start, stop, cleat_sum());
}

static void
run_all_batches(int rep)
{
    if (config->updates < BATCH)
        return;
    run_batches("upsert_batches", rep, 13);
    cleat_registry_close(registry);
    open_cleat("MEMORY");
    run_batches("upsert_batches_memory", rep, 17);
    cleat_registry_close(registry);
    open_cleat("DEFAULT");
}

static void
run_writes(int rep)
{
    uint64_t seed = HB_SEED_UPS;
    for (uint64_t i = 0; i < config->rows; i++)
        set_row(i, (int64_t)i + 1, i + 1);
    write_hand("insert_many", rep, ST_INSERT, config->rows);
    write_cleat("insert_many", rep, bench_users_insert_many, config->rows);
    for (uint64_t i = 0; i < config->updates; i++)
        set_row(i, (int64_t)(hb_rng_next(&seed) % (config->rows + config->rows / 10)) + 1, i + 11);
    write_hand("upsert_many", rep, ST_UPSERT, config->updates);
    write_cleat("upsert_many", rep, bench_users_upsert_many, config->updates);
}

/* ---- users: by many keys, all ---- */

static void
run_get_many(int rep)
{
    uint64_t count = config->updates, sum = 0, seed = HB_SEED_GET;
    int64_t *ids = malloc(count * sizeof *ids);
    hb_dao dao = {.db = hand};
    if (ids == NULL)
        abort();
    for (uint64_t i = 0; i < count; i++)
        ids[i] = (int64_t)(hb_rng_next(&seed) % config->rows) + 1;
    hb_t start = hb_now();
    hb_exec(hand, "BEGIN");
    for (uint64_t i = 0; i < count; i++) {
        hb_user *user;
        int rc = hb_get_own(&dao, ids[i], &user);
        if (rc != SQLITE_OK || user == NULL)
            hb_die(hand, "get_many", rc);
        sum = hb_fold_user(sum, user);
        free(user);
    }
    hb_exec(hand, "COMMIT");
    hb_report("hand", "get_many", rep, count, start, hb_now(), sum);
    hb_dao_close(&dao);

    sum = 0;
    start = hb_now();
    begin(CLEAT_READ);
    bench_users_rows found;
    check(bench_users_get_many(session, ids, count, &found));
    for (size_t i = 0; i < found.count; i++)
        sum = fold(sum, &found.items[i]);
    bench_users_rows_clear(&found);
    end(CLEAT_READ);
    hb_report("cleat", "get_many", rep, count, start, hb_now(), sum);
    free(ids);
}

static uint64_t
collect_hand(uint64_t *ret_count)
{
    hb_dao dao = {.db = hand};
    hb_list list;
    uint64_t sum = 0;
    int rc = hb_list_own(&dao, &list);
    if (rc != SQLITE_OK)
        hb_die(hand, "collect", rc);
    for (size_t i = 0; i < list.n; i++)
        sum = hb_fold_user(sum, &list.rows[i]);
    *ret_count = list.n;
    hb_list_free(&list);
    hb_dao_close(&dao);
    return sum;
}

static uint64_t
collect_cleat(uint64_t *ret_count)
{
    bench_users_rows all;
    uint64_t sum = 0;
    begin(CLEAT_READ);
    check(bench_users_collect(session, &all));
    for (size_t i = 0; i < all.count; i++)
        sum = fold(sum, &all.items[i]);
    *ret_count = all.count;
    bench_users_rows_clear(&all);
    end(CLEAT_READ);
    return sum;
}

static void
run_collect(int rep)
{
    uint64_t count;
    hb_t start = hb_now();
    uint64_t sum = collect_hand(&count);
    hb_report("hand", "collect", rep, count, start, hb_now(), sum);
    start = hb_now();
    sum = collect_cleat(&count);
    hb_report("cleat", "collect", rep, count, start, hb_now(), sum);
}

/* ---- members: create or get ---- */

/* An address and the id that it got. */
struct ensured {
    char email[32];
    int64_t id;
};

static void
ensure_by_hand(struct ensured *members, uint64_t count)
{
    sqlite3_stmt *insert = prepare(
        "INSERT INTO members(email,name,score,created_at)"
        " VALUES(?1,'member',0.5,?2) ON CONFLICT(email) DO NOTHING");
    sqlite3_stmt *find = prepare("SELECT id FROM members WHERE email=?1");
    hb_exec(hand, "BEGIN IMMEDIATE");
    for (uint64_t i = 0; i < count; i++) {
        int length = (int)strlen(members[i].email);
        sqlite3_bind_text(insert, 1, members[i].email, length, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 2, (int64_t)i);
        run(insert);
        if (sqlite3_changes(hand) > 0) {
            members[i].id = sqlite3_last_insert_rowid(hand);
            continue;
        }
        sqlite3_bind_text(find, 1, members[i].email, length, SQLITE_STATIC);
        if (sqlite3_step(find) != SQLITE_ROW)
            hb_die(hand, "ensure_many", SQLITE_ERROR);
        members[i].id = sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
    }
    hb_exec(hand, "COMMIT");
    sqlite3_finalize(insert);
    sqlite3_finalize(find);
}

/* How many ids name the row with their address, and how many rows there are. */
static uint64_t
ensured_sum(const char *name, const struct ensured *members, uint64_t count)
{
    sqlite3 *db = hb_open(path_of(name));
    sqlite3_stmt *find;
    uint64_t sum = 0;
    hb_check(db, sqlite3_prepare_v2(db, "SELECT count(*) FROM members WHERE id=?1 AND email=?2", -1,
                                    &find, NULL));
    for (uint64_t i = 0; i < count; i++) {
        sqlite3_bind_int64(find, 1, members[i].id);
        sqlite3_bind_text(find, 2, members[i].email, -1, SQLITE_STATIC);
        sqlite3_step(find);
        sum += (uint64_t)sqlite3_column_int64(find, 0);
        sqlite3_reset(find);
    }
    sqlite3_finalize(find);
    hb_check(db, sqlite3_prepare_v2(db, "SELECT count(*) FROM members", -1, &find, NULL));
    sqlite3_step(find);
    sum = sum << 32 | (uint64_t)sqlite3_column_int64(find, 0);
    sqlite3_finalize(find);
    sqlite3_close(db);
    return sum;
}

static void
ensure_with_cleat(const char *workload, int rep, struct ensured *members, uint64_t count)
{
    bench_members_row *some = calloc(count, sizeof *some);
    if (some == NULL)
        abort();
    for (uint64_t i = 0; i < count; i++) {
        some[i].email = members[i].email;
        some[i].name = "member";
        some[i].score = 0.5;
        some[i].created_at = (int64_t)i;
    }
    hb_t start = hb_now();
    begin(CLEAT_WRITE);
    check(bench_members_ensure_many_by_email(session, some, count));
    end(CLEAT_WRITE);
    hb_t stop = hb_now();
    for (uint64_t i = 0; i < count; i++)
        members[i].id = some[i].id;
    hb_report("cleat", workload, rep, count, start, stop, ensured_sum("cleat", members, count));
    free(some);
}

/* Addresses in no order. With a step of 2 all are new; then with 1 every second one is there. */
static void
run_ensure(const char *workload, int rep, uint64_t step)
{
    uint64_t count = config->updates;
    struct ensured *members = calloc(count, sizeof *members);
    if (members == NULL)
        abort();
    for (uint64_t i = 0; i < count; i++)
        snprintf(members[i].email, sizeof members[i].email, "member%llu@example.org",
                 (unsigned long long)(i * step * 7919 % 10000019));
    hb_t start = hb_now();
    ensure_by_hand(members, count);
    hb_t stop = hb_now();
    hb_report("hand", workload, rep, count, start, stop, ensured_sum("hand", members, count));
    ensure_with_cleat(workload, rep, members, count);
    free(members);
}

/* ---- articles: full text ---- */

static uint64_t
hand_answer(const char *sql)
{
    sqlite3_stmt *statement = prepare(sql);
    uint64_t answer = 0;
    if (sqlite3_step(statement) == SQLITE_ROW)
        answer = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

static uint64_t
cleat_answer(const char *sql)
{
    cleat_statement *statement;
    begin(CLEAT_READ);
    check(cleat_statement_open(session, sql, &statement));
    check(cleat_statement_next(statement));
    uint64_t answer = (uint64_t)cleat_statement_integer(statement, 0);
    cleat_statement_close(statement);
    end(CLEAT_READ);
    return answer;
}

static void
run_articles(int rep)
{
    static bench_articles_row articles[ARTICLES];
    static const char *const find =
        "SELECT count(*) FROM bench.articles_fts WHERE articles_fts MATCH 'display'";
    uint64_t count = config->updates < ARTICLES ? config->updates : ARTICLES;
    for (uint64_t i = 0; i < count; i++) {
        const hb_user *user = hb_payload(i);
        articles[i] = (bench_articles_row){.title = user->display_name,
                                           .body = user->bio != NULL ? user->bio : user->email};
    }
    sqlite3_stmt *insert = prepare("INSERT INTO articles(title,body) VALUES(?1,?2)");
    hb_t start = hb_now();
    hb_exec(hand, "BEGIN IMMEDIATE");
    for (uint64_t i = 0; i < count; i++) {
        sqlite3_bind_text(insert, 1, articles[i].title, -1, SQLITE_STATIC);
        sqlite3_bind_text(insert, 2, articles[i].body, -1, SQLITE_STATIC);
        run(insert);
    }
    hb_exec(hand, "COMMIT");
    hb_t stop = hb_now();
    sqlite3_finalize(insert);
    hb_report("hand", "full_text_many", rep, count, start, stop, hand_answer(find));

    start = hb_now();
    begin(CLEAT_WRITE);
    check(bench_articles_insert_many(session, articles, count));
    end(CLEAT_WRITE);
    stop = hb_now();
    hb_report("cleat", "full_text_many", rep, count, start, stop, cleat_answer(find));
}

/* ---- memory ---- */

/* The peak of a process that collects all users, in bytes per user. */
static void
report_memory(const char *name, bool by_hand)
{
    uint64_t count = 0;
    struct rusage usage;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (by_hand)
            hand = hb_open(path_of("hand"));
        else
            open_cleat("DEFAULT");
        uint64_t sum = by_hand ? collect_hand(&count) : collect_cleat(&count);
        getrusage(RUSAGE_SELF, &usage);
        printf("memory impl=%s workload=collect rows=%llu peak_kb=%ld sum=%016llx\n", name,
               (unsigned long long)count, usage.ru_maxrss, (unsigned long long)sum);
        fflush(stdout);
        _exit(0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0)
        exit(1);
}

/* ---- the run ---- */

static void
remove_files(void)
{
    hb_unlink(path_of("hand"));
    hb_unlink(path_of("cleat"));
}

static void
run_all(int rep)
{
    remove_files();
    open_hand();
    sqlite3_db_config(hand, SQLITE_DBCONFIG_MAINDBNAME, "bench");
    open_cleat("DEFAULT");
    run_writes(rep);
    run_all_batches(rep);
    run_get_many(rep);
    run_collect(rep);
    run_ensure("ensure_many_new", rep, 2);
    run_ensure("ensure_many", rep, 1);
    run_articles(rep);
    cleat_registry_close(registry);
    registry = NULL;
    sqlite3_close(hand);
    hand = NULL;
}

int
main(int argc, char **argv)
{
    hb_cfg settings;
    int repetitions;
    int naive;
    hb_args(argc, argv, &settings, &repetitions, &naive);
    hb_pool_init();
    config = &settings;
    uint64_t most = settings.rows > settings.updates ? settings.rows : settings.updates;
    rows = calloc(most, sizeof *rows);
    hand_rows = calloc(most, sizeof *hand_rows);
    if (rows == NULL || hand_rows == NULL)
        return 1;
    printf("info sqlite=%s\n", sqlite3_libversion());
    for (int i = 0; i < repetitions; i++)
        run_all(i);
    free(rows);
    free(hand_rows);
    report_memory("hand", true);
    report_memory("cleat", false);
    remove_files();
    return 0;
}
