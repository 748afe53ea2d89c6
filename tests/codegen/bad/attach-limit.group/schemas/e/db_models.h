#include <cleat/schema.h>
#define DATABASE_NAME "e"
#define DATABASE_ATOMIC_GROUP "accounts"

TABLE(t) {
    integer id PRIMARY_KEY;
};
