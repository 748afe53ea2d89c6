/* shelves.h: what the tests of tables that extend others share: a desk whose sessions reach the
 * shelf, and rows of novels, which extend books, which extend things. */
#ifndef SHELVES_H
#define SHELVES_H

#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif

#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <unistd.h>

#include "desk/db_models.cleat.h"
#include "init_table.h"
#include "shelf/db_models.cleat.h"

/* Asserts what a call returns, and prints the session's error when it is something else. */
#define GIVES(session, expected, call)                                                             \
    do {                                                                                           \
        cleat_status status_ = (call);                                                             \
        if (status_ != (expected))                                                                 \
            fail_msg("%s:%d: %s: %s", __FILE__, __LINE__, cleat_status_name(status_),              \
                     cleat_session_error(session)->text);                                          \
    } while (0)

static inline int
set_up(void **state)
{
    if (sample_set_up(state) != 0)
        return -1;
    struct sample *sample = *state;
    sample->table = &shelves_init_table;
    cleat_settings_set(&sample->settings, "synchronous", "OFF");
    return sample_open(sample) == CLEAT_OK ? 0 : -1;
}

static inline shelf_novels_row
novel(const char *uri, const char *title, const char *author)
{
    shelf_novels_row row = shelf_novels_defaults();
    row.uri = uri;
    row.title = title;
    row.author = author;
    return row;
}

static inline shelf_books_row
book(const char *uri, const char *title)
{
    shelf_books_row row = shelf_books_defaults();
    row.uri = uri;
    row.title = title;
    return row;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, sample_tear_down)

#endif
