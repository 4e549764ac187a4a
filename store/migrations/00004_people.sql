-- +goose Up

-- The words of members' names, folded, each spelling a row: who is meant by
-- "ask Ben" is found without reading the whole staff list.
CREATE TABLE member_name (
  part   TEXT NOT NULL,
  member INTEGER NOT NULL REFERENCES member(id),
  PRIMARY KEY (part, member)
) STRICT;
CREATE INDEX member_name_member ON member_name (member);

-- Who was asked privately for help with an ask because a colleague named them.
-- Both are parties of the ask, in the roles invited and connector.
CREATE TABLE referral (
  invited    INTEGER PRIMARY KEY REFERENCES ask_party(id) ON DELETE CASCADE,
  connector  INTEGER NOT NULL REFERENCES ask_party(id) ON DELETE CASCADE,
  state      TEXT NOT NULL,              -- invited withdrawn (by the connector)
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX referral_connector ON referral (connector);

-- Who has the same need: a party of the ask in the role metoo.
CREATE TABLE metoo (
  party      INTEGER PRIMARY KEY REFERENCES ask_party(id) ON DELETE CASCADE,
  told_from  INTEGER NOT NULL,           -- letters with a greater number told the asker of it
  created_at INTEGER NOT NULL,
  told_at    INTEGER                     -- how the ask ended was told
) STRICT;

-- "Which Ben did you mean?": the writer's part in the ask, NULL for thanks that
-- are about none; the name as written. And, with every question, the names in
-- the words that wait.
ALTER TABLE question ADD COLUMN party INTEGER;
ALTER TABLE question ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE question ADD COLUMN names TEXT NOT NULL DEFAULT '[]';

-- +goose Down
ALTER TABLE question DROP COLUMN names;
ALTER TABLE question DROP COLUMN name;
ALTER TABLE question DROP COLUMN party;
DROP TABLE metoo;
DROP TABLE referral;
DROP TABLE member_name;
