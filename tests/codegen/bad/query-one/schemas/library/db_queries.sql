-- name: book_of_author :one
SELECT title FROM library.books WHERE author_id = :author_id;
