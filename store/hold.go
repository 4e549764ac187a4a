package store

import (
	"database/sql"
	"errors"
	"fmt"
)

// A held ask waits for its writer's word because its words hold something that
// colleagues should perhaps not read. It has its number, and nobody but its
// asker and the admin knows of it. "Send" sends it as it is, other words take
// the place of the first and are looked at again, "withdraw" ends it. A change
// of an ask is held in the same way; until then the old words stand.

// How long a held ask waits, in working days: then its asker is reminded once,
// and then it is let go.
const (
	heldReminder = 3
	heldEnd      = 10
)

// Unsent says whether the ask was held and nobody was shown it.
func (a Ask) Unsent() bool { return a.State == AskHeld || a.Held != "" }

// hold makes an ask wait; what was found stands in act.Hold.
func (t *Tx) hold(e Event, ask Ask, found string) error {
	if err := t.exec(`UPDATE ask SET state = 'held', held = ?, closed_at = NULL WHERE number = ?`, clean(found), ask.Number); err != nil {
		return err
	}
	ask.State, ask.Held = AskHeld, found
	return t.tellHeld(e, ask)
}

// tellHeld asks the writer, also once more when the answer was not clear.
func (t *Tx) tellHeld(e Event, ask Ask) error {
	t.tell(Fact{Kind: KindHeld, Key: t.askKey(KindHeld, ask.Number), To: ask.Asker.Recipient(), Thread: e.Thread, Ask: ask, Held: ask.Held})
	return t.consequence("ask", ask.Number)
}

// held does what is done to an ask that was not sent, and holds a change of one
// that was. done is false where nothing is held.
func (t *Tx) held(e Event, writer Member, ask Ask, act Act) (done bool, err error) {
	asker := ask.RoleOf(writer.ID) == RoleAsker
	switch {
	case !ask.Unsent():
		if asker && act.Kind == ActEdit && (ask.State.Live() || ask.State == AskExpired) {
			return t.holdEdit(e, ask, act)
		}
		return false, nil
	case !asker: // for everybody else there is no such ask
		return true, t.unclear(e, writer, Act{Kind: act.Kind, Text: act.Text})
	}
	if down, err := t.takenDown(ask); err != nil || down {
		return false, err // change says so
	}
	switch act.Kind {
	case ActWithdraw, ActClose:
		if ask.State != AskHeld {
			return true, t.answer(e, writer, Act{Kind: ActStatus})
		}
		if err := t.setState(ask.Number, AskWithdrawn); err != nil {
			return true, err
		}
		ask.State = AskWithdrawn
		t.tell(Fact{Kind: KindWithdrawn, Key: t.askKey(KindWithdrawn, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask})
		return true, t.consequence("ask", ask.Number)
	case ActEdit:
		if err := t.reword(ask, act); err != nil {
			return true, err
		}
		if ask, err = t.ask(ask.Number); err != nil {
			return true, err
		}
		if act.Hold == "" {
			return true, t.send(e, ask)
		}
		return true, t.hold(e, ask, act.Hold)
	case ActReopen, ActExtend:
		return true, t.hold(e, ask, ask.Held)
	}
	return true, t.tellHeld(e, ask)
}

// holdEdit keeps a change of an ask until its asker says "send"; one without
// anything to ask about takes the place of whatever waits.
func (t *Tx) holdEdit(e Event, ask Ask, act Act) (bool, error) {
	if act.Hold == "" {
		return false, t.exec(`DELETE FROM held_edit WHERE ask = ?`, ask.Number)
	}
	if err := t.exec(`INSERT INTO held_edit (ask, held, title, body, needed_by, replaces, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (ask) DO UPDATE SET held = excluded.held, title = excluded.title, body = excluded.body, needed_by = excluded.needed_by, replaces = excluded.replaces, created_at = excluded.created_at`,
		ask.Number, clean(act.Hold), clean(act.Title), clean(act.Text), act.NeededBy.String(), act.Replace, millis(t.now)); err != nil {
		return true, err
	}
	ask.Held = act.Hold
	return true, t.tellHeld(e, ask)
}

// sendHeld is the asker's "send".
func (t *Tx) sendHeld(e Event, writer Member, number int64) error {
	ask, err := t.ask(number)
	if err != nil {
		return err
	}
	if ask.Number == 0 || ask.RoleOf(writer.ID) != RoleAsker {
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	if ask.Unsent() {
		down, err := t.takenDown(ask)
		if err != nil {
			return err
		}
		if down {
			t.tell(Fact{Kind: KindTakenDown, Key: t.askKey(KindTakenDown, number), To: writer.Recipient(), Thread: e.Thread, Ask: ask})
			return nil
		}
		return t.send(e, ask)
	}
	row := struct {
		Title, Body string
		NeededBy    string `db:"needed_by"`
		Replaces    bool
	}{}
	err = t.get(&row, `SELECT title, body, needed_by, replaces FROM held_edit WHERE ask = ?`, number)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !ask.State.Live() && ask.State != AskExpired { // it is sent already
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	if err != nil {
		return err
	}
	if err := t.exec(`DELETE FROM held_edit WHERE ask = ?`, number); err != nil {
		return err
	}
	act := Act{Kind: ActEdit, Ask: number, Title: row.Title, Text: row.Body, Replace: row.Replaces}
	act.NeededBy, _ = ParseDate(row.NeededBy) // '' is the zero date
	return t.change(e, writer, ask, act)
}

// send puts a held ask onto the list: it counts from now.
func (t *Tx) send(e Event, ask Ask) error {
	if err := t.exec(`UPDATE ask SET state = 'open', held = '', closed_at = NULL, created_at = ?, listed_at = ?, reminded_at = NULL,
		told_from = (SELECT coalesce(max(id), 0) FROM letter) WHERE number = ?`, millis(t.now), millis(t.now), ask.Number); err != nil {
		return err
	}
	ask, err := t.ask(ask.Number)
	if err != nil {
		return err
	}
	if err := t.consequence("ask", ask.Number); err != nil {
		return err
	}
	readers, err := t.readers(ask.Asker.ID)
	if err != nil {
		return err
	}
	t.tell(Fact{Kind: KindAcknowledgement, Key: fmt.Sprintf("%s/%d", KindAcknowledgement, ask.Number), To: ask.Asker.Recipient(), Thread: e.Thread,
		Readers: readers, Files: e.Files, Publish: t.calendar().EditionFor(t.now), Ask: ask})
	return nil
}

// reword puts other words in the place of a held ask's, or adds to them.
func (t *Tx) reword(ask Ask, act Act) error {
	title, body, needed := ask.Title, ask.Body+"\n\n"+act.Text, ask.NeededBy
	if act.Replace {
		body = act.Text
	}
	if act.Title != "" {
		title = act.Title
	}
	if !act.NeededBy.IsZero() {
		needed = act.NeededBy
	}
	return t.exec(`UPDATE ask SET title = ?, body = ?, needed_by = ? WHERE number = ?`, clean(title), clean(body), needed.String(), ask.Number)
}

// heldAsks reminds the askers of held asks once, and lets go of those that
// nobody answered for.
func (t *Tx) heldAsks() error {
	rows := []struct {
		Number     int64
		ListedAt   int64  `db:"listed_at"`
		RemindedAt *int64 `db:"reminded_at"`
	}{}
	if err := t.list(&rows, `SELECT number, listed_at, reminded_at FROM ask WHERE state = 'held'`); err != nil {
		return err
	}
	for _, r := range rows {
		since := instant(r.ListedAt)
		var err error
		switch {
		case r.RemindedAt != nil && t.passed(since, heldEnd):
			if err = t.setState(r.Number, AskExpired); err == nil {
				err = t.tellAsker(r.Number, KindLetGo, since)
			}
		case r.RemindedAt == nil && t.passed(since, heldReminder):
			if err = t.exec(`UPDATE ask SET reminded_at = ? WHERE number = ?`, millis(t.now), r.Number); err == nil {
				err = t.tellAsker(r.Number, KindStillHeld, since)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
