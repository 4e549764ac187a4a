package store

import (
	"fmt"
	"strings"
)

// thank records an asker's thanks to the helpers of an ask. As the answer to
// "did it help?" they are public unless the asker says otherwise; come by any
// other way they stay between the two until the asker has been asked.
func (t *Tx) thank(e Event, writer Member, ask Ask, act Act) error {
	helpers := ask.Helpers()
	asked := strings.HasPrefix(e.Answers, KindDidItHelp+"/")
	public := asked && !act.Private
	state := "private"
	if public {
		state = "public"
	}
	var id int64
	err := t.get(&id, `INSERT INTO thanks (ask, words, state, created_at) VALUES (?, ?, ?, ?) RETURNING id`, ask.Number, clean(act.Text), state, millis(t.now))
	if err != nil {
		return err
	}
	for _, h := range helpers {
		if err := t.exec(`INSERT INTO thanks_to (thanks, member) VALUES (?, ?)`, id, h.ID); err != nil {
			return err
		}
	}
	if err := t.consequence("thanks", id); err != nil {
		return err
	}
	if err := t.exec(`UPDATE offer SET state = 'thanked' WHERE state = 'introduced' AND party IN (SELECT id FROM ask_party WHERE ask = ? AND role = 'helper')`, ask.Number); err != nil {
		return err
	}
	if ask.State.Live() {
		if err := t.setState(ask.Number, AskClosed); err != nil {
			return err
		}
	}
	publish := t.calendar().EditionFor(t.now)
	for _, h := range helpers {
		t.tell(Fact{Kind: KindThankYou, Key: t.askKey(KindThankYou, ask.Number), To: h.Recipient(), Ask: ask, Helper: h, Words: act.Text, Publish: publish, Private: !public})
	}
	answer := Fact{Kind: KindThanksNoted, Key: t.askKey(KindThanksNoted, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: helpers[0], Words: act.Text, Publish: publish, Private: !public}
	if !asked && !act.Private {
		answer.Kind = KindMayIShare
		answer.Key = t.askKey(KindMayIShare, ask.Number)
		if err := t.question("share", writer.ID, answer.Key, act.Text, nil, id); err != nil {
			return err
		}
	}
	t.tell(answer)
	return nil
}

// share makes thanks public after "yes" to "may I share this?".
func (t *Tx) share(e Event, writer Member) error {
	row := struct{ ID, Thanks, Ask int64 }{}
	err := t.get(&row, `SELECT q.id, q.thanks, t.ask FROM question q JOIN thanks t ON t.id = q.thanks
		WHERE q.letter = ? AND q.member = ? AND q.answered_at IS NULL`, e.Answers, writer.ID)
	if err != nil {
		return nil // nothing waits for this yes
	}
	if err := t.exec(`UPDATE question SET answered_at = ? WHERE id = ?`, millis(t.now), row.ID); err != nil {
		return err
	}
	if err := t.exec(`UPDATE thanks SET state = 'public', created_at = ? WHERE id = ?`, millis(t.now), row.Thanks); err != nil {
		return err
	}
	ask, err := t.ask(row.Ask)
	if err != nil {
		return err
	}
	var words string
	if err := t.get(&words, `SELECT words FROM thanks WHERE id = ?`, row.Thanks); err != nil {
		return err
	}
	fact := Fact{Kind: KindThanksNoted, Key: t.askKey(KindThanksNoted, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Words: words, Publish: t.calendar().EditionFor(t.now)}
	if helpers := ask.Helpers(); len(helpers) > 0 {
		fact.Helper = helpers[0]
	}
	t.tell(fact)
	return t.consequence("thanks", row.Thanks)
}

// declineThanks keeps thanks out of the digest: the helper would rather not be
// praised, or the asker changed their mind.
func (t *Tx) declineThanks(e Event, writer Member, ask Ask) error {
	if err := t.exec(`UPDATE thanks SET state = 'private' WHERE ask = ? AND state = 'public'`, ask.Number); err != nil {
		return err
	}
	t.tell(Fact{Kind: KindKeptPrivate, Key: t.askKey(KindKeptPrivate, ask.Number), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Helper: writer, Private: true})
	return t.takeThanksBack(ask.Number)
}

// takeThanksBack composes anew the digests that carry thanks no longer public.
func (t *Tx) takeThanksBack(ask int64) error {
	letters := []int64{}
	err := t.list(&letters, `SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter JOIN wording_thanks w ON w.wording = l.wording JOIN thanks k ON k.id = w.thanks
		WHERE k.ask = ? AND k.state = 'private' AND o.digest = 1 AND o.state IN ('queued', 'retry')`, ask)
	if err != nil {
		return err
	}
	return t.takeBack(letters)
}

// rhythm changes how often a member hears from us.
func (t *Tx) rhythm(e Event, writer Member, act Act) error {
	fact := Fact{To: writer.Recipient(), Thread: e.Thread, Until: act.Until}
	var err error
	switch act.Kind {
	case ActPause:
		fact.Kind = KindPaused
		err = t.exec(`UPDATE member SET paused = 1, paused_until = ? WHERE id = ?`, act.Until.String(), writer.ID)
	case ActResume:
		fact.Kind = KindResumed
		err = t.exec(`UPDATE member SET paused = 0, paused_until = '', stopped = 0, weekly = 0 WHERE id = ?`, writer.ID)
	case ActStop:
		fact.Kind = KindStopped
		err = t.exec(`UPDATE member SET stopped = 1 WHERE id = ?`, writer.ID)
	case ActFrequency:
		fact.Kind = KindFrequency
		err = t.exec(`UPDATE member SET weekly = 1, stopped = 0 WHERE id = ?`, writer.ID)
	}
	if err != nil {
		return err
	}
	if act.Kind == ActPause || act.Kind == ActStop {
		if err := t.quiet(writer.ID); err != nil {
			return err
		}
	}
	fact.Key = t.key(fact.Kind)
	t.tell(fact)
	return t.consequence("member", writer.ID)
}

// quiet takes back the digests that wait for a member who wants none.
func (t *Tx) quiet(member int64) error {
	letters := []int64{}
	if err := t.list(&letters, `SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter
		WHERE l.member = ? AND o.digest = 1 AND o.state IN ('queued', 'retry')`, member); err != nil {
		return err
	}
	return t.takeBack(letters)
}

// answer tells a member what was asked for, and changes nothing.
func (t *Tx) answer(e Event, writer Member, act Act) error {
	fact := Fact{To: writer.Recipient(), Thread: e.Thread, Words: act.Text}
	var err error
	switch act.Kind {
	case ActHelp:
		fact.Kind = KindHelp
	case ActStatus:
		fact.Kind = KindStatus
		if fact.Asks, err = t.asksOf(writer.ID, RoleAsker); err != nil {
			return err
		}
		if fact.Helping, err = t.asksOf(writer.ID, RoleHelper); err != nil {
			return err
		}
		fact.Until, fact.Reason = writer.PausedUntil, rhythmOf(writer)
	default:
		fact.Kind = KindNotBuilt
		fact.Reason = string(act.Kind)
		if act.Ask != 0 {
			if fact.Ask, err = t.ask(act.Ask); err != nil {
				return err
			}
		}
	}
	fact.Key = t.key(fact.Kind)
	t.tell(fact)
	return nil
}

// rhythmOf names how a member hears from us: daily, weekly, paused or stopped.
func rhythmOf(m Member) string {
	switch {
	case m.Stopped:
		return "stopped"
	case m.Paused:
		return "paused"
	case m.Weekly:
		return "weekly"
	}
	return "daily"
}

// unclear asks back once and keeps the words.
func (t *Tx) unclear(e Event, writer Member, act Act) error {
	candidates, err := t.asks(append([]int64{}, act.Candidates...))
	if err != nil {
		return err
	}
	text := act.Text
	if text == "" {
		text = e.Text
	}
	fact := Fact{Kind: KindWhichAsk, Key: t.key(KindWhichAsk), To: writer.Recipient(), Thread: e.Thread, Words: text, Candidates: candidates}
	if err := t.question("which_ask", writer.ID, fact.Key, text, act.Candidates, 0); err != nil {
		return err
	}
	t.tell(fact)
	return nil
}

// question keeps a person's words until they have answered the letter.
func (t *Tx) question(kind string, member int64, letter, words string, candidates []int64, thanks int64) error {
	var id int64
	var tied any
	if thanks != 0 {
		tied = thanks
	}
	err := t.get(&id, `INSERT INTO question (kind, member, letter, words, candidates, thanks, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (letter) DO UPDATE SET words = excluded.words RETURNING id`, kind, member, letter, clean(words), toJSON(candidates), tied, millis(t.now))
	if err != nil {
		return fmt.Errorf("question: %w", err)
	}
	return t.consequence("question", id)
}

// answered closes the which-ask question that an event answers.
func (t *Tx) answered(e Event) error {
	return t.exec(`UPDATE question SET answered_at = ? WHERE letter = ? AND member = ? AND kind = 'which_ask' AND answered_at IS NULL`, millis(t.now), e.Answers, e.Member)
}
