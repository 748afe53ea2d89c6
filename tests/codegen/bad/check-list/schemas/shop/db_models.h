#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid    id    PRIMARY_KEY;
    text    state NOT_NULL CHECK(state IN ('new', 'paid', 'sent'));
    integer half  NOT_NULL CHECK(half IN (1, 2));
};
