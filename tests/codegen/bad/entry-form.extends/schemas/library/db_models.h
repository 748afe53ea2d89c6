#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(works) {
    integer id   PRIMARY_KEY;
    text    kind;
};

TABLE(books) {
    integer id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works, kind);
};
