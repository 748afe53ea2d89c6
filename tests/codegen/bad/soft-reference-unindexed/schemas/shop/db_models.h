#include <cleat/schema.h>

#define DATABASE_NAME "shop"

TABLE(orders) {
    ulid    id       PRIMARY_KEY;
    text    person_id SOFT_REFERENCES(people.persons, id);
    text    agent_id  INDEX SOFT_REFERENCES(people.persons, id);
};
