package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Adopt changes the settings of an open book. Nothing else may use the book
// meanwhile.
func (b *Book) Adopt(settings Settings) { b.settings = settings }

// Leaving is how many members a new staff list would drop, and how many there
// are.
func (b *Book) Leaving(ctx context.Context, people []Person) (leaving, members int, err error) {
	rows := []memberRow{}
	if err := b.read.SelectContext(ctx, &rows, `SELECT * FROM member ORDER BY id`); err != nil {
		return 0, 0, fmt.Errorf("staff list: %w", err)
	}
	if people, _, err = b.withoutForgotten(ctx, b.read, people); err != nil {
		return 0, 0, err
	}
	stays := map[int64]bool{}
	for _, r := range match(rows, people) {
		if r != nil {
			stays[r.ID] = true
		}
	}
	for _, r := range rows {
		if r.OnStaff {
			members++
			if !stays[r.ID] {
				leaving++
			}
		}
	}
	return leaving, members, nil
}

// TellAdmin enqueues one letter to the admin; one with the same key was told
// already.
func (b *Book) TellAdmin(ctx context.Context, key, reason string, now time.Time, say func(tx *Tx, o Outcome) error) error {
	return b.clock(ctx, now, say, func(t *Tx) error {
		t.tell(Fact{Kind: KindAdmin, Key: KindAdmin + "/" + key, To: t.admin(), Reason: reason})
		return nil
	})
}

// The rows by which a command and the daemon talk about settings.
const (
	confirmedName = "staff_confirmed"
	reloadName    = "reload"
)

// ConfirmStaff records that an admin wants just this staff list, however many it
// drops; sum names the list.
func (b *Book) ConfirmStaff(ctx context.Context, sum string) error {
	return b.setRow(ctx, confirmedName, sum)
}

// StaffConfirmed says whether an admin wanted just this staff list.
func (b *Book) StaffConfirmed(ctx context.Context, sum string) (bool, error) {
	value, err := b.row(ctx, confirmedName)
	return value == sum, err
}

// Reloaded records how reading the settings anew went: outcome is one word and,
// after a blank, the reason in words.
func (b *Book) Reloaded(ctx context.Context, outcome string, now time.Time) error {
	return b.setRow(ctx, reloadName, now.UTC().Format(time.RFC3339Nano)+" "+clean(outcome))
}

// LastReload is when settings were last read anew, and how it went; zero: never.
func (b *Book) LastReload(ctx context.Context) (time.Time, string, error) {
	value, err := b.row(ctx, reloadName)
	if err != nil || value == "" {
		return time.Time{}, "", err
	}
	when, outcome, _ := strings.Cut(value, " ")
	moment, err := time.Parse(time.RFC3339Nano, when)
	return moment, outcome, err
}

func (b *Book) setRow(ctx context.Context, name, value string) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`), name, value)
		return err
	})
}

func (b *Book) row(ctx context.Context, name string) (string, error) {
	var value string
	err := b.read.GetContext(ctx, &value, b.read.Rebind(`SELECT value FROM book WHERE name = ?`), name)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("the book: %w", err)
	}
	return value, nil
}
