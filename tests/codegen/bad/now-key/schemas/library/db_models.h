#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    timestamp seen UPDATE_NOW;
    text isbn;
    PRIMARY_KEY_ON(isbn, seen);
};
