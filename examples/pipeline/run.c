/* run.c: what happens enters, rows of pipeline.runs, run_items and events leave. A run that nobody
 * started is never ended in silence, and the reason of a failure is never lost. */
#define _POSIX_C_SOURCE 200809L
#include "run.h"

#include <pipeline/chunk/db_models.cleat.h>
#include <pipeline/document/db_models.cleat.h>
#include <pipeline/source/db_models.cleat.h>
#include <string.h>

enum { MESSAGE_MAX = 4096 }; /* as in the schema */

cleat_status
run_add_event(cleat_session *session, const char *run_id, enum event_level level,
              const char *event_type, const char *payload)
{
    pipeline_events_row event = pipeline_events_defaults();
    memcpy(event.run_id, run_id, sizeof event.run_id);
    event.level = level;
    event.event_type = event_type;
    event.payload_json = payload;
    return pipeline_events_insert(session, &event);
}

cleat_status
run_start(cleat_session *session, const char *workspace_id, enum run_type type, char ret_id[27])
{
    pipeline_runs_row run = pipeline_runs_defaults();
    memcpy(run.workspace_id, workspace_id, sizeof run.workspace_id);
    run.run_type = type;
    run.status = RUN_STATUS_RUNNING;
    run.trigger = RUN_TRIGGER_MANUAL;
    cleat_status status = pipeline_runs_insert(session, &run);
    if (status < 0)
        return status;
    status = run_add_event(session, run.id, EVENT_LEVEL_INFO, "RUN_STARTED", NULL);
    if (status < 0)
        return status;
    memcpy(ret_id, run.id, sizeof run.id);
    return CLEAT_OK;
}

/* ---- the end ---- */

/* Never before the start, whatever the clock has done meanwhile. */
static cleat_status
end_time(cleat_session *session, const char *id, int64_t *ret_time)
{
    pipeline_runs_row run;
    cleat_status status = pipeline_runs_lend(session, id, &run);
    if (status != CLEAT_OK)
        return status;
    int64_t now = cleat_now();
    *ret_time = now < run.started_at ? run.started_at : now;
    return CLEAT_OK;
}

/* The query ends only what has not ended: how many rows it changed says whether there was such a
 * run. */
static cleat_status
end_run(cleat_session *session, const char *id, enum run_status outcome, const char *message)
{
    int64_t now;
    int64_t changed;
    cleat_status status = end_time(session, id, &now);
    if (status != CLEAT_OK)
        return status;
    status = pipeline_finish_run(session, outcome, &now, message, id, &changed);
    if (status < 0)
        return status;
    return changed == 0 ? CLEAT_UNCHANGED : CLEAT_OK;
}

cleat_status
run_finish(cleat_session *session, const char *id)
{
    cleat_status status = end_run(session, id, RUN_STATUS_SUCCEEDED, NULL);
    if (status != CLEAT_OK)
        return status;
    return run_add_event(session, id, EVENT_LEVEL_INFO, "RUN_FINISHED", NULL);
}

/* As much of a message as fits, cut between characters: bytes are never fewer than characters. */
static void
cut_message(const char *message, char ret_message[MESSAGE_MAX + 1])
{
    size_t size = strnlen(message, MESSAGE_MAX + 1);
    if (size > MESSAGE_MAX)
        for (size = MESSAGE_MAX; size > 0 && ((unsigned char)message[size] & 0xc0) == 0x80;)
            size--;
    memcpy(ret_message, message, size);
    ret_message[size] = '\0';
}

cleat_status
run_fail(cleat_session *session, const char *id, const char *message)
{
    char kept[MESSAGE_MAX + 1];
    cut_message(message, kept);
    cleat_status status = end_run(session, id, RUN_STATUS_FAILED, kept);
    if (status != CLEAT_OK)
        return status;
    return run_add_event(session, id, EVENT_LEVEL_ERROR, "RUN_FAILED", NULL);
}

/* ---- items ---- */

/* No foreign key can look into one of three tables. */
static cleat_status
target_exists(cleat_session *session, enum run_target type, const char *id)
{
    switch (type) {
    case RUN_TARGET_SOURCE_VERSION: return pipeline_source_versions_exists(session, id);
    case RUN_TARGET_DOCUMENT: return pipeline_documents_exists(session, id);
    case RUN_TARGET_CHUNK: return pipeline_chunks_exists(session, id);
    }
    return CLEAT_MISUSE;
}

/* Created or found first, and only what an outcome changes is written to one that was found: its
 * created_at stays. */
cleat_status
run_put_item(cleat_session *session, pipeline_run_items_row *item)
{
    cleat_status status = target_exists(session, item->target_type, item->target_id);
    if (status != CLEAT_OK)
        return status;
    pipeline_run_items_row stored = *item;
    status = pipeline_run_items_ensure_by_run_id_and_stage_and_target_type_and_target_id(session,
                                                                                         &stored);
    if (status == CLEAT_FOUND) {
        memcpy(item->id, stored.id, sizeof item->id);
        pipeline_run_items_clear(&stored);
        status = pipeline_run_items_patch(session, item,
                                          PIPELINE_RUN_ITEMS_STATUS |
                                              PIPELINE_RUN_ITEMS_ERROR_MESSAGE |
                                              PIPELINE_RUN_ITEMS_METRICS_JSON);
    }
    return status < 0 ? status : CLEAT_OK;
}
