/* archive/db_models.h: a database that only queries of the library link to it. */
#include <cleat/schema.h>

#define DATABASE_NAME "archive"

TABLE(shelves) {
    integer book_id PRIMARY_KEY;
    text    shelf   NOT_NULL;
};
