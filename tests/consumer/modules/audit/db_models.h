#include <cleat/schema.h>
#define DATABASE_NAME "audit"

/** What was done, and to which item. */
TABLE(entries) {
    integer   id      PRIMARY_KEY;
    ulid      item_id NOT_NULL INDEX;
    text      what    NOT_NULL;
    timestamp at      NOT_NULL DEFAULT_NOW;
};
