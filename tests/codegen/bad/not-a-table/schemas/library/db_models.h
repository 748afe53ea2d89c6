#include <cleat/schema.h>
#define DATABASE_NAME "library"

int shelf_count;

TABLE(books) {
    ulid id PRIMARY_KEY;
};
