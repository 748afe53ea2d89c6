/* A club: types that C keeps apart, of every kind that an id or a value can have. */
#include <cleat/schema.h>
#define DATABASE_NAME "shop"

typedef ulid member_id DISTINCT;
typedef integer room_id DISTINCT;
typedef text room_name DISTINCT LENGTH(20) CHECK(name <> '');
typedef uuid visit_id DISTINCT;
typedef real metres DISTINCT;
typedef timestamp moment DISTINCT;
typedef blob stamp DISTINCT;
typedef boolean flag DISTINCT;

TABLE(members) {
    member_id id      PRIMARY_KEY;
    member_id sponsor INDEX REFERENCES(members, id);
    text      name    NOT_NULL;
};

TABLE(rooms) {
    room_id   id     PRIMARY_KEY;
    room_name name   NOT_NULL UNIQUE;
    metres    height DEFAULT(2.5) INDEX CHECK(height > 0);
    room_id   behind REFERENCES(rooms, id);
    CHECK_ROW(behind <> id);
};

TABLE(visits) {
    visit_id  id     PRIMARY_KEY;
    member_id member NOT_NULL REFERENCES(members, id) ON_DELETE(CASCADE);
    room_id   room   NOT_NULL REFERENCES(rooms, id);
    moment    since  NOT_NULL DEFAULT_NOW;
    stamp     seal;
    flag      paid   NOT_NULL DEFAULT(true);
    INDEX_ON(member, since);
    UNIQUE_ON(room, member);
};
