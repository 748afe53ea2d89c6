/* works.c: rows of works for the tests of tables that extend others. */
#include "works.h"

shop_texts_row
text_row(const char *uri, const char *body)
{
    shop_texts_row row = shop_texts_defaults();
    row.uri = uri;
    row.body = body;
    return row;
}

shop_letters_row
letter_row(const char *uri, const char *sender)
{
    shop_letters_row row = shop_letters_defaults();
    row.uri = uri;
    row.body = "Dear all";
    row.sender = sender;
    return row;
}

void
holds(int64_t works, int64_t texts, int64_t letters)
{
    assert_int_equal(ask("SELECT count(*) FROM shop.works"), works);
    assert_int_equal(ask("SELECT count(*) FROM shop.texts"), texts);
    assert_int_equal(ask("SELECT count(*) FROM shop.letters"), letters);
}
