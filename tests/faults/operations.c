/* operations.c: the list of operations. Whatever fails, each closes what it has opened and copies
 * the error of the session or registry it happened in. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "operations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <unistd.h>

#define TAGS (&library_tags_table)
#define NOTES (&archive_notes_table)

static cleat_status
holds(bool condition)
{
    return condition ? CLEAT_OK : CLEAT_VALUE;
}

static int64_t
ask(struct sample *sample, const char *file, const char *sql)
{
    return sample_ask(sample_path(sample, file), sql);
}

static void
note_error(cleat_status rc, const cleat_error *error, cleat_error *ret_error)
{
    if (rc < 0)
        *ret_error = *error;
}

/* ---- units of work ---- */

/* Ends a unit: commits when all went well, and closes. */
static cleat_status
end(cleat_session *session, cleat_status rc, cleat_error *ret_error)
{
    if (rc == CLEAT_OK)
        rc = cleat_session_commit(session);
    note_error(rc, cleat_session_error(session), ret_error);
    cleat_session_close(session);
    return rc;
}

static cleat_status
begin(struct sample *sample, const char *database, unsigned mode, cleat_session **ret_session,
      cleat_error *ret_error)
{
    cleat_status rc = cleat_session_open(sample->registry, database, mode, ret_session);
    note_error(rc, cleat_registry_error(sample->registry), ret_error);
    return rc;
}

/* Writes one row more into each; a name that is there already is none of this unit. */
static cleat_status
write_tag(cleat_session *session)
{
    static int64_t number = 1000;
    library_tags_row tag = {.book_id = ++number, .tag = "of an operation"};
    return cleat_row_insert(session, TAGS, &tag);
}

static cleat_status
write_note(cleat_session *session)
{
    archive_notes_row note;
    cleat_row_defaults(NOTES, &note);
    note.slug = note.id;
    return cleat_row_insert(session, NOTES, &note);
}

static cleat_status
read_unit(struct sample *sample, cleat_error *ret_error)
{
    cleat_session *session;
    int64_t count;
    cleat_status rc = begin(sample, NULL, CLEAT_READ, &session, ret_error);
    if (rc != CLEAT_OK)
        return rc;
    rc = cleat_row_count(session, TAGS, &count);
    return end(session, rc, ret_error);
}

static cleat_status
write_unit(struct sample *sample, cleat_error *ret_error)
{
    cleat_session *session;
    cleat_status rc = begin(sample, NULL, CLEAT_WRITE, &session, ret_error);
    if (rc != CLEAT_OK)
        return rc;
    rc = write_tag(session);
    if (rc == CLEAT_OK)
        rc = cleat_session_rollback(session);
    if (rc == CLEAT_OK)
        rc = cleat_savepoint(session, "before");
    if (rc == CLEAT_OK)
        rc = write_tag(session);
    if (rc == CLEAT_OK)
        rc = cleat_savepoint_rollback(session, "before");
    if (rc == CLEAT_OK)
        rc = write_tag(session);
    return end(session, rc, ret_error);
}

/* A row in each of two databases; in one session twice, since the second unit finds all that the
 * first had to make. */
static cleat_status
write_both(struct sample *sample, unsigned mode, cleat_error *ret_error)
{
    const char *const both[] = {"library", "archive"};
    cleat_session *session;
    cleat_status rc = cleat_session_open_over(sample->registry, both, 2, mode, &session);
    note_error(rc, cleat_registry_error(sample->registry), ret_error);
    if (rc != CLEAT_OK)
        return rc;
    for (int i = 0; rc == CLEAT_OK && i < 2; i++) {
        rc = write_tag(session);
        if (rc == CLEAT_OK)
            rc = write_note(session);
        if (rc == CLEAT_OK && i == 0)
            rc = cleat_session_commit(session);
    }
    return end(session, rc, ret_error);
}

static cleat_status
plain_over_both(struct sample *sample, cleat_error *ret_error)
{
    return write_both(sample, CLEAT_WRITE, ret_error);
}

static cleat_status
atomic_over_both(struct sample *sample, cleat_error *ret_error)
{
    return write_both(sample, CLEAT_WRITE | CLEAT_ATOMIC, ret_error);
}

static void
forget_both(struct sample *sample)
{
    sample_run(sample_path(sample, "library.db"), "DELETE FROM tags");
    sample_run(sample_path(sample, "archive.db"), "DELETE FROM notes");
}

static bool
both_have_it(struct sample *sample)
{
    return ask(sample, "library.db", "SELECT count(*) FROM tags") ==
           ask(sample, "archive.db", "SELECT count(*) FROM notes");
}

static cleat_status
atomic_read(struct sample *sample, cleat_error *ret_error)
{
    cleat_session *session;
    int64_t count;
    cleat_status rc = begin(sample, NULL, CLEAT_READ | CLEAT_ATOMIC, &session, ret_error);
    if (rc != CLEAT_OK)
        return rc;
    rc = cleat_row_count(session, NOTES, &count);
    return end(session, rc, ret_error);
}

/* An archive that lacks the last commit, as the power leaves it. */
static void
tear(struct sample *sample)
{
    cleat_error error;
    forget_both(sample);
    assert_int_equal(atomic_over_both(sample, &error), CLEAT_OK);
    sample_run(sample_path(sample, "archive.db"),
               "UPDATE cleat_marks SET id = id - 1; DELETE FROM notes WHERE rowid ="
               " (SELECT max(rowid) FROM notes)");
    assert_false(both_have_it(sample));
}

static cleat_status
complete_what_was_cut(struct sample *sample, cleat_error *ret_error)
{
    cleat_session *session;
    cleat_status rc = begin(sample, "archive", CLEAT_WRITE, &session, ret_error);
    return rc == CLEAT_OK ? end(session, CLEAT_OK, ret_error) : rc;
}

static cleat_status
complete_at_boot(struct sample *sample, cleat_error *ret_error)
{
    cleat_registry *registry = NULL;
    cleat_status rc = cleat_registry_open(sample->table, &sample->settings, &registry);
    if (registry != NULL)
        note_error(rc, cleat_registry_error(registry), ret_error);
    cleat_registry_close(registry);
    return rc;
}

/* ---- the registry ---- */

static void
hear_line(void *data, cleat_log_level level, const char *line)
{
    (void)data;
    (void)level;
    (void)line;
}

static void
hear_statement(void *data, const char *database, const char *sql, int64_t ns)
{
    (void)data;
    (void)database;
    (void)sql;
    (void)ns;
}

static bool
hear_progress(void *data, const cleat_progress *progress)
{
    (void)data;
    return progress->database != NULL;
}

/* A registry of its own beside the sample's, with every kind of setting, installed and asked. */
static cleat_status
own_registry(struct sample *sample, cleat_error *ret_error)
{
    cleat_registry *registry = NULL;
    cleat_database_info info;
    cleat_session *session = NULL;
    cleat_settings settings;
    cleat_settings_init(&settings, "CLEAT_FAULTS");
    cleat_settings_set(&settings, "directory", sample->directory);
    cleat_settings_set(&settings, "orphans", "report");
    cleat_settings_file(&settings, sample_path(sample, "settings"));
    cleat_settings_log(&settings, hear_line, NULL);
    cleat_settings_trace(&settings, hear_statement, NULL);
    cleat_settings_progress(&settings, hear_progress, NULL);
    cleat_status rc = cleat_registry_open(sample->table, &settings, &registry);
    cleat_registry *before = cleat_registry_install(registry);
    if (rc == CLEAT_OK)
        rc = holds(cleat_registry_current() == registry && cleat_registry_count(registry) == 4);
    if (rc == CLEAT_OK)
        rc = cleat_registry_database(registry, 0, &info);
    if (rc == CLEAT_OK)
        rc = cleat_registry_database_named(registry, NULL, &info);
    if (rc == CLEAT_OK)
        rc = holds(strcmp(info.name, "library") == 0);
    if (rc == CLEAT_OK)
        rc = cleat_session_open(registry, NULL, CLEAT_READ, &session);
    if (rc == CLEAT_OK)
        rc = cleat_session_execute(session, "SELECT 1");
    if (rc < 0 && registry != NULL)
        *ret_error = session == NULL ? *cleat_registry_error(registry)
                                     : *cleat_session_error(session);
    cleat_session_close(session);
    cleat_registry_install(before);
    cleat_registry_close(registry);
    return rc;
}

/* Every commit asks the thread to move the log, which may fail without anybody's harm. */
static cleat_status
with_checkpointer(struct sample *sample, cleat_error *ret_error)
{
    cleat_registry *registry = NULL;
    cleat_session *session = NULL;
    cleat_settings settings = sample->settings;
    cleat_settings_set(&settings, "checkpointer", "on");
    cleat_settings_set(&settings, "wal_autocheckpoint", "1");
    cleat_settings_set(&settings, "library.wal_limit_mb", "1");
    cleat_status rc = cleat_registry_open(sample->table, &settings, &registry);
    if (registry != NULL)
        note_error(rc, cleat_registry_error(registry), ret_error);
    for (int i = 0; rc == CLEAT_OK && i < 2; i++) {
        rc = cleat_session_open(registry, "library", CLEAT_WRITE, &session);
        note_error(rc, cleat_registry_error(registry), ret_error);
        if (rc == CLEAT_OK)
            rc = end(session, write_tag(session), ret_error);
    }
    cleat_registry_close(registry);
    return rc;
}

static void
write_settings(struct sample *sample)
{
    FILE *file = fopen(sample_path(sample, "settings"), "w");
    assert_non_null(file);
    fputs("# of an operation\nlog_level = error\n[library]\npool_size = 1\n", file);
    fclose(file);
}

static cleat_status
print_settings(struct sample *sample, cleat_error *ret_error)
{
    FILE *file = fopen("/dev/null", "w");
    assert_non_null(file);
    (void)ret_error;
    cleat_status rc = cleat_settings_print(&sample->settings, sample->table, file);
    fclose(file);
    return rc;
}

/* The sample's own error, for the calls that are of its registry. */
static cleat_status
of_registry(struct sample *sample, cleat_status rc, cleat_error *ret_error)
{
    note_error(rc, cleat_registry_error(sample->registry), ret_error);
    return rc;
}

static cleat_status
checkpoint(struct sample *sample, cleat_error *ret_error)
{
    return of_registry(sample, cleat_registry_checkpoint(sample->registry, NULL), ret_error);
}

static void
write_log(struct sample *sample)
{
    cleat_error error;
    assert_int_equal(write_unit(sample, &error), CLEAT_OK);
}

static cleat_status
optimize(struct sample *sample, cleat_error *ret_error)
{
    return of_registry(sample, cleat_registry_optimize(sample->registry, NULL), ret_error);
}

/* One database at a time: what it takes to compare a schema is tried again with every failure. */
static cleat_status
check(struct sample *sample, const char *database, cleat_error *ret_error)
{
    cleat_registry *registry = sample->registry;
    cleat_status rc = cleat_registry_check(registry, database, CLEAT_CHECK_FULL, NULL, NULL);
    return of_registry(sample, rc, ret_error);
}

static cleat_status
check_library(struct sample *sample, cleat_error *ret_error)
{
    return check(sample, "library", ret_error);
}

static cleat_status
check_small(struct sample *sample, cleat_error *ret_error)
{
    cleat_status rc = check(sample, "archive", ret_error);
    return rc == CLEAT_OK ? check(sample, "journal", ret_error) : rc;
}

static cleat_status
check_shop(struct sample *sample, cleat_error *ret_error)
{
    return check(sample, "shop", ret_error);
}

static cleat_status
backup(struct sample *sample, cleat_error *ret_error)
{
    return of_registry(
        sample, cleat_registry_backup(sample->registry, sample_path(sample, "set"), NULL, NULL),
        ret_error);
}

static const char *const copies[] = {"set/library.db", "set/archive.db", "set/journal.db",
                                     "set/shop.db"};

/* All files are in the set, and sound. */
static bool
backup_is_whole(struct sample *sample)
{
    for (size_t i = 0; i < CLEAT_COUNT(copies); i++)
        if (access(sample_path(sample, copies[i]), F_OK) != 0 ||
            ask(sample, copies[i],
                "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check = 'ok'") != 1)
            return false;
    return true;
}

/* A disk on which nothing more can be undone may keep the set of a backup that failed; it is whole
 * then. */
static void
remove_backup(struct sample *sample)
{
    if (access(sample_path(sample, "set"), F_OK) == 0)
        assert_true(backup_is_whole(sample));
    for (size_t i = 0; i < CLEAT_COUNT(copies); i++)
        unlink(sample_path(sample, copies[i]));
    rmdir(sample_path(sample, "set"));
}

static cleat_status
figures(struct sample *sample, cleat_error *ret_error)
{
    cleat_stats stats;
    cleat_status rc = cleat_registry_stats(sample->registry, NULL, &stats);
    if (rc == CLEAT_OK)
        rc = cleat_stats_print(sample->registry, NULL);
    return of_registry(sample, rc, ret_error);
}

/* The loans of calls_fill() have notes that are no note's. */
static cleat_status
orphans(struct sample *sample, cleat_error *ret_error)
{
    cleat_orphan *found = NULL;
    size_t count = 0;
    cleat_status rc = cleat_orphans(sample->registry, NULL, &found, &count);
    if (rc == CLEAT_OK)
        rc = holds(count == 1 && found[0].count == 6 && found[0].key_count == CLEAT_ORPHAN_KEYS);
    cleat_free(found);
    return of_registry(sample, rc, ret_error);
}

/* ---- groups ---- */

static cleat_status
add_tag(cleat_session *session, void *data)
{
    (void)data;
    return write_tag(session);
}

static cleat_status
group(struct sample *sample, cleat_error *ret_error)
{
    return cleat_group_run(sample->registry, "library", add_tag, NULL, ret_error);
}

static cleat_status
wait_for_byte(cleat_session *session, void *data)
{
    char byte;
    (void)session;
    return read(*(int *)data, &byte, 1) == 1 ? CLEAT_OK : CLEAT_IO;
}

/* Fetches the results of all that was submitted; the first failure is the answer. */
static cleat_status
fetch(cleat_async *queue, int submitted, cleat_error *ret_error)
{
    cleat_status rc = CLEAT_OK;
    struct pollfd file = {.fd = cleat_async_fd(queue), .events = POLLIN};
    for (int fetched = 0; fetched < submitted;) {
        cleat_result result;
        cleat_status next = cleat_async_next(queue, &result);
        if (next == CLEAT_DONE && poll(&file, 1, 20000) != 1)
            return CLEAT_VALUE; /* nobody answers */
        if (next != CLEAT_ROW)
            continue;
        fetched++;
        if (result.status < 0 && rc == CLEAT_OK) {
            rc = result.status;
            *ret_error = result.error;
        }
    }
    return rc;
}

enum { BATCH = 20 };

/* Pieces that wait while the first one does: the others become one transaction. */
static cleat_status
batch(struct sample *sample, cleat_error *ret_error)
{
    cleat_async *queue;
    int ends[2], submitted = 0;
    cleat_status rc = cleat_async_open(sample->registry, &queue), done;
    if (rc < 0)
        return of_registry(sample, rc, ret_error);
    assert_int_equal(pipe(ends), 0);
    rc = cleat_async_submit(queue, "journal", CLEAT_READ, wait_for_byte, &ends[0]);
    while (rc == CLEAT_OK && ++submitted < BATCH)
        rc = cleat_async_submit(queue, "library", CLEAT_WRITE, add_tag, NULL);
    if (rc < 0)
        of_registry(sample, rc, ret_error);
    assert_int_equal(write(ends[1], "x", 1), 1);
    done = fetch(queue, submitted, ret_error);
    cleat_async_close(queue);
    close(ends[0]);
    close(ends[1]);
    return rc < 0 ? rc : done;
}

/* ---- the list ---- */

static const struct operation operations[] = {
    {"read_unit", OPERATION_READS, NULL, read_unit, NULL},
    {"write_unit", 0, NULL, write_unit, NULL},
    {"plain_over_both", OPERATION_PARTIAL, NULL, plain_over_both, NULL},
    {"atomic_over_both", OPERATION_PARTIAL, forget_both, atomic_over_both, both_have_it},
    {"atomic_read", OPERATION_READS, NULL, atomic_read, NULL},
    {"complete_what_was_cut", 0, tear, complete_what_was_cut, both_have_it},
    {"complete_at_boot", 0, tear, complete_at_boot, both_have_it},
    {"own_registry", 0, write_settings, own_registry, NULL},
    {"with_checkpointer", 0, NULL, with_checkpointer, NULL},
    {"print_settings", 0, NULL, print_settings, NULL},
    {"checkpoint", 0, write_log, checkpoint, NULL},
    {"optimize", 0, NULL, optimize, NULL},
    {"check_library", OPERATION_READS, NULL, check_library, NULL},
    {"check_small", OPERATION_READS, NULL, check_small, NULL},
    {"check_shop", OPERATION_READS, NULL, check_shop, NULL},
    {"backup", OPERATION_ANEW, remove_backup, backup, backup_is_whole},
    {"figures", 0, NULL, figures, NULL},
    {"orphans", OPERATION_READS, NULL, orphans, NULL},
    {"group", 0, NULL, group, NULL},
    {"batch", 0, NULL, batch, NULL},
};

const struct operation operation_of_group = {"a unit of a group", 0, forget_both, plain_over_both,
                                             both_have_it};

const struct operation *
operation_at(size_t place)
{
    return place < CLEAT_COUNT(operations) ? &operations[place] : NULL;
}
