#include <cleat/schema.h>
#define DATABASE_NAME "library"

typedef integer book_id DISTINCT;
typedef integer reader_id DISTINCT;

TABLE(shelves) {
    integer id PRIMARY_KEY;
};

TABLE(books) {
    book_id   id    PRIMARY_KEY;
    reader_id shelf REFERENCES(shelves, id);
};

TABLE(loans) {
    integer   id     PRIMARY_KEY;
    reader_id book   NOT_NULL REFERENCES(books, id);
    integer   before REFERENCES(books, id);
};
