-- name: shelf_of_loan :one
SELECT b.id AS book, b.shelf, s.width_of_back
FROM library.loans AS l
JOIN library.books AS b ON b.id = l.book
LEFT JOIN library.shelves AS s ON s.shelf_code = b.shelf
WHERE l.id = :id;

-- name: loans_of_books :many
SELECT id, reader FROM library.loans WHERE book IN (:books...) ORDER BY id;

-- name: loans_of_readers :many
-- :guardian reader_id null
-- scan ok: the order is that of the key
SELECT l.id, min(b.bought) AS first_bought
FROM library.loans AS l JOIN library.books AS b ON b.id = l.book
JOIN library.readers AS r ON r.id = l.reader
WHERE l.reader IN (:readers...) AND (:guardian IS NULL OR r.guardian = :guardian)
GROUP BY l.id ORDER BY l.id;

-- name: move_book :execrows
UPDATE library.books SET shelf = :shelf, sequel = :sequel WHERE id = :id;
