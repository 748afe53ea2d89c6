/* A full-text index is in the database of its table, over columns of that table. */
#include <cleat/schema.h>
#define DATABASE_NAME "library"
TABLE(books) {
    integer id PRIMARY_KEY;
    text title NOT_NULL;
    FULL_TEXT_ON(archive.books_fts, title);
};
TABLE(pages) {
    integer id PRIMARY_KEY;
    FULL_TEXT_ON(pages_fts, books.title);
};
