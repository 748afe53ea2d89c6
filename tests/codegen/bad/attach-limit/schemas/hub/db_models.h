#include <cleat/schema.h>
#define DATABASE_NAME "hub"

TABLE(things) {
    ulid id PRIMARY_KEY;
};
