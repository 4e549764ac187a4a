package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// "Send. And could somebody also cover my duty on Friday?" answers a question of
// ours and asks for something in the same breath. The two are read apart: what
// stands before the first sentence that plainly asks everybody for something, or
// is a word about the exchange itself, answers; the rest is a mail of its own.

// putsQuestion says whether a letter of a kind ends with a question to its reader.
func putsQuestion(kind string) bool {
	switch kind {
	case store.KindHeld, store.KindStillHeld, store.KindLetGo, store.KindDidItHelp, store.KindMayIShare, store.KindKnownAddress,
		store.KindWhichPerson, store.KindWhichAsk, store.KindForgetConfirm, store.KindStillLooking, store.KindExpired:
		return true
	}
	return false
}

// answerAndMore reads an answer that goes on to something else. ok is false when
// it does not, or when one of the two is not clear by itself.
func (u *understanding) answerAndMore(text string) ([]store.Act, string, bool) {
	if u.aside || u.letter == nil || u.letter.Veiled || !putsQuestion(u.letter.Kind) {
		return nil, "", false
	}
	at := u.moreAt(text)
	if at == 0 {
		return nil, "", false
	}
	answer, more := *u, *u
	first, second := *u.event, *u.event
	first.Text, second.Text = strings.TrimSpace(text[:at]), text[at:]
	second.Files = slices.Clone(second.Files)
	answer.event, more.event = &first, &second
	answer.aside = true // it is not cut again
	acts, _ := answer.meaning()
	others, why := more.besideAlone(text[at:])
	vague := func(a store.Act) bool { return a.Kind == store.ActUnclear }
	if len(acts) == 0 || len(others) == 0 || slices.ContainsFunc(acts, vague) || slices.ContainsFunc(others, vague) || second.Nameless {
		return nil, "", false
	}
	u.event.Trace, u.event.Nameless = append(first.Trace, second.Trace[len(u.event.Trace):]...), first.Nameless
	u.text, u.drawn = answer.text, answer.drawn
	u.tell("it answers our letter, and asks for something else")
	if acts[0].Via == store.ViaForgetConfirm {
		acts = []store.Act{{Kind: store.ActForget, Text: acts[0].Text}} // whoever wants something wants it done first
	}
	if !slices.ContainsFunc(acts, func(a store.Act) bool { return a.Kind != store.ActChat }) {
		return others, why, true
	}
	return append(acts, others...), ReasonSeveral, true
}

// moreAt is where the first sentence after the first begins that speaks of
// something else than our letter; 0: none does.
func (u *understanding) moreAt(text string) int {
	r := u.readText(text, nil)
	from := 0
	for i, sentence := range r.sentences {
		at := strings.Index(text[from:], sentence)
		if at < 0 {
			return 0
		}
		at += from
		from = at + len(sentence)
		if i > 0 && at > 0 && u.startsAnew(r, i, sentence) {
			return at
		}
	}
	return 0
}

// startsAnew says whether a sentence is a command, or asks everybody for
// something that is not what our letter is about.
func (u *understanding) startsAnew(r *reading, sentence int, text string) bool {
	if c, ok := u.commandOf(words.Tokens(withoutAnd(text))); ok && c.kind != store.ActUndo {
		return true
	}
	for i := range r.clauses {
		c := &r.clauses[i]
		if c.sentence != sentence || len(c.numbers) > 0 || slices.ContainsFunc(c.tokens, func(t words.Token) bool { return pronoun(t.Fold) }) {
			continue
		}
		need := c.has("ownneed") && !c.has("noneed") && len(u.content(c.text)) > 0
		if (need || u.asksAround(c)) && !u.sharesTitle(text) {
			return true
		}
	}
	return false
}

// sharesTitle says whether a text has a word of the title of the ask that our
// letter is about.
func (u *understanding) sharesTitle(text string) bool {
	n := u.about()
	if n == 0 {
		return false
	}
	content := u.content(text)
	return slices.ContainsFunc(u.content(u.view.Asks[n].Title), func(w string) bool {
		return slices.ContainsFunc(content, func(t string) bool { return alike(t, w) })
	})
}
