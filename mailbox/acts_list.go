package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// aboutList reads an answer to a letter that lists asks, a digest above all, or
// to one that is about no ask.
func (u *understanding) aboutList() ([]store.Act, string) {
	if acts, reason, ok := u.aboutThanks(); ok {
		return acts, reason
	}
	if acts, reason, ok := u.thanksTo(u.says(u.text)); ok && !u.hasNumbers(u.text) {
		return acts, reason
	}
	if u.hasNumbers(u.text) {
		acts, reason := u.byNumber(u.text, "number")
		if acts, reason, ok := u.withOwn(acts); ok {
			return acts, reason
		}
		return u.withNewAsk(acts, reason)
	}
	if acts, reason, ok := u.bySubject(); ok {
		return acts, reason
	}
	if acts, reason, ok := u.inline(); ok {
		return acts, reason
	}
	if u.courtesy(u.text) && u.volunteers(u.says(u.text)) <= 0 {
		return u.chat(0, ReasonCourtesy)
	}
	return u.loose(u.text)
}

func (u *understanding) hasNumbers(r *reading) bool {
	return slices.ContainsFunc(r.clauses, func(c clause) bool { return len(c.numbers) > 0 })
}

// withOwn adds the end of the writer's only own ask when the words before any
// number say so: "Mine's sorted, thanks! And I can help with 19."
func (u *understanding) withOwn(acts []store.Act) ([]store.Act, string, bool) {
	own, said := u.own(), u.says(u.text)
	first := slices.IndexFunc(said, func(c *clause) bool { return len(c.numbers) > 0 })
	if len(own) != 1 || first <= 0 || len(acts) == 0 || slices.ContainsFunc(acts, func(a store.Act) bool { return a.Ask == own[0] || a.Kind == store.ActUnclear }) ||
		said[first-1].sentence == said[first].sentence || !u.begins(said[:first], "close") {
		return nil, "", false
	}
	done := store.Act{Kind: store.ActClose, Ask: own[0], Text: said[0].text, Via: "own"}
	return append([]store.Act{done}, acts...), ReasonSeveral, true
}

// withNewAsk adds an ask that stands beside an offer in one mail: "I can do 17.
// Does anyone have a laminator?"
func (u *understanding) withNewAsk(acts []store.Act, reason string) ([]store.Act, string) {
	if len(acts) == 0 || acts[0].Kind != store.ActOffer {
		return acts, reason
	}
	for i := range u.text.clauses {
		c := &u.text.clauses[i]
		if !u.asksAround(c) || len(c.numbers) > 0 || c.sentence >= len(u.text.sentences) {
			continue
		}
		u.tell("a sentence asks for something else")
		text := strings.TrimSpace(u.text.sentences[c.sentence])
		a := store.Act{Kind: store.ActAsk, Text: text, Title: capitalised(shorten(text, longestTitle)), NeededBy: neededBy(u.words, text, u.reckoning())}
		return append(acts, a), ReasonSeveral
	}
	return acts, reason
}

// asksAround says whether a clause asks the whole staff for something: "does
// anyone have …".
func (u *understanding) asksAround(c *clause) bool {
	return c.has("asking") && c.has("anyone")
}

// bySubject reads a subject of the writer's own that names an ask, such as the
// one that our buttons write.
func (u *understanding) bySubject() ([]store.Act, string, bool) {
	if u.subject == "" {
		return nil, "", false
	}
	return u.byNumberIn(u.readText(u.subject, u.barelyNamed()))
}

// byNumberIn reads the numbers that a subject names together with what the text
// says.
func (u *understanding) byNumberIn(s *reading) ([]store.Act, string, bool) {
	if !u.hasNumbers(s) {
		return nil, "", false
	}
	text := u.text
	joined := *s
	joined.clauses = append(slices.Clone(s.clauses), shifted(text.clauses, len(s.sentences))...)
	joined.sentences = append(slices.Clone(s.sentences), text.sentences...)
	acts, reason := u.byNumber(&joined, "subject")
	for i := range acts {
		acts[i].Text = text.text
	}
	return acts, reason, true
}

// shifted is clauses with their sentences counted from n.
func shifted(clauses []clause, n int) []clause {
	out := slices.Clone(clauses)
	for i := range out {
		out[i].sentence += n
	}
	return out
}

// inline reads answers that stand under the quoted asks.
func (u *understanding) inline() ([]store.Act, string, bool) {
	var acts []store.Act
	tied := false
	for _, f := range u.trimmed.Fragments {
		if f.Ask == 0 {
			continue
		}
		if _, ok := u.view.Asks[f.Ask]; !ok {
			continue
		}
		tied = true
		r := u.readText(f.Text, nil)
		if len(r.clauses) == 0 {
			continue
		}
		said := run{clauses: u.says(r)}
		if u.silent(said.clauses) && (u.courtesy(r) || r.asked) {
			continue
		}
		act, _ := u.toAsk(f.Ask, said)
		if act.Kind == "" || act.Kind == store.ActChat || act.Kind == store.ActUnclear {
			continue
		}
		act.Ask, act.Via, act.Text = f.Ask, "quoted", strings.TrimSpace(f.Text)
		u.tell("an answer stands under the quoted #%d", f.Ask)
		acts = appendAct(acts, act)
	}
	switch {
	case !tied || len(acts) == 0:
		return nil, "", false
	case len(acts) > 1:
		return acts, ReasonSeveral, true
	}
	return acts, reasonOf(acts[0]), true
}

// loose reads words that name no number.
func (u *understanding) loose(r *reading) ([]store.Act, string) {
	said := u.says(r)
	if acts, reason, ok := u.ownLoose(said); ok {
		return acts, reason
	}
	p := u.volunteers(said)
	switch {
	case anyHas(said, "refer") && p <= 0 && u.givesAsker(r, said):
		return u.tied(r, store.ActOffer)
	case anyHas(said, "refer") && p <= 0:
		return u.tied(r, store.ActRefer)
	case u.newAsk(r, said), len(u.listed()) == 0 && anyHas(said, "asking"), u.askedForText():
		return one(u.ask(u.words0()), ReasonNewAsk)
	case joinsIn(said):
		return u.tied(r, store.ActMeToo)
	case u.pointsToWeb(said):
		return u.tied(r, store.ActRefer)
	case p > 0:
		return u.tied(r, store.ActOffer)
	case p < 0 && !r.asked:
		return u.chat(0, ReasonCannotHelp)
	case r.asked && !u.givesAny(said) && !offersAsking(said):
		return u.unclear(u.offered(), ReasonQuestion)
	}
	if u.byPlace(r, u.offered()) != 0 && len(r.tokens) <= 6 {
		return u.tied(r, store.ActOffer) // "the second one please"
	}
	if t, ok := u.tieOffer(r, true); ok && (t.via == "title" || t.via == "name" || t.via == "only" && u.givesAny(said)) && !anyHas(said, "thanks", "close", "withdraw") {
		if anyHas(said, "available") || u.givesAny(said) || offersAsking(said) {
			return u.tied(r, store.ActOffer) // "The microscope in lab 2 works."
		}
		return u.unclear([]int64{t.ask}, ReasonNotUnderstood)
	}
	if anyHas(said, "thanks") {
		return u.chat(0, ReasonCourtesy)
	}
	return u.unclear(u.offered(), ReasonNotUnderstood)
}

// givesAsker says whether the words name the asker of a listed ask as somebody
// who may have something: "Dan can use mine" sends nobody to Dan.
func (u *understanding) givesAsker(r *reading, said []*clause) bool {
	t, ok := u.tieOffer(r, true)
	named := t.via == "name" || t.via == "title" && slices.Contains(u.byName(r, u.offered()), t.ask)
	return ok && named && anyHas(said, "available")
}

// askedForText says whether our letter asked for the text of an ask.
func (u *understanding) askedForText() bool {
	return u.letter.Kind == store.KindNoText || u.letter.Kind == store.KindTooLarge
}

// tied makes an act of words about one ask, or asks which.
func (u *understanding) tied(r *reading, kind store.ActKind) ([]store.Act, string) {
	t, ok := u.tieOffer(r, kind != store.ActRefer)
	if !ok && kind == store.ActRefer && u.willAsk(r.tokens) {
		return u.chat(0, ReasonTalk)
	}
	if several := u.eachOf(r); !ok && kind == store.ActOffer && len(several) > 0 {
		var acts []store.Act
		for _, n := range several {
			acts = append(acts, store.Act{Kind: kind, Ask: n, Text: u.words0(), Via: "title"})
		}
		return acts, ReasonSeveral
	}
	if !ok {
		u.tell("no number, and no title, name or place that fits exactly one of the asks %s", asksNamed(u.offered()))
		return u.unclear(u.fitting(r, kind != store.ActRefer), ReasonWhichAsk)
	}
	act := store.Act{Kind: kind, Ask: t.ask, Text: u.words0(), Via: t.via}
	return one(act, reasonOf(act))
}

// fitting are the asks to choose from: those that the words fit, if they fit
// several, else all that the letter lists.
func (u *understanding) fitting(r *reading, names bool) []int64 {
	asks := u.offered()
	fit := u.byTitle(r, asks)
	if names {
		fit = append(fit, u.byName(r, asks)...)
	}
	slices.Sort(fit)
	if fit = slices.Compact(fit); len(fit) > 1 {
		return fit
	}
	return asks
}

// newAsk says whether an answer asks for something of its own: under a subject
// of its own, or by asking everybody about something that no listed ask is
// about.
func (u *understanding) newAsk(r *reading, said []*clause) bool {
	if u.ownNeed(r, said) {
		return true
	}
	if u.asksInSubject(said) {
		return true
	}
	if !anyHas(said, "asking") && !(u.subject != "" && r.asked) {
		return false
	}
	if u.subject != "" && !u.generic(u.subject) && u.volunteers(said) <= 0 {
		return true
	}
	first := slices.IndexFunc(said, func(c *clause) bool { return u.asksAround(c) })
	if first < 0 || u.volunteers(said[:first]) > 0 {
		return false
	}
	return len(u.byTitle(r, u.listed())) == 0 && !slices.ContainsFunc(said[first].tokens, func(t words.Token) bool { return pronoun(t.Fold) })
}

// asksInSubject says whether a subject of the writer's own asks for something
// that no listed ask is about, above a text that offers nothing: "Re: Does
// anyone have a laminator?"
func (u *understanding) asksInSubject(said []*clause) bool {
	if u.subject == "" || u.generic(u.subject) || u.volunteers(said) != 0 || anyHas(said, "refer", "metoo", "close", "withdraw", "reopen") {
		return false
	}
	s := u.readText(u.subject, nil)
	if !u.needs(s.all()) && !slices.ContainsFunc(s.all(), func(c *clause) bool { return u.asksAround(c) || c.has("asking") }) {
		return false
	}
	return len(u.byTitle(s, u.listed())) == 0 && len(u.byName(s, u.offered())) == 0
}

// ownNeed says whether the first thing said is a need of the writer's own, about
// something that no listed ask is about: "I need 2 adults for the trip".
func (u *understanding) ownNeed(r *reading, said []*clause) bool {
	if len(said) == 0 || u.volunteers(said) > 0 || joinsIn(said) || anyHas(said, "refer", "close", "withdraw", "reopen", "noneed") {
		return false
	}
	i := slices.IndexFunc(said, func(c *clause) bool { return !u.courteous(c) })
	if i < 0 || !said[i].has("ownneed") || said[i].question && !said[i].has("asking") {
		return false
	}
	content := u.content(said[i].text)
	return len(content) > 0 && len(u.byTitle(r, u.listed())) == 0 && len(u.byName(r, u.offered())) == 0 &&
		!slices.ContainsFunc(said[i].tokens, func(t words.Token) bool { return pronoun(t.Fold) })
}

// pronoun says whether a word may speak of a listed ask or of its asker.
func pronoun(w string) bool {
	switch w {
	case "she", "he", "her", "him", "still", "this", "these", "noch", "encore", "todavia", "nog":
		return true
	}
	return false
}

// ownLoose reads words about the writer's own asks that name no number: the
// only one he has, or the one that the words fit.
func (u *understanding) ownLoose(said []*clause) ([]store.Act, string, bool) {
	own := u.own()
	if len(u.ownAll()) == 0 || len(said) == 0 {
		return nil, "", false
	}
	if helped := u.thankedFor(said, u.ownAll()); len(helped) == 1 {
		act := store.Act{Kind: store.ActThanks, Ask: helped[0], Text: u.words0(), Via: "own"}
		return []store.Act{act}, ReasonThanks, true
	}
	if first := said[:1]; !anyHas(first, "close", "withdraw", "reopen") && u.longer(first) == nil && !u.others() {
		said = said[u.firstOwn(said):] // "Priya here - all sorted"
	}
	if len(own) == 1 && said[0].has("addendum") && !offersBeside(said) {
		act, reason := u.asAsker(own[0], said)
		if act.Kind == store.ActEdit {
			act.Ask, act.Via, act.Text = own[0], "own", u.words0()
			return []store.Act{act}, reason, true
		}
	}
	if !anyHas(said[:1], "close", "withdraw", "reopen") && u.longer(said[:1]) == nil || (offersBeside(said) || anyHas(said, "asking")) && !anyHas(said[:1], "reopen") {
		return nil, "", false
	}
	if len(own) > 1 {
		if fit := u.byTitle(u.text, own); len(fit) == 1 {
			own = fit
		}
	}
	if len(own) > 1 {
		acts, reason := u.unclear(own, ReasonWhichAsk)
		return acts, reason, true
	}
	act, reason := u.asAsker(own[0], said)
	if act.Kind == store.ActUnclear || act.Kind == store.ActChat || act.Kind == store.ActEdit {
		return nil, "", false
	}
	act.Ask, act.Via, act.Text = own[0], "own", u.words0()
	acts := []store.Act{act}
	if act.Kind == store.ActClose && u.thanksFor(own[0], said) {
		acts = append(acts, store.Act{Kind: store.ActThanks, Ask: own[0], Text: act.Text, Via: "own"})
		reason = ReasonSeveral
	}
	return acts, reason, true
}

// offersBeside says whether something is offered in other words than those that
// say an ask is done: "I have found one" offers nothing.
func offersBeside(said []*clause) bool {
	return slices.ContainsFunc(said, func(c *clause) bool {
		return !c.has("extend") && slices.ContainsFunc(c.found, func(m words.Match) bool {
			return m.Class == "offer" && !slices.ContainsFunc(c.found, func(d words.Match) bool {
				return (d.Class == "close" || d.Class == "withdraw") && d.Start < m.End && m.Start < d.End
			})
		})
	})
}

// thankedFor are the own asks whose helpers the words thank by name, or for
// what they did when there is one such ask only.
func (u *understanding) thankedFor(said []*clause, own []int64) []int64 {
	if !anyHas(said, "thanks") || anyHas(said, "advance", "close", "withdraw", "reopen") {
		return nil
	}
	var named, praised []int64
	for _, n := range own {
		helpers := u.view.Asks[n].Helpers()
		if len(helpers) == 0 {
			continue
		}
		if u.names(said, helpers) {
			named = append(named, n)
		}
		if anyHas(said, "praise") {
			praised = append(praised, n)
		}
	}
	if len(named) > 0 {
		return named
	}
	return praised
}

// names says whether the words name one of the people.
func (u *understanding) names(clauses []*clause, people []store.Member) bool {
	for _, p := range people {
		name := words.Fold(p.FirstName())
		for _, c := range clauses {
			if name != "" && slices.ContainsFunc(c.tokens, func(t words.Token) bool { return t.Fold == name }) {
				return true
			}
		}
	}
	return false
}
