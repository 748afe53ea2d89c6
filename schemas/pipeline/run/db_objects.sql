-- pipeline/run/db_objects.sql: views and triggers of the run module.

-- How long each run took; NULL while it runs.
-- column duration_us integer
CREATE VIEW run_durations AS
SELECT id, workspace_id, run_type, status, started_at, finished_at,
       finished_at - started_at AS duration_us
FROM runs;

-- What has happened does not change.
CREATE TRIGGER events_are_not_changed BEFORE UPDATE ON events
BEGIN
    SELECT raise(ABORT, 'events are only ever added');
END;

-- An event goes only with its run, through the foreign key.
CREATE TRIGGER events_are_not_deleted BEFORE DELETE ON events
WHEN EXISTS (SELECT 1 FROM runs WHERE id = old.run_id)
BEGIN
    SELECT raise(ABORT, 'events are only ever added');
END;
