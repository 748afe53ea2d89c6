-- A file may begin with words that belong to nothing.

-- Customers with what they have spent; those without an order have spent nothing.
CREATE VIEW customer_totals AS
SELECT c.id, c.name, count(o.id) AS orders, coalesce(sum(o.total), 0.0) AS spent, -- a comment
       max(o.sent_at) AS last_sent_at
FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id
GROUP BY c.id;

/* not a doc comment */
CREATE VIEW either AS SELECT c.name, o.id AS order_id, o.state
FROM customers AS c LEFT JOIN orders AS o ON o.customer_id = c.id;

-- Sent orders stay as they are; "quoted; text" is no end.
CREATE TRIGGER sent_orders_stay BEFORE UPDATE ON orders
WHEN old.state = 'sent'
BEGIN
    SELECT CASE WHEN new.total <> old.total THEN raise(ABORT, 'sent; too late') END;
END;

-- Of a compound only its author knows the types.
-- column name text not null
-- column code integer not null
CREATE VIEW names AS SELECT name, id AS code FROM customers
UNION SELECT state, 0 FROM orders;

-- column badge text not null
CREATE VIEW badges AS SELECT id, name || '!' AS badge FROM customers;
