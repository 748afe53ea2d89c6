/* test_stream.c: blobs and texts in pieces: what is read is what is stored, what is written is
 * there after the commit and only then, and what SQLite cannot stream is a clear error. */
#include "bed.h"

#include <string.h>

#define FILES (&values_db_files_table)

static const cleat_value key_a = {.text = "a"};

static void
add_file(void **state, const void *content, size_t size)
{
    values_db_files_row file = values_db_files_defaults();
    file.path = "a";
    file.content = (cleat_blob){content, size};
    file.notes = "some notes";
    file.tags = "[1, 2]";
    file.changed_at = 1;
    assert_int_equal(values_db_files_insert(bed_session(state), &file), CLEAT_OK);
}

/* A column as generated functions take it. */
#define COLUMN(name) CLEAT_COLUMN_BIT(values_db_files_places, name)

static cleat_status
open_stream(void **state, const char *column, unsigned mode, cleat_stream *ret_stream)
{
    return cleat_row_stream_open(bed_session(state), FILES, 0, &key_a, column, mode, ret_stream);
}

static void
a_blob_is_read_in_pieces(void **state)
{
    unsigned char content[10000], piece[999];
    cleat_stream stream;
    size_t count, place = 0;
    cleat_status rc;
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (unsigned char)(i * 7 + i / 256);
    add_file(state, content, sizeof content);
    assert_int_equal(open_stream(state, "content", CLEAT_READ, &stream), CLEAT_OK);
    assert_int_equal(cleat_stream_size(&stream), sizeof content);
    while ((rc = cleat_stream_read(&stream, place, piece, sizeof piece, &count)) == CLEAT_OK) {
        assert_memory_equal(piece, content + place, count);
        place += count;
    }
    assert_int_equal(rc, CLEAT_DONE);
    assert_int_equal(place, sizeof content);
    assert_int_equal(count, 0);
    assert_int_equal(cleat_stream_read(&stream, SIZE_MAX, piece, 1, &count), CLEAT_DONE);
    cleat_stream_close(&stream);
    assert_int_equal(cleat_stream_size(&stream), 0);
    assert_int_equal(cleat_stream_read(&stream, 0, piece, 1, &count), CLEAT_MISUSE);
}

static void
texts_and_json_are_read_too(void **state)
{
    char piece[32];
    cleat_stream stream;
    size_t count;
    add_file(state, "", 0);
    assert_int_equal(open_stream(state, "notes", CLEAT_READ, &stream), CLEAT_OK);
    assert_int_equal(cleat_stream_read(&stream, 5, piece, sizeof piece, &count), CLEAT_OK);
    assert_int_equal(count, 5);
    assert_memory_equal(piece, "notes", 5);
    cleat_stream_close(&stream);
    assert_int_equal(open_stream(state, "tags", CLEAT_READ, &stream), CLEAT_OK);
    assert_int_equal(cleat_stream_size(&stream), 6);
    cleat_stream_close(&stream);
    assert_int_equal(open_stream(state, "content", CLEAT_READ, &stream), CLEAT_OK);
    assert_int_equal(cleat_stream_size(&stream), 0);
    assert_int_equal(cleat_stream_read(&stream, 0, piece, sizeof piece, &count), CLEAT_DONE);
}

static void
a_blob_is_created_and_written_in_pieces(void **state)
{
    enum { PIECE = 65536, PIECES = 64 };
    unsigned char piece[PIECE], back[PIECE];
    cleat_stream stream;
    size_t count;
    add_file(state, "x", 1);
    assert_int_equal(values_db_files_stream_create(bed_session(state), "a", VALUES_DB_FILES_CONTENT,
                                                   (size_t)PIECE * PIECES, &stream),
                     CLEAT_OK);
    for (size_t i = 0; i < PIECES; i++) {
        memset(piece, (int)i + 1, sizeof piece);
        assert_int_equal(cleat_stream_write(&stream, i * PIECE, piece, PIECE), CLEAT_OK);
    }
    assert_int_equal(cleat_stream_read(&stream, 63 * (size_t)PIECE, back, PIECE, &count), CLEAT_OK);
    assert_memory_equal(back, piece, PIECE);
    assert_int_equal(cleat_stream_write(&stream, (size_t)PIECE * PIECES - 1, "ab", 2),
                     CLEAT_TOO_BIG);
    assert_int_equal(cleat_stream_write(&stream, SIZE_MAX, "a", 1), CLEAT_TOO_BIG);
    assert_string_equal(cleat_session_error(bed_session(state))->column, "content");
    assert_int_equal(bed_number(state, "SELECT length(content) FROM files"), PIECE * PIECES);
    assert_int_equal(bed_number(state, "SELECT hex(substr(content, 65536, 2)) = '0102' FROM files"),
                     1);
    assert_true(bed_number(state, "SELECT changed_at FROM files") > 1);
}

static void
writing_over_a_part_keeps_the_rest(void **state)
{
    cleat_stream stream;
    add_file(state, "0123456789", 10);
    assert_int_equal(open_stream(state, "content", CLEAT_WRITE, &stream), CLEAT_OK);
    assert_int_equal(cleat_stream_write(&stream, 3, "abc", 3), CLEAT_OK);
    assert_int_equal(bed_number(state, "SELECT content = X'30313261626336373839' FROM files"), 1);
    assert_true(bed_number(state, "SELECT changed_at FROM files") > 1);
}

static void
a_rollback_takes_back_what_a_stream_wrote(void **state)
{
    cleat_stream stream;
    size_t count;
    char byte;
    add_file(state, "0123456789", 10);
    assert_int_equal(cleat_session_commit(bed_session(state)), CLEAT_OK);
    assert_int_equal(open_stream(state, "content", CLEAT_WRITE, &stream), CLEAT_OK);
    assert_int_equal(cleat_stream_write(&stream, 0, "x", 1), CLEAT_OK);
    assert_int_equal(cleat_session_rollback(bed_session(state)), CLEAT_OK);
    assert_int_equal(cleat_stream_read(&stream, 0, &byte, 1, &count), CLEAT_MISUSE);
    assert_int_equal(bed_number(state, "SELECT content = X'30313233343536373839' FROM files"), 1);
}

static void
a_stream_ends_with_its_unit_of_work(void **state)
{
    cleat_stream stream, other;
    size_t count;
    char byte;
    add_file(state, "0123456789", 10);
    assert_int_equal(open_stream(state, "content", CLEAT_WRITE, &stream), CLEAT_OK);
    assert_int_equal(cleat_session_commit(bed_session(state)), CLEAT_OK);
    assert_int_equal(cleat_stream_write(&stream, 0, "x", 1), CLEAT_MISUSE);
    assert_int_equal(open_stream(state, "content", CLEAT_READ, &other), CLEAT_OK);
    /* the same object serves the new stream, and the old one does not see it */
    assert_int_equal(cleat_stream_read(&stream, 0, &byte, 1, &count), CLEAT_MISUSE);
    cleat_stream_close(&stream);
    assert_int_equal(cleat_stream_read(&other, 0, &byte, 1, &count), CLEAT_OK);
    cleat_session_close(bed_session(state));
    assert_int_equal(cleat_stream_read(&other, 0, &byte, 1, &count), CLEAT_MISUSE);
    cleat_stream_close(&other);
}

static void
a_row_that_is_written_ends_its_streams(void **state)
{
    values_db_files_row file = {0};
    cleat_stream stream;
    size_t count;
    char byte;
    add_file(state, "0123456789", 10);
    assert_int_equal(open_stream(state, "content", CLEAT_READ, &stream), CLEAT_OK);
    assert_int_equal(values_db_files_get(bed_session(state), "a", &file), CLEAT_OK);
    assert_int_equal(cleat_stream_read(&stream, 0, &byte, 1, &count), CLEAT_OK);
    assert_int_equal(values_db_files_update(bed_session(state), &file), CLEAT_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cleat_stream_read(&stream, 0, &byte, 1, &count), CLEAT_MISUSE);
        assert_string_equal(cleat_session_error(bed_session(state))->column, "content");
    }
    values_db_files_clear(&file);
}

static void
what_cannot_be_streamed_is_a_clear_error(void **state)
{
    static const struct {
        const char *column;
        unsigned mode;
        cleat_status status;
    } cases[] = {
        {"changed_at", CLEAT_READ, CLEAT_MISUSE},
        {"nothing", CLEAT_READ, CLEAT_MISUSE},
        {"content", 3, CLEAT_MISUSE},
        {"notes", CLEAT_WRITE, CLEAT_MISUSE},
        {"tags", CLEAT_WRITE, CLEAT_MISUSE},
        {"preview", CLEAT_READ, CLEAT_VALUE},
        {"indexed", CLEAT_WRITE, CLEAT_VALUE},
    };
    cleat_stream stream = {0};
    add_file(state, "x", 1);
    for (size_t i = 0; i < CLEAT_COUNT(cases); i++) {
        assert_int_equal(open_stream(state, cases[i].column, cases[i].mode, &stream),
                         cases[i].status);
        assert_int_equal(cleat_session_error(bed_session(state))->status, cases[i].status);
        assert_null(stream.session);
    }
    assert_int_equal(
        cleat_session_execute(bed_session(state), "UPDATE values_db.files SET indexed=X'00'"),
        CLEAT_OK);
    assert_int_equal(open_stream(state, "indexed", CLEAT_READ, &stream), CLEAT_OK);
    assert_int_equal(open_stream(state, "indexed", CLEAT_WRITE, &stream), CLEAT_MISUSE);
    cleat_value other = cleat_value_text("b");
    assert_int_equal(
        cleat_row_stream_open(bed_session(state), FILES, 0, &other, "content", CLEAT_READ, &stream),
        CLEAT_NOT_FOUND);
    assert_int_equal(
        cleat_row_stream_create(bed_session(state), FILES, 0, &other, "content", 1, &stream),
        CLEAT_NOT_FOUND);
    assert_int_equal(cleat_row_stream_create(bed_session(state), FILES, 0, &key_a, "content",
                                             200000001, &stream),
                     CLEAT_CHECK);
    assert_int_equal(
        cleat_row_stream_create(bed_session(state), FILES, 0, &key_a, "content", SIZE_MAX, &stream),
        CLEAT_TOO_BIG);
}

static void
a_column_is_named_as_for_a_patch(void **state)
{
    cleat_session *session = bed_session(state);
    cleat_stream stream;
    add_file(state, "0123456789", 10);
    assert_int_equal(
        values_db_files_stream_open(session, "a", VALUES_DB_FILES_CONTENT, CLEAT_WRITE, &stream),
        CLEAT_OK);
    assert_int_equal(cleat_stream_write(&stream, 3, "abc", 3), CLEAT_OK);
    cleat_stream_close(&stream);
    assert_int_equal(bed_number(state, "SELECT content = X'30313261626336373839' FROM files"), 1);
    assert_int_equal(
        values_db_files_stream_open(session, "a", VALUES_DB_FILES_NOTES, CLEAT_READ, &stream),
        CLEAT_OK);
    assert_int_equal(cleat_stream_size(&stream), 10);
    cleat_stream_close(&stream);
    const uint64_t wrong[] = {0, VALUES_DB_FILES_CONTENT | VALUES_DB_FILES_NOTES, COLUMN(path),
                              VALUES_DB_FILES_CHANGED_AT, UINT64_C(1) << 63};
    for (size_t i = 0; i < CLEAT_COUNT(wrong); i++)
        assert_int_equal(values_db_files_stream_open(session, "a", wrong[i], CLEAT_WRITE, &stream),
                         CLEAT_MISUSE);
}

/* What keeps the value from being written is found before the row is. */
static void
a_stream_that_cannot_be_has_written_nothing(void **state)
{
    cleat_session *session = bed_session(state);
    cleat_stream stream = {0};
    add_file(state, "0123456789", 10);
    assert_int_equal(cleat_session_execute(session,
                                           "UPDATE values_db.files SET indexed=X'00',"
                                           " changed_at=7"),
                     CLEAT_OK);
    assert_int_equal(cleat_row_stream_create(session, FILES, 0, &key_a, "indexed", 5, &stream),
                     CLEAT_MISUSE);
    assert_string_equal(cleat_session_error(session)->column, "indexed");
    assert_int_equal(
        cleat_session_execute(session,
                              "CREATE TEMP TRIGGER ignore BEFORE UPDATE ON values_db.files"
                              " BEGIN SELECT RAISE(IGNORE); END"),
        CLEAT_OK);
    assert_int_equal(cleat_row_stream_create(session, FILES, 0, &key_a, "content", 5, &stream),
                     CLEAT_NOT_FOUND);
    assert_null(stream.session);
    assert_int_equal(cleat_session_execute(session, "DROP TRIGGER temp.ignore"), CLEAT_OK);
    assert_int_equal(bed_number(state,
                                "SELECT indexed=X'00' AND length(content)=10"
                                " AND changed_at=7 FROM files"),
                     1);
}

static void
a_table_without_rowid_has_no_streams(void **state)
{
    values_db_rowless_row row = {.path = "a", .content = {"x", 1}};
    cleat_stream stream;
    assert_int_equal(values_db_rowless_insert(bed_session(state), &row), CLEAT_OK);
    assert_int_equal(cleat_row_stream_open(bed_session(state), &values_db_rowless_table, 0, &key_a,
                                           "content", CLEAT_READ, &stream),
                     CLEAT_MISUSE);
    assert_non_null(strstr(cleat_session_error(bed_session(state))->text, "WITHOUT ROWID"));
}

static void
a_read_session_does_not_write_streams(void **state)
{
    struct bed *bed = *state;
    cleat_session *session;
    cleat_stream stream;
    add_file(state, "x", 1);
    assert_int_equal(cleat_session_commit(bed->session), CLEAT_OK);
    assert_int_equal(cleat_session_open(bed->registry, "values_db", CLEAT_READ, &session),
                     CLEAT_OK);
    assert_int_equal(
        cleat_row_stream_open(session, FILES, 0, &key_a, "content", CLEAT_WRITE, &stream),
        CLEAT_READONLY);
    assert_int_equal(
        cleat_row_stream_open(session, FILES, 0, &key_a, "content", CLEAT_READ, &stream), CLEAT_OK);
    assert_int_equal(cleat_stream_write(&stream, 0, "y", 1), CLEAT_READONLY);
    cleat_session_close(session);
}

static void
misuse_is_no_crash(void **state)
{
    cleat_stream zero = {0}, stream;
    size_t count;
    char byte;
    add_file(state, "x", 1);
    assert_int_equal(cleat_stream_read(NULL, 0, &byte, 1, &count), CLEAT_MISUSE);
    assert_int_equal(cleat_stream_read(&zero, 0, &byte, 1, &count), CLEAT_MISUSE);
    assert_int_equal(cleat_stream_size(NULL), 0);
    cleat_stream_close(NULL);
    cleat_stream_close(&zero);
    assert_int_equal(open_stream(state, NULL, CLEAT_READ, &stream), CLEAT_MISUSE);
    assert_int_equal(open_stream(state, "content", CLEAT_READ, &stream), CLEAT_OK);
    cleat_stream copy = stream;
    assert_int_equal(cleat_stream_read(&stream, 0, NULL, 1, &count), CLEAT_MISUSE);
    assert_int_equal(cleat_stream_read(&stream, 0, &byte, 1, NULL), CLEAT_MISUSE);
    cleat_stream_close(&stream);
    cleat_stream_close(&stream);
    assert_int_equal(cleat_stream_read(&copy, 0, &byte, 1, &count), CLEAT_MISUSE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BED_TEST(a_blob_is_read_in_pieces),
        BED_TEST(texts_and_json_are_read_too),
        BED_TEST(a_blob_is_created_and_written_in_pieces),
        BED_TEST(writing_over_a_part_keeps_the_rest),
        BED_TEST(a_rollback_takes_back_what_a_stream_wrote),
        BED_TEST(a_stream_ends_with_its_unit_of_work),
        BED_TEST(a_row_that_is_written_ends_its_streams),
        BED_TEST(what_cannot_be_streamed_is_a_clear_error),
        BED_TEST(a_column_is_named_as_for_a_patch),
        BED_TEST(a_stream_that_cannot_be_has_written_nothing),
        BED_TEST(a_table_without_rowid_has_no_streams),
        BED_TEST(a_read_session_does_not_write_streams),
        BED_TEST(misuse_is_no_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
