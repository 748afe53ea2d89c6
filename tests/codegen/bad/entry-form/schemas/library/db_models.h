#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    text title;
    text isbn;
    PRIMARY_KEY_ON(title DESC);
    UNIQUE_ON();
    INDEX_ON(title,, isbn);
    INDEX_ON("isbn");
    FULL_TEXT_ON(books_text);
};
