package mailbox

import (
	"slices"
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// An answer to a question of ours may say more than the answer: "Yes, that was
// me. And could somebody cover my duty on Friday?" Such words are read as a mail
// of their own, with one difference: what asks for nothing in plain words is not
// published as an ask, since it may explain the answer. It is asked about.

// beside is what words that stand beside an answer do; nothing if they are a
// courtesy, a signature, or say the same in other words. The message itself stays
// as it is.
func (u *understanding) beside(text string) []store.Act {
	if text == "" {
		return nil
	}
	event := *u.event
	event.Files = slices.Clone(event.Files)
	v := *u
	v.event = &event
	acts, reason := v.besideAlone(text)
	acts, _ = v.careful(acts, reason)
	u.event.Trace, u.event.Nameless = event.Trace, event.Nameless
	return acts
}

// besideAlone reads them in place of the message.
func (u *understanding) besideAlone(text string) ([]store.Act, string) {
	text = withoutAnd(u.withoutOurs(text))
	u.event.Text, u.event.Answers = text, ""
	u.letter, u.subject, u.drawn, u.aside = nil, "", "", true
	u.reply, u.forward = false, false
	u.view.Pending, u.trimmed.Signed = nil, false
	if u.text = u.readText(text, nil); text == "" || u.courtesy(u.text) || u.onlyMe() {
		return nil, ReasonConfirmAgain
	}
	u.tell("it says more: %q", shorten(text, 60))
	acts, reason := u.meaning()
	if reason == ReasonNoText || reason == ReasonNothingNew || !slices.ContainsFunc(acts, func(a store.Act) bool { return a.Kind != store.ActChat }) {
		return nil, ReasonConfirmAgain
	}
	for i := range acts {
		if a := &acts[i]; a.Kind == store.ActUnclear && len(a.Candidates) == 0 {
			a.Candidates = u.ownByName()
		}
	}
	return acts, reason
}

// ownByName are the writer's own asks of which it is known whose they are.
func (u *understanding) ownByName() []int64 {
	return slices.DeleteFunc(slices.Clone(u.own()), func(n int64) bool { return u.view.Asks[n].Anonymous })
}

// withoutAnd takes off the word that joins a text to the answer before it.
func withoutAnd(text string) string {
	tokens := words.Tokens(head(text, 100))
	if len(tokens) < 3 || tokens[0].After != 0 && tokens[0].After != ',' {
		return text
	}
	switch tokens[0].Fold {
	case "and", "but", "also", "und", "aber", "et", "mais", "y", "pero", "maar":
		return capitalised(strings.TrimLeft(text[tokens[0].End:], " ,\u00a0"))
	}
	return text
}

// withoutOurs cuts a text where it begins to repeat the letter that it answers:
// a quote without a mark. That letter repeats what somebody may have written in
// another's name.
func (u *understanding) withoutOurs(text string) string {
	const same = 5 // words in a row
	if u.letter == nil {
		return text
	}
	ours := " " + joinFolded(words.Tokens(head(u.letter.Text, readable))) + " "
	tokens := words.Tokens(head(text, readable))
	for i := range tokens {
		if i+same <= len(tokens) && strings.Contains(ours, " "+joinFolded(tokens[i:i+same])+" ") {
			return strings.TrimSpace(text[:tokens[i].Start])
		}
	}
	return text
}
