#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title WHERE(title <> '');
    text isbn;
    INDEX_ON(isbn) NOT_NULL;
    CHECK_ROW(isbn <> title) WHERE(isbn <> '');
    UNIQUE_ON(isbn, title) ON_DELETE(CASCADE);
};
