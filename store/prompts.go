package store

import (
	"fmt"
	"time"
)

// What comes with time: did it help, still looking, and the kind end of an ask.
// Every rung is climbed by itself: an ask that nobody reminded of, because the
// exchange stood still or its clock went wrong, is not taken off the list.

// promptDays is how long after an introduction the asker is asked whether it
// helped, in working days.
const promptDays = 3

// leap is how far ahead of now an instant in the book may lie. What lies
// further ahead was written while the clock was wrong.
const leap = 48 * time.Hour

// Its queries name the live states as the index does, or it would not be used.

// prompts are the questions that come with time, and the end of asks that
// nobody answered or nobody closed.
func (t *Tx) prompts() error {
	for _, step := range []struct {
		name string
		do   func() error
	}{{"did it help", t.didItHelp}, {"in reserve", t.reserves}, {"still looking", t.stillLooking}, {"at rest", t.rest}, {"held", t.heldAsks}, {"bouncing", t.bouncing}, {"undelivered", t.undelivered}, {"undo", t.forgetUndo}, {"other addresses", t.addressesOver}, {"outsiders", t.outsiders}, {"trouble", t.troubled}, {"together", t.together}, {"sealed", t.forgetSealed}} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	return nil
}

// passed says whether the digest time of the n-th working day after an instant
// has come.
func (t *Tx) passed(since time.Time, n int) bool {
	return t.passedDate(t.calendar().Date(since), n)
}

func (t *Tx) passedDate(since Date, n int) bool {
	c := t.calendar()
	day := c.Add(since, n)
	return !day.IsZero() && !t.now.Before(c.Instant(day, c.At))
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
		if ask.Asker.Left {
			continue
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

// reserves introduces volunteers in reserve for asks that are open all the same:
// somebody who was away from the staff list has come back to it.
func (t *Tx) reserves() error {
	numbers := []int64{}
	err := t.list(&numbers, `SELECT DISTINCT p.ask FROM ask a JOIN ask_party p ON p.ask = a.number JOIN offer o ON o.party = p.id
		WHERE a.state IN ('open', 'helped') AND a.state = 'open' AND o.state = 'offered'`)
	if err != nil || len(numbers) == 0 {
		return err
	}
	asks, err := t.asks(numbers)
	if err != nil {
		return err
	}
	for _, a := range asks {
		if _, err := t.callReserve(a); err != nil {
			return err
		}
	}
	return nil
}

// stillLooking asks the askers of open asks on the day of the ladder, or when
// the date has passed by which it was needed, and takes an ask off the list
// when that was not answered.
func (t *Tx) stillLooking() error {
	rows := []struct {
		Number     int64
		ListedAt   int64  `db:"listed_at"`
		NeededBy   string `db:"needed_by"`
		Published  string
		RemindedAt *int64 `db:"reminded_at"`
	}{}
	err := t.list(&rows, `SELECT number, listed_at, needed_by, published, reminded_at FROM ask WHERE state IN ('open', 'helped') AND state = 'open'`)
	if err != nil {
		return err
	}
	ladder := t.book.settings.Ladder
	for _, r := range rows {
		listed := instant(r.ListedAt)
		needed, _ := ParseDate(r.NeededBy)     // '' is the zero date
		published, _ := ParseDate(r.Published) // likewise
		switch over := !needed.IsZero() && !published.IsZero() && published.Before(t.today()) && t.passedDate(needed, 1); {
		case r.RemindedAt == nil || instant(*r.RemindedAt).After(t.now.Add(leap)):
			if over || t.passed(listed, ladder.Ask) {
				err = t.remind(r.Number, listed)
			}
		case t.passed(instant(*r.RemindedAt), max(ladder.Expire-ladder.Ask, 1)):
			err = t.expire(r.Number)
		}
		if err != nil {
			return err
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

// rest closes asks that have help and that nobody closed: after the asker was
// asked about every helper there is one reminder at most and then silence.
func (t *Tx) rest() error {
	rows := []struct {
		Number   int64
		ListedAt int64 `db:"listed_at"`
		Touched  int64
	}{}
	err := t.list(&rows, `SELECT a.number, a.listed_at, max(coalesce(o.prompted_at, o.introduced_at, o.created_at)) AS touched
		FROM ask a JOIN ask_party p ON p.ask = a.number JOIN offer o ON o.party = p.id
		WHERE a.state IN ('open', 'helped') AND a.state = 'helped' AND o.state IN ('introduced', 'thanked') GROUP BY a.number, a.listed_at
		HAVING sum(CASE WHEN o.state = 'introduced' AND o.prompted_at IS NULL THEN 1 ELSE 0 END) = 0`)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if !t.passed(instant(max(r.ListedAt, r.Touched)), max(t.book.settings.Ladder.Expire-promptDays, 1)) {
			continue
		}
		if err := t.setState(r.Number, AskClosed); err != nil {
			return err
		}
	}
	return nil
}

// tellAsker tells an asker something about an ask, once for that date.
func (t *Tx) tellAsker(number int64, kind string, since time.Time) error {
	ask, err := t.ask(number)
	if err != nil || ask.Asker.Left {
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
