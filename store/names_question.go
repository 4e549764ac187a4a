package store

import "strings"

// whichPerson asks whom a name means: it fits several colleagues, or none. The
// words wait for the answer. ask is zero for thanks that are about no ask.
func (t *Tx) whichPerson(e Event, writer Member, ask Ask, act Act) error {
	people, err := t.membersOf(act.Members)
	if err != nil {
		return err
	}
	fact := Fact{Kind: KindWhichPerson, Key: t.key(KindWhichPerson), To: writer.Recipient(), Thread: e.Thread, Ask: ask, Words: act.Text, Name: act.Name, People: people, Reason: string(act.Kind)}
	var party any
	if ask.Number != 0 {
		fact.Key = t.askKey(KindWhichPerson, ask.Number)
		if party, err = t.party(ask.Number, RoleConnector, writer.ID); err != nil {
			return err
		}
	}
	if err := t.question("which_person", writer.ID, fact.Key, act.Text, act.Members, 0); err != nil {
		return err
	}
	if err := t.exec(`UPDATE question SET party = ?, name = ? WHERE letter = ?`, party, clean(act.Name), fact.Key); err != nil {
		return err
	}
	t.tell(fact)
	return nil
}

// membersOf are those with these ids, in their order, each once.
func (t *Tx) membersOf(ids []int64) ([]Member, error) {
	var all []Member
	seen := map[int64]bool{}
	for _, id := range ids {
		if seen[id] {
			continue
		}
		seen[id] = true
		m, err := t.member(id)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// answersPerson says whether the event settles "which Ben?": it does something
// with the words that waited.
func answersPerson(e Event) bool {
	if !strings.HasPrefix(e.Answers, KindWhichPerson+"/") {
		return false
	}
	for _, a := range e.Acts {
		if a.Name == "" && (a.Kind == ActRefer || a.Kind == ActThanks || a.Kind == ActOffer || a.Kind == ActAsk) {
			return true
		}
	}
	return false
}
