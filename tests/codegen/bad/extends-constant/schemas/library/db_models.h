#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum work_kind { WORK_KIND_BOOK, WORK_KIND_FILM };

TABLE(works) {
    integer        id    PRIMARY_KEY;
    enum work_kind kind  NOT_NULL;
    enum work_kind other;
    text           title;
};

TABLE(books) {
    integer id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works, kin, WORK_KIND_BOOK);
};

TABLE(films) {
    integer id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works, kind, WORK_KIND_FLIM);
};

TABLE(poems) {
    integer id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works, other, WORK_KIND_BOOK);
};

TABLE(songs) {
    integer id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works, title, WORK_KIND_BOOK);
};
