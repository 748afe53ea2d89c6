#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(old_books) {
    ulid id PRIMARY_KEY;
};
