#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    integer pages CHECK(pagse > 0);
    text title;
    text kind NAMED("group") CHECK(kind <> '');
    INDEX_ON(lower(titel));
    INDEX_ON(pages) WHERE(title = "novel");
};
