#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(authors) {
    integer id   PRIMARY_KEY;
    text    name NOT_NULL UNIQUE;
};

TABLE(books) {
    integer   id        PRIMARY_KEY;
    integer   author_id INDEX REFERENCES(authors, id);
    text      title     NOT_NULL UNIQUE;
    text      note;
    timestamp bought_at NOT_NULL DEFAULT_NOW;
};
