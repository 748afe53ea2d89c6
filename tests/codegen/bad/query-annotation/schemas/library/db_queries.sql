-- name: misspelt_type :many
-- :since timestmap
SELECT id FROM library.books WHERE bought_at > :since;

-- name: no_type :many
-- column total
-- scan ok:
SELECT count(*) AS total FROM library.books;

-- name: no_null :many
-- column total integer maybe
SELECT count(*) AS total FROM library.books;

-- name: twice :one
-- :id integer
-- :id text
SELECT title FROM library.books WHERE id = :id;
-- scan ok: behind the statement

-- column title text not null
-- name: stray :many
-- scan ok: here
SELECT title -- :id integer
FROM library.books; -- a column of no type
