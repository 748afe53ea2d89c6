#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY UNIQUE;
    text title INDEX;
    text isbn;
    INDEX_ON(isbn, title);
    INDEX_ON(title DESC) NAMED("by_title");
    UNIQUE_ON(isbn, title);
};
