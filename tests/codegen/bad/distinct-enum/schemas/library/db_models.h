#include <cleat/schema.h>
#define DATABASE_NAME "library"

typedef enum state { STATE_NEW, STATE_OLD } book_state DISTINCT;

TABLE(books) {
    integer    id    PRIMARY_KEY;
    book_state state NOT_NULL;
};
