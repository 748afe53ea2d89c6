#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid id PRIMARY_KEY;
};

/** Who buys. */
TABLE(customers) {
    ulid id PRIMARY_KEY;
};
