#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum state { STATE_NEW, STATE_LENT };

TABLE(books) {
    ulid id PRIMARY_KEY;
    enum state state;
};
