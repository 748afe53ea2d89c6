/* test_log.c: the order of a start, as its log tells it and as SQLite sees it: every file has its
 * whole schema before any connection attaches another. */
#include <init_table.h>

#include "harness.h"

#include <stdio.h>

static const char *const databases[] = {
    "catalog",  "content", "decorator_validation", "framework", "pipeline", "semantic_core",
    "settings", "system",  "vector_operations",
};

static const char *const contents[] = {
    "14 tables from modules: catalog",
    "1 tables from modules: content",
    "3 tables from modules: standard.decorator_validation",
    "12 tables from modules: core.database, core.error_handler, core.scheduler, core.settings",
    ("15 tables from modules: pipeline.chunk, pipeline.document, pipeline.embedding, "
     "pipeline.query, pipeline.run, pipeline.source, pipeline.workspace"),
    "6 tables from modules: standard.semantic_core",
    "3 tables from modules: core.preferences",
    "8 tables from modules: connections",
    "4 tables from modules: standard.vector_operations",
};

enum { DATABASES = CLEAT_COUNT(databases) };

/* ---- the log ---- */

static void
check_line(size_t place, const char *text)
{
    assert_true(place < fixture.log_count);
    assert_string_equal(fixture.log[place], format("INFO - cleat.bootstrap - %s", text));
}

static void
check_log(const char *done, const char *summary)
{
    size_t line = 0;
    check_line(line++, "Bootstrap: Compiling database schema...");
    check_line(line++, format("Bootstrap: Checking %d databases...", DATABASES));
    for (size_t i = 0; i < DATABASES; i++)
        check_line(line++, format("%s: Database %s with %s", databases[i], done, contents[i]));
    check_line(line++, summary);
    check_line(line++, "Bootstrap: Database compilation complete");
    assert_int_equal(fixture.log_count, line);
}

static void
a_first_start_logs_what_it_creates(void **state)
{
    (void)state;
    boot();
    check_log("created",
              "Bootstrap: Created 9 complete databases: catalog, content, "
              "decorator_validation, framework, pipeline, semantic_core, settings, "
              "system, vector_operations");
}

static void
a_second_start_logs_what_it_verifies(void **state)
{
    (void)state;
    boot();
    shut();
    boot();
    check_log("verified", "Bootstrap: All 9 databases are already there");
}

static void
a_start_creates_only_what_is_missing(void **state)
{
    (void)state;
    boot();
    shut();
    assert_int_equal(remove(path_of("content")), 0);
    boot();
    assert_true(logged("content: Database created with 1 tables from modules: content"));
    assert_true(logged("catalog: Database verified with 14 tables from modules: catalog"));
    assert_true(logged("Bootstrap: Created 1 complete databases: content"));
    assert_true(info_of("content").created);
    assert_false(info_of("catalog").created);
}

static void
the_registry_says_what_the_log_says(void **state)
{
    (void)state;
    boot();
    assert_int_equal(cleat_registry_count(fixture.registry), DATABASES);
    for (size_t i = 0; i < DATABASES; i++) {
        cleat_database_info info = info_of(databases[i]);
        assert_true(info.created);
        assert_string_equal(info.path, path_of(databases[i]));
        assert_int_equal(strlen(info.revision), 12);
        assert_true(
            logged(format("%s: Database created with %zu tables", databases[i], info.table_count)));
    }
}

/* ---- the order ---- */

static void
run(sqlite3 *handle, const char *sql)
{
    if (sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
}

static bool
has_none(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    bool none = sqlite3_step(statement) == SQLITE_DONE;
    sqlite3_finalize(statement);
    return none;
}

/* Whether the file of a database has just what its statements make of an empty one. */
static bool
is_whole(const cleat_database *database)
{
    sqlite3 *handle;
    const char *path = path_of(database->name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    fclose(file);
    assert_int_equal(sqlite3_open(":memory:", &handle), SQLITE_OK);
    for (size_t i = 0; database->schema[i] != NULL; i++)
        run(handle, database->schema[i]);
    run(handle, format("ATTACH '%s' AS file", path));
    bool whole = has_none(handle,
                          "SELECT type, name, sql FROM main.sqlite_schema EXCEPT "
                          "SELECT type, name, sql FROM file.sqlite_schema") &&
                 has_none(handle,
                          "SELECT type, name, sql FROM file.sqlite_schema"
                          " WHERE tbl_name <> 'cleat_migrations' EXCEPT "
                          "SELECT type, name, sql FROM main.sqlite_schema");
    sqlite3_close(handle);
    return whole;
}

static size_t
count_whole(void)
{
    size_t count = 0;
    for (size_t i = 0; i < app_init_table.database_count; i++)
        count += is_whole(&app_init_table.databases[i]);
    return count;
}

/* Sees every statement of every connection in this process. At each ATTACH it looks at all files;
 * what it runs itself for that is not watched. */
static struct {
    bool on;
    int attached;
    size_t least_whole;
} watch;

static int
see_statement(unsigned kind, void *data, void *statement, void *sql)
{
    (void)kind;
    (void)data;
    (void)statement;
    if (!watch.on || sqlite3_strnicmp(sql, "ATTACH", 6) != 0)
        return 0;
    watch.on = false;
    size_t whole = count_whole();
    if (watch.attached++ == 0 || whole < watch.least_whole)
        watch.least_whole = whole;
    watch.on = true;
    return 0;
}

static int
see_connection(sqlite3 *handle, char **ret_error, const struct sqlite3_api_routines *routines)
{
    (void)ret_error;
    (void)routines;
    return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, see_statement, NULL);
}

static int
start_watching(void **state)
{
    memset(&watch, 0, sizeof watch);
    watch.on = true;
    if (sqlite3_auto_extension((void (*)(void))see_connection) != SQLITE_OK)
        return -1;
    return make_directory(state);
}

static int
stop_watching(void **state)
{
    int result = remove_directory(state);
    sqlite3_reset_auto_extension();
    watch.on = false;
    return result;
}

static void
every_file_is_whole_before_the_first_attach(void **state)
{
    (void)state;
    boot();
    assert_int_equal(watch.attached, 0);
    for (size_t i = 0; i < DATABASES; i++)
        work_on(databases[i]);
    assert_true(watch.attached > 0);
    assert_int_equal(watch.least_whole, DATABASES);
}

static void
a_file_that_is_new_is_whole_before_the_others_attach_it(void **state)
{
    (void)state;
    boot();
    work_on("catalog");
    shut();
    assert_int_equal(remove(path_of("content")), 0);
    memset(&watch, 0, sizeof watch);
    watch.on = true;
    boot();
    assert_int_equal(watch.attached, 0);
    work_on("catalog");
    assert_int_equal(watch.attached, 1);
    assert_int_equal(watch.least_whole, DATABASES);
}

static void
a_file_that_has_gone_is_an_error_and_not_made_anew(void **state)
{
    (void)state;
    boot();
    assert_int_equal(remove(path_of("content")), 0);
    gives(CLEAT_CANNOT_OPEN,
          cleat_session_open(fixture.registry, "catalog", CLEAT_WRITE, &session));
    assert_null(session);
    const cleat_error *error = cleat_registry_error(fixture.registry);
    assert_string_equal(error->database, "content");
    assert_non_null(strstr(error->text, path_of("content")));
    assert_null(fopen(path_of("content"), "rb"));
    gives(CLEAT_CANNOT_OPEN, cleat_session_open(fixture.registry, "content", CLEAT_READ, &session));
    assert_null(fopen(path_of("content"), "rb"));
    work_on("pipeline");
}

#define WATCHED(promise) cmocka_unit_test_setup_teardown(promise, start_watching, stop_watching)
#define LOGGED(promise) cmocka_unit_test_setup_teardown(promise, make_directory, remove_directory)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        LOGGED(a_first_start_logs_what_it_creates),
        LOGGED(a_second_start_logs_what_it_verifies),
        LOGGED(a_start_creates_only_what_is_missing),
        LOGGED(the_registry_says_what_the_log_says),
        WATCHED(every_file_is_whole_before_the_first_attach),
        WATCHED(a_file_that_is_new_is_whole_before_the_others_attach_it),
        LOGGED(a_file_that_has_gone_is_an_error_and_not_made_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
