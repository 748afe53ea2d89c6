#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid    id       PRIMARY_KEY;
    text    note;   // lint: allow money-as-real: was a real once
    // lint: allow money-as-reel: misspelt
    real    price;  // lint: allow money-as-real: an estimate
    integer count;
    // lint: allow key-unbounded
};
