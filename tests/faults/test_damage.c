/* test_damage.c: files that are damaged. Nothing crashes or hangs; the status says what it is, the
 * error names the database; a file that is refused at boot is not changed. Boots that break these
 * promises on purpose are found out by the same checks. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "calls.h"
#include "faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include <time.h>
#include <unistd.h>

static int64_t
milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t chance_state;

static uint64_t
chance(uint64_t below)
{
    chance_state ^= chance_state << 13; /* xorshift */
    chance_state ^= chance_state >> 7;
    chance_state ^= chance_state << 17;
    return chance_state % below;
}

/* ---- files as bytes ---- */

struct bytes {
    char *data;
    size_t size;
};

static struct bytes
read_bytes(struct sample *sample, const char *name)
{
    struct bytes bytes;
    bytes.data = sample_read(sample_path(sample, name), &bytes.size);
    return bytes;
}

static bool
is_unchanged(struct sample *sample, const char *name, const struct bytes *bytes)
{
    struct bytes now = read_bytes(sample, name);
    bool same = now.size == bytes->size &&
                (now.size == 0 || memcmp(now.data, bytes->data, now.size) == 0);
    free(now.data);
    return same;
}

static void
remove_companions(struct sample *sample)
{
    static const char *const names[] = {"library.db-wal", "library.db-shm", "library.db-journal",
                                        "archive.db-wal", "archive.db-shm"};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        unlink(sample_path(sample, names[i]));
}

/* ---- damage ---- */

/* The library, sound, with its log; the log of the archive; and copies to be damaged. */
struct trial {
    struct bytes library, log, other_log;
    struct bytes file, file_log;
};

static void
prepare(struct sample *sample, struct trial *ret_trial)
{
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    calls_fill(sample->registry);
    ret_trial->library = read_bytes(sample, "library.db");
    ret_trial->log = read_bytes(sample, "library.db-wal");
    cleat_session *session = sample_session(sample, "archive", CLEAT_WRITE);
    assert_int_equal(
        cleat_session_execute(session, "INSERT INTO archive.notes (id, slug) VALUES ('1', '2')"),
        CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    ret_trial->other_log = read_bytes(sample, "archive.db-wal");
    sample_close(sample);
    assert_true(ret_trial->log.size > 0 && ret_trial->other_log.size > 0);
    ret_trial->file.data = malloc(ret_trial->library.size);
    ret_trial->file_log.data = malloc(ret_trial->log.size + ret_trial->other_log.size);
    assert_true(ret_trial->file.data != NULL && ret_trial->file_log.data != NULL);
}

static void
clear(struct trial *trial)
{
    free(trial->library.data);
    free(trial->log.data);
    free(trial->other_log.data);
    free(trial->file.data);
    free(trial->file_log.data);
}

static void
copy(struct bytes *to, const struct bytes *from)
{
    memcpy(to->data, from->data, from->size);
    to->size = from->size;
}

static void
flip_bits(struct bytes *bytes, size_t below, uint64_t most)
{
    for (uint64_t i = 1 + chance(most); i > 0; i--)
        bytes->data[chance(below)] ^= (char)(1 << chance(8));
}

static void
write_junk(struct sample *sample, const char *name)
{
    char junk[4096];
    for (size_t i = 0; i < sizeof junk; i++)
        junk[i] = (char)chance(256);
    sample_write(sample_path(sample, name), junk, sizeof junk);
}

/* Damages copies; returns what was done. */
static const char *
damage(struct sample *sample, struct trial *trial)
{
    struct bytes *file = &trial->file, *log = &trial->file_log;
    copy(file, &trial->library);
    copy(log, &trial->log);
    if (chance(2) == 0)
        log->size = 0;
    switch (chance(8)) {
    case 0: flip_bits(file, file->size, 8); return "bits of the file flipped";
    case 1: flip_bits(file, 8192, 4); return "bits of the header and schema flipped";
    case 2: file->size = (size_t)chance(file->size / 512) * 512; return "the file cut off";
    case 3: memset(file->data, 0, 100); return "the header zeroed";
    case 4: {
        size_t at = (size_t)chance(file->size / 4096) * 4096;
        memset(file->data + at, (int)chance(256), 4096);
        return "a page overwritten";
    }
    case 5:
        log->size = trial->log.size;
        flip_bits(log, log->size, 8);
        return "bits of the log flipped";
    case 6: copy(log, &trial->other_log); return "the log of another database";
    default: write_junk(sample, "library.db-shm"); return "a stale shared memory";
    }
}

/* ---- what must be ---- */

/* A promise that was not kept, "" for none. */
static char complaint[900];

#define COMPLAIN(...)                                                                              \
    do {                                                                                           \
        if (complaint[0] == '\0')                                                                  \
            snprintf(complaint, sizeof complaint, __VA_ARGS__);                                    \
    } while (0)

/* What is not seen at boot may come out of any call, but never without a name, a status or in more
 * than the time it takes. */
static void
use_damaged(struct sample *sample, const char *what)
{
    const struct call *call;
    for (size_t i = 0; (call = call_at(i)) != NULL; i += 1 + (size_t)chance(8)) {
        cleat_session *session = NULL;
        unsigned mode = (call->flags & CALL_WRITES) != 0 ? CLEAT_WRITE : CLEAT_READ;
        if (call->database != NULL)
            continue;
        cleat_status rc = cleat_session_open(sample->registry, "library", mode, &session);
        const cleat_error *error = cleat_registry_error(sample->registry);
        if (rc == CLEAT_OK) {
            rc = call->run(session);
            if (rc == CLEAT_OK)
                rc = cleat_session_commit(session);
            error = cleat_session_error(session);
        }
        if (rc < 0 && error->status != CLEAT_OK && error->database[0] == '\0')
            COMPLAIN("%s, %s: no database is named: %s", what, call->name, error->text);
        cleat_session_close(session);
    }
}

static bool
may_boot_say(cleat_status rc)
{
    return rc == CLEAT_OK || rc == CLEAT_CORRUPT || rc == CLEAT_DRIFT || rc == CLEAT_NEWER ||
           rc == CLEAT_CANNOT_OPEN || rc == CLEAT_IO;
}

/* How files are booted, how long that and what comes after it may take: other programs may keep
 * this one from the processor for seconds. */
struct way {
    cleat_status (*boot)(struct sample *sample);
    int64_t limit_ms;
};

static const struct way of_the_runtime = {sample_open, 20000};

/* Returns what boot said. */
static cleat_status
try_damage(struct sample *sample, struct trial *trial, const struct way *way)
{
    remove_companions(sample);
    const char *what = damage(sample, trial);
    sample_write(sample_path(sample, "library.db"), trial->file.data, trial->file.size);
    if (trial->file_log.size > 0)
        sample_write(sample_path(sample, "library.db-wal"), trial->file_log.data,
                     trial->file_log.size);
    int64_t start = milliseconds();
    cleat_status rc = way->boot(sample);
    const cleat_error *error = cleat_registry_error(sample->registry);
    if (!may_boot_say(rc))
        COMPLAIN("%s: %s, %s", what, cleat_status_name(rc), error->text);
    if (rc == CLEAT_OK)
        use_damaged(sample, what);
    else if (strcmp(error->database, "library") != 0)
        COMPLAIN("%s: the error names '%s': %s", what, error->database, error->text);
    else if (!is_unchanged(sample, "library.db", &trial->file))
        COMPLAIN("%s: refused and yet changed", what);
    sample_close(sample);
    if (milliseconds() - start > way->limit_ms)
        COMPLAIN("%s: took %lld ms", what, (long long)(milliseconds() - start));
    return rc;
}

/* Damages again and again until something is wrong. Returns how many were refused at boot. */
static int
try_all(struct sample *sample, const struct way *way, int loops)
{
    struct trial trial;
    int refused = 0;
    complaint[0] = '\0';
    chance_state = 88172645463325252u + faults_round();
    cleat_settings_set(&sample->settings, "log_level", "none");
    prepare(sample, &trial);
    for (int i = 0; i < loops && complaint[0] == '\0'; i++)
        refused += try_damage(sample, &trial, way) != CLEAT_OK;
    clear(&trial);
    return refused;
}

static void
damaged_files_are_refused_or_used_without_a_crash(void **state)
{
    int loops = faults_loops(500, 10000);
    int refused = try_all(*state, &of_the_runtime, loops);
    if (complaint[0] != '\0')
        fail_msg("%s", complaint);
    print_message("    %d damaged, %d refused at boot\n", loops, refused);
    assert_true(refused > loops / 10 && refused < loops);
}

/* ---- controls ---- */

/* The checks find a boot out, and say this. */
static void
expect_found_out(struct sample *sample, const struct way *way, const char *words)
{
    try_all(sample, way, 200);
    if (strstr(complaint, words) == NULL)
        fail_msg("not found out: %s", complaint);
}

/* What another program does that opens the files: it finishes what their log says. */
static cleat_status
boot_after_a_plain_program(struct sample *sample)
{
    sqlite3 *handle = NULL;
    sqlite3_open(sample_path(sample, "library.db"), &handle);
    sqlite3_exec(handle, "PRAGMA schema_version", NULL, NULL, NULL);
    sqlite3_close(handle);
    return sample_open(sample);
}

static void
a_refused_file_that_changes_is_found_out(void **state)
{
    const struct way way = {boot_after_a_plain_program, 20000};
    expect_found_out(*state, &way, "refused and yet changed");
}

static cleat_status
boot_without_a_name(struct sample *sample)
{
    cleat_status rc = sample_open(sample);
    ((cleat_error *)(uintptr_t)cleat_registry_error(sample->registry))->database[0] = '\0';
    return rc;
}

static void
an_error_without_a_name_is_found_out(void **state)
{
    const struct way way = {boot_without_a_name, 20000};
    expect_found_out(*state, &way, "the error names ''");
}

static cleat_status
boot_with_another_status(struct sample *sample)
{
    cleat_status rc = sample_open(sample);
    return rc == CLEAT_CORRUPT ? CLEAT_ERROR : rc;
}

static void
a_status_that_says_nothing_is_found_out(void **state)
{
    const struct way way = {boot_with_another_status, 20000};
    expect_found_out(*state, &way, "CLEAT_ERROR");
}

static cleat_status
boot_slowly(struct sample *sample)
{
    nanosleep(&(struct timespec){0, 30 * 1000 * 1000}, NULL);
    return sample_open(sample);
}

static void
a_boot_that_hangs_is_found_out(void **state)
{
    const struct way way = {boot_slowly, 20};
    expect_found_out(*state, &way, "took");
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(damaged_files_are_refused_or_used_without_a_crash),
        TEST(a_refused_file_that_changes_is_found_out),
        TEST(an_error_without_a_name_is_found_out),
        TEST(a_status_that_says_nothing_is_found_out),
        TEST(a_boot_that_hangs_is_found_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
