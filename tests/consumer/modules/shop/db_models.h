#include <cleat/schema.h>
#define DATABASE_NAME "shop"

#include "../limits.h"

/** Something that can be bought. */
TABLE(items) {
    ulid    id          PRIMARY_KEY;
    text    name        NOT_NULL UNIQUE LENGTH(NAME_LENGTH);
    integer price_cents NOT_NULL CHECK(price_cents >= 0);
};
