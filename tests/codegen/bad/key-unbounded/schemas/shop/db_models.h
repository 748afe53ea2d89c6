#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    text number PRIMARY_KEY;
};

TABLE(customers) {
    text name PRIMARY_KEY LENGTH(200);
};
