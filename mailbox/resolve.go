package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/parse"
	"askfirst/mailbox/trim"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// What a message is about: first match wins, and two different answers are
// never resolved by guessing.

// How much of a message's text is looked at, in bytes: ten times the longest
// mail of a person with a whole digest quoted below it. A text of ten megabytes
// must not keep the others waiting.
const (
	longestPlain = 256 << 10
	longestHTML  = 512 << 10
)

// lookUp finds the letter that the message answers, and what is new in it.
func (u *understanding) lookUp() {
	letters := u.view.Letters
	if len(letters) == 0 {
		letters = u.view.Recent
	}
	in := trim.Input{Plain: head(u.m.Plain, longestPlain), HTML: head(u.m.HTML, longestHTML), Forward: u.forward}
	if len(in.Plain) < len(u.m.Plain) || len(in.HTML) < len(u.m.HTML) {
		u.tell("the text has %d bytes, its HTML %d; what lies beyond %d and %d is not looked at", len(u.m.Plain), len(u.m.HTML), longestPlain, longestHTML)
	}
	for _, l := range letters {
		in.Letters = append(in.Letters, trim.Letter{Key: l.Key, Text: l.Text, HTML: l.HTML, Asks: items(&l)})
	}
	if name := u.event.FromName; name != "" {
		in.Names = append(in.Names, name)
	}
	if w := u.view.Writer; w != nil {
		in.Names = append(in.Names, w.Name)
	}
	u.trimmed = trim.Trim(in)
	u.event.Text = strings.TrimSpace(u.trimmed.Text)
	u.tellCuts()
	if u.trimmed.Whole {
		u.tell("nothing was left after cutting, so the whole text counts as new")
	}
	u.letter = u.answered()
	if u.letter != nil {
		u.event.Answers = u.letter.Key
	}
}

// answered is the letter of ours that the message answers.
func (u *understanding) answered() *store.Sent {
	if len(u.view.Letters) > 0 {
		l := &u.view.Letters[0]
		u.tell("it answers our letter %s (by its Message-ID)", l.Key)
		return l
	}
	if i := u.trimmed.Letter; i >= 0 && i < len(u.view.Recent) {
		l := &u.view.Recent[i]
		u.tell("it answers our letter %s (by the words it quotes)", l.Key)
		return l
	}
	for i := range u.view.Recent {
		if l := &u.view.Recent[i]; sameSubject(u.m.Subject, l.Subject) {
			u.tell("it answers our letter %s (by its subject)", l.Key)
			return l
		}
	}
	return nil
}

// items are the asks a letter lists, in order, each once.
func items(l *store.Sent) []int64 {
	if l == nil {
		return nil
	}
	var asks []int64
	for _, i := range l.Items {
		if i.Ask > 0 {
			asks = append(asks, i.Ask)
		}
	}
	return asks
}

// listed are the asks of the answered letter, each once.
func (u *understanding) listed() []int64 {
	var asks []int64
	for _, n := range items(u.letter) {
		if !slices.Contains(asks, n) {
			asks = append(asks, n)
		}
	}
	return asks
}

// about is the one ask that the answered letter is about; 0: a letter about
// none or several.
func (u *understanding) about() int64 {
	if u.letter == nil {
		return 0
	}
	switch u.letter.Kind {
	case store.KindDigest, store.KindStatus, store.KindWhichAsk, store.KindHelp:
		return 0
	}
	if listed := u.listed(); len(listed) == 1 {
		return listed[0]
	}
	if len(u.letter.Items) == 0 {
		return subjectNumber(u.letter.Subject)
	}
	return 0
}

// subjectNumber is the "#17" in a subject; 0: none, or several.
func subjectNumber(subject string) int64 {
	r := &reading{text: subject, tokens: words.Tokens(subject)}
	found := int64(0)
	for i, t := range r.tokens {
		if !t.Number() || !hashed(r, i) {
			continue
		}
		n, ok := askNumber(t.Fold)
		if !ok || found != 0 && n != found {
			return 0
		}
		found = n
	}
	return found
}

// ownSubject is the subject if the writer chose it; "" if it is that of the
// answered letter or says nothing.
func (u *understanding) ownSubject() string {
	base, _, _ := parse.BaseSubject(u.m.Subject)
	if u.letter != nil && holdsSubject(base, u.letter.Subject) {
		return ""
	}
	for _, list := range [...][]store.Sent{u.view.Letters, u.view.Recent} {
		for _, l := range list {
			if holdsSubject(base, l.Subject) {
				return ""
			}
		}
	}
	return strings.TrimSpace(base)
}

// holdsSubject says whether a subject is that of a letter of ours, or has the
// whole of it behind or before a mark that some mail program put there.
func holdsSubject(subject, ours string) bool {
	const enough = 16 // "Paused (#17)" may be words of anybody's
	return sameSubject(subject, ours) ||
		len(ours) >= enough && strings.Contains(strings.Join(strings.Fields(subject), " "), strings.Join(strings.Fields(ours), " "))
}

// role is what the writer is to an ask.
func (u *understanding) role(n int64) store.Role {
	a, ok := u.view.Asks[n]
	if !ok || u.view.Writer == nil {
		return store.RoleNone
	}
	return a.RoleOf(u.view.Writer.ID)
}

// own are the writer's own live asks, those of the answered letter if it lists
// any of them.
func (u *understanding) own() []int64 {
	var inLetter []int64
	all := u.ownAll()
	for _, n := range all {
		if slices.Contains(u.listed(), n) {
			inLetter = append(inLetter, n)
		}
	}
	if len(inLetter) > 0 {
		return inLetter
	}
	return all
}

// ownAll are the writer's own live asks.
func (u *understanding) ownAll() []int64 {
	var all []int64
	for n, a := range u.view.Asks {
		if u.role(n) == store.RoleAsker && a.State.Live() {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all
}

// offered are the asks in the letter that the writer could help with: anybody's
// but his own.
func (u *understanding) offered() []int64 {
	asks := u.listed()
	if u.letter == nil {
		for i := range u.view.Recent {
			if u.view.Recent[i].Kind == store.KindDigest {
				asks = items(&u.view.Recent[i])
				break
			}
		}
	}
	var others []int64
	for _, n := range asks {
		if u.role(n) != store.RoleAsker && !slices.Contains(others, n) {
			others = append(others, n)
		}
	}
	return others
}

// tie is an ask found, and by what.
type tie struct {
	ask    int64
	via    string
	reason string
}

// tieOffer finds the ask that an offer without a number means. names says
// whether a name in it may be the asker's: in "ask Ben" it is not.
func (u *understanding) tieOffer(r *reading, names bool) (tie, bool) {
	if n := u.about(); n != 0 {
		return tie{n, "letter", ReasonOfferLetter}, true
	}
	asks := u.offered()
	if u.letter != nil && len(asks) == 1 {
		u.tell("the letter lists only #%d", asks[0])
		return tie{asks[0], "only", ReasonOfferOnly}, true
	}
	var byName []int64
	if names {
		byName = u.byName(r, asks)
	}
	byTitle := u.byTitle(r, asks)
	place := int64(0)
	switch sure := u.letter != nil && (len(u.view.Letters) > 0 || sameSubject(u.m.Subject, u.letter.Subject)); {
	case sure:
		place = u.byPlace(r, asks)
	case u.letter != nil && len(u.trimmed.Fragments) > 1:
		// Words of another letter of ours, long forgotten, may be among these.
		byName, byTitle = nil, nil
	}
	u.detail("the asker's name fits %s; words of a title fit %s; a place in the list fits %s", asksNamed(byName), asksNamed(byTitle), asksNamed(candidate(place)))
	switch {
	case place != 0 && len(byName) == 0 && (len(byTitle) == 0 || slices.Contains(byTitle, place)):
		u.tell("it names #%d by its place in the letter", place)
		return tie{place, "place", ReasonOfferPlace}, true
	case place != 0:
		u.tell("it names the place of #%d and the words of another", place)
		return tie{}, false
	case len(byTitle) == 1 && (len(byName) == 0 || slices.Contains(byName, byTitle[0])):
		u.tell("its words fit the title of #%d only", byTitle[0])
		return tie{byTitle[0], "title", ReasonOfferTitle}, true
	case len(byName) == 1 && (len(byTitle) == 0 || slices.Contains(byTitle, byName[0])):
		u.tell("it names the asker of #%d", byName[0])
		return tie{byName[0], "name", ReasonOfferName}, true
	}
	return tie{}, false
}

// byName are the asks whose asker the text names.
func (u *understanding) byName(r *reading, asks []int64) []int64 {
	var found []int64
	for _, n := range asks {
		asker := u.view.Asks[n].Asker
		for i, field := range strings.Fields(asker.Name) {
			name := words.Fold(field)
			if i > 1 || len(name) < 2 {
				break
			}
			if slices.ContainsFunc(r.tokens, func(t words.Token) bool { return (t.Fold == name || t.Fold == name+"s") && t.Name() }) {
				found = append(found, n)
				break
			}
		}
	}
	return found
}

// byTitle are the asks with a title word in the text that no other title has.
func (u *understanding) byTitle(r *reading, asks []int64) []int64 {
	titles := make([][]string, len(asks))
	for i, n := range asks {
		titles[i] = u.content(u.view.Asks[n].Title)
	}
	var found []int64
	for i, title := range titles {
		for _, word := range title {
			elsewhere := false
			for j, other := range titles {
				elsewhere = elsewhere || j != i && slices.ContainsFunc(other, func(w string) bool { return alike(w, word) })
			}
			if !elsewhere && slices.ContainsFunc(r.tokens, func(t words.Token) bool { return alike(t.Fold, word) || u.heads(t, word) }) {
				found = append(found, asks[i])
				break
			}
		}
	}
	return found
}

// heads says whether a noun is the head of a compound, as German and Dutch build
// them: "Stifte" of "Whiteboardstifte".
func (u *understanding) heads(t words.Token, word string) bool {
	const least = 5
	for _, class := range [...]words.Class{"common", "small", "limit", "unit", "dayunit", "place"} {
		if u.words.Is(class, t.Fold) {
			return false
		}
	}
	_, day := u.words.Value("dayunit", t.Fold)
	return !day && len(t.Fold) >= least && len(word) >= len(t.Fold)+3 && strings.HasSuffix(word, t.Fold)
}

// content is the words of a text that carry its subject.
func (u *understanding) content(text string) []string {
	var out []string
	for _, t := range words.Tokens(head(text, readable)) {
		if len(t.Fold) >= 3 && !t.Number() && !u.words.Is("common", t.Fold) && !u.words.Is("small", t.Fold) {
			out = append(out, t.Fold)
		}
	}
	return out
}

// alike compares two folded words, endings of the plural aside.
func alike(a, b string) bool {
	if a == b {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if strings.HasSuffix(b, "or") {
		return false // a project is no projector
	}
	return len(a) >= 4 && len(b)-len(a) <= 2 && strings.HasPrefix(b, a) ||
		len(a) == 3 && b == a+"s"
}
