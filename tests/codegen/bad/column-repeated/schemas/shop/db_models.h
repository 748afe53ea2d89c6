#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid     id         PRIMARY_KEY;
    integer  person_id  NOT_NULL INDEX REFERENCES(persons, id);
    text     name       NOT_NULL;
    text     city       NOT_NULL;
    datetime created_at NOT_NULL DEFAULT_NOW;
};
