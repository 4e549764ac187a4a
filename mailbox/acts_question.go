package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// answerToQuestion reads the answer to something we asked. ok is false when the
// answer speaks of something else.
func (u *understanding) answerToQuestion() ([]store.Act, string, bool) {
	q := u.view.Pending
	u.tell("it answers our question %s", q.Kind)
	if q.Kind == store.KindKnownAddress {
		acts, reason := u.wasItYou()
		return acts, reason, true
	}
	if q.Kind == "share" || u.letter != nil && u.letter.Kind == store.KindMayIShare {
		acts, reason := u.mayIShare(q.Ask)
		return acts, reason, true
	}
	if q.Kind == "which_person" {
		return u.whichPerson(q)
	}
	return u.whichAsk(q)
}

// answersQuestion says whether the message answers the question that waits. A
// tap on "I mean #17" starts a new mail, which names no letter of ours.
func (u *understanding) answersQuestion() bool {
	if u.letter != nil {
		return len(u.view.Letters) > 0 || u.letter.Key == u.view.Pending.Letter || u.letter.Kind == store.KindWhichAsk && u.view.Pending.Kind == "which_ask"
	}
	if u.view.Pending.Kind != "which_ask" || len(u.text.tokens) > 12 || !anyHas(u.text.all(), "meant") || len(u.picked(u.view.Pending)) == 0 {
		return false
	}
	for i := range u.view.Recent {
		if u.view.Recent[i].Kind == store.KindWhichAsk {
			u.letter = &u.view.Recent[i]
			u.event.Answers = u.letter.Key
			u.tell("it answers our letter %s (by what it says)", u.letter.Key)
			return true
		}
	}
	return false
}

// mayIShare reads the answer to "May I share this?".
func (u *understanding) mayIShare(n int64) ([]store.Act, string) {
	said := u.says(u.text)
	p := u.volunteers(said)
	okay := len(said) > 0 && len(u.text.tokens) <= 12 && anyHas(said[:1], "okay")
	switch {
	case anyHas(said, "decline", "private") || p < 0 && !anyHas(said, "consent"):
		return one(store.Act{Kind: store.ActDecline, Ask: n, Text: u.words0(), Via: "question"}, ReasonDecline)
	case p > 0 && !u.text.asked, okay, anyHas(said, "consent"):
		return one(store.Act{Kind: store.ActConfirm, Ask: n, Text: u.words0(), Via: "question"}, ReasonConfirm)
	case u.courtesy(u.text):
		return u.chat(n, ReasonCourtesy)
	}
	return u.unclear(candidate(n), ReasonNotUnderstood)
}

func candidate(n int64) []int64 {
	if n == 0 {
		return nil
	}
	return []int64{n}
}

// whichAsk reads the answer to "Which ask did you mean?". The words that waited
// are what is done to the ask that is picked now.
func (u *understanding) whichAsk(q *store.Question) ([]store.Act, string, bool) {
	picked := u.picked(q)
	if len(picked) == 0 {
		tokens := joinFolded(u.text.tokens)
		switch {
		case u.words.IsLine("new", tokens) || anyHas(u.says(u.text), "asking") && u.words.IsLine("new", joinFolded(u.text.clauses[0].tokens)):
			a := u.ask(q.Words)
			return []store.Act{a}, ReasonNewAsk, true
		case u.words.IsLine("none", tokens) || len(u.text.tokens) <= 4 && u.volunteers(u.says(u.text)) < 0:
			acts, reason := u.chat(0, ReasonCannotHelp)
			return acts, reason, true
		}
		return nil, "", false
	}
	waiting := u.readText(q.Words, nil)
	var acts []store.Act
	for _, n := range picked {
		said := run{clauses: u.says(waiting)}
		act, _ := u.toAsk(n, said)
		if act.Kind == "" || act.Kind == store.ActUnclear || act.Kind == store.ActChat {
			act = store.Act{Kind: store.ActOffer}
			if u.role(n) == store.RoleAsker {
				act.Kind = store.ActEdit
			}
		}
		act.Ask, act.Via, act.Text = n, "question", u.together(q.Words)
		acts = appendAct(acts, act)
	}
	if len(acts) > 1 {
		return acts, ReasonSeveral, true
	}
	return acts, reasonOf(acts[0]), true
}

// together is the words that waited, followed by the new ones if they say more
// than which ask was meant.
func (u *understanding) together(waiting string) string {
	if len(u.text.tokens) <= 6 {
		return waiting
	}
	return strings.TrimSpace(waiting + "\n\n" + u.words0())
}

// picked are the candidates that the answer names: by number, by their place,
// by "both", by title words or by the asker's name.
func (u *understanding) picked(q *store.Question) []int64 {
	var named []int64
	for i := range u.text.clauses {
		c := &u.text.clauses[i]
		if c.notFirst {
			continue
		}
		for _, n := range c.numbers {
			if _, ok := u.view.Asks[n]; ok && !slices.Contains(named, n) {
				named = append(named, n)
			}
		}
	}
	if len(named) > 0 || u.hasNumbers(u.text) {
		return named
	}
	switch fit := u.byTitle(u.text, q.Candidates); {
	case len(fit) == 1:
		return fit // "the last one, the microscope"
	case len(fit) > 1 && len(fit) <= 3 && len(u.text.tokens) <= 8 && slices.ContainsFunc(u.text.tokens, func(t words.Token) bool { return u.words.Is("every", t.Fold) }):
		return fit // "both, microscope and projector"
	}
	if len(u.text.tokens) <= 5 {
		for _, t := range u.text.tokens {
			place, ok := u.words.Value("ordinal", t.Fold)
			if many := u.placesMeant(place, len(q.Candidates)); ok && many != nil {
				return q.Candidates[many[0]:many[1]] // "the first two"
			}
			if ok && place < 0 {
				place = len(q.Candidates)
			}
			if ok && place >= 1 && place <= len(q.Candidates) {
				return q.Candidates[place-1 : place]
			}
		}
		if u.words.IsLine("every", joinFolded(u.text.tokens)) && len(q.Candidates) <= 5 {
			return q.Candidates
		}
		if len(q.Candidates) == 1 && u.volunteers(u.says(u.text)) > 0 {
			return q.Candidates
		}
	}
	if fit := u.byName(u.text, q.Candidates); len(fit) == 1 {
		return fit
	}
	return nil
}
