#include <cleat/schema.h>
#define DATABASE_NAME "library"

typedef integer class DISTINCT;

TABLE(books) {
    integer id       PRIMARY_KEY;
    class   in_class NOT_NULL;
};
