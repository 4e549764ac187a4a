package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// fresh reads a mail that answers nothing of ours. It is an ask unless it
// clearly speaks of what is there already.
func (u *understanding) fresh() ([]store.Act, string) {
	said := u.says(u.text)
	if acts, reason, ok := u.thanksTo(said); ok {
		return acts, reason
	}
	if u.forward {
		u.tell("it forwards something: the forwarded text is the content")
		return one(u.ask(u.words0()), ReasonNewAsk)
	}
	asking := anyHas(said, "asking") || u.subjectHas("asking") || u.needs(said)
	if subject := words.Tokens(head(u.subject, 300)); len(subject) > 0 && u.allThanks(subject) && u.subjectHas("thanks") && !asking && !u.text.asked && u.volunteers(said) <= 0 && !u.hasNumbers(u.text) {
		u.tell("its subject only says thanks")
		return u.chat(0, ReasonCourtesy)
	}
	if acts, reason, ok := u.freshNumbers(said, asking); ok {
		return acts, reason
	}
	if u.courtesy(u.text) && (u.subject == "" || u.generic(u.subject) || u.reply) && !u.sameAsSubject() {
		return u.chat(0, ReasonCourtesy)
	}
	if len(u.offered()) == 0 && u.answersSomething(said) {
		u.tell("these words answer something, and nobody knows what")
		return u.unclear(nil, ReasonNotUnderstood)
	}
	if !asking && u.endsNothing(said) {
		u.tell("it ends an ask, and its writer has none")
		return one(store.Act{Kind: store.ActStatus, Text: u.words0()}, ReasonNothingOpen)
	}
	if asking || u.subject != "" && !u.generic(u.subject) && !u.offersFirst(said) && !u.reply && !u.closesFirst(said) {
		return one(u.ask(u.words0()), ReasonNewAsk)
	}
	if len(u.text.tokens) <= 14 {
		if acts, reason, ok := u.ownLoose(said); ok {
			return acts, reason
		}
	}
	if u.offersFirst(said) && !u.text.asked && (len(u.offered()) > 0 || u.reply) {
		return u.tied(u.text, store.ActOffer)
	}
	if u.reply && len(u.m.InReplyTo) > 0 && !writtenTo(u.m.To, u.view.Exchange.Address) {
		// Talk among colleagues with the help address in Cc.
		return u.unclear(nil, ReasonNotUnderstood)
	}
	if u.reply && !asking && subjectDated(u.subject) {
		// An answer to a digest that is no longer remembered is no ask.
		return u.unclear(u.offered(), ReasonNotUnderstood)
	}
	if u.aside {
		return u.unclear(nil, ReasonNotUnderstood) // whoever answers a question may be explaining something
	}
	return one(u.ask(u.words0()), ReasonNewAsk)
}

// answersSomething says whether a mail without a subject of its own consists of
// words that only make sense as an answer: "17", "I can help", "me too", "sorry,
// I can't". Published as an ask they would puzzle everybody.
func (u *understanding) answersSomething(said []*clause) bool {
	const short, longer = 4, 9
	n := len(u.text.tokens)
	if n > longer || u.text.asked || u.subject != "" && !u.generic(u.subject) {
		return false
	}
	answers := false
	for _, c := range said {
		number := !slices.ContainsFunc(c.tokens, func(t words.Token) bool { return !t.Number() })
		switch {
		case number, u.wholly(c, "refuse", "unoffer", "regret"), n <= short && u.wholly(c, "offer", "metoo", "refer"):
			answers = true
		case !u.greeting(c) && !u.courteous(c):
			return false
		}
	}
	return answers
}

// wholly says whether a clause has a phrase of one of the classes and at most one
// word of matter besides: "I can't help with that", but not "I can't open the
// safe".
func (u *understanding) wholly(c *clause, classes ...words.Class) bool {
	covered := make([]bool, len(c.tokens))
	for _, m := range c.found {
		if slices.Contains(classes, m.Class) {
			for i := m.Start; i < m.End; i++ {
				covered[i] = true
			}
		}
	}
	matter := 0
	for i, t := range c.tokens {
		if !covered[i] && !t.Number() && !u.words.Is("small", t.Fold) {
			matter++
		}
	}
	return slices.Contains(covered, true) && matter <= 1
}

// sameAsSubject says whether the text repeats the subject: "Laminator?" twice.
func (u *understanding) sameAsSubject() bool {
	return strings.EqualFold(strings.TrimSpace(u.text.text), u.subject)
}

func (u *understanding) subjectHas(class words.Class) bool {
	tokens := words.Tokens(head(u.subject, 300))
	return slices.ContainsFunc(u.words.Find(tokens), func(m words.Match) bool { return m.Class == class })
}

// subjectDated says whether a subject ends as those of digests do: "(Fri 20 Nov)".
func subjectDated(subject string) bool {
	subject = strings.TrimSpace(subject)
	open := strings.LastIndexByte(subject, '(')
	if open <= 0 || !strings.HasSuffix(subject, ")") {
		return false
	}
	fields := strings.Fields(strings.Trim(subject[open:], "()"))
	return len(fields) >= 2 && len(fields) <= 4 && slices.ContainsFunc(fields, func(f string) bool { return strings.Trim(f, "0123456789.") == "" })
}

// freshNumbers reads a mail that names asks by number: with # always, without
// it when the writer offers or says nothing else.
func (u *understanding) freshNumbers(said []*clause, asking bool) ([]store.Act, string, bool) {
	u.firm(u.text)
	if s, ok := u.spokenAbove(); ok {
		acts, reason := u.byNumber(s, "number")
		return acts, reason, true
	}
	if u.needs(said) && !u.hashes(u.text) {
		return nil, "", false // "can do 2 on Friday, need 3 on Monday"
	}
	if u.hasNumbers(u.text) && u.speaksOf(u.text, said, asking) {
		acts, reason := u.byNumber(u.text, "number")
		return acts, reason, true
	}
	if u.subject == "" {
		return nil, "", false
	}
	s := u.readText(u.subject, u.barelyNamed())
	u.firm(s)
	if !u.hasNumbers(s) || !u.speaksOf(s, append(s.all(), said...), asking) {
		return nil, "", false
	}
	return u.byNumberIn(s)
}

// needs says whether one of the clauses tells of a need of the writer's own.
func (u *understanding) needs(clauses []*clause) bool {
	return slices.ContainsFunc(clauses, func(c *clause) bool { return c.has("ownneed") && !c.has("noneed") })
}

// hashes says whether one of the numbers wears the mark of an ask.
func (u *understanding) hashes(r *reading) bool {
	for i := range r.tokens {
		if r.tokens[i].Number() && hashed(r, i) {
			return true
		}
	}
	return false
}

// firm takes away the numbers that do not tie a mail that answers nothing to an
// ask: "2 tickets", "paper number 2", "locker #4". What ties is a number and
// nothing else, a number of which something is said ("14 sorted"), and a #
// where an ask's number stands or beside words of its title.
func (u *understanding) firm(r *reading) {
	_, runs := u.runs(r)
	for _, run := range runs {
		silent := u.silent(run.clauses)
		for _, c := range run.clauses {
			if len(c.numbers) > 0 && (!u.ties(r, c, silent) || silent && u.numbersItem(r, c, run)) {
				c.numbers = nil
			}
		}
	}
}

// numbersItem says whether a number begins a list of the writer's own: "4. a
// stapler", of which no listed ask is about.
func (u *understanding) numbersItem(r *reading, c *clause, run run) bool {
	if !c.tokens[0].Number() || marked(r.text, c.tokens[0].Start) || !listItem(r.text, c.tokens[0]) {
		return false
	}
	for _, n := range c.numbers {
		if len(u.overlap(n)) > 0 {
			return false
		}
	}
	return slices.ContainsFunc(run.clauses, func(o *clause) bool { return o != c && !u.courteous(o) })
}

// ties says whether a clause's numbers tie. silent: nothing is said of them.
func (u *understanding) ties(r *reading, c *clause, silent bool) bool {
	bare := true
	for _, t := range c.tokens {
		bare = bare && (u.words.Is("small", t.Fold) || t.Number() || u.words.Is("numberword", t.Fold) || u.words.Is("before_number", t.Fold))
	}
	first := slices.IndexFunc(r.tokens, func(t words.Token) bool { return t.Start == c.tokens[0].Start })
	for i := first; i < first+len(c.tokens); i++ {
		n, ok := askNumber(r.tokens[i].Fold)
		if !ok || !slices.Contains(c.numbers, n) {
			continue
		}
		end := first + len(c.tokens)
		switch {
		case hashed(r, i):
			return !silent || u.announced(r, i, first) || len(u.overlap(n)) > 0
		case u.counts(r, i, end):
			return false
		}
	}
	return bare || !silent
}

// speaksOf says whether the numbers in a mail that answers nothing are what it
// is about, not a mention: "like #12, I need a laminator".
func (u *understanding) speaksOf(r *reading, said []*clause, asking bool) bool {
	known := slices.ContainsFunc(r.clauses, func(c clause) bool {
		return slices.ContainsFunc(c.numbers, func(n int64) bool { _, ok := u.view.Asks[n]; return ok })
	})
	switch {
	case !known:
		return u.volunteers(said) > 0 && !asking && len(r.tokens) <= 30
	case u.leaves(r, said):
		return true // "I cannot help with #17 after all", as the introduction has it
	case asking && u.volunteers(said) <= 0:
		return false
	case len(r.clauses[0].numbers) > 0:
		return true
	}
	return u.volunteers(said) != 0 || anyHas(said, "close", "withdraw", "unoffer", "reopen", "extend", "thanks", "refer", "metoo", "meant", "change", "reveal") || len(r.tokens) <= 6
}

// offersFirst says whether the mail or its subject begins with an offer.
func (u *understanding) offersFirst(said []*clause) bool {
	if len(said) == 0 {
		return false
	}
	starts := func(c *clause) bool {
		m, ok := c.at("offer")
		if !ok || u.polarity(c) <= 0 {
			return false
		}
		for _, t := range c.tokens[:m.Start] {
			if !u.words.Is("small", t.Fold) {
				return false
			}
		}
		return true
	}
	for _, c := range said[:min(2, len(said))] {
		if starts(c) {
			return true
		}
		if !u.courteous(c) && u.polarity(c) <= 0 {
			break
		}
	}
	if u.subject == "" {
		return false
	}
	s := u.readText(u.subject, nil)
	return len(s.clauses) > 0 && starts(&s.clauses[0])
}

// closesFirst says whether the mail begins with words that end an ask.
func (u *understanding) closesFirst(said []*clause) bool {
	return len(said) > 0 && said[0].has("close", "withdraw") && len(u.own()) > 0 && len(u.text.tokens) <= 14
}

// thanksTo reads "Thanks to Ben: …" in a subject and a text that begins by
// thanking somebody by name: thanks that nobody asked for.
func (u *understanding) thanksTo(said []*clause) ([]store.Act, string, bool) {
	tokens := words.Tokens(head(u.subject, 300))
	asks := anyHas(said, "asking", "offer") || u.text.asked
	people, sure := u.thankedPeople(tokens)
	if len(people) > 0 && !sure && asks { // "Thanks Ben", and a question below
		people = nil
	}
	if n := len(tokens); len(people) == 0 && n >= 2 && n <= 4 && tokens[n-1].Name() && u.allThanks(tokens[:n-1]) && u.subjectHas("thanks") && anyHas(said, "praise") && !asks {
		if m, ok := u.personAt(tokens, n-1); ok { // "Thank you Ruth", and what for below
			people = []mention{m}
		}
	}
	act := store.Act{Kind: store.ActThanks, Text: u.words0(), Via: "name"}
	if tail := afterColon(u.subject); len(people) > 0 && tail != "" && strings.EqualFold(u.text.text, u.subject) {
		act.Text = tail // there was no text: the subject speaks
	}
	if len(people) == 0 && len(said) > 0 && (u.subject == "" || u.generic(u.subject) || u.allThanks(tokens)) {
		if people, sure = u.thankedPeople(u.text.tokens[u.place(said[0]):]); !sure {
			people = nil
		}
	}
	if len(people) == 0 {
		return nil, "", false
	}
	u.tell("it thanks somebody by name")
	if text, private := u.withoutPrivate(); private && text != "" {
		act.Text, act.Private = text, true
	}
	if n := u.askOfHelper(people); n != 0 {
		act.Ask = n
		return []store.Act{act}, ReasonThanks, true
	}
	acts := u.thankNamed(act, people)
	switch {
	case len(acts) == 0:
		acts, reason := u.chat(0, ReasonCourtesy)
		return acts, reason, true
	case len(acts) == 1 && acts[0].Name != "":
		return acts, ReasonWhichPerson, true
	}
	return acts, ReasonThanks, true
}

// askOfHelper is the only ask of the writer's whose helper is thanked; 0: none.
func (u *understanding) askOfHelper(people []mention) int64 {
	if len(people) != 1 {
		return 0
	}
	found := int64(0)
	for n, a := range u.view.Asks {
		if u.role(n) != store.RoleAsker || !slices.ContainsFunc(a.Helpers(), func(h store.Member) bool {
			return slices.ContainsFunc(people[0].fit, func(f store.Member) bool { return f.ID == h.ID }) || words.Fold(h.FirstName()) == words.Fold(people[0].raw)
		}) {
			continue
		}
		if found != 0 {
			return 0
		}
		found = n
	}
	return found
}

// place is where a clause begins in the text's tokens.
func (u *understanding) place(c *clause) int {
	return max(0, slices.IndexFunc(u.text.tokens, func(t words.Token) bool { return t.Start == c.tokens[0].Start }))
}

// afterColon is what follows the first colon of a subject.
func afterColon(subject string) string {
	_, tail, _ := strings.Cut(subject, ":")
	return capitalised(strings.TrimSpace(tail))
}

func (u *understanding) allThanks(tokens []words.Token) bool {
	for _, t := range tokens {
		if !u.words.Is("thanks", t.Fold) && !u.words.Is("small", t.Fold) {
			return false
		}
	}
	return true
}

func recipientWord(w string) bool {
	switch w {
	case "to", "an", "a", "aan", "go", "goes", "out", "mr", "mrs", "ms", "frau", "herrn", "die", "den":
		return true
	}
	return false
}
