#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    real weight PRIMARY_KEY;
};

TABLE(covers) {
    blob image;
    text name;
    PRIMARY_KEY_ON(name, image);
};
