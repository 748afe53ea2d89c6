-- name: bare :many
SELECT title FROM books WHERE id = :id;

-- name: half :many
-- A common table may have no database, a real one may not.
WITH found AS (SELECT id, title FROM library.books WHERE id > :id)
SELECT found.title, a.name
FROM found, authors AS a;

-- name: bare_write :exec
INSERT INTO books (title) VALUES (:title);

-- name: in_common_table :many
WITH found AS (SELECT id, title FROM books WHERE id > :id) SELECT title FROM found;
