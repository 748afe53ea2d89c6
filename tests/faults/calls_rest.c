/* calls_rest.c: streams, and calls that are of no table: own SQL, savepoints, writes to two
 * databases, rows and JSON, and those that need neither memory nor disk. */
#include "calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BOOKS (&library_books_table)
#define TAGS (&library_tags_table)
#define NOTES (&archive_notes_table)

/* ---- own SQL ---- */

static cleat_status
statement(cleat_session *session)
{
    cleat_statement *own = NULL;
    cleat_status rc = cleat_statement_open(
        session, "SELECT cover, title || ?1 || ?2 FROM library.books WHERE id = ?3", &own);
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_text(own, 1, calls_text);
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_blob(own, 2, (cleat_blob){"x", 1});
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_integer(own, 3, 2);
    if (rc == CLEAT_OK)
        rc = expect(cleat_statement_next(own), CLEAT_ROW);
    if (rc == CLEAT_OK)
        rc = holds(cleat_statement_blob(own, 0).size == sizeof calls_text &&
                   strlen(cleat_statement_text(own, 1)) == 18 + strlen(calls_text) + 1);
    if (rc == CLEAT_OK)
        rc = expect(cleat_statement_next(own), CLEAT_DONE);
    cleat_statement_close(own);
    return rc;
}

static cleat_status
execute(cleat_session *session)
{
    return cleat_session_execute(session, "DELETE FROM library.loans WHERE book_id = 1");
}

static cleat_status
statement_values(cleat_session *session)
{
    cleat_statement *own = NULL;
    cleat_status rc = cleat_statement_open(session, "SELECT ?1 + 1, ?2 * 2, ?3", &own);
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_integer(own, 1, 41);
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_real(own, 2, 0.25);
    if (rc == CLEAT_OK)
        rc = cleat_statement_bind_null(own, 3);
    for (int i = 0; rc == CLEAT_OK && i < 2; i++) {
        rc = expect(cleat_statement_next(own), CLEAT_ROW);
        if (rc == CLEAT_OK)
            rc = holds(cleat_statement_integer(own, 0) == 42 &&
                       cleat_statement_real(own, 1) < 0.6 && cleat_statement_real(own, 1) > 0.4 &&
                       cleat_statement_is_null(own, 2));
        if (rc == CLEAT_OK)
            rc = cleat_statement_reset(own);
    }
    cleat_statement_close(own);
    return rc;
}

/* ---- streams ---- */

static cleat_status
open_cover(cleat_session *session, unsigned mode, cleat_stream *ret_stream)
{
    cleat_value key = cleat_value_integer(1);
    return cleat_row_stream_open(session, BOOKS, BOOKS_BY_ID, &key, "cover", mode, ret_stream);
}

static cleat_status
make_cover(cleat_session *session, cleat_stream *ret_stream)
{
    cleat_value key = cleat_value_integer(1);
    return cleat_row_stream_create(session, BOOKS, BOOKS_BY_ID, &key, "cover", 12000, ret_stream);
}

static cleat_status
stream_read(cleat_session *session)
{
    cleat_stream stream = {0};
    char bytes[sizeof calls_text];
    size_t size = 0;
    cleat_status rc = open_cover(session, CLEAT_READ, &stream);
    if (rc == CLEAT_OK)
        rc = cleat_stream_read(&stream, 0, bytes, sizeof bytes, &size);
    if (rc == CLEAT_OK)
        rc = holds(size == sizeof bytes && memcmp(bytes, calls_text, size) == 0);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
stream_open(cleat_session *session)
{
    cleat_stream stream = {0};
    cleat_status rc = open_cover(session, CLEAT_WRITE, &stream);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
stream_write(cleat_session *session)
{
    cleat_stream stream = {0};
    cleat_status rc = open_cover(session, CLEAT_WRITE, &stream);
    if (rc == CLEAT_OK)
        rc = cleat_stream_write(&stream, 2, "bytes", 5);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
stream_make(cleat_session *session)
{
    cleat_stream stream = {0};
    cleat_status rc = make_cover(session, &stream);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
stream_create(cleat_session *session)
{
    static const char bytes[12000];
    cleat_stream stream = {0};
    cleat_status rc = make_cover(session, &stream);
    if (rc == CLEAT_OK)
        rc = cleat_stream_write(&stream, 0, bytes, sizeof bytes);
    cleat_stream_close(&stream);
    return rc;
}

/* ---- savepoints ---- */

static cleat_status
add_tag(cleat_session *session, int64_t book_id)
{
    library_tags_row tag = {.book_id = book_id, .tag = calls_text};
    return cleat_row_insert(session, TAGS, &tag);
}

static cleat_status
savepoints(cleat_session *session)
{
    int64_t number = -1;
    cleat_status rc = add_tag(session, 1);
    if (rc == CLEAT_OK)
        rc = cleat_savepoint(session, "outer");
    if (rc == CLEAT_OK)
        rc = add_tag(session, 2);
    if (rc == CLEAT_OK)
        rc = cleat_savepoint(session, "inner");
    if (rc == CLEAT_OK)
        rc = add_tag(session, 3);
    if (rc == CLEAT_OK)
        rc = cleat_savepoint_rollback(session, "inner");
    if (rc == CLEAT_OK)
        rc = cleat_savepoint_release(session, "outer");
    if (rc == CLEAT_OK)
        rc = cleat_row_count(session, TAGS, &number);
    return rc < 0 ? rc : holds(number == 2);
}

/* ---- two databases ---- */

static cleat_status
execute_apart(cleat_session *session)
{
    cleat_status rc = execute(session);
    if (rc == CLEAT_OK)
        rc = cleat_session_execute(
            session, "INSERT INTO archive.notes (id, slug) VALUES ('apart', 'apart')");
    return rc;
}

static cleat_status
add_notes(cleat_session *session, archive_notes_row *notes, size_t count)
{
    static const char *const slugs[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < count; i++) {
        cleat_row_defaults(NOTES, &notes[i]);
        notes[i].slug = slugs[i];
        notes[i].body = calls_text;
    }
    return cleat_row_insert_many(session, NOTES, notes, count);
}

/* Every way to write a row of another database. */
static cleat_status
write_apart(cleat_session *session)
{
    archive_notes_row notes[4];
    int64_t number = -1;
    cleat_status rc = add_tag(session, 1);
    if (rc == CLEAT_OK)
        rc = add_notes(session, notes, 4);
    if (rc == CLEAT_OK) {
        notes[0].body = "another";
        rc = expect(cleat_row_update(session, NOTES, &notes[0]), CLEAT_OK);
    }
    if (rc == CLEAT_OK)
        rc = expect(cleat_row_upsert(session, NOTES, NOTES_BY_SLUG, &notes[1]), CLEAT_UNCHANGED);
    if (rc == CLEAT_OK) {
        cleat_value slug = cleat_value_text("c");
        rc = expect(cleat_row_delete(session, NOTES, NOTES_BY_SLUG, &slug), CLEAT_OK);
    }
    if (rc == CLEAT_OK)
        rc = cleat_session_execute(session, "UPDATE archive.notes SET amount = 3");
    if (rc == CLEAT_OK)
        rc = cleat_row_count(session, NOTES, &number);
    return rc < 0 ? rc : holds(number == 3);
}

static cleat_status
savepoint_apart(cleat_session *session)
{
    archive_notes_row notes[2];
    cleat_status rc = cleat_savepoint(session, "before");
    if (rc == CLEAT_OK)
        rc = add_notes(session, notes, 2);
    if (rc == CLEAT_OK)
        rc = cleat_savepoint_rollback(session, "before");
    if (rc == CLEAT_OK)
        rc = add_notes(session, notes, 1);
    return rc;
}

/* ---- rows and JSON: no session is needed, but memory is ---- */

static const cleat_rules book_rules = {.table = &library_books_table};

static cleat_status
json(cleat_session *session)
{
    library_books_row book = sample_book("isbn", calls_text), defaults = sample_book("", ""),
                      read = {0};
    cleat_violations violations;
    char *text = NULL;
    (void)session;
    cleat_status rc = cleat_row_validate(&book_rules, &book, &violations);
    if (rc == CLEAT_OK)
        rc = cleat_row_to_json(&book_rules, &book, &text);
    if (rc == CLEAT_OK)
        rc = cleat_row_from_json(&book_rules, text, strlen(text), CLEAT_JSON_LENIENT, &defaults,
                                 &read, &violations);
    if (rc == CLEAT_OK)
        rc = holds(strcmp(read.title, calls_text) == 0);
    cleat_free(text);
    cleat_row_clear(BOOKS, &read);
    return rc;
}

static cleat_status
ambient(cleat_session *session)
{
    cleat_session *found = NULL;
    cleat_status rc = cleat_session_use(session);
    if (rc < 0)
        return rc;
    rc = cleat_session_expect("library", &found);
    if (rc == CLEAT_OK)
        rc = holds(found == session && cleat_session_current("library") == session &&
                   strcmp(cleat_session_database(session), "library") == 0);
    cleat_status released = cleat_session_release(session);
    return rc < 0 ? rc : released;
}

/* ---- what needs neither memory nor disk ---- */

static cleat_status
identifiers_and_times(cleat_session *session)
{
    char ulid[27], uuid[37], uuid4[37], text[25];
    int64_t now = cleat_now(), read = 0;
    (void)session;
    cleat_ulid_new(ulid);
    cleat_uuid_new(uuid);
    cleat_uuid4_new(uuid4);
    cleat_datetime_format(now, text);
    cleat_status rc = cleat_datetime_parse(text, &read);
    return rc < 0 ? rc
                  : holds(strlen(ulid) == 26 && strlen(uuid) == 36 && strlen(uuid4) == 36 &&
                          read / 1000 == now / 1000);
}

static cleat_status
names(cleat_session *session)
{
    int value = 0;
    cleat_status rc = cleat_enum_from_label(&library_genre, "essay", &value);
    if (rc == CLEAT_OK)
        rc = holds(strcmp(cleat_enum_label(&library_genre, value), "essay") == 0 &&
                   strcmp(cleat_status_name(CLEAT_NOMEM), "CLEAT_NOMEM") == 0 &&
                   strcmp(cleat_rule_name(CLEAT_VIOLATION_LENGTH), "length") == 0 &&
                   cleat_outcome_name(cleat_session_outcome(session, NULL)) != NULL);
    return rc;
}

static cleat_status
arithmetic(cleat_session *session)
{
    (void)session;
    return holds(cleat_text_length("\xc3\xa9t\xc3\xa9") == 3 &&
                 cleat_integer_add(INT64_MAX, 1) == INT64_MIN &&
                 cleat_integer_subtract(INT64_MIN, 1) == INT64_MAX &&
                 cleat_integer_multiply(6, 7) == 42 && cleat_overflows_add(INT64_MAX, 1) &&
                 cleat_overflows_subtract(INT64_MIN, 1) && !cleat_overflows_multiply(6, 7));
}

const struct call calls_of_rest[] = {
    CALL(statement, NULL, CALL_READS),
    CALL(statement_values, NULL, CALL_READS),
    CALL(execute, NULL, CALL_WRITES),
    CALL(stream_read, NULL, CALL_READS),
    CALL(stream_open, NULL, CALL_WRITES),
    CALL(stream_write, NULL, CALL_WRITES | CALL_SEVERAL),
    CALL(stream_make, NULL, CALL_WRITES),
    CALL(stream_create, NULL, CALL_WRITES | CALL_SEVERAL),
    CALL(savepoints, NULL, CALL_WRITES | CALL_SEVERAL),
    CALL(execute_apart, NULL, CALL_WRITES | CALL_APART | CALL_SEVERAL),
    CALL(write_apart, NULL, CALL_WRITES | CALL_APART | CALL_ATOMIC | CALL_SEVERAL),
    CALL(savepoint_apart, NULL, CALL_WRITES | CALL_APART | CALL_ATOMIC | CALL_SEVERAL),
    CALL(json, NULL, CALL_READS),
    CALL(ambient, NULL, CALL_READS),
    CALL(identifiers_and_times, NULL, CALL_READS),
    CALL(names, NULL, CALL_READS),
    CALL(arithmetic, NULL, CALL_READS),
};

const size_t calls_of_rest_count = CLEAT_COUNT(calls_of_rest);
