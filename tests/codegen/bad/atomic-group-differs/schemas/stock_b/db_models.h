#include <cleat/schema.h>
#define DATABASE_NAME "archive_b"
#define DATABASE_ATOMIC_GROUP "archive"

/** Things. */
TABLE(things) {
    integer id PRIMARY_KEY;
};
