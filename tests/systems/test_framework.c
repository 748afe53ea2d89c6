/* test_framework.c: the database that four core modules fill: modules with settings and logs,
 * errors with their documents, the scheduler, the history of settings. */
#include <core/database/db_models.cleat.h>
#include <core/error_handler/db_models.cleat.h>
#include <core/scheduler/db_models.cleat.h>
#include <core/settings/db_models.cleat.h>

#include "tables.h"

/* ---- core.database ---- */

static framework_modules_row
new_module(void)
{
    framework_modules_row row = framework_modules_defaults();
    row.module_id = new_name("core.module");
    row.name = new_text("Module");
    row.version = "1.4.0";
    row.description = new_text("what it does");
    row.enabled = new_number() % 2 == 0;
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

UNIQUE_KEY(framework_modules, module_id, r->module_id)
TABLE_CALLS(framework_modules, module, "", (r->id), &framework_modules_by_module_id)

static framework_module_settings_row
new_setting(void)
{
    framework_module_settings_row row = framework_module_settings_defaults();
    row.module_id = stored_module().id;
    row.key = new_name("log_level");
    row.value = new_text("debug");
    row.value_type = (enum setting_type)(new_number() % 5);
    row.description = new_text("how much is logged");
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

UNIQUE_KEY(framework_module_settings, module_id_and_key, r->module_id, r->key)
INDEX_KEY(framework_module_settings, module_id, r->module_id)
TABLE_CALLS(framework_module_settings, setting, "", (r->id),
            &framework_module_settings_by_module_id_and_key,
            &framework_module_settings_by_module_id)

static framework_module_logs_row
new_log(void)
{
    framework_module_logs_row row = framework_module_logs_defaults();
    row.module_id = stored_module().id;
    row.level = "WARNING";
    row.message = new_text("the disk is nearly full");
    row.details = new_json("free_mb");
    row.created_at = new_time();
    return row;
}

INDEX_KEY(framework_module_logs, module_id, r->module_id)
INDEX_KEY(framework_module_logs, module_id_and_created_at, r->module_id, r->created_at)
TABLE_CALLS(framework_module_logs, log, "", (r->id), &framework_module_logs_by_module_id,
            &framework_module_logs_by_module_id_and_created_at)

/* ---- core.error_handler ---- */

static framework_error_codes_row
new_error(void)
{
    framework_error_codes_row row = framework_error_codes_defaults();
    row.module_id = new_name("core.scheduler");
    row.code = new_name("TASK_LOST");
    row.first_seen = new_time();
    row.last_seen = new_time();
    row.count = new_number();
    row.locations = "[\"scheduler.c:17\", \"queue.c:4\"]";
    row.priority_score = 0.25 * (double)new_number();
    return row;
}

UNIQUE_KEY(framework_error_codes, module_id_and_code, r->module_id, r->code)
INDEX_KEY(framework_error_codes, module_id, r->module_id)
INDEX_KEY(framework_error_codes, priority_score, r->priority_score)
TABLE_CALLS(framework_error_codes, error, "", (r->id), &framework_error_codes_by_module_id_and_code,
            &framework_error_codes_by_module_id, &framework_error_codes_by_priority_score)

static framework_error_documents_row
new_document(void)
{
    framework_error_documents_row row = framework_error_documents_defaults();
    row.error_code_id = stored_error().id;
    row.title = new_text("Tasks that never end");
    row.what_it_means = new_text("a task has not reported");
    row.why_important = new_text("its results are missing");
    row.implementation = new_text("report in a cleanup handler");
    row.common_mistakes = new_text("returning early");
    row.related_patterns = "[\"heartbeat\"]";
    row.created_at = new_time();
    row.updated_at = new_time();
    row.status = (enum error_document_status)(new_number() % 3);
    return row;
}

INDEX_KEY(framework_error_documents, error_code_id, r->error_code_id)
TABLE_CALLS(framework_error_documents, document, "", (r->id),
            &framework_error_documents_by_error_code_id)

static framework_error_examples_row
new_example(void)
{
    framework_error_examples_row row = framework_error_examples_defaults();
    row.error_code_id = stored_error().id;
    row.message = new_text("task 4 is lost");
    row.module_id = new_name("core.scheduler");
    row.location = "scheduler.c:17";
    row.context = new_json("task");
    row.timestamp_ = new_time();
    return row;
}

INDEX_KEY(framework_error_examples, error_code_id, r->error_code_id)
TABLE_CALLS(framework_error_examples, example, "", (r->id),
            &framework_error_examples_by_error_code_id)

/* ---- core.scheduler ---- */

static framework_scheduler_events_row
new_event(void)
{
    framework_scheduler_events_row row = framework_scheduler_events_defaults();
    row.name = new_text("nightly backup");
    row.description = new_text("keeps seven of them");
    row.module_id = new_name("core.settings");
    row.function_name = new_name("backup");
    row.parameters = new_json("keep");
    row.created_at = new_time();
    row.updated_at = new_time();
    row.recurring = true;
    row.has_interval_type = true;
    row.interval_type = (enum scheduler_interval)(new_number() % 5);
    row.has_interval_value = true;
    row.interval_value = new_number();
    row.next_execution = new_time();
    row.status = (enum scheduler_status)(new_number() % 5);
    row.has_last_execution = true;
    row.last_execution = new_time();
    row.execution_count = new_number();
    row.has_max_executions = true;
    row.max_executions = new_number();
    row.last_error = new_text("no space left");
    return row;
}

INDEX_KEY(framework_scheduler_events, module_id, r->module_id)
TABLE_CALLS(framework_scheduler_events, event, ",interval_type,interval_value,", (r->id),
            &framework_scheduler_events_by_module_id)

static framework_scheduler_executions_row
new_execution(void)
{
    framework_scheduler_executions_row row = framework_scheduler_executions_defaults();
    row.has_event_id = true;
    copy_id(row.event_id, stored_event().id);
    row.start_time = new_time();
    row.has_end_time = true;
    row.end_time = new_time();
    row.has_success = true;
    row.success = new_number() % 2 == 0;
    row.result = new_json("kept");
    row.error = new_text("none");
    row.trace_session_id = new_name("trace");
    return row;
}

INDEX_KEY(framework_scheduler_executions, event_id, r->event_id)
INDEX_KEY(framework_scheduler_executions, event_id_and_start_time, r->event_id, r->start_time)
TABLE_CALLS(framework_scheduler_executions, execution, "", (r->id),
            &framework_scheduler_executions_by_event_id,
            &framework_scheduler_executions_by_event_id_and_start_time)

static framework_scheduler_cleanup_configs_row
new_cleanup(void)
{
    framework_scheduler_cleanup_configs_row row = framework_scheduler_cleanup_configs_defaults();
    row.directory = new_text("/var/tmp/\"cache\"");
    row.pattern = "*.tmp";
    row.has_retention_days = true;
    row.retention_days = new_number();
    row.has_max_files = true;
    row.max_files = new_number();
    row.has_max_size_mb = true;
    row.max_size_mb = INT64_MAX - new_number();
    row.priority = -new_number();
    row.description = new_text("old files");
    row.module_id = new_name("core.scheduler");
    row.created_at = new_time();
    row.updated_at = new_time();
    row.has_last_run = true;
    row.last_run = new_time();
    return row;
}

INDEX_KEY(framework_scheduler_cleanup_configs, module_id, r->module_id)
TABLE_CALLS(framework_scheduler_cleanup_configs, cleanup, "", (r->id),
            &framework_scheduler_cleanup_configs_by_module_id)

/* ---- core.settings ---- */

static framework_settings_backups_row
new_backup(void)
{
    framework_settings_backups_row row = framework_settings_backups_defaults();
    row.date_created = new_time();
    row.version = "2.0.1";
    row.settings_data = new_json("log_level");
    row.description = new_text("before the update");
    return row;
}

INDEX_KEY(framework_settings_backups, date_created, r->date_created)
TABLE_CALLS(framework_settings_backups, backup, "", (r->id),
            &framework_settings_backups_by_date_created)

static framework_settings_events_row
new_change(void)
{
    framework_settings_events_row row = framework_settings_events_defaults();
    row.date_created = new_time();
    row.module_id = new_name("core.settings");
    row.setting_key = new_name("log_level");
    row.old_value = "null";
    row.new_value = new_json("level");
    row.source = new_text("web page");
    return row;
}

INDEX_KEY(framework_settings_events, module_id, r->module_id)
INDEX_KEY(framework_settings_events, module_id_and_date_created, r->module_id, r->date_created)
TABLE_CALLS(framework_settings_events, change, "", (r->id), &framework_settings_events_by_module_id,
            &framework_settings_events_by_module_id_and_date_created)

static framework_scheduled_backups_row
new_plan(void)
{
    framework_scheduled_backups_row row = framework_scheduled_backups_defaults();
    row.date_created = new_time();
    row.next_backup_time = new_time();
    row.frequency_days = new_number();
    row.retention_count = new_number();
    row.enabled = new_number() % 2 == 0;
    row.last_error = new_text("no space left");
    return row;
}

TABLE_CALLS(framework_scheduled_backups, plan, "", (r->id), NULL)

static const struct table_test *const tables[] = {
    &framework_modules_test,
    &framework_module_settings_test,
    &framework_module_logs_test,
    &framework_error_codes_test,
    &framework_error_documents_test,
    &framework_error_examples_test,
    &framework_scheduler_events_test,
    &framework_scheduler_executions_test,
    &framework_scheduler_cleanup_configs_test,
    &framework_settings_backups_test,
    &framework_settings_events_test,
    &framework_scheduled_backups_test,
    NULL,
};

static const struct suite suite = {"framework", tables, NULL};

/* ---- what this database promises beside ---- */

static void
defaults_are_those_of_the_schema(void **state)
{
    (void)state;
    int64_t before = cleat_now();
    framework_modules_row module = framework_modules_defaults();
    framework_error_codes_row error = framework_error_codes_defaults();
    framework_scheduler_events_row event = framework_scheduler_events_defaults();
    assert_true(module.enabled);
    assert_int_equal(module.id, 0);
    assert_true(module.created_at >= before && module.updated_at >= before);
    assert_null(module.name);
    assert_string_equal(error.locations, "[]");
    assert_string_equal(event.parameters, "{}");
    assert_int_equal(event.status, SCHEDULER_STATUS_PENDING);
    assert_int_equal(strlen(event.id), 36);
    assert_false(event.has_interval_type);
    assert_int_equal(framework_scheduler_cleanup_configs_defaults().priority, 100);
    assert_string_equal(framework_scheduler_cleanup_configs_defaults().pattern, "*");
}

/* Rows that another program adds with SQL alone get the same defaults. */
static void
sql_has_the_same_defaults(void **state)
{
    (void)state;
    framework_modules_row row = framework_modules_defaults();
    int64_t before = cleat_now() / 1000 * 1000;
    works(cleat_session_execute(session,
                                "INSERT INTO framework.modules (module_id, name) "
                                "VALUES ('core.other', 'Other')"));
    works(framework_modules_get_by_module_id(session, "core.other", &row));
    assert_true(row.enabled);
    assert_true(row.created_at >= before && row.created_at <= cleat_now());
    assert_null(row.version);
    framework_modules_clear(&row);
}

static void
a_text_that_must_be_there_is_demanded(void **state)
{
    (void)state;
    framework_modules_row row = new_module();
    row.name = NULL;
    gives(CLEAT_NOT_NULL, framework_modules_insert(session, &row));
    blames("modules", "name");
    row = stored_module();
    row.module_id = NULL;
    gives(CLEAT_NOT_NULL, framework_modules_update(session, &row));
    blames("modules", "module_id");
}

static void
a_text_may_have_its_length_and_no_more(void **state)
{
    (void)state;
    framework_modules_row row = new_module();
    row.module_id = long_text(101);
    gives(CLEAT_CHECK, framework_modules_insert(session, &row));
    blames("modules", "module_id");
    row.module_id = long_text(100);
    works(framework_modules_insert(session, &row));
}

static void
a_check_of_a_column_refuses_the_value(void **state)
{
    (void)state;
    framework_error_codes_row error = new_error();
    framework_scheduled_backups_row plan = new_plan();
    error.count = -1;
    gives(CLEAT_CHECK, framework_error_codes_insert(session, &error));
    blames("error_codes", "count");
    plan.frequency_days = 0;
    gives(CLEAT_CHECK, framework_scheduled_backups_insert(session, &plan));
    blames("scheduled_backups", "frequency_days");
}

static void
a_check_of_the_row_compares_its_columns(void **state)
{
    (void)state;
    framework_error_codes_row error = new_error();
    framework_scheduler_events_row event = new_event();
    framework_scheduler_executions_row execution = new_execution();
    error.last_seen = error.first_seen - 1;
    gives(CLEAT_CHECK, framework_error_codes_insert(session, &error));
    blames("error_codes", NULL);
    event.has_interval_value = false;
    gives(CLEAT_CHECK, framework_scheduler_events_insert(session, &event));
    event.recurring = false;
    works(framework_scheduler_events_insert(session, &event));
    execution.end_time = execution.start_time - 1;
    gives(CLEAT_CHECK, framework_scheduler_executions_insert(session, &execution));
}

static void
an_enum_is_stored_as_its_label_and_nothing_else_is(void **state)
{
    (void)state;
    framework_module_settings_row row = new_setting();
    row.value_type = (enum setting_type)17;
    gives(CLEAT_CHECK, framework_module_settings_insert(session, &row));
    row.value_type = SETTING_TYPE_FLOAT;
    works(framework_module_settings_insert(session, &row));
    gives(CLEAT_CHECK, cleat_session_execute(
                           session, "UPDATE framework.module_settings SET value_type = 'double'"));
    works(cleat_session_commit(session));
    assert_string_equal(ask_file("framework", "SELECT value_type FROM module_settings"), "float");
}

static void
json_must_be_json(void **state)
{
    (void)state;
    framework_settings_backups_row row = new_backup();
    row.settings_data = "{\"log_level\": ";
    gives(CLEAT_CHECK, framework_settings_backups_insert(session, &row));
    blames("settings_backups", "settings_data");
}

static void
a_setting_needs_its_module(void **state)
{
    (void)state;
    framework_module_settings_row row = new_setting();
    row.module_id = 4711;
    gives(CLEAT_FOREIGN_KEY, framework_module_settings_insert(session, &row));
    blames("module_settings", NULL);
}

static void
a_module_with_settings_stays(void **state)
{
    (void)state;
    framework_module_settings_row row = stored_setting();
    gives(CLEAT_FOREIGN_KEY, framework_modules_delete(session, row.module_id));
    works(framework_modules_exists(session, row.module_id));
    works(framework_module_settings_delete(session, row.id));
    works(framework_modules_delete(session, row.module_id));
}

static void
an_error_takes_its_documents_along(void **state)
{
    (void)state;
    framework_error_documents_row document = stored_document();
    framework_error_examples_row example = new_example();
    example.error_code_id = document.error_code_id;
    works(framework_error_examples_insert(session, &example));
    works(framework_error_codes_delete(session, document.error_code_id));
    gives(CLEAT_NOT_FOUND, framework_error_documents_exists(session, document.id));
    gives(CLEAT_NOT_FOUND, framework_error_examples_exists(session, example.id));
}

static void
ids_of_logs_are_never_used_again(void **state)
{
    (void)state;
    framework_module_logs_row last = stored_log();
    framework_modules_row module = stored_module();
    works(framework_module_logs_delete(session, last.id));
    works(framework_modules_delete(session, module.id));
    restart("framework");
    assert_true(stored_log().id > last.id);
    assert_int_equal(stored_module().id, module.id + 1);
    assert_string_equal(ask_file("framework",
                                 "SELECT group_concat(name) FROM (SELECT name FROM "
                                 "sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' "
                                 "ORDER BY name)"),
                        "module_logs,scheduler_executions,settings_events");
}

static void
logs_are_listed_with_the_newest_first(void **state)
{
    (void)state;
    framework_module_logs_row log = stored_log();
    int64_t module = log.module_id;
    for (int i = 0; i < 5; i++) {
        log = new_log();
        log.module_id = module;
        works(framework_module_logs_insert(session, &log));
    }
    cleat_cursor cursor;
    int64_t last = INT64_MAX;
    int count = 0;
    works(framework_module_logs_list_by_module_id(session, module, &cursor));
    for (; framework_module_logs_next(&cursor, &log) == CLEAT_ROW; count++) {
        assert_true(log.created_at < last);
        last = log.created_at;
    }
    assert_int_equal(count, 6);
}

/* A column named like a type of the schema language: timestamp_ in C, "timestamp" in SQL. */
static void
a_renamed_column_has_its_name_in_sql(void **state)
{
    (void)state;
    framework_error_examples_row row = stored_example();
    works(cleat_session_commit(session));
    assert_string_equal(ask_file("framework", "SELECT timestamp FROM error_examples"),
                        format("%lld", (long long)row.timestamp_));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(defaults_are_those_of_the_schema, suite),
        PROMISE(sql_has_the_same_defaults, suite),
        PROMISE(a_text_that_must_be_there_is_demanded, suite),
        PROMISE(a_text_may_have_its_length_and_no_more, suite),
        PROMISE(a_check_of_a_column_refuses_the_value, suite),
        PROMISE(a_check_of_the_row_compares_its_columns, suite),
        PROMISE(an_enum_is_stored_as_its_label_and_nothing_else_is, suite),
        PROMISE(json_must_be_json, suite),
        PROMISE(a_setting_needs_its_module, suite),
        PROMISE(a_module_with_settings_stays, suite),
        PROMISE(an_error_takes_its_documents_along, suite),
        PROMISE(ids_of_logs_are_never_used_again, suite),
        PROMISE(logs_are_listed_with_the_newest_first, suite),
        PROMISE(a_renamed_column_has_its_name_in_sql, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
