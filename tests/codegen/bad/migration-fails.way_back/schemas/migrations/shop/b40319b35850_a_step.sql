-- A step.
-- revises: 4676c505efc0
-- schema: b00000000000

-- up

ALTER TABLE books ADD COLUMN pages INTEGER;

-- down

ALTER TABLE books DROP COLUMN title;
