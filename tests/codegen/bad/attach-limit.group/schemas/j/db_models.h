#include <cleat/schema.h>
#define DATABASE_NAME "j"
#define DATABASE_ATOMIC_GROUP "accounts"

TABLE(t) {
    integer id PRIMARY_KEY;
};
