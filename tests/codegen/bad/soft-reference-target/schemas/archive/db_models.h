#include <cleat/schema.h>
#define DATABASE_NAME "archive"

TABLE(boxes) {
    ulid id PRIMARY_KEY;
};

TABLE(places) {
    integer room;
    integer shelf;
    PRIMARY_KEY_ON(room, shelf);
};
