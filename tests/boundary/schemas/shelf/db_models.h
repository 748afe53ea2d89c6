/* A shelf: every type of column, rules of every kind, and texts to search, under keys of both
 * sorts. */
#include <cleat/schema.h>

#define DATABASE_NAME "shelf"

enum binding { BINDING_PAPER, BINDING_CLOTH = 7, BINDING_LEATHER };

TABLE(books) {
    integer      id       PRIMARY_KEY;
    text         title    NOT_NULL LENGTH(20);
    text         note;
    json         meta     NOT_NULL DEFAULT("{}") LENGTH(200);
    json         extra;
    blob         cover    LENGTH(4);
    real         price    CHECK(price >= 0);
    integer      pages    NOT_NULL DEFAULT(100) CHECK(pages BETWEEN 1 AND 9999);
    integer      lent;
    enum binding binding  NOT_NULL DEFAULT(BINDING_CLOTH);
    enum binding repaired;
    boolean      sold     NOT_NULL DEFAULT(false);
    timestamp    seen_at;
    datetime     made_at  NOT_NULL DEFAULT_NOW;
    uuid         copy     NOT_NULL;
    ulid         owner;
    integer      sheets   GENERATED(pages / 2);

    CHECK_ROW(lent IS NULL OR sold = 0);
    CHECK_ROW(title LIKE '%');
};

/* Searched under an integer of its own. */
TABLE(pages) {
    integer id    PRIMARY_KEY;
    text    title NOT_NULL;
    text    body;
    integer views NOT_NULL DEFAULT(0);
    FULL_TEXT_ON(pages_fts, title, body);
};

/* Searched under a text key, with a hidden number. */
TABLE(letters) {
    ulid id     PRIMARY_KEY;
    text sender NOT_NULL UNIQUE;
    text body   NOT_NULL;
    FULL_TEXT_ON(letters_fts, body);
};

/* Rows that are deleted with the letter that they belong to are searched too. */
TABLE(replies) {
    ulid    id        PRIMARY_KEY;
    ulid    letter_id NOT_NULL REFERENCES(letters, id) ON_DELETE(CASCADE);
    text    body      NOT_NULL;
    FULL_TEXT_ON(replies_fts, body);
};

/* Nothing but checks: each is compared with what SQLite says of the same row. */
TABLE(samples) {
    integer      a;
    integer      b PRIMARY_KEY;
    real         r;
    text         s;
    text         n COLLATE(NOCASE);
    blob         k;
    enum binding e;
    boolean      f;
    datetime     d;

    CHECK_ROW(a = 1);
    CHECK_ROW(a <> b);
    CHECK_ROW(a < b OR s = 'x');
    CHECK_ROW(NOT (a < b AND s = 'x'));
    CHECK_ROW(NOT a BETWEEN 0 AND b);
    CHECK_ROW(a NOT BETWEEN b AND 3);
    CHECK_ROW(a IN (1, 2, b) AND s NOT IN ('x', 'yy'));
    CHECK_ROW(NOT (a NOT IN (1, 2) OR s IS NULL));
    CHECK_ROW(a IS NOT NULL AND r IS NULL);
    CHECK_ROW(a ISNULL OR s NOTNULL);
    CHECK_ROW(a + b * 2 - 1 > 3 % 2);
    CHECK_ROW(a * b / 2 * 2 <= a * b);
    CHECK_ROW(-1 <= a AND (a > -3 OR b % 2 = 0));
    CHECK_ROW(r >= 0.5 OR r < -1);
    CHECK_ROW(length(s) = 2 OR length(k) > 1);
    CHECK_ROW(s < 'm' AND 'a' <= s);
    CHECK_ROW(e = 'leather' OR 'paper' <> e);
    CHECK_ROW(e IN ('cloth', 'leather'));
    CHECK_ROW(f);
    CHECK_ROW(NOT f OR a);
    CHECK_ROW(f = TRUE AND a - 1);
    CHECK_ROW(d < '2020-01-01T00:00:00.000Z');
    CHECK_ROW(k IS NULL OR e IS NOT NULL);
    CHECK_ROW((a + 9223372036854775807) > 0 OR b - -9223372036854775807 < 0);
    CHECK_ROW(NOT a * 4611686018427387904 < 0);
    CHECK_ROW("a" >= 0 OR [b] < 0);
    CHECK_ROW(n = 'X');
    CHECK_ROW(abs(a) < 3);
    CHECK_ROW(s = 1);
    CHECK_ROW(s || 'x' <> 'xx');
    CHECK_ROW(a < r);
    CHECK_ROW((a = 1) = f);
    CHECK_ROW(s LIKE 'x%');
};
