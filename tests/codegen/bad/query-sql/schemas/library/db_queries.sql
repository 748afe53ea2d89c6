-- name: unknown_table :many
SELECT title FROM library.boks;

-- name: unknown_column :many
SELECT title,
       pages
FROM library.books;

-- name: wrong_arguments :one
SELECT length(title, note) AS size FROM library.books WHERE id = :id;

-- name: syntax :many
SELECT title FROM library.books
WHERE id = = :id;

-- name: double_quotes :many
SELECT id FROM library.books WHERE title = "Poems";
