#include <cleat/schema.h>

TABLE(books) {
    ulid id PRIMARY_KEY;
};
