-- name: expression :many
SELECT id, title || ' ' || note AS label FROM library.books WHERE id > :id;

-- name: compound :many
SELECT title FROM library.books UNION SELECT name FROM library.authors;

-- name: contradiction :one
-- column title integer
SELECT title FROM library.books WHERE id = :id;

-- name: refuted :one
-- column label integer
SELECT title || '!' AS label FROM library.books WHERE id = :id;
