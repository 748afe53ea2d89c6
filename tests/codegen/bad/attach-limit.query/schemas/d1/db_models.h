#include <cleat/schema.h>
#define DATABASE_NAME "d1"

TABLE(t) {
    integer id PRIMARY_KEY;
};
