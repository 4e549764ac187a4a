package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// ErrNoQuarantined says that no message with that number is put aside.
var ErrNoQuarantined = errors.New("no message with that number is in quarantine")

// ErrUnread says that there is nothing to decide: of such a message the server
// gave us no more than its header.
var ErrUnread = errors.New("the mail server could not give this message, so there is nothing to decide; open it in a mail program, in the folder Askfirst/Quarantine or still in the inbox, and move it into the inbox from elsewhere: it is then read as a new one")

// ReasonDropped is the reason of a message that an admin put aside for good.
const ReasonDropped = "dropped_by_admin"

// Quarantined lists the messages that were put aside, oldest first, without
// their bytes.
func (b *Book) Quarantined(ctx context.Context) ([]WhyMessage, error) {
	list := []WhyMessage{}
	err := b.read.SelectContext(ctx, &list, `SELECT id AS intake, state, reason, acts, attempts, received_at, decided_at FROM intake
		WHERE state = 'quarantined' ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("quarantine: %w", err)
	}
	return list, nil
}

// QuarantinedMessage is one of them with its bytes.
func (b *Book) QuarantinedMessage(ctx context.Context, id int64) (Intake, error) {
	list := []Intake{}
	if err := b.read.SelectContext(ctx, &list, b.read.Rebind(`SELECT id, mailbox, uidvalidity, uid, sha256, size, oversize, attempts, state, reason, message_id
		FROM intake WHERE state = 'quarantined' AND id = ?`), id); err != nil {
		return Intake{}, fmt.Errorf("quarantine: %w", err)
	}
	if len(list) == 0 {
		return Intake{}, fmt.Errorf("%d: %w", id, ErrNoQuarantined)
	}
	return list[0], b.Load(ctx, &list[0])
}

// ReleaseQuarantined lets a message be decided again with the next pass, as if
// it had just come.
func (b *Book) ReleaseQuarantined(ctx context.Context, id int64) error {
	in, err := b.QuarantinedMessage(ctx, id)
	if err != nil {
		return err
	}
	if in.Size == Unread {
		return fmt.Errorf("%d: %w", id, ErrUnread)
	}
	return b.unquarantine(ctx, id, `UPDATE intake SET state = 'pending', reason = '', acts = '', decided_at = NULL, attempts = 0, duplicate = NULL
		WHERE id = ? AND state = 'quarantined'`)
}

// DropQuarantined ends the matter: the message will not be decided any more.
func (b *Book) DropQuarantined(ctx context.Context, id int64, now time.Time) error {
	return b.unquarantine(ctx, id, `UPDATE intake SET state = 'ignored', reason = ?, decided_at = ? WHERE id = ? AND state = 'quarantined'`, ReasonDropped, millis(now))
}

// unquarantine runs an update whose last argument is the message. What came of
// putting it aside, the letter that said so, is no consequence of what it says.
func (b *Book) unquarantine(ctx context.Context, id int64, update string, args ...any) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		result, err := tx.ExecContext(ctx, tx.Rebind(update), append(args, id)...)
		if err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, fmt.Errorf("%d: %w", id, ErrNoQuarantined))
		}
		if _, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM consequence WHERE intake = ?`), id); err != nil {
			return fmt.Errorf("quarantine: %w", err)
		}
		return nil
	})
}
