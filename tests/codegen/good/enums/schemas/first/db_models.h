#include <cleat/schema.h>
#include "../levels.h"
#define DATABASE_NAME "first"

typedef enum shape { SHAPE_ROUND, SHAPE_SQUARE } shape;
enum unprefixed { alpha, beta, gamma_ray };
enum single { SINGLE_ONE };

TABLE(messages) {
    integer         id    PRIMARY_KEY;
    enum level      level NOT_NULL DEFAULT(LEVEL_INFO);
    yes_no          sent;
    shape           form  DEFAULT(SHAPE_SQUARE);
    enum unprefixed ray   INDEX;
    enum single     lonely UNIQUE;
};
