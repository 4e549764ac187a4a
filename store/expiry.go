package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// Expiry is something of a mail server's or of a sign-in's that ends one day, as
// it was last seen.
type Expiry struct {
	What        string // "inbox certificate"
	From, Until time.Time
}

// SetExpiry remembers when something ends; a zero Until forgets it.
func (b *Book) SetExpiry(ctx context.Context, e Expiry) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		name := "expiry " + e.What
		if e.Until.IsZero() {
			_, err := tx.ExecContext(ctx, tx.Rebind(`DELETE FROM book WHERE name = ?`), name)
			return err
		}
		_, err := tx.ExecContext(ctx, tx.Rebind(`INSERT INTO book (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`),
			name, e.From.UTC().Format(time.RFC3339)+" "+e.Until.UTC().Format(time.RFC3339))
		return err
	})
}

// Expiries are what SetExpiry remembers, by name.
func (b *Book) Expiries(ctx context.Context) ([]Expiry, error) {
	rows := []struct{ Name, Value string }{}
	if err := b.read.SelectContext(ctx, &rows, `SELECT name, value FROM book WHERE name LIKE 'expiry %' ORDER BY name`); err != nil {
		return nil, fmt.Errorf("the book: %w", err)
	}
	var list []Expiry
	for _, r := range rows {
		from, until, _ := strings.Cut(r.Value, " ")
		e := Expiry{What: strings.TrimPrefix(r.Name, "expiry ")}
		e.From, _ = time.Parse(time.RFC3339, from) // written by SetExpiry
		e.Until, _ = time.Parse(time.RFC3339, until)
		list = append(list, e)
	}
	return list, nil
}
