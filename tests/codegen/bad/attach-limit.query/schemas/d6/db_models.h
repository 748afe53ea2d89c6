#include <cleat/schema.h>
#define DATABASE_NAME "d6"

TABLE(t) {
    integer id PRIMARY_KEY;
};
