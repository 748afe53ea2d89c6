#include <cleat/schema.h>
#define DATABASE_NAME "shared"

TABLE(alphas) {
    integer id   PRIMARY_KEY;
    integer beta REFERENCES(betas);
};
