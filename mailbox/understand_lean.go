package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Which way words lean that are no known phrase: who is the subject of the verb,
// whether a question offers, whether regret is all that is said.

// addSubject marks a clause as a referral when a colleague, or somebody by what
// they do, is the one who has or knows: "Ben would know", "the technician has one".
func (u *understanding) addSubject(c *clause) {
	if c.has("refer") || u.letter != nil && u.about() != 0 {
		return
	}
	if at := u.roleHas(c.tokens); at >= 0 {
		c.found = append(c.found, words.Match{Class: "refer", Start: at, End: at + 2, Tongue: "en"})
		return
	}
	if len(u.view.Named) == 0 {
		return
	}
	for _, s := range u.words.Slots(c.tokens, "subject") {
		m, ok := u.personAt(c.tokens, s.At)
		if s.At == s.Start {
			m, ok = u.personBefore(c.tokens, s.At)
		}
		if !ok || len(m.fit) == 0 || m.writer || u.advisesAgainst(c.tokens, s.Start, s.End) || u.anyAsks(m.fit) {
			continue
		}
		c.found = append(c.found, words.Match{Class: "refer", Start: m.start, End: max(m.end, s.End)})
		return
	}
}

// roleHas is where a role stands that has or knows something; -1: nowhere. What
// is in the office has no knowledge of it.
func (u *understanding) roleHas(tokens []words.Token) int {
	for i := 0; i+1 < min(len(tokens), 8); i++ {
		if !u.words.Is("role", tokens[i].Fold) || !u.words.Is("roleverb", tokens[i+1].Fold) {
			continue
		}
		if i > 1 && inGroup(tokens[i-2].Fold) || i > 0 && inGroup(tokens[i-1].Fold) {
			continue
		}
		return i
	}
	return -1
}

// anyAsks says whether one of the people has an ask in the answered letter: what
// is said of them is said of their ask.
func (u *understanding) anyAsks(people []store.Member) bool {
	for _, n := range u.offered() {
		if slices.ContainsFunc(people, func(p store.Member) bool { return p.ID == u.view.Asks[n].Asker.ID }) {
			return true
		}
	}
	return false
}

// offersAsking says whether a question offers: "would Tuesday work?".
func offersAsking(clauses []*clause) bool {
	return slices.ContainsFunc(clauses, func(c *clause) bool { return c.question && c.has("offerask") })
}

// longRefusal is how many words a refusal without regret has at most.
const longRefusal = 14

// asksUnmarked reads "is 2 for the concert or the play" as a question, though no
// mark says so.
func (u *understanding) asksUnmarked(r *reading) {
	for i := range r.clauses {
		c := &r.clauses[i]
		if c.question || !c.has("unmarked") || i > 0 && r.clauses[i-1].sentence == c.sentence && len(r.clauses[i-1].numbers) == 0 {
			continue
		}
		r.asked = true
		for j := range r.clauses {
			if r.clauses[j].sentence == c.sentence {
				r.clauses[j].question = true
			}
		}
	}
}

// leansNo says whether words without an offer decline: they regret something, or
// deny something and have nothing to give.
func (u *understanding) leansNo(clauses []*clause) bool {
	if anyHas(clauses, "regret") {
		return true
	}
	for _, c := range clauses {
		if c.question || u.limited(c) {
			continue
		}
		for i, t := range c.tokens {
			if i+1 < len(c.tokens) && c.tokens[i+1].Number() {
				continue // "not 17, I meant 19"
			}
			if t.Fold != "no" && englishNot(t.Fold) && !c.masked(i) && !u.conditional(c, i) {
				return true
			}
		}
	}
	return false
}

// vague says whether several words beside a number neither give nor bring
// anything: "2: ours are bolted to the floor". Only words in a language whose
// small words are known ("speech") are weighed so.
func (u *understanding) vague(clauses []*clause) bool {
	const enough = 2
	speech, others := 0, 0
	for _, c := range clauses {
		if c.has("giving", "assent", "okay", "idiom", "offerask", "meant", "change") {
			return false
		}
		for _, t := range c.tokens {
			switch {
			case u.words.Is("speech", t.Fold):
				speech++
			case !t.Number() && !u.words.Is("small", t.Fold):
				others++
			}
		}
	}
	return speech >= enough && others >= enough && !u.givesFirmly(clauses)
}

// givesFirmly says whether a clause tells of something to be had in more than the
// word "ours".
func (u *understanding) givesFirmly(clauses []*clause) bool {
	return slices.ContainsFunc(clauses, func(c *clause) bool {
		return u.canBeHad(c) && slices.ContainsFunc(c.found, func(m words.Match) bool {
			return m.Class == "available" && (m.End-m.Start > 1 || !u.words.Is("mine", c.tokens[m.Start].Fold))
		})
	})
}

// joinsWithPlus reads "+1 for 16".
func joinsWithPlus(c *clause) {
	for i, t := range c.tokens {
		if t.Fold == "1" && t.Before == '+' && !c.has("metoo") {
			c.found = append(c.found, words.Match{Class: "metoo", Start: i, End: i + 1, Tongue: "en"})
		}
	}
}

// eachOf are the asks of an offer that names the titles of several, joined by
// "and": "yes to the microscope and the projector".
func (u *understanding) eachOf(r *reading) []int64 {
	const most = 3
	fit := u.byTitle(r, u.offered())
	if len(fit) < 2 || len(fit) > most || r.asked || !strings.ContainsFunc(r.text, func(c rune) bool { return c == ',' || c == '&' || c == '+' }) && !slices.ContainsFunc(r.tokens, func(t words.Token) bool { return andOr(t.Fold) && t.Fold != "or" }) {
		return nil
	}
	if slices.ContainsFunc(r.tokens, func(t words.Token) bool { return u.words.Is("not", t.Fold) || adversative(t.Fold) || t.Fold == "or" }) {
		return nil
	}
	return fit
}

// backOn is the day after "back": "back 14 December" pauses until then.
func (u *understanding) backOn(tokens []words.Token) store.Date {
	day := u.until(tokens)
	if !u.onlyDate(tokens) || !u.view.Today.Before(day) {
		return store.Date{}
	}
	return day
}

// firstOwn is the first of three clauses that tells how an ask of one's own
// stands; 0: none does.
func (u *understanding) firstOwn(said []*clause) int {
	for i, c := range said[:min(3, len(said))] {
		if c.has("close", "withdraw", "reopen") || u.longer([]*clause{c}) != nil {
			return i
		}
	}
	return 0
}

// standsLater says whether a command counts that is not the first thing said:
// "every day is a bit much, once a week would be plenty".
func (u *understanding) standsLater(c command, in *clause) bool {
	switch c.kind {
	case store.ActPause:
		return !c.until.IsZero()
	case store.ActFrequency, store.ActStop, store.ActResume:
		return len(in.tokens) >= 2 && u.letter != nil
	case store.ActForget: // it is asked back; as an ask everybody would read it
		return len(in.tokens) >= 3
	}
	return false
}

// placesMeant are the candidates of "the first two" and "the last three", from
// and to; nil: the words name no such number.
func (u *understanding) placesMeant(place, candidates int) []int {
	for _, t := range u.text.tokens {
		n, ok := u.words.Value("cardinal", t.Fold)
		if !ok || n < 2 || n > candidates || u.words.Is("oneword", t.Fold) {
			continue
		}
		switch place {
		case 1:
			return []int{0, n}
		case -1:
			return []int{candidates - n, candidates}
		}
	}
	return nil
}

// others says whether the words speak of asks of other people, by title or name.
func (u *understanding) others() bool {
	return len(u.byTitle(u.text, u.offered())) > 0 || len(u.byName(u.text, u.offered())) > 0
}
