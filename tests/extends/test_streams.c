/* test_streams.c: writes of several tables while a value is read or written in pieces on the same
 * session, and the other way round. */
#include "shelves.h"

static cleat_session *
open_shelf(void **state)
{
    return sample_session(*state, "shelf", CLEAT_WRITE);
}

static void
add_two(cleat_session *session, shelf_novels_row *rows)
{
    rows[0] = novel("novel:0", "A tale", "Ada");
    rows[1] = novel("novel:1", "Another", "Bob");
    rows[0].cover = rows[1].cover = (cleat_blob){"0123456789", 10};
    GIVES(session, CLEAT_OK, shelf_novels_insert_many(session, rows, 2));
}

/* Every kind of write there is, of a row that is not being streamed. */
static void
write_others(cleat_session *session, shelf_novels_row *row)
{
    shelf_novels_row more[2] = {novel("novel:2", "Two", "Cid"), novel("novel:3", "Three", "Dan")};
    shelf_novels_row like = novel("", "Two", "");
    int64_t count = 0;
    row->title = "Changed";
    GIVES(session, CLEAT_OK, shelf_novels_update(session, row));
    GIVES(session, CLEAT_OK, shelf_novels_patch(session, row, SHELF_NOVELS_URI));
    row->author = "Eve";
    GIVES(session, CLEAT_UPDATED, shelf_novels_upsert_by_uri(session, row));
    GIVES(session, CLEAT_OK, shelf_novels_upsert_many_by_uri(session, more, 2));
    GIVES(session, CLEAT_OK, shelf_novels_ensure_many_by_uri(session, more, 2));
    GIVES(session, CLEAT_OK, shelf_novels_delete_where(session, &like, SHELF_NOVELS_TITLE, &count));
    assert_int_equal(count, 1);
    GIVES(session, CLEAT_OK, shelf_novels_delete(session, more[1].id));
}

static void
rows_are_written_while_a_value_is_read(void **state)
{
    cleat_session *session = open_shelf(state);
    shelf_novels_row rows[2];
    cleat_stream stream;
    char bytes[4];
    size_t size = 0;
    add_two(session, rows);
    GIVES(session, CLEAT_OK,
          shelf_novels_stream_open(session, rows[0].id, SHELF_NOVELS_COVER, CLEAT_READ, &stream));
    GIVES(session, CLEAT_OK, cleat_stream_read(&stream, 0, bytes, 4, &size));
    write_others(session, &rows[1]);
    GIVES(session, CLEAT_OK, cleat_stream_read(&stream, 4, bytes, 4, &size));
    assert_memory_equal(bytes, "4567", 4);
    cleat_stream_close(&stream);
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
}

static void
refuses(cleat_session *session, cleat_status rc)
{
    assert_int_equal(rc, CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(session)->text, "stream that writes is open"));
}

/* Rows of one table are written as ever; what is several statements waits. */
static void
writes_of_several_tables_wait_for_a_value_that_is_written(void **state)
{
    cleat_session *session = open_shelf(state);
    shelf_novels_row rows[2], found = {0};
    shelf_things_row things[2] = {shelf_things_defaults(), shelf_things_defaults()};
    cleat_stream stream;
    int64_t count;
    add_two(session, rows);
    things[0].uri = "thing:1";
    things[1].uri = "thing:2";
    GIVES(session, CLEAT_OK,
          shelf_novels_stream_open(session, rows[0].id, SHELF_NOVELS_COVER, CLEAT_WRITE, &stream));
    GIVES(session, CLEAT_OK, cleat_stream_write(&stream, 0, "abcd", 4));
    refuses(session, shelf_novels_update(session, &rows[1]));
    refuses(session, shelf_novels_patch(session, &rows[1], SHELF_NOVELS_URI));
    rows[1].uri = "novel:new";
    refuses(session, shelf_novels_upsert_by_code(session, &rows[1]));
    refuses(session, shelf_novels_ensure_by_uri(session, &rows[1]));
    refuses(session, shelf_novels_insert_many(session, rows, 2));
    refuses(session, shelf_novels_upsert_many(session, rows, 2));
    refuses(session, shelf_novels_delete(session, rows[1].id));
    refuses(session, shelf_novels_delete_where(session, &rows[1], SHELF_NOVELS_TITLE, &count));
    refuses(session, shelf_things_upsert_many_by_uri(session, things, 2));
    refuses(session, cleat_savepoint(session, "point"));
    GIVES(session, CLEAT_OK, shelf_things_insert(session, &things[0]));
    GIVES(session, CLEAT_OK, cleat_stream_write(&stream, 4, "efgh", 4));
    cleat_stream_close(&stream);
    rows[1].uri = "novel:1";
    write_others(session, &rows[1]);
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    GIVES(session, CLEAT_OK, shelf_novels_get(session, rows[0].id, &found));
    assert_memory_equal(found.cover.data, "abcdefgh89", 10);
    shelf_novels_clear(&found);
    cleat_session_close(session);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(rows_are_written_while_a_value_is_read),
        TEST(writes_of_several_tables_wait_for_a_value_that_is_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
