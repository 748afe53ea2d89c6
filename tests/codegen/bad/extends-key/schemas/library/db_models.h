#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(works) {
    integer id PRIMARY_KEY;
    text    uri NOT_NULL UNIQUE;
};

TABLE(books) {
    integer id      PRIMARY_KEY;
    integer work_id NOT_NULL REFERENCES(works, id);
    EXTENDS(works);
};

TABLE(films) {
    text uri PRIMARY_KEY REFERENCES(works, uri);
    EXTENDS(works);
};

TABLE(volumes) {
    integer work_id REFERENCES(works, id);
    integer number;
    PRIMARY_KEY_ON(work_id, number);
    EXTENDS(works);
};
