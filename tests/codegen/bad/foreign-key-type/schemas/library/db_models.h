#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum kind { KIND_A, KIND_B };
enum sort { SORT_A, SORT_B };

TABLE(authors) {
    integer id PRIMARY_KEY;
    uuid code UNIQUE;
    enum kind kind UNIQUE;
};

TABLE(books) {
    ulid id PRIMARY_KEY;
    text author_id REFERENCES(authors, id);
    ulid author_code REFERENCES(authors, code);
    enum sort sort REFERENCES(authors, kind);
    text code_too REFERENCES(authors, code);
};
