package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// The relay between somebody who asked without a name and the colleagues who
// answer. The rules:
//
//   - Both simply answer our letters; neither has the other's address. The
//     letter that is answered says whose turn it is, since its key names the
//     colleague.
//   - The asker's words are cleaned before they come here. Where something in
//     them may still tell who wrote, they wait until the asker has said "send".
//   - "reveal" introduces the two as any introduction does, to that one colleague.
//     It is the only way to a name, and only the asker has it.

// relayKey names a letter from hand to hand between an asker and a colleague.
func relayKey(kind string, ask, colleague int64) string {
	return fmt.Sprintf("%s/%d/m%d", kind, ask, colleague)
}

// relayOffer is what an introduction is to an anonymous ask: the asker hears who
// would like to help, and the helper that their words arrive.
func (t *Tx) relayOffer(ask Ask, helper Member, words string, round int, thread []string) error {
	asked, err := t.askThread(ask.Number)
	if err != nil {
		return err
	}
	suffix := ""
	if round > 1 {
		suffix = fmt.Sprintf("/%d", round)
	}
	fact := Fact{Kind: KindRelayToAsker, Key: relayKey(KindRelayToAsker, ask.Number, helper.ID) + suffix, Ask: ask, Helper: helper, Words: words, Reason: "offer"}
	if fact.Connector, err = t.connector(ask, helper.ID); err != nil {
		return err
	}
	fact.To, fact.Thread = ask.Asker.Recipient(), asked
	t.tell(fact)
	fact.Kind, fact.Key = KindRelayToHelper, relayKey(KindRelayToHelper, ask.Number, helper.ID)+suffix
	fact.To, fact.Thread, fact.Connector = helper.Recipient(), thread, Member{}
	t.tell(fact)
	return nil
}

// relay passes words on, from either side.
func (t *Tx) relay(e Event, writer Member, ask Ask, act Act) error {
	if !ask.Anonymous {
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	if ask.RoleOf(writer.ID) != RoleAsker {
		return t.relayToAsker(e, writer, ask, act)
	}
	colleague, held, err := t.partner(e, writer, ask)
	if err != nil {
		return err
	}
	if colleague == 0 {
		t.tell(Fact{Kind: KindRelayHeld, Key: t.askKey(KindRelayHeld, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Reason: "whom", Words: act.Text})
		return t.consequence("ask", ask.Number)
	}
	helper, err := t.freshMember(colleague)
	if err != nil {
		return err
	}
	if act.Via == "held" {
		if act.Text = held; held == "" { // it has gone already
			return t.answer(e, writer, Act{Kind: ActStatus})
		}
		act.Hold = ""
	}
	switch {
	case helper.Left:
		t.tell(Fact{Kind: KindRelayHeld, Key: t.askKey(KindRelayHeld, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: helper, Reason: "left", Words: act.Text})
		return t.consequence("ask", ask.Number)
	case act.Reveal && act.Hold == "":
		return t.reveal(e, writer, ask, helper)
	case act.Hold != "":
		return t.holdRelay(e, writer, ask, helper, act)
	}
	if err := t.answeredRelay(e, writer); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindRelayToHelper, Key: relayKey(KindRelayToHelper, ask.Number, helper.ID) + "/" + t.intake.Ref(), To: helper.Recipient(), Ask: ask, Helper: helper, Words: act.Text,
		Thread: t.relayThread(KindRelayToHelper, ask, helper)})
	return t.consequence("ask", ask.Number)
}

// relayThread ties the letters of one conversation together.
func (t *Tx) relayThread(kind string, ask Ask, colleague Member) []string {
	return []string{t.book.messageID(relayKey(kind, ask.Number, colleague.ID))}
}

// relayToAsker passes a colleague's words on: those of somebody who has a part in
// it, or to whom the asker has written.
func (t *Tx) relayToAsker(e Event, writer Member, ask Ask, act Act) error {
	colleague, ok := sealedKind(e.Answers, ask.Number)
	if !ok || colleague != writer.ID {
		if ask.RoleOf(writer.ID) != RoleHelper {
			return t.answer(e, writer, Act{Kind: ActStatus})
		}
	}
	if ask.Asker.Left {
		t.tell(Fact{Kind: KindGone, Key: t.askKey(KindGone, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Reason: string(ActRelay)})
		return nil
	}
	t.tell(Fact{Kind: KindRelayToAsker, Key: relayKey(KindRelayToAsker, ask.Number, writer.ID) + "/" + t.intake.Ref(), To: ask.Asker.Recipient(), Ask: ask, Helper: writer, Words: act.Text,
		Thread: t.relayThread(KindRelayToAsker, ask, writer)})
	return t.consequence("ask", ask.Number)
}

// partner is the colleague to whom an asker's words go: the one whose letter they
// answer, else the only one who helps. held is what waits for a word, if the
// letter asks for one.
func (t *Tx) partner(e Event, writer Member, ask Ask) (colleague int64, held string, err error) {
	if id, ok := sealedKind(e.Answers, ask.Number); ok {
		return id, "", nil
	}
	row := struct{ Words, Candidates string }{}
	err = t.get(&row, `SELECT words, candidates FROM question WHERE letter = ? AND member = ? AND kind = 'relay'`, e.Answers, writer.ID)
	if err == nil {
		var ids []int64
		_ = json.Unmarshal([]byte(row.Candidates), &ids) // written by toJSON
		if len(ids) == 1 {
			var open bool
			if err := t.get(&open, `SELECT EXISTS (SELECT 1 FROM question WHERE letter = ? AND answered_at IS NULL)`, e.Answers); err != nil {
				return 0, "", err
			}
			if !open {
				row.Words = ""
			}
			return ids[0], row.Words, nil
		}
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, "", err
	}
	var helpers []int64
	for _, o := range ask.Offers {
		if o.State == OfferIntroduced || o.State == OfferThanked {
			helpers = append(helpers, o.Helper.ID)
		}
	}
	if len(helpers) == 1 {
		return helpers[0], "", nil
	}
	return 0, "", nil
}

// holdRelay keeps words that may tell who wrote them until their writer has said
// "send". The letter shows them as they would go.
func (t *Tx) holdRelay(e Event, writer Member, ask Ask, helper Member, act Act) error {
	fact := Fact{Kind: KindRelayHeld, Key: t.askKey(KindRelayHeld, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: helper, Words: act.Text, Held: act.Hold}
	if act.Reveal {
		fact.Reason = "reveal"
	}
	if err := t.question("relay", writer.ID, fact.Key, act.Text, []int64{helper.ID}, 0); err != nil {
		return err
	}
	t.tell(fact)
	return t.consequence("ask", ask.Number)
}

func (t *Tx) answeredRelay(e Event, writer Member) error {
	return t.exec(`UPDATE question SET answered_at = ? WHERE letter = ? AND member = ? AND kind = 'relay' AND answered_at IS NULL`, millis(t.now), e.Answers, writer.ID)
}

// reveal introduces an asker to one colleague, by name.
func (t *Tx) reveal(e Event, writer Member, ask Ask, helper Member) error {
	asker, err := t.behind(ask.Number)
	if err != nil {
		return err
	}
	if asker.ID == 0 {
		return fmt.Errorf("ask %d: %w", ask.Number, ErrSealKey)
	}
	if err := t.answeredRelay(e, writer); err != nil {
		return err
	}
	fact := Fact{Kind: KindIntroduction, Key: relayKey(KindIntroduction, ask.Number, helper.ID), Ask: ask, Helper: helper, Reason: "reveal"}
	if i := slices.IndexFunc(ask.Offers, func(o Offer) bool { return o.Helper.ID == helper.ID }); i >= 0 {
		fact.Words = ask.Offers[i].Words
	}
	// The letter names the asker; its row still goes to the veil.
	asker.ID, asker.Veil = ask.Asker.ID, false
	fact.Ask.Asker = asker
	fact.To, fact.Thread = writer.Recipient(), t.relayThread(KindRelayToAsker, ask, helper)
	t.tell(fact)
	fact.To, fact.Thread = helper.Recipient(), t.relayThread(KindRelayToHelper, ask, helper)
	t.tell(fact)
	return t.consequence("ask", ask.Number)
}
