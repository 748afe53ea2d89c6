/* sqlitecpp.cpp: the workloads with SQLiteCpp, written as its documentation does: statements that
 * the program keeps, values bound without a copy, rows filled by hand into std::string. */
#include "../workload.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#define COLUMNS "id,email,display_name,bio,age,score,avatar,created_at"

namespace
{

struct owned_user {
    int64_t id;
    std::string email;
    std::string display_name;
    std::optional<std::string> bio;
    std::optional<int64_t> age;
    double score;
    std::optional<std::string> avatar;
    int64_t created_at;
};

struct connection {
    SQLite::Database db;
    std::unique_ptr<SQLite::Statement> insert_one;
    std::unique_ptr<SQLite::Statement> update_one;
    std::unique_ptr<SQLite::Statement> upsert_one;
    std::unique_ptr<SQLite::Statement> delete_one;
    std::unique_ptr<SQLite::Statement> get_one;
    std::unique_ptr<SQLite::Transaction> transaction;

    explicit connection(const char *path)
        : db(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, 5000)
    {
    }
};

std::unique_ptr<connection> here;

std::unique_ptr<SQLite::Statement>
prepare(const char *sql)
{
    return std::make_unique<SQLite::Statement>(here->db, sql);
}

void
connect_peer(const char *path)
{
    here = std::make_unique<connection>(path);
    here->db.exec("PRAGMA journal_mode=WAL");
    here->db.exec("PRAGMA synchronous=NORMAL");
    here->db.exec(users_ddl());
    here->insert_one = prepare("INSERT INTO users(" COLUMNS ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8)");
    here->update_one = prepare(
        "UPDATE users SET email=?2,display_name=?3,bio=?4,age=?5,score=?6,"
        "avatar=?7,created_at=?8 WHERE id=?1");
    here->upsert_one = prepare("INSERT INTO users(" COLUMNS
                               ") VALUES(?1,?2,?3,?4,?5,?6,?7,?8) "
                               "ON CONFLICT(id) DO UPDATE SET email=excluded.email,"
                               "display_name=excluded.display_name,bio=excluded.bio,"
                               "age=excluded.age,score=excluded.score,avatar=excluded.avatar,"
                               "created_at=excluded.created_at");
    here->delete_one = prepare("DELETE FROM users WHERE id=?1");
    here->get_one = prepare("SELECT " COLUMNS " FROM users WHERE id=?1");
}

void
disconnect_peer()
{
    here.reset();
}

void
begin_unit(enum unit unit)
{
    if (unit != UNIT_NONE)
        here->transaction = std::make_unique<SQLite::Transaction>(here->db);
}

void
end_unit(enum unit unit)
{
    if (unit == UNIT_NONE)
        return;
    here->transaction->commit();
    here->transaction.reset();
}

void
write_user(SQLite::Statement &statement, int64_t id, const struct user *user)
{
    statement.bind(1, id);
    statement.bindNoCopy(2, user->email);
    statement.bindNoCopy(3, user->display_name);
    if (user->bio)
        statement.bindNoCopy(4, user->bio);
    else
        statement.bind(4);
    if (user->has_age)
        statement.bind(5, user->age);
    else
        statement.bind(5);
    statement.bind(6, user->score);
    if (user->avatar)
        statement.bindNoCopy(7, user->avatar, user->avatar_size);
    else
        statement.bind(7);
    statement.bind(8, user->created_at);
    statement.exec();
    statement.reset();
}

void
insert_user(int64_t id, const struct user *user)
{
    write_user(*here->insert_one, id, user);
}

void
update_user(int64_t id, const struct user *user)
{
    write_user(*here->update_one, id, user);
}

void
upsert_user(int64_t id, const struct user *user)
{
    write_user(*here->upsert_one, id, user);
}

void
remove_user(int64_t id)
{
    here->delete_one->bind(1, id);
    here->delete_one->exec();
    here->delete_one->reset();
}

uint64_t
fold_in_place(uint64_t sum, SQLite::Statement &statement)
{
    struct user user = {};

    user.email = statement.getColumn(1).getText();
    user.display_name = statement.getColumn(2).getText();
    user.bio = statement.isColumnNull(3) ? nullptr : statement.getColumn(3).getText();
    user.has_age = !statement.isColumnNull(4);
    if (user.has_age)
        user.age = statement.getColumn(4).getInt64();
    user.score = statement.getColumn(5).getDouble();
    SQLite::Column avatar = statement.getColumn(6);
    user.avatar = avatar.getBlob();
    user.avatar_size = avatar.getBytes();
    user.created_at = statement.getColumn(7).getInt64();
    return fold_user(sum, statement.getColumn(0).getInt64(), &user);
}

owned_user
read_owned(SQLite::Statement &statement)
{
    owned_user user;

    user.id = statement.getColumn(0).getInt64();
    user.email = statement.getColumn(1).getString();
    user.display_name = statement.getColumn(2).getString();
    if (!statement.isColumnNull(3))
        user.bio = statement.getColumn(3).getString();
    if (!statement.isColumnNull(4))
        user.age = statement.getColumn(4).getInt64();
    user.score = statement.getColumn(5).getDouble();
    if (!statement.isColumnNull(6))
        user.avatar = statement.getColumn(6).getString();
    user.created_at = statement.getColumn(7).getInt64();
    return user;
}

uint64_t
fold_owned(uint64_t sum, const owned_user &owned)
{
    struct user user = {};

    user.email = owned.email.c_str();
    user.display_name = owned.display_name.c_str();
    user.bio = owned.bio ? owned.bio->c_str() : nullptr;
    user.has_age = owned.age.has_value();
    user.age = owned.age.value_or(0);
    user.score = owned.score;
    user.avatar = owned.avatar ? owned.avatar->data() : nullptr;
    user.avatar_size = owned.avatar ? static_cast<int>(owned.avatar->size()) : 0;
    user.created_at = owned.created_at;
    return fold_user(sum, owned.id, &user);
}

void
find(int64_t id)
{
    here->get_one->bind(1, id);
    if (!here->get_one->executeStep())
        fail("get", "no such row");
}

uint64_t
view_user(int64_t id, uint64_t sum)
{
    find(id);
    sum = fold_in_place(sum, *here->get_one);
    here->get_one->reset();
    return sum;
}

uint64_t
own_user(int64_t id, uint64_t sum)
{
    find(id);
    owned_user user = read_owned(*here->get_one);
    here->get_one->reset();
    return fold_owned(sum, user);
}

uint64_t
scan_view(uint64_t *ret_rows)
{
    SQLite::Statement list(here->db, "SELECT " COLUMNS " FROM users ORDER BY id");
    uint64_t sum = 0;

    while (list.executeStep()) {
        sum = fold_in_place(sum, list);
        ++*ret_rows;
    }
    return sum;
}

uint64_t
scan_own(uint64_t *ret_rows)
{
    SQLite::Statement list(here->db, "SELECT " COLUMNS " FROM users ORDER BY id");
    std::vector<owned_user> users;
    uint64_t sum = 0;

    while (list.executeStep())
        users.push_back(read_owned(list));
    for (const owned_user &user : users)
        sum = fold_owned(sum, user);
    *ret_rows = users.size();
    return sum;
}

} // namespace

int
main(int argc, char **argv)
{
    struct implementation peer = {};

    peer.name = "sqlitecpp";
    peer.connect = connect_peer;
    peer.disconnect = disconnect_peer;
    peer.begin = begin_unit;
    peer.end = end_unit;
    peer.insert = insert_user;
    peer.update = update_user;
    peer.upsert = upsert_user;
    peer.remove = remove_user;
    peer.view = view_user;
    peer.own = own_user;
    peer.scan_view = scan_view;
    peer.scan_own = scan_own;
    try {
        return workload_main(argc, argv, &peer, false);
    } catch (const std::exception &error) {
        fail("sqlitecpp", error.what());
    }
    return 1;
}
