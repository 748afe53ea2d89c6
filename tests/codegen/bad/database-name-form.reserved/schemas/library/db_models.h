#include <cleat/schema.h>
#define DATABASE_NAME "main"

TABLE(books) {
    ulid id PRIMARY_KEY;
};
