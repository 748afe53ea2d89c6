#include <cleat/schema.h>
#define DATABASE_NAME "own"

TABLE(leaves) {
    integer id PRIMARY_KEY;
};
