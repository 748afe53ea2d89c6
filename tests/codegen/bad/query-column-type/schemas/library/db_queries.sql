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

-- name: no_boolean :many
-- column author boolean
SELECT coalesce(author_id, 7) AS author FROM library.books WHERE id >= :id;

-- name: no_label :many
-- column mood mood
SELECT lower(title) AS mood FROM library.books WHERE id >= :id;

-- name: no_uuid :many
-- column code uuid
SELECT title || '0123456789012345678901234567890123456789' AS code
FROM library.books WHERE id >= :id;

-- name: keys_of_lists :many
-- column key text
SELECT e.key FROM library.books AS b, json_each('[1, 2]') AS e WHERE b.id = :id;
