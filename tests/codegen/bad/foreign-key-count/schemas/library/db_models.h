#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(shelves) {
    integer room;
    integer place;
    PRIMARY_KEY_ON(room, place);
};

TABLE(books) {
    ulid id PRIMARY_KEY;
    integer room REFERENCES(shelves);
    integer place;
    FOREIGN_KEY_ON((room, place), shelves(room));
};
