#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY AUTOINCREMENT;
    integer shelf AUTOINCREMENT;
};

TABLE(loans) {
    integer id PRIMARY_KEY AUTOINCREMENT;
    WITHOUT_ROWID;
};
