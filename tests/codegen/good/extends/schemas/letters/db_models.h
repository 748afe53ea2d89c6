#include <cleat/schema.h>
#define DATABASE_NAME "works"

/** A text that was sent. */
TABLE(letters) {
    integer  text_id PRIMARY_KEY REFERENCES(texts, id) ON_DELETE(CASCADE);
    text     sender  NOT_NULL DEFAULT("nobody") INDEX;
    datetime sent_at DEFAULT_NOW;

    EXTENDS(texts, kind, WORK_KIND_LETTER);
};
