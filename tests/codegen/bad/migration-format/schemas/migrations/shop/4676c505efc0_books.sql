-- Books.
-- revises: none
-- schema: a00000000000

-- up

CREATE TABLE books (
    id INTEGER PRIMARY KEY,
    title TEXT NOT NULL
) STRICT;
