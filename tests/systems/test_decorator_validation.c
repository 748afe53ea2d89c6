/* test_decorator_validation.c: decorated functions and what passes over them found: digests as
 * blobs of one length, checks that compare columns, results keyed by run and function. */
#include <standard/decorator_validation/db_models.cleat.h>

#include "tables.h"

static decorator_validation_decorated_functions_row
new_function(void)
{
    decorator_validation_decorated_functions_row row =
        decorator_validation_decorated_functions_defaults();
    row.module_id = new_name("core.scheduler");
    row.qualified_name = new_name("core.scheduler.run");
    row.decorator = new_name("service_method");
    row.arguments = new_json("timeout");
    row.source_path = new_text("core/scheduler/run.py");
    row.source_line = new_number();
    row.source_digest = new_bytes(32);
    row.last_seen_at = new_time();
    return row;
}

UNIQUE_KEY(decorator_validation_decorated_functions, qualified_name_and_decorator,
           r->qualified_name, r->decorator)
INDEX_KEY(decorator_validation_decorated_functions, qualified_name, r->qualified_name)
INDEX_KEY(decorator_validation_decorated_functions, module_id, r->module_id)
TABLE_CALLS(decorator_validation_decorated_functions, function, "", (r->id),
            &decorator_validation_decorated_functions_by_qualified_name_and_decorator,
            &decorator_validation_decorated_functions_by_qualified_name,
            &decorator_validation_decorated_functions_by_module_id)

static decorator_validation_validation_runs_row
new_run(void)
{
    decorator_validation_validation_runs_row row = decorator_validation_validation_runs_defaults();
    row.started_at = new_time();
    row.has_finished_at = true;
    row.finished_at = new_time();
    row.has_outcome = true;
    row.outcome = (enum validation_outcome)(new_number() % 3);
    row.tool_version = "0.9";
    return row;
}

INDEX_KEY(decorator_validation_validation_runs, started_at, r->started_at)
TABLE_CALLS(decorator_validation_validation_runs, run, "", (r->id),
            &decorator_validation_validation_runs_by_started_at)

static decorator_validation_validation_results_row
new_result(void)
{
    decorator_validation_validation_results_row row =
        decorator_validation_validation_results_defaults();
    row.run_id = stored_run().id;
    row.function_id = stored_function().id;
    row.outcome = VALIDATION_OUTCOME_FAILED;
    row.rule = new_name("timeout-missing");
    row.message = new_text("a service method needs a timeout");
    return row;
}

INDEX_KEY(decorator_validation_validation_results, run_id, r->run_id)
INDEX_KEY(decorator_validation_validation_results, function_id, r->function_id)
TABLE_CALLS(decorator_validation_validation_results, result, ",rule,message,",
            (r->run_id, r->function_id), &decorator_validation_validation_results_by_run_id,
            &decorator_validation_validation_results_by_function_id)

static const struct table_test *const tables[] = {
    &decorator_validation_decorated_functions_test,
    &decorator_validation_validation_runs_test,
    &decorator_validation_validation_results_test,
    NULL,
};

static const struct suite suite = {"decorator_validation", tables, NULL};

/* ---- what this database promises beside ---- */

static void
a_digest_has_32_bytes(void **state)
{
    (void)state;
    decorator_validation_decorated_functions_row row = new_function();
    row.source_digest = new_bytes(31);
    gives(CLEAT_CHECK, decorator_validation_decorated_functions_insert(session, &row));
    blames("decorated_functions", "source_digest");
    row.source_digest.data = NULL;
    gives(CLEAT_NOT_NULL, decorator_validation_decorated_functions_insert(session, &row));
    blames("decorated_functions", "source_digest");
}

static void
a_finding_says_what_was_broken(void **state)
{
    (void)state;
    decorator_validation_validation_results_row row = new_result();
    row.message = NULL;
    gives(CLEAT_CHECK, decorator_validation_validation_results_insert(session, &row));
    blames("validation_results", NULL);
    row.outcome = VALIDATION_OUTCOME_PASSED;
    row.rule = NULL;
    works(decorator_validation_validation_results_insert(session, &row));
}

static void
a_run_ends_with_an_outcome(void **state)
{
    (void)state;
    decorator_validation_validation_runs_row row = new_run();
    row.has_outcome = false;
    gives(CLEAT_CHECK, decorator_validation_validation_runs_insert(session, &row));
    row.has_finished_at = false;
    works(decorator_validation_validation_runs_insert(session, &row));
    row.has_finished_at = true;
    row.has_outcome = true;
    row.outcome = VALIDATION_OUTCOME_WARNED;
    works(decorator_validation_validation_runs_update(session, &row));
    works(cleat_session_commit(session));
    assert_string_equal(ask_file("decorator_validation", "SELECT outcome FROM validation_runs"),
                        "warned");
}

static void
results_go_with_their_run_and_with_their_function(void **state)
{
    (void)state;
    decorator_validation_validation_results_row one = stored_result();
    decorator_validation_validation_results_row other = stored_result();
    works(decorator_validation_validation_runs_delete(session, one.run_id));
    works(decorator_validation_decorated_functions_delete(session, other.function_id));
    gives(CLEAT_NOT_FOUND,
          decorator_validation_validation_results_exists(session, one.run_id, one.function_id));
    gives(CLEAT_NOT_FOUND,
          decorator_validation_validation_results_exists(session, other.run_id, other.function_id));
    works(decorator_validation_decorated_functions_exists(session, one.function_id));
    works(decorator_validation_validation_runs_exists(session, other.run_id));
}

static void
a_result_needs_its_run_and_its_function(void **state)
{
    (void)state;
    decorator_validation_validation_results_row row = new_result();
    int64_t run = row.run_id;
    row.run_id = 4711;
    gives(CLEAT_FOREIGN_KEY, decorator_validation_validation_results_insert(session, &row));
    row.run_id = run;
    row.function_id = 4711;
    gives(CLEAT_FOREIGN_KEY, decorator_validation_validation_results_insert(session, &row));
    blames("validation_results", NULL);
}

static void
ids_of_runs_are_never_used_again(void **state)
{
    (void)state;
    decorator_validation_validation_runs_row last = stored_run();
    works(decorator_validation_validation_runs_delete(session, last.id));
    restart("decorator_validation");
    assert_true(stored_run().id > last.id);
}

static void
arguments_are_an_empty_object_at_first(void **state)
{
    (void)state;
    decorator_validation_decorated_functions_row row =
        decorator_validation_decorated_functions_defaults();
    assert_string_equal(row.arguments, "{}");
    row = new_function();
    row.arguments = "timeout=3";
    gives(CLEAT_CHECK, decorator_validation_decorated_functions_insert(session, &row));
    blames("decorated_functions", "arguments");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(a_digest_has_32_bytes, suite),
        PROMISE(a_finding_says_what_was_broken, suite),
        PROMISE(a_run_ends_with_an_outcome, suite),
        PROMISE(results_go_with_their_run_and_with_their_function, suite),
        PROMISE(a_result_needs_its_run_and_its_function, suite),
        PROMISE(ids_of_runs_are_never_used_again, suite),
        PROMISE(arguments_are_an_empty_object_at_first, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
