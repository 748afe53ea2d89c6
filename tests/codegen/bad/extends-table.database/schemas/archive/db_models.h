#include <cleat/schema.h>
#define DATABASE_NAME "archive"

TABLE(works) {
    integer id PRIMARY_KEY;
};
