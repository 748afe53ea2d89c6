-- A step.
-- revises: 4676c505efc0
-- schema: b00000000000

-- up

CREATE TABLE cleat_new (id INTEGER PRIMARY KEY, title TEXT NOT NULL) STRICT;

INSERT INTO cleat_new SELECT * FROM books;
