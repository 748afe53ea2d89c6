#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(authors) {
    ulid id PRIMARY_KEY;
};

TABLE(books) {
    ulid id PRIMARY_KEY;
    ulid author_id REFERENCES(authors, id) ON_DELETE(CASCDE) ON_UPDATE(SET NULL);
};
