-- First.

CREATE TABLE a (b);
