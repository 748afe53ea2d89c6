#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid id       PRIMARY_KEY;
    text number   UNIQUE;
    text customer NOT_NULL;
    text receipt;

    UNIQUE_ON(customer, receipt) WHERE(receipt IS NOT NULL);
};
