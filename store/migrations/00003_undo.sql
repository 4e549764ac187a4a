-- +goose Up

-- What people did by mail and may still take back, until the next digest. Rows
-- lose their content then and go two weeks later, so that nothing here outlives
-- the news it is about.
CREATE TABLE undoable (
  id        INTEGER PRIMARY KEY,
  member    INTEGER NOT NULL REFERENCES member(id),
  kind      TEXT NOT NULL,                 -- of the act
  ask       INTEGER NOT NULL,              -- 0: about none
  intake    INTEGER NOT NULL REFERENCES intake(id),
  letter    TEXT NOT NULL,                 -- key of the letter that answered it
  past      TEXT NOT NULL,                 -- JSON: how things stood before and after, '' once it is over
  done_at   INTEGER NOT NULL,
  until     INTEGER NOT NULL,              -- the time of the digest that ends it
  undone_at INTEGER
) STRICT;
CREATE INDEX undoable_member ON undoable (member, id);
CREATE INDEX undoable_until ON undoable (until);

-- Letters that have become pointless while they were on their way to the
-- server: if they come back unsent, they are not sent again.
CREATE TABLE pointless (
  letter INTEGER PRIMARY KEY
) STRICT;

-- +goose Down
DROP TABLE pointless;
DROP TABLE undoable;
