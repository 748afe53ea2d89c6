/* test_atomic.c: rows of several tables in commits over two databases. The peer has them: it gets
 * every part of what its last commits were when a crash took those from it, and none of what was
 * rolled back. */
#include "shelves.h"

#include <sqlite3.h>

#define BOTH (CLEAT_WRITE | CLEAT_ATOMIC)

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
save_shelf(struct sample *sample, bool back)
{
    static const char *const names[][2] = {{"shelf.db", "saved.db"},
                                           {"shelf.db-wal", "saved.db-wal"}};
    for (size_t i = 0; i < CLEAT_COUNT(names); i++)
        copy_file(sample_path(sample, names[i][back]), sample_path(sample, names[i][!back]));
    if (back)
        unlink(sample_path(sample, "shelf.db-shm"));
}

/* All parts of all rows, as one text to compare. */
static void
read_shelf(struct sample *sample, char *ret_text, size_t size)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(sample_path(sample, "shelf.db"), &handle), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(handle,
                           "SELECT group_concat(quote(t.id)||quote(kind)||quote(uri)||quote(icon)"
                           "||quote(changed_at)||quote(title)||quote(cover)||quote(job_id)"
                           "||quote(read_at)||quote(author)||quote(code)||quote(notes)"
                           "||quote(checked_at), ' ')"
                           " FROM (SELECT * FROM things ORDER BY id) AS t"
                           " LEFT JOIN books AS b ON b.id=t.id LEFT JOIN novels ON book_id=b.id",
                           -1, &statement, NULL),
        SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    snprintf(ret_text, size, "%s", text == NULL ? "" : text);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
}

static cleat_session *
open_both(struct sample *sample)
{
    return sample_session(sample, "desk", BOTH);
}

static void
add_job(cleat_session *session, const char *name)
{
    desk_jobs_row job = desk_jobs_defaults();
    job.name = name;
    GIVES(session, CLEAT_OK, desk_jobs_insert(session, &job));
}

/* ---- the calls of one unit, each of which leaves a trace ---- */

enum { COUNT = 12 };

static char uris[COUNT][16];

static void
make_novels(shelf_novels_row *rows)
{
    static const char *const codes[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(uris[i], sizeof uris[i], "novel:%zu", i);
        rows[i] = novel(uris[i], "A tale", "Ada");
        rows[i].cover = (cleat_blob){"\0\1\2", 3};
        rows[i].code = i < 4 ? codes[i] : NULL;
    }
}

static void
write_all_kinds(cleat_session *session, shelf_novels_row *rows)
{
    shelf_novels_row like = novel("", "To be deleted", "Zoe"), more[3];
    shelf_books_row plain = book("book:1", "Plain");
    int64_t count = 0;
    rows[0].title = "Updated";
    rows[0].has_job_id = true;
    rows[0].job_id = 1;
    GIVES(session, CLEAT_OK, shelf_novels_update(session, &rows[0]));
    rows[1].author = "Patched";
    GIVES(session, CLEAT_OK, shelf_novels_patch(session, &rows[1], SHELF_NOVELS_AUTHOR));
    rows[2].icon = (cleat_blob){"", 0};
    GIVES(session, CLEAT_UPDATED, shelf_novels_upsert_by_code(session, &rows[2]));
    GIVES(session, CLEAT_OK, shelf_novels_delete(session, rows[3].id));
    GIVES(session, CLEAT_OK, shelf_books_delete(session, rows[4].id));
    GIVES(session, CLEAT_CREATED, shelf_books_upsert_by_uri(session, &plain));
    for (size_t i = 5; i < COUNT; i++)
        rows[i].title = i < 8 ? "Changed by a set" : rows[i].title;
    GIVES(session, CLEAT_OK, shelf_novels_upsert_many_by_uri(session, rows + 5, COUNT - 5));
    more[0] = novel("novel:new", "New", "Bob");
    more[1] = novel("novel:5", "Not this", "Bob");
    more[2] = like;
    more[2].uri = "novel:gone";
    GIVES(session, CLEAT_OK, shelf_novels_ensure_many_by_uri(session, more, 3));
    GIVES(session, CLEAT_OK, shelf_novels_delete_where(session, &like, SHELF_NOVELS_TITLE, &count));
    assert_int_equal(count, 1);
}

/* Prepares novels and a copy of the files with them. */
static void
prepare(struct sample *sample, shelf_novels_row *rows)
{
    cleat_session *session = open_both(sample);
    make_novels(rows);
    GIVES(session, CLEAT_OK, shelf_novels_insert_many(session, rows, COUNT));
    add_job(session, "prepare");
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
    sample_close(sample);
    save_shelf(sample, false);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
a_peer_that_lost_its_commits_gets_every_part_back(void **state)
{
    struct sample *sample = *state;
    static char before[65536], after[65536];
    shelf_novels_row rows[COUNT];
    cleat_cursor cursor;
    prepare(sample, rows);
    cleat_session *session = open_both(sample);
    write_all_kinds(session, rows);
    add_job(session, "first");
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    GIVES(session, CLEAT_OK, cleat_session_execute(session, "UPDATE shelf.novels SET notes='[1]'"));
    add_job(session, "second");
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
    sample_close(sample);
    read_shelf(sample, after, sizeof after);

    save_shelf(sample, true);
    read_shelf(sample, before, sizeof before);
    assert_string_not_equal(before, after);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    assert_true(sample_logged(sample, "shelf: Completed commits that were cut short: 2 of desk"));
    session = sample_session(sample, "shelf", CLEAT_WRITE);
    read_shelf(sample, before, sizeof before);
    assert_string_equal(before, after);
    GIVES(session, CLEAT_OK, shelf_books_text_check(session));
    GIVES(session, CLEAT_OK, shelf_novels_text_check(session));
    GIVES(session, CLEAT_OK, shelf_novels_text_search(session, "patched", &cursor));
    GIVES(session, CLEAT_ROW, shelf_novels_next(&cursor, &rows[0]));
    assert_string_equal(rows[0].uri, "novel:1");
    cleat_session_close(session);
}

/* The numbers of the first table never return, also when a redo has written them. */
static void
numbers_go_on_after_a_redo(void **state)
{
    struct sample *sample = *state;
    shelf_novels_row rows[COUNT], next = novel("novel:next", "Next", "Ada");
    prepare(sample, rows);
    cleat_session *session = open_both(sample);
    shelf_novels_row last = novel("novel:last", "Last", "Ada");
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &last));
    add_job(session, "last");
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
    sample_close(sample);
    save_shelf(sample, true);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    session = sample_session(sample, "shelf", CLEAT_WRITE);
    GIVES(session, CLEAT_OK, shelf_novels_delete(session, last.id));
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &next));
    assert_int_equal(next.id, last.id + 1);
    cleat_session_close(session);
}

static void
a_write_that_fails_leaves_no_intent_of_its_parts(void **state)
{
    struct sample *sample = *state;
    static char before[65536], after[65536];
    shelf_novels_row rows[COUNT], bad = novel("novel:bad", "Bad", NULL);
    prepare(sample, rows);
    read_shelf(sample, before, sizeof before);
    cleat_session *session = open_both(sample);
    GIVES(session, CLEAT_NOT_NULL, shelf_novels_insert(session, &bad)); /* in the last part */
    rows[COUNT - 1].author = NULL;
    for (size_t i = 0; i < COUNT; i++)
        rows[i].title = "Not this";
    GIVES(session, CLEAT_NOT_NULL, shelf_novels_upsert_many_by_uri(session, rows, COUNT));
    add_job(session, "nothing else");
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
    sample_close(sample);
    save_shelf(sample, true);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    read_shelf(sample, after, sizeof after);
    assert_string_equal(before, after);
}

static void
rollback_journals_commit_all_parts(void **state)
{
    struct sample *sample = *state;
    shelf_novels_row row = novel("novel:1", "A tale", "Ada");
    sample_close(sample);
    cleat_settings_set(&sample->settings, "journal_mode", "DELETE");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    cleat_session *session = open_both(sample);
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &row));
    add_job(session, "one");
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
    assert_int_equal(sample_ask(sample_path(sample, "shelf.db"), "SELECT count(*) FROM novels"), 1);
}

static void
streams_of_the_peer_are_refused(void **state)
{
    shelf_novels_row row = novel("novel:1", "A tale", "Ada");
    cleat_stream stream;
    cleat_session *session = open_both(*state);
    row.cover = (cleat_blob){"abc", 3};
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &row));
    GIVES(session, CLEAT_MISUSE,
          shelf_novels_stream_open(session, row.id, SHELF_NOVELS_COVER, CLEAT_WRITE, &stream));
    GIVES(session, CLEAT_OK,
          shelf_novels_stream_open(session, row.id, SHELF_NOVELS_COVER, CLEAT_READ, &stream));
    cleat_stream_close(&stream);
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_peer_that_lost_its_commits_gets_every_part_back),
        TEST(numbers_go_on_after_a_redo),
        TEST(a_write_that_fails_leaves_no_intent_of_its_parts),
        TEST(rollback_journals_commit_all_parts),
        TEST(streams_of_the_peer_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
