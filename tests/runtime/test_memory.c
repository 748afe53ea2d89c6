/* test_memory.c: memory that runs out, at every allocation in turn, of the runtime's own and of
 * SQLite's: a typed error, nothing lost and nothing leaked, and the same call works afterwards. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sqlite3.h>

#define BOOKS (&library_books_table)

/* The allocation that fails, counted down; those after it too when `lasting`. */
static long countdown;
static bool armed, lasting;
static sqlite3_mem_methods standard;

static bool
fails(void)
{
    if (!armed || --countdown > 0)
        return false;
    return lasting || countdown == 0;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *
__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *
__wrap_realloc(void *memory, size_t size)
{
    return fails() ? NULL : __real_realloc(memory, size);
}

static void *
allocate(int size)
{
    return fails() ? NULL : standard.xMalloc(size);
}

static void *
reallocate(void *memory, int size)
{
    return fails() ? NULL : standard.xRealloc(memory, size);
}

static void
arm(long after, bool from_then_on)
{
    countdown = after;
    lasting = from_then_on;
    armed = true;
}

/* Whether the armed failure was never reached. */
static bool
disarm(void)
{
    armed = false;
    return countdown > 0;
}

/* SQLite may do without some memory; what it says must then be right. Only its json_valid() takes
 * a text that it has no memory to read for one that is not JSON. */
static void
assert_allowed(cleat_status rc, const cleat_error *error, long place)
{
    bool json = rc == CLEAT_CHECK && strstr(error->text, "json_valid") != NULL;
    if (rc != CLEAT_OK && rc != CLEAT_NOMEM && !json)
        fail_msg("allocation %ld: %s", place, cleat_status_name(rc));
}

/* What a program does: write, list, read, search, its own SQL. */
static cleat_status
work(cleat_session *session, const char *isbn)
{
    library_books_row book = sample_book(isbn, "A title"), read = {0};
    cleat_cursor cursor = {0};
    cleat_value key = cleat_value_text(isbn);
    cleat_status rc = cleat_row_insert(session, BOOKS, &book);
    if (rc == CLEAT_OK)
        rc = cleat_row_upsert(session, BOOKS, BOOKS_BY_ISBN, &book);
    if (rc == CLEAT_UNCHANGED)
        rc = CLEAT_OK;
    if (rc == CLEAT_OK)
        rc = cleat_row_get(session, BOOKS, BOOKS_BY_ISBN, &key, &read);
    if (rc == CLEAT_OK && strcmp(read.title, "A title") != 0)
        rc = CLEAT_VALUE;
    if (rc == CLEAT_OK)
        rc = cleat_row_list_by(session, BOOKS, BOOKS_BY_ISBN, &key, &cursor);
    if (rc == CLEAT_OK && (rc = cleat_row_next(&cursor, BOOKS, &book)) == CLEAT_ROW)
        rc = CLEAT_OK;
    cleat_cursor_close(&cursor);
    if (rc == CLEAT_OK)
        rc = cleat_row_search(session, &library_books_fts, "title", &cursor);
    if (rc == CLEAT_OK && (rc = cleat_row_next(&cursor, BOOKS, &book)) == CLEAT_ROW)
        rc = CLEAT_OK;
    if (rc == CLEAT_OK)
        rc = cleat_session_execute(session, "SELECT count(*) FROM archive.notes");
    cleat_row_clear(BOOKS, &read);
    return rc;
}

static void
boot_without_memory_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    for (int mode = 0; mode < 2; mode++) {
        bool through = false;
        for (long place = 1; !through; place += place < 200 ? 1 : 7) {
            arm(place, mode == 1);
            cleat_status rc = sample_open(sample);
            through = disarm();
            assert_allowed(rc, cleat_registry_error(sample->registry), place);
            if (rc < 0 && sample->registry != NULL)
                assert_int_equal(cleat_registry_error(sample->registry)->status, CLEAT_NOMEM);
            sample_close(sample);
        }
        assert_int_equal(sample_open(sample), CLEAT_OK);
        sample_close(sample);
    }
}

static void
a_session_without_memory_can_be_rolled_back_and_used_again(void **state)
{
    struct sample *sample = *state;
    sqlite3_int64 used = sqlite3_memory_used();
    for (int mode = 0; mode < 2; mode++) {
        bool through = false;
        for (long place = 1; !through; place += 3) {
            cleat_session *session = NULL;
            assert_int_equal(sample_open(sample), CLEAT_OK);
            arm(place, mode == 1);
            cleat_status rc = cleat_session_open(sample->registry, NULL, CLEAT_WRITE, &session);
            if (rc == CLEAT_OK)
                rc = work(session, "1");
            cleat_error error = *cleat_session_error(session);
            if (rc < 0 && session != NULL)
                assert_int_equal(cleat_session_rollback(session), CLEAT_OK);
            through = disarm();
            assert_allowed(rc, &error, place);
            if (session == NULL)
                session = sample_session(sample, NULL, CLEAT_WRITE);
            assert_int_equal(work(session, "2"), CLEAT_OK);
            sample_close(sample);
        }
    }
    assert_int_equal(sqlite3_memory_used(), used);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(boot_without_memory_can_be_tried_again),
        TEST(a_session_without_memory_can_be_rolled_back_and_used_again),
    };
    sqlite3_mem_methods faulty;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &standard);
    faulty = standard;
    faulty.xMalloc = allocate;
    faulty.xRealloc = reallocate;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &faulty);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
