#include <cleat/schema.h>
#define DATABASE_NAME "library"

#define TEN(p) p##0, p##1, p##2, p##3, p##4, p##5, p##6, p##7, p##8, p##9
#define HUNDRED(p) TEN(p##0), TEN(p##1), TEN(p##2), TEN(p##3), TEN(p##4), \
    TEN(p##5), TEN(p##6), TEN(p##7), TEN(p##8), TEN(p##9)

enum place {
    HUNDRED(PLACE_A), HUNDRED(PLACE_B), HUNDRED(PLACE_C), HUNDRED(PLACE_D), HUNDRED(PLACE_E),
    HUNDRED(PLACE_F), HUNDRED(PLACE_G), HUNDRED(PLACE_H), HUNDRED(PLACE_I), HUNDRED(PLACE_J)
};

TABLE(books) {
    ulid id PRIMARY_KEY;
    enum place place;
};
