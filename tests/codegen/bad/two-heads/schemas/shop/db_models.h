#include <cleat/schema.h>
#define DATABASE_NAME "shop"

TABLE(books) {
    integer id    PRIMARY_KEY;
    text    title NOT_NULL;
};
