#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum book_kind { BOOK_KIND_NOVEL = FIRST };

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title;
};
