package mailbox

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"askfirst/mailbox/words"
	"askfirst/store"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// one is a single act.
func one(a store.Act, reason string) ([]store.Act, string) { return []store.Act{a}, reason }

// unclear asks back; the words are kept.
func (u *understanding) unclear(candidates []int64, reason string) ([]store.Act, string) {
	return one(store.Act{Kind: store.ActUnclear, Text: u.words0(), Candidates: candidates}, reason)
}

// chat leaves the words alone.
func (u *understanding) chat(n int64, reason string) ([]store.Act, string) {
	return one(store.Act{Kind: store.ActChat, Ask: n, Text: u.words0()}, reason)
}

// words0 is all that the writer newly wrote.
func (u *understanding) words0() string {
	if u.drawn != "" {
		return u.drawn
	}
	return u.text.text
}

// ask is a new ask.
func (u *understanding) ask(text string) store.Act {
	a := store.Act{Kind: store.ActAsk, Text: text, Title: u.title(text)}
	a.NeededBy = neededBy(u.words, u.subject+"\n"+text, u.reckoning())
	return a
}

// longestTitle is how many characters a title may have (the digest's cards).
const longestTitle = 70

// title is one line for an ask: the subject if it says something, else the
// first words of the text after the greeting.
func (u *understanding) title(text string) string {
	if u.subject != "" && !u.generic(u.subject) {
		return shorten(strings.TrimSpace(u.subject), longestTitle)
	}
	r := u.readText(text, nil)
	said := u.says(r)
	if len(said) == 0 {
		return shorten(strings.Join(strings.Fields(text), " "), longestTitle)
	}
	rest := text[min(len(text), said[0].tokens[0].Start):]
	sentence := rest
	if i := strings.IndexAny(rest, ".!?\n"); i > 12 && (i+1 == len(rest) || strings.ContainsRune(" \n\t\r", rune(rest[i+1])) || rest[i] == '\n') {
		sentence = rest[:i]
		if rest[i] == '?' {
			sentence = rest[:i+1]
		}
		if rest[i] == '\n' && !hardBreak(rest, i, min(len(rest)-1, i+1)) {
			sentence = rest
		}
	}
	return capitalised(shorten(strings.Join(strings.Fields(sentence), " "), longestTitle))
}

// shorten cuts at a word border, at most n characters with the ellipsis.
func shorten(s string, n int) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	all := []rune(s)
	runes := all[:n-1]
	if all[n-1] == ' ' {
		return string(runes) + "…"
	}
	if i := slices.Index(reversed(runes), ' '); i > 0 && i < n/2 {
		runes = runes[:len(runes)-i-1]
	}
	return strings.TrimRightFunc(string(runes), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsPunct(r) }) + "…"
}

func reversed(r []rune) []rune {
	out := slices.Clone(r)
	slices.Reverse(out)
	return out
}

func capitalised(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[size:]
}

// reasonOf is the reason of an act that stands alone.
func reasonOf(a store.Act) string {
	switch a.Kind {
	case store.ActOffer:
		switch a.Via {
		case "subject":
			return ReasonOfferSubject
		case "letter":
			return ReasonOfferLetter
		case "only":
			return ReasonOfferOnly
		case "quoted":
			return ReasonOfferQuoted
		case "title":
			return ReasonOfferTitle
		case "name":
			return ReasonOfferName
		case "place":
			return ReasonOfferPlace
		case "question":
			return ReasonOfferQuestion
		}
		return ReasonOfferNumber
	case store.ActRefer:
		return ReasonRefer
	case store.ActMeToo:
		return ReasonMeToo
	case store.ActThanks:
		return ReasonThanks
	case store.ActClose:
		return ReasonClose
	case store.ActReopen:
		return ReasonReopen
	case store.ActExtend:
		return ReasonExtend
	case store.ActEdit:
		return ReasonEdit
	case store.ActDecline:
		return ReasonDecline
	case store.ActConfirm:
		return ReasonConfirm
	case store.ActAsk:
		return ReasonNewAsk
	case store.ActRelay:
		if a.Reveal {
			return ReasonReveal
		}
		return ReasonRelay
	case store.ActWithdraw:
		return ReasonWithdrawOffer
	}
	return ReasonTalk
}

// appendAct adds an act unless the same was found before.
func appendAct(acts []store.Act, a store.Act) []store.Act {
	if slices.ContainsFunc(acts, func(b store.Act) bool { return a.Kind == b.Kind && a.Ask == b.Ask && a.Ask != 0 }) {
		return acts
	}
	return append(acts, a)
}

// toAsk is what the clauses do to an ask, by the writer's role in it.
func (u *understanding) toAsk(n int64, said run) (store.Act, string) {
	switch u.role(n) {
	case store.RoleAsker:
		if act, reason, ok := u.askerRefers(n, said.clauses); ok {
			return act, reason
		}
		return u.asAsker(n, said.clauses)
	case store.RoleHelper:
		if joinsIn(said.clauses) && !anyHas(said.clauses, "unoffer", "refer") {
			return store.Act{Kind: store.ActMeToo}, ReasonMeToo
		}
		return u.asHelper(said)
	}
	if u.joinedIn(n) && !anyHas(said.clauses, "offer", "refer") && (said.denied || anyHas(said.clauses, "withdraw", "close", "unoffer", "noneed")) {
		return store.Act{Kind: store.ActWithdraw}, ReasonLeaveMeToo
	}
	return u.asColleague(n, said)
}

// asAsker reads words about one's own ask.
func (u *understanding) asAsker(n int64, clauses []*clause) (store.Act, string) {
	ask := u.view.Asks[n]
	if ask.Anonymous && anyHas(clauses, "reveal") {
		acts, reason := u.reveals(n, clauses)
		return acts[0], reason
	}
	switch later := u.longer(clauses); {
	case anyHas(clauses, "withdraw"):
		return store.Act{Kind: store.ActWithdraw}, ReasonWithdrawAsk
	case later != nil && !later.Until.IsZero():
		return *later, ReasonExtend
	case anyHas(clauses, "reopen"):
		return store.Act{Kind: store.ActReopen}, ReasonReopen
	case anyHas(clauses, "close") && u.volunteers(clauses) >= 0:
		return store.Act{Kind: store.ActClose}, ReasonClose
	case later != nil:
		return *later, ReasonExtend
	case anyHas(clauses, "thanks") && !anyHas(clauses, "advance") && len(ask.Helpers()) > 0:
		return store.Act{Kind: store.ActThanks}, ReasonThanks
	case wordCount(clauses) > 3 && u.volunteers(clauses) == 0:
		return store.Act{Kind: store.ActEdit, NeededBy: neededBy(u.words, u.words0(), u.reckoning())}, ReasonEdit
	case u.volunteers(clauses) != 0:
		return store.Act{Kind: store.ActChat}, ReasonTalk
	}
	return store.Act{Kind: store.ActUnclear}, ReasonNotUnderstood
}

// longer reads "until Friday" and "2 more weeks" as a wish to stay listed.
func (u *understanding) longer(clauses []*clause) *store.Act {
	for _, c := range clauses {
		d := u.until(c.tokens)
		if c.has("extend") && d.IsZero() && slices.ContainsFunc(c.tokens, func(t words.Token) bool { return t.Fold == "then" }) {
			d = neededBy(u.words, u.text.text, u.reckoning()) // "the trip is on the 18th, keep it up until then"
		}
		if c.has("extend") && (len(c.tokens) <= 8 || !d.IsZero() && len(c.tokens) <= 12) {
			return &store.Act{Kind: store.ActExtend, Until: d}
		}
		dates := findDates(u.words, c.tokens, u.reckoning())
		if len(dates) == 1 && dates[0].length && len(c.tokens)-(dates[0].last-dates[0].first) <= 2 {
			return &store.Act{Kind: store.ActExtend, Until: dates[0].date}
		}
	}
	return nil
}

// asHelper reads words about an ask that one offered to help with.
func (u *understanding) asHelper(said run) (store.Act, string) {
	switch p := u.volunteers(said.clauses); {
	case anyHas(said.clauses, "refer"):
		return store.Act{Kind: store.ActRefer}, ReasonRefer
	case said.denied, p < 0, anyHas(said.clauses, "unoffer") && !anyHas(said.clauses, "thanks"):
		return store.Act{Kind: store.ActWithdraw}, ReasonWithdrawOffer
	case p > 0 || u.silent(said.clauses) && wordCount(said.clauses) <= 4:
		return store.Act{Kind: store.ActOffer}, ReasonOfferNumber
	}
	return store.Act{Kind: store.ActChat}, ReasonTalk
}

// asColleague reads words about an ask in which the writer has no part yet.
func (u *understanding) asColleague(n int64, said run) (store.Act, string) {
	p := u.volunteers(said.clauses)
	switch {
	case anyHas(said.clauses, "refer") && p <= 0:
		return store.Act{Kind: store.ActRefer}, ReasonRefer
	case anyHas(said.clauses, "given", "notnow"), slices.ContainsFunc(said.clauses, gaveAway):
		return store.Act{Kind: store.ActUnclear}, ReasonNotUnderstood // "17 I gave Priya last week"
	case !joinsIn(said.clauses) && u.pointsToWeb(said.clauses):
		return store.Act{Kind: store.ActRefer}, ReasonRefer // the asker gets the words
	case !said.denied && joinsIn(said.clauses) && slices.ContainsFunc(said.clauses, func(c *clause) bool { return c.has("metoo") && u.polarity(c) >= 0 }):
		return store.Act{Kind: store.ActMeToo}, ReasonMeToo // "no idea, but interested too"
	case said.denied || p < 0 || anyHas(said.clauses, "unoffer") && p <= 0:
		return store.Act{}, ReasonCannotHelp
	case joinsIn(said.clauses):
		return store.Act{Kind: store.ActMeToo}, ReasonMeToo
	case p > 0:
		return store.Act{Kind: store.ActOffer}, ReasonOfferNumber
	case u.sends(n, said.clauses):
		return store.Act{Kind: store.ActRefer}, ReasonRefer
	case u.echoes(said.clauses) && u.leansNo(said.clauses) && !u.givesAny(said.clauses):
		return store.Act{}, ReasonCannotHelp // "4 ? Je chante faux, désolé."
	case slices.ContainsFunc(said.clauses, func(c *clause) bool { return c.question }):
		if u.givesAny(said.clauses) || offersAsking(said.clauses) {
			return store.Act{Kind: store.ActOffer}, ReasonOfferNumber // "What do you need? I have two."
		}
		return store.Act{Kind: store.ActUnclear}, ReasonQuestion
	case anyHas(said.clauses, "close", "withdraw", "reopen", "extend"):
		return store.Act{Kind: store.ActUnclear}, ReasonNotYours
	case u.doubtful(n, said.clauses):
		return store.Act{Kind: store.ActUnclear}, ReasonNotUnderstood // "17 I had to return last week"
	case anyHas(said.clauses, "stop"):
		return store.Act{Kind: store.ActUnclear}, ReasonNotUnderstood // "please stop the reminder about 17"
	case u.leansNo(said.clauses) && !u.givesFirmly(said.clauses):
		if wordCount(said.clauses) > longRefusal && !anyHas(said.clauses, "regret") {
			return store.Act{Kind: store.ActUnclear}, ReasonNotUnderstood
		}
		return store.Act{}, ReasonCannotHelp
	}
	if u.vague(said.clauses) {
		return store.Act{Kind: store.ActUnclear}, ReasonNotUnderstood
	}
	return store.Act{Kind: store.ActOffer}, ReasonOfferNumber
}

// joinsIn says whether somebody has the same need and offers nothing: "me too".
func joinsIn(clauses []*clause) bool {
	joins := false
	for _, c := range clauses {
		m, ok := c.at("metoo")
		joins = joins || ok
		for _, o := range c.found {
			if o.Class == "offer" && (!ok || o.End > m.End) {
				return false
			}
		}
	}
	return joins
}

// wordCount is how many words the clauses have.
func wordCount(clauses []*clause) int {
	n := 0
	for _, c := range clauses {
		n += len(c.tokens)
	}
	return n
}

// thanksFor says whether the words thank a helper of the ask, by name or for
// what was done: a sign-off thanks nobody.
func (u *understanding) thanksFor(n int64, clauses []*clause) bool {
	if !anyHas(clauses, "thanks") || anyHas(clauses, "advance") {
		return false
	}
	helpers := u.view.Asks[n].Helpers()
	return len(helpers) > 0 && (anyHas(clauses, "praise") || u.names(clauses, helpers))
}
