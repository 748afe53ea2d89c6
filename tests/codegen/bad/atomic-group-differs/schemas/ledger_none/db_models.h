#include <cleat/schema.h>
#define DATABASE_NAME "ledger"

/** Things. */
TABLE(plain_entries) {
    integer id PRIMARY_KEY;
};
