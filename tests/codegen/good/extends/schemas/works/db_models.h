/* Tables that extend others: with a constant and without, over one table and over two, with keys of
 * one column and of several, under the same name and under another. */
#include <cleat/schema.h>
#define DATABASE_NAME "works"

enum work_kind { WORK_KIND_FILM, WORK_KIND_LETTER, WORK_KIND_TEXT };

/** Anything that somebody made. */
TABLE(works) {
    integer        id   PRIMARY_KEY;
    enum work_kind kind NOT_NULL INDEX;
    text           uri  NOT_NULL UNIQUE CHECK(length(uri) > 2);
    integer        year DEFAULT(1900);
    timestamp      changed_at UPDATE_NOW;
};

/** It can be read. */
TABLE(texts) {
    integer id   PRIMARY_KEY REFERENCES(works, id) ON_DELETE(CASCADE);
    text    body NOT_NULL LENGTH(100);
    integer page CHECK(page > 0 AND id > 0);

    EXTENDS(works, kind, WORK_KIND_TEXT);
    UNIQUE_ON(body, page);
    FULL_TEXT_ON(texts_fts, body);
};

TABLE(films) {
    integer work_id PRIMARY_KEY REFERENCES(works, id);
    EXTENDS(works);
    INDEX_ON(work_id, minutes);
    integer minutes;
};

TABLE(slots) {
    integer day;
    text    room COLLATE(NOCASE);
    text    title;
    PRIMARY_KEY_ON(day, room);
};

TABLE(talks) {
    text    room COLLATE(NOCASE);
    integer day;
    text    speaker NOT_NULL;

    PRIMARY_KEY_ON(room, day);
    FOREIGN_KEY_ON((day, room), slots(day, room)) ON_DELETE(RESTRICT);
    EXTENDS(slots);
};

TABLE(codes) {
    text code  PRIMARY_KEY;
    text alias UNIQUE;
};

TABLE(signs) {
    text code  PRIMARY_KEY REFERENCES(codes, code) ON_DELETE(CASCADE);
    text words NOT_NULL;

    EXTENDS(codes);
    FULL_TEXT_ON(signs_fts, words);
};
