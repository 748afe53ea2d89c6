#include <cleat/schema.h>
#define DATABASE_NAME "ledger"
#define DATABASE_ATOMIC_GROUP "archive"

/** Things. */
TABLE(old_entries) {
    integer id PRIMARY_KEY;
};
