package hold

import (
	"strings"

	"askfirst/mailbox/words"
)

// Answer is what somebody answers who was asked about a held ask.
type Answer int

// The answers.
const (
	Other   Answer = iota // other words for the ask, or anything else
	Send                  // as it is
	Instead               // "send it, but without the name": other words are wanted, and these are none
)

// AnswerOf reads an answer: its first sentence is nothing but "send" in one of
// its spellings. Whoever adds "but" or "without" does not want it as it is.
func AnswerOf(text string) Answer {
	v := Standard().words
	tokens := words.Tokens(head(text, 2000))
	if len(tokens) == 0 {
		return Other
	}
	end := 1 // of the first sentence
	for end < len(tokens) && !strings.ContainsAny(text[tokens[end-1].End:tokens[end].Start], ".!?;:\n,–") {
		end++
	}
	short := len(tokens) <= 12
	if !short && end > 8 {
		return Other
	}
	if sends(v, tokens[:end]) || short && sends(v, tokens) {
		for _, t := range tokens[end:] {
			if v.Is("instead", t.Fold) {
				return Instead
			}
		}
		return Send
	}
	if short && !strings.Contains(text, "?") {
		for _, m := range v.Find(tokens) {
			if m.Class == "instead" && m.Start <= 5 && m.End < len(tokens)+1 && begins(v, tokens) {
				return Instead
			}
		}
	}
	return Other
}

// sends says whether tokens are "send" with small words around it.
func sends(v *words.Vocabulary, tokens []words.Token) bool {
	for from := 0; from < len(tokens); from++ {
		for to := len(tokens); to > from; to-- {
			if line(v, tokens[from:to]) {
				return true
			}
			if !filler(v, tokens[to-1]) {
				break
			}
		}
		if !filler(v, tokens[from]) {
			break
		}
	}
	return false
}

func filler(v *words.Vocabulary, t words.Token) bool { return t.Number() || v.Is("filler", t.Fold) }

// line says whether tokens, numbers aside, are an entry.
func line(v *words.Vocabulary, tokens []words.Token) bool {
	var plain []string
	for _, t := range tokens {
		if !t.Number() {
			plain = append(plain, t.Fold)
		}
	}
	return len(plain) > 0 && v.IsLine("send", strings.Join(plain, " "))
}

// begins says whether a short answer opens with "send" or with what is to be
// changed: it tells us what to do with the words and is no ask itself.
func begins(v *words.Vocabulary, tokens []words.Token) bool {
	for n := min(4, len(tokens)); n > 0; n-- {
		if line(v, tokens[:n]) {
			return true
		}
	}
	for i := 0; i < min(3, len(tokens)); i++ {
		if v.Is("instead", tokens[i].Fold) || i+1 < len(tokens) && v.IsLine("instead", tokens[i].Fold+" "+tokens[i+1].Fold) {
			return true
		}
		if !filler(v, tokens[i]) {
			return false
		}
	}
	return false
}
