/* Names that are words of C, C++ or SQL, macros of the standard headers, or not names in C at all. */
#include <cleat/schema.h>
#define DATABASE_NAME "names"

TABLE(select) {
    integer id PRIMARY_KEY;
    text    class NOT_NULL UNIQUE;
    text    new   INDEX;
    text    order;
    text    group;
    text    index;
    text    from  NOT_NULL DEFAULT("");
    text    default_ NAMED("default");
    text    this_is NAMED("is it: a 'name', or \\ not?");
    integer long_  NAMED("long") NOT_NULL DEFAULT(1);
    text    umlaut NAMED("größe");
    CHECK_ROW("order" <> "group");
    INDEX_ON(order, group DESC);
};

TABLE(table) {
    text where PRIMARY_KEY REFERENCES(select, class) ON_DELETE(CASCADE);
    text s;
    text row;
    text key;
    text ret_row;
    text owned;
    INDEX_ON(s, row, key, ret_row);
    FULL_TEXT_ON(union, s, row);
};
