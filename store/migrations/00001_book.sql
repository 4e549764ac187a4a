-- +goose Up

-- What the book knows of itself: id, secret, created, newest.
CREATE TABLE book (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE member (
  id           INTEGER PRIMARY KEY,
  stable       TEXT NOT NULL,              -- the staff list's own id, '' if none
  name         TEXT NOT NULL,
  email        TEXT NOT NULL,
  aliases      TEXT NOT NULL,              -- JSON array
  team         TEXT NOT NULL,
  leader       INTEGER NOT NULL,
  knows        TEXT NOT NULL,              -- JSON array
  language     TEXT NOT NULL,
  on_staff     INTEGER NOT NULL,
  paused       INTEGER NOT NULL DEFAULT 0,
  paused_until TEXT NOT NULL DEFAULT '',   -- local date, '' while paused: until resumed
  stopped      INTEGER NOT NULL DEFAULT 0,
  weekly       INTEGER NOT NULL DEFAULT 0,
  joined_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX member_staff ON member (id) WHERE on_staff = 1;
CREATE INDEX member_quiet ON member (id) WHERE paused = 1 OR stopped = 1;

CREATE TABLE member_address (
  address TEXT PRIMARY KEY,
  member  INTEGER NOT NULL REFERENCES member(id)
) STRICT;

-- Messages in: the first ledger.
CREATE TABLE intake (
  id           INTEGER PRIMARY KEY,
  mailbox      TEXT NOT NULL,
  uidvalidity  INTEGER NOT NULL,
  uid          INTEGER NOT NULL,
  sha256       TEXT NOT NULL,
  size         INTEGER NOT NULL,           -- on the server
  oversize     INTEGER NOT NULL,           -- intake_raw holds the header alone
  received_at  INTEGER NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  state        TEXT NOT NULL,              -- pending accepted refused ignored quarantined
  reason       TEXT NOT NULL DEFAULT '',
  acts         TEXT NOT NULL DEFAULT '',   -- kinds, separated by blanks
  decided_at   INTEGER,
  message_id   TEXT NOT NULL DEFAULT '',
  duplicate    TEXT,                       -- sender, Message-ID and body in one hash
  member       INTEGER,                    -- whose address From is
  filed        INTEGER NOT NULL DEFAULT 0, -- moved out of the inbox, or gone from it
  UNIQUE (mailbox, uidvalidity, uid)
) STRICT;
CREATE INDEX intake_open ON intake (state) WHERE state = 'pending';
CREATE INDEX intake_unfiled ON intake (filed) WHERE filed = 0;
CREATE INDEX intake_sha256 ON intake (sha256);
CREATE INDEX intake_duplicate ON intake (duplicate) WHERE duplicate IS NOT NULL;
CREATE INDEX intake_message_id ON intake (message_id) WHERE message_id <> '';

-- The bytes, in a table of their own: the row above changes three times, and an
-- update writes a row anew with all that is in it.
CREATE TABLE intake_raw (
  intake INTEGER PRIMARY KEY REFERENCES intake(id),
  raw    BLOB NOT NULL
) STRICT;

-- What came of an accepted message.
CREATE TABLE consequence (
  intake INTEGER NOT NULL REFERENCES intake(id),
  what   TEXT NOT NULL,                    -- ask offer thanks member question letter
  ref    INTEGER NOT NULL,
  PRIMARY KEY (intake, what, ref)
) STRICT;

CREATE TABLE ask (
  number        INTEGER PRIMARY KEY AUTOINCREMENT,
  title         TEXT NOT NULL,
  body          TEXT NOT NULL,
  state         TEXT NOT NULL,             -- open helped closed withdrawn expired
  created_at    INTEGER NOT NULL,
  listed_at     INTEGER NOT NULL,          -- the ladder counts from here: created, reopened or extended
  needed_by     TEXT NOT NULL DEFAULT '',
  wanted        INTEGER NOT NULL DEFAULT 1,
  anonymous     INTEGER NOT NULL DEFAULT 0,
  team          TEXT NOT NULL DEFAULT '',
  files         INTEGER NOT NULL DEFAULT 0,
  published     TEXT NOT NULL DEFAULT '',  -- date of the first edition that lists it
  reminded_at   INTEGER,                   -- still looking? was asked, since listed_at
  closed_at     INTEGER,
  message_id    TEXT NOT NULL DEFAULT ''   -- of the mail that asked
) STRICT;
CREATE INDEX ask_live ON ask (state) WHERE state IN ('open', 'helped');

-- Who takes part in an ask. No other table joins an ask to a member.
CREATE TABLE ask_party (
  id     INTEGER PRIMARY KEY,
  ask    INTEGER NOT NULL REFERENCES ask(number),
  role   TEXT NOT NULL,                    -- asker helper
  member INTEGER NOT NULL REFERENCES member(id),
  UNIQUE (ask, role, member)
) STRICT;
CREATE INDEX ask_party_member ON ask_party (member, ask);

CREATE TABLE offer (
  party         INTEGER PRIMARY KEY REFERENCES ask_party(id),
  state         TEXT NOT NULL,             -- offered introduced thanked withdrawn
  words         TEXT NOT NULL,
  round         INTEGER NOT NULL DEFAULT 1,-- grows when a withdrawn offer is made again
  created_at    INTEGER NOT NULL,
  introduced_at INTEGER,
  prompted_at   INTEGER,                   -- did it help? was asked
  message_id    TEXT NOT NULL DEFAULT ''   -- of the mail that offered
) STRICT;
CREATE INDEX offer_unprompted ON offer (introduced_at) WHERE state = 'introduced' AND prompted_at IS NULL;

CREATE TABLE thanks (
  id         INTEGER PRIMARY KEY,
  ask        INTEGER REFERENCES ask(number),  -- the asker of that ask thanks
  giver      INTEGER REFERENCES member(id),   -- only where there is no ask
  words      TEXT NOT NULL,
  state      TEXT NOT NULL,                -- public private declined (by a helper)
  created_at INTEGER NOT NULL              -- when it became public, if it is
) STRICT;
CREATE INDEX thanks_ask ON thanks (ask);
CREATE INDEX thanks_public ON thanks (created_at) WHERE state = 'public';

CREATE TABLE thanks_to (
  thanks INTEGER NOT NULL REFERENCES thanks(id),
  member INTEGER NOT NULL REFERENCES member(id),
  PRIMARY KEY (thanks, member)
) STRICT;

-- Something we asked a person, whose words we keep until the answer.
CREATE TABLE question (
  id          INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,               -- which_ask share
  member      INTEGER NOT NULL REFERENCES member(id),
  letter      TEXT NOT NULL,               -- key of the letter that asks
  words       TEXT NOT NULL,
  candidates  TEXT NOT NULL,               -- JSON array of ask numbers
  thanks      INTEGER,                     -- share
  asked_at    INTEGER NOT NULL,
  answered_at INTEGER
) STRICT;
CREATE UNIQUE INDEX question_letter ON question (letter);

-- The words of letters. Letters that say the same share one row, which never
-- changes: it is what was frozen when the letter was first sent.
CREATE TABLE wording (
  id         INTEGER PRIMARY KEY,
  sha256     TEXT NOT NULL UNIQUE,
  subject    TEXT NOT NULL,
  text       BLOB,                         -- deflated
  html       BLOB,                         -- deflated
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE wording_item (
  wording  INTEGER NOT NULL REFERENCES wording(id),
  position INTEGER NOT NULL,
  ask      INTEGER NOT NULL,
  PRIMARY KEY (wording, position)
) STRICT;
CREATE INDEX wording_item_ask ON wording_item (ask);

CREATE TABLE wording_thanks (
  wording INTEGER NOT NULL REFERENCES wording(id),
  thanks  INTEGER NOT NULL REFERENCES thanks(id),
  PRIMARY KEY (wording, thanks)
) STRICT;

CREATE TABLE letter (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL,                -- without the recipient
  kind       TEXT NOT NULL,
  member     INTEGER,                      -- NULL: not a member
  name       TEXT NOT NULL,
  address    TEXT NOT NULL,
  language   TEXT NOT NULL,
  reply_to   TEXT NOT NULL,                -- JSON array
  thread     TEXT NOT NULL,                -- JSON array
  message_id TEXT NOT NULL,
  wording    INTEGER NOT NULL REFERENCES wording(id),
  at         INTEGER NOT NULL
) STRICT;
CREATE INDEX letter_message_id ON letter (message_id);
CREATE INDEX letter_member ON letter (member, at);
CREATE INDEX letter_address ON letter (address, kind, at) WHERE member IS NULL;
CREATE INDEX letter_wording ON letter (wording);

-- Letters out: the second ledger.
CREATE TABLE outbox (
  letter     INTEGER PRIMARY KEY REFERENCES letter(id),
  key        TEXT NOT NULL UNIQUE,         -- letter key + /to/ + recipient
  digest     INTEGER NOT NULL,
  state      TEXT NOT NULL,                -- queued sending dot_sent sent failed retry in_doubt expired held
  attempts   INTEGER NOT NULL DEFAULT 0,
  doubted    INTEGER NOT NULL DEFAULT 0,   -- resent once after a doubt
  next_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  sent_at    INTEGER,
  code       INTEGER NOT NULL DEFAULT 0,   -- SMTP reply code
  enhanced   TEXT NOT NULL DEFAULT '',     -- RFC 3463 status
  error      TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_due ON outbox (digest, letter) WHERE state IN ('queued', 'retry');
CREATE INDEX outbox_undelivered ON outbox (changed_at) WHERE digest = 0 AND state IN ('failed', 'expired');
CREATE INDEX outbox_open ON outbox (state) WHERE state NOT IN ('sent', 'failed', 'expired', 'in_doubt');

-- Letters that nobody got and of which the admin was told.
CREATE TABLE undelivered_told (
  letter INTEGER PRIMARY KEY REFERENCES letter(id)
) STRICT;

-- One edition a member and date; letter is NULL when there was nothing to tell.
CREATE TABLE edition (
  date        TEXT NOT NULL,
  member      INTEGER NOT NULL REFERENCES member(id),
  letter      INTEGER REFERENCES letter(id),
  composed_at INTEGER NOT NULL,
  PRIMARY KEY (date, member)
) STRICT;
CREATE INDEX edition_letter ON edition (letter) WHERE letter IS NOT NULL;

-- +goose Down
DROP TABLE undelivered_told; DROP TABLE edition; DROP TABLE outbox; DROP TABLE letter; DROP TABLE wording_thanks; DROP TABLE wording_item; DROP TABLE wording;
DROP TABLE question; DROP TABLE thanks_to; DROP TABLE thanks; DROP TABLE offer; DROP TABLE ask_party; DROP TABLE ask;
DROP TABLE consequence; DROP TABLE intake_raw; DROP TABLE intake; DROP TABLE member_address; DROP TABLE member; DROP TABLE book;
