#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    integer id PRIMARY_KEY SOFT_REFERENCES(archive.works, id);
    EXTENDS(works);
};
