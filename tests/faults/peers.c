/* peers.c: the program of peers.h, its tables described as somebody writes them by hand. */
#include "peers.h"
#include "shim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <errno.h>

#define PLACE(place) ((uint16_t)(8 * (place)))
#define COLUMN(place, name, kind, flags)                                                           \
    {                                                                                              \
        name, PLACE(place), 0, kind, flags                                                         \
    }
static const uint16_t first[] = {PLACE(0)};
static const cleat_key keys[] = {CLEAT_KEY_ROW(first, NULL)};
static const cleat_column columns[] = {
    COLUMN(0, "id", CLEAT_KIND_INTEGER, CLEAT_KEY | CLEAT_ASSIGNED),
    COLUMN(1, "name", CLEAT_KIND_TEXT, 0),
    COLUMN(2, "price", CLEAT_KIND_REAL, CLEAT_NULLABLE),
};
#define TABLE(database_)                                                                           \
    {                                                                                              \
        .database = database_, .name = "items", .columns = columns, .keys = keys,                  \
        .column_count = CLEAT_COUNT(columns), .key_count = 1, .row_size = PLACE(4),                \
        .owned_offset = PLACE(3)                                                                   \
    }
static const cleat_table far_items = TABLE("far");
static const cleat_table home_items = TABLE("home");
static const cleat_table near_items = TABLE("near");
static const cleat_table *const far_tables[] = {&far_items, NULL};
static const cleat_table *const home_tables[] = {&home_items, NULL};
static const cleat_table *const near_tables[] = {&near_items, NULL};
static const cleat_table *const no_tables[] = {NULL};

/* As somebody writes it by hand, with what SQLite cuts off. */
static const char *const schema[] = {
    "CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT NOT NULL, price REAL) STRICT;\n",
    "CREATE VIEW cheap AS SELECT id FROM items WHERE price < 1; \n", NULL};
static const char *const none[] = {NULL};
static const char *const links[] = {"far", "near", "void", NULL};

#define DATABASE(name_, tables_, schema_, links_)                                                  \
    {                                                                                              \
        .name = name_, .revision = "3f21c4d9a07b", .modules = none, .tables = tables_,             \
        .schema = schema_, .links = links_                                                         \
    }
static const cleat_database databases[] = {
    DATABASE("far", far_tables, schema, none),
    DATABASE("home", home_tables, schema, links),
    DATABASE("near", near_tables, schema, none),
    DATABASE("void", no_tables, none, none),
};
static const cleat_init_table program = {.abi = CLEAT_GENERATED_ABI,
                                         .name = "peers",
                                         .default_database = "home",
                                         .databases = databases,
                                         .database_count = CLEAT_COUNT(databases)};

const char *const peers_all[PEERS] = {"home", "far", "near", "void"};
const char *const peers_home_and_near[2] = {"home", "near"};

int
peers_set_up(void **state)
{
    int rc = sample_set_up(state);
    struct sample *sample = *state;
    sample->table = &program;
    shim_errno = EIO;
    return rc;
}

int
peers_set_up_open(void **state)
{
    int rc = peers_set_up(state);
    return rc != 0 ? rc : sample_open(*state);
}

int
peers_tear_down(void **state)
{
    shim_before = NULL;
    shim_after = NULL;
    return sample_tear_down(state);
}

cleat_session *
peers_open_over(struct sample *sample, const char *const *names, size_t count, unsigned mode)
{
    cleat_session *session;
    assert_int_equal(cleat_session_open_over(sample->registry, names, count, mode, &session),
                     CLEAT_OK);
    return session;
}

void
peers_run(cleat_session *session, const char *sql)
{
    cleat_status rc = cleat_session_execute(session, sql);
    if (rc != CLEAT_OK)
        fail_msg("%s: %s, %s", sql, cleat_status_name(rc), cleat_session_error(session)->text);
}

int64_t
peers_count(struct sample *sample, const char *database)
{
    char file[20];
    snprintf(file, sizeof file, "%s.db", database);
    return sample_ask(sample_path(sample, file), "SELECT count(*) FROM items");
}

void
peers_cut_short(struct sample *sample)
{
    cleat_session *session = peers_open_over(sample, peers_home_and_near, 2, ATOMIC);
    peers_run(session, INSERT("home"));
    peers_run(session, INSERT("near"));
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    sample_run(sample_path(sample, "near.db"),
               "UPDATE cleat_marks SET id = id - 1;"
               "DELETE FROM items WHERE id = (SELECT max(id) FROM items)");
}
