-- +goose Up

-- Messages whose bytes must not stay on the mail server: 0 no, 1 to be erased
-- there by UID, 2 gone from there.
ALTER TABLE intake ADD COLUMN erase INTEGER NOT NULL DEFAULT 0;
CREATE INDEX intake_erase ON intake (erase) WHERE erase = 1;

-- +goose Down
DROP INDEX intake_erase;
ALTER TABLE intake DROP COLUMN erase;
