#include <cleat/schema.h>
#define DATABASE_NAME "library"

typedef integer shelf LENGTH(3);

TABLE(books) {
    ulid id PRIMARY_KEY LENGTH(26);
    shelf shelf;
};
