/* desk/db_models.h: the home of commits over both databases. */
#include <cleat/schema.h>
#define DATABASE_NAME "desk"

TABLE(jobs) {
    integer id       PRIMARY_KEY;
    text    name     NOT_NULL UNIQUE;
    integer thing_id SOFT_REFERENCES(shelf.things, id);
};
