#include <cleat/schema.h>
#define DATABASE_NAME "second"

TABLE(visits) {
    integer   id     PRIMARY_KEY;
    integer   person SOFT_REFERENCES(first.people);
    timestamp at     NOT_NULL DEFAULT_NOW;
    text      notes;
    FULL_TEXT_ON(visits_text, notes);
};
