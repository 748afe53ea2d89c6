#include <cleat/schema.h>
#define DATABASE_NAME "library_old"

TABLE(books) {
    ulid id PRIMARY_KEY;
};
