/* pipeline/run/db_models.h: what the pipeline did, is doing, and has still to do: whole runs, the
 * single items of each, the events on the way, and the extractions and model calls they made. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "pipeline"

enum run_type {
    RUN_TYPE_INGEST,
    RUN_TYPE_RECHUNK,
    RUN_TYPE_REEMBED,
    RUN_TYPE_EVAL
};

enum run_status {
    RUN_STATUS_QUEUED,
    RUN_STATUS_RUNNING,
    RUN_STATUS_SUCCEEDED,
    RUN_STATUS_FAILED,
    RUN_STATUS_CANCELED
};

/** Who started a run. */
enum run_trigger {
    RUN_TRIGGER_MANUAL,
    RUN_TRIGGER_API,
    RUN_TRIGGER_SCHEDULE
};

enum run_stage {
    RUN_STAGE_INGEST,
    RUN_STAGE_EXTRACT,
    RUN_STAGE_CHUNK,
    RUN_STAGE_EMBED
};

/** Which table an item's target is in. */
enum run_target {
    RUN_TARGET_SOURCE_VERSION,
    RUN_TARGET_DOCUMENT,
    RUN_TARGET_CHUNK
};

enum run_item_status {
    RUN_ITEM_STATUS_QUEUED,
    RUN_ITEM_STATUS_RUNNING,
    RUN_ITEM_STATUS_SUCCEEDED,
    RUN_ITEM_STATUS_FAILED,
    RUN_ITEM_STATUS_SKIPPED
};

enum event_level {
    EVENT_LEVEL_INFO,
    EVENT_LEVEL_WARN,
    EVENT_LEVEL_ERROR
};

/** One pass of the pipeline over a workspace. */
TABLE(runs) {
    ulid             id           PRIMARY_KEY;
    ulid             workspace_id NOT_NULL REFERENCES(workspaces, id) ON_DELETE(CASCADE);
    enum run_type    run_type     NOT_NULL;
    enum run_status  status       NOT_NULL INDEX DEFAULT(RUN_STATUS_QUEUED);
    enum run_trigger trigger      NOT_NULL;
    timestamp        started_at   NOT_NULL DEFAULT_NOW;
    timestamp        finished_at;
    error_text       error_message;  ///< why it failed
    small_json       meta_json;

    INDEX_ON(workspace_id, started_at DESC);
    CHECK_ROW(finished_at IS NULL OR finished_at >= started_at);
    // lint: allow check-list: a run is written two or three times in its life
    CHECK_ROW(status NOT IN ('succeeded', 'failed', 'canceled') OR finished_at IS NOT NULL);
};

/** What a run has to do to one target at one stage. target_type says which table the target is in;
 * no foreign key can express that, so the target is checked when the item is written. */
TABLE(run_items) {
    ulid                 id          PRIMARY_KEY;
    ulid                 run_id      NOT_NULL REFERENCES(runs, id) ON_DELETE(CASCADE);
    enum run_stage       stage       NOT_NULL;
    enum run_target      target_type NOT_NULL;
    ulid                 target_id   NOT_NULL;
    enum run_item_status status      NOT_NULL DEFAULT(RUN_ITEM_STATUS_QUEUED);
    error_text           error_message;
    small_json           metrics_json;
    timestamp            created_at  NOT_NULL DEFAULT_NOW;
    timestamp            updated_at  NOT_NULL DEFAULT_NOW UPDATE_NOW;

    UNIQUE_ON(run_id, stage, target_type, target_id);
    INDEX_ON(run_id, stage, status);
    INDEX_ON(target_type, target_id);
};

/** Something that happened during a run. Rows are only ever added. */
TABLE(events) {
    ulid             id         PRIMARY_KEY;
    ulid             run_id     NOT_NULL REFERENCES(runs, id) ON_DELETE(CASCADE);
    timestamp        ts         NOT_NULL DEFAULT_NOW;
    enum event_level level      NOT_NULL;
    /** DOC_INGESTED, CHUNKED, QDRANT_UPSERTED */
    text             event_type NOT_NULL INDEX LENGTH(128);
    small_json       payload_json;

    INDEX_ON(run_id, ts);
};

/** The attempt to extract one content for one workspace with one version of an extractor. */
TABLE(extract_runs) {
    ulid            id                PRIMARY_KEY;
    ulid            workspace_id      NOT_NULL REFERENCES(workspaces, id) ON_DELETE(CASCADE);
    ulid            source_version_id NOT_NULL INDEX REFERENCES(source_versions, id)
                                      ON_DELETE(CASCADE);
    version_text    extractor         NOT_NULL;
    version_text    extractor_version NOT_NULL;
    version_text    chunker_version;
    enum run_status status            NOT_NULL INDEX DEFAULT(RUN_STATUS_QUEUED);
    integer         attempt           NOT_NULL DEFAULT(1) CHECK(attempt > 0);
    text            trace_id          LENGTH(64);
    text            error_code        LENGTH(128);
    error_text      error_message;
    timestamp       started_at;
    timestamp       finished_at;
    timestamp       created_at        NOT_NULL DEFAULT_NOW;
    timestamp       updated_at        NOT_NULL DEFAULT_NOW UPDATE_NOW;

    UNIQUE_ON(workspace_id, source_version_id, extractor, extractor_version);
};

/** A call of a language model: what it cost and, for a while, what it answered. */
TABLE(llm_runs) {
    ulid            id               PRIMARY_KEY;
    ulid            workspace_id     NOT_NULL REFERENCES(workspaces, id) ON_DELETE(CASCADE);
    ulid            pipeline_run_id  INDEX REFERENCES(runs, id) ON_DELETE(SET_NULL);
    enum run_stage  stage;  ///< NULL outside the pipeline
    version_text    provider         NOT_NULL;
    version_text    model            NOT_NULL;
    version_text    profile          NOT_NULL;
    enum run_status status           NOT_NULL;
    text            idempotency_key  LENGTH(255);
    sha256          prompt_sha256    NOT_NULL;
    text            prompt_preview   LENGTH(1024);
    sha256          response_sha256;
    text            response_preview LENGTH(1024);
    integer         input_tokens     NOT_NULL DEFAULT(0) CHECK(input_tokens >= 0);
    integer         output_tokens    NOT_NULL DEFAULT(0) CHECK(output_tokens >= 0);
    integer         total_tokens     GENERATED(input_tokens + output_tokens);
    // lint: allow money-as-real: an estimate from list prices, never the base of a bill
    real            cost_usd         CHECK(cost_usd >= 0);
    integer         latency_ms       CHECK(latency_ms >= 0);
    text            error_code       LENGTH(128);
    error_text      error_message;
    small_json      error_details_json;
    text            cached_response_text;
    timestamp       cache_expires_at;
    timestamp       created_at       NOT_NULL DEFAULT_NOW;
    timestamp       updated_at       NOT_NULL DEFAULT_NOW UPDATE_NOW;

    INDEX_ON(workspace_id, created_at DESC);
    // lint: allow unique-nullable: calls without a key are never the same call
    UNIQUE_ON(workspace_id, idempotency_key);
    INDEX_ON(prompt_sha256, model);
    INDEX_ON(cache_expires_at) WHERE(cached_response_text IS NOT NULL);
};
