package store

import (
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
)

// allowed is how many of n mails of the first member are acted on at an instant.
func (s *scene) allowed(now time.Time, n int) (acted int) {
	s.Helper()
	if err := s.transact(s.Context(), func(tx *sqlx.Tx) error {
		t := &Tx{ctx: s.Context(), tx: tx, book: s.Book, now: now}
		for range n {
			e, err := t.allow(Event{Envelope: Envelope{Member: 1}, Verdict: Accepted, Reason: "test"})
			if err != nil {
				return err
			}
			if e.Verdict == Accepted {
				acted++
			} else if e.Reason != ReasonTooMany || len(e.Acts) > 0 {
				s.Errorf("%+v", e)
			}
		}
		return nil
	}); err != nil {
		s.Fatal(err)
	}
	return acted
}

// Three hundred mails at once and twelve an hour after that; who was silent for
// long has three hundred again and no more; and a clock that was wrong for a
// while costs nobody an allowance.
func TestAllowance(t *testing.T) {
	s := newScene(t, "2026-11-20 12:00")
	now := at(t, "2026-11-20 12:00")
	s.check(s.allowed(now, mailBurst+1), mailBurst)
	s.check(s.allowed(now.Add(mailEvery-time.Millisecond), 1), 0)
	s.check(s.allowed(now.Add(mailEvery), 2), 1)
	s.check(s.allowed(now.Add(mailEvery+time.Hour), 20), 12)
	s.check(s.allowed(now.AddDate(0, 1, 0), mailBurst+20), mailBurst)
	s.check(s.allowed(now.AddDate(5, 0, 0), 10), 10)
	s.check(s.allowed(now.AddDate(0, 2, 0), 5), 5)
}
