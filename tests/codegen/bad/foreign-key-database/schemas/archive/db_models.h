#include <cleat/schema.h>
#define DATABASE_NAME "archive"

TABLE(boxes) {
    ulid id PRIMARY_KEY;
};
