#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title;
    INDEX_ON(title);
};
