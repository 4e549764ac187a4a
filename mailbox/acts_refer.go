package mailbox

import (
	"slices"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Referral: "ask Ben", "Ben knows this".

// filler says whether a word may stand between "ask" and a name.
func filler(w string) bool {
	switch w {
	case "the", "our", "my", "your", "maybe", "perhaps", "either", "also", "with", "to", "for", "just",
		"mal", "doch", "einfach", "lieber", "bei", "am", "besten", "die", "den", "der", "das", "unsere", "unseren", "unser", "auch", "mit", "an", "bitte",
		"a", "au", "la", "le", "les", "notre", "nos", "plutot", "peut-etre", "aussi",
		"al", "el", "nuestra", "nuestro", "mejor",
		"aan", "het", "eens", "maar", "bij", "de", "onze", "beter", "ook", "met":
		return true
	}
	return false
}

// inGroup says whether a word stands between a name and a team: "Ben in Year 4".
func inGroup(w string) bool {
	switch w {
	case "in", "from", "of", "at", "im", "aus", "von", "vom", "an", "am", "bei", "de", "du", "des", "en", "chez", "del", "van", "uit", "op", "bij":
		return true
	}
	return false
}

// referred are those whom the words name as somebody who may help.
func (u *understanding) referred(tokens []words.Token) []mention {
	var found []mention
	add := func(all []mention) {
		for _, m := range all {
			i := slices.IndexFunc(found, func(f mention) bool { return f.start < m.end && m.start < f.end })
			switch {
			case i < 0:
				found = append(found, m)
			case m.end-m.start > found[i].end-found[i].start || len(found[i].fit) == 0 && len(m.fit) > 0:
				found[i] = m
			}
		}
	}
	for _, s := range u.words.Slots(tokens, "refer") {
		if u.advisesAgainst(tokens, s.Start, s.End) {
			continue
		}
		if s.At == s.Start { // "Ben knows"
			if m, ok := u.personBefore(tokens, s.At); ok {
				add([]mention{m})
			}
			continue
		}
		i := s.At
		for i+1 < len(tokens) && i < s.At+3 && !tokens[i].Name() && filler(tokens[i].Fold) {
			i++
		}
		if m, ok := u.personAt(tokens, i); ok {
			add(u.joined(tokens, m))
		}
	}
	return found
}

// personBefore reads the name that ends at token at, or that stands before its
// team there: "Ben Okafor knows", "Ben in Year 4 has one".
func (u *understanding) personBefore(tokens []words.Token, at int) (mention, bool) {
	for start := max(0, at-4); start <= at; start++ {
		m, ok := u.personAt(tokens, start)
		if ok && m.end == at+1 && (len(m.fit) > 0 || m.writer) && (start < at || u.standsAlone(tokens[at])) {
			return m, true
		}
	}
	for i := at; i > max(0, at-5); i-- {
		if inGroup(tokens[i].Fold) {
			m, ok := u.personBefore(tokens, i-1)
			return m, ok && len(m.fit) > 0
		}
	}
	if !u.words.Person(tokens[at]) {
		return mention{}, false
	}
	m, ok := u.personAt(tokens, at)
	return m, ok && m.end == at+1
}

// standsAlone says whether a single word before "can" or "has" is a name and not
// the word that it looks like: "Will can", not "that will".
func (u *understanding) standsAlone(t words.Token) bool {
	return t.Name() || !u.words.Is("small", t.Fold) && !u.words.Is("common", t.Fold) && !u.words.Is("noname", t.Fold)
}

// addNamed marks a clause as a referral when it names a colleague as somebody to
// ask, in whatever case.
func (u *understanding) addNamed(c *clause) {
	c.found = slices.DeleteFunc(c.found, func(m words.Match) bool { return m.Class == "refer" && u.advisesAgainst(c.tokens, m.Start, m.End) })
	if len(u.view.Named) == 0 || c.has("refer") {
		return
	}
	for _, m := range u.referred(c.tokens) {
		if len(m.fit) > 0 {
			c.found = append(c.found, words.Match{Class: "refer", Start: m.start, End: m.end})
			return
		}
	}
}

// advisesAgainst says whether what is denied is the phrase tokens[start:end]:
// "don't ask Ben", "Ben kann leider nicht".
func (u *understanding) advisesAgainst(tokens []words.Token, start, end int) bool {
	if start > 0 && sameBreath(tokens[start-1], tokens[start]) {
		switch tokens[start-1].Fold {
		case "dont", "not", "never", "cant", "cannot", "wouldnt", "nicht", "nie", "niet", "nooit", "nunca":
			return true
		}
	}
	if !tokens[start].Name() { // only "Ben can" is denied by what follows
		return false
	}
	for i := end; i < min(len(tokens), end+2) && sameBreath(tokens[i-1], tokens[i]); i++ {
		switch tokens[i].Fold {
		case "not", "nicht", "niet", "pas", "nothing", "nichts", "niets", "rien", "nada":
			return true
		}
	}
	return false
}

// willAsk says whether the writers mean to ask somebody themselves: "I'll ask
// Ben". "I would ask Ben" is advice.
func (u *understanding) willAsk(tokens []words.Token) bool {
	for _, s := range u.words.Slots(tokens, "refer") {
		i := s.Start - 1
		if muses(tokens, s.Start, s.End) {
			continue
		}
		if s.At == s.Start && s.At+1 < len(tokens) && tokens[s.At+1].Fold != "fragen" && tokens[s.At+1].Fold != "vragen" {
			continue
		}
		for i >= 0 && (aside(tokens[i].Fold) || store.Honorific(tokens[i].Fold)) && sameBreath(tokens[i], tokens[i+1]) {
			i--
		}
		if i >= 0 && u.ownDuty(tokens, i) && sameBreath(tokens[i], tokens[i+1]) {
			return true
		}
		if i >= 0 && oneself(tokens[i].Fold) && sameBreath(tokens[i], tokens[i+1]) {
			return true
		}
	}
	return false
}

// ownDuty says whether the word at i is a "must" that nobody else is told: "need to
// ask Ben first", "muss erst Frau Schmitt fragen".
func (u *understanding) ownDuty(tokens []words.Token, i int) bool {
	switch tokens[i].Fold {
	case "must", "need", "have", "gotta", "muss", "musste", "werde", "moet", "dois", "tengo", "debo":
	default:
		return false
	}
	if i == 0 || !sameBreath(tokens[i-1], tokens[i]) {
		return true
	}
	switch w := tokens[i-1].Fold; w {
	case "you", "u", "du", "ihr", "sie", "vous", "tu", "usted", "jij", "jullie":
		return false
	default:
		return oneself(w) || u.words.Is("small", w) || tokens[i-1].Number()
	}
}

// muses says whether the phrase tokens[start:end] only thinks of somebody: "I'd
// think of Ben" is advice.
func muses(tokens []words.Token, start, end int) bool {
	return slices.ContainsFunc(tokens[max(0, start-2):min(len(tokens), end+1)], func(t words.Token) bool {
		switch t.Fold {
		case "think", "thinking", "thought", "denken", "denk", "denke", "gedacht", "pense", "penserais", "penser", "pensaria", "pensar", "pienso", "ocurre":
			return true
		}
		return false
	})
}

// aside says whether a word may stand between "I" and "ask".
func aside(w string) bool {
	switch w {
	case "will", "can", "just", "first", "going", "gonna", "to", "also", "now", "already", "quickly",
		"erst", "vorher", "zuerst", "eerst", "dabord", "primero", "que", "mal", "doch", "gleich", "noch", "auch", "kann", "werde", "selbst", "nachher", "einfach",
		"vais", "peux", "le", "lui", "aussi", "a", "voy", "puedo", "zal", "kan", "ga", "het", "eens", "even", "zelf":
		return true
	}
	return false
}

// oneself says whether a word speaks of the writer as the one who does something.
func oneself(w string) bool {
	switch w {
	case "i", "ill", "im", "we", "lemme", "me", "ich", "wir", "je", "j", "jen", "yo", "ik", "wij":
		return true
	}
	return false
}

// nameThem says of every referral whom it names.
func (u *understanding) nameThem(acts []store.Act) []store.Act {
	for i := range acts {
		if a := &acts[i]; a.Kind == store.ActRefer && a.Ask != 0 && a.Via != "named" {
			u.nameReferred(a)
		}
		if acts[i].Via == "named" {
			acts[i].Via = "question"
		}
	}
	return acts
}

// nameReferred finds whom a referral names. One who fits is meant; of several
// the writer is asked; the asker is nobody to ask about the own ask.
func (u *understanding) nameReferred(a *store.Act) {
	tokens := u.tokensFor(a)
	if u.willAsk(tokens) {
		u.tell("the writer asks somebody for himself or herself")
		return
	}
	mentions := u.referred(tokens)
	if len(mentions) == 0 && len(tokens) <= 6 {
		for i := range min(2, len(tokens)) { // "Ben", under "I know who to ask"
			if m, ok := u.personAt(tokens, i); ok {
				mentions = u.joined(tokens, m)
				break
			}
		}
	}
	if len(mentions) == 0 {
		mentions = u.colleagues(tokens)
	}
	asker := u.view.Asks[a.Ask].Asker.ID
	unclear, nobody := mention{}, ""
	for _, m := range mentions {
		fit := slices.DeleteFunc(slices.Clone(m.fit), func(f store.Member) bool { return f.ID == asker })
		switch {
		case m.writer, len(m.fit) > 0 && len(fit) == 0:
		case len(fit) == 1:
			if !slices.Contains(a.Members, fit[0].ID) {
				a.Members = append(a.Members, fit[0].ID)
			}
		case len(fit) > 1:
			unclear = mention{raw: m.raw, fit: fit}
		case nobody == "":
			nobody = m.raw
		}
	}
	switch {
	case len(a.Members) > 0:
		u.tell("it names %d on the staff list", len(a.Members))
	case len(unclear.fit) > 0:
		a.Name = unclear.raw
		for _, f := range unclear.fit {
			a.Members = append(a.Members, f.ID)
		}
		u.tell("the name fits %d on the staff list", len(a.Members))
	default:
		a.Name = nobody
		u.tell("it names nobody on the staff list")
	}
}

// tokensFor are the words of a mail that speak of an act's ask.
func (u *understanding) tokensFor(a *store.Act) []words.Token {
	r := u.readText(a.Text, u.barelyNamed())
	_, runs := u.runs(r)
	if len(runs) < 2 {
		return r.tokens
	}
	for _, run := range runs {
		if !slices.Contains(run.numbers, a.Ask) || u.silent(run.clauses) {
			continue
		}
		first, last := run.clauses[0].tokens, run.clauses[len(run.clauses)-1].tokens
		from, to := first[0].Start, last[len(last)-1].End
		var tokens []words.Token
		for _, t := range r.tokens {
			if t.Start >= from && t.End <= to {
				tokens = append(tokens, t)
			}
		}
		return tokens
	}
	return r.tokens
}

// askerRefers reads an asker's words about whom to ask. To ask somebody oneself,
// or to need the same as oneself, is talk; "please ask Ben" is done.
func (u *understanding) askerRefers(n int64, said []*clause) (store.Act, string, bool) {
	if joinsIn(said) && wordCount(said) <= 6 {
		return store.Act{Kind: store.ActChat}, ReasonTalk, true
	}
	if !anyHas(said, "refer") || wordCount(said) > 12 {
		return store.Act{}, "", false
	}
	var tokens []words.Token
	for _, c := range said {
		tokens = append(tokens, c.tokens...)
	}
	if u.willAsk(tokens) {
		return store.Act{Kind: store.ActChat}, ReasonTalk, true
	}
	asker := u.view.Asks[n].Asker.ID
	for _, m := range u.referred(tokens) {
		if len(m.fit) == 1 && m.fit[0].ID != asker {
			return store.Act{Kind: store.ActRefer}, ReasonRefer, true
		}
	}
	return store.Act{}, "", false
}

// invited reads the answer to "would you like to help?", which somebody was
// asked because a colleague thought of them. What is no question and no refusal
// says yes.
func (u *understanding) invited(n int64, role store.Role, said []*clause) ([]store.Act, string) {
	p := u.volunteers(said)
	denied := slices.ContainsFunc(said, u.loneNot)
	switch {
	case role == store.RoleAsker:
		return u.asker(n, said)
	case role == store.RoleHelper, anyHas(said, "refer", "metoo"), p == 0 && u.text.asked:
		return u.other(n, role, said)
	case p < 0, anyHas(said, "unoffer", "decline", "refuse"):
		return u.chat(n, ReasonCannotHelp)
	case p > 0, len(u.text.tokens) <= 5 && anyHas(said, "okay", "assent"):
		return u.act(store.ActOffer, n, ReasonOfferLetter)
	case u.courtesy(u.text), len(u.text.tokens) <= 6 && anyHas(said, "thanks"):
		return u.chat(n, ReasonCourtesy)
	case denied, anyHas(said, "close", "withdraw", "thanks"):
		return u.unclear([]int64{n}, ReasonNotUnderstood)
	}
	return u.act(store.ActOffer, n, ReasonOfferLetter)
}

// joinedIn says whether the writer joined an ask because of the same need.
func (u *understanding) joinedIn(n int64) bool {
	return u.view.Writer != nil && u.view.Asks[n].Joined(u.view.Writer.ID)
}
