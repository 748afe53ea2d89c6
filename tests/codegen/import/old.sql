-- A file as programs without cleat have left it.
CREATE TABLE Customers (
    customerID INTEGER PRIMARY KEY AUTOINCREMENT,
    "full name" VARCHAR(80) NOT NULL COLLATE NOCASE,
    email TEXT UNIQUE,
    state TEXT NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'active', 'gone')),
    level TEXT CHECK (level IN ('Gold', 'Silver')),
    settings TEXT CHECK (settings IS NULL OR json_valid(settings)),
    active INTEGER NOT NULL DEFAULT 1 CHECK (active = 0 OR active = 1),
    class TEXT,
    created TEXT DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE orders (
    shop TEXT NOT NULL,
    number INTEGER NOT NULL,
    customer INTEGER REFERENCES Customers (customerID) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    total NUMERIC,
    half REAL GENERATED ALWAYS AS (total / 2) STORED,
    note TEXT DEFAULT 'it''s "new"',
    PRIMARY KEY (shop, number),
    CHECK (total > 0 OR note IS NOT NULL)
) WITHOUT ROWID;
CREATE TABLE lines (
    id INTEGER PRIMARY KEY,
    shop TEXT NOT NULL,
    number INTEGER NOT NULL,
    article TEXT NOT NULL,
    UNIQUE (shop, number, article),
    FOREIGN KEY (shop, number) REFERENCES orders (shop, number) ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX by_article ON lines (article COLLATE NOCASE DESC, lower(shop)) WHERE number > 0;
CREATE INDEX lines_article_idx ON lines (article);
CREATE TABLE log (text TEXT);
CREATE VIRTUAL TABLE found USING fts5(article, shop UNINDEXED);
CREATE VIEW gone AS SELECT customerID AS id, email FROM Customers WHERE state = 'gone';
CREATE TRIGGER order_gone AFTER DELETE ON orders BEGIN
    INSERT INTO log (text) VALUES (old.shop);
END;
