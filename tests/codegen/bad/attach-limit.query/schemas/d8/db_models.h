#include <cleat/schema.h>
#define DATABASE_NAME "d8"

TABLE(t) {
    integer id PRIMARY_KEY;
};
