package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Incoming is one message as it was fetched.
type Incoming struct {
	Mailbox     string
	UIDValidity uint32
	UID         uint32
	Size        int64  // on the server; or Unread
	Oversize    bool   // Raw is the header alone: the message was too large to fetch
	Sender      string // names whoever wrote it, as From has it: each has turns of their own; "" like any other
	Raw         []byte
}

// Intake is one message in the ledger.
type Intake struct {
	ID          int64
	Mailbox     string
	UIDValidity uint32 `db:"uidvalidity"`
	UID         uint32
	SHA256      string `db:"sha256"`
	Size        int64
	Oversize    bool
	Raw         []byte // after Load
	Attempts    int
	State       Verdict
	Reason      string
	MessageID   string `db:"message_id"`
	Auth        Auth   // of an earlier decision; "": none
	Confirmed   bool   // its writer has said yes
	ReceivedAt  int64  `db:"received_at"`
}

// Ref is a short name of the message that does not change when the book is
// restored and the message is read again.
func (i Intake) Ref() string { return i.SHA256[:min(16, len(i.SHA256))] }

// Sum is the SHA-256 of a message's bytes, in hexadecimal.
func Sum(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// Receive takes fetched messages into the ledger in one transaction and returns
// how many are new. Nothing may change on the server before it returned nil.
//
// A message that the server shows under another UIDVALIDITY, but whose bytes
// were decided before, is settled at once: it is the same message.
func (b *Book) Receive(ctx context.Context, batch []Incoming, now time.Time) (fresh int, err error) {
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		fresh = 0
		turns, err := newTurns(ctx, tx)
		if err != nil {
			return err
		}
		for _, m := range batch {
			sum := Sum(m.Raw)
			if m.Size == Unread { // what we have of it is not the message
				sum = Sum(fmt.Appendf(nil, "%s %d %d", m.Mailbox, m.UIDValidity, m.UID))
			}
			turn, err := turns.next(ctx, b, tx, clean(m.Sender))
			if err != nil {
				return err
			}
			var id int64
			err = b.fetch(ctx, tx, &id, `INSERT INTO intake (mailbox, uidvalidity, uid, sha256, size, oversize, received_at, state, sender, turn)
				VALUES (?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?) ON CONFLICT (mailbox, uidvalidity, uid) DO NOTHING RETURNING id`,
				clean(m.Mailbox), m.UIDValidity, m.UID, sum, m.Size, m.Oversize, millis(now), clean(m.Sender), turn)
			if errors.Is(err, sql.ErrNoRows) {
				continue
			}
			if err != nil {
				return fmt.Errorf("intake of uid %d: %w", m.UID, err)
			}
			fresh++
			if again, err := erasedBefore(ctx, tx, id, sum, now); err != nil || again {
				if err != nil {
					return fmt.Errorf("intake of uid %d: %w", m.UID, err)
				}
				continue
			}
			if _, err := b.execute(ctx, tx, `INSERT INTO intake_raw (intake, raw) VALUES (?, ?)`, id, orEmpty(m.Raw)); err != nil {
				return fmt.Errorf("intake of uid %d: %w", m.UID, err)
			}
			if _, err := b.execute(ctx, tx, `UPDATE intake SET state = 'ignored', reason = 'seen_before', decided_at = ?
				WHERE id = ? AND EXISTS (SELECT 1 FROM intake other WHERE other.sha256 = ? AND other.id <> ?
					AND other.state <> 'pending' AND (other.mailbox <> ? OR other.uidvalidity <> ?))`,
				millis(now), id, sum, id, clean(m.Mailbox), m.UIDValidity); err != nil {
				return fmt.Errorf("intake of uid %d: %w", m.UID, err)
			}
		}
		return nil
	})
	return fresh, err
}

// orEmpty keeps an empty message from being no message.
func orEmpty(raw []byte) []byte {
	if raw == nil {
		return []byte{}
	}
	return raw
}

// Load reads a message's bytes. They are not in the list of what is pending,
// which may be a hundred messages of ten megabytes.
func (b *Book) Load(ctx context.Context, in *Intake) error {
	err := b.read.GetContext(ctx, &in.Raw, b.read.Rebind(`SELECT raw FROM intake_raw WHERE intake = ?`), in.ID)
	if err != nil {
		return fmt.Errorf("message %d: %w", in.ID, err)
	}
	return nil
}

// Unknown returns those of the UIDs that the ledger does not have yet.
func (b *Book) Unknown(ctx context.Context, mailbox string, uidValidity uint32, uids []uint32) ([]uint32, error) {
	known := map[uint32]bool{}
	list := []uint32{}
	if err := b.read.SelectContext(ctx, &list, b.read.Rebind(
		`SELECT uid FROM intake WHERE mailbox = ? AND uidvalidity = ?`), clean(mailbox), uidValidity); err != nil {
		return nil, fmt.Errorf("intake: %w", err)
	}
	for _, uid := range list {
		known[uid] = true
	}
	var unknown []uint32
	for _, uid := range uids {
		if !known[uid] {
			unknown = append(unknown, uid)
		}
	}
	return unknown, nil
}

// PendingIntake lists messages that wait for their decision: those that never
// failed first, by turn (turn.go) and then in the order in which they came; those
// during which two lives ended, last.
func (b *Book) PendingIntake(ctx context.Context, limit int) ([]Intake, error) {
	list := []Intake{}
	err := b.read.SelectContext(ctx, &list, b.read.Rebind(`SELECT id, mailbox, uidvalidity, uid, sha256, size, oversize, attempts, state, reason, message_id, auth, received_at,
		EXISTS (SELECT 1 FROM unconfirmed u WHERE u.intake = intake.id AND u.confirmed_at IS NOT NULL) AS confirmed
		FROM intake WHERE state = 'pending' ORDER BY CASE WHEN attempts >= 2 THEN attempts ELSE 0 END, turn, id LIMIT ?`), limit)
	if err != nil {
		return nil, fmt.Errorf("intake: %w", err)
	}
	return list, nil
}

// Attempt records, before any of them is parsed, that these messages are about
// to be decided: a message that ends our life has counted it.
func (b *Book) Attempt(ctx context.Context, ids []int64) error {
	return b.mark(ctx, `UPDATE intake SET attempts = attempts + 1 WHERE id IN (?) AND state = 'pending'`, ids)
}

// Forgive takes back the attempt of messages that were not looked at after all,
// because the program stopped on purpose.
func (b *Book) Forgive(ctx context.Context, ids []int64) error {
	return b.mark(ctx, `UPDATE intake SET attempts = attempts - 1 WHERE id IN (?) AND state = 'pending' AND attempts > 0`, ids)
}

// Unfiled is a decided message that may still lie in the inbox.
type Unfiled struct {
	ID    int64
	UID   uint32
	State Verdict
}

// Unfiled lists decided messages of the mailbox that were not moved yet.
func (b *Book) Unfiled(ctx context.Context, mailbox string, uidValidity uint32, limit int) ([]Unfiled, error) {
	list := []Unfiled{}
	err := b.read.SelectContext(ctx, &list, b.read.Rebind(`SELECT id, uid, state FROM intake
		WHERE filed = 0 AND state NOT IN ('pending', 'unconfirmed') AND (erase = 0 OR erase_next > 0) AND mailbox = ? AND uidvalidity = ? ORDER BY uid LIMIT ?`), clean(mailbox), uidValidity, limit)
	if err != nil {
		return nil, fmt.Errorf("intake: %w", err)
	}
	return list, nil
}

// Filed records that the messages have left the inbox.
func (b *Book) Filed(ctx context.Context, ids []int64) error {
	return b.mark(ctx, `UPDATE intake SET filed = 1 WHERE id IN (?)`, ids)
}

// mark runs an update with IN (?) over messages.
func (b *Book) mark(ctx context.Context, update string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		query, args, err := sqlx.In(update, ids)
		if err == nil {
			_, err = tx.ExecContext(ctx, tx.Rebind(query), args...)
		}
		if err != nil {
			return fmt.Errorf("intake: %w", err)
		}
		return nil
	})
}
