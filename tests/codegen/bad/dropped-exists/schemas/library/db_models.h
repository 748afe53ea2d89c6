#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title;
    text isbn RENAMED_FROM(code);
    DROPPED(title, "nobody reads it");
    DROPPED(code, "isbn is enough");
};
