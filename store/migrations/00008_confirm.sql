-- +goose Up

-- Whether From was believed when the message was decided: believed unproven
-- failed; '' from before this was noted.
ALTER TABLE intake ADD COLUMN auth TEXT NOT NULL DEFAULT '';
CREATE INDEX intake_unproven ON intake (member, decided_at) WHERE auth = 'unproven';
CREATE INDEX intake_unconfirmed ON intake (member) WHERE state = 'unconfirmed';

-- The letters that ask a member "did you just write this?". One waits at a time.
CREATE TABLE confirm (
  id       INTEGER PRIMARY KEY,
  member   INTEGER NOT NULL REFERENCES member(id),
  letter   TEXT NOT NULL UNIQUE,           -- key of the letter
  state    TEXT NOT NULL,                  -- waiting yes no over
  asked_at INTEGER NOT NULL,
  ended_at INTEGER
) STRICT;
CREATE INDEX confirm_member ON confirm (member, id);
CREATE UNIQUE INDEX confirm_waiting ON confirm (member) WHERE state = 'waiting';

-- Messages in a member's name that wait for the member's yes: the state of their
-- intake row is unconfirmed. A yes makes them pending again, and the row stays
-- as the proof that they may be believed.
CREATE TABLE unconfirmed (
  intake       INTEGER PRIMARY KEY REFERENCES intake(id),
  member       INTEGER NOT NULL REFERENCES member(id),
  acts         TEXT NOT NULL,              -- what it would do, for the letter
  words        TEXT NOT NULL,              -- the beginning of it; '' where a letter must not repeat them, and after the yes
  since        INTEGER NOT NULL,
  until        INTEGER NOT NULL,
  confirmed_at INTEGER
) STRICT;
CREATE INDEX unconfirmed_member ON unconfirmed (member, intake) WHERE confirmed_at IS NULL;

-- +goose Down
DROP TABLE unconfirmed;
DROP TABLE confirm;
DROP INDEX intake_unconfirmed;
DROP INDEX intake_unproven;
ALTER TABLE intake DROP COLUMN auth;
