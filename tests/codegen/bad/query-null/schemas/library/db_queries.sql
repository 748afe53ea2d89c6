-- name: outer_join :many
-- column name text not null
SELECT b.title, a.name
FROM library.books AS b LEFT JOIN library.authors AS a ON a.id = b.author_id;

-- name: empty_table :one
-- column newest timestamp not null
SELECT max(bought_at) AS newest FROM library.books;

-- name: scalar :many
-- column author text not null
SELECT title, (SELECT name FROM library.authors WHERE id = author_id) AS author
FROM library.books;

-- name: empty_text :many
-- column text text not null
SELECT nullif(title, '') AS text FROM library.books;

-- name: negative :many
-- column root real not null
SELECT iif(id < 0, NULL, 1.0) AS root FROM library.books WHERE id < :id;

-- name: in_common_table :many
-- column note text not null
WITH found AS (SELECT id, note FROM library.books WHERE id >= :id)
SELECT note FROM found;
