-- name: nothing_to_compare :many
SELECT title FROM library.books WHERE length(title) > :size;

-- name: two_types :many
SELECT title FROM library.books WHERE id = :x OR title = :x;

-- name: calculated :many
SELECT title FROM library.books WHERE id + 1 = :wanted;
