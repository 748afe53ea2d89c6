-- Connections, events, profiles and talks.
-- revises: none
-- schema: a14db81152a0

-- up

CREATE TABLE connection_events (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    connection_id TEXT NOT NULL CHECK (length(connection_id) = 26),
    ts INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    "action" TEXT NOT NULL CHECK ("action" = 'add' OR "action" = 'update' OR "action" = 'default' OR "action" = 'delete'),
    actor TEXT CHECK (length(actor) <= 255),
    detail TEXT CHECK (detail IS NULL OR json_valid(detail))
) STRICT;

CREATE INDEX connection_events_connection_id_ts_idx ON connection_events (connection_id, ts DESC);

CREATE TABLE connections (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    name TEXT NOT NULL COLLATE NOCASE CHECK (length(name) <= 255),
    type TEXT NOT NULL CHECK (type = 'postgresql' OR type = 'mysql' OR type = 'clickhouse' OR type = 'sqlite'),
    url_token TEXT NOT NULL CHECK (length(url_token) <= 8192),
    key_id TEXT NOT NULL CHECK (length(key_id) = 8),
    host TEXT CHECK (length(host) <= 255),
    port INTEGER CHECK (port BETWEEN 1 AND 65535),
    dbname TEXT CHECK (length(dbname) <= 255),
    user TEXT CHECK (length(user) <= 255),
    is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active = 0 OR is_active = 1),
    is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default = 0 OR is_default = 1),
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(tags)) CHECK (json_type(tags) = 'array'),
    description TEXT,
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    CHECK (is_default = 0 OR is_active = 1)
) STRICT;

CREATE UNIQUE INDEX connections_name_key ON connections (name);

CREATE INDEX connections_key_id_idx ON connections (key_id);

CREATE UNIQUE INDEX connections_one_default ON connections (is_default) WHERE is_default = 1;

CREATE TABLE datapoint_generation_jobs (
    job_id TEXT NOT NULL PRIMARY KEY CHECK (length(job_id) = 36),
    profile_id TEXT NOT NULL CHECK (length(profile_id) = 36) REFERENCES profiling_profiles (profile_id) ON DELETE CASCADE,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status = 'pending' OR status = 'running' OR status = 'completed' OR status = 'failed'),
    progress TEXT CHECK (progress IS NULL OR json_valid(progress)),
    error TEXT CHECK (length(error) <= 4096),
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

CREATE INDEX datapoint_generation_jobs_profile_id_idx ON datapoint_generation_jobs (profile_id);

CREATE INDEX datapoint_generation_jobs_status_idx ON datapoint_generation_jobs (status);

CREATE TABLE pending_datapoints (
    pending_id TEXT NOT NULL PRIMARY KEY CHECK (length(pending_id) = 36),
    profile_id TEXT NOT NULL CHECK (length(profile_id) = 36) REFERENCES profiling_profiles (profile_id) ON DELETE CASCADE,
    datapoint TEXT NOT NULL CHECK (json_valid(datapoint)),
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status = 'pending' OR status = 'approved' OR status = 'rejected'),
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    reviewed_at INTEGER,
    review_note TEXT,
    CHECK (status = 'pending' OR reviewed_at IS NOT NULL)
) STRICT;

CREATE INDEX pending_datapoints_profile_id_status_idx ON pending_datapoints (profile_id, status);

CREATE TABLE profiling_jobs (
    job_id TEXT NOT NULL PRIMARY KEY CHECK (length(job_id) = 36),
    connection_id TEXT NOT NULL CHECK (length(connection_id) = 26) REFERENCES connections (id) ON DELETE CASCADE,
    status TEXT NOT NULL DEFAULT 'pending' CHECK (status = 'pending' OR status = 'running' OR status = 'completed' OR status = 'failed'),
    progress TEXT CHECK (progress IS NULL OR json_valid(progress)),
    error TEXT CHECK (length(error) <= 4096),
    profile_id TEXT CHECK (length(profile_id) = 36) REFERENCES profiling_profiles (profile_id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

CREATE INDEX profiling_jobs_connection_id_idx ON profiling_jobs (connection_id);

CREATE INDEX profiling_jobs_status_idx ON profiling_jobs (status);

CREATE INDEX profiling_jobs_profile_id_idx ON profiling_jobs (profile_id);

CREATE TABLE profiling_profiles (
    profile_id TEXT NOT NULL PRIMARY KEY CHECK (length(profile_id) = 36),
    connection_id TEXT NOT NULL CHECK (length(connection_id) = 26) REFERENCES connections (id) ON DELETE CASCADE,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

CREATE INDEX profiling_profiles_connection_id_created_at_idx ON profiling_profiles (connection_id, created_at DESC);

CREATE TABLE ui_conversations (
    frontend_session_id TEXT NOT NULL PRIMARY KEY CHECK (length(frontend_session_id) <= 128),
    title TEXT NOT NULL CHECK (length(title) <= 255),
    target_database_id TEXT CHECK (length(target_database_id) = 26) REFERENCES connections (id) ON DELETE SET NULL,
    conversation_id TEXT CHECK (length(conversation_id) <= 128),
    session_summary TEXT,
    session_state TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(session_state)),
    messages TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(messages)),
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    updated_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

CREATE INDEX ui_conversations_target_database_id_idx ON ui_conversations (target_database_id);

CREATE INDEX ui_conversations_conversation_id_idx ON ui_conversations (conversation_id);

CREATE INDEX ui_conversations_updated_at_idx ON ui_conversations (updated_at DESC);

CREATE TABLE ui_feedback (
    feedback_id TEXT NOT NULL PRIMARY KEY CHECK (length(feedback_id) = 36),
    category TEXT NOT NULL CHECK (length(category) <= 64),
    sentiment TEXT CHECK (length(sentiment) <= 32),
    message TEXT,
    context TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(context)),
    conversation_id TEXT CHECK (length(conversation_id) <= 128),
    message_id TEXT CHECK (length(message_id) <= 128),
    target_database_id TEXT CHECK (length(target_database_id) = 26) REFERENCES connections (id) ON DELETE SET NULL,
    answer_source TEXT CHECK (length(answer_source) <= 64),
    answer_confidence REAL,
    created_at INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER))
) STRICT;

CREATE INDEX ui_feedback_target_database_id_idx ON ui_feedback (target_database_id);

CREATE INDEX ui_feedback_created_at_idx ON ui_feedback (created_at DESC);

-- irreversible: nothing was before it
