#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(works) {
    integer id PRIMARY_KEY;
    text    title;
};

TABLE(books) {
    integer id    PRIMARY_KEY REFERENCES(works, id);
    text    titel NAMED("Title");
    EXTENDS(works);
};

TABLE(films) {
    integer title PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works);
};

TABLE(poems) {
    integer work_id PRIMARY_KEY REFERENCES(works, id);
    integer id;
    EXTENDS(works);
};
