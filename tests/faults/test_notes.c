/* test_notes.c: the notes of a commit over two databases are damaged, and the commit was cut short:
 * the next start refuses to complete it, names the database that lacks it, and changes nothing; with
 * sound notes it is completed. */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#define NOTES (&archive_notes_table)
#define TAGS (&library_tags_table)

/* ---- a commit that is cut short ---- */

struct file {
    const char *name;
    char *bytes;
    size_t size;
};

/* The library with the commit and its notes, the archive without it. */
static struct file files[] = {{"library.db", NULL, 0}, {"archive.db", NULL, 0}};

static void
keep(struct sample *sample, struct file *file)
{
    sample_close(sample);
    file->bytes = sample_read(sample_path(sample, file->name), &file->size);
    assert_int_equal(sample_open(sample), CLEAT_OK);
}

static void
restore(struct sample *sample)
{
    static const char *const suffixes[] = {"-wal", "-shm", "-journal"};
    char name[64];
    sample_close(sample);
    for (size_t i = 0; i < CLEAT_COUNT(files); i++) {
        for (size_t j = 0; j < CLEAT_COUNT(suffixes); j++) {
            snprintf(name, sizeof name, "%s%s", files[i].name, suffixes[j]);
            unlink(sample_path(sample, name));
        }
        sample_write(sample_path(sample, files[i].name), files[i].bytes, files[i].size);
    }
}

static void
add_note(cleat_session *session, const char *slug)
{
    archive_notes_row note;
    cleat_row_defaults(NOTES, &note);
    note.slug = slug;
    note.body = "a body";
    assert_int_equal(cleat_row_insert(session, NOTES, &note), CLEAT_OK);
}

/* Two notes, then one more, one that changes and one that goes. */
static void
write_notes(struct sample *sample, bool first)
{
    cleat_session *session = sample_session(sample, NULL, CLEAT_WRITE | CLEAT_ATOMIC);
    library_tags_row tag = {.book_id = first, .tag = "x"};
    assert_int_equal(cleat_row_insert(session, TAGS, &tag), CLEAT_OK);
    add_note(session, first ? "a" : "c");
    if (first)
        add_note(session, "b");
    else
        assert_int_equal(
            cleat_session_execute(session, "UPDATE archive.notes SET amount = 7 WHERE slug = 'a'"),
            CLEAT_OK);
    cleat_value slug = cleat_value_text("b");
    if (!first)
        assert_int_equal(cleat_row_delete(session, NOTES, NOTES_BY_SLUG, &slug), CLEAT_OK);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
}

static int
set_up(void **state)
{
    int rc = sample_set_up(state);
    struct sample *sample = *state;
    if (rc != 0)
        return rc;
    cleat_settings_set(&sample->settings, "log_level", "none");
    assert_int_equal(sample_open(sample), CLEAT_OK);
    write_notes(sample, true);
    keep(sample, &files[1]);
    write_notes(sample, false);
    keep(sample, &files[0]);
    return 0;
}

static int
tear_down(void **state)
{
    for (size_t i = 0; i < CLEAT_COUNT(files); i++)
        free(files[i].bytes);
    return sample_tear_down(state);
}

/* ---- what must be ---- */

#define BEFORE_SQL                                                                                 \
    "SELECT count(*) = 2 AND sum(slug IN ('a', 'b')) = 2 AND sum(amount IS NULL) = 2 FROM notes"
#define AFTER_SQL                                                                                  \
    "SELECT count(*) = 2 AND sum(slug IN ('a', 'c')) = 2 AND sum(amount IS 7) = 1 FROM notes"

static void
expect_refusal(struct sample *sample, const char *sql)
{
    restore(sample);
    sample_run(sample_path(sample, "library.db"), sql);
    cleat_status rc = sample_open(sample);
    const cleat_error *error = cleat_registry_error(sample->registry);
    if (rc >= 0 || strcmp(error->database, "archive") != 0)
        fail_msg("%s: %s, %s, %s", sql, cleat_status_name(rc), error->database, error->text);
    sample_close(sample);
    if (sample_ask(sample_path(sample, "archive.db"), BEFORE_SQL) != 1)
        fail_msg("%s: refused and yet changed", sql);
}

static void
sound_notes_complete_the_commit(void **state)
{
    struct sample *sample = *state;
    restore(sample);
    assert_int_equal(sample_ask(sample_path(sample, "archive.db"), BEFORE_SQL), 1);
    assert_int_equal(sample_open(sample), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(sample_ask(sample_path(sample, "archive.db"), AFTER_SQL), 1);
}

static void
damaged_descriptions_of_changes_are_refused(void **state)
{
    static const char *const damages[] = {
        "DELETE FROM cleat_changes",
        "UPDATE cleat_changes SET columns = substr(columns, 1, length(columns) - 1)",
        "UPDATE cleat_changes SET columns = x''",
        "UPDATE cleat_changes SET columns = x'00'",
        "UPDATE cleat_changes SET columns = CAST(x'FF' || substr(columns, 2) AS BLOB)",
        "UPDATE cleat_changes SET keys = -1",
        "UPDATE cleat_changes SET keys = 99",
        "UPDATE cleat_changes SET keys = 0",
        "UPDATE cleat_changes SET \"table\" = 'nothing'",
    };
    for (size_t i = 0; i < CLEAT_COUNT(damages); i++)
        expect_refusal(*state, damages[i]);
}

static void
damaged_values_are_refused(void **state)
{
    struct sample *sample = *state;
    char sql[200];
    restore(sample);
    int64_t longest = sample_ask(sample_path(sample, "library.db"),
                                 "SELECT max(length(\"row\")) FROM cleat_intents");
    assert_true(longest > 10);
    for (int64_t size = 0; size < longest; size++) {
        snprintf(sql, sizeof sql,
                 "UPDATE cleat_intents SET \"row\" = substr(\"row\", 1, %lld)"
                 " WHERE length(\"row\") > %lld",
                 (long long)size, (long long)size);
        expect_refusal(sample, sql);
    }
    expect_refusal(sample, "UPDATE cleat_intents SET \"row\" = CAST(\"row\" || x'00' AS BLOB)");
    expect_refusal(sample,
                   "UPDATE cleat_intents SET \"row\" = CAST(x'FF' || substr(\"row\", 2) AS BLOB)");
    expect_refusal(sample, "UPDATE cleat_intents SET change = 99");
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(sound_notes_complete_the_commit),
        TEST(damaged_descriptions_of_changes_are_refused),
        TEST(damaged_values_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
