#include <cleat/schema.h>
#define DATABASE_NAME "d9"

TABLE(t) {
    integer id PRIMARY_KEY;
};
