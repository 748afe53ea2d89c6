/* The same types in a second module: its header declares those it uses. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "library"

TABLE(loans) {
    loan_id   id     PRIMARY_KEY;
    book_id   book   NOT_NULL REFERENCES(books, id);
    reader_id reader NOT_NULL REFERENCES(readers, id);
    UNIQUE_ON(book, reader);
};
