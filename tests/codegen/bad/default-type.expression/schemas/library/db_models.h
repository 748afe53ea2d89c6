#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id PRIMARY_KEY;
    boolean torn NOT_NULL DEFAULT(1 + 1);
};
