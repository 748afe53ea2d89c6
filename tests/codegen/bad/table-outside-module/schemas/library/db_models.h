#include <cleat/schema.h>
#define DATABASE_NAME "library"

#include "shared.h"

TABLE(books) {
    ulid id PRIMARY_KEY;
};
