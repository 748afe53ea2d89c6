#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id PRIMARY_KEY;
    text    title NOT_NULL DEFAULT(nullif(1, 1));
};
