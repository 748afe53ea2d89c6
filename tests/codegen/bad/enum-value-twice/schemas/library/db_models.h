#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum book_kind { BOOK_KIND_NOVEL = 1, BOOK_KIND_POEM, BOOK_KIND_STORY = 1 };

TABLE(books) {
    ulid id PRIMARY_KEY;
    enum book_kind kind;
};
