#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    ulid a_id SOFT_REFERENCES(archiv.boxes, id);
    ulid b_id SOFT_REFERENCES(archive.boxs, id);
    ulid c_id SOFT_REFERENCES(archive.boxes, di);
    integer room SOFT_REFERENCES(archive.places);
};
