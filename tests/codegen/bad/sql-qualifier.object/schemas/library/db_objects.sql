CREATE VIEW titles AS
SELECT title FROM library.books;

-- An alias may have the name of a database.
CREATE VIEW names AS
SELECT library.name FROM authors AS library;

CREATE TRIGGER main.books_are_kept BEFORE DELETE ON books
BEGIN
    SELECT raise(ABORT, 'no');
END;
