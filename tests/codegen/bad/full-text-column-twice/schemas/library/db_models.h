#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id PRIMARY_KEY;
    text title;
    FULL_TEXT_ON(books_text, title, title);
};
