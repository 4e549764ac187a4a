package mailbox

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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
func (u *understanding) words0() string { return u.text.text }

// ask is a new ask.
func (u *understanding) ask(text string) store.Act {
	a := store.Act{Kind: store.ActAsk, Text: text, Title: u.title(text)}
	a.NeededBy = neededBy(u.words, u.subject+"\n"+text, u.view.Today)
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
	runes := []rune(s)[:n-1]
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

// run is numbers that are spoken of together, and what is said of them.
type run struct {
	numbers []int64
	clauses []*clause
	denied  bool // "not 17"
}

// runs groups the clauses around the numbers that they name. Clauses before the
// first number are the preface; they speak of numbers of which nothing else is
// said ("I can help with: 17, 19").
func (u *understanding) runs(r *reading) (preface []*clause, runs []run) {
	for i := range r.clauses {
		c := &r.clauses[i]
		if len(c.numbers) == 0 {
			if len(runs) == 0 {
				preface = append(preface, c)
			} else {
				last := &runs[len(runs)-1]
				last.clauses = append(last.clauses, c)
			}
			continue
		}
		if u.joins(r, i, runs) {
			last := &runs[len(runs)-1]
			last.numbers = append(last.numbers, c.numbers...)
			last.clauses = append(last.clauses, c)
			continue
		}
		runs = append(runs, run{numbers: slices.Clone(c.numbers), clauses: []*clause{c}, denied: c.notFirst})
	}
	return preface, runs
}

// joins says whether the numbers of clause i belong to the last run: "17 and
// 19", "14 and 15 are sorted".
func (u *understanding) joins(r *reading, i int, runs []run) bool {
	c := &r.clauses[i]
	if len(runs) == 0 || c.joiner == "but" || c.notFirst || r.clauses[i-1].sentence != c.sentence || len(r.clauses[i-1].numbers) == 0 {
		return false
	}
	last := runs[len(runs)-1]
	if last.denied {
		return false
	}
	if !u.silent(last.clauses) {
		return u.silent([]*clause{c}) // "I can help with 17 and 19"
	}
	return u.silent([]*clause{c}) || c.joiner == "and" || u.polarity(c) >= 0
}

// silent says whether the clauses name numbers and say nothing of them.
func (u *understanding) silent(clauses []*clause) bool {
	return u.volunteers(clauses) == 0 && !anyHas(clauses, "close", "withdraw", "unoffer", "reopen", "extend", "thanks", "refer", "metoo", "change", "meant")
}

// byNumber is what the message does to the asks whose numbers it names.
func (u *understanding) byNumber(r *reading, via string) ([]store.Act, string) {
	preface, runs := u.runs(r)
	var acts []store.Act
	var unknown, known, open []int64
	reasons := map[string]bool{}
	for _, run := range runs {
		for _, n := range run.numbers {
			if _, ok := u.view.Asks[n]; !ok {
				unknown = append(unknown, n)
				continue
			}
			known = append(known, n)
			said := run
			if u.silent(run.clauses) {
				said.clauses = append(slices.Clone(preface), run.clauses...)
			}
			act, reason := u.toAsk(n, said)
			reasons[reason] = true
			if act.Kind == store.ActUnclear {
				open = append(open, n)
				continue
			}
			if act.Kind == "" || act.Kind == store.ActChat {
				continue
			}
			act.Ask, act.Via = n, via
			act.Text = u.share(r, run, len(runs), act)
			acts = appendAct(acts, act)
			if act.Kind == store.ActClose && u.thanksFor(n, said.clauses) {
				acts = appendAct(acts, store.Act{Kind: store.ActThanks, Ask: n, Text: act.Text, Via: via})
			}
		}
	}
	u.tell("numbers named: %d known, %d unknown", len(known), len(unknown))
	return u.settleNumbers(acts, unknown, open, known, reasons)
}

// settleNumbers turns what was found about numbers into the answer.
func (u *understanding) settleNumbers(acts []store.Act, unknown, open, known []int64, reasons map[string]bool) ([]store.Act, string) {
	switch {
	case len(acts) == 0 && len(open) > 0:
		for _, reason := range [...]string{ReasonQuestion, ReasonNotYours} {
			if reasons[reason] {
				return u.unclear(open, reason)
			}
		}
		return u.unclear(open, ReasonNotUnderstood)
	case len(acts) == 0 && len(unknown) > 0:
		return u.unclear(u.offered(), ReasonUnknownNumber)
	case len(acts) == 0 && reasons[ReasonCannotHelp]:
		return u.chat(0, ReasonCannotHelp)
	case len(acts) == 0:
		return u.chat(known[0], ReasonTalk)
	case len(unknown) > 0:
		a, _ := u.unclear(u.offered(), ReasonUnknownNumber)
		return append(acts, a...), ReasonSeveral
	case len(acts) > 1:
		return acts, ReasonSeveral
	}
	return acts, reasonOf(acts[0])
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

// share is the part of the text that belongs to one run of numbers: all of it
// when there is one, else its own sentences.
func (u *understanding) share(r *reading, own run, runs int, a store.Act) string {
	if runs == 1 {
		return r.text
	}
	var parts []string
	last := -1
	for _, c := range own.clauses {
		if c.sentence != last && c.sentence < len(r.sentences) {
			parts = append(parts, r.sentences[c.sentence])
			last = c.sentence
		}
	}
	if len(parts) == 0 {
		return r.text
	}
	return strings.Join(parts, " ")
}

// toAsk is what the clauses do to an ask, by the writer's role in it.
func (u *understanding) toAsk(n int64, said run) (store.Act, string) {
	switch u.role(n) {
	case store.RoleAsker:
		return u.asAsker(n, said.clauses)
	case store.RoleHelper:
		return u.asHelper(said)
	}
	return u.asColleague(said)
}

// asAsker reads words about one's own ask.
func (u *understanding) asAsker(n int64, clauses []*clause) (store.Act, string) {
	ask := u.view.Asks[n]
	switch {
	case anyHas(clauses, "withdraw"):
		return store.Act{Kind: store.ActWithdraw}, ReasonWithdrawAsk
	case anyHas(clauses, "reopen"):
		return store.Act{Kind: store.ActReopen}, ReasonReopen
	case anyHas(clauses, "close") && u.volunteers(clauses) >= 0:
		return store.Act{Kind: store.ActClose}, ReasonClose
	case u.longer(clauses) != nil:
		return *u.longer(clauses), ReasonExtend
	case anyHas(clauses, "thanks") && !anyHas(clauses, "advance") && len(ask.Helpers()) > 0:
		return store.Act{Kind: store.ActThanks}, ReasonThanks
	case wordCount(clauses) > 3 && u.volunteers(clauses) == 0:
		return store.Act{Kind: store.ActEdit, NeededBy: neededBy(u.words, u.words0(), u.view.Today)}, ReasonEdit
	case u.volunteers(clauses) != 0:
		return store.Act{Kind: store.ActChat}, ReasonTalk
	}
	return store.Act{Kind: store.ActUnclear}, ReasonNotUnderstood
}

// longer reads "until Friday" and "2 more weeks" as a wish to stay listed.
func (u *understanding) longer(clauses []*clause) *store.Act {
	for _, c := range clauses {
		d := u.until(c.tokens)
		if c.has("extend") && (len(c.tokens) <= 8 || !d.IsZero() && len(c.tokens) <= 12) {
			return &store.Act{Kind: store.ActExtend, Until: d}
		}
		dates := findDates(u.words, c.tokens, u.view.Today)
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
func (u *understanding) asColleague(said run) (store.Act, string) {
	p := u.volunteers(said.clauses)
	switch {
	case anyHas(said.clauses, "refer") && p <= 0:
		return store.Act{Kind: store.ActRefer}, ReasonRefer
	case said.denied || p < 0 || anyHas(said.clauses, "unoffer") && p <= 0:
		return store.Act{}, ReasonCannotHelp
	case joinsIn(said.clauses):
		return store.Act{Kind: store.ActMeToo}, ReasonMeToo
	case p > 0:
		return store.Act{Kind: store.ActOffer}, ReasonOfferNumber
	case slices.ContainsFunc(said.clauses, func(c *clause) bool { return c.question }):
		return store.Act{Kind: store.ActUnclear}, ReasonQuestion
	case anyHas(said.clauses, "close", "withdraw", "reopen", "extend"):
		return store.Act{Kind: store.ActUnclear}, ReasonNotYours
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
