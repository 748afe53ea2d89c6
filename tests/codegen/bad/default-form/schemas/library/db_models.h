#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    json options DEFAULT("{");
    datetime bought DEFAULT("2024-01-31");
    uuid edition DEFAULT("none");
    ulid owner DEFAULT("0");
};
