#include <cleat/schema.h>
#define DATABASE_NAME "d"
#define DATABASE_ATOMIC_GROUP "accounts"

TABLE(t) {
    integer id PRIMARY_KEY;
};
