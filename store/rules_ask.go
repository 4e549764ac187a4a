package store

import (
	"fmt"
	"strings"
)

func (t *Tx) newAsk(e Event, writer Member, act Act) error {
	var number int64
	err := t.get(&number, `INSERT INTO ask (title, body, state, created_at, listed_at, needed_by, files, message_id, told_from)
		VALUES (?, ?, 'open', ?, ?, ?, ?, ?, (SELECT coalesce(max(id), 0) FROM letter)) RETURNING number`,
		clean(act.Title), clean(act.Text), millis(t.now), millis(t.now), act.NeededBy.String(), len(e.Files), clean(e.MessageID))
	if err != nil {
		return err
	}
	if act.Anonymous {
		if err := t.sealAsk(number, writer.ID, e.Member); err != nil {
			return err
		}
	}
	if _, err := t.party(number, RoleAsker, writer.ID); err != nil {
		return err
	}
	if err := t.consequence("ask", number); err != nil {
		return err
	}
	if act.Hold != "" {
		return t.hold(e, Ask{Number: number, Title: clean(act.Title), Body: clean(act.Text), Asker: writer, CreatedAt: t.now, NeededBy: act.NeededBy, Wanted: 1, Files: len(e.Files), Anonymous: act.Anonymous}, act.Hold)
	}
	readers, err := t.readers(writer.ID)
	if err != nil {
		return err
	}
	t.tell(Fact{Kind: KindAcknowledgement, Key: fmt.Sprintf("%s/%d", KindAcknowledgement, number), To: writer.Recipient(), Thread: e.Thread, Readers: readers, Files: e.Files,
		Publish: t.calendar().EditionFor(t.now), Ask: Ask{Number: number, Title: clean(act.Title), Body: clean(act.Text), State: AskOpen, Asker: writer,
			CreatedAt: t.now, NeededBy: act.NeededBy, Wanted: 1, Files: len(e.Files), Anonymous: act.Anonymous}})
	return nil
}

// readers counts the colleagues who would get the next digest.
func (t *Tx) readers(but int64) (int, error) {
	c := t.calendar()
	date := c.EditionFor(t.now)
	if date.IsZero() {
		return 0, nil
	}
	weekly := 0 // 1: on that day those who get one a week get none
	if !startsWeek(c, date) {
		weekly = 1
	}
	var quiet int
	if err := t.get(&quiet, `SELECT count(*) FROM member WHERE (paused = 1 OR stopped = 1 OR weekly = 1) AND on_staff = 1 AND id <> ?
		AND (stopped = 1 OR paused = 1 AND (paused_until = '' OR paused_until > ?) OR weekly = 1 AND ? = 1)`, but, date.String(), weekly); err != nil {
		return 0, err
	}
	x, err := t.exchange()
	return max(0, x.Members-1-quiet), err
}

func (t *Tx) withdraw(e Event, writer Member, ask Ask) error {
	if !ask.State.Live() {
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	if err := t.setState(ask.Number, AskWithdrawn); err != nil {
		return err
	}
	ask.State = AskWithdrawn
	t.tell(Fact{Kind: KindWithdrawn, Key: t.askKey(KindWithdrawn, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask})
	return t.release(ask, t.askKey(KindNoLonger, ask.Number))
}

// release tells everybody who offered that an ask is not needed any more, and
// keeps nobody in reserve for it.
func (t *Tx) release(ask Ask, key string) error {
	for _, o := range ask.Offers {
		if (o.State == OfferIntroduced || o.State == OfferReserve) && !o.Helper.Left {
			t.tell(Fact{Kind: KindNoLonger, Key: key, To: o.Helper.Recipient(), Ask: ask, Helper: o.Helper})
		}
	}
	return t.exec(`UPDATE offer SET state = 'withdrawn' WHERE state = 'offered' AND party IN (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper')`, ask.Number)
}

// change is what an asker does to an own ask: sorted, again, longer, other words.
func (t *Tx) change(e Event, writer Member, ask Ask, act Act) error {
	down, err := t.takenDown(ask)
	if err != nil {
		return err
	}
	if down { // what an admin took down only a new ask can bring back
		t.tell(Fact{Kind: KindTakenDown, Key: t.askKey(KindTakenDown, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask})
		return nil
	}
	fact := Fact{To: writer.Recipient(), Thread: e.Thread, Ask: ask, Words: act.Text, Until: act.Until, Files: e.Files}
	switch act.Kind {
	case ActClose:
		fact.Kind, fact.Helpers = KindClosed, thanked(Event{}, ask)
		err = t.setState(ask.Number, AskClosed)
	case ActReopen, ActExtend:
		fact.Kind = KindReopened
		err = t.relist(ask, act)
	case ActEdit:
		if !ask.State.Live() && ask.State != AskExpired {
			act.Candidates = []int64{ask.Number}
			return t.unclear(e, writer, act)
		}
		fact.Kind = KindEdited
		if ask.State == AskExpired {
			fact.Kind = KindReopened
		}
		err = t.edit(ask, act)
	}
	if err != nil {
		return err
	}
	return t.changed(fact, writer)
}

// changed tells an asker how the ask stands now.
func (t *Tx) changed(fact Fact, writer Member) (err error) {
	number := fact.Ask.Number
	if fact.Ask, err = t.ask(number); err != nil {
		return err
	}
	if fact.Readers, err = t.readers(writer.ID); err != nil {
		return err
	}
	// Only what colleagues have not read yet is news to them.
	if fact.Ask.State == AskOpen && (!fact.Ask.Published || fact.Ask.ListedAt.Equal(instant(millis(t.now)))) {
		fact.Publish = t.calendar().EditionFor(t.now)
	}
	fact.Key = t.askKey(fact.Kind, number)
	t.tell(fact)
	if err := t.consequence("ask", number); err != nil {
		return err
	}
	if fact.Kind != KindReopened || fact.Ask.State != AskOpen || len(fact.Ask.Helpers()) >= fact.Ask.Wanted {
		return nil
	}
	_, err = t.callReserve(fact.Ask)
	return err
}

// relist puts an ask back on the list, its ladder begun anew. Helpers who were
// introduced before stay known as such, but the ask looks for one more.
func (t *Tx) relist(ask Ask, act Act) error {
	needed := ask.NeededBy
	if !act.Until.IsZero() {
		needed = act.Until
	} else if needed.Before(t.today()) {
		needed = Date{}
	}
	if act.Kind == ActExtend && ask.State == AskHelped { // it only takes longer
		if err := t.exec(`UPDATE ask SET needed_by = ? WHERE number = ?`, needed.String(), ask.Number); err != nil {
			return err
		}
		return nil
	}
	wanted := max(ask.Wanted, len(ask.Helpers())+1)
	if err := t.exec(`UPDATE ask SET wanted = ?, needed_by = ?, listed_at = ?, reminded_at = NULL,
		told_from = (SELECT coalesce(max(id), 0) FROM letter) WHERE number = ?`,
		wanted, needed.String(), millis(t.now), ask.Number); err != nil {
		return err
	}
	// Who asks for more help has said how it went so far.
	if err := t.exec(`UPDATE offer SET prompted_at = ? WHERE state = 'introduced' AND prompted_at IS NULL
		AND party IN (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper')`, millis(t.now), ask.Number); err != nil {
		return err
	}
	return t.setState(ask.Number, AskOpen)
}

// edit changes an ask's words: it adds to them, or takes their place. As the
// answer to "still looking?" it also says yes.
func (t *Tx) edit(ask Ask, act Act) error {
	title, body, needed := ask.Title, strings.TrimSpace(ask.Body+"\n\n"+act.Text), ask.NeededBy
	if act.Replace {
		body = act.Text
	}
	if act.Title != "" {
		title = act.Title
	}
	if !act.NeededBy.IsZero() {
		needed = act.NeededBy
	}
	var reminded bool
	err := t.get(&reminded, `UPDATE ask SET title = ?, body = ?, needed_by = ? WHERE number = ? RETURNING reminded_at IS NOT NULL`,
		clean(title), clean(body), needed.String(), ask.Number)
	if err != nil {
		return err
	}
	if ask.State == AskExpired || reminded && ask.State == AskOpen {
		ask.NeededBy = needed
		if err := t.relist(ask, Act{Kind: ActReopen}); err != nil {
			return err
		}
	}
	return t.recompose(ask.Number)
}

// takenDown says whether an admin took the ask off the list.
func (t *Tx) takenDown(ask Ask) (down bool, err error) {
	if ask.State != AskWithdrawn {
		return false, nil
	}
	err = t.get(&down, `SELECT EXISTS (SELECT 1 FROM outbox WHERE key = ?)`, takenDownKey(ask)+"/to/"+recipientKey(ask.Asker.Recipient()))
	return down, err
}

func takenDownKey(ask Ask) string {
	return fmt.Sprintf("%s/%d/%d", KindTakenDown, ask.Number, millis(ask.CreatedAt))
}
