#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text kind LENGTH(4) DEFAULT("novel");
    blob salt LENGTH(1) DEFAULT(X'0011');
    text name LENGTH(5) DEFAULT("ééééé"); /* characters, not bytes */
};
