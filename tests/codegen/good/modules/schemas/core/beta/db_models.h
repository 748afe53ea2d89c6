#include <cleat/schema.h>
#define DATABASE_NAME "shared"

TABLE(betas) {
    integer id    PRIMARY_KEY;
    integer alpha REFERENCES(alphas);
    integer leaf  SOFT_REFERENCES(own.leaves);
};
