#include <cleat/schema.h>
#define DATABASE_NAME "audit"
#define DATABASE_ATOMIC_GROUP "accounts"

/** Linked to the others by the group alone. */
TABLE(events) {
    integer id PRIMARY_KEY;
};
