#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(works) {
    integer id PRIMARY_KEY REFERENCES(books, id);
    EXTENDS(books);
};

TABLE(books) {
    integer id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works);
};

TABLE(poems) {
    integer id PRIMARY_KEY REFERENCES(books, id);
    EXTENDS(books);
};

TABLE(songs) {
    integer id PRIMARY_KEY REFERENCES(songs, id);
    EXTENDS(songs);
};
