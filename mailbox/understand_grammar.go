package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// What a clause says by its build, where no phrase is known: a denial behind "if"
// denies nothing, "also" beside a need joins in, a colleague's name beside an
// ask's number sends there, and what stands or lies somewhere can be had.

// conditional says whether the token stands behind an "if" in its clause: "if
// nobody else has one" denies nothing.
func (u *understanding) conditional(c *clause, i int) bool {
	for j := max(0, i-9); j < i; j++ {
		if u.words.Is("if", c.tokens[j].Fold) {
			return true
		}
	}
	return false
}

// needsToo marks a clause as joining in when it tells of a need with an "also":
// "such ich auch", "naar dat antwoord ben ik ook benieuwd".
func (u *understanding) needsToo(c *clause) {
	if u.letter == nil || c.has("metoo", "offer", "asking") {
		return
	}
	also := slices.IndexFunc(c.tokens, func(t words.Token) bool { return u.words.Is("also", t.Fold) })
	need := slices.IndexFunc(c.tokens, func(t words.Token) bool { return u.words.Is("needy", t.Fold) })
	denied := slices.ContainsFunc(c.tokens, func(t words.Token) bool { return u.words.Is("not", t.Fold) || u.words.Is("ago", t.Fold) || had(t.Fold) })
	if also < 0 || need < 0 || denied || len(c.tokens) > 14 {
		return
	}
	c.found = append(c.found, words.Match{Class: "metoo", Start: min(also, need), End: max(also, need) + 1})
}

// had says whether a word tells of what somebody once had.
func had(w string) bool {
	switch w {
	case "had", "hatte", "hatten", "avait", "avais", "avions", "tenia", "teniamos", "tuvimos", "tuve", "hadden":
		return true
	}
	return false
}

// loneDenial says whether a clause is hardly more than a denial: "Bestimmt
// nicht", "helaas geen". That something "is not new" denies no help.
func (u *understanding) loneDenial(c *clause) bool {
	if len(c.tokens) > 5 || c.question || u.limited(c) || c.has("idiom") {
		return false
	}
	for _, t := range c.tokens {
		if u.words.Is("being", t.Fold) || u.words.Is("if", t.Fold) {
			return false
		}
	}
	return u.words.Is("denial", c.tokens[len(c.tokens)-1].Fold)
}

// canBeHad says whether a clause tells of something that the writer has or knows
// to stand somewhere, and denies nothing of it.
func (u *understanding) canBeHad(c *clause) bool {
	if c.question || c.has("asking", "ownneed", "metoo", "refuse", "negative", "failed", "refer", "thanks", "close") {
		return false
	}
	owns, past := false, false
	for _, t := range c.tokens {
		if u.words.Is("not", t.Fold) || u.words.Is("ago", t.Fold) {
			return false
		}
		owns = owns || u.words.Is("owns", t.Fold)
		past = past || participle(t.Fold)
	}
	return c.has("available") || owns && !past
}

// participle says whether a German or Dutch word looks like one: what somebody
// "hat gegeben" is not to be had.
func participle(w string) bool {
	return len(w) > 5 && strings.HasPrefix(w, "ge") && (strings.HasSuffix(w, "t") || strings.HasSuffix(w, "en") || strings.HasSuffix(w, "d"))
}

// givesAny says whether one of the clauses tells of something to be had.
func (u *understanding) givesAny(clauses []*clause) bool {
	return slices.ContainsFunc(clauses, u.canBeHad)
}

// colleagues are those on the staff list whom the words name by their first
// name, by title and surname or in full, greetings and the writer aside.
func (u *understanding) colleagues(tokens []words.Token) []mention {
	var found []mention
	for i := 0; i < len(tokens); i++ {
		m, ok := u.personAt(tokens, i)
		if ok && len(m.fit) == 0 && !m.writer && slices.ContainsFunc(u.view.Named, func(f store.Member) bool { return words.Fold(f.FirstName()) == tokens[m.start].Fold }) {
			i = m.end - 1 // "Kate Jones", who is not Kate Okafor
		}
		if !ok || m.writer || len(m.fit) == 0 {
			continue
		}
		first := slices.ContainsFunc(m.fit, func(f store.Member) bool {
			return words.Fold(f.FirstName()) == tokens[m.start].Fold || words.Fold(f.FirstName())+"s" == tokens[m.start].Fold
		})
		if m.end-m.start < 2 && (!first || !tokens[i].Name() && len(tokens) > 3) || regarded(tokens, i) {
			continue
		}
		found = append(found, m)
		i = m.end - 1
	}
	return found
}

// regarded says whether a name stands behind a regard: "Gruß an Bernd", or
// behind a word that makes it somebody who is helped: "for Ben".
func regarded(tokens []words.Token, i int) bool {
	for j := max(0, i-3); j < i; j++ {
		switch tokens[j].Fold {
		case "gruss", "grusse", "gruesse", "lg", "vg", "groet", "groeten", "groetjes", "liefs", "regards", "danke", "dank", "bedankt":
			return true
		case "fur", "fuer", "for", "voor", "statt", "und", "en", "and":
			if j == i-1 {
				return true
			}
		}
	}
	return false
}

// sends says whether the clauses about ask n do nothing but name a colleague who
// is not its asker: "11: Yonas!", "2: würde ich Herrn Schulz ansprechen".
func (u *understanding) sends(n int64, clauses []*clause) bool {
	if len(u.view.Named) == 0 || anyHas(clauses, "thanks", "available", "metoo", "refuse", "courtesy", "close", "withdraw", "unoffer") {
		return false
	}
	asker := u.view.Asks[n].Asker.ID
	more := slices.ContainsFunc(clauses, func(c *clause) bool { // than "Yonas!! (11)"
		return len(c.numbers) > 0 && slices.ContainsFunc(c.tokens, func(t words.Token) bool { return !t.Number() && !u.words.Is("numberword", t.Fold) })
	})
	for k, c := range clauses {
		if k == 0 && len(c.numbers) == 0 && len(clauses) > 1 && (more || len(clauses) > 2) || c.question || u.greeting(c) {
			continue
		}
		if slices.ContainsFunc(c.tokens, func(t words.Token) bool { return u.words.Is("not", t.Fold) || u.words.Is("owns", t.Fold) }) {
			continue
		}
		if slices.ContainsFunc(u.colleagues(c.tokens), func(m mention) bool {
			return !slices.ContainsFunc(m.fit, func(f store.Member) bool { return f.ID == asker })
		}) {
			return true
		}
	}
	return false
}

// doubtful says whether words beside a number, otherwise an offer, hold something
// that offers rarely do: a regret, a past, a colleague's name. Such words are
// asked about.
func (u *understanding) doubtful(n int64, clauses []*clause) bool {
	if u.givesAny(clauses) {
		return false
	}
	asker := u.view.Asks[n].Asker.ID
	for k, c := range clauses {
		if slices.ContainsFunc(c.tokens, func(t words.Token) bool { return u.words.Is("doubt", t.Fold) }) {
			return true
		}
		if k == 0 && len(c.numbers) == 0 && wordCount(clauses) > 3 || u.greeting(c) || u.courteous(c) {
			continue
		}
		if len(u.view.Named) > 0 && slices.ContainsFunc(u.colleagues(c.tokens), func(m mention) bool {
			return !slices.ContainsFunc(m.fit, func(f store.Member) bool { return f.ID == asker })
		}) {
			return true
		}
	}
	return false
}
