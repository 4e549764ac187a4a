package words

import (
	"strconv"
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
		if _, ok := circled(r); ok {
			i += size // "④⑰" is two numbers
		} else {
			i = wordEnd(s, i)
		}
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

// wordRune says whether a character belongs to words. The enclosing marks make
// keycaps of digits.
func wordRune(r rune) bool {
	if _, ok := circled(r); ok {
		return true
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r)
}

// circled is the number in a circle, in brackets or with a dot: one character
// that phones and lists make of a number (Unicode blocks Enclosed Alphanumerics,
// Dingbats, Enclosed CJK Letters).
func circled(r rune) (int, bool) {
	if r < 0x2460 || r > 0x32BF {
		return 0, false
	}
	for _, b := range [...]struct{ first, last, value rune }{
		{0x2460, 0x2473, 1}, {0x2474, 0x2487, 1}, {0x2488, 0x249B, 1}, {0x24EB, 0x24F4, 11}, {0x24F5, 0x24FE, 1},
		{0x2776, 0x277F, 1}, {0x2780, 0x2789, 1}, {0x278A, 0x2793, 1}, {0x3251, 0x325F, 21}, {0x32B1, 0x32BF, 36},
	} {
		if r >= b.first && r <= b.last {
			return int(r - b.first + b.value), true
		}
	}
	return 0, false
}

// wordEnd is where the word that begins at i ends.
func wordEnd(s string, i int) int {
	digits := true // so far
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if _, ok := circled(r); ok {
			return i
		}
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
		case inner && r == '.' && (strings.Contains(lastWord(s, i), "@") || addressAhead(s[i+size:])): // in an address
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

// addressAhead says whether the rest of an address follows: "okafor@x.example".
func addressAhead(s string) bool {
	const most = 64 // of the part before the @ (RFC 5321 section 4.5.3.1.1)
	i := strings.IndexByte(s[:min(len(s), most)], '@')
	return i > 0 && strings.Trim(s[:i], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") == ""
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
	if r, size := utf8.DecodeRuneInString(s); size == len(s) {
		if n, ok := circled(r); ok {
			return strconv.Itoa(n)
		}
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Me, r), strings.ContainsRune("'’‘`´\u00ad", r):
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
