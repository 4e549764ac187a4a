package mailbox

import (
	"strings"
	"unicode/utf8"

	"askfirst/mailbox/hold"
	"askfirst/mailbox/parse"
	"askfirst/mailbox/trim"
	"askfirst/mailbox/words"
	"askfirst/store"
)

// understanding is one message being understood. The questions come in a fixed
// order: is it a machine, who wrote it, did we have it before, what is new in
// it, what is it about, what does it do.
type understanding struct {
	words   *words.Vocabulary
	m       *parse.Message
	view    store.View
	event   *store.Event
	reply   bool // the subject says so
	forward bool
	trimmed trim.Result
	letter  *store.Sent // of ours, that the message answers; nil: none
	subject string      // the writer's own; "" if it is ours or missing
	text    *reading    // what is new
	drawn   string      // the text as it came, where pictures stand for a word
	aside   bool        // the text stands beside an answer to a question of ours
	finder  *hold.Detector
	texts   map[string]*remembered
}

// Understand says what a message means: a pure function of the message, of what
// the book knows, and of the exchange's policy.
func Understand(m *parse.Message, view store.View, policy Policy) store.Event {
	if m == nil {
		m = &parse.Message{}
	}
	envelope, why := envelope(m, view, policy)
	event := store.Event{Envelope: envelope}
	u := &understanding{words: policy.words(), m: m, view: view, event: &event, finder: policy.detector()}
	_, u.reply, u.forward = parse.BaseSubject(m.Subject)
	u.tellRead()
	u.tellIdentity(policy, why)
	u.lookUp()
	if u.gate(policy) {
		return event
	}
	u.subject = u.ownSubject()
	acts, reason, ok := u.confirms()
	if !ok {
		acts, reason = u.meaning()
	}
	switch reason {
	case ReasonNothingNew, ReasonConfirmAgain, ReasonConfirmForeign:
		u.settle(store.Ignored, reason)
	case ReasonNoText:
		u.settle(store.Refused, reason)
	default:
		acts, reason = u.sober(acts, reason)
		acts, reason = u.careful(acts, reason)
		u.settle(store.Accepted, reason)
		event.Acts = acts
		event.Confirm = u.waits(event.Acts)
		u.tellWords(acts)
		for _, a := range acts {
			u.detail("so: %s", describe(a))
		}
	}
	return event
}

// careful keeps from acts what not everybody should read, and finds whom they
// name.
func (u *understanding) careful(acts []store.Act, reason string) ([]store.Act, string) {
	acts = u.cover(u.discreet(acts))
	acts, reason = u.hold(u.finder, acts, reason)
	return u.nameThem(acts), reason
}

// settle gives the event its verdict.
func (u *understanding) settle(v store.Verdict, reason string) {
	u.event.Verdict, u.event.Reason = v, reason
	u.detail("%s: %s", v, reason)
}

// gate answers the questions that come before any words count. It returns true
// when the message is settled.
func (u *understanding) gate(policy Policy) bool {
	if r := machine(u.m, u.view); r != nil {
		u.tell("a machine wrote it: %s", r.sign)
		u.event.Bounce = r.bounce
		u.settle(store.Ignored, r.reason)
		return true
	}
	u.event.Dup = ""
	if u.event.From == "" {
		u.tell("From names %d mailboxes", len(u.m.From))
		u.settle(store.Ignored, ReasonNoSender)
		return true
	}
	u.event.Dup = duplicateKey(u.m, textOf(u.m), u.event.From)
	if u.event.Auth == store.Failed {
		u.tell("a server that we trust says that From did not write it")
		u.settle(store.Quarantined, store.ReasonForged)
		return true
	}
	if u.view.Writer == nil {
		u.stranger()
		return true
	}
	u.tell("a colleague wrote it (member %d)", u.view.Writer.ID)
	switch {
	case u.view.Seen:
		u.settle(store.Ignored, ReasonDuplicate)
	case policy.MaxSize > 0 && u.m.Size > policy.MaxSize:
		u.tell("it has %d bytes, the limit is %d", u.m.Size, policy.MaxSize)
		u.settle(store.Refused, ReasonTooLarge)
	case u.m.Kind == "encrypted":
		u.settle(store.Refused, ReasonEncrypted)
	case u.m.Kind == "tnef" && u.event.Text == "":
		u.settle(store.Refused, ReasonTNEF)
	case u.m.Kind == "calendar":
		u.settle(store.Refused, ReasonCalendarInvite)
	default:
		return false
	}
	if u.event.Verdict == store.Refused {
		u.subject = u.ownSubject()
		if _, _, marked := u.withoutMark(u.event.Text); marked {
			u.event.Nameless = true // its subject alone would tell who asks later
		}
	}
	return true
}

// meaning is what a colleague's message does, and why.
func (u *understanding) meaning() ([]store.Act, string) {
	text := u.event.Text
	if u.trimmed.Signed && u.letter == nil && u.subject != "" && u.subjectSpeaks() {
		u.tell("there is nothing but a signature")
		text, u.event.Text = "", ""
	}
	if text == "" && u.subject != "" && !u.generic(u.subject) {
		u.tell("there is no text; the subject speaks")
		text = u.subject
	}
	if text == "" {
		if u.letter != nil {
			return nil, ReasonNothingNew
		}
		if acts, reason, ok := u.commandInSubject(); ok {
			return acts, reason
		}
		if u.text = u.readText(u.subject, nil); anyHas(u.text.all(), "thanks") && u.courtesy(u.text) {
			return u.chat(0, ReasonCourtesy)
		}
		return nil, ReasonNoText
	}
	if u.uncut() {
		if u.greetsWriter(text) {
			u.tell("it greets its own writer: that is our letter speaking")
			return nil, ReasonNothingNew
		}
		text = u.opening(text)
	}
	if acts, reason, ok := u.answerAndMore(text); ok {
		return acts, reason
	}
	u.text = u.readText(text, u.barelyNamed())
	if u.reaction() {
		u.tell("a mail program wrote it for a tap on a smiley")
		return u.chat(u.about(), ReasonCourtesy)
	}
	if word, ok := u.wordless(); ok {
		u.tell("its pictures say %s", word)
		u.drawn = text
		u.text = u.readText(word, nil)
	}
	if len(u.text.tokens) == 0 && u.letter == nil && utf8.RuneCountInString(text) == len(text) {
		return nil, ReasonNoText // "???"
	}
	if acts, reason, ok := u.wantsNoName(text); ok {
		return acts, reason
	}
	if acts, reason, ok := u.askNameless(text); ok {
		return acts, reason
	}
	if acts, reason, ok := u.forgets(); ok {
		return acts, reason
	}
	if u.view.Pending != nil && u.answersQuestion() {
		if acts, reason, ok := u.answerToQuestion(); ok {
			return acts, reason
		}
	}
	if acts, reason, ok := u.notMine(); ok {
		return acts, reason
	}
	if acts, reason, ok := u.takesBack(); ok {
		return acts, reason
	}
	if acts, reason, ok := u.commands(); ok {
		return acts, reason
	}
	if acts, reason, ok := u.aboutHeld(); ok {
		return acts, reason
	}
	if u.letter == nil {
		return u.fresh()
	}
	if n := u.about(); n != 0 {
		return u.aboutOne(n)
	}
	return u.aboutList()
}

// subjectSpeaks says whether the subject alone is worth reading.
func (u *understanding) subjectSpeaks() bool {
	_, ok := u.commandOf(words.Tokens(head(u.subject, 300)))
	return ok || !u.generic(u.subject)
}

// uncut says whether an answer may have our own letter in it, unnoticed: its
// words are no longer remembered, and no mark of a quote was found.
func (u *understanding) uncut() bool {
	if u.letter == nil || u.letter.Text != "" || u.letter.HTML != "" {
		return false
	}
	for _, cut := range u.trimmed.Cuts {
		if cut.Why != "signature" && cut.Why != "disclaimer" && cut.Why != "banner" {
			return false
		}
	}
	return true
}

// greetsWriter says whether the text begins by greeting the very person who
// wrote it, as our letters do.
func (u *understanding) greetsWriter(text string) bool {
	tokens := words.Tokens(firstLine(text))
	name := words.Fold(u.view.Writer.FirstName())
	return len(tokens) >= 2 && len(tokens) <= 4 && name != "" && tokens[len(tokens)-1].Fold == name && u.words.Is("greeting", tokens[0].Fold)
}

// opening is the greeting and the first paragraph of a long text.
func (u *understanding) opening(text string) string {
	const long = 40
	if len(strings.Fields(head(text, readable))) <= long {
		return text
	}
	u.tell("our letter's words are forgotten and no quote was found, so only the opening counts")
	end := 0
	for paragraph := range strings.SplitAfterSeq(text, "\n\n") {
		end += len(paragraph)
		if len(strings.Fields(paragraph)) > 4 {
			break
		}
	}
	return strings.TrimSpace(text[:end])
}

// barelyNamed are the asks that a number without # may mean: those the letter
// listed, those that wait in a question, and those the writer has a part in.
func (u *understanding) barelyNamed() map[int64]bool {
	named := map[int64]bool{}
	for _, n := range u.listed() {
		named[n] = true
	}
	if q := u.view.Pending; q != nil {
		for _, n := range q.Candidates {
			named[n] = true
		}
	}
	for n := range u.view.Asks {
		if u.role(n) != store.RoleNone {
			named[n] = true
		}
	}
	if u.letter == nil || len(items(u.letter)) == 0 {
		for i := range u.view.Recent {
			for _, n := range items(&u.view.Recent[i]) {
				named[n] = true
			}
		}
	}
	return named
}

// generic says whether a subject says nothing: "Help please", "Question".
func (u *understanding) generic(subject string) bool {
	tokens := words.Tokens(head(subject, 300))
	if len(tokens) == 0 {
		return true
	}
	return len(tokens) <= 6 && (u.words.IsLine("generic", joinFolded(tokens)) || u.allSmall(tokens))
}

func (u *understanding) allSmall(tokens []words.Token) bool {
	for _, t := range tokens {
		if !u.words.Is("small", t.Fold) && !u.words.Is("greeting", t.Fold) {
			return false
		}
	}
	return true
}

// describe is an act in a few words, without the person's.
func describe(a store.Act) string {
	var b strings.Builder
	b.WriteString(string(a.Kind))
	if a.Ask != 0 {
		b.WriteString(" #" + itoa(a.Ask))
	}
	if a.Via != "" {
		b.WriteString(" (by " + a.Via + ")")
	}
	if !a.Until.IsZero() {
		b.WriteString(" until " + a.Until.String())
	}
	if !a.NeededBy.IsZero() {
		b.WriteString(" needed by " + a.NeededBy.String())
	}
	if len(a.Candidates) > 0 {
		b.WriteString(", perhaps")
		for _, n := range a.Candidates {
			b.WriteString(" #" + itoa(n))
		}
	}
	return b.String()
}
