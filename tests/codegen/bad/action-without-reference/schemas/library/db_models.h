#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    ulid author_id ON_DELETE(CASCADE);
    ulid box_id SOFT_REFERENCES(archive.boxes, id) ON_UPDATE(CASCADE);
};
