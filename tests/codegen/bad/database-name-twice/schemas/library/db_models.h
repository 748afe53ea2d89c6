#include <cleat/schema.h>
#define DATABASE_NAME "library"

#define DATABASE_NAME "archive"

TABLE(books) {
    ulid id PRIMARY_KEY;
};
