-- A step.
-- revises: 4676c505efc0
-- schema: b00000000000

-- up

DELETE FROM books;
