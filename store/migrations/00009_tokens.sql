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

-- Further addresses of members, each confirmed from the registered one. The
-- staff list wins over them.
CREATE TABLE learnt_address (
  address   TEXT PRIMARY KEY,
  member    INTEGER NOT NULL REFERENCES member(id),
  question  INTEGER NOT NULL REFERENCES question(id),
  learnt_at INTEGER NOT NULL
) STRICT;
CREATE INDEX learnt_member ON learnt_address (member);

-- Addresses of nobody on the staff list from which a letter of ours was
-- answered: the admin reads of them once a week, and they go after a month.
CREATE TABLE outsider (
  address TEXT NOT NULL,
  member  INTEGER NOT NULL,              -- to whom that letter had gone; 0: to several
  mails   INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  told_at INTEGER,
  PRIMARY KEY (address, member)
) STRICT;

-- +goose Down
DROP TABLE outsider;
DROP TABLE learnt_address;
DROP TABLE address_waiting;
DROP INDEX question_address;
ALTER TABLE question DROP COLUMN address;
DROP TABLE token_key;
