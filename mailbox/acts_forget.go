package mailbox

import (
	"regexp"
	"slices"
	"strings"

	"askfirst/store"
)

// The yes to "shall we forget you?" is the only word that cannot be taken back,
// so it needs more than a word: it answers our letter by its Message-ID, which
// nobody else can know, or it quotes the code that stands in the letter.

// forgets reads the answer to that letter.
func (u *understanding) forgets() ([]store.Act, string, bool) {
	if u.letter == nil || u.letter.Kind != store.KindForgetConfirm || u.letter.To != u.view.Writer.ID {
		return nil, "", false
	}
	said := u.says(u.text)
	c, again := u.commandOf(u.text.tokens)
	again = again && c.kind == store.ActForget
	p := u.volunteers(said)
	short := len(said) > 0 && len(u.text.tokens) <= 16
	switch {
	case p < 0:
		acts, reason := u.chat(0, ReasonTalk)
		return acts, reason, true
	case u.text.asked:
		u.tell("it asks something, and our letter says what would happen: it comes once more")
		return []store.Act{{Kind: store.ActForget, Text: u.words0()}}, ReasonCommand, true
	case again, short && p > 0, short && anyHas(said[:1], "okay", "consent"):
		if !u.proven() {
			u.tell("it neither answers our question by its Message-ID nor quotes its code")
			return []store.Act{{Kind: store.ActForget, Text: u.words0()}}, ReasonCommand, true
		}
		return []store.Act{{Kind: store.ActForget, Text: u.words0(), Via: store.ViaForgetConfirm}}, ReasonForgetConfirm, true
	case u.courtesy(u.text):
		acts, reason := u.chat(0, ReasonCourtesy)
		return acts, reason, true
	}
	return nil, "", false
}

// codePattern is what the code looks like; digest prints it.
var codePattern = regexp.MustCompile(`\bforget-[a-z2-7]{8}\b`)

// proven says whether the message can only have been written by somebody who has
// our letter.
func (u *understanding) proven() bool {
	for _, l := range u.view.Letters {
		if l.Key == u.letter.Key {
			return true
		}
	}
	return u.codeQuoted()
}

// provesWriter is proven without the tag in the address that a message was sent
// to: address books keep those. It proves who wrote a message that nothing else
// proves, as the yes to "did you just write this?" does.
func (u *understanding) provesWriter() bool {
	return slices.Contains(answers(u.m), u.letter.MessageID) || u.codeQuoted()
}

// codeQuoted says whether the message has the letter's code in it.
func (u *understanding) codeQuoted() bool {
	code := codePattern.FindString(u.letter.Text)
	return code != "" && strings.Contains(textOf(u.m), code)
}
