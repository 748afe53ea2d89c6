/* works/db_models.h: tables that extend others, for the tests of rows. They are in the shop's
 * database; one of them is in a module of its own. */
#include <cleat/schema.h>
#define DATABASE_NAME "shop"

enum work_kind { WORK_KIND_FILM, WORK_KIND_LETTER, WORK_KIND_TEXT };

/** Anything that somebody made. */
TABLE(works) {
    integer        id     PRIMARY_KEY;
    enum work_kind kind   NOT_NULL INDEX;
    text           uri    NOT_NULL UNIQUE CHECK(uri <> 'forbidden');
    text           title  COLLATE(NOCASE);
    real           weight DEFAULT(1.5);
    json           extra;
    timestamp      changed_at UPDATE_NOW;
};

/** A constant, a unique key, full text; goes with its work. */
TABLE(texts) {
    integer id    PRIMARY_KEY REFERENCES(works, id) ON_DELETE(CASCADE);
    text    isbn  UNIQUE;
    text    body  NOT_NULL LENGTH(1000) CHECK(body <> 'bad');
    integer shelf;
    blob    cover;
    integer answer_to REFERENCES(works, id) ON_DELETE(SET_NULL);

    EXTENDS(works, kind, WORK_KIND_TEXT);
    INDEX_ON(shelf, isbn DESC);
    FULL_TEXT_ON(texts_fts, body);
};

/** No constant, another name for the key, and nothing that goes by itself. */
TABLE(films) {
    integer work_id PRIMARY_KEY REFERENCES(works, id);
    integer minutes NOT_NULL CHECK(minutes > 0);

    EXTENDS(works);
};

/** Nothing but the key. */
TABLE(favourites) {
    integer id PRIMARY_KEY REFERENCES(works, id) ON_DELETE(RESTRICT);

    EXTENDS(works);
};

/** Found by the label of an enum. */
TABLE(medals) {
    integer        id    PRIMARY_KEY REFERENCES(works, id);
    enum work_kind award UNIQUE;

    EXTENDS(works);
};

/** Two tables that have nothing but a key and a time. */
TABLE(beings) {
    integer   id      PRIMARY_KEY;
    timestamp seen_at UPDATE_NOW;
};

TABLE(ghosts) {
    integer id PRIMARY_KEY REFERENCES(beings, id);

    EXTENDS(beings);
};

/** A text key that is given by the database. */
TABLE(parties) {
    ulid id    PRIMARY_KEY;
    text email NOT_NULL UNIQUE COLLATE(NOCASE);
};

TABLE(firms) {
    ulid id    PRIMARY_KEY REFERENCES(parties, id) ON_DELETE(CASCADE);
    text about NOT_NULL;
    datetime checked_at UPDATE_NOW;

    EXTENDS(parties);
    FULL_TEXT_ON(firms_fts, about);
};

/** A key of two columns, in another order. */
TABLE(slots) {
    integer day;
    text    room;
    text    title UNIQUE;

    PRIMARY_KEY_ON(day, room);
    WITHOUT_ROWID;
};

TABLE(talks) {
    text    room;
    integer day;
    text    speaker NOT_NULL INDEX;

    PRIMARY_KEY_ON(room, day);
    FOREIGN_KEY_ON((day, room), slots(day, room)) ON_DELETE(RESTRICT);
    EXTENDS(slots);
};
