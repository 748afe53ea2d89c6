/* What the tests of values, of those that others have stored, and of streams work with. */
#include <cleat/schema.h>
#define DATABASE_NAME "values_db"

enum value_mood { VALUE_MOOD_GOOD, VALUE_MOOD_BAD = 7 };

/** Every type, required. */
TABLE(strict) {
    integer         id   PRIMARY_KEY;
    boolean         yes  NOT_NULL;
    real            size NOT_NULL;
    text            name NOT_NULL;
    json            data NOT_NULL;
    blob            file NOT_NULL;
    datetime        day  NOT_NULL;
    ulid            one  NOT_NULL;
    uuid            two  NOT_NULL;
    enum value_mood mood NOT_NULL;
};

/** Every type in a table that takes any type, and NULL. */
TABLE(loose) {
    integer         id   PRIMARY_KEY AUTOINCREMENT;
    integer         count;
    boolean         yes;
    real            size;
    text            name;
    blob            file;
    timestamp       time;
    enum value_mood mood;
    NOT_STRICT;
};

/** What is streamed, with a key that is no number. */
TABLE(files) {
    text      path       PRIMARY_KEY;
    blob      content    NOT_NULL LENGTH(200000000);
    blob      preview;
    blob      indexed    UNIQUE;
    text      notes;
    json      tags       NOT_NULL DEFAULT("[]");
    timestamp changed_at NOT_NULL DEFAULT_NOW UPDATE_NOW;
};

/** Large blobs come last: SQLite makes those of zeros without memory only there. */
TABLE(uploads) {
    integer   id         PRIMARY_KEY;
    text      name       NOT_NULL LENGTH(200);
    timestamp changed_at NOT_NULL DEFAULT_NOW UPDATE_NOW;
    blob      content    NOT_NULL;
};

/** No row of it has a number. */
TABLE(rowless) {
    text path    PRIMARY_KEY;
    blob content NOT_NULL;
    WITHOUT_ROWID;
};
