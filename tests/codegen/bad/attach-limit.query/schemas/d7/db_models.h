#include <cleat/schema.h>
#define DATABASE_NAME "d7"

TABLE(t) {
    integer id PRIMARY_KEY;
};
