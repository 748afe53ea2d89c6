/* test_steps.c: what can go wrong while a boot runs steps that the tool wrote (a new label, a renamed
 * column, a column that is filled, a table that goes): the disk fails or is full at any call, memory
 * ends at any allocation, the process is killed at any statement, others do the same. Every file is at
 * one revision or another with all rows of that revision, the error says which step and why, and the
 * next boot ends at the last. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "faults.h"
#include "memory.h"
#include "sample.h"
#include "shim.h"
#include "sweeps.h"

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
#include <sys/wait.h>
#include <unistd.h>

/* ---- a program before the history and one at its end ---- */

/* of the example systems; the header with it has the name of another one here */
extern const cleat_init_table app_init_table;

enum { ROWS = 40 };

static const char *const none[] = {NULL};
static const cleat_table *const no_tables[] = {NULL};
static const char *first_schema[32];
static cleat_database first[1], last[1];
static cleat_init_table first_program, last_program;

static void
set_up_programs(void)
{
    const cleat_database *database = app_init_table.databases;
    while (strcmp(database->name, "vector_operations") != 0)
        database++;
    *last = *database;
    last->modules = last->links = none;
    last->tables = no_tables;
    last->soft_references = NULL;
    *first = *last;
    first->migration_count = 1;
    first->revision = last->migrations[0].schema;
    for (uint16_t i = 0; i < last->migrations[0].up_count; i++)
        first_schema[i] = last->migrations[0].up[i].sql;
    first->schema = first_schema;
    first_program = (cleat_init_table){
        .abi = CLEAT_GENERATED_ABI, .name = "app", .databases = first, .database_count = 1};
    last_program = first_program;
    last_program.databases = last;
}

static const char *
path_of(struct sample *sample)
{
    return sample_path(sample, "vector_operations.db");
}

static cleat_status
boot(struct sample *sample, const cleat_init_table *program)
{
    return cleat_registry_open(program, &sample->settings, &sample->registry);
}

#define FILL_SQL                                                                                   \
    "INSERT INTO vector_collections (id, collection_name, embedding_model, dimension) VALUES"      \
    " (1, 'a', 'm1', 3), (2, 'b', 'm2', 4);"                                                       \
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40) INSERT INTO"     \
    " document_embeddings (id, content_hash, collection_id, chunk_no, vector_dimension)"           \
    " SELECT 2 * i, printf('%064d', i), 1 + i % 2, i, 3 FROM n;"                                   \
    "INSERT INTO query_cache (query_hash, results) VALUES ('h', '[]'); ANALYZE"

/* A file of the first revision, kept to begin every attempt with. */
static struct {
    char *bytes;
    size_t size;
} kept;

static void
restore(struct sample *sample)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    char name[300];
    sample_close(sample);
    for (size_t i = 0; i < CLEAT_COUNT(suffixes); i++) {
        snprintf(name, sizeof name, "%s%s", path_of(sample), suffixes[i]);
        unlink(name);
    }
    sample_write(path_of(sample), kept.bytes, kept.size);
}

static int
set_up(void **state)
{
    int rc = sample_set_up(state);
    struct sample *sample = *state;
    if (rc != 0)
        return rc;
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(boot(sample, &first_program), CLEAT_OK);
    sample_close(sample);
    sample_run(path_of(sample), FILL_SQL);
    kept.bytes = sample_read(path_of(sample), &kept.size);
    return 0;
}

static int
tear_down(void **state)
{
    free(kept.bytes);
    return sample_tear_down(state);
}

/* ---- what must be ---- */

#define SCHEMA_SQL                                                                                 \
    "SELECT group_concat(name || sql, '') FROM (SELECT name, sql FROM sqlite_schema WHERE sql IS"  \
    " NOT NULL AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'cleat%' ORDER BY name)"

/* What a query finds first, as text; the caller frees it. */
static char *
ask_text(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *row = NULL;
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &row, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(row), SQLITE_ROW);
    char *text = sqlite3_mprintf("%s", (const char *)sqlite3_column_text(row, 0));
    assert_int_equal(sqlite3_finalize(row), SQLITE_OK);
    return text;
}

static int64_t
ask_number(sqlite3 *handle, const char *sql)
{
    char *text = ask_text(handle, sql);
    int64_t number = strtoll(text, NULL, 10);
    sqlite3_free(text);
    return number;
}

/* The schemas that the first steps lead to, each as one text. */
static char *schemas[8];

static void
make_schemas(void)
{
    sqlite3 *handle = NULL;
    assert_true(last->migration_count < CLEAT_COUNT(schemas));
    assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
    for (uint16_t i = 0; i < last->migration_count; i++) {
        for (uint16_t j = 0; j < last->migrations[i].up_count; j++)
            if (last->migrations[i].up[j].must == NULL)
                assert_int_equal(
                    sqlite3_exec(handle, last->migrations[i].up[j].sql, NULL, NULL, NULL),
                    SQLITE_OK);
        schemas[i + 1] = ask_text(handle, SCHEMA_SQL);
    }
    sqlite3_close(handle);
}

static void
check_rows(sqlite3 *handle, int64_t steps, const char *where)
{
    const char *number = steps < 3 ? "chunk_no" : "chunk_index";
    char sql[300];
    snprintf(sql, sizeof sql,
             "SELECT count(*) FROM document_embeddings WHERE id = 2 * %s AND content_hash = "
             "printf('%%064d', id / 2)",
             number);
    if (ask_number(handle, sql) != ROWS ||
        ask_number(handle, "SELECT count(*) FROM vector_collections") != 2)
        fail_msg("%s: rows are missing after %lld steps", where, (long long)steps);
    if (steps == (int64_t)last->migration_count &&
        ask_number(handle,
                   "SELECT count(*) FROM document_embeddings JOIN vector_collections AS c"
                   " ON c.id = collection_id AND c.embedding_model ="
                   " document_embeddings.embedding_model") != ROWS)
        fail_msg("%s: a column is not filled", where);
}

/* The file is at the revision that its list says, with all rows. Returns how many steps it has. */
static int64_t
check_file(struct sample *sample, const char *where)
{
    sqlite3 *handle = NULL;
    assert_int_equal(sqlite3_open(path_of(sample), &handle), SQLITE_OK);
    sqlite3_busy_timeout(handle, 2000);
    int64_t steps = ask_number(handle, "SELECT count(*) FROM cleat_migrations");
    assert_true(steps >= 1 && steps <= (int64_t)last->migration_count);
    char *schema = ask_text(handle, SCHEMA_SQL);
    if (strcmp(schema, schemas[steps]) != 0)
        fail_msg("%s: the schema is not that of %lld steps", where, (long long)steps);
    sqlite3_free(schema);
    char *found = ask_text(handle, "PRAGMA integrity_check");
    if (strcmp(found, "ok") != 0)
        fail_msg("%s: the file is damaged: %s", where, found);
    sqlite3_free(found);
    check_rows(handle, steps, where);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    return steps;
}

static void
check_whole(struct sample *sample, const char *where)
{
    cleat_status rc = boot(sample, &last_program);
    if (rc != CLEAT_OK)
        fail_msg("%s, then: %s", where, cleat_registry_error(sample->registry)->text);
    sample_close(sample);
    assert_int_equal(check_file(sample, where), last->migration_count);
}

static void
check_error(struct sample *sample, const char *where)
{
    const cleat_error *error = cleat_registry_error(sample->registry);
    if (sample->registry == NULL || error->text[0] == '\0' ||
        (strcmp(error->database, "vector_operations") != 0 && strstr(error->text, "lock") == NULL))
        fail_msg("%s: the error says too little: %s", where, error->text);
}

/* ---- the disk ---- */

static struct {
    bool armed, lasting;
    enum shim_failure failure;
    long place, count;
    enum shim_kind kind;
} fault;

static enum shim_failure
fail_at_place(const struct shim_event *event)
{
    bool can_be_full = event->kind == SHIM_WRITE || event->kind == SHIM_SYNC;
    if (!fault.armed || (fault.failure == SHIM_FULL && !can_be_full))
        return SHIM_WORKS;
    fault.count++;
    if (fault.count < fault.place || (fault.count > fault.place && !fault.lasting))
        return SHIM_WORKS;
    if (fault.count == fault.place)
        fault.kind = event->kind;
    return fault.failure;
}

/* Whether the failure was reached. */
static bool
boot_with_fault(struct sample *sample, long place, bool lasting, enum shim_failure failure)
{
    char where[160];
    restore(sample);
    fault.armed = true;
    fault.lasting = lasting;
    fault.failure = failure;
    fault.place = place;
    fault.count = 0;
    cleat_status rc = boot(sample, &last_program);
    fault.armed = false;
    snprintf(where, sizeof where, "call %ld (%s) %s %s", place, shim_name(fault.kind),
             failure == SHIM_FULL ? "full" : "failed", lasting ? "for good" : "once");
    if (rc != CLEAT_OK && rc != CLEAT_IO && rc != CLEAT_FULL && rc != CLEAT_CANNOT_OPEN)
        fail_msg("%s: %s", where, cleat_registry_error(sample->registry)->text);
    if (rc != CLEAT_OK)
        check_error(sample, where);
    if (rc == CLEAT_FULL && strstr(cleat_registry_error(sample->registry)->text, "room") == NULL)
        fail_msg("%s: it does not say what to do: %s", where,
                 cleat_registry_error(sample->registry)->text);
    sample_close(sample);
    check_file(sample, where);
    check_whole(sample, where);
    return fault.count >= fault.place;
}

static void
a_disk_that_fails_anywhere_leaves_a_revision(void **state)
{
    static const enum shim_failure failures[] = {SHIM_FAILS, SHIM_FULL};
    static const char *const modes[] = {"WAL", "DELETE"};
    long tried = 0, stride = faults_loops(29, 1);
    for (size_t mode = 0; mode < CLEAT_COUNT(modes); mode++)
        for (size_t i = 0; i < CLEAT_COUNT(failures); i++)
            for (int lasting = 0; lasting < 2; lasting++) {
                cleat_settings_set(&((struct sample *)*state)->settings, "journal_mode",
                                   modes[mode]);
                long place = 1 + (long)(faults_round() + i + (size_t)lasting) % stride;
                for (; boot_with_fault(*state, place, lasting, failures[i]); tried++)
                    place += stride;
            }
    print_message("    %ld failures\n", tried);
}

/* ---- memory ---- */

static const struct strides of_steps = {11, 997};

static void
memory_that_ends_anywhere_leaves_a_revision(void **state)
{
    struct sample *sample = *state;
    long tried = 0, living = memory_living();
    sqlite3_int64 used = sqlite3_memory_used();
    for (int lasting = 0; lasting < 2; lasting++) {
        restore(sample);
        memory_arm(MEMORY_PLACES, false);
        cleat_status rc = boot(sample, &last_program);
        memory_disarm();
        if (rc != CLEAT_OK)
            fail_msg("%s", cleat_registry_error(sample->registry)->text);
        long total = memory_count();
        sample_close(sample);
        for (long place = 0; (place = memory_next(place, total, of_steps)) <= total; tried++) {
            char where[64];
            snprintf(where, sizeof where, "allocation %ld", place);
            restore(sample);
            memory_arm(place, lasting);
            rc = boot(sample, &last_program);
            memory_disarm();
            if (rc != CLEAT_OK && rc != CLEAT_NOMEM)
                fail_msg("%s: %s, %s", where, cleat_status_name(rc),
                         cleat_registry_error(sample->registry)->text);
            sample_close(sample);
            if (rc == CLEAT_OK)
                assert_int_equal(check_file(sample, where), last->migration_count);
            else if (!sweep_is_same(path_of(sample), kept.bytes, kept.size))
                check_file(sample, where);
            if (faults_again(place))
                check_whole(sample, where);
        }
    }
    assert_int_equal(memory_living(), living);
    assert_int_equal(sqlite3_memory_used(), used);
    print_message("    %ld failures\n", tried);
}

/* ---- kills and company ---- */

static bool
kill_at(void *data, const cleat_progress *progress)
{
    int *left = data;
    (void)progress;
    if (--*left == 0)
        kill(getpid(), SIGKILL);
    return true;
}

static void
a_kill_at_every_statement_leaves_a_revision(void **state)
{
    struct sample *sample = *state;
    bool killed = true;
    int at = 0;
    while (killed) {
        int status = 0, left = ++at;
        char where[64];
        snprintf(where, sizeof where, "killed at statement %d", at);
        restore(sample);
        pid_t child = fork();
        if (child == 0) {
            cleat_settings_progress(&sample->settings, kill_at, &left);
            _exit(boot(sample, &last_program) == CLEAT_OK ? 0 : 1);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        killed = WIFSIGNALED(status);
        assert_true(killed || WEXITSTATUS(status) == 0);
        check_file(sample, where);
        check_whole(sample, where);
    }
    assert_true(at > 20);
    print_message("    %d statements\n", at - 1);
}

static void
processes_that_start_together_run_each_step_once(void **state)
{
    struct sample *sample = *state;
    for (int round = 0; round < faults_loops(3, 50); round++) {
        pid_t children[4];
        restore(sample);
        for (size_t i = 0; i < CLEAT_COUNT(children); i++) {
            children[i] = fork();
            if (children[i] == 0)
                _exit(boot(sample, &last_program) == CLEAT_OK ? 0 : 1);
        }
        for (size_t i = 0; i < CLEAT_COUNT(children); i++) {
            int status = 1;
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_int_equal(status, 0);
        }
        check_whole(sample, "four at once");
    }
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_disk_that_fails_anywhere_leaves_a_revision),
        TEST(memory_that_ends_anywhere_leaves_a_revision),
        TEST(a_kill_at_every_statement_leaves_a_revision),
        TEST(processes_that_start_together_run_each_step_once),
    };
    memory_install();
    shim_install();
    shim_before = fail_at_place;
    set_up_programs();
    make_schemas();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    for (size_t i = 0; i < CLEAT_COUNT(schemas); i++)
        sqlite3_free(schemas[i]);
    return failed;
}
