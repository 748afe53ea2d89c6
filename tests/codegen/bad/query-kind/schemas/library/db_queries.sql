-- name: no_rows :many
DELETE FROM library.books WHERE id = :id;

-- name: rows :exec
SELECT title FROM library.books WHERE id = :id;

-- name: no_changes :execrows
SELECT title FROM library.books WHERE id = :id;

-- name: lost_rows :execrows
DELETE FROM library.books WHERE id = :id RETURNING title;

-- name: settings :exec
PRAGMA foreign_keys = OFF;

-- name: titles :many
CREATE VIEW titles AS SELECT title FROM books;
