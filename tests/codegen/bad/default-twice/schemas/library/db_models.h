#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    timestamp bought DEFAULT(0) DEFAULT_NOW;
};
