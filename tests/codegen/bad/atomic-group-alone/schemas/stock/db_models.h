#include <cleat/schema.h>
#define DATABASE_NAME "stock"

/** Things. */
TABLE(items) {
    integer id PRIMARY_KEY;
};
