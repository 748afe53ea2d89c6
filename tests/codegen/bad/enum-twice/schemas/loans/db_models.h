#include <cleat/schema.h>
#define DATABASE_NAME "library"

enum state { STATE_OPEN, STATE_CLOSED };
enum mood { MOOD_GOOD, STATE_LENT };

TABLE(loans) {
    ulid id PRIMARY_KEY;
    enum state state;
    enum mood mood;
};
