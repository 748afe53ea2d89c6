#include <cleat/schema.h>
#define DATABASE_NAME "d2"

TABLE(t) {
    integer id PRIMARY_KEY;
};
