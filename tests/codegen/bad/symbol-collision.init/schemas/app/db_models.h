#include <cleat/schema.h>
#define DATABASE_NAME "app"

TABLE(init) {
    ulid id PRIMARY_KEY;
};
