package mailbox

import (
	"slices"
	"strings"
	"unicode"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Corrections: what was done to one ask is done to another.

// correction reads "no, I meant 18", "wrong one, 18", "not 17, 18": what was done
// to one ask is done to another. From somebody who did nothing of the kind it is
// an offer.
func (u *understanding) correction(r *reading) ([]store.Act, string, bool) {
	denied, right, plain := u.plainly(r)
	corrects := anyHas(r.all(), "meant", "wrong", "undo")
	if !plain {
		denied, right = u.denials(r)
		corrects = slices.ContainsFunc(r.all(), func(c *clause) bool {
			return c.has("meant") && len(c.numbers) > 0 || c.has("wrong", "undo") && u.courteousBut(c, "wrong", "undo")
		})
	}
	brief := len(r.tokens) <= 4 && u.letter != nil && u.words.Is("not", r.tokens[0].Fold) && len(u.answeredBy(u.letter.Key)) > 0 // "no, 18"
	if len(right) == 0 || r.asked || !corrects && len(denied) == 0 && !brief {
		return nil, "", false
	}
	former := u.former(denied, right)
	if former.Ask != 0 {
		right = slices.DeleteFunc(right, func(n int64) bool { return n == former.Ask }) // "17 should be 18"
	}
	switch {
	case len(right) == 0:
		return nil, "", false
	case former.ID == 0 && former.Ask == 0:
		return u.instead(r, right, corrects && len(denied) == 0)
	}
	u.tell("it puts right what was done to #%d", former.Ask)
	var acts []store.Act
	if former.ID != 0 {
		acts = append(acts, u.undoing([]store.Undoable{former})...)
	} else {
		acts = append(acts, store.Act{Kind: store.ActWithdraw, Ask: former.Ask, Text: u.words0(), Via: "number"})
	}
	var open []int64
	for _, n := range right {
		switch a, ok := u.again(former, n); {
		case ok:
			acts = appendAct(acts, a)
		case u.role(n) == store.RoleNone || u.role(n) == store.RoleAsker:
			open = append(open, n)
		}
	}
	if len(open) > 0 {
		known := slices.DeleteFunc(slices.Clone(open), func(n int64) bool { _, ok := u.view.Asks[n]; return !ok })
		if len(known) == 0 {
			known = u.offered()
		}
		a, _ := u.unclear(known, ReasonUnknownNumber)
		acts = append(acts, a...)
	}
	return acts, ReasonCorrection, true
}

// plainly reads the numbers of a text that says nothing but which ask is meant:
// "sorry, 18 instead of 17". There every number is an ask's.
func (u *understanding) plainly(r *reading) (denied, right []int64, ok bool) {
	if len(r.tokens) > 14 {
		return nil, nil, false
	}
	for i, t := range r.tokens {
		if t.Number() || u.words.Is("not", t.Fold) || negator(t.Fold) || adversative(t.Fold) || inPlaceOf(t.Fold) || ofPlace(t.Fold) {
			continue
		}
		if u.words.Is("small", t.Fold) || u.words.Is("numberword", t.Fold) || u.words.Is("before_number", t.Fold) || t.Name() && i > 0 && i == len(r.tokens)-1 && len(r.clauses) > 1 {
			continue
		}
		if !slices.ContainsFunc(u.words.Find(r.tokens), func(m words.Match) bool {
			return m.Start <= i && i < m.End && (m.Class == "meant" || m.Class == "wrong" || m.Class == "undo" || m.Class == "courtesy")
		}) {
			return nil, nil, false
		}
	}
	dated := u.datedTokens(r.tokens)
	for i, t := range r.tokens {
		n, number := askNumber(t.Fold)
		if !number {
			continue
		}
		if dated[i] || t.Before == ':' && i > 0 && r.tokens[i-1].Number() {
			return nil, nil, false
		}
		if _, known := u.view.Asks[n]; !known && !hashed(r, i) && len(r.tokens) > 6 {
			return nil, nil, false
		}
		list := &right
		if u.deniedAt(r, i) {
			list = &denied
		}
		if !slices.Contains(*list, n) {
			*list = append(*list, n)
		}
	}
	return denied, right, len(right) > 0
}

// ofPlace says whether a word belongs to "instead of" in one of the languages.
func ofPlace(w string) bool {
	switch w {
	case "of", "than", "au", "de", "du", "en", "in", "van", "la", "le", "el", "die", "der", "das", "het", "von", "que", "es", "c", "est", "ist", "war", "was", "should", "would":
		return true
	}
	return false
}

// deniedAt says whether the number at i is one that is not meant: "not 17",
// "instead of 17", "19 no 17".
func (u *understanding) deniedAt(r *reading, i int) bool {
	for j := i - 1; j >= max(0, i-4); j-- {
		w := r.tokens[j]
		between := r.text[w.End:r.tokens[j+1].Start]
		switch {
		case w.Number() || strings.ContainsAny(between, ".!?;,:\n"):
			return false
		case inPlaceOf(w.Fold), negator(w.Fold):
			return true
		case w.Fold == "no": // "no 17" is a number, "19 no 17" denies
			return slices.ContainsFunc(r.tokens, func(t words.Token) bool { return t.Number() && t.Fold != r.tokens[i].Fold })
		case !ofPlace(w.Fold) && !u.words.Is("numberword", w.Fold) && !u.words.Is("before_number", w.Fold):
			return false
		}
	}
	return false
}

// courteousBut says whether a clause holds phrases of the classes and but small
// words beside them.
func (u *understanding) courteousBut(c *clause, classes ...words.Class) bool {
	for i, t := range c.tokens {
		if !t.Number() && !u.words.Is("small", t.Fold) && !u.words.Is("numberword", t.Fold) && !u.words.Is("before_number", t.Fold) &&
			!slices.ContainsFunc(c.found, func(m words.Match) bool {
				return m.Start <= i && i < m.End && slices.Contains(classes, m.Class)
			}) {
			return false
		}
	}
	return true
}

// denials are the asks that the words deny, and those that they put in their
// place.
func (u *understanding) denials(r *reading) (denied, right []int64) {
	for i := range r.clauses {
		c := &r.clauses[i]
		for j, n := range c.numbers {
			list := &right
			if j == 0 && c.notFirst || c.has("wrong") && u.mine(n) && len(c.numbers) == 1 { // "17 was the wrong one"
				list = &denied
			}
			if !slices.Contains(*list, n) {
				*list = append(*list, n)
			}
		}
	}
	return denied, right
}

// mine says whether the writer did something to an ask lately or helps there.
func (u *understanding) mine(n int64) bool {
	return len(u.ofAsk(n)) > 0 || u.role(n) == store.RoleHelper
}

// former is what a correction puts right: what was done to the ask that it
// denies, what our letter answered, or what the writer's newest mail did. Without
// an ID it is an offer of earlier days.
func (u *understanding) former(denied, right []int64) store.Undoable {
	for _, n := range denied {
		if t := u.ofAsk(n); len(t) > 0 && movable(t[0].Kind) {
			return t[0]
		}
		if u.role(n) == store.RoleHelper {
			return store.Undoable{Kind: store.ActOffer, Ask: n}
		}
	}
	if len(denied) > 0 {
		return store.Undoable{}
	}
	var targets []store.Undoable
	switch {
	case u.letter == nil, u.letter.Kind == store.KindDigest, u.letter.Kind == store.KindStatus, u.letter.Kind == store.KindHelp:
		targets = u.newest()
	default:
		targets = u.answeredBy(u.letter.Key)
	}
	targets = slices.DeleteFunc(slices.Clone(targets), func(t store.Undoable) bool { return !movable(t.Kind) || len(right) == 1 && right[0] == t.Ask })
	if len(targets) != 1 {
		return store.Undoable{}
	}
	return targets[0]
}

// movable says whether an act can be done to another ask instead.
func movable(kind store.ActKind) bool {
	switch kind {
	case store.ActOffer, store.ActMeToo, store.ActClose, store.ActReopen, store.ActExtend, store.ActWithdraw:
		return true
	}
	return false
}

// again does to ask n what was done to another.
func (u *understanding) again(former store.Undoable, n int64) (store.Act, bool) {
	act := store.Act{Kind: former.Kind, Ask: n, Text: u.words0(), Via: "number"}
	_, known := u.view.Asks[n]
	role := u.role(n)
	asker := u.role(former.Ask) == store.RoleAsker
	switch former.Kind {
	case store.ActOffer:
		act.Text = u.formerWords(former.Ask, n)
		return act, known && role == store.RoleNone
	case store.ActMeToo:
		return act, known && role == store.RoleNone
	case store.ActWithdraw:
		return act, known && (asker && role == store.RoleAsker || !asker && role == store.RoleHelper)
	}
	return act, known && role == store.RoleAsker
}

// formerWords are the words of the writer's offer on an ask, to be passed on to
// the asker of another, followed by the new ones if they say more than which
// ask was meant.
func (u *understanding) formerWords(ask, now int64) string {
	kept := ""
	for _, o := range u.view.Asks[ask].Offers {
		if o.Helper.ID == u.view.Writer.ID && strings.ContainsFunc(o.Words, unicode.IsLetter) {
			kept = renumbered(o.Words, ask, now)
		}
	}
	fresh := u.words0()
	switch {
	case kept == "":
		return fresh
	case u.volunteers(u.says(u.text)) > 0 && len(u.text.tokens) > 6 || len(u.text.tokens) > 14:
		return kept + "\n\n" + fresh
	}
	return kept
}

// renumbered is words with the one number of the wrong ask replaced: the reader
// of "I can help with 17" would look for his own.
func renumbered(text string, from, to int64) string {
	old, place := itoa(from), -1
	for _, t := range words.Tokens(text) {
		if t.Fold == old {
			if place >= 0 {
				return text
			}
			place = t.Start
		}
	}
	if place < 0 || !strings.HasPrefix(text[place:], old) {
		return text
	}
	return text[:place] + itoa(to) + text[place+len(old):]
}

// instead reads a correction by somebody who has nothing to take back: an offer
// on the ask that is meant. Only a mail that says little else is one.
func (u *understanding) instead(r *reading, right []int64, corrects bool) ([]store.Act, string, bool) {
	if !corrects || len(r.tokens) > 12 || u.letter == nil && !slices.ContainsFunc(right, func(n int64) bool { _, ok := u.view.Asks[n]; return ok }) {
		return nil, "", false
	}
	acts, reason := u.byNumber(r, "number")
	return acts, reason, true
}
