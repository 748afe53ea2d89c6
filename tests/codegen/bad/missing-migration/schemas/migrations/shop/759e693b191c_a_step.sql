-- A step.
-- revises: 4676c505efc0
-- schema: b00000000000

-- up

CREATE INDEX books_title_idx ON books (title);
