/* sweeps.c: one failure after another, of a kind that the test has. */
#include "sweeps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <sys/stat.h>
#include <unistd.h>

static const char *const names[] = {"library.db", "archive.db", "journal.db", "shop.db"};

void
sweep_assert_sound(struct sample *sample, const char *what)
{
    for (size_t i = 0; i < CLEAT_COUNT(names); i++) {
        struct stat found;
        if (stat(sample_path(sample, names[i]), &found) != 0 || found.st_size == 0)
            continue;
        if (sample_ask(
                sample_path(sample, names[i]),
                "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") != 1)
            fail_msg("%s: %s is damaged", what, names[i]);
    }
}

void
sweep_remove_databases(struct sample *sample)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        for (size_t j = 0; j < CLEAT_COUNT(suffixes); j++) {
            char name[64];
            snprintf(name, sizeof name, "%s%s", names[i], suffixes[j]);
            remove(sample_path(sample, name));
        }
}

/* ---- what is in the files ---- */

static void
add_value(uint64_t *sum, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        *sum = (*sum ^ at[i]) * UINT64_C(0x100000001B3);
}

static void
add_rows(uint64_t *sum, sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            int type = sqlite3_column_type(statement, i);
            add_value(sum, &type, sizeof type);
            add_value(sum, sqlite3_column_blob(statement, i),
                      (size_t)sqlite3_column_bytes(statement, i));
        }
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
}

uint64_t
sweep_sum(struct sample *sample)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < CLEAT_COUNT(names); i++) {
        sqlite3 *handle;
        sqlite3_stmt *tables;
        assert_int_equal(sqlite3_open(sample_path(sample, names[i]), &handle), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(handle,
                                            "SELECT 'SELECT * FROM \"' || name || '\"'"
                                            " FROM sqlite_schema WHERE type = 'table'"
                                            " AND sql NOT LIKE 'CREATE VIRTUAL%'",
                                            -1, &tables, NULL),
                         SQLITE_OK);
        while (sqlite3_step(tables) == SQLITE_ROW)
            add_rows(&sum, handle, (const char *)sqlite3_column_text(tables, 0));
        sqlite3_finalize(tables);
        assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    }
    return sum;
}

/* ---- the files as they were ---- */

bool
sweep_is_same(const char *path, const void *bytes, size_t size)
{
    static const char *const suffixes[] = {"-wal", "-journal"};
    size_t found;
    for (size_t i = 0; i < CLEAT_COUNT(suffixes); i++) {
        char name[300];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        if (access(name, F_OK) == 0)
            return false;
    }
    char *text = sample_read(path, &found);
    bool same = found == size && memcmp(text, bytes, size) == 0;
    free(text);
    return same;
}

static struct {
    char *bytes;
    size_t size;
} kept[CLEAT_COUNT(names)];
static uint64_t kept_sum;

void
sweep_keep(struct sample *sample)
{
    sample_close(sample);
    kept_sum = sweep_sum(sample);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        kept[i].bytes = sample_read(sample_path(sample, names[i]), &kept[i].size);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

void
sweep_restore(struct sample *sample)
{
    sample_close(sample);
    sweep_remove_databases(sample);
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        sample_write(sample_path(sample, names[i]), kept[i].bytes, kept[i].size);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

void
sweep_forget(void)
{
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        free(kept[i].bytes);
    memset(kept, 0, sizeof kept);
}

static const char *
describe(const char *name, const struct failures *failures)
{
    static char text[300];
    snprintf(text, sizeof text, "%s, %s", name, failures->describe());
    return text;
}

/* ---- calls, and the commit behind them ---- */

static cleat_status
run_and_commit(cleat_session *session, const struct call *call, bool *ret_committing)
{
    *ret_committing = false;
    cleat_status rc = call->run(session);
    if (rc < 0)
        return rc;
    *ret_committing = true;
    return cleat_session_commit(session);
}

static void
run_again(struct sample *sample, const struct call *call, const char *what)
{
    bool committing;
    cleat_session *session = call_session(sample, call);
    cleat_status rc = run_and_commit(session, call, &committing);
    if (rc != CLEAT_OK)
        fail_msg("%s, then: %s, %s", what, cleat_status_name(rc),
                 cleat_session_error(session)->text);
    cleat_session_close(session);
}

/* One failure: the what, where and how. */
struct failure {
    const struct failures *of;
    long place;
    bool lasting;
    int kind;
};

static void
arm(const struct failure *failure)
{
    failure->of->arm(failure->place, failure->lasting, failure->kind);
}

/* Whether the unit of a call that has failed is to be committed: the call has written nothing, or
 * has broken the unit. Of failures that last some are to meet a rollback. */
static bool
commits_rest(const struct call *call, const struct failure *failure)
{
    return (call->flags & CALL_WRITES) != 0 && (call->flags & CALL_SEVERAL) == 0 &&
           (!failure->lasting || failure->place % 2 == 0);
}

/* Whether the failure was reached. */
static bool
run_with_failure(struct sample *sample, const struct call *call, const struct failure *failure)
{
    const struct failures *failures = failure->of;
    bool committing;
    cleat_session *session = call_session(sample, call);
    arm(failure);
    cleat_status rc = run_and_commit(session, call, &committing);
    cleat_error error = *cleat_session_error(session);
    bool commits = rc < 0 && !committing && commits_rest(call, failure);
    if (!commits)
        cleat_session_rollback(session);
    bool reached = !failures->disarm();
    bool apart = rc == CLEAT_PARTIAL && committing && (call->flags & CALL_APART) != 0;
    const char *what = describe(call->name, failures);
    if (commits && cleat_session_commit(session) == CLEAT_OK && sweep_sum(sample) != kept_sum)
        fail_msg("%s: the call has failed, and has written", what);
    if (rc != CLEAT_OK && !apart && !failures->may_say(rc))
        fail_msg("%s: %s, %s", what, cleat_status_name(rc), error.text);
    if (rc != CLEAT_OK && error.database[0] == '\0')
        fail_msg("%s: the error names no database: %s", what, error.text);
    cleat_session_close(session);
    if (rc == CLEAT_OK && (call->flags & CALL_WRITES) == 0)
        return reached;
    if ((call->flags & CALL_WRITES) != 0) {
        sweep_assert_sound(sample, what);
        sweep_restore(sample);
    }
    run_again(sample, call, what);
    if ((call->flags & CALL_WRITES) != 0)
        sweep_restore(sample);
    return reached;
}

long
sweep_calls(struct sample *sample, const struct failures *failures)
{
    const struct call *call;
    long tried = 0;
    sweep_keep(sample);
    for (size_t i = 0; (call = call_at(i)) != NULL; i++)
        for (int kind = 0; kind < failures->kinds; kind++)
            for (int lasting = 0; lasting < 2; lasting++) {
                struct failure failure = {failures, 1, lasting, kind};
                /* each row of failures leaves out others */
                long stride = failures->stride(failures->call_stride + (lasting + kind) * 3);
                for (; run_with_failure(sample, call, &failure); tried++)
                    failure.place += stride;
            }
    sweep_forget();
    return tried;
}

/* ---- operations ---- */

static void
assert_operation(cleat_status rc, const cleat_error *error, const struct operation *operation,
                 const struct failures *failures)
{
    const char *what = describe(operation->name, failures);
    bool partial = rc == CLEAT_PARTIAL && (operation->flags & OPERATION_PARTIAL) != 0;
    if (rc != CLEAT_OK && !partial && !failures->may_say(rc))
        fail_msg("%s: %s, %s", what, cleat_status_name(rc), error->text);
    if (rc != CLEAT_OK && error->status != rc)
        fail_msg("%s: %s, and the error says %s", what, cleat_status_name(rc),
                 cleat_status_name(error->status));
}

/* Returns whether the failure was reached. */
static bool
operate_with_failure(struct sample *sample, const struct operation *operation,
                     const struct failure *failure)
{
    cleat_error error = {.status = CLEAT_OK};
    if (operation->prepare != NULL)
        operation->prepare(sample);
    arm(failure);
    cleat_status rc = operation->run(sample, &error);
    bool reached = !failure->of->disarm();
    const char *what = describe(operation->name, failure->of);
    assert_operation(rc, &error, operation, failure->of);
    sweep_assert_sound(sample, what);
    if (rc != CLEAT_OK && (operation->flags & OPERATION_ANEW) != 0)
        operation->prepare(sample);
    if (rc != CLEAT_OK && (rc = operation->run(sample, &error)) != CLEAT_OK)
        fail_msg("%s, then: %s, %s", what, cleat_status_name(rc), error.text);
    if (operation->whole != NULL && !operation->whole(sample))
        fail_msg("%s: not whole", what);
    return reached;
}

long
sweep_operation(struct sample *sample, const struct operation *operation,
                const struct failures *failures)
{
    long tried = 0;
    for (int kind = 0; kind < failures->kinds; kind++)
        for (int lasting = 0; lasting < 2; lasting++) {
            int stride = failures->stride(failures->operation_stride);
            struct failure failure = {failures, 1 + kind % stride, lasting, kind};
            for (; operate_with_failure(sample, operation, &failure); tried++)
                failure.place += stride;
        }
    return tried;
}

long
sweep_operations(struct sample *sample, const struct failures *failures)
{
    const struct operation *operation;
    long tried = 0;
    sweep_keep(sample);
    for (size_t i = 0; (operation = operation_at(i)) != NULL; i++) {
        tried += sweep_operation(sample, operation, failures);
        sweep_restore(sample); /* the next one would look at all that this has written */
    }
    sweep_forget();
    return tried;
}

/* ---- boot ---- */

/* Boots with a failure, and then without. Returns whether the failure was reached. */
static bool
boot_with_failure(struct sample *sample, const struct boot *boot, const struct failure *failure)
{
    if (boot->prepare != NULL)
        boot->prepare(sample);
    arm(failure);
    cleat_status rc = sample_open(sample);
    bool reached = !failure->of->disarm();
    const char *what = describe("boot", failure->of);
    if (rc != CLEAT_OK && !failure->of->may_say(rc))
        fail_msg("%s: %s, %s", what, cleat_status_name(rc),
                 cleat_registry_error(sample->registry)->text);
    sample_close(sample);
    sweep_assert_sound(sample, what);
    if (boot->whole != NULL && !boot->whole(sample))
        fail_msg("%s: neither done nor not begun", what);
    if ((rc = sample_open(sample)) != CLEAT_OK)
        fail_msg("%s, then: %s, %s", what, cleat_status_name(rc),
                 cleat_registry_error(sample->registry)->text);
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    sample_close(sample);
    return reached;
}

long
sweep_boot(struct sample *sample, const struct boot *boot, const struct failures *failures)
{
    long tried = 0;
    for (int kind = 0; kind < failures->kinds; kind++)
        for (int lasting = 0; lasting < 2; lasting++) {
            int stride = failures->stride(failures->boot_stride);
            struct failure failure = {failures, 1 + kind % stride, lasting, kind};
            for (; boot_with_failure(sample, boot, &failure); tried++)
                failure.place += stride;
        }
    return tried;
}
