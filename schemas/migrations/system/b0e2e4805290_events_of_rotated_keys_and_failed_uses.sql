-- Events of rotated keys and failed uses.
-- revises: 7bec729ce742
-- schema: 44b8abc0cb85

-- up

-- Table connection_events is made anew: label-added of system.connection_events.action.
CREATE TABLE cleat_new_connection_events (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    connection_id TEXT NOT NULL CHECK (length(connection_id) = 26),
    ts INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    "action" TEXT NOT NULL CHECK ("action" = 'add' OR "action" = 'update' OR "action" = 'default' OR "action" = 'delete' OR "action" = 'rotate' OR "action" = 'use_failed'),
    actor TEXT CHECK (length(actor) <= 255),
    detail TEXT CHECK (detail IS NULL OR json_valid(detail))
) STRICT;

INSERT INTO cleat_new_connection_events (rowid, id, connection_id, ts, "action", actor, detail)
SELECT rowid, id, connection_id, ts, "action", actor, detail
FROM connection_events;

-- check: the copy of connection_events has all its rows and their values
SELECT old.id FROM connection_events AS old LEFT JOIN cleat_new_connection_events AS copy ON copy.rowid = old.rowid
WHERE (SELECT count(*) FROM connection_events) <> (SELECT count(*) FROM cleat_new_connection_events)
    OR old.id IS NOT copy.id
    OR old.connection_id IS NOT copy.connection_id
    OR old.ts IS NOT copy.ts
    OR old."action" IS NOT copy."action"
    OR old.actor IS NOT copy.actor
    OR old.detail IS NOT copy.detail;

DROP TABLE connection_events;

PRAGMA legacy_alter_table = ON;

ALTER TABLE cleat_new_connection_events RENAME TO connection_events;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX connection_events_connection_id_ts_idx ON connection_events (connection_id, ts DESC);

-- down

-- preflight: connection_events: "action" = 'add' OR "action" = 'update' OR "action" = 'default' OR "action" = 'delete'
SELECT id FROM connection_events
WHERE NOT ("action" = 'add' OR "action" = 'update' OR "action" = 'default' OR "action" = 'delete');

-- Table connection_events is made anew: label-removed of system.connection_events.action.
CREATE TABLE cleat_new_connection_events (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 26),
    connection_id TEXT NOT NULL CHECK (length(connection_id) = 26),
    ts INTEGER NOT NULL DEFAULT (CAST(strftime('%s', 'now') || substr(strftime('%f', 'now'), 4) || '000' AS INTEGER)),
    "action" TEXT NOT NULL CHECK ("action" = 'add' OR "action" = 'update' OR "action" = 'default' OR "action" = 'delete'),
    actor TEXT CHECK (length(actor) <= 255),
    detail TEXT CHECK (detail IS NULL OR json_valid(detail))
) STRICT;

INSERT INTO cleat_new_connection_events (rowid, id, connection_id, ts, "action", actor, detail)
SELECT rowid, id, connection_id, ts, "action", actor, detail
FROM connection_events;

-- check: the copy of connection_events has all its rows and their values
SELECT old.id FROM connection_events AS old LEFT JOIN cleat_new_connection_events AS copy ON copy.rowid = old.rowid
WHERE (SELECT count(*) FROM connection_events) <> (SELECT count(*) FROM cleat_new_connection_events)
    OR old.id IS NOT copy.id
    OR old.connection_id IS NOT copy.connection_id
    OR old.ts IS NOT copy.ts
    OR old."action" IS NOT copy."action"
    OR old.actor IS NOT copy.actor
    OR old.detail IS NOT copy.detail;

DROP TABLE connection_events;

PRAGMA legacy_alter_table = ON;

ALTER TABLE cleat_new_connection_events RENAME TO connection_events;

PRAGMA legacy_alter_table = OFF;

CREATE INDEX connection_events_connection_id_ts_idx ON connection_events (connection_id, ts DESC);
