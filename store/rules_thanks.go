package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// thank records an asker's thanks to the helpers of an ask. As the answer to
// "did it help?" they are public unless the asker says otherwise; come by any
// other way they stay between the two until the asker has been asked.
func (t *Tx) thank(e Event, writer Member, ask Ask, act Act) error {
	helpers := thanked(e, ask)
	asked, err := t.asked(e, ask)
	if err != nil {
		return err
	}
	asked = asked && act.Hold == "" // else their writer is asked whether all of it may be read
	public := asked && !act.Private
	state := "private"
	if public {
		state = "public"
	}
	var id int64
	err = t.get(&id, `INSERT INTO thanks (ask, words, state, created_at) VALUES (?, ?, ?, ?) RETURNING id`, ask.Number, clean(act.Text), state, millis(t.now))
	if err != nil {
		return err
	}
	for _, h := range helpers {
		if err := t.exec(`INSERT INTO thanks_to (thanks, member) VALUES (?, ?)`, id, h.ID); err != nil {
			return err
		}
		if err := t.exec(`UPDATE offer SET state = 'thanked' WHERE state = 'introduced' AND party = (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper' AND member = ?)`,
			ask.Number, h.ID); err != nil {
			return err
		}
	}
	if err := t.consequence("thanks", id); err != nil {
		return err
	}
	if ask.State.Live() {
		if err := t.setState(ask.Number, AskClosed); err != nil {
			return err
		}
	}
	var publish Date // words that were said to be private will be in none
	if !act.Private {
		publish = t.calendar().EditionFor(t.now)
	}
	for _, h := range helpers {
		if h.Left {
			continue
		}
		t.tell(Fact{Kind: KindThankYou, Key: t.askKey(KindThankYou, ask.Number), To: h.Recipient(), Ask: ask, Helper: h, Words: act.Text, Publish: publish, Private: !public})
	}
	answer := Fact{Kind: KindThanksNoted, Key: t.askKey(KindThanksNoted, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helpers: helpers, Words: act.Text, Publish: publish, Private: !public}
	if !asked && !act.Private {
		answer.Kind, answer.Held = KindMayIShare, act.Hold
		answer.Key = t.askKey(KindMayIShare, ask.Number)
		if err := t.question("share", writer.ID, answer.Key, act.Text, nil, id); err != nil {
			return err
		}
	}
	t.tell(answer)
	return nil
}

// asked says whether thanks answer "did it help?": by the letter, or by a tap on
// its button, which opens a mail that answers no letter and names the ask in its
// subject as only the button does.
func (t *Tx) asked(e Event, ask Ask) (asked bool, err error) {
	if e.Answers != "" || !strings.Contains(e.Subject, fmt.Sprintf("#%d: ", ask.Number)) {
		return strings.HasPrefix(e.Answers, KindDidItHelp+"/"), nil
	}
	err = t.get(&asked, `SELECT EXISTS (SELECT 1 FROM offer o JOIN ask_party p ON p.id = o.party WHERE p.ask = ? AND o.state = 'introduced' AND o.prompted_at IS NOT NULL)`, ask.Number)
	return asked, err
}

// thanked are the helpers whom an asker's words are for: the one that the
// answered letter names, else those who were introduced since the ask last came
// onto the list, else everybody who helped.
func thanked(e Event, ask Ask) []Member {
	all := ask.Helpers()
	if kind, rest, _ := strings.Cut(e.Answers, "/"); kind == KindDidItHelp || kind == KindIntroduction || kind == KindRelayToAsker {
		for _, h := range all {
			if strings.HasPrefix(rest+"/", fmt.Sprintf("%d/m%d/", ask.Number, h.ID)) {
				return []Member{h}
			}
		}
	}
	var now []Member
	for _, o := range ask.Offers {
		if o.State == OfferIntroduced && !ask.passedOver(o) {
			now = append(now, o.Helper)
		}
	}
	if len(now) > 0 {
		return now
	}
	return all
}

// share makes thanks public after "yes" to "may I share this?", unless a helper
// has said that they would rather not be praised.
func (t *Tx) share(e Event, writer Member) error {
	row := struct {
		ID, Thanks, Ask int64
		Words, State    string
	}{}
	err := t.get(&row, `SELECT q.id, q.thanks, coalesce(t.ask, 0) AS ask, t.words, t.state FROM question q JOIN thanks t ON t.id = q.thanks
		WHERE q.letter = ? AND q.member = ? AND q.answered_at IS NULL`, e.Answers, writer.ID)
	if errors.Is(err, sql.ErrNoRows) { // nothing waits for this yes
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	if err != nil {
		return err
	}
	if err := t.exec(`UPDATE question SET answered_at = ? WHERE id = ?`, millis(t.now), row.ID); err != nil {
		return err
	}
	if err := t.exec(`UPDATE thanks SET state = 'public', created_at = ? WHERE id = ? AND state = 'private'`, millis(t.now), row.Thanks); err != nil {
		return err
	}
	ask, err := t.ask(row.Ask)
	if err != nil {
		return err
	}
	if ask.Number == 0 { // they are about none
		ask.Asker = writer
	}
	fact := Fact{Kind: KindThanksNoted, Key: t.askKey(KindThanksNoted, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Words: row.Words, Private: row.State == "declined"}
	if !fact.Private {
		fact.Publish = t.calendar().EditionFor(t.now)
	}
	if ask.Number == 0 {
		fact.Key = thanksKey(KindThanksNoted, row.Thanks)
	}
	if fact.Helpers, err = t.thankedIn(row.Thanks); err != nil {
		return err
	}
	t.tell(fact)
	return t.consequence("thanks", row.Thanks)
}

// thankedIn are those to whom some thanks go.
func (t *Tx) thankedIn(thanks int64) ([]Member, error) {
	rows := []memberRow{}
	if err := t.list(&rows, `SELECT m.* FROM thanks_to k JOIN member m ON m.id = k.member WHERE k.thanks = ? ORDER BY m.id`, thanks); err != nil {
		return nil, err
	}
	members := make([]Member, len(rows))
	for i, r := range rows {
		members[i] = r.member()
	}
	return members, nil
}

// declineThanks keeps thanks out of the digest: the helper would rather not be
// praised, or the asker changed their mind. A helper's no outlasts a later yes
// of the asker's.
func (t *Tx) declineThanks(e Event, writer Member, ask Ask) error {
	rows := []struct {
		ID    int64
		State string
		Told  bool
	}{}
	query := `SELECT k.id, k.state, EXISTS (SELECT 1 FROM wording_thanks w JOIN letter l ON l.wording = w.wording JOIN outbox o ON o.letter = l.id
		WHERE w.thanks = k.id AND o.state IN ('sent', 'dot_sent', 'in_doubt')) AS told FROM thanks k WHERE k.ask = ?`
	args := []any{ask.Number}
	state := "private"
	if ask.RoleOf(writer.ID) == RoleHelper {
		state, query, args = "declined", query+` AND k.id IN (SELECT thanks FROM thanks_to WHERE member = ?)`, append(args, writer.ID)
	}
	if err := t.list(&rows, query, args...); err != nil {
		return err
	}
	told := false
	for _, r := range rows {
		told = told || r.State == "public" && r.Told
		if r.State == "declined" || r.State == "withdrawn" || r.State == state {
			continue
		}
		if err := t.exec(`UPDATE thanks SET state = ? WHERE id = ?`, state, r.ID); err != nil {
			return err
		}
	}
	fact := Fact{Kind: KindKeptPrivate, Key: t.askKey(KindKeptPrivate, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Private: true}
	if told {
		fact.Reason = "told"
	}
	t.tell(fact)
	return t.takeThanksBack(ask.Number)
}

// takeThanksBack composes anew the digests that carry thanks no longer public.
func (t *Tx) takeThanksBack(ask int64) error {
	letters := []int64{}
	err := t.list(&letters, `SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter JOIN wording_thanks w ON w.wording = l.wording JOIN thanks k ON k.id = w.thanks
		WHERE k.ask = ? AND k.state <> 'public' AND o.digest = 1 AND o.state IN ('queued', 'retry')`, ask)
	if err != nil {
		return err
	}
	return t.takeBack(letters)
}
