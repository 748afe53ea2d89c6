#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id PRIMARY_KEY;
    text    title NOT_NULL LENGTH(3) DEFAULT(lower('ABCD'));
};
