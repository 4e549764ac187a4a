package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
)

// editionBatch is how many members' editions one transaction composes.
const editionBatch = 500

// Published is what one pass of the clock composed.
type Published struct {
	Date     Date // of the edition; zero: none was due
	Composed int  // digests enqueued
}

// Publish records and enqueues everything that the clock makes due at now. It
// calls say, once a transaction, with what must be told; say enqueues the
// letters.
func (b *Book) Publish(ctx context.Context, now time.Time, say func(tx *Tx, o Outcome) error) (Published, error) {
	var done Published
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
	if late := c.Instant(date, c.LateUntil); now.After(late) && now.After(at) {
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

// passed says whether the digest time of the n-th working day after an instant
// has come.
func (t *Tx) passed(since time.Time, n int) bool {
	c := t.calendar()
	day := c.Add(c.Date(since), n)
	return !day.IsZero() && !t.now.Before(c.Instant(day, c.At))
}

// promptDays is how long after an introduction the asker is asked whether it
// helped, in working days.
const promptDays = 3

// prompts are the questions that come with time: did it help, still looking,
// and the kind end of an ask that nobody answered.
func (t *Tx) prompts() error {
	if err := t.didItHelp(); err != nil {
		return fmt.Errorf("did it help: %w", err)
	}
	if err := t.stillLooking(); err != nil {
		return fmt.Errorf("still looking: %w", err)
	}
	return nil
}

func (t *Tx) didItHelp() error {
	rows := []struct {
		Party        int64
		Ask          int64
		Member       int64
		IntroducedAt int64 `db:"introduced_at"`
		Round        int
	}{}
	err := t.list(&rows, `SELECT o.party, p.ask, p.member, o.introduced_at, o.round FROM offer o JOIN ask_party p ON p.id = o.party JOIN ask a ON a.number = p.ask
		WHERE o.state = 'introduced' AND o.prompted_at IS NULL AND a.state IN ('open', 'helped') ORDER BY o.party`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !t.passed(instant(r.IntroducedAt), promptDays) {
			continue
		}
		ask, err := t.ask(r.Ask)
		if err != nil {
			return err
		}
		helper, err := t.member(r.Member)
		if err != nil {
			return err
		}
		if err := t.exec(`UPDATE offer SET prompted_at = ? WHERE party = ?`, millis(t.now), r.Party); err != nil {
			return err
		}
		thread, err := t.askThread(r.Ask)
		if err != nil {
			return err
		}
		t.tell(Fact{Kind: KindDidItHelp, Key: fmt.Sprintf("%s/%d/m%d/%d", KindDidItHelp, r.Ask, r.Member, r.Round), To: ask.Asker.Recipient(),
			Thread: thread, Ask: ask, Helper: helper, Publish: t.calendar().EditionFor(t.now)})
	}
	return nil
}

func (t *Tx) stillLooking() error {
	rows := []struct {
		Number     int64
		ListedAt   int64  `db:"listed_at"`
		NeededBy   string `db:"needed_by"`
		RemindedAt *int64 `db:"reminded_at"`
	}{}
	err := t.list(&rows, `SELECT number, listed_at, needed_by, reminded_at FROM ask WHERE state = 'open' ORDER BY number`)
	if err != nil {
		return err
	}
	ladder := t.book.settings.Ladder
	for _, r := range rows {
		listed := instant(r.ListedAt)
		switch {
		case t.passed(listed, ladder.Expire):
			if err := t.expire(r.Number); err != nil {
				return err
			}
		case r.RemindedAt == nil && t.passed(listed, ladder.Ask):
			if err := t.remind(r.Number, listed); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tx) remind(number int64, listed time.Time) error {
	if err := t.exec(`UPDATE ask SET reminded_at = ? WHERE number = ?`, millis(t.now), number); err != nil {
		return err
	}
	return t.tellAsker(number, KindStillLooking, listed)
}

func (t *Tx) expire(number int64) error {
	if err := t.setState(number, AskExpired); err != nil {
		return err
	}
	return t.tellAsker(number, KindExpired, t.now)
}

// tellAsker tells an asker something about an ask, once for that date.
func (t *Tx) tellAsker(number int64, kind string, since time.Time) error {
	ask, err := t.ask(number)
	if err != nil {
		return err
	}
	thread, err := t.askThread(number)
	if err != nil {
		return err
	}
	t.tell(Fact{Kind: kind, Key: fmt.Sprintf("%s/%d/%s", kind, number, t.calendar().Date(since)), To: ask.Asker.Recipient(),
		Thread: thread, Ask: ask, Publish: t.calendar().EditionFor(t.now)})
	return nil
}
