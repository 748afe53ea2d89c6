/* test_pipeline.c: seven modules that share one database: workspaces, sources, documents, chunks,
 * embeddings, queries and runs, all with ULIDs for keys, from content to what a model answered. */
#include <pipeline/chunk/db_models.cleat.h>
#include <pipeline/document/db_models.cleat.h>
#include <pipeline/embedding/db_models.cleat.h>
#include <pipeline/query/db_models.cleat.h>
#include <pipeline/run/db_models.cleat.h>
#include <pipeline/source/db_models.cleat.h>
#include <pipeline/workspace/db_models.cleat.h>

#include "tables.h"

static pipeline_workspaces_row
new_workspace(void)
{
    pipeline_workspaces_row row = pipeline_workspaces_defaults();
    row.name = new_text("research");
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

UNIQUE_KEY(pipeline_workspaces, name, r->name)
TABLE_CALLS(pipeline_workspaces, workspace, "", (r->id), &pipeline_workspaces_by_name)

/* ---- sources ---- */

static pipeline_sources_row
new_source(void)
{
    pipeline_sources_row row = pipeline_sources_defaults();
    copy_id(row.workspace_id, stored_workspace().id);
    row.title = new_text("A paper");
    row.source_type = (enum source_type)(new_number() % 3);
    row.external_ref = new_text("https://example.org/paper.pdf");
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

INDEX_KEY(pipeline_sources, workspace_id, r->workspace_id)
TABLE_CALLS(pipeline_sources, source, "", (r->id), &pipeline_sources_by_workspace_id)

static pipeline_source_versions_row
new_version(void)
{
    pipeline_source_versions_row row = pipeline_source_versions_defaults();
    copy_id(row.source_id, stored_source().id);
    row.content_sha256 = new_hash();
    row.mime_type = "application/pdf";
    row.has_size_bytes = true;
    row.size_bytes = ((int64_t)1 << 40) + new_number();
    row.storage_uri = new_text("file:///var/blobs/");
    row.ingested_at = new_time();
    row.ingest_meta_json = new_json("pages");
    return row;
}

UNIQUE_KEY(pipeline_source_versions, content_sha256, r->content_sha256)
INDEX_KEY(pipeline_source_versions, source_id, r->source_id)
TABLE_CALLS(pipeline_source_versions, version, "", (r->id),
            &pipeline_source_versions_by_content_sha256, &pipeline_source_versions_by_source_id)

static pipeline_source_version_links_row
new_version_link(void)
{
    pipeline_source_version_links_row row = pipeline_source_version_links_defaults();
    copy_id(row.source_id, stored_source().id);
    copy_id(row.source_version_id, stored_version().id);
    row.linked_at = new_time();
    return row;
}

INDEX_KEY(pipeline_source_version_links, source_id, r->source_id)
INDEX_KEY(pipeline_source_version_links, source_version_id, r->source_version_id)
TABLE_CALLS(pipeline_source_version_links, version_link, "", (r->source_id, r->source_version_id),
            &pipeline_source_version_links_by_source_id,
            &pipeline_source_version_links_by_source_version_id)

/* ---- documents, chunks, embeddings ---- */

static pipeline_documents_row
new_document(void)
{
    pipeline_documents_row row = pipeline_documents_defaults();
    copy_id(row.source_version_id, stored_version().id);
    row.extractor = new_name("pdf");
    row.extractor_version = new_name("2");
    row.language = "pt-BR";
    row.structure_json_uri = new_text("file:///var/structure/");
    row.plain_text_uri = new_text("file:///var/text/");
    row.stats_json = new_json("words");
    return row;
}

UNIQUE_KEY(pipeline_documents, source_version_id_and_extractor_and_extractor_version,
           r->source_version_id, r->extractor, r->extractor_version)
INDEX_KEY(pipeline_documents, source_version_id, r->source_version_id)
INDEX_KEY(pipeline_documents, source_version_id_and_extractor, r->source_version_id, r->extractor)
TABLE_CALLS(pipeline_documents, document, "", (r->id),
            &pipeline_documents_by_source_version_id_and_extractor_and_extractor_version,
            &pipeline_documents_by_source_version_id,
            &pipeline_documents_by_source_version_id_and_extractor)

static pipeline_chunks_row
new_chunk(void)
{
    pipeline_chunks_row row = pipeline_chunks_defaults();
    copy_id(row.document_id, stored_document().id);
    row.chunk_index = new_number();
    row.chunk_hash = new_hash();
    row.text_ = new_text("Mix the flour with water.");
    row.text_uri = new_text("file:///var/chunks/");
    row.has_start_char = true;
    row.start_char = new_number();
    row.has_end_char = true;
    row.end_char = new_number();
    row.has_page_start = true;
    row.page_start = new_number();
    row.has_page_end = true;
    row.page_end = new_number();
    row.meta_json = new_json("heading");
    return row;
}

UNIQUE_KEY(pipeline_chunks, document_id_and_chunk_hash, r->document_id, r->chunk_hash)
UNIQUE_KEY(pipeline_chunks, document_id_and_chunk_index, r->document_id, r->chunk_index)
INDEX_KEY(pipeline_chunks, document_id, r->document_id)
INDEX_KEY(pipeline_chunks, chunk_hash, r->chunk_hash)
TABLE_CALLS(pipeline_chunks, chunk, ",text,", (r->id),
            &pipeline_chunks_by_document_id_and_chunk_hash,
            &pipeline_chunks_by_document_id_and_chunk_index, &pipeline_chunks_by_document_id,
            &pipeline_chunks_by_chunk_hash)

static pipeline_embedding_sets_row
new_embedding_set(void)
{
    pipeline_embedding_sets_row row = pipeline_embedding_sets_defaults();
    copy_id(row.workspace_id, stored_workspace().id);
    row.name = new_text("default");
    row.model = new_name("minilm");
    row.dims = 384 + new_number();
    row.distance = (enum embedding_distance)(new_number() % 3);
    row.qdrant_collection = new_name("research");
    row.created_at = new_time();
    return row;
}

UNIQUE_KEY(pipeline_embedding_sets, workspace_id_and_name, r->workspace_id, r->name)
INDEX_KEY(pipeline_embedding_sets, workspace_id, r->workspace_id)
TABLE_CALLS(pipeline_embedding_sets, embedding_set, "", (r->id),
            &pipeline_embedding_sets_by_workspace_id_and_name,
            &pipeline_embedding_sets_by_workspace_id)

static pipeline_chunk_embeddings_row
new_embedding(void)
{
    pipeline_chunk_embeddings_row row = pipeline_chunk_embeddings_defaults();
    copy_id(row.chunk_id, stored_chunk().id);
    copy_id(row.embedding_set_id, stored_embedding_set().id);
    row.qdrant_point_id = new_name("point");
    row.embedded_at = new_time();
    return row;
}

UNIQUE_KEY(pipeline_chunk_embeddings, chunk_id_and_embedding_set_id, r->chunk_id,
           r->embedding_set_id)
INDEX_KEY(pipeline_chunk_embeddings, chunk_id, r->chunk_id)
INDEX_KEY(pipeline_chunk_embeddings, embedding_set_id, r->embedding_set_id)
TABLE_CALLS(pipeline_chunk_embeddings, embedding, "", (r->id),
            &pipeline_chunk_embeddings_by_chunk_id_and_embedding_set_id,
            &pipeline_chunk_embeddings_by_chunk_id, &pipeline_chunk_embeddings_by_embedding_set_id)

/* ---- queries ---- */

static pipeline_queries_row
new_query(void)
{
    pipeline_queries_row row = pipeline_queries_defaults();
    copy_id(row.workspace_id, stored_workspace().id);
    row.ts = new_time();
    row.query_text = new_text("how do I bake bread?");
    row.has_embedding_set_id = true;
    copy_id(row.embedding_set_id, stored_embedding_set().id);
    row.top_k = new_number();
    row.filters_json = new_json("language");
    row.has_latency_ms = true;
    row.latency_ms = new_number();
    row.meta_json = new_json("user");
    return row;
}

INDEX_KEY(pipeline_queries, embedding_set_id, r->embedding_set_id)
INDEX_KEY(pipeline_queries, workspace_id, r->workspace_id)
INDEX_KEY(pipeline_queries, workspace_id_and_ts, r->workspace_id, r->ts)
TABLE_CALLS(pipeline_queries, query, "", (r->id), &pipeline_queries_by_embedding_set_id,
            &pipeline_queries_by_workspace_id, &pipeline_queries_by_workspace_id_and_ts)

static pipeline_query_results_row
new_query_result(void)
{
    pipeline_query_results_row row = pipeline_query_results_defaults();
    copy_id(row.query_id, stored_query().id);
    row.rank = new_number();
    copy_id(row.chunk_id, stored_chunk().id);
    row.score = 1.0 / (double)new_number();
    row.has_rerank_score = true;
    row.rerank_score = -1.0 / (double)new_number();
    return row;
}

UNIQUE_KEY(pipeline_query_results, query_id_and_rank, r->query_id, r->rank)
INDEX_KEY(pipeline_query_results, query_id, r->query_id)
INDEX_KEY(pipeline_query_results, chunk_id, r->chunk_id)
TABLE_CALLS(pipeline_query_results, query_result, "", (r->id),
            &pipeline_query_results_by_query_id_and_rank, &pipeline_query_results_by_query_id,
            &pipeline_query_results_by_chunk_id)

/* ---- runs ---- */

static pipeline_runs_row
new_run(void)
{
    pipeline_runs_row row = pipeline_runs_defaults();
    copy_id(row.workspace_id, stored_workspace().id);
    row.run_type = (enum run_type)(new_number() % 4);
    row.status = (enum run_status)(new_number() % 5);
    row.trigger = (enum run_trigger)(new_number() % 3);
    row.started_at = new_time();
    row.has_finished_at = true;
    row.finished_at = new_time();
    row.error_message = new_text("no space left");
    row.meta_json = new_json("sources");
    return row;
}

INDEX_KEY(pipeline_runs, status, r->status)
INDEX_KEY(pipeline_runs, workspace_id, r->workspace_id)
INDEX_KEY(pipeline_runs, workspace_id_and_started_at, r->workspace_id, r->started_at)
TABLE_CALLS(pipeline_runs, run, ",finished_at,", (r->id), &pipeline_runs_by_status,
            &pipeline_runs_by_workspace_id, &pipeline_runs_by_workspace_id_and_started_at)

static pipeline_run_items_row
new_item(void)
{
    pipeline_run_items_row row = pipeline_run_items_defaults();
    copy_id(row.run_id, stored_run().id);
    row.stage = (enum run_stage)(new_number() % 4);
    row.target_type = RUN_TARGET_DOCUMENT;
    copy_id(row.target_id, stored_document().id);
    row.status = (enum run_item_status)(new_number() % 5);
    row.error_message = new_text("no text layer");
    row.metrics_json = new_json("ms");
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

UNIQUE_KEY(pipeline_run_items, run_id_and_stage_and_target_type_and_target_id, r->run_id, r->stage,
           r->target_type, r->target_id)
INDEX_KEY(pipeline_run_items, run_id, r->run_id)
INDEX_KEY(pipeline_run_items, run_id_and_stage, r->run_id, r->stage)
INDEX_KEY(pipeline_run_items, run_id_and_stage_and_target_type, r->run_id, r->stage, r->target_type)
INDEX_KEY(pipeline_run_items, run_id_and_stage_and_status, r->run_id, r->stage, r->status)
INDEX_KEY(pipeline_run_items, target_type, r->target_type)
INDEX_KEY(pipeline_run_items, target_type_and_target_id, r->target_type, r->target_id)
TABLE_CALLS(pipeline_run_items, item, "", (r->id),
            &pipeline_run_items_by_run_id_and_stage_and_target_type_and_target_id,
            &pipeline_run_items_by_run_id, &pipeline_run_items_by_run_id_and_stage,
            &pipeline_run_items_by_run_id_and_stage_and_target_type,
            &pipeline_run_items_by_run_id_and_stage_and_status, &pipeline_run_items_by_target_type,
            &pipeline_run_items_by_target_type_and_target_id)

static pipeline_events_row
new_event(void)
{
    pipeline_events_row row = pipeline_events_defaults();
    copy_id(row.run_id, stored_run().id);
    row.ts = new_time();
    row.level = (enum event_level)(new_number() % 3);
    row.event_type = new_name("DOC_INGESTED");
    row.payload_json = new_json("document");
    return row;
}

INDEX_KEY(pipeline_events, event_type, r->event_type)
INDEX_KEY(pipeline_events, run_id, r->run_id)
INDEX_KEY(pipeline_events, run_id_and_ts, r->run_id, r->ts)
TABLE_CALLS(pipeline_events, event, "", (r->id), &pipeline_events_by_event_type,
            &pipeline_events_by_run_id, &pipeline_events_by_run_id_and_ts)

static pipeline_extract_runs_row
new_extract(void)
{
    pipeline_extract_runs_row row = pipeline_extract_runs_defaults();
    copy_id(row.workspace_id, stored_workspace().id);
    copy_id(row.source_version_id, stored_version().id);
    row.extractor = new_name("pdf");
    row.extractor_version = new_name("2");
    row.chunker_version = new_name("1");
    row.status = (enum run_status)(new_number() % 5);
    row.attempt = new_number();
    row.trace_id = new_name("trace");
    row.error_code = "NO_TEXT";
    row.error_message = new_text("no text layer");
    row.has_started_at = true;
    row.started_at = new_time();
    row.has_finished_at = true;
    row.finished_at = new_time();
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

UNIQUE_KEY(pipeline_extract_runs,
           workspace_id_and_source_version_id_and_extractor_and_extractor_version, r->workspace_id,
           r->source_version_id, r->extractor, r->extractor_version)
INDEX_KEY(pipeline_extract_runs, workspace_id, r->workspace_id)
INDEX_KEY(pipeline_extract_runs, workspace_id_and_source_version_id, r->workspace_id,
          r->source_version_id)
INDEX_KEY(pipeline_extract_runs, workspace_id_and_source_version_id_and_extractor, r->workspace_id,
          r->source_version_id, r->extractor)
INDEX_KEY(pipeline_extract_runs, source_version_id, r->source_version_id)
INDEX_KEY(pipeline_extract_runs, status, r->status)
TABLE_CALLS(
    pipeline_extract_runs, extract, "", (r->id),
    &pipeline_extract_runs_by_workspace_id_and_source_version_id_and_extractor_and_extractor_version,
    &pipeline_extract_runs_by_workspace_id,
    &pipeline_extract_runs_by_workspace_id_and_source_version_id,
    &pipeline_extract_runs_by_workspace_id_and_source_version_id_and_extractor,
    &pipeline_extract_runs_by_source_version_id, &pipeline_extract_runs_by_status)

static pipeline_llm_runs_row
new_call(void)
{
    pipeline_llm_runs_row row = pipeline_llm_runs_defaults();
    copy_id(row.workspace_id, stored_workspace().id);
    row.has_pipeline_run_id = true;
    copy_id(row.pipeline_run_id, stored_run().id);
    row.has_stage = true;
    row.stage = (enum run_stage)(new_number() % 4);
    row.provider = new_name("local");
    row.model = new_name("small");
    row.profile = new_name("summary");
    row.status = (enum run_status)(new_number() % 5);
    row.idempotency_key = new_name("key");
    row.prompt_sha256 = new_hash();
    row.prompt_preview = new_text("Summarise:");
    row.response_sha256 = new_hash();
    row.response_preview = new_text("Bread is");
    row.input_tokens = new_number();
    row.output_tokens = new_number();
    row.has_cost_usd = true;
    row.cost_usd = 0.0001 * (double)new_number();
    row.has_latency_ms = true;
    row.latency_ms = new_number();
    row.error_code = "TIMEOUT";
    row.error_message = new_text("no answer in time");
    row.error_details_json = new_json("seconds");
    row.cached_response_text = long_text(70000);
    row.has_cache_expires_at = true;
    row.cache_expires_at = new_time();
    row.created_at = new_time();
    row.updated_at = new_time();
    return row;
}

UNIQUE_KEY(pipeline_llm_runs, workspace_id_and_idempotency_key, r->workspace_id, r->idempotency_key)
INDEX_KEY(pipeline_llm_runs, workspace_id, r->workspace_id)
INDEX_KEY(pipeline_llm_runs, pipeline_run_id, r->pipeline_run_id)
INDEX_KEY(pipeline_llm_runs, workspace_id_and_created_at, r->workspace_id, r->created_at)
INDEX_KEY(pipeline_llm_runs, prompt_sha256, r->prompt_sha256)
INDEX_KEY(pipeline_llm_runs, prompt_sha256_and_model, r->prompt_sha256, r->model)
TABLE_CALLS(pipeline_llm_runs, call, "", (r->id),
            &pipeline_llm_runs_by_workspace_id_and_idempotency_key,
            &pipeline_llm_runs_by_workspace_id, &pipeline_llm_runs_by_pipeline_run_id,
            &pipeline_llm_runs_by_workspace_id_and_created_at, &pipeline_llm_runs_by_prompt_sha256,
            &pipeline_llm_runs_by_prompt_sha256_and_model)

static const struct table_test *const tables[] = {
    &pipeline_workspaces_test,
    &pipeline_sources_test,
    &pipeline_source_versions_test,
    &pipeline_source_version_links_test,
    &pipeline_documents_test,
    &pipeline_chunks_test,
    &pipeline_embedding_sets_test,
    &pipeline_chunk_embeddings_test,
    &pipeline_queries_test,
    &pipeline_query_results_test,
    &pipeline_runs_test,
    &pipeline_run_items_test,
    &pipeline_events_test,
    &pipeline_extract_runs_test,
    &pipeline_llm_runs_test,
    NULL,
};

static const struct suite suite = {"pipeline", tables, &pipeline_events_table};

/* ---- what this database promises beside ---- */

static void
a_content_is_stored_once(void **state)
{
    (void)state;
    pipeline_source_versions_row first = stored_version();
    pipeline_source_versions_row second = new_version();
    second.content_sha256 = first.content_sha256;
    gives(CLEAT_CONFLICT, pipeline_source_versions_insert(session, &second));
    blames("source_versions", "content_sha256");
    second.content_sha256 = "abc";
    gives(CLEAT_CHECK, pipeline_source_versions_insert(session, &second));
    blames("source_versions", "content_sha256");
}

static void
a_version_keeps_its_source_and_a_link_keeps_the_version(void **state)
{
    (void)state;
    pipeline_source_version_links_row link = stored_version_link();
    pipeline_source_versions_row version = pipeline_source_versions_defaults();
    works(pipeline_source_versions_get(session, link.source_version_id, &version));
    gives(CLEAT_FOREIGN_KEY, pipeline_sources_delete(session, version.source_id));
    gives(CLEAT_FOREIGN_KEY, pipeline_source_versions_delete(session, version.id));
    works(pipeline_sources_delete(session, link.source_id));
    gives(CLEAT_NOT_FOUND,
          pipeline_source_version_links_exists(session, link.source_id, version.id));
    works(pipeline_source_versions_delete(session, version.id));
    works(pipeline_sources_delete(session, version.source_id));
    pipeline_source_versions_clear(&version);
}

static void
a_version_takes_its_documents_chunks_and_embeddings_along(void **state)
{
    (void)state;
    pipeline_chunk_embeddings_row embedding = stored_embedding();
    assert_string_equal(ask_session("SELECT count(*) FROM pipeline.source_versions"), "1");
    works(cleat_session_execute(session, "DELETE FROM pipeline.source_versions"));
    gives(CLEAT_NOT_FOUND, pipeline_chunks_exists(session, embedding.chunk_id));
    gives(CLEAT_NOT_FOUND, pipeline_chunk_embeddings_exists(session, embedding.id));
    works(pipeline_embedding_sets_exists(session, embedding.embedding_set_id));
}

static void
a_query_outlives_its_embedding_set(void **state)
{
    (void)state;
    pipeline_queries_row query = stored_query();
    works(pipeline_embedding_sets_delete(session, query.embedding_set_id));
    works(pipeline_queries_get(session, query.id, &query));
    assert_false(query.has_embedding_set_id);
    pipeline_queries_clear(&query);
}

static void
a_call_outlives_its_run(void **state)
{
    (void)state;
    pipeline_llm_runs_row call = stored_call();
    works(pipeline_runs_delete(session, call.pipeline_run_id));
    works(pipeline_llm_runs_get(session, call.id, &call));
    assert_false(call.has_pipeline_run_id);
    pipeline_llm_runs_clear(&call);
}

static void
tokens_are_added_up_by_the_database(void **state)
{
    (void)state;
    pipeline_llm_runs_row call = new_call();
    call.input_tokens = 1200;
    call.output_tokens = 34;
    call.has_total_tokens = true;
    call.total_tokens = 7;
    works(pipeline_llm_runs_insert(session, &call));
    works(pipeline_llm_runs_get(session, call.id, &call));
    assert_true(call.has_total_tokens);
    assert_int_equal(call.total_tokens, 1234);
    call.output_tokens = 0;
    works(pipeline_llm_runs_update(session, &call));
    works(pipeline_llm_runs_get(session, call.id, &call));
    assert_int_equal(call.total_tokens, 1200);
    pipeline_llm_runs_clear(&call);
    works(cleat_session_commit(session));
    assert_string_equal(ask_file("pipeline", "SELECT total_tokens FROM llm_runs"), "1200");
}

/* A key with a NULL in it is taken by nobody. */
static void
calls_without_a_key_do_not_conflict(void **state)
{
    (void)state;
    pipeline_llm_runs_row call = new_call();
    call.idempotency_key = NULL;
    works(pipeline_llm_runs_insert(session, &call));
    call.id[0] = '\0';
    works(pipeline_llm_runs_insert(session, &call));
    int64_t count;
    works(pipeline_llm_runs_count_by_workspace_id(session, call.workspace_id, &count));
    assert_int_equal(count, 2);
}

static void
a_run_that_has_ended_says_when(void **state)
{
    (void)state;
    pipeline_runs_row row = new_run();
    row.status = RUN_STATUS_FAILED;
    row.has_finished_at = false;
    gives(CLEAT_CHECK, pipeline_runs_insert(session, &row));
    row.status = RUN_STATUS_RUNNING;
    works(pipeline_runs_insert(session, &row));
    row.has_finished_at = true;
    row.finished_at = row.started_at - 1;
    gives(CLEAT_CHECK, pipeline_runs_update(session, &row));
    blames("runs", NULL);
}

static void
events_are_only_ever_added(void **state)
{
    (void)state;
    pipeline_events_row event = stored_event();
    event.level = EVENT_LEVEL_ERROR;
    gives(CLEAT_CHECK, pipeline_events_update(session, &event));
    assert_non_null(strstr(cleat_session_error(session)->text, "events are only ever added"));
    gives(CLEAT_CHECK, pipeline_events_delete(session, event.id));
    works(pipeline_events_exists(session, event.id));
    works(pipeline_runs_delete(session, event.run_id));
    gives(CLEAT_NOT_FOUND, pipeline_events_exists(session, event.id));
}

static void
runs_say_how_long_they_took(void **state)
{
    (void)state;
    pipeline_runs_row run = stored_run();
    int64_t changed, count;
    cleat_cursor cursor;
    pipeline_run_durations_row row;
    run.has_finished_at = false;
    run.status = RUN_STATUS_RUNNING;
    works(pipeline_runs_update(session, &run));
    int64_t end = run.started_at + 1500;
    works(pipeline_finish_run(session, RUN_STATUS_FAILED, &end, "no paper", run.id, &changed));
    assert_int_equal(changed, 1);
    works(pipeline_finish_run(session, RUN_STATUS_FAILED, &end, NULL, run.id, &changed));
    assert_int_equal(changed, 0);
    works(pipeline_run_durations_count(session, &count));
    assert_int_equal(count, 1);
    works(pipeline_run_durations_list(session, &cursor));
    gives(CLEAT_ROW, pipeline_run_durations_next(&cursor, &row));
    assert_string_equal(row.id, run.id);
    assert_int_equal(row.status, RUN_STATUS_FAILED);
    assert_true(row.has_duration_us);
    assert_int_equal(row.duration_us, 1500);
    gives(CLEAT_DONE, pipeline_run_durations_next(&cursor, &row));
}

static void
the_items_of_a_run_are_counted_by_their_state(void **state)
{
    (void)state;
    pipeline_runs_row run = stored_run();
    pipeline_runs_row idle = stored_run();
    const enum run_item_status states[] = {RUN_ITEM_STATUS_QUEUED, RUN_ITEM_STATUS_SUCCEEDED,
                                           RUN_ITEM_STATUS_RUNNING, RUN_ITEM_STATUS_FAILED,
                                           RUN_ITEM_STATUS_SUCCEEDED};
    for (size_t i = 0; i < CLEAT_COUNT(states); i++) {
        pipeline_run_items_row item = new_item();
        copy_id(item.run_id, run.id);
        item.status = states[i];
        works(pipeline_run_items_insert(session, &item));
    }
    pipeline_workspace_runs_rows rows = {0};
    works(pipeline_workspace_runs_collect(session, run.workspace_id, 10, &rows));
    assert_int_equal(rows.count, 1);
    assert_string_equal(rows.items[0].id, run.id);
    assert_int_equal(rows.items[0].items, 5);
    assert_int_equal(rows.items[0].open_items, 2);
    assert_int_equal(rows.items[0].succeeded_items, 2);
    assert_int_equal(rows.items[0].failed_items, 1);
    pipeline_workspace_runs_rows_clear(&rows);
    works(pipeline_workspace_runs_collect(session, idle.workspace_id, 10, &rows));
    assert_int_equal(rows.count, 1);
    assert_int_equal(rows.items[0].items, 0);
    pipeline_workspace_runs_rows_clear(&rows);
}

static void
recent_events_come_in_order_and_by_level(void **state)
{
    (void)state;
    pipeline_events_row first = new_event();
    first.level = EVENT_LEVEL_INFO;
    works(pipeline_events_insert(session, &first));
    pipeline_events_row second = new_event();
    copy_id(second.run_id, first.run_id);
    second.level = EVENT_LEVEL_WARN;
    works(pipeline_events_insert(session, &second));
    cleat_cursor cursor;
    pipeline_recent_events_row row;
    works(pipeline_recent_events(session, first.run_id, first.ts, NULL, &cursor));
    gives(CLEAT_ROW, pipeline_recent_events_next(&cursor, &row));
    assert_string_equal(row.id, first.id);
    assert_string_equal(row.event_type, first.event_type);
    gives(CLEAT_ROW, pipeline_recent_events_next(&cursor, &row));
    assert_string_equal(row.id, second.id);
    gives(CLEAT_DONE, pipeline_recent_events_next(&cursor, &row));
    works(pipeline_recent_events(session, first.run_id, first.ts,
                                 &(enum event_level){EVENT_LEVEL_WARN}, &cursor));
    gives(CLEAT_ROW, pipeline_recent_events_next(&cursor, &row));
    assert_string_equal(row.id, second.id);
    gives(CLEAT_DONE, pipeline_recent_events_next(&cursor, &row));
}

static void
a_chunk_has_its_text_here_or_elsewhere(void **state)
{
    (void)state;
    pipeline_chunks_row row = new_chunk();
    row.text_ = NULL;
    works(pipeline_chunks_insert(session, &row));
    row.text_uri = NULL;
    gives(CLEAT_CHECK, pipeline_chunks_update(session, &row));
    row.text_ = long_text(65537);
    gives(CLEAT_CHECK, pipeline_chunks_update(session, &row));
    blames("chunks", "text");
    row.text_ = long_text(65536);
    works(pipeline_chunks_update(session, &row));
    row.end_char = row.start_char - 1;
    gives(CLEAT_CHECK, pipeline_chunks_update(session, &row));
}

static void
ids_rise_in_the_order_they_were_made(void **state)
{
    (void)state;
    char last[27] = "";
    for (int i = 0; i < 100; i++) {
        pipeline_workspaces_row row = stored_workspace();
        assert_int_equal(strlen(row.id), 26);
        assert_true(strcmp(row.id, last) > 0);
        copy_id(last, row.id);
    }
}

static void
an_id_of_another_length_is_refused(void **state)
{
    (void)state;
    pipeline_sources_row row = new_source();
    copy_id(row.workspace_id, "short");
    assert_true(pipeline_sources_insert(session, &row) < 0);
    gives(CLEAT_CHECK, cleat_session_execute(session,
                                             "INSERT INTO pipeline.workspaces (id, name) "
                                             "VALUES ('short', 'x')"));
}

/* "trigger" is a word of SQL, and the column is called so all the same. */
static void
a_word_of_sql_may_be_a_column(void **state)
{
    (void)state;
    pipeline_runs_row row = new_run();
    row.trigger = RUN_TRIGGER_SCHEDULE;
    works(pipeline_runs_insert(session, &row));
    works(cleat_session_commit(session));
    assert_string_equal(ask_file("pipeline", "SELECT \"trigger\" FROM runs"), "schedule");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PROMISES_OF_EVERY_TABLE(suite),
        PROMISE(a_content_is_stored_once, suite),
        PROMISE(a_version_keeps_its_source_and_a_link_keeps_the_version, suite),
        PROMISE(a_version_takes_its_documents_chunks_and_embeddings_along, suite),
        PROMISE(a_query_outlives_its_embedding_set, suite),
        PROMISE(a_call_outlives_its_run, suite),
        PROMISE(tokens_are_added_up_by_the_database, suite),
        PROMISE(calls_without_a_key_do_not_conflict, suite),
        PROMISE(a_run_that_has_ended_says_when, suite),
        PROMISE(events_are_only_ever_added, suite),
        PROMISE(runs_say_how_long_they_took, suite),
        PROMISE(the_items_of_a_run_are_counted_by_their_state, suite),
        PROMISE(recent_events_come_in_order_and_by_level, suite),
        PROMISE(a_chunk_has_its_text_here_or_elsewhere, suite),
        PROMISE(ids_rise_in_the_order_they_were_made, suite),
        PROMISE(an_id_of_another_length_is_refused, suite),
        PROMISE(a_word_of_sql_may_be_a_column, suite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
