#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(persons) {
    integer  id         PRIMARY_KEY;
    text     name       NOT_NULL;
    text     city       NOT_NULL;
    datetime created_at NOT_NULL DEFAULT_NOW;
};
