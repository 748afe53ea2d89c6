/* library/db_objects.sql: a view and triggers that the queries go through. */

-- Books of price, dear ones first.
CREATE VIEW dear_books AS
SELECT id, title, coalesce(price, 0.0) AS worth, author_id IS NULL AS is_orphan
FROM books -- a comment that is not stored
WHERE price >= 10;

CREATE TRIGGER authors_stay BEFORE DELETE ON authors
BEGIN
    SELECT CASE WHEN old.name <> '' THEN raise(ABORT, 'authors stay') END;
END;

-- A view that can be written.
CREATE TRIGGER dear_books_price INSTEAD OF UPDATE OF worth ON dear_books
BEGIN
    UPDATE books SET price = new.worth WHERE id = old.id;
END;
