package mailbox

import (
	"slices"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// "undo" takes back what the answered letter answered, the newest act about the
// ask that it names, or the newest mail.

// longestCorrection is how many words a correction has at most.
const longestCorrection = 60

// takesBack reads a mail that takes something back or puts it right, in its text
// or in the subject above a friendly word.
func (u *understanding) takesBack() ([]store.Act, string, bool) {
	texts := []string{u.text.text}
	if u.subject != "" && !u.talking() && (u.courtesy(u.text) || u.allSmall(u.text.tokens)) {
		texts = append(texts, u.subject)
	}
	for _, text := range texts {
		r := u.readText(text, u.known())
		if len(r.tokens) == 0 || len(r.tokens) > longestCorrection {
			continue
		}
		if acts, ok := u.undoNumbers(r); ok {
			u.tell("it takes back what was done to the asks it names")
			return acts, ReasonUndo, true
		}
		if u.cancelsAnswer(r) {
			u.tell("it takes back what our letter answered")
			return u.undo(), ReasonUndo, true
		}
		if acts, reason, ok := u.correction(r); ok {
			return acts, reason, true
		}
	}
	return nil, "", false
}

// known are all asks that the message may name.
func (u *understanding) known() map[int64]bool {
	all := map[int64]bool{}
	for n := range u.view.Asks {
		all[n] = true
	}
	return all
}

// undo is what "undo" without a number takes back.
func (u *understanding) undo() []store.Act {
	var targets []store.Undoable
	switch {
	case u.letter == nil, u.letter.Kind == store.KindDigest, u.letter.Kind == store.KindStatus, u.letter.Kind == store.KindHelp:
		targets = u.newest()
	default:
		targets = u.answeredBy(u.letter.Key)
	}
	if len(targets) == 0 {
		return []store.Act{{Kind: store.ActUndo, Ask: u.about(), Text: u.words0()}}
	}
	return u.undoing(targets)
}

// undoing makes one act for each ask among the targets.
func (u *understanding) undoing(targets []store.Undoable) []store.Act {
	var acts []store.Act
	for _, t := range targets {
		i := slices.IndexFunc(acts, func(a store.Act) bool { return a.Ask == t.Ask })
		if i < 0 {
			i = len(acts)
			acts = append(acts, store.Act{Kind: store.ActUndo, Ask: t.Ask, Text: u.words0(), Via: "letter"})
		}
		acts[i].Undo = append(acts[i].Undo, t.ID)
	}
	return acts
}

// newest is what the writer's newest mail did, unless something was taken back
// since: whoever writes "undo" twice takes back one thing.
func (u *understanding) newest() []store.Undoable {
	var out []store.Undoable
	for _, t := range u.view.Undo {
		if t.Behind || t.Mail != u.view.Undo[0].Mail {
			break
		}
		out = append(out, t)
	}
	return out
}

// answeredBy is what a letter of ours answered, with what the same mail did to
// the same ask: "sorted, thanks Mark" does two things.
func (u *understanding) answeredBy(key string) []store.Undoable {
	i := slices.IndexFunc(u.view.Undo, func(t store.Undoable) bool { return t.Key == key && key != "" })
	if i < 0 {
		return nil
	}
	return u.sameMail(u.view.Undo[i])
}

// ofAsk is the newest that the writer did to an ask.
func (u *understanding) ofAsk(n int64) []store.Undoable {
	i := slices.IndexFunc(u.view.Undo, func(t store.Undoable) bool { return t.Ask == n })
	if i < 0 {
		return nil
	}
	return u.sameMail(u.view.Undo[i])
}

// sameMail is an act with those of the same mail about the same ask.
func (u *understanding) sameMail(t store.Undoable) []store.Undoable {
	return slices.DeleteFunc(slices.Clone(u.view.Undo), func(o store.Undoable) bool { return o.Mail != t.Mail || o.Ask != t.Ask })
}

// undoNumbers reads "undo 17": a word for taking back, numbers, and nothing else.
func (u *understanding) undoNumbers(r *reading) ([]store.Act, bool) {
	covered := u.covered(r, "undo", "courtesy")
	if r.asked || len(r.tokens) > 16 || covered == nil {
		return nil, false
	}
	all := r.all()
	strong := slices.ContainsFunc(all, func(c *clause) bool { return c.has("undo") && !c.has("wrong") })
	if !anyHas(all, "undo") || anyHas(all, "meant") || slices.ContainsFunc(all, func(c *clause) bool { return u.polarity(c) > 0 }) {
		return nil, false
	}
	var acts []store.Act
	for i, t := range r.tokens {
		n, ok := askNumber(t.Fold)
		if !ok {
			continue
		}
		if u.deniedAt(r, i) {
			return nil, false
		}
		targets := u.ofAsk(n)
		switch {
		case len(targets) > 0:
			acts = append(acts, u.undoing(targets)...)
		case strong && u.known()[n]:
			acts = append(acts, store.Act{Kind: store.ActUndo, Ask: n, Text: u.words0()})
		case strong:
			acts = append(acts, store.Act{Kind: store.ActUndo, Text: u.words0()}) // which takes nothing back
		default:
			return nil, false // "wrong one, 18": that is the right one
		}
	}
	for i := range acts {
		acts[i].Via = "number"
	}
	return acts, len(acts) > 0
}

// covered marks the tokens that phrases of the classes, numbers, names at the end
// and small words account for; nil when others are left.
func (u *understanding) covered(r *reading, classes ...words.Class) []bool {
	covered := make([]bool, len(r.tokens))
	for _, m := range u.words.Find(r.tokens) {
		for i := m.Start; i < m.End && slices.Contains(classes, m.Class); i++ {
			covered[i] = true
		}
	}
	for i, t := range r.tokens {
		last := i == len(r.tokens)-1 && i > 0 && t.Name() && len(r.clauses) > 1
		if !covered[i] && !t.Number() && !last && !u.words.Is("small", t.Fold) && !u.words.Is("numberword", t.Fold) && !u.words.Is("before_number", t.Fold) {
			return nil
		}
	}
	return covered
}

// cancelsAnswer says whether the text is "cancel" alone, in answer to a letter
// that answered something which ended no ask: a pause, thanks, "sorted". There
// the word cannot mean the ask.
func (u *understanding) cancelsAnswer(r *reading) bool {
	if u.letter == nil || len(r.tokens) > 5 || !anyHas(r.all(), "withdraw") || len(r.clauses) > 2 {
		return false
	}
	switch u.letter.Kind {
	case store.KindPaused, store.KindResumed, store.KindStopped, store.KindFrequency, store.KindClosed, store.KindThanksNoted, store.KindMayIShare:
		return len(u.answeredBy(u.letter.Key)) > 0
	}
	return false
}

// leaves says whether a helper's words take back the offer on an ask that they
// name.
func (u *understanding) leaves(r *reading, said []*clause) bool {
	helps := slices.ContainsFunc(r.clauses, func(c clause) bool {
		return slices.ContainsFunc(c.numbers, func(n int64) bool { return u.role(n) == store.RoleHelper })
	})
	return helps && !r.asked && (u.volunteers(said) < 0 || anyHas(said, "unoffer")) && !slices.ContainsFunc(said, u.asksAround)
}

// spokenAbove reads a subject that says what is to be done above a text that
// only names an ask: "Cannot after all" over "#17".
func (u *understanding) spokenAbove() (*reading, bool) {
	if u.subject == "" || !u.hasNumbers(u.text) || !u.silent(u.text.all()) || len(u.text.tokens) > 3 {
		return nil, false
	}
	s := u.readText(u.subject, nil)
	if len(s.tokens) > 12 || u.hasNumbers(s) || s.asked || !anyHas(s.all(), "unoffer", "withdraw", "close", "reopen", "refuse") {
		return nil, false
	}
	joined := *u.text
	joined.clauses = append(slices.Clone(s.clauses), shifted(u.text.clauses, len(s.sentences))...)
	joined.sentences = append(slices.Clone(s.sentences), u.text.sentences...)
	return &joined, true
}
