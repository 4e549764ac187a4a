package store

import (
	"context"
	"time"

	"github.com/jmoiron/sqlx"
)

// editionBatch is how many members' editions one transaction composes.
const editionBatch = 500

// Published is what one pass of the clock composed.
type Published struct {
	Date     Date // of the edition; zero: none was due
	Composed int  // digests enqueued
	LetGo    int  // messages that nobody said yes to in time
}

// Publish records and enqueues everything that the clock makes due at now. It
// calls say, once a transaction, with what must be told; say enqueues the
// letters.
func (b *Book) Publish(ctx context.Context, now time.Time, say func(tx *Tx, o Outcome) error) (Published, error) {
	var done Published
	if err := b.clock(ctx, now, say, func(t *Tx) error {
		var err error
		if done.LetGo, err = t.unconfirmed(); err != nil {
			return err
		}
		return t.veilsOver()
	}); err != nil {
		return done, err
	}
	if err := b.clock(ctx, now, say, func(t *Tx) error { return t.prompts() }); err != nil {
		return done, err
	}
	date := b.dueEdition(now)
	if date.IsZero() {
		return done, nil
	}
	done.Date = date
	for last := int64(0); last >= 0; {
		err := b.clock(ctx, now, say, func(t *Tx) error {
			var err error
			last, err = t.editions(date, last)
			for _, f := range t.facts {
				if f.Edition != nil {
					done.Composed++
				}
			}
			return err
		})
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

func (b *Book) clock(ctx context.Context, now time.Time, say func(tx *Tx, o Outcome) error, due func(t *Tx) error) error {
	return b.transact(ctx, func(tx *sqlx.Tx) error {
		t := &Tx{ctx: ctx, tx: tx, book: b, now: now}
		if err := due(t); err != nil {
			return err
		}
		if len(t.facts) == 0 {
			return nil
		}
		exchange, err := t.exchange()
		if err != nil {
			return err
		}
		return say(t, Outcome{Now: now, Calendar: b.settings.Calendar, Exchange: exchange, Facts: t.facts})
	})
}

// dueEdition is the date whose edition may leave at now; zero: none.
func (b *Book) dueEdition(now time.Time) Date {
	c := b.settings.Calendar
	date := c.Date(now)
	at := c.Instant(date, c.At)
	if !c.Working(date) || now.Before(at) || !at.After(b.created) {
		return Date{}
	}
	end := c.Instant(date, c.LateUntil).Add(time.Minute) // that minute is still part of it
	if !now.Before(end) && now.After(at) {
		return Date{}
	}
	return date
}

// NextEdition is the instant at which the next digest is due, after now.
func (b *Book) NextEdition(now time.Time) time.Time {
	c := b.settings.Calendar
	date := c.EditionFor(now)
	if date.IsZero() {
		return time.Time{}
	}
	return c.Instant(date, c.At)
}
