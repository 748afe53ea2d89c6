#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum book_kind { BOOK_KIND_NOVEL, BOOK_KIND_novel, BOOK_KIND_POEM };

TABLE(books) {
    ulid id PRIMARY_KEY;
    enum book_kind kind;
};
