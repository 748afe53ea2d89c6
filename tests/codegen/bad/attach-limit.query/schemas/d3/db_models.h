#include <cleat/schema.h>
#define DATABASE_NAME "d3"

TABLE(t) {
    integer id PRIMARY_KEY;
};
