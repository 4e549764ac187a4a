package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// Result is how the sending of one letter ended.
type Result struct {
	ID       int64
	State    ResultState
	Code     int    // SMTP reply code; 0: none
	Enhanced string // RFC 3463 status; ""
	Text     string // the server's words
}

// ResultState is what a submission came to.
type ResultState string

// The results of a submission.
const (
	ResultSent      ResultState = "sent"
	ResultTemporary ResultState = "temporary" // refused for now, or lost before the dot: tried again
	ResultPermanent ResultState = "permanent"
	ResultInDoubt   ResultState = "in_doubt" // the dot was written, no reply came
	ResultUnsent    ResultState = "unsent"   // never reached the server: no attempt
)

// Settle records results. Letters that may be tried again get their time.
func (b *Book) Settle(ctx context.Context, results []Result, now time.Time) error {
	if len(results) == 0 {
		return nil
	}
	return b.grouped(ctx, func(tx *sqlx.Tx) error {
		if done, err := b.settleSent(ctx, tx, results, now); done || err != nil {
			return err
		}
		for _, r := range results {
			if err := b.settle(ctx, tx, r, now); err != nil {
				return fmt.Errorf("outbox: letter %d: %w", r.ID, err)
			}
		}
		return nil
	})
}

// FailWaiting ends letters that wait for another attempt; those that do not are
// left as they are.
func (b *Book) FailWaiting(ctx context.Context, results []Result, now time.Time) error {
	return b.grouped(ctx, func(tx *sqlx.Tx) error {
		for _, r := range results {
			r, err := r.discreetly(ctx, tx)
			if err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = 'failed', changed_at = ?, code = ?, enhanced = ?, error = ? WHERE letter = ? AND state = 'retry'`),
				millis(now), r.Code, clean(r.Enhanced), clean(r.Text), r.ID); err != nil {
				return fmt.Errorf("outbox: letter %d: %w", r.ID, err)
			}
		}
		return nil
	})
}

// settleSent is the fast way when all were accepted alike.
func (b *Book) settleSent(ctx context.Context, tx *sqlx.Tx, results []Result, now time.Time) (bool, error) {
	ids := make([]int64, len(results))
	for i, r := range results {
		if r.State != ResultSent {
			return false, nil
		}
		ids[i] = r.ID
	}
	query, args, err := sqlx.In(`UPDATE outbox SET state = 'sent', sent_at = ?, changed_at = ?, code = 250, error = '' WHERE letter IN (?)`, millis(now), millis(now), ids)
	if err == nil {
		_, err = b.execute(ctx, tx, query, args...)
	}
	return true, err
}

func (b *Book) settle(ctx context.Context, tx *sqlx.Tx, r Result, now time.Time) error {
	row := struct {
		Digest    bool
		Attempts  int
		Doubted   bool
		ExpiresAt int64 `db:"expires_at"`
	}{}
	r, err := r.discreetly(ctx, tx)
	if err != nil {
		return err
	}
	if err := b.fetch(ctx, tx, &row, `SELECT digest, attempts, doubted, expires_at FROM outbox WHERE letter = ?`, r.ID); err != nil {
		return err
	}
	state, next, attempts, doubted := "", now, row.Attempts, row.Doubted
	switch r.State {
	case ResultSent:
		state = "sent"
	case ResultPermanent:
		state = "failed"
		if err := refusedFor(ctx, tx, r, b.settings.Calendar.Date(now).String(), millis(now)); err != nil {
			return err
		}
	case ResultUnsent:
		state, attempts = "queued", attempts-1
		if attempts > 0 {
			state = "retry"
		}
	case ResultInDoubt:
		state = "in_doubt"
		if !row.Digest && !row.Doubted {
			state, doubted, next = "retry", true, now.Add(retryAfter(1))
		}
	case ResultTemporary:
		state, next = "retry", now.Add(retryAfter(row.Attempts))
		if millis(next) > row.ExpiresAt {
			next = instant(row.ExpiresAt) // expires there
		}
	default:
		return fmt.Errorf("unknown result %q", r.State)
	}
	var sentAt any
	if state == "sent" {
		sentAt = millis(now)
	}
	_, err = tx.ExecContext(ctx, tx.Rebind(`UPDATE outbox SET state = ?, attempts = ?, doubted = ?, next_at = ?, changed_at = ?, sent_at = ?, code = ?, enhanced = ?, error = ? WHERE letter = ?`),
		state, attempts, doubted, millis(next), millis(now), sentAt, r.Code, clean(r.Enhanced), clean(r.Text), r.ID)
	if err != nil || state != "queued" && state != "retry" {
		return err
	}
	t := &Tx{ctx: ctx, tx: tx, book: b, now: now}
	if !row.Digest {
		return t.dropPointless()
	}
	return t.takeBackStale([]int64{r.ID})
}

// retryAfter is how long to wait after the n-th attempt: 1, 5, 15, 30, 60
// minutes, then hourly.
func retryAfter(attempt int) time.Duration {
	steps := []time.Duration{1, 5, 15, 30, 60}
	return steps[min(max(attempt, 1), len(steps))-1] * time.Minute
}
