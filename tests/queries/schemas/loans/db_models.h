/* loans/db_models.h: a module of the library's database that uses its enum in a query only. */
#include <cleat/schema.h>

#define DATABASE_NAME "library"

TABLE(loans) {
    integer   id      PRIMARY_KEY;
    integer   book_id NOT_NULL UNIQUE;
    timestamp until   NOT_NULL;
};
