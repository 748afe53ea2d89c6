#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum book_kind { BOOK_KIND_NOVEL, BOOK_KIND_POÈME };

TABLE(Books) {
    ulid id PRIMARY_KEY;
    enum book_kind kind;
    text bookTitle;
    text aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;
    text isbn NAMED("is\"bn");
    text blurb NAMED("");
    integer createdAt NAMED("createdAt");
    INDEX_ON(isbn) NAMED("byIsbn");
};
