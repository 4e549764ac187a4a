package store

import "fmt"

// rhythm changes how often a member hears from us.
func (t *Tx) rhythm(e Event, writer Member, act Act) error {
	fact := Fact{To: writer.Recipient(), Thread: e.Thread, Until: act.Until}
	var err error
	switch act.Kind {
	case ActPause:
		fact.Kind = KindPaused
		// A day to come back on is also a wish to come back.
		err = t.exec(`UPDATE member SET paused = 1, paused_until = ?, stopped = CASE WHEN ? <> '' THEN 0 ELSE stopped END WHERE id = ?`, act.Until.String(), act.Until.String(), writer.ID)
	case ActResume:
		fact.Kind = KindResumed
		err = t.exec(`UPDATE member SET paused = 0, paused_until = '', stopped = 0, weekly = 0 WHERE id = ?`, writer.ID)
	case ActStop:
		fact.Kind = KindStopped
		err = t.exec(`UPDATE member SET stopped = 1 WHERE id = ?`, writer.ID)
	case ActFrequency:
		fact.Kind = KindFrequency
		err = t.exec(`UPDATE member SET weekly = 1, paused = 0, paused_until = '', stopped = 0 WHERE id = ?`, writer.ID)
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

// ViaTakenBack marks the act that tells how to ask without a name, beside the
// withdrawal of the ask that had one.
const ViaTakenBack = "taken_back"

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
		if fact.Joined, err = t.asksOf(writer.ID, RoleMeToo); err != nil {
			return err
		}
		fact.Until, fact.Reason = writer.PausedUntil, rhythmOf(writer, t.today())
	default:
		fact.Kind = KindNotBuilt
		fact.Reason = string(act.Kind)
		if act.Via == ViaTakenBack {
			fact.Reason += "_" + act.Via
		}
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
func rhythmOf(m Member, today Date) string {
	switch {
	case m.Stopped:
		return "stopped"
	case m.Paused && (m.PausedUntil.IsZero() || today.Before(m.PausedUntil)):
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
	if len(candidates) == 1 && candidates[0].Unsent() && candidates[0].Asker.ID == writer.ID {
		return t.tellHeld(e, candidates[0]) // one question is enough
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
	err := t.get(&id, `INSERT INTO question (kind, member, letter, words, candidates, thanks, names, asked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (letter) DO UPDATE SET words = excluded.words RETURNING id`, kind, member, letter, clean(words), toJSON(candidates), tied, toJSON(t.names), millis(t.now))
	if err != nil {
		return fmt.Errorf("question: %w", err)
	}
	return t.consequence("question", id)
}

// answered closes the which-ask question that an event answers.
func (t *Tx) answered(e Event) error {
	return t.exec(`UPDATE question SET answered_at = ? WHERE letter = ? AND (member = ? OR member = ?) AND kind IN ('which_ask', 'which_person') AND answered_at IS NULL`, millis(t.now), e.Answers, e.Member, t.answersAs)
}
