/* zdb.c: the workloads with libzdb: one connection of its pool, statements prepared at the begin of
 * each unit and dropped at its end, as its connections want it. It has no row type: an own is what
 * a program writes, one allocation per text and blob. */
#include "../workload.h"

#include <zdb.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "id,email,display_name,bio,age,score,avatar,created_at"

static URL_T url;
static ConnectionPool_T pool;
static Connection_T connection;
static PreparedStatement_T insert_one;
static PreparedStatement_T update_one;
static PreparedStatement_T upsert_one;
static PreparedStatement_T delete_one;
static PreparedStatement_T get_one;

static void
connect_peer(const char *path)
{
    char text[4096];

    if (path[0] != '/')
        fail(path, "the URLs of libzdb have absolute paths only");
    snprintf(text, sizeof(text), "sqlite://%s?journal_mode=wal&synchronous=normal", path);
    url = URL_new(text);
    pool = ConnectionPool_new(url);
    ConnectionPool_start(pool);
    connection = ConnectionPool_getConnection(pool);
    if (!connection)
        fail("libzdb", "no connection");
    Connection_execute(connection, "%s", users_ddl());
}

static void
disconnect_peer(void)
{
    Connection_close(connection);
    ConnectionPool_free(&pool);
    URL_free(&url);
}

static void
begin_unit(enum unit unit)
{
    if (unit != UNIT_NONE)
        Connection_beginTransaction(connection);
    insert_one = Connection_prepareStatement(connection, "INSERT INTO users(" COLUMNS
                                                         ") "
                                                         "VALUES(?1,?2,?3,?4,?5,?6,?7,?8)");
    update_one = Connection_prepareStatement(
        connection,
        "UPDATE users SET email=?2,display_name=?3,bio=?4,age=?5,score=?6,avatar=?7,"
        "created_at=?8 WHERE id=?1");
    upsert_one = Connection_prepareStatement(
        connection, "INSERT INTO users(" COLUMNS
                    ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8) "
                    "ON CONFLICT(id) DO UPDATE SET email=excluded.email,"
                    "display_name=excluded.display_name,bio=excluded.bio,age=excluded.age,"
                    "score=excluded.score,avatar=excluded.avatar,created_at=excluded.created_at");
    delete_one = Connection_prepareStatement(connection, "DELETE FROM users WHERE id=?1");
    get_one = Connection_prepareStatement(connection, "SELECT " COLUMNS " FROM users WHERE id=?1");
}

static void
end_unit(enum unit unit)
{
    if (unit != UNIT_NONE)
        Connection_commit(connection);
    Connection_clear(connection);
}

static void
write_user(PreparedStatement_T statement, int64_t id, const struct user *user)
{
    PreparedStatement_setLLong(statement, 1, id);
    PreparedStatement_setString(statement, 2, user->email);
    PreparedStatement_setString(statement, 3, user->display_name);
    PreparedStatement_setString(statement, 4, user->bio);
    if (user->has_age)
        PreparedStatement_setLLong(statement, 5, user->age);
    else
        PreparedStatement_setString(statement, 5, NULL);
    PreparedStatement_setDouble(statement, 6, user->score);
    PreparedStatement_setBlob(statement, 7, user->avatar, user->avatar_size);
    PreparedStatement_setLLong(statement, 8, user->created_at);
    PreparedStatement_execute(statement);
}

static void
insert_user(int64_t id, const struct user *user)
{
    write_user(insert_one, id, user);
}

static void
update_user(int64_t id, const struct user *user)
{
    write_user(update_one, id, user);
}

static void
upsert_user(int64_t id, const struct user *user)
{
    write_user(upsert_one, id, user);
}

static void
remove_user(int64_t id)
{
    PreparedStatement_setLLong(delete_one, 1, id);
    PreparedStatement_execute(delete_one);
}

/* libzdb reads a real through 15 digits of text, which is not always the number that was stored.
 * Scores are whole sevenths, so here, unlike in most programs, the number can be had back. */
static double
read_score(ResultSet_T result)
{
    return (double)(int64_t)(ResultSet_getDouble(result, 6) * 7.0 + 0.5) / 7.0;
}

/* Lends until the result moves on. Returns the row's id. */
static int64_t
read_row(ResultSet_T result, struct user *ret_user)
{
    ret_user->email = ResultSet_getString(result, 2);
    ret_user->display_name = ResultSet_getString(result, 3);
    ret_user->bio = ResultSet_getString(result, 4);
    ret_user->has_age = !ResultSet_isnull(result, 5);
    ret_user->age = ret_user->has_age ? ResultSet_getLLong(result, 5) : 0;
    ret_user->score = read_score(result);
    ret_user->avatar_size = 0;
    ret_user->avatar = ResultSet_getBlob(result, 7, &ret_user->avatar_size);
    ret_user->created_at = ResultSet_getLLong(result, 8);
    return ResultSet_getLLong(result, 1);
}

static void *
copy(const void *bytes, size_t size)
{
    void *made;

    if (!bytes)
        return NULL;
    made = malloc(size);
    if (!made)
        fail("libzdb", "out of memory");
    return memcpy(made, bytes, size);
}

static void
own_texts(struct user *user)
{
    user->email = copy(user->email, strlen(user->email) + 1);
    user->display_name = copy(user->display_name, strlen(user->display_name) + 1);
    user->bio = user->bio ? copy(user->bio, strlen(user->bio) + 1) : NULL;
    user->avatar = copy(user->avatar, (size_t)user->avatar_size);
}

static void
free_texts(struct user *user)
{
    free((void *)user->email);
    free((void *)user->display_name);
    free((void *)user->bio);
    free((void *)user->avatar);
}

static int64_t
find(int64_t id, struct user *ret_user)
{
    ResultSet_T result;

    PreparedStatement_setLLong(get_one, 1, id);
    result = PreparedStatement_executeQuery(get_one);
    if (!ResultSet_next(result))
        fail("get", "no such row");
    return read_row(result, ret_user);
}

static uint64_t
view_user(int64_t id, uint64_t sum)
{
    struct user user;
    int64_t found = find(id, &user);

    return fold_user(sum, found, &user);
}

static uint64_t
own_user(int64_t id, uint64_t sum)
{
    struct user user;
    int64_t found = find(id, &user);

    own_texts(&user);
    sum = fold_user(sum, found, &user);
    free_texts(&user);
    return sum;
}

static ResultSet_T
list_users(void)
{
    return Connection_executeQuery(connection, "SELECT " COLUMNS " FROM users ORDER BY id");
}

static uint64_t
scan_view(uint64_t *ret_rows)
{
    ResultSet_T result = list_users();
    uint64_t sum = 0;

    while (ResultSet_next(result)) {
        struct user user;
        int64_t id = read_row(result, &user);

        sum = fold_user(sum, id, &user);
        ++*ret_rows;
    }
    return sum;
}

struct owned_user {
    int64_t id;
    struct user user;
};

static uint64_t
scan_own(uint64_t *ret_rows)
{
    ResultSet_T result = list_users();
    struct owned_user *list = NULL;
    size_t count = 0;
    size_t room = 0;
    uint64_t sum = 0;

    while (ResultSet_next(result)) {
        if (count == room) {
            room = room ? room * 2 : 64;
            list = realloc(list, room * sizeof(*list));
            if (!list)
                fail("libzdb", "out of memory");
        }
        list[count].id = read_row(result, &list[count].user);
        own_texts(&list[count].user);
        count++;
    }
    for (size_t i = 0; i < count; i++) {
        sum = fold_user(sum, list[i].id, &list[i].user);
        free_texts(&list[i].user);
    }
    free(list);
    *ret_rows = count;
    return sum;
}

static const struct implementation peer = {
    .name = "libzdb",
    .connect = connect_peer,
    .disconnect = disconnect_peer,
    .begin = begin_unit,
    .end = end_unit,
    .insert = insert_user,
    .update = update_user,
    .upsert = upsert_user,
    .remove = remove_user,
    .view = view_user,
    .own = own_user,
    .scan_view = scan_view,
    .scan_own = scan_own,
};

int
main(int argc, char **argv)
{
    volatile int status = 1;

    Exception_init();
    TRY
    {
        status = workload_main(argc, argv, &peer, false);
    }
    CATCH(SQLException)
    {
        fail("libzdb", Exception_frame.message);
    }
    END_TRY;
    return status;
}
