#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title DEFAULT;
    text isbn UNIQUE(isbn, title);
};
