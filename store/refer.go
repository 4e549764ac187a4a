package store

import (
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Referral: "ask Ben". The rules:
//
//   - Ben is asked once and privately. Nobody hears whether he answers, and the
//     asker does not hear that he was asked. When he helps, the introduction
//     says who thought of him.
//   - Nobody is asked who rests, left, has a part in the ask already or was asked
//     about another one within a week: then the asker gets the words, as when
//     the name is nobody's on the staff list, and the writer is told so.
//   - An ask that has its help needs nobody else: the asker gets the words.

// inviteRest is how long a member who was invited is not invited again.
const inviteRest = 7 * 24 * time.Hour

// mostInvited is how many colleagues one mail may have invited.
const mostInvited = 3

// refer asks those whom the writer names, or passes the words on to the asker.
func (t *Tx) refer(e Event, writer Member, ask Ask, act Act) error {
	if !ask.State.Live() || ask.Asker.Left {
		t.tell(Fact{Kind: KindGone, Key: t.askKey(KindGone, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Reason: string(ActRefer)})
		return nil
	}
	if act.Name != "" && len(act.Members) > 0 {
		return t.whichPerson(e, writer, ask, act)
	}
	if err := t.consequence("ask", ask.Number); err != nil {
		return err
	}
	people, err := t.membersOf(act.Members)
	if err != nil {
		return err
	}
	var asked, known, resting []Member
	for _, m := range people {
		if m.ID == writer.ID {
			continue
		}
		list := &resting
		switch free, knows, err := t.mayInvite(ask, m); {
		case err != nil:
			return err
		case knows:
			list = &known
		case free && len(asked) < mostInvited && ask.State == AskOpen:
			if err := t.invite(ask, writer, m); err != nil {
				return err
			}
			list = &asked
		}
		*list = append(*list, m)
	}
	receipt := Fact{Kind: KindReferred, Key: t.askKey(KindReferred, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Words: act.Text, Helpers: asked}
	switch {
	case len(asked) > 0:
	case len(resting) == 0 && len(known) > 0:
		receipt.Helpers, receipt.Reason = known, "known"
	default:
		return t.hint(e, writer, ask, act, resting)
	}
	t.tell(receipt)
	return nil
}

// mayInvite says whether a member may be asked about an ask, and whether they
// know of it already as its helper, as somebody who was asked, or because they
// need the same.
func (t *Tx) mayInvite(ask Ask, m Member) (free, knows bool, err error) {
	row := struct{ Party, Lately bool }{}
	err = t.get(&row, `SELECT EXISTS (SELECT 1 FROM ask_party WHERE ask = ? AND member = ? AND role <> 'connector') AS party,
		EXISTS (SELECT 1 FROM referral r JOIN ask_party p ON p.id = r.invited WHERE p.member = ? AND r.created_at > ? AND r.created_at <= ?) AS lately`,
		ask.Number, m.ID, m.ID, millis(t.now.Add(-inviteRest)), millis(t.now.Add(leap)))
	rests := m.Left || m.Stopped || rhythmOf(m, t.today()) == "paused"
	return !rests && !row.Party && !row.Lately, row.Party, err
}

// invite asks a member privately for help with an ask.
func (t *Tx) invite(ask Ask, connector, m Member) error {
	invited, err := t.party(ask.Number, RoleInvited, m.ID)
	if err != nil {
		return err
	}
	by, err := t.party(ask.Number, RoleConnector, connector.ID)
	if err != nil {
		return err
	}
	if err := t.exec(`INSERT INTO referral (invited, connector, state, created_at) VALUES (?, ?, 'invited', ?)`, invited, by, millis(t.now)); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindInvitation, Key: inviteKey(ask.Number, m.ID), To: m.Recipient(), Ask: ask, Helper: connector})
	return nil
}

func inviteKey(ask, member int64) string {
	return fmt.Sprintf("%s/%d/m%d", KindInvitation, ask, member)
}

// hint passes the words on: the asker gets them and can answer the writer.
// Nobody else is written to. resting are those who were named and are not asked
// now.
func (t *Tx) hint(e Event, writer Member, ask Ask, act Act, resting []Member) error {
	passed := Fact{Kind: KindHintPassed, Key: t.askKey(KindHintPassed, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Words: act.Text, Name: act.Name}
	switch {
	case len(resting) > 0 && ask.State == AskHelped:
		passed.Reason, passed.People = "helped", resting
	case len(resting) > 0:
		passed.Reason, passed.People = "resting", resting
	case act.Name != "":
		passed.Reason = "nobody"
	}
	if ask.Asker.ID != writer.ID { // who asked knows already whom they thought of
		thread, err := t.askThread(ask.Number)
		if err != nil {
			return err
		}
		key := t.askKey(KindHint, ask.Number)
		if ask.Anonymous { // the answer comes through us, and the key says to whom it goes
			key = relayKey(KindHint, ask.Number, writer.ID) + "/" + t.intake.Ref()
		}
		t.tell(Fact{Kind: KindHint, Key: key, To: ask.Asker.Recipient(), Thread: thread, Ask: ask, Helper: writer, Words: act.Text})
	}
	t.tell(passed)
	return nil
}

// connector is who thought of a helper; zero: nobody, or the asker.
func (t *Tx) connector(ask Ask, helper int64) (Member, error) {
	row := memberRow{}
	err := t.get(&row, `SELECT m.* FROM ask_party p JOIN referral r ON r.invited = p.id JOIN ask_party c ON c.id = r.connector JOIN member m ON m.id = c.member
		WHERE p.ask = ? AND p.role = 'invited' AND p.member = ? AND r.state = 'invited'`, ask.Number, helper)
	if errors.Is(err, sql.ErrNoRows) {
		return Member{}, nil
	}
	if err != nil || row.ID == ask.Asker.ID {
		return Member{}, err
	}
	return row.member(), nil
}

// withdrawRefer takes back a connector's invitations about an ask. Those that
// have not left are not sent; sent ones cannot be unread, but nobody is credited
// for them. It says how many could still be stopped.
func (t *Tx) withdrawRefer(ask, connector int64) (stopped int, err error) {
	rows := []struct{ Party, Member int64 }{}
	err = t.list(&rows, `SELECT p.id AS party, p.member FROM referral r JOIN ask_party p ON p.id = r.invited JOIN ask_party c ON c.id = r.connector
		WHERE c.ask = ? AND c.member = ? AND r.state = 'invited'`, ask, connector)
	if err != nil {
		return 0, err
	}
	for _, r := range rows {
		letters := []int64{}
		if err := t.list(&letters, `SELECT letter FROM outbox WHERE key = ? AND state IN ('queued', 'retry')`, fmt.Sprintf("%s/to/m%d", inviteKey(ask, r.Member), r.Member)); err != nil {
			return stopped, err
		}
		query := `UPDATE referral SET state = 'withdrawn' WHERE invited = ?`
		if len(letters) > 0 { // never told: it has not happened
			stopped++
			query = `DELETE FROM referral WHERE invited = ?`
		}
		if err := t.exec(query, r.Party); err != nil {
			return stopped, err
		}
		if len(letters) == 0 {
			continue
		}
		if err := t.takeBack(letters); err != nil {
			return stopped, err
		}
		if err := t.exec(`DELETE FROM ask_party WHERE id = ?`, r.Party); err != nil {
			return stopped, err
		}
	}
	return stopped, nil
}
