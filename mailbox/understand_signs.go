package mailbox

import (
	"strings"

	"askfirst/mailbox/words"
	"askfirst/store"
)

// Pictures that speak: a raised hand volunteers, a cross declines. What a
// program writes for a tap on a smiley is a courtesy and nothing more: nobody
// should find himself introduced for having liked a mail.

// sign is what a picture says.
type sign int

const (
	noSign   sign = iota
	handSign      // 🙋 ✋: me
	yesSign       // 👍 ✅ ❤
	noSignal      // 👎 ❌
)

// signOf is what the first speaking picture in a text says.
func signOf(text string) sign {
	for _, r := range text {
		switch r {
		case '🙋', '✋', '🖐', '🤚', '☝', '🙌':
			return handSign
		case '👍', '👌', '✅', '✔', '☑', '💯', '❤', '🧡', '💛', '💚', '💙', '💜', '🥰', '😍', '🎉', '🤩', '⭐', '🌟', '🆗':
			return yesSign
		case '👎', '❌', '✖', '❎', '🚫', '🙅', '⛔', '🤷':
			return noSignal
		}
	}
	return noSign
}

// wordless reads a text that is pictures alone as the word they stand for, where
// our letter asks for one. ok is false where they are but friendly.
func (u *understanding) wordless() (word string, ok bool) {
	if u.letter != nil && strings.Trim(u.text.text, " .!\n") == "+1" {
		return "me too", true
	}
	if u.letter == nil || len(u.text.tokens) > 0 || u.text.asked {
		return "", false
	}
	asked := u.letter.Kind == store.KindDidItHelp || u.letter.Kind == store.KindMayIShare || u.view.Pending != nil && (u.view.Pending.Kind == "share" || u.view.Pending.Kind == store.KindKnownAddress)
	switch s := signOf(u.text.text); {
	case s == handSign && !u.talking():
		return "me", true
	case s == yesSign && asked:
		return "yes", true
	case s == noSignal && !u.talking():
		return "no", true
	}
	return "", false
}

// reaction says whether a mail program wrote the text for a tap on a smiley:
// "Anna reacted to your message: 👍", "Liked “Borrow a microscope”".
func (u *understanding) reaction() bool {
	if u.m.Kind == "reaction" {
		return true
	}
	tokens := u.text.tokens
	if len(tokens) == 0 || len(tokens) > 40 {
		return false
	}
	if len(tokens) <= 14 && anyHas(u.text.all(), "reaction") {
		return true
	}
	// Telephones: the verb, then a line of ours between quotation marks.
	for n := 1; n <= min(4, len(tokens)); n++ {
		rest := strings.TrimLeft(u.text.text[tokens[n-1].End:], " :\u00a0\u202f")
		if u.words.IsLine("tapback", joinFolded(tokens[:n])) && strings.IndexAny(rest, "\"“„«‘") == 0 {
			return true
		}
	}
	return false
}

// signAround is what the pictures after a clause say, and before it if it is the
// first.
func signAround(text string, tokens []words.Token, start, end int) sign {
	from, to := tokens[start].Start, len(text)
	if start == 0 {
		from = 0
	}
	if end < len(tokens) {
		to = tokens[end].Start
	}
	return signOf(text[from:to])
}
