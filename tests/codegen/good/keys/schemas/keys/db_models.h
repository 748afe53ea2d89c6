/* Keys of several columns and of every type, and keys that refer to them. */
#include <cleat/schema.h>
#define DATABASE_NAME "keys"

enum side { SIDE_LEFT, SIDE_RIGHT };

TABLE(shelves) {
    text      room  NOT_NULL;
    integer   place NOT_NULL;
    enum side side  NOT_NULL;
    text      label;
    PRIMARY_KEY_ON(room, place, side);
    WITHOUT_ROWID;
};

TABLE(books) {
    text      isbn  PRIMARY_KEY LENGTH(13);
    text      room;
    integer   place;
    enum side side;
    text      next  REFERENCES(books, isbn);
    FOREIGN_KEY_ON((room, place, side), shelves(room, place, side)) ON_DELETE(SET_NULL)
        ON_UPDATE(NO_ACTION);
    INDEX_ON(room, place);
};

TABLE(loans) {
    text      book   NOT_NULL REFERENCES(books) ON_DELETE(RESTRICT);
    timestamp since  NOT_NULL DEFAULT_NOW;
    text      reader NOT_NULL;
    PRIMARY_KEY_ON(book, since);
    UNIQUE_ON(reader, book);
};

TABLE(flags) {
    boolean value PRIMARY_KEY;
    text    meaning;
};

TABLE(days) {
    datetime day PRIMARY_KEY;
    integer  count NOT_NULL DEFAULT(0);
};
