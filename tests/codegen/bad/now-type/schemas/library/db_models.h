#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    integer bought DEFAULT_NOW;
    text changed UPDATE_NOW;
};
