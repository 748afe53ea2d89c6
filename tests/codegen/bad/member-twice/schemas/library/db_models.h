#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    integer pages;
    boolean has_pages NOT_NULL;
    text class;
    text class_;
};
