-- name: lent_books :many
-- scan ok: few books
SELECT l.until, b.state, b.title
FROM library.loans AS l JOIN library.books AS b ON b.id = l.book_id
WHERE l.until < :before AND b.state = :state -- both are parameters
ORDER BY l.until;
