/* Every type of column, required and not, with and without a default. */
#include <cleat/schema.h>
#define DATABASE_NAME "kinds"

enum mood { MOOD_GOOD, MOOD_BAD };

/** Every type, required. */
TABLE(required) {
    integer   id           PRIMARY_KEY;
    integer   a_integer    NOT_NULL;
    boolean   a_boolean    NOT_NULL;
    real      a_real       NOT_NULL;
    text      a_text       NOT_NULL;
    json      a_json       NOT_NULL;
    blob      a_blob       NOT_NULL;
    timestamp a_timestamp  NOT_NULL;
    datetime  a_datetime   NOT_NULL;
    ulid      a_ulid       NOT_NULL;
    uuid      a_uuid       NOT_NULL;
    enum mood a_mood       NOT_NULL;
};

/** Every type, and all but the key may be NULL. */
TABLE(nullable) {
    ulid      id           PRIMARY_KEY;
    integer   a_integer;
    boolean   a_boolean;
    real      a_real;
    text      a_text;
    json      a_json;
    blob      a_blob;
    timestamp a_timestamp;
    datetime  a_datetime;
    ulid      a_ulid;
    uuid      a_uuid;
    enum mood a_mood;
};

/** Every type with a default. */
TABLE(defaults) {
    uuid      id           PRIMARY_KEY;
    integer   a_integer    DEFAULT(-9223372036854775808);
    integer   a_hex        NOT_NULL DEFAULT(0x7fffffffffffffff);
    boolean   a_boolean    NOT_NULL DEFAULT(true);
    real      a_real       NOT_NULL DEFAULT(-0.1);
    real      a_whole      DEFAULT(3);
    text      a_text       NOT_NULL DEFAULT("it's \"here\"");
    text      a_sql_text   DEFAULT('single');
    json      a_json       NOT_NULL DEFAULT("{\"a\": [1, 2]}");
    blob      a_blob       DEFAULT(X'00ff27');
    timestamp a_timestamp  NOT_NULL DEFAULT_NOW;
    datetime  a_datetime   DEFAULT("2024-01-31T23:59:59.123Z");
    datetime  a_now        DEFAULT_NOW UPDATE_NOW;
    ulid      a_ulid       DEFAULT("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    uuid      a_uuid       DEFAULT("00000000-0000-4000-8000-000000000000");
    enum mood a_mood       NOT_NULL DEFAULT(MOOD_BAD);
    text      a_null       DEFAULT(NULL);
    text      two_lines    DEFAULT("\ta\n'b'\r\n\033");
    integer   an_expression DEFAULT(60 * 60 * 24);
};
