#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title;
    text isbn;
    INDEX_ON(isbn, titel DESC);
    UNIQUE_ON(publisher);
};
