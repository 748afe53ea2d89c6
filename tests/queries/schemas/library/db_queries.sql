-- library/db_queries.sql: one query per thing that a query can do.

-- name: book_by_title :one
SELECT id, title, note, state, price FROM library.books WHERE title = :title ORDER BY id LIMIT 1;

-- name: books_of_author :many
-- Books with their author, who may be unknown.
SELECT b.id, b.title, a.name AS author
FROM library.books b LEFT JOIN library.authors a ON a.id = b.author_id
WHERE b.author_id IS :author_id
ORDER BY b.id;

-- name: books_by_ids :many
SELECT id, title FROM library.books WHERE id IN (:ids...) ORDER BY id;

-- name: books_by_titles :many
SELECT id FROM library.books WHERE title IN (:titles...) AND id <> :not_this ORDER BY id;

-- name: books_in_states :many
-- scan ok: few books
SELECT id, state FROM library.books WHERE state IN (:states...) ORDER BY id;

-- name: books_at_prices :many
-- scan ok: few books
SELECT id FROM library.books WHERE price IN (:prices...) ORDER BY id;

-- name: books_with_covers :many
-- scan ok: few books
SELECT id FROM library.books WHERE cover IN (:covers...) AND "signed" IN (:flags...) ORDER BY id;

-- name: set_details :execrows
UPDATE library.books
SET note = :note, price = :price, bought_at = :bought_at, state = :state, cover = :cover
WHERE id = :id;

-- name: add_book :one
INSERT INTO library.books (title, author_id, state) VALUES (:title, :author_id, :state)
RETURNING id, title;

-- name: add_author :exec
INSERT INTO library.authors (id, name) VALUES (:id, :name);

-- name: lose_all :many
UPDATE library.books SET state = 'lost' WHERE id >= :first RETURNING id;

-- name: forget_books :execrows
-- scan ok: few books
DELETE FROM library.books WHERE id NOT IN (:kept...);

-- name: state_counts :many
-- scan ok: a report
SELECT state, count(*) AS books, total(price) AS worth, max(title) AS last_title
FROM library.books GROUP BY state ORDER BY state;

-- name: totals :one
-- scan ok: a report
SELECT count(*) AS books, sum(price) AS worth, avg(price) AS middle,
       (SELECT count(*) FROM library.authors) AS authors,
       EXISTS (SELECT 1 FROM library.books WHERE price > 100) AS has_dear_one
FROM library.books;

-- name: bad_note :one
-- Says what is not so: the tests make it so, which no trial can.
-- column note text not null
-- column number integer not null
SELECT nullif(note, 'gone') AS note, iif(title = 'words', 'seven', 7) AS number
FROM library.books WHERE id = :id AND note IS NOT NULL;

-- name: archived_books :many
-- Books with what the archive has of them.
SELECT b.id, b.title, s.shelf
FROM library.books AS b LEFT JOIN archive.shelves AS s ON s.book_id = b.id
WHERE b.id >= :first ORDER BY b.id;

-- name: move_to_shelf :execrows
-- Writes the archive, out of what the library knows.
-- scan ok: few books
INSERT INTO archive.shelves (book_id, shelf)
SELECT b.id, :shelf FROM library.books AS b WHERE b.state = 'lost';

-- name: matching_books :many
SELECT b.id, f.title, snippet(books_fts, 0, '[', ']', '.', 8) AS extract
FROM library.books_fts AS f JOIN library.books AS b ON b.id = f.rowid
WHERE books_fts MATCH :words ORDER BY b.id;

-- name: shouted_note :one
-- :facts json
-- column number integer
SELECT json_extract(:facts, '$.a') AS number FROM library.books WHERE id = :id;

-- name: dear_titles :many
SELECT title, worth FROM library.dear_books ORDER BY title;

-- name: all_titles :many
-- Of a compound only the author knows the types.
-- column title text not null
-- scan ok: a list of everything
SELECT title FROM library.books UNION SELECT name FROM library.authors ORDER BY 1;

-- name: class :execrows
-- A name that C++ has too, with parameters that C has.
UPDATE library.books SET title = :int, note = :values WHERE id = :s;
