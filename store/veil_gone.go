package store

import (
	"fmt"
	"math"
)

// Somebody who asked without a name leaves the staff list, or is forgotten. The
// ask leaves the list with them, and on the next day whoever was going to help
// hears that it is not needed any more: not why, and not in the hour in which
// something else of the same person ended. What is written down of it has the
// day and no more, in a book that says when who left.

// everTold is the day of a seal whose ask nobody has to be told of any more.
const everTold = math.MaxInt64

// unixDay numbers the local days.
func (t *Tx) unixDay() int64 { return tokenDay(t.midnight(0)) }

// veilsLeft closes the anonymous asks of those who are not on the staff list.
func (t *Tx) veilsLeft() error {
	rows := []sealedRow{}
	if err := t.list(&rows, `SELECT s.ask, s.veil, s.sealed FROM ask_sealed s WHERE (SELECT a.state FROM ask a WHERE a.number = s.ask) IN ('open', 'helped', 'held') ORDER BY s.ask`); err != nil || len(rows) == 0 {
		return err
	}
	s, err := t.book.sealKey()
	if err != nil || s == nil {
		return err
	}
	for _, r := range rows {
		id := s.open(r.Ask, r.Sealed)
		if id == 0 {
			continue
		}
		m, err := t.freshMember(id)
		if err != nil {
			return fmt.Errorf("ask %d: %w", r.Ask, err)
		}
		if !m.Left {
			continue
		}
		if err := t.veilGone(s, veil{r.Ask, r.Veil, true}); err != nil {
			return err
		}
	}
	return nil
}

// forgetVeils forgets the anonymous asks of somebody who wants to be forgotten.
func (t *Tx) forgetVeils(member int64) error {
	if err := t.book.checkSeals(t.ctx, t.tx); err != nil {
		return err // else they would stay without anybody noticing
	}
	veils, err := t.veilsOf(member)
	if err != nil || len(veils) == 0 {
		return err
	}
	s, err := t.book.sealKey()
	if err != nil {
		return err
	}
	for _, v := range veils {
		if err := t.veilGone(s, v); err != nil {
			return err
		}
		for _, step := range []func(int64) error{t.forgetWords, t.forgetMail, t.markAbout} {
			if err := step(v.member); err != nil {
				return fmt.Errorf("ask %d: %w", v.ask, err)
			}
		}
	}
	return nil
}

// veilGone takes an ask off the list behind whose veil nobody is any more.
func (t *Tx) veilGone(s *seal, v veil) error {
	day := t.unixDay()
	if !v.live {
		day = everTold
	}
	if err := t.sealNobody(s, v.ask, day); err != nil {
		return err
	}
	if err := t.stopLetters(v.member, "nobody can tell any more whom it is to", t.midnight(0)); err != nil {
		return err
	}
	if !v.live {
		return nil
	}
	if err := t.exec(`UPDATE ask SET state = 'withdrawn', closed_at = max(created_at, ?) WHERE number = ?`, millis(t.midnight(0)), v.ask); err != nil {
		return err
	}
	if err := t.partRest(v.member, t.midnight(0)); err != nil {
		return err
	}
	return t.recompose(v.ask)
}

func (t *Tx) sealNobody(s *seal, ask, day int64) error {
	sealed, err := s.closeWith(ask, nobody, day)
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE ask_sealed SET sealed = ? WHERE ask = ?`, sealed, ask); err != nil {
		return fmt.Errorf("seal of ask %d: %w", ask, err)
	}
	return nil
}

// veilsOver tells those who were going to help, or needed the same, on the day
// after.
func (t *Tx) veilsOver() error {
	rows := []sealedRow{}
	if err := t.list(&rows, `SELECT s.ask, s.veil, s.sealed FROM ask_sealed s WHERE (SELECT a.state FROM ask a WHERE a.number = s.ask) = 'withdrawn' ORDER BY s.ask`); err != nil || len(rows) == 0 {
		return err
	}
	s, err := t.book.sealKey()
	if err != nil || s == nil {
		return err
	}
	for _, r := range rows {
		day := s.since(r.Ask, r.Sealed)
		if day == 0 || day >= t.unixDay() {
			continue
		}
		ask, err := t.ask(r.Ask)
		if err != nil {
			return err
		}
		if err := t.tellJoined(r.Ask); err != nil {
			return err
		}
		if err := t.release(ask, fmt.Sprintf("%s/%d/%s", KindNoLonger, r.Ask, s.hash(fmt.Sprintf("over %d", r.Ask))[:16])); err != nil {
			return err
		}
		if err := t.sealNobody(s, r.Ask, everTold); err != nil {
			return err
		}
	}
	return nil
}
