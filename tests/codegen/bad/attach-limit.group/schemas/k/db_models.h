#include <cleat/schema.h>
#define DATABASE_NAME "k"
#define DATABASE_ATOMIC_GROUP "accounts"

TABLE(t) {
    integer id PRIMARY_KEY;
};
