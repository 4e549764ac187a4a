package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Token is one word or number of a text.
type Token struct {
	Raw        string
	Fold       string // lower case, without accents and apostrophes
	Start, End int    // in bytes
	Before     rune   // the character that touches it on the left; 0: none or space
	After      rune   // the same on the right
}

// Number says whether the token consists of digits alone.
func (t Token) Number() bool {
	for i := range len(t.Fold) {
		if t.Fold[i] < '0' || t.Fold[i] > '9' {
			return false
		}
	}
	return t.Fold != ""
}

// Name says whether the token could be a person: capitalised, or an address.
func (t Token) Name() bool {
	r, _ := utf8.DecodeRuneInString(t.Raw)
	return unicode.IsUpper(r) || strings.Contains(t.Raw, "@")
}

// Tokens splits a text into words and numbers. Dates and times ("7.12.",
// "27/11", "09:30"), compounds ("x-ray") and addresses stay whole.
func Tokens(s string) []Token {
	var tokens []Token
	last := rune(0)
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !wordRune(r) {
			last = r
			i += size
			continue
		}
		start := i
		i = wordEnd(s, i)
		t := Token{Raw: s[start:i], Start: start, End: i}
		if !unicode.IsSpace(last) {
			t.Before = last
		}
		if after, _ := utf8.DecodeRuneInString(s[i:]); i < len(s) && !unicode.IsSpace(after) {
			t.After = after
		}
		t.Fold = Fold(t.Raw)
		last = 0
		if t.Fold != "" {
			tokens = append(tokens, t)
		}
	}
	return tokens
}

// wordRune says whether a character belongs to words.
func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r)
}

// wordEnd is where the word that begins at i ends.
func wordEnd(s string, i int) int {
	digits := true // so far
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if wordRune(r) {
			digits = digits && (unicode.IsDigit(r))
			i += size
			continue
		}
		next, _ := utf8.DecodeRuneInString(s[i+size:])
		inner := i+size < len(s) && wordRune(next)
		switch {
		case inner && strings.ContainsRune("'’‘`´@_-\u00ad\u2010\u2011", r):
		case inner && unicode.IsDigit(next) && strings.ContainsRune(".:/", r) && digitBefore(s, i):
			digits = true
		case inner && r == '.' && strings.Contains(lastWord(s, i), "@"): // the domain of an address
		case r == '.' && digits && dottedDate(s, i):
			return i + size // "7.12."
		default:
			return i
		}
		i += size
	}
	return i
}

func digitBefore(s string, i int) bool { return i > 0 && s[i-1] >= '0' && s[i-1] <= '9' }

// lastWord is what stands before i back to a blank, at most 80 bytes.
func lastWord(s string, i int) string {
	start := max(0, i-80)
	if b := strings.LastIndexAny(s[start:i], " \n\t<("); b >= 0 {
		start += b + 1
	}
	return s[start:i]
}

// dottedDate says whether the digits and dots before i are "7.12".
func dottedDate(s string, i int) bool {
	word := lastWord(s, i)
	day, month, ok := strings.Cut(word, ".")
	return ok && len(day) >= 1 && len(day) <= 2 && len(month) >= 1 && len(month) <= 2 &&
		strings.Trim(day+month, "0123456789") == ""
}

// Fold lower-cases a word or phrase and takes off accents, apostrophes and
// soft hyphens, so that "Können", "can’t" and "CANT" are found by one spelling.
func Fold(s string) string {
	plain := true
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c >= 'A' && c <= 'Z' || c == '\'' || c == '`' {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), strings.ContainsRune("'’‘`´\u00ad", r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'œ' || r == 'Œ':
			b.WriteString("oe")
		case r == 'æ' || r == 'Æ':
			b.WriteString("ae")
		case r == '‐' || r == '‑':
			b.WriteByte('-')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
