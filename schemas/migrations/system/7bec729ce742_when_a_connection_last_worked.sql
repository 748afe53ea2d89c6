-- When a connection last worked.
-- revises: 183314982a62
-- schema: a58ede49cb2a

-- up

ALTER TABLE connections ADD COLUMN last_ok_at INTEGER;

ALTER TABLE connections ADD COLUMN last_error_code TEXT CHECK (length(last_error_code) <= 64);

-- down

ALTER TABLE connections DROP COLUMN last_ok_at;

ALTER TABLE connections DROP COLUMN last_error_code;
