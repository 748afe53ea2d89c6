/* stages.c: a file and its bytes enter; its source, content, document and chunks leave, with an
 * item and an event of the run for each stage. The caller commits all of it, or none. */
#define _POSIX_C_SOURCE 200809L
#include "stages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chunks.h"
#include "lineage.h"
#include "run.h"

enum { ID_SIZE = 27, PAYLOAD_SIZE = 192 };

/* ---- what is kept about a stage ---- */

static cleat_status
put_item(struct ingest *ingest, enum run_stage stage, enum run_target type, const char *target_id,
         const char *message, const char *metrics)
{
    pipeline_run_items_row item = pipeline_run_items_defaults();
    memcpy(item.run_id, ingest->run_id, ID_SIZE);
    item.stage = stage;
    item.target_type = type;
    memcpy(item.target_id, target_id, ID_SIZE);
    item.status = message == NULL ? RUN_ITEM_STATUS_SUCCEEDED : RUN_ITEM_STATUS_FAILED;
    item.error_message = message;
    item.metrics_json = metrics;
    return run_put_item(ingest->session, &item);
}

static pipeline_extract_runs_row
extract_run(const struct ingest *ingest, const char *version_id, int64_t started,
            const char *message)
{
    pipeline_extract_runs_row row = pipeline_extract_runs_defaults();
    memcpy(row.workspace_id, ingest->workspace_id, ID_SIZE);
    memcpy(row.source_version_id, version_id, ID_SIZE);
    row.extractor = CONTENT_EXTRACTOR;
    row.extractor_version = CONTENT_EXTRACTOR_VERSION;
    row.chunker_version = CHUNKS_VERSION;
    row.status = message == NULL ? RUN_STATUS_SUCCEEDED : RUN_STATUS_FAILED;
    row.error_code = message == NULL ? NULL : "NO_TEXT";
    row.error_message = message;
    row.has_started_at = true;
    row.started_at = started;
    row.has_finished_at = true;
    row.finished_at = cleat_now();
    return row;
}

/* One row for each content and version of the extractor, however often it is tried. A failure is
 * tried again, what has succeeded stays. */
static cleat_status
put_extract_run(struct ingest *ingest, const char *version_id, int64_t started, const char *message)
{
    pipeline_extract_runs_row row = extract_run(ingest, version_id, started, message);
    pipeline_extract_runs_row stored = row;
    cleat_status status =
        pipeline_extract_runs_ensure_by_workspace_id_and_source_version_id_and_extractor_and_extractor_version(
            ingest->session, &stored);
    if (status != CLEAT_FOUND)
        return status;
    bool again = stored.status != RUN_STATUS_SUCCEEDED;
    memcpy(row.id, stored.id, ID_SIZE);
    row.attempt = stored.attempt + 1;
    pipeline_extract_runs_clear(&stored);
    if (!again)
        return CLEAT_OK;
    return pipeline_extract_runs_patch(
        ingest->session, &row,
        PIPELINE_EXTRACT_RUNS_CHUNKER_VERSION | PIPELINE_EXTRACT_RUNS_STATUS |
            PIPELINE_EXTRACT_RUNS_ATTEMPT | PIPELINE_EXTRACT_RUNS_ERROR_CODE |
            PIPELINE_EXTRACT_RUNS_ERROR_MESSAGE | PIPELINE_EXTRACT_RUNS_STARTED_AT |
            PIPELINE_EXTRACT_RUNS_FINISHED_AT);
}

/* ---- the source ---- */

cleat_status
stages_source(struct ingest *ingest, struct stages_file *file)
{
    cleat_status status = lineage_source(ingest->session, ingest->workspace_id, file->uri,
                                         file->title, file->source_id);
    if (status < 0)
        return status;
    ingest->counts->sources++;
    ingest->counts->new_sources += status == CLEAT_CREATED;
    return CLEAT_OK;
}

/* The words of strerror() are those of the C locale: nothing in them needs an escape in JSON. */
cleat_status
stages_unreadable(struct ingest *ingest, const struct stages_file *file, int error)
{
    char payload[PAYLOAD_SIZE];
    snprintf(payload, sizeof payload, "{\"message\":\"%.80s\",\"source_id\":\"%s\"}",
             strerror(error), file->source_id);
    ingest->counts->failed++;
    return run_add_event(ingest->session, ingest->run_id, EVENT_LEVEL_ERROR, "SOURCE_UNREADABLE",
                         payload);
}

/* ---- the stages ---- */

static cleat_status
ingest_stage(struct ingest *ingest, const struct stages_file *file, const struct content *content,
             char ret_version_id[ID_SIZE])
{
    cleat_status status = lineage_version(ingest->session, file->source_id, file->uri, content,
                                          ret_version_id);
    if (status < 0)
        return status;
    ingest->counts->contents++;
    ingest->counts->new_contents += status == CLEAT_CREATED;
    char payload[PAYLOAD_SIZE];
    snprintf(payload, sizeof payload,
             "{\"new\":%s,\"source_id\":\"%s\",\"source_version_id\":\"%s\"}",
             status == CLEAT_CREATED ? "true" : "false", file->source_id, ret_version_id);
    status = run_add_event(ingest->session, ingest->run_id, EVENT_LEVEL_INFO, "DOC_INGESTED",
                           payload);
    if (status < 0)
        return status;
    return put_item(ingest, RUN_STAGE_INGEST, RUN_TARGET_SOURCE_VERSION, ret_version_id, NULL,
                    NULL);
}

/* `message` is why there is no text, NULL when there is one. */
static cleat_status
extract_stage(struct ingest *ingest, const char *version_id, int64_t started, const char *message)
{
    cleat_status status = put_extract_run(ingest, version_id, started, message);
    if (status < 0)
        return status;
    status = put_item(ingest, RUN_STAGE_EXTRACT, RUN_TARGET_SOURCE_VERSION, version_id, message,
                      NULL);
    if (status < 0 || message == NULL)
        return status;
    char payload[PAYLOAD_SIZE];
    snprintf(payload, sizeof payload, "{\"source_version_id\":\"%s\"}", version_id);
    ingest->counts->failed++;
    return run_add_event(ingest->session, ingest->run_id, EVENT_LEVEL_WARN, "EXTRACT_FAILED",
                         payload);
}

static cleat_status
chunk_stage(struct ingest *ingest, const char *document_id, const struct plain_text *text)
{
    int64_t count;
    int64_t added;
    cleat_status status = lineage_chunks(ingest->session, document_id, text, &count, &added);
    if (status < 0)
        return status;
    ingest->counts->chunks += count;
    ingest->counts->new_chunks += added;
    char metrics[PAYLOAD_SIZE];
    snprintf(metrics, sizeof metrics, "{\"chunks\":%" PRId64 ",\"new\":%" PRId64 "}", count, added);
    status = put_item(ingest, RUN_STAGE_CHUNK, RUN_TARGET_DOCUMENT, document_id, NULL, metrics);
    if (status < 0)
        return status;
    char payload[PAYLOAD_SIZE];
    snprintf(payload, sizeof payload,
             "{\"chunks\":%" PRId64 ",\"document_id\":\"%s\",\"new\":%" PRId64 "}", count,
             document_id, added);
    return run_add_event(ingest->session, ingest->run_id, EVENT_LEVEL_INFO, "CHUNKED", payload);
}

static cleat_status
document_stages(struct ingest *ingest, const char *version_id, const struct plain_text *text,
                int64_t started)
{
    char document_id[ID_SIZE];
    cleat_status status = lineage_document(ingest->session, version_id, text, document_id);
    if (status < 0)
        return status;
    ingest->counts->documents++;
    ingest->counts->new_documents += status == CLEAT_CREATED;
    status = extract_stage(ingest, version_id, started, NULL);
    if (status < 0)
        return status;
    return chunk_stage(ingest, document_id, text);
}

cleat_status
stages_content(struct ingest *ingest, const struct stages_file *file, const struct content *content)
{
    char version_id[ID_SIZE];
    cleat_status status = ingest_stage(ingest, file, content, version_id);
    if (status < 0)
        return status;
    int64_t started = cleat_now();
    char message[CONTENT_MESSAGE_SIZE];
    struct plain_text text;
    int error = content_extract(content, &text, message);
    if (error == ENOMEM)
        return CLEAT_NOMEM;
    if (error != 0)
        return extract_stage(ingest, version_id, started, message);
    status = document_stages(ingest, version_id, &text, started);
    free(text.text);
    return status;
}
