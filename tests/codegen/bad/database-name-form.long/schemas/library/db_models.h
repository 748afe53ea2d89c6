#include <cleat/schema.h>
#define DATABASE_NAME "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

TABLE(books) {
    ulid id PRIMARY_KEY;
};
