-- A table belongs into db_models.h.
CREATE TABLE shelves (id INTEGER);

CREATE TEMP VIEW titles AS SELECT title FROM books;

CREATE VIEW IF NOT EXISTS titles AS SELECT title FROM books;

CREATE VIEW titles (name) AS SELECT title FROM books;

CREATE VIEW Titles AS SELECT title FROM books;
