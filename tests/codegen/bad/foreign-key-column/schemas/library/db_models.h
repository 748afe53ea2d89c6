#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(authors) {
    ulid id PRIMARY_KEY;
    text name UNIQUE;
};

TABLE(books) {
    ulid id PRIMARY_KEY;
    text author REFERENCES(authors, nmae);
};
