-- A name that is not there.
CREATE VIEW titles AS
SELECT titel FROM books;

-- A view is compiled when it is read, a trigger when something is done to its table.
CREATE TRIGGER books_are_kept BEFORE DELETE ON books
BEGIN
    INSERT INTO attic (title) VALUES (old.title);
END;

CREATE TRIGGER twice AFTER INSERT ON books BEGIN SELECT 1; END;
CREATE TRIGGER twice AFTER INSERT ON authors BEGIN SELECT 1; END;
