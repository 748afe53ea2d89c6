#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    varchar title;
    int pages;
    char *blurb;
    txet subtitle;
};
