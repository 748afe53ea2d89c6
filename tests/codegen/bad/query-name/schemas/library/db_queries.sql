-- All statements need a name.
SELECT id FROM library.books;

-- name: Books :many
SELECT id FROM library.books;

-- name: books :mnay
SELECT id FROM library.books;

-- name: books
SELECT id FROM library.books;
