#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title;
    text headline RENAMED_FROM(title);
    text isbn RENAMED_FROM(code);
    text ean RENAMED_FROM(code);
};

TABLE(novels) {
    ulid id PRIMARY_KEY;
    TABLE_WAS(books);
};
