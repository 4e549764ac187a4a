package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/hold"
	"askfirst/mailbox/nameless"
	"askfirst/mailbox/parse"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// Asking without a name. What marks an ask as anonymous is a word of its own, at
// the beginning or the end of the subject, on the first line, as a sentence, or
// the tagged address; "an anonymous donor" marks nothing. The words are cleaned
// of their writer before anything is kept beside them, and so is whatever else
// is written about such an ask.

// anonymousMark takes the mark from a line: "Anonymous: …", "[anonym] …", "…
// (anonyme)". ok says that there was one.
func anonymousMark(line string) (rest string, ok bool) {
	line = strings.TrimSpace(head(line, 300))
	tokens := words.Tokens(line)
	is := func(list []words.Token) bool { return words.Standard().IsLine("anonymous", joinFolded(list)) }
	for n := min(8, len(tokens)); n >= 1; n-- {
		before, after := line[:tokens[0].Start], line[tokens[n-1].End:]
		if !is(tokens[:n]) || strings.Trim(before, " [(<*_\"'“„-–—") != "" {
			continue
		}
		rest := strings.TrimSpace(after)
		switch bracket := strings.ContainsAny(before, "[(<"); {
		case strings.Trim(rest, " ])>*_.!\"'”“") == "":
			return "", true
		case strings.HasPrefix(rest, ":"), strings.HasPrefix(rest, "："), strings.HasPrefix(rest, "("), bracket && strings.ContainsAny(rest[:1], "])>"),
			after != rest && (strings.HasPrefix(rest, "- ") || strings.HasPrefix(rest, "– ") || strings.HasPrefix(rest, "— ")), n > 1 && strings.ContainsAny(rest[:1], ".,;!"):
			return strings.TrimSpace(strings.TrimLeft(rest, ":：-–—])>*_.,;! ")), true
		}
	}
	for n := min(8, len(tokens)-1); n >= 1; n-- {
		first := tokens[len(tokens)-n]
		gap, after := line[tokens[len(tokens)-n-1].End:first.Start], line[tokens[len(tokens)-1].End:]
		if is(tokens[len(tokens)-n:]) && strings.Trim(after, " ])>.!*_") == "" && (strings.ContainsAny(gap, "[(<") || strings.ContainsAny(gap, ",;–—|/") || strings.Contains(gap, " - ")) {
			return strings.TrimRight(line[:tokens[len(tokens)-n-1].End]+strings.TrimRight(strings.TrimSpace(gap), "[(<,;-–—|/ "), " "), true
		}
	}
	return line, false
}

// anonymousTag says whether the mail came to help+anonymous@, in whatever language.
func (u *understanding) anonymousTag() bool {
	tagged := func(address string) bool {
		local, _, _ := strings.Cut(strings.ToLower(address), "@")
		_, tag, _ := strings.Cut(local, "+")
		return words.Standard().IsLine("anonymous", tag) && ours(address, u.view.Exchange.Address)
	}
	for _, list := range [...][]parse.Address{u.m.To, u.m.Cc} {
		if slices.ContainsFunc(list, func(a parse.Address) bool { return tagged(a.Email) }) {
			return true
		}
	}
	return slices.ContainsFunc([]string{"Delivered-To", "X-Original-To", "Envelope-To"}, func(field string) bool { // a blind copy
		return tagged(strings.Trim(strings.TrimSpace(u.m.Header.Get(field)), "<>"))
	})
}

// withoutMark is what a writer who wants no name to be known has to say, without
// the marks; ok says that there was one.
func (u *understanding) withoutMark(text string) (subject, rest string, ok bool) {
	ok = u.anonymousTag()
	var marked bool
	if subject, marked = anonymousMark(u.subject); marked {
		ok = true
	}
	const most = 60 // lines in which somebody would ask for that
	lines := strings.SplitN(text, "\n", most+1)
	first := true
	for i, line := range lines[:min(len(lines), most)] {
		if strings.TrimSpace(line) == "" || len(line) > 2000 {
			continue
		}
		rest, marked := anonymousMark(line)
		if marked && (first || rest == "") {
			lines[i], ok = rest, true
		} else if without, found := withoutSentence(line); found {
			lines[i], ok = without, true
		}
		first = false
	}
	return subject, strings.TrimSpace(strings.Join(lines, "\n")), ok
}

// WantsNoName says whether a message is marked as one whose writer is not to be
// named, for those who look at it before it is decided.
func WantsNoName(m *parse.Message, help string) bool {
	u := &understanding{m: m, view: store.View{Exchange: store.Exchange{Address: help}}}
	u.subject, _, _ = parse.BaseSubject(m.Subject)
	_, _, marked := u.withoutMark(m.Text())
	return marked
}

// withoutSentence takes a sentence from a line that says nothing but that no
// name is to be known: "Please keep me anonymous."
func withoutSentence(line string) (string, bool) {
	start := 0
	for i := 0; i <= len(line); i++ {
		if i < len(line) && !strings.ContainsRune(".!?;", rune(line[i])) {
			continue
		}
		sentence := line[start:i]
		tokens := words.Tokens(head(sentence, 200))
		if len(tokens) > 1 && words.Standard().IsLine("anonymous", joinFolded(tokens)) && (i >= len(line) || line[i] != '?') {
			return strings.TrimSpace(line[:start] + strings.TrimLeft(line[min(i+1, len(line)):], " ")), true
		}
		start = min(i+1, len(line))
	}
	return line, false
}

// askNameless reads a mail that asks without a name. In answer to a letter about
// the writer's own ask, with nothing else to say, it comes too late.
func (u *understanding) askNameless(text string) ([]store.Act, string, bool) {
	subject, rest, ok := u.withoutMark(text)
	if !ok {
		return nil, "", false
	}
	if acts, reason, ok := u.answersNameless(subject, text); ok {
		return acts, reason, true
	}
	if rest == "" && (subject == "" || u.generic(subject)) {
		return []store.Act{{Kind: store.ActRelay, Text: text}}, ReasonAnonymousHow, true
	}
	if rest == "" || strings.EqualFold(rest, u.subject) {
		rest = subject
	}
	u.tell("its writer wants no name to be known")
	u.event.Nameless = true
	u.subject = subject
	u.text = u.readText(rest, u.barelyNamed())
	a := u.ask(rest)
	a.Anonymous = true
	return []store.Act{a}, ReasonAnonymous, true
}

// who is the writer as people may name them.
func (u *understanding) who() nameless.Who {
	w := u.view.Writer
	who := nameless.Who{Names: []string{w.Name, u.event.FromName}, Addresses: append([]string{w.Email, u.event.From}, w.Aliases...), Team: w.Group}
	for _, field := range strings.Fields(w.Name) {
		who.Names = append(who.Names, otherNames()[words.Fold(field)]...)
	}
	return who
}

// cover takes the writer out of the words of everything that is about an ask of
// theirs without a name, and out of the event itself.
func (u *understanding) cover(acts []store.Act) []store.Act {
	veiled := u.letter != nil && u.letter.Veiled
	own := func(n int64) bool { return u.view.Asks[n].Anonymous && u.role(n) == store.RoleAsker }
	nameless := u.event.Nameless || veiled || slices.ContainsFunc(acts, func(a store.Act) bool { return own(a.Ask) || u.speaksOfOwn(a) != 0 })
	if !nameless {
		return acts
	}
	u.event.Nameless = true
	who := u.who()
	for i := range acts {
		a := &acts[i]
		if n := u.speaksOfOwn(*a); n != 0 {
			*a = store.Act{Kind: store.ActUnclear, Text: a.Text, Candidates: []int64{n}}
		}
		if veiled && a.Kind == store.ActAsk {
			a.Anonymous = true // nobody gives their name by a slip
		}
		u.coverAct(a, who)
	}
	u.event.Text = cleaned(u.event.Text, who, 1)
	u.event.Subject = cleaned(u.event.Subject, who, 0)
	for i := range u.event.Files {
		u.event.Files[i] = ""
	}
	return acts
}

// speaksOfOwn is the anonymous ask of the writer's of which a new ask under their
// name seems to speak: it has its number or its title. They are asked; 0: none.
func (u *understanding) speaksOfOwn(a store.Act) int64 {
	const short = 12 // words
	if a.Kind != store.ActAsk || a.Anonymous {
		return 0
	}
	for n, ask := range u.view.Asks {
		if !ask.Anonymous || u.role(n) != store.RoleAsker {
			continue
		}
		named := strings.Contains(u.m.Subject+"\n"+u.event.Text, "#"+itoa(n)) || len(words.Tokens(head(u.m.Subject+"\n"+u.event.Text, 500))) <= short && slices.Contains(numbersOf(u.m.Subject, u.event.Text), n)
		if named || sameSubject(u.m.Subject, ask.Title) {
			return n
		}
	}
	return 0
}

func cleaned(text string, who nameless.Who, line int) string {
	text, _ = nameless.Clean(text, who, line)
	return text
}

// coverAct cleans the words of one act. Thanks that may still tell who gives
// them stay private; what else may tell is asked about.
func (u *understanding) coverAct(a *store.Act, who nameless.Who) {
	title, inTitle := nameless.Clean(a.Title, who, 0)
	text, inText := nameless.Clean(a.Text, who, 1)
	if a.Kind == store.ActAsk || a.Kind == store.ActEdit {
		if a.Title != "" && strings.Trim(title, nameless.Gap+" ,.") == "" {
			title = shorten(text, longestTitle)
		}
		if !strings.HasPrefix(a.Title, head(u.subject, 8)) || u.subject == "" { // the first words of the text
			inTitle = ""
			if a.Title != "" && a.Title != title || a.Kind == store.ActAsk && text != a.Text {
				title = cleaned(u.title(text), who, 0)
			}
		}
	}
	a.Title, a.Text = title, text
	found := strings.TrimSpace(inTitle + " " + inText)
	if found == "" {
		return
	}
	switch a.Kind {
	case store.ActAsk, store.ActEdit, store.ActRelay:
		a.Hold = found
		u.tell("before anybody else reads it the writer is asked about %s", found)
	case store.ActThanks:
		a.Private = true
	}
}

// heldNameless is what was found by cover and by the detector, together.
func heldTogether(before, found string) string {
	for code := range strings.FieldsSeq(found) {
		if !slices.Contains(strings.Fields(before), code) {
			before = strings.TrimSpace(before + " " + code)
		}
	}
	return before
}

// relayed reads what somebody without a name and a colleague write to each other
// through us: it is passed on, unless it is one of the plain words to us.
func (u *understanding) relayed(n int64, role store.Role, said []*clause) ([]store.Act, string) {
	short := len(u.text.tokens) <= 16
	ask := u.view.Asks[n]
	if u.uncut() {
		return u.unclear([]int64{n}, ReasonNotUnderstood) // what is passed on might be our own letter
	}
	if role != store.RoleAsker {
		if _, mine := store.RelayOf(u.letter.Key, n, u.view.Writer.ID); !mine {
			return u.other(n, role, said) // somebody else's letter
		}
		if acts, reason := u.introduced(n, role, said); acts[0].Kind != store.ActChat {
			return acts, reason
		}
		return u.act(store.ActRelay, n, ReasonRelay)
	}
	if u.letter.Kind == store.KindRelayHeld && hold.AnswerOf(u.words0()) == hold.Send {
		return one(store.Act{Kind: store.ActRelay, Ask: n, Text: u.words0(), Via: "held"}, ReasonRelay)
	}
	switch {
	case !ask.Anonymous:
		return u.introduced(n, role, said)
	case anyHas(said, "reveal"):
		return u.reveals(n, said)
	case short && u.withdraws(n, said) && !u.text.asked:
		return u.act(store.ActWithdraw, n, ReasonWithdrawAsk)
	case short && (u.begins(said, "reopen") || relists(said)):
		return u.act(store.ActReopen, n, ReasonReopen)
	case u.gratitude(said) && !u.firstOffer():
		return u.act(store.ActThanks, n, ReasonThanks)
	case short && u.begins(said, "close") && !u.text.asked:
		return u.act(store.ActClose, n, ReasonClose)
	}
	return u.act(store.ActRelay, n, ReasonRelay)
}

// passes says whether the answered letter came from somebody else, through us.
func (u *understanding) passes() bool {
	switch u.letter.Kind {
	case store.KindRelayToAsker, store.KindRelayToHelper, store.KindRelayHeld:
		return true
	}
	return u.letter.Kind == store.KindHint && u.letter.Veiled
}

// firstOffer says whether the answered letter tells of an offer: thanks are for
// the offer then, and not for help.
func (u *understanding) firstOffer() bool {
	return u.letter.Kind == store.KindRelayToAsker && strings.Count(u.letter.Key, "/") <= 2
}

// reveals reads a wish to be introduced by name. Only the plain word alone is
// one; whatever else speaks of it is asked about.
func (u *understanding) reveals(n int64, said []*clause) ([]store.Act, string) {
	a := store.Act{Kind: store.ActRelay, Ask: n, Text: u.words0(), Via: "letter", Reveal: true}
	plain := len(u.text.tokens) <= 8 && u.begins(said, "reveal") && !u.text.asked
	for _, c := range said {
		plain = plain && u.polarity(c) >= 0 && !u.negates(c)
	}
	if !plain {
		a.Hold = "reveal/0"
	}
	return one(a, ReasonReveal)
}
