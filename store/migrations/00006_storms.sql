-- +goose Up

-- Whose turn it is: messages that wait are decided by turn, so that a sender of
-- thousands does not keep others waiting. sender is a hash of the From field.
ALTER TABLE intake ADD COLUMN sender TEXT NOT NULL DEFAULT '';
ALTER TABLE intake ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
CREATE INDEX intake_turn ON intake (turn) WHERE state = 'pending';
CREATE INDEX intake_sender ON intake (sender, turn) WHERE state = 'pending';

-- How many mails of a member may still be acted on: the bucket is full again at
-- that instant.
CREATE TABLE allowance (
  member  INTEGER PRIMARY KEY REFERENCES member(id),
  full_at INTEGER NOT NULL
) STRICT;

-- Letters that wait because their recipient has had enough for a day. within is
-- the one letter that tells what they say; once that is sent, so are they.
CREATE TABLE later (
  letter INTEGER PRIMARY KEY REFERENCES letter(id),
  due    INTEGER NOT NULL,
  within INTEGER
) STRICT;

CREATE INDEX letter_refusal ON letter (at) WHERE kind = 'refusal';

-- +goose Down
DROP INDEX letter_refusal;
DROP TABLE later;
DROP TABLE allowance;
DROP INDEX intake_sender;
DROP INDEX intake_turn;
ALTER TABLE intake DROP COLUMN turn;
ALTER TABLE intake DROP COLUMN sender;
