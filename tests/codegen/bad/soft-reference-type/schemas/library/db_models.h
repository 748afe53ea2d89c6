#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    integer box_id SOFT_REFERENCES(archive.boxes, id);
};
