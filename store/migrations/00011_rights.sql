-- +goose Up

-- Where a message was filed to, as the server named it when it was moved, and
-- when erasing it there may be tried again after it could not be done.
ALTER TABLE intake ADD COLUMN folder TEXT NOT NULL DEFAULT '';
ALTER TABLE intake ADD COLUMN folder_validity INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intake ADD COLUMN folder_uid INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intake ADD COLUMN erase_next INTEGER NOT NULL DEFAULT 0;

-- Members who were forgotten. The row of member stays, without a name, so that
-- what is counted stays right.
CREATE TABLE forgotten (
  member    INTEGER PRIMARY KEY REFERENCES member(id),
  joined_at INTEGER NOT NULL,            -- with the number it names the member in every backup
  at        INTEGER NOT NULL
) STRICT;

-- Their addresses, as an HMAC under the book's secret: a staff list that still
-- has them does not bring them back. member is NULL where a restored book never
-- knew the address.
CREATE TABLE forgotten_address (
  hash   TEXT PRIMARY KEY,
  member INTEGER REFERENCES member(id),
  at     INTEGER NOT NULL
) STRICT;

-- Wordings that must lose their words as soon as no letter of theirs is on its
-- way, and names that are still looked for in the others.
CREATE TABLE wording_erase (
  wording INTEGER PRIMARY KEY REFERENCES wording(id)
) STRICT;
CREATE TABLE forget_search (
  member  INTEGER PRIMARY KEY REFERENCES member(id),
  names   TEXT NOT NULL,                 -- JSON array; gone with the row when the search ends
  reached INTEGER NOT NULL               -- wordings with a greater number have been read
) STRICT;

-- +goose Down
DROP TABLE forget_search;
DROP TABLE wording_erase;
DROP TABLE forgotten_address;
DROP TABLE forgotten;
ALTER TABLE intake DROP COLUMN erase_next;
ALTER TABLE intake DROP COLUMN folder_uid;
ALTER TABLE intake DROP COLUMN folder_validity;
ALTER TABLE intake DROP COLUMN folder;
