CREATE VIEW gone AS SELECT customerID AS id, email FROM Customers WHERE state = 'gone';

CREATE TRIGGER order_gone AFTER DELETE ON orders BEGIN
    INSERT INTO log (text) VALUES (old.shop);
END;
