#include <cleat/schema.h>
#define DATABASE_NAME "library"

#define NOTHING (8 - 2 * 4)

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title LENGTH(NOTHING);
    text isbn LENGTH(thirteen);
    text blurb LENGTH(4000000000UL);
};
