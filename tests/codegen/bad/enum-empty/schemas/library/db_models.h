#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum book_kind : int;

TABLE(books) {
    ulid id PRIMARY_KEY;
    enum book_kind kind;
};
