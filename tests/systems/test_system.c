/* test_system.c: connections to databases, what was learned from them, and conversations about
 * them: one default by a partial index, names without case, events that outlive their subject. */
#include <connections/db_models.cleat.h>

#include "tables.h"

static system_connections_row
new_connection(void)
{
    system_connections_row row = system_connections_defaults();
    row.name = new_name("Warehouse");
    row.type = (enum connection_type)(new_number() % 4);
    row.url_token = new_hash();
    row.key_id = "0a1b2c3d";
    row.host = new_text("db.example.org");
    row.has_port = true;
    row.port = 1 + new_number() % 65535;
    row.dbname = new_text("sales");
    row.user = new_text("zoe");
    row.is_active = true;
    row.is_default = false;
    row.tags = "[\"production\", \"slow\"]";
    row.description = new_text("orders and invoices");
    row.created_at = new_time();
    row.updated_at = new_time();
    row.has_last_ok_at = true;
    row.last_ok_at = new_time();
    row.last_error_code = "TIMEOUT";
    return row;
}

UNIQUE_KEY(system_connections, name, r->name)
INDEX_KEY(system_connections, key_id, r->key_id)
TABLE_CALLS(system_connections, connection, "", (r->id), &system_connections_by_name,
            &system_connections_by_key_id)

static system_connection_events_row
new_event(void)
{
    system_connection_events_row row = system_connection_events_defaults();
    copy_id(row.connection_id, stored_connection().id);
    row.ts = new_time();
    row.action = (enum connection_action)(new_number() % 6);
    row.actor = new_text("zoe");
    row.detail = new_json("changed");
    return row;
}

INDEX_KEY(system_connection_events, connection_id, r->connection_id)
INDEX_KEY(system_connection_events, connection_id_and_ts, r->connection_id, r->ts)
TABLE_CALLS(system_connection_events, event, "", (r->id),
            &system_connection_events_by_connection_id,
            &system_connection_events_by_connection_id_and_ts)

/* ---- profiles ---- */

static system_profiling_profiles_row
new_profile(void)
{
    system_profiling_profiles_row row = system_profiling_profiles_defaults();
    copy_id(row.connection_id, stored_connection().id);
    row.payload = new_json("tables");
    row.created_at = new_time();
    return row;
}

INDEX_KEY(system_profiling_profiles, connection_id, r->connection_id)
INDEX_KEY(system_profiling_profiles, connection_id_and_created_at, r->connection_id, r->created_at)
TABLE_CALLS(system_profiling_profiles, profile, "", (r->profile_id),
            &system_profiling_profiles_by_connection_id,
            &system_profiling_profiles_by_connection_id_and_created_at)

static system_profiling_jobs_row
new_job(void)
{
    system_profiling_jobs_row row = system_profiling_jobs_defaults();
    copy_id(row.connection_id, stored_connection().id);
    row.status = (enum job_status)(new_number() % 4);
    row.progress = new_json("percent");
    row.error = new_text("no answer");
    row.has_profile_id = true;
    row.profile_id = stored_profile().profile_id;
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

INDEX_KEY(system_profiling_jobs, connection_id, r->connection_id)
INDEX_KEY(system_profiling_jobs, status, r->status)
INDEX_KEY(system_profiling_jobs, profile_id, &r->profile_id)
TABLE_CALLS(system_profiling_jobs, job, "", (r->job_id), &system_profiling_jobs_by_connection_id,
            &system_profiling_jobs_by_status, &system_profiling_jobs_by_profile_id)

static system_pending_datapoints_row
new_datapoint(void)
{
    system_pending_datapoints_row row = system_pending_datapoints_defaults();
    row.profile_id = stored_profile().profile_id;
    row.datapoint = new_json("column");
    row.confidence = 1.0 / (double)new_number();
    row.status = (enum datapoint_status)(new_number() % 3);
    row.created_at = new_time();
    row.has_reviewed_at = true;
    row.reviewed_at = new_time();
    row.review_note = new_text("looks right");
    return row;
}

INDEX_KEY(system_pending_datapoints, profile_id, r->profile_id)
INDEX_KEY(system_pending_datapoints, profile_id_and_status, r->profile_id, r->status)
TABLE_CALLS(system_pending_datapoints, datapoint, ",reviewed_at,", (r->pending_id),
            &system_pending_datapoints_by_profile_id,
            &system_pending_datapoints_by_profile_id_and_status)

static system_datapoint_generation_jobs_row
new_generation(void)
{
    system_datapoint_generation_jobs_row row = system_datapoint_generation_jobs_defaults();
    row.profile_id = stored_profile().profile_id;
    row.status = (enum job_status)(new_number() % 4);
    row.progress = new_json("percent");
    row.error = new_text("no answer");
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

INDEX_KEY(system_datapoint_generation_jobs, profile_id, r->profile_id)
INDEX_KEY(system_datapoint_generation_jobs, status, r->status)
TABLE_CALLS(system_datapoint_generation_jobs, generation, "", (r->job_id),
            &system_datapoint_generation_jobs_by_profile_id,
            &system_datapoint_generation_jobs_by_status)

/* ---- the user interface ---- */

static system_ui_conversations_row
new_conversation(void)
{
    system_ui_conversations_row row = system_ui_conversations_defaults();
    row.frontend_session_id = new_name("session");
    row.title = new_text("Sales in spring");
    row.has_target_database_id = true;
    copy_id(row.target_database_id, stored_connection().id);
    row.conversation_id = new_name("conversation");
    row.session_summary = new_text("about sales");
    row.session_state = new_json("open");
    row.messages = "[{\"role\": \"user\", \"text\": \"how much?\"}]";
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

INDEX_KEY(system_ui_conversations, target_database_id, r->target_database_id)
INDEX_KEY(system_ui_conversations, conversation_id, r->conversation_id)
INDEX_KEY(system_ui_conversations, updated_at, r->updated_at)
TABLE_CALLS(system_ui_conversations, conversation, "", (r->frontend_session_id),
            &system_ui_conversations_by_target_database_id,
            &system_ui_conversations_by_conversation_id, &system_ui_conversations_by_updated_at)

static system_ui_feedback_row
new_feedback(void)
{
    system_ui_feedback_row row = system_ui_feedback_defaults();
    row.category = "answer";
    row.sentiment = "positive";
    row.message = new_text("just what I needed");
    row.context = new_json("page");
    row.conversation_id = new_name("conversation");
    row.message_id = new_name("message");
    row.has_target_database_id = true;
    copy_id(row.target_database_id, stored_connection().id);
    row.answer_source = "sql";
    row.has_answer_confidence = true;
    row.answer_confidence = 1.0 / (double)new_number();
    row.created_at = new_time();
    return row;
}

INDEX_KEY(system_ui_feedback, target_database_id, r->target_database_id)
INDEX_KEY(system_ui_feedback, created_at, r->created_at)
TABLE_CALLS(system_ui_feedback, feedback, "", (r->feedback_id),
            &system_ui_feedback_by_target_database_id, &system_ui_feedback_by_created_at)

static const struct table_test *const tables[] = {
    &system_connections_test,
    &system_connection_events_test,
    &system_profiling_profiles_test,
    &system_profiling_jobs_test,
    &system_pending_datapoints_test,
    &system_datapoint_generation_jobs_test,
    &system_ui_conversations_test,
    &system_ui_feedback_test,
    NULL,
};

static const struct suite suite = {"system", tables, NULL};

/* ---- what this database promises beside ---- */

static void
at_most_one_connection_is_the_default(void **state)
{
    (void)state;
    system_connections_row one = new_connection();
    system_connections_row other = new_connection();
    one.is_default = other.is_default = true;
    works(system_connections_insert(session, &one));
    gives(CLEAT_CONFLICT, system_connections_insert(session, &other));
    blames("connections", "is_default");
    one.is_default = false;
    works(system_connections_update(session, &one));
    works(system_connections_insert(session, &other));
    stored_connection();
    stored_connection();
}

static void
a_default_connection_is_active(void **state)
{
    (void)state;
    system_connections_row row = new_connection();
    row.is_default = true;
    row.is_active = false;
    gives(CLEAT_CHECK, system_connections_insert(session, &row));
    row.is_default = false;
    works(system_connections_insert(session, &row));
}

static void
names_of_connections_know_no_case(void **state)
{
    (void)state;
    system_connections_row row = new_connection();
    system_connections_row copy = system_connections_defaults();
    row.name = "Warehouse";
    works(system_connections_insert(session, &row));
    works(system_connections_get_by_name(session, "WAREHOUSE", &copy));
    assert_string_equal(copy.name, "Warehouse");
    system_connections_clear(&copy);
    row = new_connection();
    row.name = "warehouse";
    gives(CLEAT_CONFLICT, system_connections_insert(session, &row));
    blames("connections", "name");
}

static void
a_port_is_a_port_and_tags_are_a_list(void **state)
{
    (void)state;
    system_connections_row row = new_connection();
    row.port = 65536;
    gives(CLEAT_CHECK, system_connections_insert(session, &row));
    blames("connections", "port");
    row.port = 65535;
    row.tags = "{}";
    gives(CLEAT_CHECK, system_connections_insert(session, &row));
    blames("connections", "tags");
    row.tags = "[]";
    row.key_id = "0a1b2c3d4e";
    gives(CLEAT_CHECK, system_connections_insert(session, &row));
    blames("connections", "key_id");
}

static void
a_connection_takes_its_profiles_and_their_jobs_along(void **state)
{
    (void)state;
    system_pending_datapoints_row datapoint = stored_datapoint();
    system_profiling_profiles_row profile = system_profiling_profiles_defaults();
    system_datapoint_generation_jobs_row job = new_generation();
    job.profile_id = datapoint.profile_id;
    works(system_datapoint_generation_jobs_insert(session, &job));
    works(system_profiling_profiles_get(session, datapoint.profile_id, &profile));
    works(system_connections_delete(session, profile.connection_id));
    gives(CLEAT_NOT_FOUND, system_profiling_profiles_exists(session, profile.profile_id));
    gives(CLEAT_NOT_FOUND, system_pending_datapoints_exists(session, datapoint.pending_id));
    gives(CLEAT_NOT_FOUND, system_datapoint_generation_jobs_exists(session, job.job_id));
    system_profiling_profiles_clear(&profile);
}

static void
what_people_wrote_outlives_the_connection(void **state)
{
    (void)state;
    system_ui_conversations_row conversation = stored_conversation();
    system_ui_feedback_row feedback = new_feedback();
    copy_id(feedback.target_database_id, conversation.target_database_id);
    works(system_ui_feedback_insert(session, &feedback));
    works(system_connections_delete(session, conversation.target_database_id));
    works(system_ui_conversations_get(session, conversation.frontend_session_id, &conversation));
    works(system_ui_feedback_get(session, feedback.feedback_id, &feedback));
    assert_false(conversation.has_target_database_id);
    assert_false(feedback.has_target_database_id);
    system_ui_conversations_clear(&conversation);
    system_ui_feedback_clear(&feedback);
}

static void
events_outlive_their_connection(void **state)
{
    (void)state;
    system_connection_events_row event = stored_event();
    works(system_connections_delete(session, event.connection_id));
    works(system_connection_events_exists(session, event.id));
}

static void
a_profile_that_goes_is_forgotten_by_its_job(void **state)
{
    (void)state;
    system_profiling_jobs_row job = stored_job();
    works(system_profiling_profiles_delete(session, job.profile_id));
    works(system_profiling_jobs_get(session, job.job_id, &job));
    assert_false(job.has_profile_id);
    copy_id(job.connection_id, "01J00000000000000000000000");
    gives(CLEAT_FOREIGN_KEY, system_profiling_jobs_update(session, &job));
    blames("profiling_jobs", NULL);
    system_profiling_jobs_clear(&job);
}

static void
a_decision_has_its_time_and_confidence_its_range(void **state)
{
    (void)state;
    system_pending_datapoints_row row = new_datapoint();
    row.status = DATAPOINT_STATUS_APPROVED;
    row.has_reviewed_at = false;
    gives(CLEAT_CHECK, system_pending_datapoints_insert(session, &row));
    row.status = DATAPOINT_STATUS_PENDING;
    row.confidence = 1.01;
    gives(CLEAT_CHECK, system_pending_datapoints_insert(session, &row));
    blames("pending_datapoints", "confidence");
    row.confidence = 1.0;
    works(system_pending_datapoints_insert(session, &row));
}

static void
the_latest_profile_is_listed_first(void **state)
{
    (void)state;
    cleat_cursor cursor;
    system_profiling_profiles_row row = stored_profile();
    const int64_t first = row.created_at;
    char connection[27];
    copy_id(connection, row.connection_id);
    row = new_profile();
    copy_id(row.connection_id, connection);
    works(system_profiling_profiles_insert(session, &row));
    works(system_profiling_profiles_list_by_connection_id(session, connection, &cursor));
    gives(CLEAT_ROW, system_profiling_profiles_next(&cursor, &row));
    assert_true(row.created_at > first);
    gives(CLEAT_ROW, system_profiling_profiles_next(&cursor, &row));
    assert_int_equal(row.created_at, first);
    cleat_cursor_close(&cursor);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(at_most_one_connection_is_the_default, suite),
        PROMISE(a_default_connection_is_active, suite),
        PROMISE(names_of_connections_know_no_case, suite),
        PROMISE(a_port_is_a_port_and_tags_are_a_list, suite),
        PROMISE(a_connection_takes_its_profiles_and_their_jobs_along, suite),
        PROMISE(what_people_wrote_outlives_the_connection, suite),
        PROMISE(events_outlive_their_connection, suite),
        PROMISE(a_profile_that_goes_is_forgotten_by_its_job, suite),
        PROMISE(a_decision_has_its_time_and_confidence_its_range, suite),
        PROMISE(the_latest_profile_is_listed_first, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
