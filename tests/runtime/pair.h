/* pair.h: what the tests of commits over two databases share: a row for each of them, and the flags of
 * a session that writes both as one. */
#ifndef CLEAT_TESTS_PAIR_H
#define CLEAT_TESTS_PAIR_H

#include "sample.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TAGS (&library_tags_table)
#define NOTES (&archive_notes_table)
#define BOTH (CLEAT_WRITE | CLEAT_ATOMIC)

static inline void
add_tag(cleat_session *session, int64_t book_id)
{
    library_tags_row tag = {.book_id = book_id, .tag = "x"};
    assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_OK);
}

static inline cleat_status
add_note(cleat_session *session, const char *slug)
{
    archive_notes_row note = {.slug = slug};
    return cleat_row_insert(session, NOTES, &note);
}

static inline int64_t
ask(struct sample *sample, const char *file, const char *sql)
{
    return sample_ask(sample_path(sample, file), sql);
}

#endif
