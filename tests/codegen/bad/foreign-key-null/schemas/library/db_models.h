#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(authors) {
    ulid id PRIMARY_KEY;
    text name UNIQUE;
};

TABLE(books) {
    ulid id PRIMARY_KEY;
    ulid author_id NOT_NULL REFERENCES(authors, id) ON_DELETE(SET_NULL);
    text author NOT_NULL;
    FOREIGN_KEY_ON(author, authors(name)) ON_UPDATE(SET_NULL);
};
