/* connections/db_models.h: the registry of the databases a program may talk to, with what is kept
 * about each: profiles, suggestions waiting for a person, and the conversations that used it. The
 * secret part of a connection is a token sealed with a key that is never stored here. */
#include <cleat/schema.h>

#define DATABASE_NAME "system"

/* Ids that C keeps apart: two tables have jobs, and a job's id is no profile's. */
typedef uuid profile_uuid DISTINCT;
typedef uuid profiling_job_uuid DISTINCT;
typedef uuid generation_job_uuid DISTINCT;

enum connection_type {
    CONNECTION_TYPE_POSTGRESQL,
    CONNECTION_TYPE_MYSQL,
    CONNECTION_TYPE_CLICKHOUSE,
    CONNECTION_TYPE_SQLITE
};

enum connection_action {
    CONNECTION_ACTION_ADD,
    CONNECTION_ACTION_UPDATE,
    CONNECTION_ACTION_DEFAULT,
    CONNECTION_ACTION_DELETE,
    CONNECTION_ACTION_ROTATE,    /**< its token was sealed with a newer key */
    CONNECTION_ACTION_USE_FAILED
};

enum job_status {
    JOB_STATUS_PENDING,
    JOB_STATUS_RUNNING,
    JOB_STATUS_COMPLETED,
    JOB_STATUS_FAILED
};

enum datapoint_status {
    DATAPOINT_STATUS_PENDING,
    DATAPOINT_STATUS_APPROVED,
    DATAPOINT_STATUS_REJECTED
};

/** A database that requests can be sent to. At most one is the default; host, port, dbname and user
 * are for display only. */
TABLE(connections) {
    ulid                 id              PRIMARY_KEY;
    text                 name            NOT_NULL UNIQUE LENGTH(255) COLLATE(NOCASE);
    enum connection_type type            NOT_NULL RENAMED_FROM(database_type);
    /** Fernet token of {id, url}: useless in another row */
    text                 url_token       NOT_NULL LENGTH(8192);
    /** first 8 hex digits of SHA-256 of the key */
    text                 key_id          NOT_NULL INDEX CHECK(length(key_id) = 8);
    text                 host            LENGTH(255);
    integer              port            CHECK(port BETWEEN 1 AND 65535);
    text                 dbname          LENGTH(255);
    text                 user            LENGTH(255);
    boolean              is_active       NOT_NULL DEFAULT(true);
    boolean              is_default      NOT_NULL DEFAULT(false);
    json                 tags            NOT_NULL DEFAULT("[]") CHECK(json_type(tags) = 'array');
    text                 description;
    timestamp            created_at      NOT_NULL DEFAULT_NOW;
    timestamp            updated_at      NOT_NULL DEFAULT_NOW UPDATE_NOW;
    timestamp            last_ok_at;
    text                 last_error_code LENGTH(64);

    UNIQUE_ON(is_default) WHERE(is_default = 1) NAMED("connections_one_default");
    CHECK_ROW(is_default = 0 OR is_active = 1);
    TABLE_WAS(database_connections);
    DROPPED(database_url_encrypted, "a token is now sealed together with its row's id: url_token");
    DROPPED(last_profiled, "profiling_jobs says when, and with which result");
    DROPPED(datapoint_count, "counted where the datapoints are, not kept twice");
};

/** Who did what to a connection. It outlives the connection, hence no foreign key. */
TABLE(connection_events) {
    ulid                   id            PRIMARY_KEY;
    ulid                   connection_id NOT_NULL;
    timestamp              ts            NOT_NULL DEFAULT_NOW;
    enum connection_action action        NOT_NULL;
    text                   actor         LENGTH(255);
    json                   detail;  ///< never holds a URL or a secret

    INDEX_ON(connection_id, ts DESC);
};

/** A profile of a database: its tables, columns and sample statistics. */
TABLE(profiling_profiles) {
    profile_uuid profile_id    PRIMARY_KEY;
    ulid         connection_id NOT_NULL REFERENCES(connections, id) ON_DELETE(CASCADE);
    json         payload       NOT_NULL;
    timestamp    created_at    NOT_NULL DEFAULT_NOW;

    INDEX_ON(connection_id, created_at DESC);
};

/** The making of a profile. */
TABLE(profiling_jobs) {
    profiling_job_uuid job_id        PRIMARY_KEY;
    ulid               connection_id NOT_NULL INDEX REFERENCES(connections, id) ON_DELETE(CASCADE);
    enum job_status    status        NOT_NULL INDEX DEFAULT(JOB_STATUS_PENDING);
    json               progress;
    text               error         LENGTH(4096);
    /** when done */
    profile_uuid       profile_id    INDEX REFERENCES(profiling_profiles, profile_id)
                                     ON_DELETE(SET_NULL);
    timestamp          created_at    NOT_NULL DEFAULT_NOW;
    timestamp          updated_at    NOT_NULL DEFAULT_NOW UPDATE_NOW;
};

/** A suggestion made from a profile, until a person has decided. */
TABLE(pending_datapoints) {
    uuid                  pending_id PRIMARY_KEY;
    profile_uuid          profile_id NOT_NULL REFERENCES(profiling_profiles, profile_id)
                                     ON_DELETE(CASCADE);
    json                  datapoint  NOT_NULL;
    real                  confidence NOT_NULL CHECK(confidence BETWEEN 0 AND 1);
    enum datapoint_status status     NOT_NULL DEFAULT(DATAPOINT_STATUS_PENDING);
    timestamp             created_at NOT_NULL DEFAULT_NOW;
    timestamp             reviewed_at;
    text                  review_note;

    INDEX_ON(profile_id, status);
    CHECK_ROW(status = 'pending' OR reviewed_at IS NOT NULL);
};

/** The making of suggestions from a profile. */
TABLE(datapoint_generation_jobs) {
    generation_job_uuid job_id     PRIMARY_KEY;
    profile_uuid        profile_id NOT_NULL INDEX REFERENCES(profiling_profiles, profile_id)
                                   ON_DELETE(CASCADE);
    enum job_status     status     NOT_NULL INDEX DEFAULT(JOB_STATUS_PENDING);
    json                progress;
    text                error      LENGTH(4096);
    timestamp           created_at NOT_NULL DEFAULT_NOW;
    timestamp           updated_at NOT_NULL DEFAULT_NOW UPDATE_NOW;
};

/** A conversation as the user interface shows it. */
TABLE(ui_conversations) {
    text      frontend_session_id PRIMARY_KEY LENGTH(128);
    text      title               NOT_NULL LENGTH(255);
    /** NULL: the default one */
    ulid      target_database_id  INDEX REFERENCES(connections, id) ON_DELETE(SET_NULL);
    text      conversation_id     LENGTH(128) INDEX;  ///< the server's name for it
    text      session_summary;
    json      session_state       NOT_NULL DEFAULT("{}");
    json      messages            NOT_NULL DEFAULT("[]");
    timestamp created_at          NOT_NULL DEFAULT_NOW;
    timestamp updated_at          NOT_NULL DEFAULT_NOW UPDATE_NOW;

    INDEX_ON(updated_at DESC);
};

/** What a user thought of an answer. It stays when its conversation or connection goes. */
TABLE(ui_feedback) {
    uuid      feedback_id        PRIMARY_KEY;
    text      category           NOT_NULL LENGTH(64);
    text      sentiment          LENGTH(32);
    text      message;
    json      context            NOT_NULL DEFAULT("{}");
    text      conversation_id    LENGTH(128);
    text      message_id         LENGTH(128);
    ulid      target_database_id INDEX REFERENCES(connections, id) ON_DELETE(SET_NULL);
    text      answer_source      LENGTH(64);
    real      answer_confidence;
    timestamp created_at         NOT_NULL DEFAULT_NOW;

    INDEX_ON(created_at DESC);
};
