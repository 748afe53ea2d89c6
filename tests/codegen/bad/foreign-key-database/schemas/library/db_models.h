#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    ulid box_id REFERENCES(archive.boxes, id);
    ulid other_id REFERENCES(boxes);
    ulid copy_id REFERENCES(library.books, id);
};
