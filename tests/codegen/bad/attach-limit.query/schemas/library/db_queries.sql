-- name: everything :one
SELECT a.id FROM library.books AS a, d1.t AS t1, d2.t AS t2, d3.t AS t3, d4.t AS t4, d5.t AS t5,
    d6.t AS t6, d7.t AS t7, d8.t AS t8, d9.t AS t9
WHERE a.id = :id;
