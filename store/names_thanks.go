package store

import (
	"fmt"
	"strings"
)

// thankByName records thanks that are about no ask: "Thanks to Ben: …". Who is
// thanked reads the words first; they stay private until their writer has said
// that they may be shared.
func (t *Tx) thankByName(e Event, writer Member, act Act) error {
	if act.Name != "" {
		return t.whichPerson(e, writer, Ask{}, act)
	}
	helpers, err := t.membersOf(act.Members)
	if err != nil {
		return err
	}
	var id int64
	err = t.get(&id, `INSERT INTO thanks (giver, words, state, created_at) VALUES (?, ?, 'private', ?) RETURNING id`, writer.ID, clean(act.Text), millis(t.now))
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
	from := Ask{Asker: writer} // no ask: only whom the words come from
	var publish Date
	if !act.Private {
		publish = t.calendar().EditionFor(t.now)
	}
	for _, h := range helpers {
		if !h.Left {
			t.tell(Fact{Kind: KindThankYou, Key: thanksKey(KindThankYou, id), To: h.Recipient(), Ask: from, Helper: h, Words: act.Text, Publish: publish, Private: true})
		}
	}
	answer := Fact{Kind: KindMayIShare, Key: thanksKey(KindMayIShare, id), To: writer.Recipient(), Thread: e.Thread, Ask: from, Helpers: helpers, Words: act.Text, Publish: publish, Private: true, Held: act.Hold}
	if act.Private {
		answer.Kind, answer.Key = KindThanksNoted, thanksKey(KindThanksNoted, id)
	} else if err := t.question("share", writer.ID, answer.Key, act.Text, nil, id); err != nil {
		return err
	}
	t.tell(answer)
	return nil
}

// thanksKey names a letter about thanks that are about no ask: an answer to it
// finds them again.
func thanksKey(kind string, thanks int64) string { return fmt.Sprintf("%s/k%d", kind, thanks) }

// thanksIn is the number of the thanks in such a key; 0: it is none.
func thanksIn(key string) int64 {
	_, rest, _ := strings.Cut(key, "/")
	var id int64
	if n, err := fmt.Sscanf(rest, "k%d", &id); n != 1 || err != nil {
		return 0
	}
	return id
}

// declineNamed keeps thanks that are about no ask out of the digest, for their
// writer or for somebody whom they thank.
func (t *Tx) declineNamed(e Event, writer Member) error {
	id := thanksIn(e.Answers)
	rows := []struct {
		State      string
		Giver      int64
		Mine, Told bool
	}{}
	err := t.list(&rows, `SELECT k.state, k.giver, EXISTS (SELECT 1 FROM thanks_to p WHERE p.thanks = k.id AND p.member = ?) AS mine,
		EXISTS (SELECT 1 FROM wording_thanks w JOIN letter l ON l.wording = w.wording JOIN outbox o ON o.letter = l.id
			WHERE w.thanks = k.id AND o.state IN ('sent', 'dot_sent', 'in_doubt')) AS told
		FROM thanks k WHERE k.id = ? AND k.giver IS NOT NULL`, writer.ID, id)
	if err != nil {
		return err
	}
	if len(rows) == 0 || !rows[0].Mine && rows[0].Giver != writer.ID {
		return t.answer(e, writer, Act{Kind: ActStatus})
	}
	row := rows[0]
	state := "private"
	if row.Mine {
		state = "declined" // it outlasts a later yes of the giver's
	}
	if row.State != "declined" {
		if err := t.exec(`UPDATE thanks SET state = ? WHERE id = ?`, state, id); err != nil {
			return err
		}
	}
	if err := t.consequence("thanks", id); err != nil {
		return err
	}
	fact := Fact{Kind: KindKeptPrivate, Key: t.key(KindKeptPrivate), To: writer.Recipient(), Thread: e.Thread, Helper: writer, Private: true}
	if row.State == "public" && row.Told {
		fact.Reason = "told"
	}
	t.tell(fact)
	letters := []int64{}
	if err := t.list(&letters, `SELECT o.letter FROM outbox o JOIN letter l ON l.id = o.letter JOIN wording_thanks w ON w.wording = l.wording
		WHERE w.thanks = ? AND o.digest = 1 AND o.state IN ('queued', 'retry')`, id); err != nil {
		return err
	}
	return t.takeBack(letters)
}
