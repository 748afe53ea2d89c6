-- name: no_name :one
SELECT id, count(*) FROM library.books;

-- name: capitals :one
SELECT title AS Title FROM library.books WHERE id = :id;
