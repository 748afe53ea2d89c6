/* test_distinct.c: types that C keeps apart are stored as what they are made of. */
#include "shop.h"

#include "club/db_models.cleat.h"

static shop_members_row
new_member(const char *name)
{
    shop_members_row row = shop_members_defaults();
    row.name = name;
    gives(CLEAT_OK, shop_members_insert(session, &row));
    assert_int_equal(strlen(row.id.text), 26);
    return row;
}

static shop_rooms_row
new_room(int64_t id, const char *name)
{
    shop_rooms_row row = shop_rooms_defaults();
    row.id.value = id;
    row.name.text = name;
    gives(CLEAT_OK, shop_rooms_insert(session, &row));
    return row;
}

static shop_visits_row
new_visit(struct member_id member, struct room_id room)
{
    shop_visits_row row = shop_visits_defaults();
    row.member = member;
    row.room = room;
    gives(CLEAT_OK, shop_visits_insert(session, &row));
    return row;
}

static void
a_row_comes_back_as_it_was(void **state)
{
    (void)state;
    shop_members_row member = new_member("Ann");
    shop_rooms_row room = new_room(0, "hall"), found_room = {0};
    shop_visits_row visit = shop_visits_defaults(), found = {0};
    visit.member = member.id;
    visit.room = room.id;
    visit.seal.value = (cleat_blob){"\0\1", 2};
    gives(CLEAT_OK, shop_visits_insert(session, &visit));
    gives(CLEAT_OK, shop_visits_get(session, visit.id, &found));
    assert_string_equal(found.id.text, visit.id.text);
    assert_string_equal(found.member.text, member.id.text);
    assert_int_equal(found.room.value, room.id.value);
    assert_int_equal(found.since.value, visit.since.value);
    assert_memory_equal(found.seal.value.data, "\0\1", 2);
    assert_true(found.paid.value);
    gives(CLEAT_OK, shop_rooms_get_by_name(session, room.name, &found_room));
    assert_true(found_room.has_height && found_room.height.value == 2.5);
    assert_int_equal(ask("SELECT count(*) FROM visits WHERE typeof(since) = 'integer'"), 1);
    shop_visits_clear(&found);
    shop_rooms_clear(&found_room);
}

static void
a_key_that_may_be_null_is_an_address(void **state)
{
    (void)state;
    shop_members_row first = new_member("Ann"), second = shop_members_defaults(), row;
    int64_t count;
    second.name = "Bob";
    second.has_sponsor = true;
    second.sponsor = first.id;
    gives(CLEAT_OK, shop_members_insert(session, &second));
    gives(CLEAT_OK, shop_members_count_by_sponsor(session, &first.id, &count));
    assert_int_equal(count, 1);
    cleat_cursor cursor;
    gives(CLEAT_OK, shop_members_list_by_sponsor(session, NULL, &cursor));
    gives(CLEAT_ROW, shop_members_next(&cursor, &row));
    assert_string_equal(row.name, "Ann");
    gives(CLEAT_DONE, shop_members_next(&cursor, &row));
}

static void
a_list_outlives_the_id_it_was_asked_for(void **state)
{
    (void)state;
    shop_members_row member = new_member("Ann");
    shop_rooms_row rooms[] = {new_room(1, "hall"), new_room(2, "bar")};
    shop_visits_row row;
    for (size_t i = 0; i < CLEAT_COUNT(rooms); i++)
        new_visit(member.id, rooms[i].id);
    cleat_cursor cursor;
    struct member_id id = member.id;
    gives(CLEAT_OK, shop_visits_list_by_member(session, id, &cursor));
    memset(&id, 'x', sizeof id);
    gives(CLEAT_ROW, shop_visits_next(&cursor, &row));
    gives(CLEAT_ROW, shop_visits_next(&cursor, &row));
    gives(CLEAT_DONE, shop_visits_next(&cursor, &row));
}

static void
many_are_read_by_arrays_of_their_types(void **state)
{
    (void)state;
    shop_members_row members[] = {new_member("Ann"), new_member("Bob"), new_member("Cid")};
    shop_rooms_row rooms[] = {new_room(1, "hall"), new_room(2, "bar")};
    const struct member_id *ids[] = {&members[2].id, &members[0].id};
    const struct room_id numbers[] = {rooms[1].id, rooms[0].id};
    shop_members_rows found = {0};
    shop_rooms_rows found_rooms = {0};
    gives(CLEAT_OK, shop_members_get_many(session, ids, 2, &found));
    assert_int_equal(found.count, 2);
    assert_string_equal(found.items[0].name, "Cid");
    gives(CLEAT_OK, shop_rooms_get_many(session, numbers, 2, &found_rooms));
    assert_string_equal(found_rooms.items[0].name.text, "bar");
    const struct room_name names[] = {rooms[0].name, rooms[1].name};
    shop_rooms_rows_clear(&found_rooms);
    gives(CLEAT_OK, shop_rooms_get_many_by_name(session, names, 2, &found_rooms));
    assert_string_equal(found_rooms.items[1].name.text, "bar");
    shop_members_rows_clear(&found);
    shop_rooms_rows_clear(&found_rooms);
}

static void
queries_take_and_give_them(void **state)
{
    (void)state;
    shop_members_row member = new_member("Ann"), other = new_member("Bob");
    shop_rooms_row rooms[] = {new_room(1, "hall"), new_room(2, "bar")};
    shop_visits_row visit = new_visit(member.id, rooms[1].id);
    const struct room_id numbers[] = {{2}, {3}};
    const struct member_id *ids[] = {&other.id, &member.id};
    shop_visits_in_rooms_row row;
    shop_protegees_row protegee;
    cleat_cursor cursor;
    gives(CLEAT_OK, shop_visits_in_rooms(session, numbers, 2, &cursor));
    gives(CLEAT_ROW, shop_visits_in_rooms_next(&cursor, &row));
    assert_string_equal(row.id.text, visit.id.text);
    assert_string_equal(row.member.text, member.id.text);
    assert_string_equal(row.name.text, "bar");
    assert_true(row.has_height && row.height.value == 2.5);
    cleat_cursor_close(&cursor);
    gives(CLEAT_OK, shop_protegees(session, &member.id, &cursor));
    gives(CLEAT_DONE, shop_protegees_next(&cursor, &protegee));
    gives(CLEAT_OK, shop_protegees(session, NULL, &cursor));
    gives(CLEAT_ROW, shop_protegees_next(&cursor, &protegee));
    cleat_cursor_close(&cursor);
    shop_names_of_rows names;
    gives(CLEAT_OK, shop_names_of_collect(session, ids, 2, &names));
    assert_int_equal(names.count, 2);
    shop_names_of_rows_clear(&names);
    int64_t changed;
    const struct metres height = {3.0};
    gives(CLEAT_OK, shop_move_room(session, &rooms[0].id, &height, rooms[1].name, &changed));
    assert_int_equal(changed, 1);
    assert_int_equal(ask("SELECT behind FROM rooms WHERE height = 3.0"), 1);
}

static void
sets_patches_and_boundary_objects_know_them(void **state)
{
    (void)state;
    shop_rooms_row rooms[2] = {shop_rooms_defaults(), shop_rooms_defaults()}, read = {0};
    cleat_violations violations;
    char *json;
    rooms[0].name.text = "hall";
    rooms[1].name.text = "bar";
    gives(CLEAT_OK, shop_rooms_ensure_many_by_name(session, rooms, 2));
    rooms[0].has_behind = true;
    rooms[0].behind = rooms[1].id;
    gives(CLEAT_OK, shop_rooms_patch(session, &rooms[0], SHOP_ROOMS_BEHIND));
    rooms[0].height.value = -1;
    rooms[0].behind = rooms[0].id;
    rooms[0].name.text = "";
    assert_int_equal(shop_rooms_validate(&rooms[0], &violations), CLEAT_CHECK);
    assert_int_equal(violations.count, 3);
    assert_int_equal(shop_rooms_to_json(&rooms[1], &json), CLEAT_OK);
    assert_int_equal(shop_rooms_from_json(json, strlen(json), CLEAT_JSON_STRICT, &read, NULL),
                     CLEAT_OK);
    assert_int_equal(read.id.value, rooms[1].id.value);
    assert_string_equal(read.name.text, "bar");
    cleat_free(json);
    shop_rooms_clear(&read);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_row_comes_back_as_it_was),
        TEST(a_key_that_may_be_null_is_an_address),
        TEST(a_list_outlives_the_id_it_was_asked_for),
        TEST(many_are_read_by_arrays_of_their_types),
        TEST(queries_take_and_give_them),
        TEST(sets_patches_and_boundary_objects_know_them),
    };
    return RUN(tests);
}
