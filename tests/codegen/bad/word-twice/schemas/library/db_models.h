#include <cleat/schema.h>
#define DATABASE_NAME "library"

typedef text code LENGTH(10);

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title LENGTH(10) LENGTH(12);
    code isbn LENGTH(13); /* the column's own counts */
    INDEX_ON(isbn) NAMED("a") WHERE(isbn <> '') NAMED("b");
    NOT_STRICT;
    NOT_STRICT;
};
