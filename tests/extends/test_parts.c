/* test_parts.c: what the columns of every part may be, through all that a program does with rows:
 * numbers that never return, full text, references to another database, streams, JSON, rules. */
#include "shelves.h"

static cleat_session *
open_shelf(void **state)
{
    return sample_session(*state, "shelf", CLEAT_WRITE);
}

static void
numbers_of_the_first_table_never_return(void **state)
{
    cleat_session *session = open_shelf(state);
    shelf_novels_row one = novel("novel:1", "One", "Ada"), many[3], more;
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &one));
    GIVES(session, CLEAT_OK, shelf_novels_delete(session, one.id));
    many[0] = novel("novel:2", "Two", "Ada");
    many[1] = novel("novel:3", "Three", "Ada");
    many[2] = novel("novel:4", "Four", "Ada");
    GIVES(session, CLEAT_OK, shelf_novels_insert_many(session, many, 2));
    assert_int_equal(many[0].id, one.id + 1);
    assert_int_equal(many[1].id, one.id + 2);
    GIVES(session, CLEAT_OK, shelf_things_delete(session, many[1].id)); /* CASCADE */
    assert_int_equal(shelf_novels_exists(session, many[1].id), CLEAT_NOT_FOUND);
    GIVES(session, CLEAT_OK, shelf_novels_upsert_many_by_uri(session, many + 2, 1));
    assert_int_equal(many[2].id, one.id + 3);
    more = novel("novel:5", "Five", "Ada");
    GIVES(session, CLEAT_CREATED, shelf_novels_ensure_by_uri(session, &more));
    assert_int_equal(more.id, one.id + 4);
    cleat_session_close(session);
}

static void
an_index_finds_rows_of_its_table_and_of_those_that_extend_it(void **state)
{
    cleat_session *session = open_shelf(state);
    shelf_novels_row tale = novel("novel:1", "A winter tale", "William"), found_novel;
    shelf_books_row manual = book("book:1", "Winter tyres"), found;
    cleat_cursor cursor;
    cleat_match match;
    int count = 0;
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &tale));
    GIVES(session, CLEAT_OK, shelf_books_insert(session, &manual));
    GIVES(session, CLEAT_OK, shelf_books_text_search(session, "winter", &cursor));
    while (shelf_books_text_search_next(&cursor, &found, &match) == CLEAT_ROW)
        count += found.kind == THING_KIND_NOVEL ? 10 : 1;
    assert_int_equal(count, 11);
    GIVES(session, CLEAT_OK, shelf_novels_text_search(session, "william", &cursor));
    GIVES(session, CLEAT_ROW, shelf_novels_text_search_next(&cursor, &found_novel, &match));
    assert_string_equal(found_novel.title, "A winter tale");
    cleat_cursor_close(&cursor);
    tale.title = "A summer tale"; /* in the middle table, through the last */
    tale.author = "Christopher";
    GIVES(session, CLEAT_OK, shelf_novels_upsert_many(session, &tale, 1));
    GIVES(session, CLEAT_OK, shelf_books_text_search(session, "summer", &cursor));
    GIVES(session, CLEAT_ROW, shelf_books_text_search_next(&cursor, &found, &match));
    cleat_cursor_close(&cursor);
    GIVES(session, CLEAT_OK, shelf_novels_text_search(session, "william", &cursor));
    GIVES(session, CLEAT_DONE, shelf_novels_text_search_next(&cursor, &found_novel, &match));
    GIVES(session, CLEAT_OK, shelf_novels_delete(session, tale.id));
    GIVES(session, CLEAT_OK, shelf_books_text_check(session));
    GIVES(session, CLEAT_OK, shelf_novels_text_rebuild(session));
    GIVES(session, CLEAT_OK, shelf_novels_text_check(session));
    cleat_session_close(session);
}

static void
values_of_every_part_are_streamed(void **state)
{
    cleat_session *session = open_shelf(state);
    shelf_novels_row tale = novel("novel:1", "A tale", "Ada"), found = {0};
    cleat_stream stream;
    char bytes[8];
    size_t size = 0;
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &tale));
    GIVES(session, CLEAT_VALUE,
          shelf_novels_stream_open(session, tale.id, SHELF_NOVELS_ICON, CLEAT_READ, &stream));
    GIVES(session, CLEAT_OK,
          shelf_novels_stream_create(session, tale.id, SHELF_NOVELS_ICON, 4, &stream));
    GIVES(session, CLEAT_OK, cleat_stream_write(&stream, 0, "icon", 4));
    cleat_stream_close(&stream);
    GIVES(session, CLEAT_OK,
          shelf_novels_stream_create(session, tale.id, SHELF_NOVELS_COVER, 5, &stream));
    GIVES(session, CLEAT_OK, cleat_stream_write(&stream, 0, "cover", 5));
    cleat_stream_close(&stream);
    GIVES(session, CLEAT_OK,
          shelf_novels_stream_open(session, tale.id, SHELF_NOVELS_NOTES, CLEAT_READ, &stream));
    GIVES(session, CLEAT_OK, cleat_stream_read(&stream, 0, bytes, sizeof bytes, &size));
    assert_memory_equal(bytes, "{}", 2);
    cleat_stream_close(&stream);
    GIVES(session, CLEAT_OK, shelf_novels_get(session, tale.id, &found));
    assert_memory_equal(found.icon.data, "icon", 4);
    assert_memory_equal(found.cover.data, "cover", 5);
    assert_true(found.has_changed_at && found.has_checked_at);
    shelf_novels_clear(&found);
    cleat_session_close(session);
}

static void
references_of_every_part_to_another_database_are_looked_after(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = open_shelf(state);
    shelf_novels_row tale = novel("novel:1", "A tale", "Ada");
    cleat_orphan *orphans;
    size_t count;
    tale.has_job_id = tale.has_made_by = true;
    tale.job_id = 77;
    tale.made_by = 78;
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &tale));
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
    assert_int_equal(cleat_orphans(sample->registry, "shelf", &orphans, &count), CLEAT_OK);
    assert_int_equal(count, 2);
    assert_string_equal(orphans[0].table, "books");
    assert_string_equal(orphans[0].column, "job_id");
    assert_int_equal(orphans[0].count, 1);
    assert_string_equal(orphans[0].keys[0], "1");
    assert_string_equal(orphans[1].table, "novels");
    assert_string_equal(orphans[1].keys[0], "1");
    cleat_free(orphans);
    session = sample_session(sample, "desk", CLEAT_WRITE);
    desk_jobs_row jobs[2] = {desk_jobs_defaults(), desk_jobs_defaults()};
    jobs[0].id = 77;
    jobs[0].name = "print it";
    jobs[1].id = 78;
    jobs[1].name = "bind it";
    GIVES(session, CLEAT_OK, desk_jobs_insert_many(session, jobs, 2));
    GIVES(session, CLEAT_OK, cleat_session_commit(session));
    cleat_session_close(session);
    assert_int_equal(cleat_orphans(sample->registry, "shelf", &orphans, &count), CLEAT_OK);
    assert_int_equal(count, 0);
    cleat_free(orphans);
}

static bool
blames(const cleat_violations *violations, const char *column)
{
    for (size_t i = 0; i < violations->count; i++)
        if (strcmp(violations->items[i].column, column) == 0)
            return true;
    return false;
}

static void
rules_of_every_part_are_told_together(void **state)
{
    (void)state;
    shelf_novels_row tale = novel(NULL, "", NULL);
    cleat_violations violations;
    char title[102];
    memset(title, 'x', 101);
    title[101] = '\0';
    tale.kind = THING_KIND_BOOK;
    tale.title = title;
    tale.notes = "{";
    tale.has_read_at = true;
    strcpy(tale.read_at, "yesterday");
    assert_int_equal(shelf_novels_validate(&tale, &violations), CLEAT_CHECK);
    assert_true(blames(&violations, "kind") && blames(&violations, "uri"));
    assert_true(blames(&violations, "title") && blames(&violations, "read_at"));
    assert_true(blames(&violations, "author") && blames(&violations, "notes"));
    assert_int_equal(violations.count, 6);
}

static void
a_row_of_all_parts_goes_through_json(void **state)
{
    cleat_session *session = open_shelf(state);
    shelf_novels_row tale = novel("novel:1", "A \"tale\"", "Ada"), read = {0};
    cleat_violations violations;
    char *json, *again;
    tale.cover = (cleat_blob){"\0\377", 2};
    GIVES(session, CLEAT_OK, shelf_novels_insert(session, &tale));
    GIVES(session, CLEAT_OK, shelf_novels_to_json(&tale, &json));
    GIVES(session, CLEAT_OK,
          shelf_novels_from_json(json, strlen(json), CLEAT_JSON_STRICT, &read, &violations));
    assert_int_equal(read.id, tale.id);
    assert_int_equal(read.kind, THING_KIND_NOVEL);
    assert_string_equal(read.title, "A \"tale\"");
    GIVES(session, CLEAT_UNCHANGED, shelf_novels_upsert(session, &read));
    GIVES(session, CLEAT_OK, shelf_novels_to_json(&read, &again));
    assert_string_equal(json, again);
    cleat_free(json);
    cleat_free(again);
    static const char unknown[] = "{\"uri\":\"u\",\"title\":\"t\",\"pages\":1}";
    assert_int_equal(
        shelf_novels_from_json(unknown, strlen(unknown), CLEAT_JSON_STRICT, &read, &violations),
        CLEAT_CHECK);
    assert_true(blames(&violations, "pages"));
    shelf_novels_clear(&read);
    cleat_session_close(session);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(numbers_of_the_first_table_never_return),
        TEST(an_index_finds_rows_of_its_table_and_of_those_that_extend_it),
        TEST(values_of_every_part_are_streamed),
        TEST(references_of_every_part_to_another_database_are_looked_after),
        TEST(rules_of_every_part_are_told_together),
        TEST(a_row_of_all_parts_goes_through_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
