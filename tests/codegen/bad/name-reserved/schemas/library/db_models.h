#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(sqlite_books) {
    ulid id PRIMARY_KEY;
    text cleat_title;
    integer rowid;
    INDEX_ON(rowid) NAMED("cleat_by_rowid");
};

TABLE(temp) {
    ulid id PRIMARY_KEY;
};
