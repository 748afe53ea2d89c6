#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title;
    boolean lent;
    INDEX_ON(title);
    INDEX_ON(title) WHERE(lent);
};

TABLE(shelves) {
    integer id PRIMARY_KEY;
    text label;
    INDEX_ON(label) NAMED("books");
    FULL_TEXT_ON(search, label);
};

TABLE(search_data) {
    ulid id PRIMARY_KEY;
};
