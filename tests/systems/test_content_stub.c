/* test_content_stub.c: a database in its first phase. Its module names it and describes no table;
 * it is created, verified and opened like every other. */
#include <init_table.h>

#include "harness.h"

static void
start(const char *line)
{
    if (try_boot(&content_stub_init_table) != CLEAT_OK)
        fail_msg("%s", cleat_registry_error(fixture.registry)->text);
    assert_true(logged(line));
    assert_int_equal(cleat_registry_count(fixture.registry), 1);
    assert_int_equal(info_of("content").table_count, 0);
}

static void
a_database_without_a_table_has_a_file(void **state)
{
    (void)state;
    start("content: Database created with 0 tables from modules: content");
    assert_true(info_of("content").created);
    assert_string_equal(ask_file("content", "SELECT count(*) FROM sqlite_schema"), "0");
    shut();
    start("content: Database verified with 0 tables from modules: content");
    assert_false(info_of("content").created);
}

static void
a_session_on_it_opens(void **state)
{
    (void)state;
    start("content: Database created");
    work_on("content");
    assert_string_equal(ask_session("SELECT count(*) FROM content.sqlite_schema"), "0");
    works(cleat_session_commit(session));
    work_on(NULL);
    assert_string_equal(cleat_session_database(session), "content");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_database_without_a_table_has_a_file, make_directory,
                                        remove_directory),
        cmocka_unit_test_setup_teardown(a_session_on_it_opens, make_directory, remove_directory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
