#include <cleat/schema.h>
#define DATABASE_NAME "library"

#define TEN(p) integer p##0; integer p##1; integer p##2; integer p##3; integer p##4; \
    integer p##5; integer p##6; integer p##7; integer p##8; integer p##9
#define HUNDRED(p) TEN(p##0); TEN(p##1); TEN(p##2); TEN(p##3); TEN(p##4); \
    TEN(p##5); TEN(p##6); TEN(p##7); TEN(p##8); TEN(p##9)
#define THOUSAND(p) HUNDRED(p##0); HUNDRED(p##1); HUNDRED(p##2); HUNDRED(p##3); HUNDRED(p##4); \
    HUNDRED(p##5); HUNDRED(p##6); HUNDRED(p##7); HUNDRED(p##8); HUNDRED(p##9)

TABLE(books) {
    ulid id PRIMARY_KEY;
    THOUSAND(a);
    THOUSAND(b);
};
