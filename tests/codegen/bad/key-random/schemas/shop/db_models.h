#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    uuid id PRIMARY_KEY;
};
