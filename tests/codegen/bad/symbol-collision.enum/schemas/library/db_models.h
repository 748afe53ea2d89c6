#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum library_books_insert { LIBRARY_BOOKS_BY_ID, LIBRARY_BOOKS_BY_NAME };

TABLE(books) {
    ulid id PRIMARY_KEY;
    enum library_books_insert kind;
};
