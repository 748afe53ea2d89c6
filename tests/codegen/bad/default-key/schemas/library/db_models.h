#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    text isbn PRIMARY_KEY DEFAULT("none");
};
