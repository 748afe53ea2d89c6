/* A shop: every sort of key, for the calls on rows. */
#include <cleat/schema.h>
#define DATABASE_NAME "shop"

enum item_state { ITEM_NEW, ITEM_SOLD };

/** A number for a key, a unique code whose letters' case does not count, full text. */
TABLE(items) {
    integer   id         PRIMARY_KEY;
    text      code       NOT_NULL UNIQUE COLLATE(NOCASE);
    text      name       NOT_NULL COLLATE(NOCASE) LENGTH(200);
    integer   price      CHECK(price >= 0);
    real      weight;
    blob      photo;
    boolean   hidden     NOT_NULL DEFAULT(0);
    enum item_state state NOT_NULL DEFAULT(ITEM_NEW);
    json      facts      NOT_NULL DEFAULT("{}");
    integer   name_length GENERATED(length(name));
    timestamp changed_at UPDATE_NOW;
    INDEX_ON(state, name DESC);
    INDEX_ON(state, price);
};

/** A number that never returns. */
TABLE(tickets) {
    integer id    PRIMARY_KEY AUTOINCREMENT;
    text    title NOT_NULL;
};

/** A ULID and a unique address. */
TABLE(people) {
    ulid     id    PRIMARY_KEY;
    text     email NOT_NULL UNIQUE;
    text     name;
    ulid     boss_id REFERENCES(people, id);
    datetime seen_at UPDATE_NOW;
    INDEX_ON(name, email);
};

/** Rows that refer to rows of the same table. */
TABLE(nodes) {
    integer id        PRIMARY_KEY;
    integer parent_id REFERENCES(nodes, id);
    text    name      NOT_NULL;
};

/** Two columns are the key, and there is no rowid. */
TABLE(stock) {
    text    place   NOT_NULL;
    integer item_id NOT_NULL;
    integer amount  NOT_NULL;
    PRIMARY_KEY_ON(place, item_id);
    WITHOUT_ROWID;
};

/** A text for a key, and another one that is unique. */
TABLE(words) {
    text    word  PRIMARY_KEY;
    text    alias NOT_NULL UNIQUE;
    integer uses  NOT_NULL DEFAULT(0);
    WITHOUT_ROWID;
};

/** All columns are the key. */
TABLE(marks) {
    integer item_id NOT_NULL;
    text    mark    NOT_NULL;
    PRIMARY_KEY_ON(item_id, mark);
};

/** A unique column that may be NULL. */
TABLE(guests) {
    integer id    PRIMARY_KEY;
    text    badge UNIQUE;
    text    by_badge;
};

/** A column whose name in SQL reads like two in an order. */
TABLE(moods) {
    integer id   PRIMARY_KEY;
    integer day  NOT_NULL;
    text    mood NOT_NULL NAMED("so, DESC");
    INDEX_ON(day, mood DESC);
};

/** Found by bytes, and by a real number. */
TABLE(prints) {
    integer id     PRIMARY_KEY;
    blob    digest UNIQUE;
    real    size   UNIQUE;
    blob    stamp  INDEX;
};

/** Nothing but a number and a unique name. */
TABLE(labels) {
    integer id   PRIMARY_KEY;
    text    name NOT_NULL UNIQUE;
};

/** A column beside the key that is all about time. */
TABLE(beats) {
    text      name PRIMARY_KEY;
    timestamp at   UPDATE_NOW;
};

/** Found by its words. */
TABLE(articles) {
    integer id    PRIMARY_KEY;
    text    slug  NOT_NULL UNIQUE;
    text    title NOT_NULL;
    text    body  NOT_NULL;
    FULL_TEXT_ON(articles_fts, title, body);
};

/** More columns than a number has bits. */
TABLE(wide) {
    integer id PRIMARY_KEY;
    integer c00 NOT_NULL DEFAULT(0);
    integer c01 NOT_NULL DEFAULT(1);
    integer c02 NOT_NULL DEFAULT(2);
    integer c03 NOT_NULL DEFAULT(3);
    integer c04 NOT_NULL DEFAULT(4);
    integer c05 NOT_NULL DEFAULT(5);
    integer c06 NOT_NULL DEFAULT(6);
    integer c07 NOT_NULL DEFAULT(7);
    integer c08 NOT_NULL DEFAULT(8);
    integer c09 NOT_NULL DEFAULT(9);
    integer c10 NOT_NULL DEFAULT(10);
    integer c11 NOT_NULL DEFAULT(11);
    integer c12 NOT_NULL DEFAULT(12);
    integer c13 NOT_NULL DEFAULT(13);
    integer c14 NOT_NULL DEFAULT(14);
    integer c15 NOT_NULL DEFAULT(15);
    integer c16 NOT_NULL DEFAULT(16);
    integer c17 NOT_NULL DEFAULT(17);
    integer c18 NOT_NULL DEFAULT(18);
    integer c19 NOT_NULL DEFAULT(19);
    integer c20 NOT_NULL DEFAULT(20);
    integer c21 NOT_NULL DEFAULT(21);
    integer c22 NOT_NULL DEFAULT(22);
    integer c23 NOT_NULL DEFAULT(23);
    integer c24 NOT_NULL DEFAULT(24);
    integer c25 NOT_NULL DEFAULT(25);
    integer c26 NOT_NULL DEFAULT(26);
    integer c27 NOT_NULL DEFAULT(27);
    integer c28 NOT_NULL DEFAULT(28);
    integer c29 NOT_NULL DEFAULT(29);
    integer c30 NOT_NULL DEFAULT(30);
    integer c31 NOT_NULL DEFAULT(31);
    integer c32 NOT_NULL DEFAULT(32);
    integer c33 NOT_NULL DEFAULT(33);
    integer c34 NOT_NULL DEFAULT(34);
    integer c35 NOT_NULL DEFAULT(35);
    integer c36 NOT_NULL DEFAULT(36);
    integer c37 NOT_NULL DEFAULT(37);
    integer c38 NOT_NULL DEFAULT(38);
    integer c39 NOT_NULL DEFAULT(39);
    integer c40 NOT_NULL DEFAULT(40);
    integer c41 NOT_NULL DEFAULT(41);
    integer c42 NOT_NULL DEFAULT(42);
    integer c43 NOT_NULL DEFAULT(43);
    integer c44 NOT_NULL DEFAULT(44);
    integer c45 NOT_NULL DEFAULT(45);
    integer c46 NOT_NULL DEFAULT(46);
    integer c47 NOT_NULL DEFAULT(47);
    integer c48 NOT_NULL DEFAULT(48);
    integer c49 NOT_NULL DEFAULT(49);
    integer c50 NOT_NULL DEFAULT(50);
    integer c51 NOT_NULL DEFAULT(51);
    integer c52 NOT_NULL DEFAULT(52);
    integer c53 NOT_NULL DEFAULT(53);
    integer c54 NOT_NULL DEFAULT(54);
    integer c55 NOT_NULL DEFAULT(55);
    integer c56 NOT_NULL DEFAULT(56);
    integer c57 NOT_NULL DEFAULT(57);
    integer c58 NOT_NULL DEFAULT(58);
    integer c59 NOT_NULL DEFAULT(59);
    integer c60 NOT_NULL DEFAULT(60);
    integer c61 NOT_NULL DEFAULT(61);
    integer c62 NOT_NULL DEFAULT(62);
    integer c63 NOT_NULL DEFAULT(63);
    integer c64 NOT_NULL DEFAULT(64);
    integer c65 NOT_NULL DEFAULT(65);
    integer c66 NOT_NULL DEFAULT(66);
    integer c67 NOT_NULL DEFAULT(67);
    integer c68 NOT_NULL DEFAULT(68);
    integer c69 NOT_NULL DEFAULT(69);
    timestamp changed_at UPDATE_NOW;
};
