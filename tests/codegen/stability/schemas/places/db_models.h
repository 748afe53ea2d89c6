#include <cleat/schema.h>
#define DATABASE_NAME "first"

TABLE(places) {
    ulid    id   PRIMARY_KEY;
    text    name NOT_NULL INDEX;
    integer owner REFERENCES(people);
};
