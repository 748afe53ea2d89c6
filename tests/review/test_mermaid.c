/* test_mermaid.c: names that a schema may have and that say something else to Mermaid. What it takes
 * was tried with Mermaid 11; a diagram that it refuses is not drawn at all. */
#include "common/mermaid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void
a_table_whose_name_is_a_keyword_is_quoted(void **state)
{
    (void)state;
    assert_string_equal(mermaid_entity("books"), "books");
    assert_string_equal(mermaid_entity("end"), "\"end\"");
    assert_string_equal(mermaid_entity("Style"), "\"Style\"");
    assert_string_equal(mermaid_entity("to"), "\"to\"");
    assert_string_equal(mermaid_entity("tool"), "tool");
    assert_string_equal(mermaid_entity("catalog.books"), "\"catalog.books\"");
    assert_string_equal(mermaid_entity("a \"b\"\n"), "\"a _b__\"");
    assert_string_equal(mermaid_entity("2nd"), "\"2nd\"");
}

static void
a_column_is_one_word_and_no_mark_of_a_key(void **state)
{
    (void)state;
    assert_string_equal(mermaid_word("title"), "title");
    assert_string_equal(mermaid_word("pk"), "_pk");
    assert_string_equal(mermaid_word("Fk"), "_Fk");
    assert_string_equal(mermaid_word("order by"), "order_by");
    assert_string_equal(mermaid_word("2nd"), "_2nd");
    assert_string_equal(mermaid_word("VARCHAR(80)"), "VARCHAR_80_");
    assert_string_equal(mermaid_word(""), "_");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_whose_name_is_a_keyword_is_quoted),
        cmocka_unit_test(a_column_is_one_word_and_no_mark_of_a_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
