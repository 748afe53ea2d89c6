#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title;
    FULL_TEXT_ON(books_text, title);
    WITHOUT_ROWID;
};
