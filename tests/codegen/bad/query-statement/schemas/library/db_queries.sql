-- name: two_at_once :exec
DELETE FROM library.books WHERE id = :id;
DELETE FROM library.authors WHERE id = :id;

-- name: nothing :exec
-- Only words.
