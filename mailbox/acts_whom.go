package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// whichPerson reads the answer to "Which Ben did you mean?". The words that
// waited are what is done.
func (u *understanding) whichPerson(q *store.Question) ([]store.Act, string, bool) {
	act := store.Act{Kind: store.ActRefer, Ask: q.Ask, Text: q.Words, Via: "named"}
	reason := ReasonRefer
	if q.Ask == 0 {
		act.Kind, reason = store.ActThanks, ReasonThanks
	}
	said := u.says(u.text)
	line := joinFolded(u.text.tokens)
	switch p := u.volunteers(said); {
	case p > 0 && len(u.text.tokens) > 2 || u.hasNumbers(u.text), len(u.text.tokens) > 25:
		return nil, "", false // it speaks of something else
	case u.words.IsLine("none", line), p < 0 && len(u.text.tokens) <= 6:
		if q.Ask == 0 {
			acts, reason := u.chat(0, ReasonCannotHelp)
			return acts, reason, true
		}
		return []store.Act{act}, reason, true // the asker gets the words
	}
	picked := u.pickedPeople(q)
	switch {
	case len(picked) == 1, len(picked) > 0 && u.words.IsLine("every", line) && len(picked) <= 5:
		act.Members = picked
		u.tell("it says whom was meant")
		return []store.Act{act}, reason, true
	case len(picked) == 0 && u.courtesy(u.text) && !anyHas(said, "okay", "assent"):
		acts, reason := u.chat(q.Ask, ReasonCourtesy)
		return acts, reason, true
	case len(picked) == 0 && (anyHas(said, "asking", "close", "withdraw", "undo") || u.isCommand()):
		return nil, "", false
	}
	act.Name, act.Members = q.Name, picked
	if len(picked) == 0 {
		act.Members = q.People
	}
	u.tell("it is still not clear whom was meant")
	return []store.Act{act}, ReasonWhichPerson, true
}

// isCommand says whether the whole text is a word about the exchange itself.
func (u *understanding) isCommand() bool {
	_, ok := u.commandOf(u.text.tokens)
	return ok
}

// pickedPeople are those whom the answer names: by their place, by letters of the
// name, by the team, or by another name altogether.
func (u *understanding) pickedPeople(q *store.Question) []int64 {
	tokens := u.text.tokens
	if len(tokens) <= 5 {
		for _, t := range tokens {
			place, ok := u.words.Value("ordinal", t.Fold)
			if ok && place < 0 {
				place = len(q.People)
			}
			if ok && place >= 1 && place <= len(q.People) {
				return q.People[place-1 : place]
			}
		}
	}
	if u.words.IsLine("every", joinFolded(tokens)) {
		return q.People
	}
	best := 0
	var found []int64
	for _, id := range q.People {
		i := slices.IndexFunc(u.view.Named, func(m store.Member) bool { return m.ID == id })
		if i < 0 {
			continue
		}
		score := u.answerScore(u.view.Named[i], tokens)
		if score > best {
			best, found = score, nil
		}
		if score == best && best > 0 {
			found = append(found, id)
		}
	}
	if len(found) > 0 && (len(found) < len(q.People) || len(found) == 1) {
		return found
	}
	var others []int64
	for i := range min(6, len(tokens)) {
		m, ok := u.personAt(tokens, i)
		if !ok {
			continue
		}
		for _, f := range m.fit {
			if !slices.Contains(q.People, f.ID) && !slices.Contains(others, f.ID) {
				others = append(others, f.ID)
			}
		}
		if len(others) > 0 {
			return others
		}
	}
	return nil
}

// answerScore is how well a short answer names a member.
func (u *understanding) answerScore(m store.Member, tokens []words.Token) int {
	score := 2 * u.groupScore(m, tokens)
	for _, t := range tokens {
		if strings.Contains(t.Raw, "@") && hasAddress(m, t.Raw) {
			score += 1000
		}
		fold := store.FoldName(t.Raw)
		if fold == "" || t.Number() {
			continue
		}
		plain := !u.words.Is("common", t.Fold) && !u.words.Is("small", t.Fold)
		for i, spellings := range store.NameWords(m.Name) {
			switch {
			case (t.Name() || plain) && slices.Contains(spellings, fold), plain && slices.Contains(spellings, strings.TrimSuffix(fold, "s")):
				score += 20
			case i > 0 && (len(fold) >= 2 || t.Name()) && plain && strings.HasPrefix(spellings[0], fold):
				score += 5
			}
		}
	}
	return score
}

// thankedPeople are those whom the words thank by name: "Thanks to Ben and
// Priya". sure: they say "to", or thank a colleague and nobody else.
func (u *understanding) thankedPeople(tokens []words.Token) (found []mention, sure bool) {
	for _, m := range u.words.Find(tokens[:min(len(tokens), 40)]) {
		if m.Class != "thanks" || m.Start > 3 {
			continue
		}
		i := m.End
		to := i > 0 && recipientWord(tokens[i-1].Fold) // "dank aan"
		for i < len(tokens) && i < m.End+4 && (u.words.Is("thanks", tokens[i].Fold) && !tokens[i].Name() || recipientWord(tokens[i].Fold)) && !store.Honorific(tokens[i].Fold) {
			to = to || recipientWord(tokens[i].Fold)
			i++
		}
		if i >= len(tokens) || tokens[i].Before == '(' {
			continue
		}
		p, ok := u.personAt(tokens, i)
		if !ok || !to && len(p.fit) == 0 {
			continue
		}
		return u.joined(tokens, p), to
	}
	return nil, false
}

// thankNamed says of thanks without an ask whom they are for: those who are
// named, each one who fits; whom is unclear becomes an act of its own.
func (u *understanding) thankNamed(act store.Act, people []mention) []store.Act {
	clear := act
	var acts []store.Act
	for _, m := range people {
		switch {
		case m.writer:
		case len(m.fit) == 1:
			if !slices.Contains(clear.Members, m.fit[0].ID) {
				clear.Members = append(clear.Members, m.fit[0].ID)
			}
		default:
			open := act
			open.Name = m.raw
			for _, f := range m.fit {
				open.Members = append(open.Members, f.ID)
			}
			acts = append(acts, open)
		}
	}
	if len(clear.Members) > 0 {
		acts = append([]store.Act{clear}, acts...)
	}
	return acts
}

// aboutThanks reads answers to letters about thanks that belong to no ask.
func (u *understanding) aboutThanks() ([]store.Act, string, bool) {
	switch u.letter.Kind {
	case store.KindThankYou, store.KindThanksNoted, store.KindKeptPrivate, store.KindMayIShare:
	default:
		return nil, "", false
	}
	if u.hasNumbers(u.text) || u.subject != "" && !u.generic(u.subject) {
		return nil, "", false
	}
	said := u.says(u.text)
	if u.letter.Kind == store.KindMayIShare {
		acts, reason := u.mayIShare(0)
		return acts, reason, true
	}
	if anyHas(said, "decline", "private") {
		acts, reason := u.act(store.ActDecline, 0, ReasonDecline)
		return acts, reason, true
	}
	if u.courtesy(u.text) || !anyHas(said, "asking") && !u.isCommand() {
		acts, reason := u.chat(0, ReasonCourtesy)
		return acts, reason, true
	}
	return nil, "", false
}
