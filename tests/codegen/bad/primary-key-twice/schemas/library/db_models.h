#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text isbn PRIMARY_KEY;
    text title;
    PRIMARY_KEY_ON(isbn, title);
};
