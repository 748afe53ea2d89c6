#include <cleat/schema.h>
#define DATABASE_NAME "ledger"
#define DATABASE_ATOMIC_GROUP "accounts"

/** Things. */
TABLE(entries) {
    integer id PRIMARY_KEY;
};
