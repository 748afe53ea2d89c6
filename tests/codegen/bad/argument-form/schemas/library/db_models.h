#include <cleat/schema.h>
#define DATABASE_NAME "library"

TABLE(books) {
    ulid id PRIMARY_KEY;
    text title_ NAMED(title);
    text isbn RENAMED_FROM(a, b);
    integer pages CHECK();
    DROPPED(blurb);
    DROPPED(cover, it is a file now);
    TABLE_WAS("novels", "stories");
};
