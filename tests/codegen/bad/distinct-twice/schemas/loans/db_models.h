#include <cleat/schema.h>
#define DATABASE_NAME "library"

typedef integer book_id DISTINCT;
typedef integer shelf DISTINCT;

TABLE(loans) {
    integer id    PRIMARY_KEY;
    book_id book  NOT_NULL;
    shelf   shelf NOT_NULL;
};
