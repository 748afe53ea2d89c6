/* test_text.c: texts that the runtime reads itself: bytes that are UTF-8 or not, by the borders of
 * its ranges, and SQL texts that are the same but for blanks, comments and quotes. */
#include "execution/migration/compare.h"
#include "json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define EXPECT(texts, expected)                                                                    \
    for (size_t i = 0; i < CLEAT_COUNT(texts); i++)                                                \
        if (cleat_utf8_valid((texts)[i], strlen((texts)[i])) != (expected))                        \
            fail_msg("text %zu", i);

static void
characters_are_taken_at_the_borders_of_their_ranges(void **state)
{
    static const char *const texts[] = {
        "",
        "a",
        "\x7f",
        "\xc2\x80",         /* U+0080 */
        "\xdf\xbf",         /* U+07FF */
        "\xe0\xa0\x80",     /* U+0800 */
        "\xe0\xbf\xbf",     /* U+0FFF */
        "\xed\x9f\xbf",     /* U+D7FF */
        "\xee\x80\x80",     /* U+E000 */
        "\xef\xbf\xbf",     /* U+FFFF */
        "\xf0\x90\x80\x80", /* U+10000 */
        "\xf4\x8f\xbf\xbf", /* U+10FFFF */
        "a\xc3\xa9z",
    };
    (void)state;
    EXPECT(texts, true)
}

static void
other_bytes_are_refused(void **state)
{
    static const char *const texts[] = {
        "\x80", /* no first byte */
        "\xbf",
        "\xc0\x80", /* overlong, in every length */
        "\xc1\xbf",
        "\xe0\x9f\xbf",
        "\xf0\x8f\xbf\xbf",
        "\xed\xa0\x80", /* a surrogate */
        "\xed\xbf\xbf",
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3", /* cut off, in every length */
        "\xe2\x82",
        "\xf0\x9f\x98",
        "\xc3z", /* another byte behind */
        "\xe2z\x82",
        "\xe2\x82z",
        "\xf0\x9f\x98z",
        "a\xc3",
    };
    (void)state;
    EXPECT(texts, false)
}

struct pair {
    const char *one, *other;
};

static void
sql_is_the_same_but_for_blanks_comments_and_quotes(void **state)
{
    static const struct pair pairs[] = {
        {NULL, NULL},
        {NULL, ""},
        {"", " \n\t"},
        {"CREATE TABLE a(b)", "CREATE  TABLE\na ( b )"},
        {"CREATE TABLE \"a\"(b)", "CREATE TABLE a(b)"},
        {"CREATE TABLE [a](`b`)", "CREATE TABLE \"a\"(b)"},
        {"\"a\"\"b\"", "\"a\"\"b\""},
        {"a -- to the end of the line\nb", "a b"},
        {"a -- to the end", "a"},
        {"a /* between */ b", "a b"},
        {"a/**/b", "a b"},
        {"a /* not closed", "a"},
        {"'x''y'", "'x''y'"},
        {"a.b+1", "a . b + 1"},
        {"\xc3\xa9$1", "\xc3\xa9$1"},
        {"'not closed", "'not closed"},
        {"[not closed", "[not closed"},
    };
    (void)state;
    for (size_t i = 0; i < CLEAT_COUNT(pairs); i++)
        if (!cleat_sql_same(pairs[i].one, pairs[i].other) ||
            !cleat_sql_same(pairs[i].other, pairs[i].one))
            fail_msg("%s | %s", pairs[i].one, pairs[i].other);
}

static void
other_sql_is_not(void **state)
{
    static const struct pair pairs[] = {
        {"", "a"},
        {"a", "b"},
        {"a", "a b"},
        {"ab", "a b"},
        {"'a'", "\"a\""},
        {"'a'", "a"},
        {"'a b'", "'a  b'"},
        {"a - - b", "a -- b"},
        {"a / * b", "a /* b"},
        {"'x'", "'x''y'"},
        {"'x'", "'x"},
        {"a -b", "a --b"},
    };
    (void)state;
    for (size_t i = 0; i < CLEAT_COUNT(pairs); i++)
        if (cleat_sql_same(pairs[i].one, pairs[i].other) ||
            cleat_sql_same(pairs[i].other, pairs[i].one))
            fail_msg("%s | %s", pairs[i].one, pairs[i].other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(characters_are_taken_at_the_borders_of_their_ranges),
        cmocka_unit_test(other_bytes_are_refused),
        cmocka_unit_test(sql_is_the_same_but_for_blanks_comments_and_quotes),
        cmocka_unit_test(other_sql_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
