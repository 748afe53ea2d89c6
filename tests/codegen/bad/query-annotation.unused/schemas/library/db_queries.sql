-- name: nobody_asks :one
-- :author_id integer
-- column total integer
SELECT title FROM library.books WHERE id = :id;
