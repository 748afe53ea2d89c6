-- shop/db_queries.sql: what can be NULL, and what cannot.

-- name: plain :many
SELECT id, customer_id, state, total, sent_at, gift, extra FROM shop.orders WHERE id >= :first;

-- name: everything :one
SELECT * FROM shop.orders WHERE id = :id;

-- name: left_join :many
-- scan ok: golden
SELECT c.name, c.city, o.id AS order_id, o.state
FROM shop.customers AS c LEFT JOIN shop.orders AS o ON o.customer_id = c.id;

-- name: subquery :many
-- column orders integer not null
-- column newest integer
-- :least integer
-- scan ok: golden
SELECT c.name, n.orders, n.newest
FROM shop.customers AS c
JOIN (SELECT customer_id, count(*) AS orders, max(id) AS newest
      FROM shop.orders GROUP BY customer_id) AS n ON n.customer_id = c.id
WHERE n.orders > :least;

-- name: common_table :many
-- column label text
-- scan ok: golden
WITH big AS (SELECT id, total FROM shop.orders WHERE total > :total)
SELECT big.id, big.total, 'order ' || big.id AS label FROM big ORDER BY big.total DESC LIMIT :most;

-- name: aggregate :one
-- scan ok: golden
SELECT count(*) AS orders, min(total) AS least, sum(total) AS sum, total(total) AS all_total,
       avg(total) AS middle, id AS any_id
FROM shop.orders;

-- name: expressions :one
-- scan ok: golden
SELECT length(gift) AS gift_length, length(extra) AS extra_length, upper(extra) AS loud,
       coalesce(gift, '') AS gift_text, ifnull(sent_at, 0) AS sent, CAST(total AS INTEGER) AS rounded,
       gift IS NULL AS lacks_gift, 7 AS seven, 1.5 AS half, 'x' AS x,
       (SELECT name FROM shop.customers WHERE id = customer_id) AS customer,
       (SELECT count(*) FROM shop.customers) AS customers,
       NOT EXISTS (SELECT 1 FROM shop.customers WHERE city = :city) AS is_nowhere,
       row_number() OVER (ORDER BY id) AS place
FROM shop.orders WHERE id = :id;

-- name: scalar_inside :many
-- scan ok: golden
SELECT o.id, o.name FROM (
    SELECT id, (SELECT name FROM shop.customers WHERE id = customer_id) AS name FROM shop.orders
) AS o;

-- name: of_view :many
-- scan ok: golden
SELECT name, orders, spent, last_sent_at FROM shop.customer_totals WHERE spent > 0;

-- name: of_outer_view :many
-- scan ok: golden
SELECT * FROM shop.either;

-- name: compound :many
-- column name text not null
-- column kind text not null
-- scan ok: golden
SELECT name, 'customer' AS kind FROM shop.customers
UNION ALL
SELECT gift, 'gift' FROM shop.orders WHERE gift IS NOT NULL;

-- name: ranges :many
-- :length integer
SELECT id FROM shop.orders
WHERE state IN (:state, 'paid') AND sent_at BETWEEN :from AND :until AND length(gift) < :length
ORDER BY sent_at;

-- name: arrays :many
SELECT id FROM shop.orders
WHERE id IN (:ids...) AND gift NOT IN (:gifts...) AND state IN (:states...);

-- name: optional :many
-- :note sku null
-- scan ok: golden
SELECT id FROM shop.orders WHERE (:state IS NULL OR state = :state) AND gift IS NOT :note;

-- name: upsert :exec
INSERT INTO shop.customers (id, name, city) VALUES (:id, :name, :city)
ON CONFLICT (id) DO UPDATE SET name = :name, city = coalesce(:city, city);

-- name: raise_totals :execrows
-- :by real
UPDATE shop.orders SET total = total + :by, gift = :gift WHERE customer_id = :customer_id;

-- name: send :one
UPDATE shop.orders SET state = 'sent', sent_at = :sent_at WHERE id = :id RETURNING id, state, sent_at;

-- name: with_comments :one
SELECT /* inside */ name -- at the end
FROM shop.customers
-- a line of its own
WHERE id = :id AND name <> '-- no comment';

-- name: logged :many
-- What the other database knows of an order.
SELECT l.line, o.state
FROM audit.log AS l LEFT JOIN shop.orders AS o ON o.id = l.order_id
WHERE l.order_id = :order_id;

-- name: scopes :many
-- Each :name is compared with the column that its own SELECT sees.
WITH one AS (SELECT id, customer_id FROM shop.orders WHERE id = :id)
SELECT c.name FROM one JOIN shop.customers AS c ON c.id = one.customer_id
WHERE c.city IN (SELECT city FROM shop.customers AS one WHERE one.name = :name);

-- name: members :many
-- scan ok: golden
SELECT o.id, CAST(e.key AS TEXT) AS key FROM shop.orders AS o, json_each(o.extra) AS e;

-- name: badges_and_orders :many
-- An outer join leaves the view whole that it begins with.
-- scan ok: a report
SELECT b.badge, o.id FROM shop.badges AS b LEFT JOIN shop.orders AS o ON o.customer_id = b.id;

-- name: orders_and_badges :many
-- Where the view is the optional side, all of it can be NULL.
-- scan ok: a report
SELECT o.id, b.badge FROM shop.orders AS o LEFT JOIN shop.badges AS b ON b.id = o.customer_id;

-- name: totals_and_orders :many
-- The view has an outer join of the same table: what cannot be told apart may be NULL.
-- scan ok: a report
SELECT t.orders, o.id FROM shop.customer_totals AS t LEFT JOIN shop.orders AS o ON o.id = t.id;

-- name: names_of_all :many
-- The types of a view hold though it is a compound.
-- scan ok: a report
SELECT n.name, n.code AS number, o.total FROM shop.names AS n JOIN shop.orders AS o ON o.id = n.code;
