/* soci.cpp: the workloads with SOCI, by its fastest documented way: statements prepared once over
 * variables of the program, blobs through soci::blob. SOCI always copies, so there are no views. */
#include "../workload.h"

/* Debian's SOCI wants Boost's headers, which its package does not bring, for types of Boost only. */
#include <soci/soci-config.h>
#undef SOCI_HAVE_BOOST
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <memory>
#include <string>
#include <vector>

#define COLUMNS "id,email,display_name,bio,age,score,avatar,created_at"

namespace
{

struct owned_user {
    long long id;
    std::string email;
    std::string display_name;
    std::string bio;
    soci::indicator has_bio;
    long long age;
    soci::indicator has_age;
    double score;
    std::string avatar;
    soci::indicator has_avatar;
    long long created_at;
};

/* What the statements are bound to, and they. */
struct connection {
    soci::session sql;
    owned_user row;
    soci::blob avatar;
    std::unique_ptr<soci::statement> insert_one;
    std::unique_ptr<soci::statement> update_one;
    std::unique_ptr<soci::statement> upsert_one;
    std::unique_ptr<soci::statement> delete_one;
    std::unique_ptr<soci::statement> get_one;

    explicit connection(const std::string &path)
        : sql(soci::sqlite3, "dbname=" + path + " timeout=5"), row(), avatar(sql)
    {
    }
};

std::unique_ptr<connection> here;

std::unique_ptr<soci::statement>
prepare_write(const char *sql)
{
    auto statement = std::make_unique<soci::statement>(here->sql);
    owned_user &row = here->row;

    statement->exchange(soci::use(row.id, "id"));
    statement->exchange(soci::use(row.email, "email"));
    statement->exchange(soci::use(row.display_name, "display_name"));
    statement->exchange(soci::use(row.bio, row.has_bio, "bio"));
    statement->exchange(soci::use(row.age, row.has_age, "age"));
    statement->exchange(soci::use(row.score, "score"));
    statement->exchange(soci::use(here->avatar, row.has_avatar, "avatar"));
    statement->exchange(soci::use(row.created_at, "created_at"));
    statement->alloc();
    statement->prepare(sql);
    statement->define_and_bind();
    return statement;
}

void
exchange_row(soci::statement &statement)
{
    owned_user &row = here->row;

    statement.exchange(soci::into(row.id));
    statement.exchange(soci::into(row.email));
    statement.exchange(soci::into(row.display_name));
    statement.exchange(soci::into(row.bio, row.has_bio));
    statement.exchange(soci::into(row.age, row.has_age));
    statement.exchange(soci::into(row.score));
    statement.exchange(soci::into(here->avatar, row.has_avatar));
    statement.exchange(soci::into(row.created_at));
}

std::unique_ptr<soci::statement>
prepare_by_id(const char *sql, bool reads)
{
    auto statement = std::make_unique<soci::statement>(here->sql);

    if (reads)
        exchange_row(*statement);
    statement->exchange(soci::use(here->row.id, "id"));
    statement->alloc();
    statement->prepare(sql);
    statement->define_and_bind();
    return statement;
}

void
connect_peer(const char *path)
{
    here = std::make_unique<connection>(path);
    here->sql << "PRAGMA journal_mode=WAL";
    here->sql << "PRAGMA synchronous=NORMAL";
    here->sql << users_ddl();
    here->insert_one = prepare_write("INSERT INTO users(" COLUMNS
                                     ") VALUES(:id,:email,"
                                     ":display_name,:bio,:age,:score,:avatar,:created_at)");
    here->update_one = prepare_write(
        "UPDATE users SET email=:email,display_name=:display_name,"
        "bio=:bio,age=:age,score=:score,avatar=:avatar,"
        "created_at=:created_at WHERE id=:id");
    here->upsert_one = prepare_write("INSERT INTO users(" COLUMNS
                                     ") VALUES(:id,:email,"
                                     ":display_name,:bio,:age,:score,:avatar,:created_at) "
                                     "ON CONFLICT(id) DO UPDATE SET email=excluded.email,"
                                     "display_name=excluded.display_name,bio=excluded.bio,"
                                     "age=excluded.age,score=excluded.score,"
                                     "avatar=excluded.avatar,created_at=excluded.created_at");
    here->delete_one = prepare_by_id("DELETE FROM users WHERE id=:id", false);
    here->get_one = prepare_by_id("SELECT " COLUMNS " FROM users WHERE id=:id", true);
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
        here->sql.begin();
}

void
end_unit(enum unit unit)
{
    if (unit != UNIT_NONE)
        here->sql.commit();
}

void
write_user(soci::statement &statement, int64_t id, const struct user *user)
{
    owned_user &row = here->row;

    row.id = id;
    row.email = user->email;
    row.display_name = user->display_name;
    row.has_bio = user->bio ? soci::i_ok : soci::i_null;
    if (user->bio)
        row.bio = user->bio;
    row.has_age = user->has_age ? soci::i_ok : soci::i_null;
    row.age = user->age;
    row.score = user->score;
    row.has_avatar = user->avatar ? soci::i_ok : soci::i_null;
    if (user->avatar) {
        here->avatar.trim(0);
        here->avatar.write(0, static_cast<const char *>(user->avatar),
                           static_cast<std::size_t>(user->avatar_size));
    }
    row.created_at = user->created_at;
    statement.execute(true);
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
    here->row.id = id;
    here->delete_one->execute(true);
}

/* SOCI has the row in its variables; a blob is taken out by its own call. */
void
take_avatar()
{
    owned_user &row = here->row;

    if (row.has_avatar != soci::i_ok)
        return;
    row.avatar.resize(here->avatar.get_len());
    here->avatar.read(0, &row.avatar[0], row.avatar.size());
}

uint64_t
fold_owned(uint64_t sum, const owned_user &owned)
{
    struct user user = {};

    user.email = owned.email.c_str();
    user.display_name = owned.display_name.c_str();
    user.bio = owned.has_bio == soci::i_ok ? owned.bio.c_str() : nullptr;
    user.has_age = owned.has_age == soci::i_ok;
    user.age = owned.age;
    user.score = owned.score;
    user.avatar = owned.has_avatar == soci::i_ok ? owned.avatar.data() : nullptr;
    user.avatar_size = static_cast<int>(owned.avatar.size());
    user.created_at = owned.created_at;
    return fold_user(sum, owned.id, &user);
}

uint64_t
own_user(int64_t id, uint64_t sum)
{
    here->row.id = id;
    if (!here->get_one->execute(true))
        fail("get", "no such row");
    take_avatar();
    return fold_owned(sum, here->row);
}

uint64_t
scan_own(uint64_t *ret_rows)
{
    soci::statement list(here->sql);
    std::vector<owned_user> users;
    uint64_t sum = 0;

    exchange_row(list);
    list.alloc();
    list.prepare("SELECT " COLUMNS " FROM users ORDER BY id");
    list.define_and_bind();
    list.execute();
    while (list.fetch()) {
        take_avatar();
        users.push_back(here->row);
    }
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

    peer.name = "soci";
    peer.connect = connect_peer;
    peer.disconnect = disconnect_peer;
    peer.begin = begin_unit;
    peer.end = end_unit;
    peer.insert = insert_user;
    peer.update = update_user;
    peer.upsert = upsert_user;
    peer.remove = remove_user;
    peer.own = own_user;
    peer.scan_own = scan_own;
    try {
        return workload_main(argc, argv, &peer, false);
    } catch (const std::exception &error) {
        fail("soci", error.what());
    }
    return 1;
}
