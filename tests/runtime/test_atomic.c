/* test_atomic.c: commits over several databases that are whole: what is captured, what is refused, and
 * what becomes of a peer or a home that is older than the other. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- files put aside and back, as a crash between two commits leaves them ---- */

static void
copy_file(const char *from, const char *to)
{
    size_t size;
    unlink(to);
    if (access(from, F_OK) != 0)
        return;
    char *bytes = sample_read(from, &size);
    FILE *file = fopen(to, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    fclose(file);
    free(bytes);
}

static void
save_archive(struct sample *sample, bool back)
{
    static const char *const names[][2] = {
        {"archive.db", "saved.db"},
        {"archive.db-wal", "saved.db-wal"},
    };
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        copy_file(sample_path(sample, names[i][back]), sample_path(sample, names[i][!back]));
    if (back)
        unlink(sample_path(sample, "archive.db-shm"));
}

/* Everything in the notes, as one text to compare. */
static void
read_notes(struct sample *sample, char *ret_text, size_t size)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(sample_path(sample, "archive.db"), &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle,
                                        "SELECT group_concat(quote(id)||quote(slug)||quote(amount)"
                                        "||hex(coalesce(body,'-')), ' ') FROM (SELECT * FROM notes"
                                        " ORDER BY id)",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    snprintf(ret_text, size, "%s", text == NULL ? "" : text);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
}

/* ---- units ---- */

static void
a_commit_writes_both_and_marks_the_peer(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    add_tag(session, 1);
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(add_note(session, "b"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(cleat_session_outcome(session, "library"), CLEAT_OUTCOME_COMMITTED);
    assert_int_equal(cleat_session_outcome(session, "archive"), CLEAT_OUTCOME_COMMITTED);
    assert_true(ask(sample, "archive.db", "SELECT count(*) FROM notes") == 2);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks WHERE home='library'") == 1);
    assert_true(ask(sample, "library.db",
                    "SELECT count(*) FROM cleat_intents WHERE peer='archive' AND id=1") == 2);
    assert_int_equal(add_note(session, "c"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks WHERE home='library'") == 2);
}

static void
the_bookkeeping_is_no_drift(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(ask(sample, "journal.db",
                    "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'cleat%'") == 0);
    sample_run(sample_path(sample, "archive.db"), "CREATE TABLE foreign_table (a)");
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_DRIFT);
}

static void
rollback_and_savepoints_undo_intents(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(cleat_savepoint(session, "s"), CLEAT_OK);
    assert_int_equal(add_note(session, "b"), CLEAT_OK);
    assert_int_equal(cleat_savepoint_rollback(session, "s"), CLEAT_OK);
    assert_int_equal(add_note(session, "a"), CLEAT_CONFLICT);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(ask(sample, "library.db", "SELECT count(*) FROM cleat_intents") == 1);
    assert_int_equal(add_note(session, "c"), CLEAT_OK);
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_true(ask(sample, "library.db", "SELECT count(*) FROM cleat_intents") == 1);
    add_tag(session, 1);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 1);
}

/* Two units that change the notes in all ways, by a process that ends without closing anything. */
static int
change_notes(struct sample *sample, archive_notes_row *notes)
{
    static const char *const sql[] = {
        "UPDATE archive.notes SET amount=coalesce(amount,0)/2+1, body=hex(randomblob(9))"
        " WHERE slug<'slug-5'",
        "DELETE FROM archive.notes WHERE slug='slug-12'",
    };
    cleat_registry *registry;
    cleat_session *session;
    library_tags_row tag = {.book_id = 1, .tag = "x"};
    cleat_value key[] = {cleat_value_text(notes[1].id)};
    int wrong = cleat_registry_open(&sample_init_table, &sample->settings, &registry) != CLEAT_OK ||
                cleat_session_open(registry, NULL, BOTH, &session) != CLEAT_OK;
    if (wrong)
        return wrong;
    notes[0].amount = 7;
    notes[0].has_amount = true;
    wrong += cleat_row_update(session, NOTES, &notes[0]) != CLEAT_OK;
    wrong += cleat_row_upsert_many(session, NOTES, NOTES_BY_SLUG, notes + 5, 10) != CLEAT_OK;
    wrong += cleat_row_delete(session, NOTES, NOTES_BY_ID, key) != CLEAT_OK;
    wrong += cleat_row_insert(session, TAGS, &tag) != CLEAT_OK;
    wrong += cleat_session_commit(session) != CLEAT_OK;
    for (size_t i = 0; i < CLEAT_COUNT(sql); i++)
        wrong += cleat_session_execute(session, sql[i]) != CLEAT_OK;
    wrong += cleat_row_insert(session, NOTES, &notes[19]) != CLEAT_OK;
    wrong += cleat_session_commit(session) != CLEAT_OK;
    return wrong;
}

static void
a_peer_that_lost_its_commits_gets_them_back(void **state)
{
    struct sample *sample = *state;
    char before[65536], after[65536];
    archive_notes_row notes[20];
    char slugs[20][24];
    cleat_session *session = sample_session(sample, NULL, BOTH);
    for (int i = 0; i < 20; i++) {
        memset(&notes[i], 0, sizeof notes[i]);
        snprintf(slugs[i], sizeof slugs[i], "slug-%d", i);
        notes[i].slug = slugs[i];
        notes[i].has_amount = i % 2;
        notes[i].amount = INT64_MIN + i;
        notes[i].body = i % 3 == 0 ? NULL : i % 3 == 1 ? "" : "it's \xc3\xa9 \"quoted\"";
    }
    assert_int_equal(cleat_row_insert_many(session, NOTES, notes, 10), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    sample_close(sample);
    save_archive(sample, false);
    pid_t child = fork();
    if (child == 0)
        _exit(change_notes(sample, notes));
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    read_notes(sample, after, sizeof after);

    save_archive(sample, true);
    read_notes(sample, before, sizeof before);
    assert_string_not_equal(before, after);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample,
                              "archive: Completed commits that were cut short: 2 of "
                              "library"));
    read_notes(sample, before, sizeof before);
    assert_string_equal(before, after);
    sample_close(sample);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_false(sample_logged(sample, "Completed"));
}

static void
a_writer_in_another_process_completes_before_it_writes(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    /* an intent whose peer never got it, as of a process that was killed between the files */
    sample_run(sample_path(sample, "library.db"),
               "INSERT INTO cleat_intents SELECT peer, id + 1, part, change, \"row\""
               " FROM cleat_intents; UPDATE cleat_intents SET \"row\"=(SELECT \"row\" FROM"
               " cleat_intents WHERE id=1) WHERE id=2");
    sample_run(sample_path(sample, "archive.db"), "DELETE FROM notes");
    session = sample_session(sample, "archive", CLEAT_WRITE);
    assert_int_equal(add_note(session, "a"), CLEAT_CONFLICT);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 2);
    assert_true(sample_logged(sample, "archive: Completed"));
    cleat_session_close(session);
}

static void
an_undeclared_write_meets_a_cut_commit_too(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    session = sample_session(sample, NULL, CLEAT_READ);
    cleat_session_close(session);
    sample_run(sample_path(sample, "library.db"),
               "INSERT INTO cleat_intents SELECT peer, id + 1, part, change, \"row\""
               " FROM cleat_intents");
    sample_run(sample_path(sample, "archive.db"), "DELETE FROM notes");
    session = sample_session(sample, NULL, CLEAT_WRITE);
    assert_int_equal(add_note(session, "b"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_BUSY);
    assert_non_null(strstr(cleat_session_error(session)->text, "cut short"));
    assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
    assert_int_equal(add_note(session, "b"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(ask(sample, "archive.db", "SELECT count(*) FROM notes") == 2);
}

static void
what_triggers_cannot_see_is_refused(void **state)
{
    static const char *const refused[] = {
        "CREATE TABLE archive.t (a)",        "DROP TABLE archive.notes",
        "ALTER TABLE archive.notes ADD x",   "DELETE FROM archive.cleat_marks",
        "DELETE FROM library.cleat_intents",
    };
    cleat_session *session = sample_session(*state, NULL, BOTH);
    for (size_t i = 0; i < CLEAT_COUNT(refused); i++) {
        assert_int_equal(cleat_session_execute(session, refused[i]), CLEAT_MISUSE);
        assert_non_null(strstr(cleat_session_error(session)->text, "cannot be written here"));
    }
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
}

static void
only_declared_databases_are_locked_and_written(void **state)
{
    struct sample *sample = *state;
    const char *const own[] = {"library"};
    const char *const both[] = {"library", "archive"};
    const char *const unlinked[] = {"library", "journal"};
    const char *const unknown[] = {"library", "nowhere"};
    const char *const unnamed[] = {NULL, "archive", NULL};
    cleat_session *session = NULL, *other = NULL;
    cleat_registry *registry = sample->registry;
    assert_int_equal(cleat_session_open_over(registry, own, 1, BOTH, &session), CLEAT_OK);
    other = sample_session(sample, "archive", CLEAT_WRITE);
    cleat_session_close(other);
    cleat_session_close(session);
    assert_int_equal(cleat_session_open_over(registry, both, 2, CLEAT_WRITE, &session), CLEAT_OK);
    assert_int_equal(cleat_session_open(registry, "archive", CLEAT_WRITE, &other), CLEAT_BUSY);
    assert_string_equal(cleat_registry_error(registry)->database, "archive");
    cleat_session_close(session);
    assert_int_equal(cleat_session_open_over(registry, unnamed, 2, BOTH, &session), CLEAT_OK);
    assert_string_equal(cleat_session_database(session), "library");
    cleat_session_close(session);
    assert_int_equal(cleat_session_open_over(registry, unlinked, 2, BOTH, &session), CLEAT_MISUSE);
    assert_string_equal(cleat_registry_error(registry)->database, "journal");
    assert_int_equal(cleat_session_open_over(registry, unknown, 2, BOTH, &session),
                     CLEAT_NOT_FOUND);
    assert_string_equal(cleat_registry_error(registry)->database, "nowhere");
    assert_int_equal(cleat_session_open_over(registry, unnamed, 3, BOTH, &session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_open_over(registry, both, 0, BOTH, &session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_open_over(registry, NULL, 1, BOTH, &session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_open_over(NULL, both, 2, BOTH, &session), CLEAT_MISUSE);
    assert_int_equal(cleat_session_open_over(registry, both, 2, 8, &session), CLEAT_MISUSE);
}

/* A lock of the home that came along with the peer's would be taken before its turn: then a unit that
 * waits for the turn, and one that has it and waits for the lock, would both wait for ever. */
static void
the_lock_of_a_peer_is_that_of_no_other(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    sqlite3 *handle;
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(sqlite3_open(sample_path(sample, "library.db"), &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(cleat_session_open(sample->registry, NULL, BOTH, &session), CLEAT_BUSY);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "library");
    sqlite3_close(handle);
}

static void
rollback_journals_need_no_intents(void **state)
{
    struct sample *sample = *state;
    sample_close(sample);
    cleat_settings_set(&sample->settings, "journal_mode", "DELETE");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, NULL, BOTH);
    add_tag(session, 1);
    assert_int_equal(add_note(session, "a"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(ask(sample, "library.db",
                    "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'cleat%'") == 0);
}

/* Intents are forgotten once the peer has them on disk. */
static void
intents_do_not_pile_up(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    for (int i = 0; i < 1200; i++) {
        char slug[16];
        snprintf(slug, sizeof slug, "%d", i);
        assert_int_equal(add_note(session, slug), CLEAT_OK);
        assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    }
    int64_t left = ask(sample, "library.db", "SELECT count(*) FROM cleat_intents");
    assert_true(left > 0 && left < 600);
    assert_true(ask(sample, "library.db", "SELECT max(id) FROM cleat_intents") == 1200);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 1200);
}

static int
commit_and_leave(struct sample *sample, int who, bool closes)
{
    cleat_registry *registry;
    cleat_session *session;
    char slug[16];
    snprintf(slug, sizeof slug, "%d", who);
    if (cleat_registry_open(&sample_init_table, &sample->settings, &registry) != CLEAT_OK ||
        cleat_session_open(registry, NULL, BOTH, &session) != CLEAT_OK ||
        add_note(session, slug) != CLEAT_OK || cleat_session_commit(session) != CLEAT_OK)
        return 1;
    if (closes)
        cleat_registry_close(registry);
    return 0;
}

/* Whether they end in order or not, and whether others stay. */
static void
processes_of_one_commit_each_leave_few_intents(void **state)
{
    struct sample *sample = *state;
    for (int i = 0; i < 50; i++) {
        int status = -1;
        pid_t child = fork();
        if (child == 0)
            _exit(commit_and_leave(sample, i, i % 3 != 0));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        if (i == 20)
            assert_int_equal(sample_open(sample), CLEAT_OK);
        assert_in_range(ask(sample, "library.db", "SELECT count(*) FROM cleat_intents"), 1, 3);
    }
    assert_true(ask(sample, "library.db", "SELECT max(id) FROM cleat_intents") == 50);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 50);
    assert_true(ask(sample, "archive.db", "SELECT count(*) FROM notes") == 50);
}

/* A home from a backup, or made anew, goes on from what it has. */
static void
a_home_that_is_made_anew_goes_on_with_a_warning(void **state)
{
    struct sample *sample = *state;
    int64_t count = 0;
    assert_int_equal(commit_and_leave(sample, 0, true), 0);
    assert_int_equal(commit_and_leave(sample, 1, true), 0);
    unlink(sample_path(sample, "library.db"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample,
                              "library: the file is a new one: archive has commits over "
                              "both up to 2, which are missing here"));
    cleat_session *session = sample_session(sample, "archive", CLEAT_WRITE);
    assert_int_equal(add_note(session, "plain"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    session = sample_session(sample, NULL, CLEAT_READ | CLEAT_ATOMIC);
    assert_int_equal(cleat_row_count(session, NOTES, &count), CLEAT_OK);
    assert_true(count == 3);
    cleat_session_close(session);
    session = sample_session(sample, NULL, BOTH);
    assert_int_equal(add_note(session, "more"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 1);
}

static void
an_older_home_is_accepted_with_a_warning(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(commit_and_leave(sample, 0, true), 0);
    assert_int_equal(commit_and_leave(sample, 1, true), 0);
    sample_run(sample_path(sample, "library.db"), "UPDATE cleat_intents SET id = id - 1");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "library: the file is older than archive"));
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 1);
}

/* What was in a peer that somebody has removed is gone, and said so at once. */
static void
a_peer_that_is_made_anew_is_said(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(commit_and_leave(sample, 0, true), 0);
    unlink(sample_path(sample, "archive.db"));
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample,
                              "archive: the file is a new one: library has commits over "
                              "both up to 1, which are missing here"));
    cleat_session *session = sample_session(sample, NULL, BOTH);
    assert_int_equal(add_note(session, "more"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    assert_true(ask(sample, "archive.db", "SELECT count(*) FROM notes") == 1);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 2);
}

/* The home has the commit when the disk is full for the peer: it is completed with room again. */
static void
a_commit_that_the_peer_has_no_room_for_is_pending_and_then_whole(void **state)
{
    enum { BYTES = 300000 };
    struct sample *sample = *state;
    struct rlimit before, small;
    char *body = calloc(1, BYTES + 1);
    assert_non_null(body);
    memset(body, 'x', BYTES);
    archive_notes_row note = {.slug = "a", .body = body};
    cleat_session *session = sample_session(sample, "archive", CLEAT_WRITE);
    for (int i = 0; i < 4; i++) { /* the peer's log grows longer than the home's */
        note.slug = i == 0 ? "w" : i == 1 ? "x" : i == 2 ? "y" : "z";
        memset(note.id, 0, sizeof note.id);
        assert_int_equal(cleat_row_insert(session, NOTES, &note), CLEAT_OK);
    }
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    session = sample_session(sample, NULL, BOTH);
    note.slug = "a";
    memset(note.id, 0, sizeof note.id);
    add_tag(session, 1);
    assert_int_equal(cleat_row_insert(session, NOTES, &note), CLEAT_OK);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 1000000;
    setrlimit(RLIMIT_FSIZE, &small);
    cleat_status rc = cleat_session_commit(session);
    setrlimit(RLIMIT_FSIZE, &before);
    free(body);
    assert_int_equal(rc, CLEAT_PARTIAL);
    assert_int_equal(cleat_session_outcome(session, "library"), CLEAT_OUTCOME_COMMITTED);
    assert_int_equal(cleat_session_outcome(session, "archive"), CLEAT_OUTCOME_PENDING);
    cleat_session_close(session);
    assert_true(ask(sample, "archive.db", "SELECT count(*) FROM notes WHERE slug='a'") == 0);
    session = sample_session(sample, "archive", CLEAT_WRITE);
    assert_true(ask(sample, "archive.db", "SELECT count(*) FROM notes WHERE slug='a'") == 1);
    cleat_session_close(session);
}

/* A peer from a backup is taken as it is, and said so. */
static void
an_older_peer_is_accepted_with_a_warning(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = sample_session(sample, NULL, BOTH);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(add_note(session, i == 0 ? "a" : i == 1 ? "b" : "c"), CLEAT_OK);
        assert_int_equal(cleat_session_commit(session), CLEAT_OK);
        if (i > 0)
            continue;
        cleat_session_close(session);
        sample_close(sample);
        save_archive(sample, false);
        assert_int_equal(sample_open(sample), CLEAT_OK);
        session = sample_session(sample, NULL, BOTH);
    }
    cleat_session_close(session);
    sample_close(sample);
    sample_run(sample_path(sample, "library.db"), "DELETE FROM cleat_intents WHERE id=2");
    save_archive(sample, true);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "archive: the file is older than library"));
    assert_true(ask(sample, "archive.db", "SELECT count(*) FROM notes") == 1);
    session = sample_session(sample, NULL, BOTH);
    assert_int_equal(add_note(session, "d"), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_true(ask(sample, "archive.db", "SELECT id FROM cleat_marks") == 4);
}
int
main(void)
{
#define TEST(function)                                                                             \
    cmocka_unit_test_setup_teardown(function, sample_set_up_open, sample_tear_down)
#define TEST_CLOSED(function)                                                                      \
    cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_commit_writes_both_and_marks_the_peer),
        TEST(the_bookkeeping_is_no_drift),
        TEST(rollback_and_savepoints_undo_intents),
        TEST(a_peer_that_lost_its_commits_gets_them_back),
        TEST(a_writer_in_another_process_completes_before_it_writes),
        TEST(an_undeclared_write_meets_a_cut_commit_too),
        TEST(what_triggers_cannot_see_is_refused),
        TEST(only_declared_databases_are_locked_and_written),
        TEST(the_lock_of_a_peer_is_that_of_no_other),
        TEST(rollback_journals_need_no_intents),
        TEST(intents_do_not_pile_up),
        TEST_CLOSED(processes_of_one_commit_each_leave_few_intents),
        TEST_CLOSED(a_home_that_is_made_anew_goes_on_with_a_warning),
        TEST_CLOSED(an_older_home_is_accepted_with_a_warning),
        TEST_CLOSED(a_peer_that_is_made_anew_is_said),
        TEST(a_commit_that_the_peer_has_no_room_for_is_pending_and_then_whole),
        TEST(an_older_peer_is_accepted_with_a_warning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
