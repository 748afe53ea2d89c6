/* letters/db_models.h: a table that extends one which extends another. */
#include <cleat/schema.h>
#define DATABASE_NAME "shop"

/** A text that was sent. */
TABLE(letters) {
    integer  text_id PRIMARY_KEY REFERENCES(texts, id) ON_DELETE(CASCADE);
    text     sender  NOT_NULL UNIQUE;
    datetime sent_at;

    EXTENDS(texts, kind, WORK_KIND_LETTER);
};
