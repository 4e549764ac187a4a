package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Words that stand where an offer would and are none: a web address is a hint
// for the asker, a joke promises nothing, and an echo of the number asks nothing.

// pointsToWeb says whether the words send the asker to a web page and give
// nothing of the writer's own: "there is one at https://…". An address on a line
// of its own is a signature.
func (u *understanding) pointsToWeb(clauses []*clause) bool {
	link := false
	for i, c := range clauses {
		if c.question {
			return false
		}
		if u.polarity(c) > 0 && slices.ContainsFunc(c.tokens, func(t words.Token) bool { return firstPerson(t.Fold) }) {
			return false
		}
		at := webAt(c.tokens)
		if at < 0 {
			continue
		}
		before := c.tokens[:at]
		spoken := len(c.numbers) > 0
		for _, o := range clauses[:i] {
			if o.sentence == c.sentence {
				before = append(slices.Clone(o.tokens), before...)
				spoken = spoken || len(o.numbers) > 0
			}
		}
		link = link || spoken || slices.ContainsFunc(before, func(t words.Token) bool {
			return u.words.Is("small", t.Fold) || u.words.Is("common", t.Fold) || u.words.Is("speech", t.Fold)
		})
	}
	return link
}

// webAt is where a web address begins; -1: there is none.
func webAt(tokens []words.Token) int {
	for i, t := range tokens {
		switch t.Fold {
		case "http", "https", "www":
			return i
		}
		if i+1 < len(tokens) && t.After == '.' && tokens[i+1].Before == '.' && t.End+1 == tokens[i+1].Start && topLevel(tokens[i+1].Raw) {
			return i
		}
	}
	return -1
}

// topLevel says whether a word is the end of a host's name as people write it.
// Two sentences without a blank between them are not: "thanks.see you".
func topLevel(w string) bool {
	switch strings.ToLower(w) {
	case "com", "org", "net", "edu", "app", "io", "info", "example", "uk", "co", "de", "ch", "fr", "be", "nl", "eu":
		return true
	}
	return false
}

// firstPerson says whether a word is the writer, or the writer's.
func firstPerson(w string) bool {
	switch w {
	case "i", "ill", "ive", "id", "im", "we", "weve", "well", "my", "mine", "our", "ours", "me", "us",
		"ich", "wir", "mein", "meine", "meinen", "meins", "unser", "unsere", "unseren", "mir", "uns",
		"je", "j", "jai", "nous", "mon", "ma", "mes", "notre", "moi",
		"yo", "tengo", "tenemos", "puedo", "mi", "mio", "mia", "nuestro", "nuestra",
		"ik", "wij", "mijn", "onze", "mij", "ons":
		return true
	}
	return oneself(w)
}

// jokes says whether the words are not meant: "of course, because we all have
// one in our handbags".
func (u *understanding) jokes() bool {
	if u.text == nil {
		return false
	}
	return strings.ContainsAny(u.text.text, "🙄😒🙃") || anyHas(u.text.all(), "irony")
}

// sober asks about what a joke would do.
func (u *understanding) sober(acts []store.Act, reason string) ([]store.Act, string) {
	does := func(a store.Act) bool {
		switch a.Kind {
		case store.ActOffer, store.ActMeToo, store.ActThanks, store.ActClose:
			return true
		}
		return false
	}
	if !slices.ContainsFunc(acts, does) || !u.jokes() {
		return acts, reason
	}
	u.tell("it may be a joke")
	var asks []int64
	for _, a := range acts {
		if a.Ask != 0 && !slices.Contains(asks, a.Ask) {
			asks = append(asks, a.Ask)
		}
	}
	return u.unclear(asks, ReasonNotUnderstood)
}

// echoes says whether the only question repeats a number before it is answered:
// "4? Tone deaf, sorry."
func (u *understanding) echoes(clauses []*clause) bool {
	spoken, echoed := false, false
	for _, c := range clauses {
		echo := len(c.numbers) > 0 && !slices.ContainsFunc(c.tokens, func(t words.Token) bool { return !t.Number() && !u.words.Is("numberword", t.Fold) })
		if c.question && !echo {
			return false
		}
		echoed = echoed || c.question
		spoken = spoken || !c.question && !u.courteous(c)
	}
	return spoken && echoed
}

// loneNot says whether a clause denies something: "can't after all".
func (u *understanding) loneNot(c *clause) bool {
	return slices.ContainsFunc(c.tokens, func(t words.Token) bool { return u.words.Is("not", t.Fold) })
}

// gaveAway says whether a German or Dutch clause tells that something was given
// before: "Hab 17 letzte Woche Priya gegeben".
func gaveAway(c *clause) bool {
	switch c.tokens[len(c.tokens)-1].Fold {
	case "gegeben", "gebracht", "geliehen", "vorbeigebracht", "uberlassen", "gegeven", "geleend", "uitgeleend":
		return slices.ContainsFunc(c.tokens, func(t words.Token) bool {
			return t.Fold == "hab" || t.Fold == "habe" || t.Fold == "haben" || t.Fold == "heb" || t.Fold == "hebben"
		})
	}
	return false
}
