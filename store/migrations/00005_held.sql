-- +goose Up

-- What was seen in an ask that waits for its writer's word, such as "phone/2
-- pupil/0": codes and lines, never the words. It stays while nobody else has
-- been shown the ask, whatever its state, and is '' from when it was sent.
ALTER TABLE ask ADD COLUMN held TEXT NOT NULL DEFAULT '';
CREATE INDEX ask_held ON ask (state) WHERE state = 'held';

-- A change of an ask that waits for its asker's word; until then the old words
-- stand. At most one an ask: a newer change takes its place.
CREATE TABLE held_edit (
  ask        INTEGER PRIMARY KEY REFERENCES ask(number),
  held       TEXT NOT NULL,
  title      TEXT NOT NULL,
  body       TEXT NOT NULL,
  needed_by  TEXT NOT NULL,
  replaces   INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- What mail servers reported against the address of a letter that we sent, or
-- said when we handed it in: one row a letter at most. A report that names no
-- letter of ours has none: it is a note, which counts for nothing.
CREATE TABLE bounce (
  id      INTEGER PRIMARY KEY,
  letter  INTEGER UNIQUE REFERENCES letter(id),
  member  INTEGER NOT NULL REFERENCES member(id),
  address TEXT NOT NULL,
  hard    INTEGER NOT NULL,
  status  TEXT NOT NULL,
  day     TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX bounce_member ON bounce (member);
CREATE INDEX bounce_note ON bounce (address, day) WHERE letter IS NULL;
CREATE INDEX bounce_hard ON bounce (hard, at);

-- Members whose digests rest because their address bounces. It holds for that
-- address alone: another one in the staff list ends it.
CREATE TABLE bounce_pause (
  member  INTEGER PRIMARY KEY REFERENCES member(id),
  address TEXT NOT NULL,
  status  TEXT NOT NULL,
  since   INTEGER NOT NULL
) STRICT;
CREATE INDEX bounce_pause_since ON bounce_pause (since);

-- +goose Down
DROP TABLE bounce_pause;
DROP TABLE bounce;
DROP TABLE held_edit;
DROP INDEX ask_held;
ALTER TABLE ask DROP COLUMN held;
