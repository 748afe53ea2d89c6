#include <cleat/schema.h>
#define DATABASE_NAME "library"

#define PAGES 100
enum book_kind { BOOK_KIND_NOVEL, BOOK_KIND_POEM };

TABLE(books) {
    ulid id PRIMARY_KEY;
    enum book_kind kind DEFAULT(BOOK_KIND_NOVLE);
    integer pages DEFAULT(PAGES);
    integer shelf DEFAULT(010);
    integer weight DEFAULT(9223372036854775808);
    text title DEFAULT("\xff");
    text blurb DEFAULT("a" b);
    blob cover DEFAULT(X'123');
    datetime bought DEFAULT(CURRENT_TIMESTAMP);
    real price DEFAULT(1e999);
};
