#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id PRIMARY_KEY;
    json    facts NOT_NULL DEFAULT(lower('{'));
    ulid    other NOT_NULL DEFAULT(lower('01ARZ3NDEKTSV4RRFFQ69G5FAV'));
    datetime due  NOT_NULL DEFAULT(substr('x2026-02-30T00:00:00.000Z', 2));
};
