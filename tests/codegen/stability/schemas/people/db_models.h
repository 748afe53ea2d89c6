#include <cleat/schema.h>
#define DATABASE_NAME "first"

enum person_state { PERSON_STATE_NEW, PERSON_STATE_KNOWN };

/** Who is known. */
TABLE(people) {
    integer id      PRIMARY_KEY;
    text    name    NOT_NULL UNIQUE;
    text    town;
    enum person_state state NOT_NULL DEFAULT(PERSON_STATE_NEW);
    text    mail;
};

/** Who knows whom. */
TABLE(friends) {
    integer one   NOT_NULL REFERENCES(people) ON_DELETE(CASCADE);
    integer other NOT_NULL REFERENCES(people) ON_DELETE(CASCADE);
    PRIMARY_KEY_ON(one, other);
};
