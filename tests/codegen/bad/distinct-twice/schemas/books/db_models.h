#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum shelf { SHELF_LOW, SHELF_HIGH };
typedef integer book_id DISTINCT;

TABLE(books) {
    book_id    id    PRIMARY_KEY;
    enum shelf shelf NOT_NULL;
};
