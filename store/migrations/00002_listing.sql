-- +goose Up

-- Letters with a greater number than this tell the ask as it is on the list now:
-- when an ask comes back onto the list, those before are not counted as told.
ALTER TABLE ask ADD COLUMN told_from INTEGER NOT NULL DEFAULT 0;

-- +goose Down
ALTER TABLE ask DROP COLUMN told_from;
