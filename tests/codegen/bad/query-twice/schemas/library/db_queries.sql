-- name: one_book :one
SELECT title FROM library.books WHERE id = :id;

-- name: one_book :one
SELECT note FROM library.books WHERE id = :id;
