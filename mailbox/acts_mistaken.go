package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Mails that should not have been: "that wasn't me", "wrong address, that was for
// Mark", "never mind" from somebody who asked for nothing, an offer that jokes.
// Nothing is told to anybody for their sake, and what was about to be is stopped.

// disowns says whether the words say that their writer did not write what our
// letter answers: "That wasn't me!" A "but", a "the second one" makes it a part
// of the truth, which is asked about.
func (u *understanding) disowns(r *reading) bool {
	const short, near = 30, 3
	if r.asked || len(r.tokens) > short || anyHas(r.all(), "assent") {
		return false
	}
	found := false
	for i := range r.clauses {
		c := &r.clauses[i]
		if c.joiner == "but" || slices.ContainsFunc(c.tokens, func(t words.Token) bool { _, ok := u.words.Value("ordinal", t.Fold); return ok }) {
			return false
		}
		for _, m := range c.found {
			found = found || i < near && (m.Class == "notme" || m.Class == "nooffer") && !slices.ContainsFunc(c.tokens[m.End:], func(t words.Token) bool { return howWell(t.Fold) })
		}
	}
	return found
}

// howWell says whether a word tells how well something was done: "I didn't write
// this very well" disowns nothing.
func howWell(w string) bool {
	switch w {
	case "well", "very", "too", "so", "gut", "bien", "tres", "muy", "goed", "mooi", "schon":
		return true
	}
	return false
}

// notMine reads such words in answer to a letter: what the letter answered is
// taken back. Between two people who were introduced only "I did not offer
// anything" speaks to us: "that wasn't me" may be about the cake.
func (u *understanding) notMine() ([]store.Act, string, bool) {
	if u.letter == nil || !u.disowns(u.text) {
		return nil, "", false
	}
	n := u.about()
	role := u.role(n)
	denied := anyHas(u.text.all(), "nooffer")
	switch u.letter.Kind {
	case store.KindThankYou, store.KindMayIShare, store.KindThanksNoted:
		acts, reason := u.act(store.ActDecline, n, ReasonDecline)
		return acts, reason, true
	case store.KindIntroduction, store.KindReserve, store.KindRelayToHelper:
		if role != store.RoleHelper || !denied {
			return nil, "", false
		}
		acts, reason := u.act(store.ActWithdraw, n, ReasonWithdrawOffer)
		return acts, reason, true
	case store.KindAcknowledgement, store.KindHeld, store.KindStillHeld, store.KindStillLooking, store.KindExpired:
	case store.KindEdited, store.KindClosed, store.KindReopened, store.KindWithdrawn, store.KindOfferWithdrawn, store.KindReferred, store.KindHintPassed, store.KindMeToo,
		store.KindPaused, store.KindResumed, store.KindStopped, store.KindFrequency:
		if len(u.answeredBy(u.letter.Key)) == 0 {
			acts, reason := u.unclear(candidate(n), ReasonNotUnderstood)
			return acts, reason, true
		}
	default:
		return nil, "", false
	}
	u.tell("somebody else wrote what our letter answered")
	if targets := u.answeredBy(u.letter.Key); len(targets) > 0 {
		return u.undoing(targets), ReasonUndo, true
	}
	if role != store.RoleAsker {
		return nil, "", false
	}
	acts, reason := u.act(store.ActWithdraw, n, ReasonWithdrawAsk)
	return acts, reason, true
}

// strayed says whether an answer to the letter about an ask that nobody has read
// yet says that it was meant for somebody else.
func (u *understanding) strayed(said []*clause) bool {
	const short = 40
	return !u.text.asked && len(u.text.tokens) <= short && anyHas(said, "misdirected", "doubleask")
}

// onlyTested says whether the words say that the ask was a test, and little else.
func (u *understanding) onlyTested(said []*clause) bool {
	const short = 8
	return !u.text.asked && len(u.text.tokens) <= short && slices.ContainsFunc(said, func(c *clause) bool { return u.wholly(c, "testrun") })
}

// bareNo says whether the words are a no and nothing else.
func (u *understanding) bareNo(said []*clause) bool {
	const short = 3
	return !u.text.asked && len(u.text.tokens) <= short && len(said) > 0 && slices.ContainsFunc(said, func(c *clause) bool { return c.has("refuse") }) && u.volunteers(said) < 0
}

// wantsNoName reads a wish for no name in answer to the letter about an ask that
// nobody has read yet: it is taken back, and its writer hears how to ask without
// a name. Words beside the wish are not published either: the named ask and they
// would stand side by side. Beside a yes that let words go it is about all of
// them that are asks: a name that was read cannot be taken back, an ask can be
// written again.
func (u *understanding) wantsNoName(text string) ([]store.Act, string, bool) {
	const short = 30
	asks := []int64{u.about()}
	_, _, marked := u.withoutMark(text)
	line, _, _ := strings.Cut(text, "\n")
	own, opens := anonymousMark(line) // "Anonymous: who has a ladder?" is another ask
	if asks[0] == 0 && u.view.Confirmed && (!opens || own == "") {
		asks = slices.Clone(u.ownAll())
	}
	asks = slices.DeleteFunc(asks, func(n int64) bool {
		ask := u.view.Asks[n]
		return n == 0 || ask.Published || ask.Anonymous || !ask.State.Live() || u.role(n) != store.RoleAsker
	})
	if len(asks) == 0 || u.subject != "" {
		return nil, "", false
	}
	if !marked && (len(u.text.tokens) > short || !anyHas(u.text.all(), "wantsnoname")) {
		return nil, "", false
	}
	u.tell("its writer wants no name to be known, and the ask has one")
	var acts []store.Act
	for _, n := range asks {
		acts = append(acts, store.Act{Kind: store.ActWithdraw, Ask: n, Text: u.words0(), Via: "letter"})
	}
	return append(acts, store.Act{Kind: store.ActRelay, Text: u.words0(), Via: store.ViaTakenBack}), ReasonAnonymousHow, true
}

// endsNothing says whether a mail that answers nothing consists of words that end
// or renew an ask, from somebody who has none: "forget it, found one". They hear
// how things stand with them; as an ask it would puzzle everybody.
func (u *understanding) endsNothing(said []*clause) bool {
	const short = 14
	if len(said) == 0 || len(u.text.tokens) > short || u.text.asked || len(u.ownAll()) > 0 || u.forward {
		return false
	}
	i := slices.IndexFunc(said, func(c *clause) bool { return !u.courteous(c) || c.has("close", "withdraw") })
	if i < 0 || i > 2 {
		return false
	}
	c := said[i]
	return u.wholly(c, "close", "withdraw") || c.has("reopen", "extend") && u.courteousBut(c, "reopen", "extend")
}

// withdraws says whether the words take the ask back, behind an exclamation at
// most: "Stop, please don't send this round". "Never mind the cable" and "cancel
// the second half" are about a part of it.
func (u *understanding) withdraws(n int64, said []*clause) bool {
	const short = 20
	if len(said) == 0 {
		return false
	}
	for len(said) > 1 && len(said[0].tokens) <= 2 && said[0].has("stop", "undo", "wrong") {
		said = said[1:]
	}
	for _, c := range said[:min(3, len(said))] {
		if m, ok := c.at("withdraw"); ok && u.partOnly(n, c, m) {
			return false
		}
	}
	last := said[len(said)-1]
	if ask := u.view.Asks[n]; !ask.Published && len(said) > 1 && len(u.text.tokens) <= short && !u.text.asked && last.has("withdraw", "close") && u.courteousBut(last, "withdraw", "close", "courtesy") {
		return true // "Sue has lent me hers, so no need"
	}
	return u.begins(said, "withdraw")
}

// partOnly says whether a phrase goes on with an article and something that the
// ask is not about.
func (u *understanding) partOnly(n int64, c *clause, m words.Match) bool {
	const near = 4
	if m.End >= len(c.tokens) {
		return false
	}
	switch c.tokens[m.End].Fold {
	case "by", "as", "via", "par", "als": // "don't send it by post"
		return true
	}
	if !article(c.tokens[m.End].Fold) {
		return false
	}
	title := u.content(u.view.Asks[n].Title)
	rest := c.tokens[m.End+1 : min(len(c.tokens), m.End+1+near)]
	return len(rest) > 0 && !slices.ContainsFunc(rest, func(t words.Token) bool {
		return t.Number() || u.words.Is("oneword", t.Fold) || slices.ContainsFunc(title, func(w string) bool { return alike(w, t.Fold) || u.heads(t, w) })
	})
}

// article says whether a word announces a thing.
func article(w string) bool {
	switch w {
	case "the", "my", "our", "das", "den", "die", "der", "dem", "meine", "meinen", "mein", "unsere", "le", "la", "les", "ma", "mon", "notre", "el", "los", "las", "mi", "de", "het", "mijn", "onze":
		return true
	}
	return false
}

// asksWhoReads says whether an asker asks who will read the ask, which is no
// part of it.
func (u *understanding) asksWhoReads(said []*clause) bool {
	return slices.ContainsFunc(said, func(c *clause) bool { return c.question && c.has("publicq") })
}

// answersNameless reads "I can help with that" under "Re: Anonymous: …": whoever
// answers an ask without a name asks for nothing. title is the subject without
// the mark. Words that could as well be a new ask are left to be one.
func (u *understanding) answersNameless(title, text string) ([]store.Act, string, bool) {
	const short = 30
	unmarked := *u
	unmarked.subject = ""
	if _, _, marked := unmarked.withoutMark(text); !u.reply || marked || text == "" {
		return nil, "", false
	}
	r := u.readText(text, u.barelyNamed())
	said := u.says(r)
	p := u.volunteers(said)
	friendly := u.courtesy(r) && p <= 0
	if len(r.tokens) > short || r.asked || anyHas(said, "ownneed", "anyone") || p <= 0 && anyHas(said, "asking") || !friendly && p == 0 && !joinsIn(said) && !u.givesAny(said) && !anyHas(said, "refer") {
		return nil, "", false
	}
	u.text = r
	fit := u.byTitle(u.readText(title, nil), u.offered())
	u.tell("it answers an ask without a name; of those in the newest digest its subject fits %s", asksNamed(fit))
	switch {
	case friendly:
		u.event.Nameless = true
		acts, reason := u.chat(0, ReasonCourtesy)
		return acts, reason, true
	case p < 0:
		u.event.Nameless = true
		acts, reason := u.chat(0, ReasonCannotHelp)
		return acts, reason, true
	case len(fit) == 1 && p > 0 && u.role(fit[0]) == store.RoleNone:
		a := store.Act{Kind: store.ActOffer, Ask: fit[0], Text: u.words0(), Via: "title"}
		return []store.Act{a}, reasonOf(a), true
	}
	u.event.Nameless = true
	acts, reason := u.unclear(fit, ReasonWhichAsk)
	return acts, reason, true
}
