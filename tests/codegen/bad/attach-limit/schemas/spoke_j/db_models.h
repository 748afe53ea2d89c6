#include <cleat/schema.h>
#define DATABASE_NAME "spoke_j"

TABLE(things) {
    ulid id PRIMARY_KEY;
    ulid thing_id SOFT_REFERENCES(hub.things, id);
};
