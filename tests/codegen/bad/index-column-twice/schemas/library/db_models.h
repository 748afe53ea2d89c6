#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    text title;
    text isbn;
    PRIMARY_KEY_ON(isbn, isbn);
    INDEX_ON(title, isbn, title DESC);
};
