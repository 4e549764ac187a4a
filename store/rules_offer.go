package store

import (
	"fmt"
	"slices"
)

func (t *Tx) party(ask int64, role Role, member int64) (int64, error) {
	var id int64
	err := t.get(&id, `INSERT INTO ask_party (ask, role, member) VALUES (?, ?, ?) ON CONFLICT (ask, role, member) DO UPDATE SET role = excluded.role RETURNING id`, ask, role, member)
	return id, err
}

// offer records a member's offer and introduces the two, unless there is help
// enough: then the offer is kept in reserve.
func (t *Tx) offer(e Event, writer Member, ask Ask, act Act) error {
	if !ask.State.Live() || ask.Asker.Left {
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
	if ask.Anonymous {
		return t.relayOffer(ask, helper, words, round, thread)
	}
	asked, err := t.askThread(ask.Number)
	if err != nil {
		return err
	}
	fact := Fact{Kind: KindIntroduction, Key: key, Ask: ask, Helper: helper, Words: words}
	if fact.Connector, err = t.connector(ask, helper.ID); err != nil {
		return err
	}
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
	i := slices.IndexFunc(ask.Offers, func(o Offer) bool { return o.Helper.ID == writer.ID })
	mine := ask.Offers[i] // a helper has one
	if mine.State == OfferThanked {
		return t.answer(e, writer, Act{Kind: ActStatus}) // it has been done
	}
	if err := t.exec(`UPDATE offer SET state = 'withdrawn' WHERE party = (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper' AND member = ?)`, ask.Number, writer.ID); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindOfferWithdrawn, Key: t.askKey(KindOfferWithdrawn, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer})
	if mine.State != OfferIntroduced || !ask.State.Live() {
		return nil
	}
	if err := t.leave(ask, mine); err != nil {
		return err
	}
	thread, err := t.askThread(ask.Number)
	if err != nil {
		return err
	}
	if ask, err = t.ask(ask.Number); err != nil {
		return err
	}
	if !ask.Asker.Left {
		t.tell(Fact{Kind: KindHelperLeft, Key: t.askKey(KindHelperLeft, ask.Number), To: ask.Asker.Recipient(), Thread: thread, Ask: ask, Helper: writer, Publish: t.calendar().EditionFor(t.now)})
	}
	if ask.State == AskOpen {
		_, err = t.callReserve(ask)
	}
	return err
}

// leave takes a helper out of an ask. Unless others help, it is news to
// everybody once more.
func (t *Tx) leave(ask Ask, mine Offer) error {
	passed := ask.passedOver(mine) // the ask has looked for somebody else since
	if passed {
		if err := t.exec(`UPDATE ask SET wanted = ? WHERE number = ?`, max(1, ask.Wanted-1), ask.Number); err != nil {
			return err
		}
	}
	if ask.State != AskHelped || passed && len(ask.Helpers()) > 1 {
		return nil
	}
	if err := t.exec(`UPDATE ask SET told_from = (SELECT coalesce(max(id), 0) FROM letter) WHERE number = ?`, ask.Number); err != nil {
		return err
	}
	return t.setState(ask.Number, AskOpen)
}

// passedOver says whether an introduced helper did not turn out to be the help:
// the ask came back onto the list after the two were introduced.
func (a Ask) passedOver(o Offer) bool {
	return !o.IntroducedAt.IsZero() && o.IntroducedAt.Before(a.ListedAt)
}

// callReserve introduces the first volunteer in reserve.
func (t *Tx) callReserve(ask Ask) (bool, error) {
	for _, o := range ask.Offers {
		if o.State == OfferReserve && !o.Helper.Left && !ask.Asker.Left {
			return true, t.introduce(ask, o.Helper, o.Words, nil)
		}
	}
	return false, nil
}
