#include <cleat/schema.h>
#include "../archive/db_models.h"
#undef DATABASE_NAME
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
};
