/* Distinct types of every kind, as keys, parts of keys, defaults and in checks. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "library"

typedef blob seal DISTINCT;
typedef timestamp moment DISTINCT;
typedef boolean flag DISTINCT;
typedef datetime day DISTINCT;

TABLE(shelves) {
    shelf_code shelf_code PRIMARY_KEY;
    metres     width_of_back;
    INDEX_ON(width_of_back);
};

TABLE(readers) {
    reader_id   id       PRIMARY_KEY;
    guardian_id guardian REFERENCES(readers, id) ON_DELETE(SET_NULL) INDEX;
    text        name     NOT_NULL UNIQUE;
};

TABLE(books) {
    book_id    id     PRIMARY_KEY;
    shelf_code shelf  REFERENCES(shelves, shelf_code) DEFAULT("A1") INDEX;
    book_id    sequel REFERENCES(books, id) CHECK(sequel <> id) INDEX;
    seal       mark   DEFAULT(X'0102');
    moment     bought NOT_NULL DEFAULT_NOW;
    flag       torn   NOT_NULL DEFAULT(false);
    day        due    DEFAULT("2026-01-31T00:00:00.000Z");
    CHECK_ROW(torn = 0 OR mark IS NOT NULL);
    UNIQUE_ON(shelf, bought);
};
