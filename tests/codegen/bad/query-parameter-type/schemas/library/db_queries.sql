-- name: nothing_to_compare :many
SELECT title FROM library.books WHERE length(title) > :size;

-- name: two_types :many
SELECT title FROM library.books WHERE id = :x OR title = :x;

-- name: calculated :many
SELECT title FROM library.books WHERE id + 1 = :wanted;

-- name: of_subquery :many
-- The column is the subquery's, though a table has one of its name, of another type.
WITH found AS (SELECT title AS id, note FROM library.books WHERE author_id = :author)
SELECT note FROM found WHERE id = :id;
