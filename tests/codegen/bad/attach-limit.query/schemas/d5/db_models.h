#include <cleat/schema.h>
#define DATABASE_NAME "d5"

TABLE(t) {
    integer id PRIMARY_KEY;
};
