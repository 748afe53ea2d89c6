#include <cleat/schema.h>
#define DATABASE_NAME "d4"

TABLE(t) {
    integer id PRIMARY_KEY;
};
