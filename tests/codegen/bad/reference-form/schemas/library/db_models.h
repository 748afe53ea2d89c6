#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    ulid author_id REFERENCES(authors.id.name);
    ulid editor_id REFERENCES();
    ulid box_id SOFT_REFERENCES(boxes, id);
    ulid shelf_id REFERENCES(shelves, "id");
    FOREIGN_KEY_ON(author_id);
};
