/* calls_shop.c: the calls on rows of tables that extend others, through generated functions: one
 * call is several statements, and writes all parts of a row or none. And the whole list. */
#include "calls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "init_table.h"
#include "letters/db_models.cleat.h"
#include "shop/db_models.cleat.h"
#include "works/db_models.cleat.h"

enum { LETTERS = 4 };

static shop_letters_row
make_letter(const char *uri, const char *sender)
{
    shop_letters_row letter = shop_letters_defaults();
    letter.uri = uri;
    letter.sender = sender;
    letter.body = "words of a letter";
    letter.title = calls_text;
    return letter;
}

void
calls_fill_shop(cleat_registry *registry)
{
    static const char *const uris[LETTERS] = {"letter:1", "letter:2", "letter:3", "letter:4"};
    static const char *const senders[LETTERS] = {"ada", "bob", "cid", "dan"};
    cleat_session *session;
    assert_int_equal(cleat_session_open(registry, "shop", CLEAT_WRITE, &session), CLEAT_OK);
    for (int i = 0; i < LETTERS; i++) {
        shop_letters_row letter = make_letter(uris[i], senders[i]);
        letter.id = i + 1;
        letter.cover = (cleat_blob){calls_text, sizeof calls_text};
        assert_int_equal(shop_letters_insert(session, &letter), CLEAT_OK);
    }
    shop_words_row word = {.word = "colour", .alias = "color", .uses = 3};
    assert_int_equal(shop_words_insert(session, &word), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
}

/* ---- single rows ---- */

static cleat_status
shop_insert(cleat_session *session)
{
    shop_letters_row letter = make_letter("letter:new", "eve");
    cleat_status rc = shop_letters_insert(session, &letter);
    return rc < 0 ? rc : holds(letter.id == LETTERS + 1);
}

static cleat_status
shop_insert_with_new_id(cleat_session *session)
{
    shop_firms_row firm = shop_firms_defaults();
    firm.email = "firm@example.org";
    firm.about = calls_text;
    firm.id[0] = '\0';
    cleat_status rc = shop_firms_insert(session, &firm);
    return rc < 0 ? rc : holds(strlen(firm.id) == 26);
}

static cleat_status
shop_update(cleat_session *session)
{
    shop_letters_row letter = make_letter("letter:1", "zoe");
    letter.id = 1;
    return expect(shop_letters_update(session, &letter), CLEAT_OK);
}

static cleat_status
shop_patch(cleat_session *session)
{
    shop_letters_row letter = make_letter("letter:1", "zoe");
    letter.id = 1;
    return expect(shop_letters_patch(session, &letter, SHOP_LETTERS_TITLE | SHOP_LETTERS_SENDER),
                  CLEAT_OK);
}

static cleat_status
shop_upsert(cleat_session *session)
{
    shop_letters_row letter = make_letter("letter:2", "zoe");
    return expect(shop_letters_upsert_by_uri(session, &letter), CLEAT_UPDATED);
}

/* The stored key, a text that nobody assigns, is read when the row has been written. */
static cleat_status
shop_upsert_word(cleat_session *session)
{
    shop_words_row word = {.word = "hue", .alias = "color", .uses = 4};
    cleat_status rc = expect(shop_words_upsert_by_alias(session, &word), CLEAT_UPDATED);
    if (rc == CLEAT_OK)
        rc = holds(strcmp(word.word, "colour") == 0);
    shop_words_clear(&word);
    return rc;
}

static cleat_status
shop_ensure(cleat_session *session)
{
    shop_letters_row letter = make_letter("letter:3", "zoe");
    cleat_status rc = expect(shop_letters_ensure_by_uri(session, &letter), CLEAT_FOUND);
    if (rc == CLEAT_OK)
        rc = holds(letter.id == 3 && strcmp(letter.sender, "cid") == 0);
    shop_letters_clear(&letter);
    return rc;
}

static cleat_status
shop_ensure_new(cleat_session *session)
{
    shop_letters_row letter = make_letter("letter:new", "zoe");
    cleat_status rc = expect(shop_letters_ensure_by_uri(session, &letter), CLEAT_CREATED);
    shop_letters_clear(&letter);
    return rc;
}

static cleat_status
shop_get(cleat_session *session)
{
    shop_letters_row letter = {0};
    cleat_status rc = shop_letters_get_by_sender(session, "bob", &letter);
    if (rc == CLEAT_OK)
        rc = holds(letter.id == 2 && strcmp(letter.title, calls_text) == 0 &&
                   letter.cover.size == sizeof calls_text);
    shop_letters_clear(&letter);
    return rc;
}

static cleat_status
shop_lend(cleat_session *session)
{
    shop_letters_row letter = {0};
    cleat_status rc = shop_letters_lend_by_uri(session, "letter:4", &letter);
    return rc < 0 ? rc : holds(rc == CLEAT_OK && strcmp(letter.sender, "dan") == 0);
}

static cleat_status
shop_exists(cleat_session *session)
{
    return expect(shop_letters_exists_by_uri(session, "letter:4"), CLEAT_OK);
}

static cleat_status
shop_delete(cleat_session *session)
{
    return expect(shop_letters_delete_by_sender(session, "ada"), CLEAT_OK);
}

/* ---- lists and sets ---- */

/* Reads a list of letters to its end. */
static cleat_status
read_letters(cleat_cursor *cursor, cleat_status rc, int expected)
{
    shop_letters_row letter;
    int number = 0;
    while (rc >= 0 && (rc = shop_letters_next(cursor, &letter)) == CLEAT_ROW)
        number += letter.uri != NULL && letter.sender != NULL && letter.title != NULL;
    cleat_cursor_close(cursor);
    return rc < 0 ? rc : holds(rc == CLEAT_DONE && number == expected);
}

static cleat_status
check_letters(shop_letters_rows *letters, cleat_status rc, size_t expected)
{
    if (rc == CLEAT_OK)
        rc = holds(letters->count == expected && strcmp(letters->items[0].title, calls_text) == 0);
    shop_letters_rows_clear(letters);
    return rc;
}

static cleat_status
shop_count(cleat_session *session)
{
    int64_t number = -1;
    cleat_status rc = shop_letters_count(session, &number);
    return rc < 0 ? rc : holds(number == LETTERS);
}

static cleat_status
shop_list(cleat_session *session)
{
    cleat_cursor cursor = {0};
    return read_letters(&cursor, shop_letters_list(session, &cursor), LETTERS);
}

static cleat_status
shop_list_by(cleat_session *session)
{
    cleat_cursor cursor = {0};
    return read_letters(&cursor, shop_letters_list_by_kind(session, WORK_KIND_LETTER, &cursor),
                        LETTERS);
}

static cleat_status
shop_list_page(cleat_session *session)
{
    cleat_cursor cursor = {0};
    return read_letters(&cursor, shop_letters_list_page(session, NULL, CLEAT_AFTER, 3, &cursor), 3);
}

static cleat_status
shop_list_where(cleat_session *session)
{
    cleat_cursor cursor = {0};
    shop_letters_row letter = make_letter("letter:1", "ada");
    return read_letters(
        &cursor,
        shop_letters_list_where(session, &letter, SHOP_LETTERS_SENDER | SHOP_LETTERS_BODY, &cursor),
        1);
}

static cleat_status
shop_collect(cleat_session *session)
{
    shop_letters_rows letters = {0};
    return check_letters(&letters, shop_letters_collect(session, &letters), LETTERS);
}

static cleat_status
shop_get_many(cleat_session *session)
{
    static const int64_t ids[] = {4, 2, 3};
    shop_letters_rows letters = {0};
    return check_letters(&letters, shop_letters_get_many(session, ids, 3, &letters), 3);
}

static cleat_status
shop_delete_where(cleat_session *session)
{
    int64_t number = -1;
    shop_letters_row letter = make_letter("letter:1", "ada");
    cleat_status rc = shop_letters_delete_where(session, &letter, SHOP_LETTERS_BODY, &number);
    return rc < 0 ? rc : holds(number == LETTERS);
}

static void
make_letters(shop_letters_row letters[3], const char *uri)
{
    letters[0] = make_letter("letter:x", "x");
    letters[1] = make_letter(uri, "y");
    letters[2] = make_letter("letter:z", "z");
}

static cleat_status
shop_insert_many(cleat_session *session)
{
    shop_letters_row letters[3];
    make_letters(letters, "letter:y");
    return expect(shop_letters_insert_many(session, letters, 3), CLEAT_OK);
}

static cleat_status
shop_upsert_many(cleat_session *session)
{
    shop_letters_row letters[3];
    make_letters(letters, "letter:2");
    return expect(shop_letters_upsert_many_by_uri(session, letters, 3), CLEAT_OK);
}

/* By a key of the last table, and twice the same. */
static cleat_status
shop_upsert_many_twice(cleat_session *session)
{
    shop_letters_row letters[3];
    make_letters(letters, "letter:y");
    letters[2].sender = "x";
    letters[2].uri = "letter:x";
    return expect(shop_letters_upsert_many_by_sender(session, letters, 3), CLEAT_OK);
}

static cleat_status
shop_ensure_many(cleat_session *session)
{
    shop_letters_row letters[3];
    make_letters(letters, "letter:2");
    return expect(shop_letters_ensure_many_by_uri(session, letters, 3), CLEAT_OK);
}

/* ---- streams, full text ---- */

static cleat_status
shop_stream(cleat_session *session)
{
    cleat_stream stream = {0};
    char bytes[sizeof calls_text];
    size_t size = 0;
    cleat_status rc = shop_letters_stream_open(session, 2, SHOP_LETTERS_COVER, CLEAT_READ, &stream);
    if (rc == CLEAT_OK)
        rc = holds(cleat_stream_size(&stream) == sizeof bytes);
    if (rc == CLEAT_OK)
        rc = cleat_stream_read(&stream, 0, bytes, sizeof bytes, &size);
    if (rc == CLEAT_OK)
        rc = holds(size == sizeof bytes && memcmp(bytes, calls_text, size) == 0);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
shop_stream_make(cleat_session *session)
{
    cleat_stream stream = {0};
    cleat_status rc = shop_letters_stream_create(session, 2, SHOP_LETTERS_COVER, 5000, &stream);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
shop_stream_create(cleat_session *session)
{
    cleat_stream stream = {0};
    cleat_status rc = shop_letters_stream_create(session, 2, SHOP_LETTERS_COVER, 5000, &stream);
    if (rc == CLEAT_OK)
        rc = cleat_stream_write(&stream, 4900, calls_text, 50);
    cleat_stream_close(&stream);
    return rc;
}

static cleat_status
shop_search(cleat_session *session)
{
    cleat_cursor cursor = {0};
    shop_texts_row text;
    cleat_match match;
    static const cleat_search options = {.limit = 3, .snippet_tokens = 4};
    int number = 0;
    cleat_status rc = shop_texts_fts_search_with(session, "letter words", &options, &cursor);
    while (rc >= 0 && (rc = shop_texts_fts_search_next(&cursor, &text, &match)) == CLEAT_ROW)
        number += text.uri != NULL && match.snippet != NULL;
    cleat_cursor_close(&cursor);
    return rc < 0 ? rc : holds(number == 3);
}

/* ---- the list ---- */

const struct call calls_of_shop[] = {
    CALL(shop_insert, "shop", CALL_WRITES),
    CALL(shop_insert_with_new_id, "shop", CALL_WRITES),
    CALL(shop_update, "shop", CALL_WRITES),
    CALL(shop_patch, "shop", CALL_WRITES),
    CALL(shop_upsert, "shop", CALL_WRITES),
    CALL(shop_upsert_word, "shop", CALL_WRITES),
    CALL(shop_ensure, "shop", CALL_WRITES),
    CALL(shop_ensure_new, "shop", CALL_WRITES),
    CALL(shop_get, "shop", CALL_READS),
    CALL(shop_lend, "shop", CALL_READS),
    CALL(shop_exists, "shop", CALL_READS),
    CALL(shop_delete, "shop", CALL_WRITES),
    CALL(shop_count, "shop", CALL_READS),
    CALL(shop_list, "shop", CALL_READS),
    CALL(shop_list_by, "shop", CALL_READS),
    CALL(shop_list_page, "shop", CALL_READS),
    CALL(shop_list_where, "shop", CALL_READS),
    CALL(shop_collect, "shop", CALL_READS),
    CALL(shop_get_many, "shop", CALL_READS),
    CALL(shop_delete_where, "shop", CALL_WRITES),
    CALL(shop_insert_many, "shop", CALL_WRITES),
    CALL(shop_upsert_many, "shop", CALL_WRITES),
    CALL(shop_upsert_many_twice, "shop", CALL_WRITES),
    CALL(shop_ensure_many, "shop", CALL_WRITES),
    CALL(shop_stream, "shop", CALL_READS),
    CALL(shop_stream_make, "shop", CALL_WRITES),
    CALL(shop_stream_create, "shop", CALL_WRITES | CALL_SEVERAL),
    CALL(shop_search, "shop", CALL_READS),
};

const size_t calls_of_shop_count = CLEAT_COUNT(calls_of_shop);

const struct call *
call_at(size_t place)
{
    if (place < calls_of_rows_count)
        return &calls_of_rows[place];
    place -= calls_of_rows_count;
    if (place < calls_of_shop_count)
        return &calls_of_shop[place];
    place -= calls_of_shop_count;
    return place < calls_of_rest_count ? &calls_of_rest[place] : NULL;
}

cleat_session *
call_session(struct sample *sample, const struct call *call)
{
    unsigned mode = (call->flags & CALL_WRITES) != 0 ? CLEAT_WRITE : CLEAT_READ;
    return sample_session(sample, call->database,
                          mode | ((call->flags & CALL_ATOMIC) != 0 ? CLEAT_ATOMIC : 0));
}

/* The sample's databases, which soft references lead through, and the shop. */
static const cleat_init_table *
make_table(const char *atomic_group)
{
    static const cleat_soft_reference references[] = {
        {"loans", "note", "archive", "notes", "id"},
        {NULL, NULL, NULL, NULL, NULL},
    };
    static cleat_database databases[4];
    static cleat_init_table table;
    for (size_t i = 0; i < sample_init_table.database_count; i++)
        databases[i] = sample_init_table.databases[i];
    databases[0].soft_references = references;
    databases[0].atomic_group = databases[1].atomic_group = atomic_group;
    databases[sample_init_table.database_count] = shop_init_table.databases[0];
    table = sample_init_table;
    table.databases = databases;
    table.database_count = CLEAT_COUNT(databases);
    return &table;
}

static void
open_table(struct sample *sample, const cleat_init_table *table)
{
    sample->table = table;
    assert_int_equal(sample_open(sample), CLEAT_OK);
    calls_fill(sample->registry);
    calls_fill_shop(sample->registry);
}

void
calls_open(struct sample *sample)
{
    open_table(sample, make_table(NULL));
}

void
calls_open_group(struct sample *sample)
{
    open_table(sample, make_table("pair"));
}
