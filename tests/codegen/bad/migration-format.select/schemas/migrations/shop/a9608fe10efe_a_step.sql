-- A step.
-- revises: 4676c505efc0
-- schema: a00000000000

-- up

SELECT id FROM books;

-- check: every book has a title
DELETE FROM books WHERE title IS NULL;
