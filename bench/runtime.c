/* runtime.c: the workloads through the functions that cleat generates for the table users.
 *
 * A view is lend(), or list() and next(); an own is get(), or list() and next() with the rows
 * copied into an array. Reads need a session, so those without a transaction run in one read
 * session, as those in a transaction do; view_alone opens and closes a session for every read,
 * which is what an autocommitted read is here. */
#include "workload.h"

#include "bench/db_models.cleat.h"
#include "init_table.h"

#include <cleat/cleat.h>

#include <stdlib.h>
#include <string.h>

static cleat_registry *registry;
static cleat_session *session;
static bench_users_row own_row; /* get() reuses its memory from call to call */

static void
check(cleat_status status)
{
    const cleat_error *error;

    if (status >= 0 && status != CLEAT_NOT_FOUND)
        return;
    error = session ? cleat_session_error(session) : cleat_registry_error(registry);
    fail(cleat_status_name(status), error->text);
}

static void
connect_cleat(const char *path)
{
    cleat_settings settings;

    cleat_settings_init(&settings, NULL);
    check(cleat_settings_set(&settings, "databases.bench_path", path));
    check(cleat_settings_set(&settings, "log_level", "warning"));
    check(cleat_registry_open(&bench_schema_init_table, &settings, &registry));
}

static void
disconnect_cleat(void)
{
    bench_users_clear(&own_row);
    cleat_registry_close(registry);
    registry = NULL;
}

static void
begin_unit(enum unit unit)
{
    unsigned mode = unit == UNIT_WRITE ? CLEAT_WRITE : CLEAT_READ;

    check(cleat_session_open(registry, "bench", mode, &session));
}

static void
end_unit(enum unit unit)
{
    if (unit == UNIT_WRITE)
        check(cleat_session_commit(session));
    cleat_session_close(session);
    session = NULL;
}

static bench_users_row
row_of(int64_t id, const struct user *user)
{
    bench_users_row row;

    memset(&row, 0, sizeof(row));
    row.id = id;
    row.email = user->email;
    row.display_name = user->display_name;
    row.bio = user->bio;
    row.has_age = user->has_age;
    row.age = user->age;
    row.score = user->score;
    row.avatar.data = user->avatar;
    row.avatar.size = (size_t)user->avatar_size;
    row.created_at = user->created_at;
    return row;
}

static uint64_t
fold_row(uint64_t sum, const bench_users_row *row)
{
    struct user user = {
        .email = row->email,
        .display_name = row->display_name,
        .bio = row->bio,
        .has_age = row->has_age,
        .age = row->age,
        .score = row->score,
        .avatar = row->avatar.data,
        .avatar_size = (int)row->avatar.size,
        .created_at = row->created_at,
    };

    return fold_user(sum, row->id, &user);
}

static void
insert_user(int64_t id, const struct user *user)
{
    bench_users_row row = row_of(id, user);

    check(bench_users_insert(session, &row));
}

static void
update_user(int64_t id, const struct user *user)
{
    bench_users_row row = row_of(id, user);

    check(bench_users_update(session, &row));
}

static void
upsert_user(int64_t id, const struct user *user)
{
    bench_users_row row = row_of(id, user);

    check(bench_users_upsert(session, &row));
}

static void
remove_user(int64_t id)
{
    check(bench_users_delete(session, id));
}

static uint64_t
view_user(int64_t id, uint64_t sum)
{
    bench_users_row row;

    check(bench_users_lend(session, id, &row));
    return fold_row(sum, &row);
}

static uint64_t
own_user(int64_t id, uint64_t sum)
{
    check(bench_users_get(session, id, &own_row));
    return fold_row(sum, &own_row);
}

static uint64_t
view_user_alone(int64_t id, uint64_t sum)
{
    begin_unit(UNIT_READ);
    sum = view_user(id, sum);
    end_unit(UNIT_READ);
    return sum;
}

static uint64_t
scan_view(uint64_t *ret_rows)
{
    bench_users_row row;
    cleat_cursor cursor;
    cleat_status status;
    uint64_t rows = 0;
    uint64_t sum = 0;

    check(bench_users_list(session, &cursor));
    while ((status = bench_users_next(&cursor, &row)) == CLEAT_ROW) {
        sum = fold_row(sum, &row);
        rows++;
    }
    check(status);
    *ret_rows = rows;
    return sum;
}

/* ---- rows that outlive the cursor: an array, and the bytes of its texts and blobs in blocks ---- */

#define BLOCK_SIZE (64 * 1024)

struct block {
    struct block *next;
    size_t used;
    char bytes[BLOCK_SIZE];
};

struct list {
    bench_users_row *rows;
    size_t count;
    size_t room;
    struct block *blocks;
};

/* Values here are smaller than a block. */
static void *
keep_bytes(struct list *list, const void *bytes, size_t size)
{
    struct block *block = list->blocks;
    void *kept;

    if (!bytes)
        return NULL;
    if (!block || block->used + size > BLOCK_SIZE) {
        block = malloc(sizeof(*block));
        if (!block)
            fail("scan_own", "out of memory");
        block->next = list->blocks;
        block->used = 0;
        list->blocks = block;
    }
    kept = memcpy(block->bytes + block->used, bytes, size);
    block->used += size;
    return kept;
}

static const char *
keep_text(struct list *list, const char *text)
{
    return text ? keep_bytes(list, text, strlen(text) + 1) : NULL;
}

static void
keep_row(struct list *list, const bench_users_row *row)
{
    bench_users_row *kept;

    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 64;
        list->rows = realloc(list->rows, list->room * sizeof(*list->rows));
        if (!list->rows)
            fail("scan_own", "out of memory");
    }
    kept = &list->rows[list->count++];
    *kept = *row;
    kept->email = keep_text(list, row->email);
    kept->display_name = keep_text(list, row->display_name);
    kept->bio = keep_text(list, row->bio);
    kept->avatar.data = keep_bytes(list, row->avatar.data, row->avatar.size);
}

static void
free_list(struct list *list)
{
    while (list->blocks) {
        struct block *next = list->blocks->next;

        free(list->blocks);
        list->blocks = next;
    }
    free(list->rows);
}

static uint64_t
scan_own(uint64_t *ret_rows)
{
    struct list list = {0};
    bench_users_row row;
    cleat_cursor cursor;
    cleat_status status;
    uint64_t sum = 0;

    check(bench_users_list(session, &cursor));
    while ((status = bench_users_next(&cursor, &row)) == CLEAT_ROW)
        keep_row(&list, &row);
    check(status);
    for (size_t i = 0; i < list.count; i++)
        sum = fold_row(sum, &list.rows[i]);
    *ret_rows = list.count;
    free_list(&list);
    return sum;
}

static const struct implementation cleat = {
    .name = "cleat",
    .connect = connect_cleat,
    .disconnect = disconnect_cleat,
    .begin = begin_unit,
    .end = end_unit,
    .insert = insert_user,
    .update = update_user,
    .upsert = upsert_user,
    .remove = remove_user,
    .view = view_user,
    .own = own_user,
    .view_alone = view_user_alone,
    .scan_view = scan_view,
    .scan_own = scan_own,
};

int
main(int argc, char **argv)
{
    return workload_main(argc, argv, &cleat, true);
}
