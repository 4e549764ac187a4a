package mailbox

import (
	"slices"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// What one clause says, and what all of them say together.

// has says whether a phrase of one of the classes was found.
func (c *clause) has(classes ...words.Class) bool {
	return slices.ContainsFunc(c.found, func(m words.Match) bool { return slices.Contains(classes, m.Class) })
}

// at is the first match of a class.
func (c *clause) at(class words.Class) (words.Match, bool) {
	i := slices.IndexFunc(c.found, func(m words.Match) bool { return m.Class == class })
	if i < 0 {
		return words.Match{}, false
	}
	return c.found[i], true
}

// masked says whether a token lies in an idiom ("no problem"), where a "no"
// denies nothing.
func (c *clause) masked(i int) bool {
	return slices.ContainsFunc(c.found, func(m words.Match) bool { return m.Class == "idiom" && m.Start <= i && i < m.End })
}

// numbering says whether a token is the "no" of "no 17".
func (c *clause) numbering(i int) bool {
	w := c.tokens[i].Fold // "n" is that of "n° 17"
	return (w == "no" || w == "n" && c.tokens[i].After == '°') && i+1 < len(c.tokens) && c.tokens[i+1].Number() && c.tokens[i+1].Before != '('
}

// polarity is whether a clause volunteers (+1), declines (-1) or neither (0).
func (u *understanding) polarity(c *clause) int {
	if slices.ContainsFunc(c.found, func(m words.Match) bool {
		return m.Class == "refuse" && !c.masked(m.Start) && !u.conditional(c, m.Start) && !(m.End == m.Start+1 && c.numbering(m.Start))
	}) {
		return -1
	}
	offer, ok := c.offers()
	if !ok {
		offer, ok = c.at("assent")
	}
	denied := false
	for i, t := range c.tokens {
		if !u.words.Is("not", t.Fold) || c.masked(i) || u.conditional(c, i) {
			continue
		}
		if c.numbering(i) {
			continue
		}
		// In English the denial stands before the verb, elsewhere after it.
		if !ok || i < offer.End+2 || !englishNot(t.Fold) {
			denied = true
		}
	}
	switch {
	case denied && (ok || len(c.numbers) > 0):
		return -1
	case !ok && c.sign == noSignal && len(c.numbers) > 0:
		return -1 // "17 ❌"
	case ok, c.sign == handSign && len(c.numbers) > 0:
		return 1
	}
	return 0
}

// offers is the first offer that does not belong to longer words: "could do" is
// one, "could do with two more" asks, and "Ben can do" names somebody else.
func (c *clause) offers() (words.Match, bool) {
	for _, m := range c.found {
		if m.Class == "offer" && !slices.ContainsFunc(c.found, func(a words.Match) bool {
			return a.Class == "asking" && a.Start <= m.Start && a.End > m.End || a.Class == "refer" && a.Start <= m.Start && a.End >= m.End && a.End-a.Start > m.End-m.Start
		}) {
			return m, true
		}
	}
	return words.Match{}, false
}

func englishNot(w string) bool {
	switch w {
	case "no", "not", "never", "without", "dont", "cant", "cannot", "wont", "nobody", "neither", "nor":
		return true
	}
	return false
}

// limited says whether a refusal only names limits: "cannot do Monday".
func (u *understanding) limited(c *clause) bool {
	return slices.ContainsFunc(c.tokens, func(t words.Token) bool { return u.words.Is("limit", t.Fold) })
}

// volunteers weighs the clauses together: the last word counts, unless it only
// limits an offer made before.
func (u *understanding) volunteers(clauses []*clause) int {
	said, wished := 0, false
	for i, c := range clauses {
		p := u.polarity(c)
		if p > 0 && said < 0 && i > 0 && c.joiner == "" && clauses[i-1].sentence == c.sentence && len(c.tokens) == 1 {
			p = 0 // "tone deaf, me"
		}
		if p > 0 && c.question && len(c.tokens) == 1 {
			p = 0 // "Sewing? Me? Hardly."
		}
		if wished && c.joiner == "but" && p == 0 && !u.limited(c) && !c.has("asking") && u.speaksOfMine(c) {
			said = -1 // "would love to, but mine went to my sister"
		}
		wished = wished || p >= 0 && c.has("wish")
		switch {
		case p > 0:
			said = 1
		case p == 0 && said <= 0 && u.loneDenial(c):
			said = -1
		case p < 0 && (said <= 0 || !u.limited(c)):
			said = -1
		}
	}
	return said
}

// speaksOfMine says whether a clause is about the writer's own one.
func (u *understanding) speaksOfMine(c *clause) bool {
	return len(c.numbers) == 0 && slices.ContainsFunc(c.tokens, func(t words.Token) bool { return u.words.Is("mine", t.Fold) })
}

// anyHas says whether one of the clauses has a phrase of one of the classes.
func anyHas(clauses []*clause, classes ...words.Class) bool {
	return slices.ContainsFunc(clauses, func(c *clause) bool { return c.has(classes...) })
}

// all is pointers to every clause.
func (r *reading) all() []*clause {
	out := make([]*clause, len(r.clauses))
	for i := range r.clauses {
		out[i] = &r.clauses[i]
	}
	return out
}

// says is the clauses without greetings.
func (u *understanding) says(r *reading) []*clause {
	out := r.all()
	for len(out) > 1 && u.greeting(out[0]) {
		out = out[1:]
	}
	return out
}

// greeting says whether the clause is "Hi Anna".
func (u *understanding) greeting(c *clause) bool {
	if len(c.tokens) > 5 || len(c.numbers) > 0 {
		return false
	}
	for n := min(3, len(c.tokens)); n >= 1; n-- {
		if !u.words.IsLine("greeting", joinFolded(c.tokens[:n])) {
			continue
		}
		for _, t := range c.tokens[n:] {
			if !t.Name() && !u.words.Is("small", t.Fold) {
				return false
			}
		}
		return true
	}
	return false
}

// courtesy says whether the text consists of friendly words and names.
func (u *understanding) courtesy(r *reading) bool {
	if len(r.tokens) == 0 {
		return !r.asked // 👍
	}
	if len(r.tokens) > 40 {
		return false
	}
	if u.letter == nil && u.ownName(r.tokens) { // below a subject that says it
		return true
	}
	friendly := false
	for i := range r.clauses {
		c := &r.clauses[i]
		if !u.courteous(c) {
			return false
		}
		friendly = friendly || c.has("courtesy", "advance", "thanks") || u.greeting(c)
	}
	return friendly // "Laminator" alone is no courtesy
}

// ownName says whether the words are the writer's own name: a signature.
func (u *understanding) ownName(tokens []words.Token) bool {
	if u.view.Writer == nil || len(tokens) == 0 {
		return false
	}
	name := words.Tokens(u.view.Writer.Name)
	for _, t := range tokens {
		if !slices.ContainsFunc(name, func(n words.Token) bool { return n.Fold == t.Fold }) {
			return false
		}
	}
	return true
}

func (u *understanding) courteous(c *clause) bool {
	if len(c.numbers) > 0 || c.question {
		return false
	}
	covered := make([]bool, len(c.tokens))
	friendly := u.greeting(c)
	for _, m := range c.found {
		if m.Class == "courtesy" || m.Class == "advance" {
			friendly = true
			for i := m.Start; i < m.End; i++ {
				covered[i] = true
			}
		}
	}
	names := 0
	for i, t := range c.tokens {
		switch {
		case covered[i] || u.words.Is("small", t.Fold):
		case t.Name() && (i > 0 || len(c.tokens) <= 2 && len(c.found) == 0) && names < 3:
			names++ // "Thanks, Anna"
		case friendly && (t.Fold == "for" || t.Fold == "everything" || t.Fold == "so"):
		default:
			return false
		}
	}
	return friendly || names > 0 && len(c.tokens) <= 2 || names == 0
}

// until is the day that the tokens name; zero: none.
func (u *understanding) until(tokens []words.Token) store.Date {
	return until(u.words, tokens, u.reckoning())
}
