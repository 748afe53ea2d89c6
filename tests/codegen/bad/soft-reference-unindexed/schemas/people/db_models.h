#include <cleat/schema.h>

#define DATABASE_NAME "people"

TABLE(persons) {
    text id PRIMARY_KEY LENGTH(26);
};
