package store

import (
	"time"
)

// An answer to "did you just write this?" that says more than yes or no. Its
// token proves that whoever wrote it reads the registered address, so that the
// rest is believed as well; but it may speak of what waited ("and I need two of
// them"), so it is done after that. The message stays pending, as one that its
// writer has said yes to, in the same transaction in which its answer counts, and
// the ordinary loop decides it once more.
//
// A token proves something once: as long as its question waits for an answer.
// Later the rest waits for a yes, like any mail that nobody has proved.

// recordBeside does what the answer says and keeps the message for the rest.
func (t *Tx) recordBeside(e Event) error {
	rest := e
	rest.Acts, rest.Text = e.Later, e.Later[0].Text
	plan, err := t.planned(&rest)
	if err != nil {
		return err
	}
	writer, err := t.member(e.Member)
	if err != nil {
		return err
	}
	at, answer := t.now, e.Acts[0]
	if plan.sealed { // the minute of the yes would be that of the ask
		at = t.midnight(0)
	}
	if err := t.confirmed(e, writer, answer, at); err != nil {
		return err
	}
	if e.LaterWaits {
		return t.keep(rest)
	}
	return t.believeRest(e, answer, plan.sealed, at)
}

// believeRest makes the message one that its writer has said yes to.
func (t *Tx) believeRest(e Event, answer Act, sealed bool, at time.Time) error {
	row := confirmRow{}
	if err := t.get(&row, confirmColumns+`WHERE letter = ? AND member = ?`, e.Answers, e.Member); err != nil {
		return err
	}
	if row.EndedAt == nil { // nothing was left to let go
		state := "yes"
		if answer.Kind == ActDecline {
			state = "no"
		}
		if err := t.endConfirmAt(row, state, at); err != nil {
			return err
		}
		ended := millis(at)
		row.EndedAt = &ended
	}
	acts, id, duplicate := string(answer.Kind), e.MessageID, any(e.Dup)
	if sealed {
		acts, id = "", ""
	}
	if sealed || e.Dup == "" {
		duplicate = nil
	}
	if err := t.exec(`INSERT INTO unconfirmed (intake, member, acts, words, since, until, confirmed_at) VALUES (?, ?, ?, '', ?, ?, ?)`,
		t.intake.ID, e.Member, acts, *row.EndedAt, *row.EndedAt+confirmLife.Milliseconds(), *row.EndedAt); err != nil {
		return err
	}
	return t.exec(`UPDATE intake SET message_id = ?, duplicate = ?, member = ?, auth = ?, attempts = 0,
		turn = max(turn, (SELECT max(w.turn) FROM intake w JOIN unconfirmed u ON u.intake = w.id WHERE u.member = ? AND u.confirmed_at = ?)) WHERE id = ? AND state = 'pending'`,
		clean(id), duplicate, e.Member, e.Auth, e.Member, *row.EndedAt, t.intake.ID)
}

// Again prepares a rehearsal's second look at such a message; false: it needs
// none.
func (t *Tx) Again(e Event) bool {
	if len(e.Later) == 0 || e.LaterWaits || e.Confirm || !t.rehearsing {
		return false
	}
	t.intake.Confirmed, t.intake.ReceivedAt, t.facts = true, millis(t.now), nil
	return true
}

// answeredUnnamed says whether the message is such an answer, and let go an ask
// without a name: of its times only the day is there.
func (t *Tx) answeredUnnamed() bool {
	return t.intake.Confirmed && t.intake.ReceivedAt == millis(t.midnight(0))
}
