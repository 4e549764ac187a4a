package store

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// refusalRest is how long a stranger who was refused once hears nothing more.
const refusalRest = 30 * 24 * time.Hour

// apply applies the rules to an event. It may only write and add facts: the
// letters are somebody else's.
func (t *Tx) apply(e Event) error {
	if e.Verdict != Accepted {
		return t.decline(e)
	}
	writer, err := t.member(e.Member)
	if err != nil {
		return fmt.Errorf("writer of message %d: %w", t.intake.ID, err)
	}
	if answersQuestion(e) {
		if err := t.answered(e); err != nil {
			return err
		}
	}
	for _, act := range e.Acts {
		if err := t.act(e, writer, act); err != nil {
			return fmt.Errorf("%s: %w", act.Kind, err)
		}
	}
	return nil
}

// answersQuestion says whether the event settles what we asked: it does
// something about an ask instead of asking back once more.
func answersQuestion(e Event) bool {
	for _, a := range e.Acts {
		if a.Kind == ActAsk || a.Ask != 0 && a.Kind != ActUnclear {
			return strings.HasPrefix(e.Answers, KindWhichAsk+"/")
		}
	}
	return false
}

func (t *Tx) act(e Event, writer Member, act Act) error {
	switch act.Kind {
	case ActAsk:
		return t.newAsk(e, writer, act)
	case ActHelp, ActStatus, ActData, ActForget, ActUndo, ActRefer, ActMeToo, ActRelay:
		return t.answer(e, writer, act)
	case ActPause, ActResume, ActStop, ActFrequency:
		return t.rhythm(e, writer, act)
	case ActUnclear:
		return t.unclear(e, writer, act)
	case ActConfirm:
		return t.share(e, writer)
	case ActChat, ActBounce:
		return nil
	}
	ask, err := t.ask(act.Ask)
	if err != nil {
		return err
	}
	if ask.Number == 0 {
		return t.unclear(e, writer, act)
	}
	role := ask.RoleOf(writer.ID)
	switch act.Kind {
	case ActOffer:
		if role != RoleAsker {
			return t.offer(e, writer, ask, act)
		}
	case ActThanks:
		if role == RoleAsker && len(ask.Helpers()) > 0 {
			return t.thank(e, writer, ask, act)
		}
	case ActDecline:
		if role != RoleNone {
			return t.declineThanks(e, writer, ask)
		}
	case ActWithdraw:
		if role == RoleHelper {
			return t.withdrawOffer(e, writer, ask)
		}
		if role == RoleAsker {
			return t.withdraw(e, writer, ask)
		}
	case ActClose, ActReopen, ActExtend, ActEdit:
		if role == RoleAsker {
			return t.change(e, writer, ask, act)
		}
	}
	// Understanding ties acts to roles; should it have erred, nobody is left
	// without an answer: where things stand.
	return t.answer(e, writer, Act{Kind: ActStatus})
}

// decline tells, where somebody should be told, that a message was not taken.
func (t *Tx) decline(e Event) error {
	to := Recipient{Name: e.FromName, Email: e.From}
	if e.Member != 0 {
		m, err := t.member(e.Member)
		if err != nil {
			return err
		}
		to = m.Recipient()
	}
	switch {
	case e.Verdict == Quarantined:
		if e.Member != 0 {
			t.tell(Fact{Kind: KindQuarantined, Key: t.key(KindQuarantined), To: to, Thread: e.Thread, Words: e.Text})
		}
		t.tell(Fact{Kind: KindAdmin, Key: "admin/quarantine/" + t.intake.Ref(), To: t.admin(),
			Reason: fmt.Sprintf("One message could not be read and is kept aside (number %d, %s). Look at it with: askfirst explain, or in the folder Askfirst/Quarantine.", t.intake.ID, e.Reason)})
	case e.Verdict != Refused || e.From == "":
	case e.Reason == ReasonNotStaff:
		var lately bool
		if err := t.get(&lately, `SELECT EXISTS (SELECT 1 FROM letter WHERE member IS NULL AND address = ? AND kind = ? AND at > ?)`,
			clean(e.From), KindNotStaff, millis(t.now.Add(-refusalRest))); err != nil {
			return err
		}
		if !lately {
			t.tell(Fact{Kind: KindNotStaff, Key: t.key(KindNotStaff), To: to, Thread: e.Thread})
		}
	case e.Member == 0:
	case e.Reason == ReasonTooLarge:
		t.tell(Fact{Kind: KindTooLarge, Key: t.key(KindTooLarge), To: to, Thread: e.Thread, Words: e.Subject, Limit: t.book.settings.MaxSize})
	default:
		t.tell(Fact{Kind: KindNoText, Key: t.key(KindNoText), To: to, Thread: e.Thread, Words: e.Subject, Reason: e.Reason})
	}
	return nil
}

// The reasons that the rules act upon.
const (
	ReasonNotStaff = "not_staff"
	ReasonTooLarge = "too_large"
)

// key names the letter of a kind that answers this message.
func (t *Tx) key(kind string) string { return kind + "/" + t.intake.Ref() }

// askKey names the letter of a kind about an ask that answers this message.
func (t *Tx) askKey(kind string, ask int64) string {
	return fmt.Sprintf("%s/%d/%s", kind, ask, t.intake.Ref())
}

func (t *Tx) newAsk(e Event, writer Member, act Act) error {
	var number int64
	err := t.get(&number, `INSERT INTO ask (title, body, state, created_at, listed_at, needed_by, files, message_id) VALUES (?, ?, 'open', ?, ?, ?, ?, ?) RETURNING number`,
		clean(act.Title), clean(act.Text), millis(t.now), millis(t.now), act.NeededBy.String(), len(e.Files), clean(e.MessageID))
	if err != nil {
		return err
	}
	if _, err := t.party(number, RoleAsker, writer.ID); err != nil {
		return err
	}
	if err := t.consequence("ask", number); err != nil {
		return err
	}
	readers, err := t.readers(writer.ID)
	if err != nil {
		return err
	}
	t.tell(Fact{Kind: KindAcknowledgement, Key: fmt.Sprintf("%s/%d", KindAcknowledgement, number), To: writer.Recipient(), Thread: e.Thread, Readers: readers, Files: e.Files,
		Publish: t.calendar().EditionFor(t.now), Ask: Ask{Number: number, Title: clean(act.Title), Body: clean(act.Text), State: AskOpen, Asker: writer,
			CreatedAt: t.now, NeededBy: act.NeededBy, Wanted: 1, Files: len(e.Files)}})
	return nil
}

// readers counts the colleagues who would get the next digest.
func (t *Tx) readers(but int64) (int, error) {
	var quiet int
	if err := t.get(&quiet, `SELECT count(*) FROM member WHERE (paused = 1 OR stopped = 1) AND on_staff = 1 AND id <> ?
		AND (stopped = 1 OR paused_until = '' OR paused_until > ?)`, but, t.today().String()); err != nil {
		return 0, err
	}
	x, err := t.exchange()
	return max(0, x.Members-1-quiet), err
}

func (t *Tx) party(ask int64, role Role, member int64) (int64, error) {
	var id int64
	err := t.get(&id, `INSERT INTO ask_party (ask, role, member) VALUES (?, ?, ?) ON CONFLICT (ask, role, member) DO UPDATE SET role = excluded.role RETURNING id`, ask, role, member)
	return id, err
}

// offer records a member's offer and introduces the two, unless there is help
// enough: then the offer is kept in reserve.
func (t *Tx) offer(e Event, writer Member, ask Ask, act Act) error {
	if !ask.State.Live() {
		t.tell(Fact{Kind: KindGone, Key: t.askKey(KindGone, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer})
		return nil
	}
	if ask.RoleOf(writer.ID) == RoleHelper {
		return t.answer(e, writer, Act{Kind: ActStatus}) // has offered before: shows where things stand
	}
	party, err := t.party(ask.Number, RoleHelper, writer.ID)
	if err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO offer (party, state, words, created_at, message_id) VALUES (?, 'offered', ?, ?, ?)
		ON CONFLICT (party) DO UPDATE SET state = 'offered', words = excluded.words, round = offer.round + 1, created_at = excluded.created_at,
		introduced_at = NULL, prompted_at = NULL, message_id = excluded.message_id`, party, clean(act.Text), millis(t.now), clean(e.MessageID)); err != nil {
		return err
	}
	if err := t.consequence("offer", party); err != nil {
		return err
	}
	if len(ask.Helpers()) >= ask.Wanted {
		t.tell(Fact{Kind: KindReserve, Key: t.askKey(KindReserve, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Words: act.Text})
		return nil
	}
	return t.introduce(ask, writer, act.Text, e.Thread)
}

// introduce makes asker and helper known to each other.
func (t *Tx) introduce(ask Ask, helper Member, words string, thread []string) error {
	var round int
	err := t.get(&round, `UPDATE offer SET state = 'introduced', introduced_at = ? WHERE party = (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper' AND member = ?)
		RETURNING round`, millis(t.now), ask.Number, helper.ID)
	if err != nil {
		return err
	}
	if ask.State == AskOpen && len(ask.Helpers())+1 >= ask.Wanted {
		if err := t.setState(ask.Number, AskHelped); err != nil {
			return err
		}
	}
	if ask, err = t.ask(ask.Number); err != nil {
		return err
	}
	key := fmt.Sprintf("%s/%d/m%d", KindIntroduction, ask.Number, helper.ID)
	if round > 1 {
		key = fmt.Sprintf("%s/%d", key, round)
	}
	asked, err := t.askThread(ask.Number)
	if err != nil {
		return err
	}
	fact := Fact{Kind: KindIntroduction, Key: key, Ask: ask, Helper: helper, Words: words}
	fact.To, fact.Thread = ask.Asker.Recipient(), asked
	t.tell(fact)
	fact.To, fact.Thread = helper.Recipient(), thread
	t.tell(fact)
	return nil
}

// askThread is what letters to the asker about an ask follow: the mail that
// asked, and our acknowledgement of it.
func (t *Tx) askThread(number int64) ([]string, error) {
	var asked string
	if err := t.get(&asked, `SELECT message_id FROM ask WHERE number = ?`, number); err != nil {
		return nil, err
	}
	thread := []string{t.book.messageID(fmt.Sprintf("%s/%d", KindAcknowledgement, number))}
	if asked != "" {
		thread = append([]string{asked}, thread...)
	}
	return thread, nil
}

// withdrawOffer takes a helper's offer back; a volunteer in reserve takes over.
func (t *Tx) withdrawOffer(e Event, writer Member, ask Ask) error {
	introduced := slices.ContainsFunc(ask.Helpers(), func(m Member) bool { return m.ID == writer.ID })
	if err := t.exec(`UPDATE offer SET state = 'withdrawn' WHERE party = (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper' AND member = ?)`, ask.Number, writer.ID); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindOfferWithdrawn, Key: t.askKey(KindOfferWithdrawn, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer})
	if !introduced || !ask.State.Live() {
		return nil
	}
	if ask.State == AskHelped {
		if err := t.setState(ask.Number, AskOpen); err != nil {
			return err
		}
	}
	thread, err := t.askThread(ask.Number)
	if err != nil {
		return err
	}
	if ask, err = t.ask(ask.Number); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindHelperLeft, Key: t.askKey(KindHelperLeft, ask.Number), To: ask.Asker.Recipient(), Thread: thread, Ask: ask, Helper: writer, Publish: t.calendar().EditionFor(t.now)})
	for _, o := range ask.Offers {
		if o.State == OfferReserve {
			return t.introduce(ask, o.Helper, o.Words, nil)
		}
	}
	return nil
}

func (t *Tx) withdraw(e Event, writer Member, ask Ask) error {
	if !ask.State.Live() {
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	if err := t.setState(ask.Number, AskWithdrawn); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindWithdrawn, Key: t.askKey(KindWithdrawn, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask})
	t.tellHelpers(ask, KindNoLonger)
	return nil
}

// tellHelpers tells everybody who was introduced for an ask.
func (t *Tx) tellHelpers(ask Ask, kind string) {
	for _, o := range ask.Offers {
		if o.State == OfferIntroduced || o.State == OfferReserve {
			t.tell(Fact{Kind: kind, Key: t.askKey(kind, ask.Number), To: o.Helper.Recipient(), Ask: ask, Helper: o.Helper})
		}
	}
}

// change is what an asker does to an own ask: sorted, again, longer, other words.
func (t *Tx) change(e Event, writer Member, ask Ask, act Act) error {
	fact := Fact{To: writer.Recipient(), Thread: e.Thread, Words: act.Text, Until: act.Until, Publish: t.calendar().EditionFor(t.now), Files: e.Files}
	var err error
	switch act.Kind {
	case ActClose:
		fact.Kind = KindClosed
		err = t.setState(ask.Number, AskClosed)
	case ActReopen, ActExtend:
		fact.Kind = KindReopened
		err = t.relist(ask, act)
	case ActEdit:
		fact.Kind = KindEdited
		err = t.edit(ask, act)
	}
	if err != nil {
		return err
	}
	if fact.Ask, err = t.ask(ask.Number); err != nil {
		return err
	}
	if fact.Readers, err = t.readers(writer.ID); err != nil {
		return err
	}
	fact.Key = t.askKey(fact.Kind, ask.Number)
	t.tell(fact)
	return t.consequence("ask", ask.Number)
}

// relist puts an ask back on the list, its ladder begun anew. Helpers who were
// introduced before stay known as such, but the ask looks for one more.
func (t *Tx) relist(ask Ask, act Act) error {
	wanted := ask.Wanted
	if act.Kind == ActReopen {
		wanted = max(wanted, len(ask.Helpers())+1)
	}
	needed := ask.NeededBy
	if !act.Until.IsZero() {
		needed = act.Until
	} else if needed.Before(t.today()) {
		needed = Date{}
	}
	if err := t.exec(`UPDATE ask SET wanted = ?, needed_by = ?, listed_at = ?, reminded_at = NULL WHERE number = ?`,
		wanted, needed.String(), millis(t.now), ask.Number); err != nil {
		return err
	}
	if act.Kind == ActExtend && ask.State == AskHelped {
		return nil
	}
	return t.setState(ask.Number, AskOpen)
}

// edit changes an ask's words: it adds to them, or takes their place.
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
	if err := t.exec(`UPDATE ask SET title = ?, body = ?, needed_by = ? WHERE number = ?`, clean(title), clean(body), needed.String(), ask.Number); err != nil {
		return err
	}
	return t.recompose(ask.Number)
}
