#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum book_kind { BOOK_KIND_NOVEL, BOOK_KIND_POEM };

TABLE(books) {
    ulid id PRIMARY_KEY;
    integer pages DEFAULT("many");
    boolean lent DEFAULT(2);
    blob cover DEFAULT("none");
    enum book_kind kind DEFAULT("novel");
    text shelf DEFAULT(12);
    integer weight DEFAULT(1.5);
};
