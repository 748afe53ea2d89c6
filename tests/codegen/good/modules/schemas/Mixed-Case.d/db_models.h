#include <cleat/schema.h>
#define DATABASE_NAME "mixed"

TABLE(things) {
    integer id PRIMARY_KEY;
};
