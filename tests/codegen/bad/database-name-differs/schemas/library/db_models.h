#include <cleat/schema.h>
#define DATABASE_NAME "archive"

TABLE(boxes) {
    ulid id PRIMARY_KEY;
};

#undef DATABASE_NAME
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
};
