/* test_nothing.c: every public function is given nothing (NULL) for each of its pointers in turn, and
 * for all of them. It refuses with CLEAT_MISUSE or CLEAT_NOT_NULL what it cannot do without, none
 * crashes, and the session goes on. nothing.py writes the calls from the public headers, so that a
 * new function is in here too; with all it needs each call must work. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* What the calls are given. */
struct world {
    struct sample *sample;
    cleat_settings settings;
    cleat_registry *registry;
    cleat_session *session;
    cleat_async *async;
    cleat_statement *statement;
    cleat_cursor cursor;
    cleat_stream stream;
    library_books_row book, another, read;
    struct {
        library_books_row *items;
        size_t count;
        void *owned;
    } books;
    cleat_search options;
    cleat_rules rules;
    cleat_value isbn;
    cleat_error error;
    cleat_orphan *orphans;
    FILE *file;
    char *json, *text;
    char directory[160], bytes[4];
    const char *databases[1];
    const char *isbns[1];
    const void *keys[1];
    uint16_t places[1];
};

struct nothing {
    const char *name;
    cleat_status (*call)(struct world *world);
    bool refused;
};

/* ---- what is made when a call needs it ---- */

static cleat_async *
open_async(struct world *world)
{
    assert_int_equal(cleat_async_open(world->sample->registry, &world->async), CLEAT_OK);
    return world->async;
}

static cleat_async *
open_async_to_close(struct world *world)
{
    cleat_async *async = open_async(world);
    world->async = NULL;
    return async;
}

static cleat_registry *
open_registry(struct world *world)
{
    cleat_registry *registry = NULL;
    struct sample *sample = world->sample;
    assert_int_equal(cleat_registry_open(sample->table, &sample->settings, &registry), CLEAT_OK);
    return registry;
}

static cleat_session *
set_savepoint(struct world *world)
{
    assert_int_equal(cleat_savepoint(world->session, "before"), CLEAT_OK);
    return world->session;
}

static cleat_session *
use_session(struct world *world)
{
    assert_int_equal(cleat_session_use(world->session), CLEAT_OK);
    return world->session;
}

/* Returns a place for the session in use. */
static cleat_session **
use_library(struct world *world)
{
    static cleat_session *session;
    cleat_registry_install(world->sample->registry);
    use_session(world);
    return &session;
}

static cleat_statement *
open_statement(struct world *world)
{
    assert_int_equal(
        cleat_statement_open(world->session, "SELECT coalesce(?1, 1), 2", &world->statement),
        CLEAT_OK);
    return world->statement;
}

static cleat_cursor *
open_list(struct world *world)
{
    assert_int_equal(cleat_row_list(world->session, &library_books_table, &world->cursor),
                     CLEAT_OK);
    return &world->cursor;
}

static cleat_cursor *
open_search(struct world *world)
{
    assert_int_equal(cleat_row_search(world->session, &library_books_fts, "title", &world->cursor),
                     CLEAT_OK);
    return &world->cursor;
}

static cleat_stream *
open_stream(struct world *world)
{
    assert_int_equal(cleat_row_stream_open(world->session, &library_books_table, BOOKS_BY_ISBN,
                                           &world->isbn, "cover", CLEAT_WRITE, &world->stream),
                     CLEAT_OK);
    return &world->stream;
}

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
    (void)progress;
    return true;
}

static cleat_status
do_nothing(cleat_session *session, void *data)
{
    (void)session;
    (void)data;
    return CLEAT_OK;
}

#define BOOK_COLUMNS                                                                               \
    "id, isbn, title, state, genre, pages, rating, in_print, cover, metadata, author_id, "         \
    "added_at, changed_at"

static const char *const own_database[] = {"library", NULL};
static const cleat_parameter isbn_parameter[] = {{"isbn", NULL, CLEAT_KIND_TEXT, 0}};
static const cleat_query query_by_isbn = {
    .sql = "SELECT " BOOK_COLUMNS " FROM library.books WHERE isbn = ?1",
    .result = &library_books_table,
    .parameters = isbn_parameter,
    .databases = own_database,
    .parameter_count = 1,
};
static const cleat_query query_touch = {
    .sql = "UPDATE library.books SET pages = 7 WHERE isbn = ?1",
    .result = &library_books_table,
    .parameters = isbn_parameter,
    .databases = own_database,
    .parameter_count = 1,
    .flags = CLEAT_WRITES,
};

/* ---- the calls ---- */

#include "nothing.inc"

static library_books_row
make_book(const char *isbn)
{
    library_books_row book = sample_book(isbn, "title");
    book.cover = (cleat_blob){"bytes", 5};
    return book;
}

/* A session with a book, in no unit of work: it locks nothing. */
static void
make(struct world *world, struct sample *sample)
{
    static int number;
    memset(world, 0, sizeof *world);
    world->sample = sample;
    cleat_settings_init(&world->settings, NULL);
    world->session = sample_session(sample, NULL, CLEAT_WRITE);
    world->book = make_book("isbn");
    world->another = make_book("another");
    assert_int_equal(cleat_row_insert(world->session, &library_books_table, &world->book),
                     CLEAT_OK);
    assert_int_equal(cleat_session_commit(world->session), CLEAT_OK);
    world->rules.table = &library_books_table;
    assert_int_equal(cleat_row_to_json(&world->rules, &world->book, &world->json), CLEAT_OK);
    world->isbn = cleat_value_text("isbn");
    world->isbns[0] = "isbn";
    world->keys[0] = world->isbns;
    world->databases[0] = "library";
    world->places[0] = 2;
    world->file = fopen("/dev/null", "w");
    assert_non_null(world->file);
    snprintf(world->directory, sizeof world->directory, "%s/set%d", sample->directory, ++number);
}

static void
clear(struct world *world)
{
    cleat_registry_install(NULL);
    cleat_registry_close(world->registry);
    cleat_async_close(world->async);
    cleat_row_clear(&library_books_table, &world->book); /* an ensure has read into it */
    cleat_row_clear(&library_books_table, &world->read);
    cleat_rows_clear(&world->books);
    cleat_free(world->orphans);
    cleat_free(world->json);
    cleat_free(world->text);
    fclose(world->file);
    cleat_session_close(world->session);
    sample_run(sample_path(world->sample, "library.db"), "DELETE FROM books");
}

static struct sample *sample;
static struct world world;

static int
set_up_group(void **state)
{
    int rc = sample_set_up((void **)&sample);
    (void)state;
    if (rc != 0)
        return rc;
    cleat_settings_set(&sample->settings, "busy_timeout_ms", "100");
    cleat_settings_set(&sample->settings, "log_level", "none");
    return sample_open(sample) == CLEAT_OK ? 0 : -1;
}

static int
tear_down_group(void **state)
{
    (void)state;
    return sample_tear_down((void **)&sample);
}

static int
set_up(void **state)
{
    (void)state;
    make(&world, sample);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    clear(&world);
    return 0;
}

static bool
is_refusal(cleat_status rc)
{
    return rc == CLEAT_MISUSE || rc == CLEAT_NOT_NULL || rc == CLEAT_VALUE || rc == CLEAT_NOT_FOUND;
}

static void
nothing_is_refused_or_allowed(void **state)
{
    const struct nothing *nothing = *state;
    int64_t count = -1;
    cleat_status rc = nothing->call(&world);
    if (nothing->refused ? !is_refusal(rc) : rc < 0)
        fail_msg("%s: %s, %s", nothing->name, cleat_status_name(rc),
                 cleat_session_error(world.session)->text);
    if (strncmp(nothing->name, "cleat_session_close_with_", 25) != 0)
        assert_int_equal(cleat_row_count(world.session, &library_books_table, &count), CLEAT_OK);
}

int
main(void)
{
    struct CMUnitTest tests[CLEAT_COUNT(nothings)];
    for (size_t i = 0; i < CLEAT_COUNT(nothings); i++)
        tests[i] = (struct CMUnitTest){nothings[i].name, nothing_is_refused_or_allowed, set_up,
                                       tear_down, (void *)(uintptr_t)&nothings[i]};
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
