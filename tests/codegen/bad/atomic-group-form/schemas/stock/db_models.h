#include <cleat/schema.h>
#define DATABASE_NAME "stock"
#define DATABASE_ATOMIC_GROUP accounts

/** Things. */
TABLE(items) {
    integer id PRIMARY_KEY;
};
