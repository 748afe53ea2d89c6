#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title COLLATE(NOCSE);
    text isbn;
    INDEX_ON(isbn COLLATE german DESC);
};
