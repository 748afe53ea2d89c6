#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum mood { MOOD_GAY, MOOD_SAD };

TABLE(authors) {
    integer id   PRIMARY_KEY;
    text    name NOT_NULL UNIQUE;
};

TABLE(books) {
    integer   id        PRIMARY_KEY;
    integer   author_id INDEX REFERENCES(authors, id);
    text      title     NOT_NULL UNIQUE;
    text      note;
    enum mood mood      NOT_NULL DEFAULT(MOOD_GAY);
    timestamp bought_at NOT_NULL DEFAULT_NOW;
};
