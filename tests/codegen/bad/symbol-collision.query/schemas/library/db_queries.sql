-- name: books_list :many
SELECT title FROM library.books WHERE id = :id;

-- name: authors :one
SELECT name FROM library.authors WHERE id = :id;
