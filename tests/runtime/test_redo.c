/* test_redo.c: what a crash between two commits takes from a peer comes back whatever its tables are
 * like: indexes for full text, cascades, keys that are no rowids, very wide rows. A process changes
 * both files and dies; the peer is put back as it was before; the next start makes it the same
 * again. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIDE = 130, TEXT = 1 << 16 };

/* ---- a home, and a peer with all sorts of tables ---- */

#define PLACE(place) ((uint16_t)(8 * (place)))
#define NUMBER(place, name, flags)                                                                 \
    {                                                                                              \
        name, PLACE(place), 0, CLEAT_KIND_INTEGER, flags                                           \
    }
#define STRING(place, name, flags)                                                                 \
    {                                                                                              \
        name, PLACE(place), 0, CLEAT_KIND_TEXT, flags                                              \
    }
#define TABLE(database_, name_, columns_, keys_, key_count_)                                       \
    {                                                                                              \
        .database = database_, .name = name_, .columns = columns_, .keys = keys_,                  \
        .column_count = CLEAT_COUNT(columns_), .key_count = key_count_,                            \
        .row_size = PLACE(CLEAT_COUNT(columns_) + 1), .owned_offset = PLACE(CLEAT_COUNT(columns_)) \
    }

static const uint16_t first[] = {PLACE(0)};
static const uint16_t both[] = {PLACE(0), PLACE(1)};
static const cleat_key one_key[] = {CLEAT_KEY_ROW(first, NULL)};
static const cleat_key two_keys[] = {CLEAT_KEY_ROW(both, NULL)};

static const cleat_column root_columns[] = {NUMBER(0, "id", CLEAT_KEY | CLEAT_ASSIGNED)};
static const cleat_column docs_columns[] = {
    NUMBER(0, "id", CLEAT_KEY | CLEAT_ASSIGNED),
    STRING(1, "title", 0),
};
static const cleat_column parents_columns[] = {NUMBER(0, "id", CLEAT_KEY | CLEAT_ASSIGNED)};
static const cleat_column children_columns[] = {
    NUMBER(0, "id", CLEAT_KEY | CLEAT_ASSIGNED),
    NUMBER(1, "parent", CLEAT_NULLABLE),
};
static const cleat_column pairs_columns[] = {
    STRING(0, "a", CLEAT_KEY),
    NUMBER(1, "b", CLEAT_KEY),
    STRING(2, "text", 0),
};
static const cleat_column loose_columns[] = {STRING(0, "rowid", 0), NUMBER(1, "n", 0)};
static cleat_column wide_columns[WIDE];
static char wide_names[WIDE][8];

static const cleat_table root_table = TABLE("home", "root", root_columns, one_key, 1);
static const cleat_table docs_table = TABLE("peer", "docs", docs_columns, one_key, 1);
static const cleat_table parents_table = TABLE("peer", "parents", parents_columns, one_key, 1);
static const cleat_table children_table = TABLE("peer", "children", children_columns, one_key, 1);
static const cleat_table pairs_table = TABLE("peer", "pairs", pairs_columns, two_keys, 1);
static const cleat_table loose_table = TABLE("peer", "loose", loose_columns, NULL, 0);
static const cleat_table wide_table = TABLE("peer", "wide", wide_columns, one_key, 1);

static const cleat_table *const home_tables[] = {&root_table, NULL};
static const cleat_table *const peer_tables[] = {
    &docs_table, &parents_table, &children_table, &pairs_table, &loose_table, &wide_table, NULL};
static char wide_schema[WIDE * 32];
static const char *const home_schema[] = {"CREATE TABLE root (id INTEGER PRIMARY KEY) STRICT",
                                          NULL};
static const char *const peer_schema[] = {
    "CREATE TABLE docs (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT",
    "CREATE VIRTUAL TABLE docs_fts USING fts5(title, content='docs', content_rowid='id')",
    "CREATE TRIGGER docs_insert AFTER INSERT ON docs BEGIN INSERT INTO docs_fts(rowid, title)"
    " VALUES (new.id, new.title); END",
    "CREATE TRIGGER docs_delete AFTER DELETE ON docs BEGIN INSERT INTO docs_fts(docs_fts, rowid,"
    " title) VALUES ('delete', old.id, old.title); END",
    "CREATE TRIGGER docs_update AFTER UPDATE ON docs BEGIN INSERT INTO docs_fts(docs_fts, rowid,"
    " title) VALUES ('delete', old.id, old.title); INSERT INTO docs_fts(rowid, title)"
    " VALUES (new.id, new.title); END",
    "CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT",
    "CREATE TABLE children (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents (id)"
    " ON DELETE CASCADE ON UPDATE SET NULL) STRICT",
    "CREATE TABLE pairs (a TEXT NOT NULL, b INTEGER NOT NULL, text TEXT NOT NULL,"
    " PRIMARY KEY (a, b)) STRICT, WITHOUT ROWID",
    "CREATE TABLE loose (rowid TEXT NOT NULL, n INTEGER NOT NULL) STRICT",
    wide_schema,
    NULL};
static const char *const none[] = {NULL};
static const char *const links[] = {"peer", NULL};

static const cleat_database databases[] = {
    {.name = "home",
     .revision = "3f21c4d9a07b",
     .modules = none,
     .tables = home_tables,
     .schema = home_schema,
     .links = links},
    {.name = "peer",
     .revision = "3f21c4d9a07b",
     .modules = none,
     .tables = peer_tables,
     .schema = peer_schema,
     .links = none,
     .flags = CLEAT_TRUSTED_SCHEMA},
};
static const cleat_init_table init_table = {CLEAT_GENERATED_ABI, "redo", "home", databases,
                                            CLEAT_COUNT(databases)};

static void
make_wide(void)
{
    size_t size = (size_t)snprintf(wide_schema, sizeof wide_schema, "CREATE TABLE wide (");
    for (int i = 0; i < WIDE; i++) {
        snprintf(wide_names[i], sizeof wide_names[i], "c%d", i);
        wide_columns[i] = (cleat_column){wide_names[i], PLACE(i), 0, CLEAT_KIND_INTEGER,
                                         i == 0 ? CLEAT_KEY | CLEAT_ASSIGNED : CLEAT_NULLABLE};
        size += (size_t)snprintf(wide_schema + size, sizeof wide_schema - size,
                                 i == 0 ? "c0 INTEGER PRIMARY KEY" : ", c%d INTEGER", i);
    }
    snprintf(wide_schema + size, sizeof wide_schema - size, ") STRICT");
}

/* ---- what cannot be captured ---- */

/* What an order to an index for full text does is in none of its rows. */
static void
an_index_of_a_peer_takes_no_orders(void **state)
{
    static const char *const title[] = {"title", NULL};
    static const cleat_full_text docs_fts = {&docs_table, "docs_fts", "id", title};
    struct sample *sample = *state;
    cleat_registry *registry;
    cleat_session *session;
    assert_int_equal(cleat_registry_open(&init_table, &sample->settings, &registry), CLEAT_OK);
    assert_int_equal(cleat_session_open(registry, NULL, CLEAT_WRITE | CLEAT_ATOMIC, &session),
                     CLEAT_OK);
    assert_int_equal(cleat_full_text_rebuild(session, &docs_fts), CLEAT_MISUSE);
    assert_string_equal(cleat_session_error(session)->text,
                        "docs_fts of peer.docs cannot be written in an atomic session on home");
    cleat_session_close(session);
    assert_int_equal(cleat_session_open(registry, NULL, CLEAT_WRITE, &session), CLEAT_OK);
    assert_int_equal(cleat_full_text_rebuild(session, &docs_fts), CLEAT_OK);
    cleat_session_close(session);
    cleat_registry_close(registry);
}

/* ---- a crash ---- */

/* Runs SQL in atomic sessions, one unit for each text, and leaves like a process that is killed. */
static int
run_units(struct sample *sample, const char *const *units)
{
    cleat_registry *registry;
    cleat_session *session;
    if (cleat_registry_open(&init_table, &sample->settings, &registry) != CLEAT_OK ||
        cleat_session_open(registry, NULL, CLEAT_WRITE | CLEAT_ATOMIC, &session) != CLEAT_OK)
        return 2;
    for (; *units != NULL; units++) {
        if (cleat_session_execute(session, *units) != CLEAT_OK ||
            cleat_session_execute(session, "INSERT INTO home.root DEFAULT VALUES") != CLEAT_OK ||
            cleat_session_commit(session) != CLEAT_OK) {
            fprintf(stderr, "%s: %s\n", *units, cleat_session_error(session)->text);
            return 3;
        }
    }
    return 0;
}

static void
run_and_die(struct sample *sample, const char *const *units)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(run_units(sample, units));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* Every row that an SQL text finds, as one text. */
static void
read_all(struct sample *sample, const char *sql, char *ret_text)
{
    sqlite3 *handle;
    sqlite3_stmt *statement;
    size_t size = 0;
    ret_text[0] = '\0';
    assert_int_equal(sqlite3_open(sample_path(sample, "peer.db"), &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const char *text = (const char *)sqlite3_column_text(statement, i);
            size += (size_t)snprintf(ret_text + size, TEXT - size, "%s|",
                                     text == NULL ? "NULL" : text);
        }
    }
    assert_int_equal(sqlite3_finalize(statement), SQLITE_OK);
    sqlite3_close(handle);
}

static void
copy_peer(struct sample *sample, const char *from, const char *to)
{
    static const char *const suffixes[] = {"", "-wal"};
    char source[64], target[64];
    for (size_t i = 0; i < CLEAT_COUNT(suffixes); i++) {
        size_t size;
        snprintf(source, sizeof source, "%s%s", from, suffixes[i]);
        snprintf(target, sizeof target, "%s%s", to, suffixes[i]);
        unlink(sample_path(sample, target));
        if (access(sample_path(sample, source), F_OK) != 0)
            continue;
        char *bytes = sample_read(sample_path(sample, source), &size);
        FILE *file = fopen(sample_path(sample, target), "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes, 1, size, file), size);
        fclose(file);
        free(bytes);
    }
    unlink(sample_path(sample, "peer.db-shm"));
}

/* The peer loses the second lot of units, and gets it back. */
static void
lose_and_complete(struct sample *sample, const char *const *before, const char *const *after,
                  const char *question)
{
    char *kept = calloc(3, TEXT);
    cleat_registry *registry;
    assert_non_null(kept);
    run_and_die(sample, before);
    copy_peer(sample, "peer.db", "saved.db");
    run_and_die(sample, after);
    read_all(sample, question, kept);
    copy_peer(sample, "saved.db", "peer.db");
    read_all(sample, question, kept + TEXT);
    assert_string_not_equal(kept, kept + TEXT);
    assert_int_equal(cleat_registry_open(&init_table, &sample->settings, &registry), CLEAT_OK);
    assert_int_equal(cleat_registry_check(registry, NULL, CLEAT_CHECK_FULL, NULL, NULL), CLEAT_OK);
    cleat_registry_close(registry);
    read_all(sample, question, kept + (size_t)2 * TEXT);
    assert_string_equal(kept, kept + (size_t)2 * TEXT);
    free(kept);
}

/* ---- what is lost and comes back ---- */

static void
indexes_for_full_text_are_in_step_again(void **state)
{
    static const char *const before[] = {
        "INSERT INTO peer.docs VALUES (1, 'one sheep'), (2, 'two sheep'), (3, 'a goat')", NULL};
    static const char *const after[] = {
        "UPDATE peer.docs SET title='one goat' WHERE id=1",
        "DELETE FROM peer.docs WHERE id=2",
        "INSERT INTO peer.docs VALUES (9, 'nine sheep')",
        NULL,
    };
    lose_and_complete(*state, before, after,
                      "SELECT 's', rowid FROM docs_fts('sheep') UNION ALL"
                      " SELECT 'g', rowid FROM docs_fts('goat') ORDER BY 1, 2");
}

static void
what_foreign_keys_did_comes_back(void **state)
{
    static const char *const before[] = {
        "INSERT INTO peer.parents VALUES (1), (2), (3)",
        "INSERT INTO peer.children VALUES (10, 1), (11, 1), (12, 2), (13, 3)",
        NULL,
    };
    static const char *const after[] = {
        "DELETE FROM peer.parents WHERE id=1",
        "UPDATE peer.parents SET id=20 WHERE id=2",
        "INSERT INTO peer.children VALUES (14, 20)",
        NULL,
    };
    lose_and_complete(*state, before, after,
                      "SELECT id, parent FROM children UNION ALL SELECT id, 'p' FROM parents"
                      " ORDER BY 1");
}

static void
rows_whose_key_is_no_number_come_back(void **state)
{
    static const char *const before[] = {
        "INSERT INTO peer.pairs VALUES ('x', 1, 'a'), ('x', 2, 'b'), ('it''s', 3, 'c')",
        "INSERT INTO peer.loose VALUES ('first', 1), ('second', 2), ('second', 2)",
        NULL,
    };
    static const char *const after[] = {
        "UPDATE peer.pairs SET text='B', b=22 WHERE a='x' AND b=2",
        "DELETE FROM peer.pairs WHERE a='it''s'",
        "INSERT OR REPLACE INTO peer.pairs VALUES ('x', 1, 'replaced'), ('y', -5, '')",
        "DELETE FROM peer.loose WHERE _rowid_=2",
        "UPDATE peer.loose SET n=n+1 WHERE n=2",
        "INSERT INTO peer.loose VALUES ('third', 3)",
        NULL,
    };
    lose_and_complete(*state, before, after,
                      "SELECT a, b, text FROM pairs UNION ALL SELECT rowid, _rowid_, n FROM loose"
                      " ORDER BY 1, 2, 3");
}

static void
rows_of_more_than_a_hundred_columns_come_back(void **state)
{
    static const char *const before[] = {
        "INSERT INTO peer.wide (c0, c1, c129) VALUES (1, 2, 3), (2, 3, 4)", NULL};
    static const char *const after[] = {
        "UPDATE peer.wide SET c99=99, c100=100, c101=101, c129=NULL WHERE c0=1",
        "DELETE FROM peer.wide WHERE c0=2",
        "INSERT INTO peer.wide (c0, c50, c128) VALUES (7, -50, 128)",
        NULL,
    };
    lose_and_complete(*state, before, after, "SELECT * FROM wide ORDER BY c0");
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, sample_set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(an_index_of_a_peer_takes_no_orders),
        TEST(indexes_for_full_text_are_in_step_again),
        TEST(what_foreign_keys_did_comes_back),
        TEST(rows_whose_key_is_no_number_come_back),
        TEST(rows_of_more_than_a_hundred_columns_come_back),
    };
    make_wide();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
