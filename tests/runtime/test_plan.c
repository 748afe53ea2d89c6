/* test_plan.c: which databases a connection attaches, in which order, and what is refused; soft
 * references without a target; atomic groups. The databases are made here, by hand. */
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

#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- fourteen databases: hub_a is linked to b and c, the others to none ---- */

enum { COUNT = 14 };

typedef struct item_row {
    int64_t id;
    bool has_other_id;
    int64_t other_id;
    void *owned;
} item_row;

static const cleat_column item_columns[] = {
    CLEAT_COLUMN(item_row, id, "id", CLEAT_KIND_INTEGER, CLEAT_KEY | CLEAT_ASSIGNED),
    CLEAT_COLUMN_HAS(item_row, other_id, "other_id", CLEAT_KIND_INTEGER, 0),
};
static const uint16_t item_key_id[] = {offsetof(item_row, id)};
static const cleat_key item_keys[] = {CLEAT_KEY_ROW(item_key_id, NULL)};

static const char *const names[COUNT] = {"hub_a", "b", "c", "d", "e", "f", "g",
                                         "h",     "i", "j", "k", "l", "m", "n"};
static const char *const none[] = {NULL};
static const char *const hub_links[] = {"c", "b", NULL};
static const char *const schema[] = {
    "CREATE TABLE items (id INTEGER PRIMARY KEY, other_id INTEGER) STRICT", NULL};
static const cleat_soft_reference hub_references[] = {
    {"items", "other_id", "b", "items", "id"},
    {"items", "id", "c", "items", "id"},
    {NULL, NULL, NULL, NULL, NULL},
};

struct world {
    cleat_table tables[COUNT];
    const cleat_table *lists[COUNT][2];
    cleat_database databases[COUNT];
    cleat_init_table table;
};

static struct world world;

static int
set_up(void **state)
{
    for (size_t i = 0; i < COUNT; i++) {
        world.tables[i] = (cleat_table){
            .database = names[i],
            .name = "items",
            .columns = item_columns,
            .keys = item_keys,
            .column_count = CLEAT_COUNT(item_columns),
            .key_count = 1,
            .row_size = sizeof(item_row),
            .owned_offset = offsetof(item_row, owned),
        };
        world.lists[i][0] = &world.tables[i];
        world.databases[i] = (cleat_database){
            .name = names[i],
            .revision = "3f21c4d9a07b",
            .modules = none,
            .tables = world.lists[i],
            .schema = schema,
            .links = i == 0 ? hub_links : none,
            .soft_references = i == 0 ? hub_references : NULL,
        };
    }
    world.table = (cleat_init_table){
        .abi = CLEAT_GENERATED_ABI,
        .name = "world",
        .default_database = "hub_a",
        .databases = world.databases,
        .database_count = COUNT,
    };
    return sample_set_up(state);
}

static cleat_status
open_world(struct sample *sample)
{
    sample->line_count = 0;
    return cleat_registry_open(&world.table, &sample->settings, &sample->registry);
}

static void
list_attached(cleat_session *session, char *ret_text, size_t size)
{
    cleat_statement *statement;
    ret_text[0] = '\0';
    assert_int_equal(cleat_statement_open(session,
                                          "SELECT name FROM pragma_database_list"
                                          " WHERE name<>'temp' ORDER BY seq",
                                          &statement),
                     CLEAT_OK);
    while (cleat_statement_next(statement) == CLEAT_ROW) {
        size_t length = strlen(ret_text);
        snprintf(ret_text + length, size - length, "%s ", cleat_statement_text(statement, 0));
    }
    cleat_statement_close(statement);
}

static void
insert(cleat_session *session, size_t database, int64_t id, int64_t other)
{
    item_row row = {.id = id, .has_other_id = other != 0, .other_id = other};
    assert_int_equal(cleat_row_insert(session, &world.tables[database], &row), CLEAT_OK);
}

/* ---- attaching ---- */

static void
links_and_settings_attach_in_order_of_name(void **state)
{
    struct sample *sample = *state;
    char text[128];
    cleat_settings_set(&sample->settings, "hub_a.attach", "n, d,b");
    assert_int_equal(open_world(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "hub_a", CLEAT_READ);
    list_attached(session, text, sizeof text);
    assert_string_equal(text, "hub_a b c d n ");
    cleat_session_close(session);
    cleat_database_info info;
    assert_int_equal(cleat_registry_database_named(sample->registry, "hub_a", &info), CLEAT_OK);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(info.links[i], ((const char *const[]){"b", "c", "d", "n"})[i]);
    assert_null(info.links[4]);
    session = sample_session(sample, "d", CLEAT_READ);
    list_attached(session, text, sizeof text);
    assert_string_equal(text, "d ");
}

static void
a_session_can_be_opened_over_what_a_setting_attaches(void **state)
{
    struct sample *sample = *state;
    const char *const over[] = {"d", "hub_a", "e"};
    cleat_session *session;
    cleat_settings_set(&sample->settings, "d.attach", "hub_a e");
    assert_int_equal(open_world(sample), CLEAT_OK);
    assert_int_equal(
        cleat_session_open_over(sample->registry, over, 3, CLEAT_WRITE | CLEAT_ATOMIC, &session),
        CLEAT_OK);
    insert(session, 3, 1, 0);
    insert(session, 0, 1, 0);
    insert(session, 4, 1, 0);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
}

static void
more_than_nine_are_refused_with_the_setting_that_asked(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "hub_a.attach", "d e f g h i j k");
    assert_int_equal(open_world(sample), CLEAT_MISUSE);
    const cleat_error *error = cleat_registry_error(sample->registry);
    assert_string_equal(error->database, "hub_a");
    assert_non_null(strstr(error->text, "the program names k: a connection attaches 9 at most"));
    cleat_registry_close(sample->registry);
    cleat_settings_set(&sample->settings, "hub_a.attach", "d e f g h i j");
    assert_int_equal(open_world(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "hub_a", CLEAT_WRITE | CLEAT_ATOMIC);
    insert(session, 9, 1, 0);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
}

static void
a_schema_with_more_than_nine_links_is_refused(void **state)
{
    static const char *const many[] = {"b", "c", "d", "e", "f", "g", "h", "i", "j", "k", NULL};
    struct sample *sample = *state;
    world.databases[0].links = many;
    assert_int_equal(open_world(sample), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text, "linked to 10 others"));
}

static void
a_setting_that_names_no_database_is_refused(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "c.attach", "nowhere");
    assert_int_equal(open_world(sample), CLEAT_MISUSE);
    assert_non_null(strstr(cleat_registry_error(sample->registry)->text,
                           "attach of c from the "
                           "program"));
}

/* Attaching creates nothing, fails by name, and works again when the file is back. */
static void
a_missing_file_is_an_error_that_can_be_tried_again(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    assert_int_equal(open_world(sample), CLEAT_OK);
    assert_int_equal(rename(sample_path(sample, "c.db"), sample_path(sample, "gone.db")), 0);
    assert_int_equal(cleat_session_open(sample->registry, "hub_a", CLEAT_READ, &session),
                     CLEAT_CANNOT_OPEN);
    assert_string_equal(cleat_registry_error(sample->registry)->database, "c");
    assert_int_equal(access(sample_path(sample, "c.db"), F_OK), -1);
    assert_int_equal(rename(sample_path(sample, "gone.db"), sample_path(sample, "c.db")), 0);
    assert_int_equal(cleat_session_open(sample->registry, "hub_a", CLEAT_READ, &session), CLEAT_OK);
}

static void
every_attached_database_has_its_own_pragmas(void **state)
{
    struct sample *sample = *state;
    cleat_settings_set(&sample->settings, "synchronous", "NORMAL");
    cleat_settings_set(&sample->settings, "c.synchronous", "EXTRA");
    assert_int_equal(open_world(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "hub_a", CLEAT_READ);
    cleat_statement *statement;
    static const struct {
        const char *sql;
        int64_t value;
    } expected[] = {
        {"PRAGMA hub_a.synchronous", 1},
        {"PRAGMA b.synchronous", 1},
        {"PRAGMA c.synchronous", 3},
    };
    for (size_t i = 0; i < CLEAT_COUNT(expected); i++) {
        assert_int_equal(cleat_statement_open(session, expected[i].sql, &statement), CLEAT_OK);
        assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
        assert_true(cleat_statement_integer(statement, 0) == expected[i].value);
        cleat_statement_close(statement);
    }
}

/* ---- orphans ---- */

static void
orphans_are_found_with_their_first_keys(void **state)
{
    struct sample *sample = *state;
    cleat_orphan *orphans = NULL;
    size_t count = 99;
    assert_int_equal(open_world(sample), CLEAT_OK);
    assert_int_equal(cleat_orphans(sample->registry, NULL, &orphans, &count), CLEAT_OK);
    assert_int_equal(count, 0);
    assert_null(orphans);
    cleat_session *session = sample_session(sample, "hub_a", CLEAT_WRITE | CLEAT_ATOMIC);
    for (int64_t i = 1; i <= 10; i++) {
        insert(session, 0, i, i <= 8 ? 100 + i : 0);
        insert(session, 2, i, 0);
    }
    insert(session, 1, 102, 0);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    cleat_session_close(session);
    assert_int_equal(cleat_orphans(sample->registry, "hub_a", &orphans, &count), CLEAT_OK);
    assert_int_equal(count, 1);
    assert_string_equal(orphans[0].database, "hub_a");
    assert_string_equal(orphans[0].table, "items");
    assert_string_equal(orphans[0].column, "other_id");
    assert_string_equal(orphans[0].target_database, "b");
    assert_string_equal(orphans[0].target_table, "items");
    assert_string_equal(orphans[0].target_column, "id");
    assert_true(orphans[0].count == 7);
    assert_int_equal(orphans[0].key_count, CLEAT_ORPHAN_KEYS);
    assert_string_equal(orphans[0].keys[0], "1");
    assert_string_equal(orphans[0].keys[1], "3");
    cleat_free(orphans);
    assert_int_equal(cleat_orphans(sample->registry, "b", &orphans, &count), CLEAT_OK);
    assert_int_equal(count, 0);
    assert_int_equal(cleat_orphans(sample->registry, "nowhere", &orphans, &count), CLEAT_NOT_FOUND);
    assert_int_equal(cleat_orphans(NULL, NULL, &orphans, &count), CLEAT_MISUSE);
    assert_int_equal(cleat_orphans(sample->registry, NULL, NULL, &count), CLEAT_MISUSE);
}

static void
a_setting_reports_orphans_at_the_start(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(open_world(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "hub_a", CLEAT_WRITE);
    insert(session, 0, 7, 5);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    sample_close(sample);
    assert_int_equal(open_world(sample), CLEAT_OK);
    assert_false(sample_logged(sample, "orphans"));
    sample_close(sample);
    cleat_settings_set(&sample->settings, "orphans", "report");
    cleat_settings_set(&sample->settings, "log_level", "warning");
    assert_int_equal(open_world(sample), CLEAT_OK);
    assert_true(sample_logged(sample,
                              "WARNING - cleat.orphans - hub_a.items.other_id: 1 rows have "
                              "no target in b.items.id, the first is 7"));
    assert_true(sample_logged(sample, "hub_a.items.id: 1 rows have no target in c.items.id"));
}

/* ---- atomic groups ---- */

static void
form_group(void)
{
    world.databases[0].atomic_group = world.databases[1].atomic_group = "pair";
}

static int64_t
ask_session(cleat_session *session, const char *sql)
{
    cleat_statement *statement;
    assert_int_equal(cleat_statement_open(session, sql, &statement), CLEAT_OK);
    assert_int_equal(cleat_statement_next(statement), CLEAT_ROW);
    int64_t answer = cleat_statement_integer(statement, 0);
    cleat_statement_close(statement);
    return answer;
}

/* At NORMAL, the default, a power cut could leave the group apart; FULL is 2. */
static void
a_group_is_brought_to_disk(void **state)
{
    struct sample *sample = *state;
    form_group();
    assert_int_equal(open_world(sample), CLEAT_OK);
    cleat_session *session = sample_session(sample, "hub_a", CLEAT_READ);
    assert_int_equal(ask_session(session, "PRAGMA hub_a.synchronous"), 2);
    assert_int_equal(ask_session(session, "PRAGMA b.synchronous"), 2);
    assert_int_equal(ask_session(session, "PRAGMA c.synchronous"), 1);
}

static void
a_group_has_rollback_journals_and_no_intents(void **state)
{
    struct sample *sample = *state;
    const char *const pair[] = {"hub_a", "b"};
    cleat_session *session;
    form_group();
    assert_int_equal(open_world(sample), CLEAT_OK);
    assert_int_equal(sample_ask(sample_path(sample, "b.db"),
                                "SELECT journal_mode='delete' FROM pragma_journal_mode"),
                     1);
    assert_int_equal(sample_ask(sample_path(sample, "c.db"),
                                "SELECT journal_mode='wal' FROM pragma_journal_mode"),
                     1);
    assert_int_equal(
        cleat_session_open_over(sample->registry, pair, 2, CLEAT_WRITE | CLEAT_ATOMIC, &session),
        CLEAT_OK);
    insert(session, 0, 1, 0);
    insert(session, 1, 1, 0);
    assert_int_equal(cleat_session_commit(session), CLEAT_OK);
    assert_int_equal(sample_ask(sample_path(sample, "hub_a.db"),
                                "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'cleat%'"),
                     0);
}

/* A file that was there before its database joined a group changes its journal. */
static void
a_file_with_a_log_joins_a_group(void **state)
{
    struct sample *sample = *state;
    assert_int_equal(open_world(sample), CLEAT_OK);
    sample_close(sample);
    form_group();
    assert_int_equal(open_world(sample), CLEAT_OK);
    cleat_session_close(sample_session(sample, "hub_a", CLEAT_WRITE));
    assert_int_equal(sample_ask(sample_path(sample, "b.db"),
                                "SELECT journal_mode='delete' FROM pragma_journal_mode"),
                     1);
}

/* A home with a rollback journal commits after a peer with a log: no order would help. */
static void
a_mixture_that_cannot_be_whole_is_refused(void **state)
{
    struct sample *sample = *state;
    cleat_session *session = NULL;
    form_group();
    assert_int_equal(open_world(sample), CLEAT_OK);
    assert_int_equal(
        cleat_session_open(sample->registry, "hub_a", CLEAT_WRITE | CLEAT_ATOMIC, &session),
        CLEAT_MISUSE);
    const cleat_error *error = cleat_registry_error(sample->registry);
    assert_string_equal(error->database, "c");
    assert_non_null(strstr(error->text, "open it on c"));
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, sample_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(links_and_settings_attach_in_order_of_name),
        TEST(a_session_can_be_opened_over_what_a_setting_attaches),
        TEST(more_than_nine_are_refused_with_the_setting_that_asked),
        TEST(a_schema_with_more_than_nine_links_is_refused),
        TEST(a_setting_that_names_no_database_is_refused),
        TEST(a_missing_file_is_an_error_that_can_be_tried_again),
        TEST(every_attached_database_has_its_own_pragmas),
        TEST(orphans_are_found_with_their_first_keys),
        TEST(a_setting_reports_orphans_at_the_start),
        TEST(a_group_is_brought_to_disk),
        TEST(a_group_has_rollback_journals_and_no_intents),
        TEST(a_file_with_a_log_joins_a_group),
        TEST(a_mixture_that_cannot_be_whole_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
