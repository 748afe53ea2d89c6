-- name: books_with_note :many
SELECT title FROM library.books WHERE note = :note;

-- name: all_titles :many
-- scan ok: the list is shown as a whole
SELECT title FROM library.books ORDER BY title;

-- name: first_titles :many
SELECT title FROM library.books ORDER BY title LIMIT :most;
