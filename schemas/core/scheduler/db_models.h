/* core/scheduler/db_models.h: what is to run and when, what has run, and which files are swept
 * away. Ids of events are UUIDs, so a caller can know one before the row is written. */
#include <cleat/schema.h>

#include "../types.h"

#define DATABASE_NAME "framework"

/** The unit of a recurring event's interval. */
enum scheduler_interval {
    SCHEDULER_INTERVAL_MINUTES,
    SCHEDULER_INTERVAL_HOURS,
    SCHEDULER_INTERVAL_DAYS,
    SCHEDULER_INTERVAL_WEEKS,
    SCHEDULER_INTERVAL_MONTHS
};

enum scheduler_status {
    SCHEDULER_STATUS_PENDING,
    SCHEDULER_STATUS_RUNNING,
    SCHEDULER_STATUS_COMPLETED,
    SCHEDULER_STATUS_FAILED,
    SCHEDULER_STATUS_PAUSED
};

/** A call of a module's function, once or again and again. */
TABLE(scheduler_events) {
    uuid                    id              PRIMARY_KEY;
    text                    name            NOT_NULL LENGTH(255);
    text                    description;
    module_name             module_id       NOT_NULL INDEX;
    text                    function_name   NOT_NULL LENGTH(255);
    json                    parameters      NOT_NULL DEFAULT("{}");
    timestamp               created_at      NOT_NULL DEFAULT_NOW;
    timestamp               updated_at      NOT_NULL DEFAULT_NOW UPDATE_NOW;
    boolean                 recurring       NOT_NULL DEFAULT(false);
    enum scheduler_interval interval_type;  ///< with interval_value: every 5 minutes
    integer                 interval_value  CHECK(interval_value > 0);
    timestamp               next_execution  NOT_NULL;
    enum scheduler_status   status          NOT_NULL DEFAULT(SCHEDULER_STATUS_PENDING);
    timestamp               last_execution;
    integer                 execution_count NOT_NULL DEFAULT(0) CHECK(execution_count >= 0);
    integer                 max_executions  CHECK(max_executions > 0);  ///< NULL: no end
    text                    last_error;

    INDEX_ON(next_execution) WHERE(status = 'pending');
    CHECK_ROW(recurring = 0 OR (interval_type IS NOT NULL AND interval_value IS NOT NULL));
};

/** One run of an event. */
TABLE(scheduler_executions) {
    integer   id               PRIMARY_KEY AUTOINCREMENT;
    uuid      event_id         REFERENCES(scheduler_events, id) ON_DELETE(CASCADE);
    timestamp start_time       NOT_NULL DEFAULT_NOW;
    timestamp end_time;
    boolean   success;  ///< NULL while it runs
    json      result;
    text      error;
    text      trace_session_id LENGTH(64);

    INDEX_ON(event_id, start_time DESC);
    CHECK_ROW(end_time IS NULL OR end_time >= start_time);
};

/** A directory that is kept small: by age, by number of files, or by size. */
TABLE(scheduler_cleanup_configs) {
    integer     id             PRIMARY_KEY;
    text        directory      NOT_NULL LENGTH(4096);
    text        pattern        NOT_NULL DEFAULT("*") LENGTH(255);  ///< which files, as a glob
    integer     retention_days CHECK(retention_days >= 0);
    integer     max_files      CHECK(max_files >= 0);
    integer     max_size_mb    CHECK(max_size_mb >= 0);
    integer     priority       NOT_NULL DEFAULT(100);              ///< lower runs first
    text        description;
    module_name module_id      NOT_NULL INDEX;
    timestamp   created_at     NOT_NULL DEFAULT_NOW;
    timestamp   updated_at     NOT_NULL DEFAULT_NOW UPDATE_NOW;
    timestamp   last_run;
};
