-- pipeline/run/db_queries.sql: how the work stands.

-- name: workspace_runs :many
-- The latest runs of a workspace, each with its items counted by what became of them.
SELECT
    r.id, r.run_type, r.status, r.started_at, r.finished_at,
    count(i.id) AS items,
    count(i.id) FILTER (WHERE i.status IN ('queued', 'running')) AS open_items,
    count(i.id) FILTER (WHERE i.status = 'succeeded') AS succeeded_items,
    count(i.id) FILTER (WHERE i.status = 'failed') AS failed_items
FROM pipeline.runs AS r
LEFT JOIN pipeline.run_items AS i ON i.run_id = r.id
WHERE r.workspace_id = :workspace_id
GROUP BY r.id
ORDER BY r.started_at DESC
LIMIT :most;

-- name: recent_events :many
-- What happened in a run since a time, in order. NULL is every level.
-- :level enum event_level null
SELECT id, ts, level, event_type, payload_json
FROM pipeline.events
WHERE run_id = :run_id AND ts >= :since AND (:level IS NULL OR level = :level)
ORDER BY ts, id;

-- name: finish_run :execrows
-- Ends a run that has not ended yet. An error message is for those that failed.
UPDATE pipeline.runs
SET status = :status, finished_at = :finished_at, error_message = :error_message
WHERE id = :id AND status IN ('queued', 'running');
