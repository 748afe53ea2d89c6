/* Every word of a column and every line of a table. */
#include <cleat/schema.h>
#define DATABASE_NAME "words"

TABLE(owners) {
    integer id   PRIMARY_KEY AUTOINCREMENT;
    text    name NOT_NULL UNIQUE COLLATE(NOCASE) LENGTH(40 + 2 * 10);
};

TABLE(things) {
    TABLE_WAS(items);
    ulid      id         PRIMARY_KEY;
    integer   owner_id   REFERENCES(owners) ON_DELETE(SET_NULL) ON_UPDATE(CASCADE);
    text      title      NOT_NULL INDEX CHECK(title <> '') CHECK(title NOT LIKE '%  %');
    text      title_low  GENERATED(lower(title));
    text      summary    RENAMED_FROM(description);
    integer   created_at NAMED("createdAt") NOT_NULL DEFAULT(0);
    datetime  changed_at NOT_NULL DEFAULT_NOW UPDATE_NOW;
    real      weight     CHECK(weight BETWEEN 0.5 AND 1e3);
    text      place;
    integer   shelf;

    UNIQUE_ON(place, shelf);
    UNIQUE_ON(title COLLATE NOCASE) WHERE(shelf IS NULL) NAMED("loose_titles");
    INDEX_ON(owner_id, changed_at DESC) WHERE(weight > 1.0);
    INDEX_ON(lower(place), length(title) DESC) NAMED("things_by_place");
    CHECK_ROW((place IS NULL) = (shelf IS NULL));
    DROPPED(preview, "nobody read it");
};

/** Old files have this table as it is. */
TABLE(loose) {
    integer id PRIMARY_KEY;
    text    anything;
    NOT_STRICT;
};
