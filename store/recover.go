package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Recovered is what a start found unfinished in the outbox.
type Recovered struct{ Resumed, Accepted, Doubted int }

// Recover puts right what a crash left: a letter in state sending never reached
// its dot and goes again. Of one in dot_sent the dots say whether it was written
// and answered; where they do not, it is in doubt: a digest is then not sent
// again, any other letter once more with the same Message-ID. Only the holder of
// the Lock may call it.
func (b *Book) Recover(ctx context.Context, dots *Dots, now time.Time) (Recovered, error) {
	var done Recovered
	if err := dots.outrun(ctx, b); err != nil {
		return done, err
	}
	known, err := dots.read()
	if err != nil {
		return done, err
	}
	err = b.transact(ctx, func(tx *sqlx.Tx) error {
		done = Recovered{}
		rows := []struct {
			Letter   int64
			State    string
			Digest   bool
			Attempts int
			Doubted  bool
		}{}
		if err := tx.SelectContext(ctx, &rows, `SELECT letter, state, digest, attempts, doubted FROM outbox WHERE state IN ('sending', 'dot_sent')`); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		for _, r := range rows {
			s := known[attempt{r.Letter, r.Attempts}]
			unsent := r.State == "sending" || known != nil && !s.dotted
			var err error
			switch {
			case unsent:
				done.Resumed++
				_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = CASE WHEN attempts > 1 THEN 'retry' ELSE 'queued' END, attempts = attempts - 1, changed_at = ? WHERE letter = ?`), millis(now), r.Letter)
			case s.answered:
				done.Accepted++
				_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'sent', sent_at = changed_at, code = 250 WHERE letter = ?`), r.Letter)
			case r.Digest || r.Doubted:
				done.Doubted++
				_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'in_doubt', changed_at = ? WHERE letter = ?`), millis(now), r.Letter)
			default:
				done.Resumed++
				_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'retry', doubted = 1, next_at = 0, changed_at = ? WHERE letter = ?`), millis(now), r.Letter)
			}
			if err != nil {
				return fmt.Errorf("outbox: letter %d: %w", r.Letter, err)
			}
		}
		waiting := []int64{}
		if err := tx.SelectContext(ctx, &waiting, `SELECT letter FROM outbox WHERE digest = 1 AND state IN ('queued', 'retry')`); err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		t := &Tx{ctx: ctx, tx: tx, book: b, now: now}
		if err := t.dropPointless(); err != nil {
			return err
		}
		return t.takeBackStale(waiting)
	})
	if err != nil {
		return done, err
	}
	return done, dots.reset()
}
