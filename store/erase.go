package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Messages whose bytes must not stay on the mail server. The ledger remembers
// them until the server does not have them any more: killed at any point, the
// same is done again.

// eraseRest is how long a message that could not be erased is left alone.
const eraseRest = 20 * time.Hour

// Doomed is a message that must go from the mail server.
type Doomed struct {
	ID             int64
	Mailbox        string
	UIDValidity    uint32 `db:"uidvalidity"`
	UID            uint32
	SHA256         string `db:"sha256"`
	Size           int64
	Oversize       bool
	MessageID      string `db:"message_id"`
	Filed          bool
	Folder         string // where it was filed to, with what the server said of it there; "": nobody knows
	FolderValidity uint32 `db:"folder_validity"`
	FolderUID      uint32 `db:"folder_uid"`
}

// Doomed lists messages of the mailbox that are due to be erased on the server,
// oldest first.
func (b *Book) Doomed(ctx context.Context, mailbox string, now time.Time, limit int) ([]Doomed, error) {
	list := []Doomed{}
	err := b.read.SelectContext(ctx, &list, b.read.Rebind(`SELECT id, mailbox, uidvalidity, uid, sha256, size, oversize, message_id, filed, folder, folder_validity, folder_uid FROM intake
		WHERE erase = 1 AND state <> 'pending' AND mailbox = ? AND (erase_next <= ? OR erase_next > ?) ORDER BY id LIMIT ?`),
		clean(mailbox), millis(now), millis(now.Add(2*eraseRest)), limit)
	if err != nil {
		return nil, fmt.Errorf("messages to be erased: %w", err)
	}
	return list, nil
}

// Erased records that the server has these messages no more, and forgets what
// only served to find them.
func (b *Book) Erased(ctx context.Context, ids []int64) error {
	if err := b.mark(ctx, `UPDATE intake SET erase = 2, erase_next = 0, filed = 1, folder = '', folder_validity = 0, folder_uid = 0 WHERE id IN (?) AND erase = 1`, ids); err != nil {
		return err
	}
	return b.mark(ctx, `DELETE FROM intake_raw WHERE intake IN (SELECT id FROM intake WHERE id IN (?) AND erase = 2)`, ids)
}

// NotErased records that they could not be erased now; they are tried again, and
// lie where others lie until then.
func (b *Book) NotErased(ctx context.Context, ids []int64, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		query, args, err := sqlx.In(`UPDATE intake SET erase_next = ? WHERE id IN (?) AND erase = 1`, millis(now.Add(eraseRest)), ids)
		if err == nil {
			_, err = tx.ExecContext(ctx, tx.Rebind(query), args...)
		}
		if err != nil {
			return fmt.Errorf("messages to be erased: %w", err)
		}
		return nil
	})
}

// Place is where the server put a filed message.
type Place struct {
	ID       int64
	Folder   string
	Validity uint32
	UID      uint32
}

// Placed remembers where messages lie, so that they can be erased there.
func (b *Book) Placed(ctx context.Context, places []Place) error {
	if len(places) == 0 {
		return nil
	}
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		for _, p := range places {
			if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE intake SET filed = 1, folder = ?, folder_validity = ?, folder_uid = ? WHERE id = ?`), clean(p.Folder), p.Validity, p.UID, p.ID); err != nil {
				return fmt.Errorf("intake: %w", err)
			}
		}
		return nil
	})
}

// doom marks messages, by a condition on intake i, as to be erased on the
// server, and the same message wherever else the server has shown it.
func (t *Tx) doom(condition string, args ...any) error {
	for _, query := range []string{
		`UPDATE intake SET erase = 1, erase_next = 0 WHERE erase = 0 AND id IN (SELECT i.id FROM intake i WHERE ` + condition + `)`,
		`UPDATE intake SET erase = 1, erase_next = 0 WHERE erase = 0 AND sha256 IN (SELECT i.sha256 FROM intake i WHERE ` + condition + `)`,
		`DELETE FROM intake_raw WHERE intake IN (SELECT id FROM intake WHERE erase > 0 AND state <> 'pending' AND sha256 IN (SELECT i.sha256 FROM intake i WHERE ` + condition + `))`,
	} {
		if err := t.exec(query, args...); err != nil {
			return fmt.Errorf("messages to be erased: %w", err)
		}
	}
	return nil
}

// ToErase is how many messages wait to be erased on the server, and how many of
// them could not be when it was last tried.
func (b *Book) ToErase(ctx context.Context) (waiting, stuck int, err error) {
	row := struct{ Waiting, Stuck int }{}
	err = b.read.GetContext(ctx, &row, `SELECT count(*) AS waiting, coalesce(sum(erase_next > 0), 0) AS stuck FROM intake WHERE erase = 1`)
	if err != nil {
		return 0, 0, fmt.Errorf("messages to be erased: %w", err)
	}
	return row.Waiting, row.Stuck, nil
}

// erasedBefore settles a message that came once more after it was erased, or
// while it is to be: it is neither read nor kept.
func erasedBefore(ctx context.Context, tx *sqlx.Tx, id int64, sum string, now time.Time) (bool, error) {
	result, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE intake SET state = 'ignored', reason = 'seen_before', decided_at = ?, erase = 1
		WHERE id = ? AND EXISTS (SELECT 1 FROM intake other WHERE other.sha256 = ? AND other.erase > 0 AND other.state <> 'pending')`), millis(now), id, sum)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}
