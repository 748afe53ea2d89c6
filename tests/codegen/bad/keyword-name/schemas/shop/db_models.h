#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid id    PRIMARY_KEY;
    text group_ NAMED("group");
    text title;
};
