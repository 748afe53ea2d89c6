#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    CHECK_ROW(1 = 1);
};
