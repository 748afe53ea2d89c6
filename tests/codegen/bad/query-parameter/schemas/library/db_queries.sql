-- name: question_mark :one
SELECT title FROM library.books WHERE id = ?;

-- name: number :one
SELECT title FROM library.books WHERE id = ?1 AND title = @title;

-- name: capital :one
SELECT title FROM library.books WHERE id = :Id;

-- name: array :many
SELECT title FROM library.books WHERE id = :ids...;

-- name: array_of_two :many
SELECT title FROM library.books WHERE id IN (:ids..., 7);
