#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    text title;
    text lower_title PRIMARY_KEY GENERATED(lower(title));
    text upper_title GENERATED(upper(title)) DEFAULT("");
    timestamp twice GENERATED(length(title) * 2) UPDATE_NOW;
};
