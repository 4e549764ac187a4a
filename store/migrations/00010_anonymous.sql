-- +goose Up

-- Who stands behind the veil of an anonymous ask, sealed with a key that is not
-- in the book. The veil is a member like any other to every table, without a
-- name and without an address that could be written to. The row goes when the
-- ask has been over for so long that nobody answers about it any more.
CREATE TABLE ask_sealed (
  ask    INTEGER PRIMARY KEY REFERENCES ask(number),
  veil   INTEGER NOT NULL UNIQUE REFERENCES member(id),
  key    TEXT NOT NULL,                  -- which key
  sealed BLOB NOT NULL                   -- always of one length
) STRICT;

-- +goose Down
DROP TABLE ask_sealed;
