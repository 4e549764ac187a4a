-- +goose Up

-- Keys of the tokens in Reply-To (store/token.go). The newest signs, the one
-- before it still proves; older ones are gone.
CREATE TABLE token_key (
  id     INTEGER PRIMARY KEY,
  secret TEXT NOT NULL,                  -- 32 octets in hexadecimal
  since  INTEGER NOT NULL
) STRICT;

-- "Was this you, writing from x@y?": the address that was asked about; '' with
-- every other kind of question.
ALTER TABLE question ADD COLUMN address TEXT NOT NULL DEFAULT '';
CREATE INDEX question_address ON question (address) WHERE address <> '';

-- Mails from that address, which wait for the answer: refused until then.
CREATE TABLE address_waiting (
  intake   INTEGER PRIMARY KEY REFERENCES intake(id),
  question INTEGER NOT NULL REFERENCES question(id)
) STRICT;
CREATE INDEX address_waiting_question ON address_waiting (question);

-- Further addresses of members, each confirmed from the registered one. The
-- staff list wins over them.
CREATE TABLE learnt_address (
  address   TEXT PRIMARY KEY,
  member    INTEGER NOT NULL REFERENCES member(id),
  question  INTEGER NOT NULL REFERENCES question(id),
  learnt_at INTEGER NOT NULL
) STRICT;
CREATE INDEX learnt_member ON learnt_address (member);
CREATE INDEX learnt_question ON learnt_address (question);

-- Addresses of nobody on the staff list from which a letter of ours was
-- answered: the admin reads of them once a week, and they go after a month.
CREATE TABLE outsider (
  address TEXT NOT NULL,
  member  INTEGER NOT NULL,              -- to whom that letter had gone; 0: to several
  mails   INTEGER NOT NULL,
  news    INTEGER NOT NULL,              -- 1: the admin has not read of it, or not of all of it
  last_at INTEGER NOT NULL,
  told_at INTEGER,
  PRIMARY KEY (address, member)
) STRICT;
CREATE INDEX outsider_news ON outsider (last_at) WHERE news = 1;
CREATE INDEX outsider_told ON outsider (told_at);

-- +goose Down
DROP TABLE outsider;
DROP TABLE learnt_address;
DROP TABLE address_waiting;
DROP INDEX question_address;
ALTER TABLE question DROP COLUMN address;
DROP TABLE token_key;
