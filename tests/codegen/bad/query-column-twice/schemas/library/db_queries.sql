-- name: books_with_authors :many
SELECT *
FROM library.books JOIN library.authors ON authors.id = books.author_id;

-- name: same_name :one
SELECT title, note AS title FROM library.books WHERE id = :id;
