#include <cleat/schema.h>

#define DATABASE_NAME "shop"

typedef real money;

TABLE(orders) {
    ulid    id          PRIMARY_KEY;
    real    total_price NOT_NULL;
    money   paid        NOT_NULL;
    real    weight      NOT_NULL;
    integer tax_cents   NOT_NULL;
};
