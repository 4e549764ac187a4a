package trim

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// token is one word of a text: where it stands, and what it is when case,
// punctuation and typography are taken away.
type token struct {
	line       int
	start, end int // bytes of the line's text
	word       string
}

// manyWords bounds what is aligned; a whole year of digests has fewer.
const manyWords = 50000

// tokens are the words of some lines. Targets of links are left out: programs
// print them, leave them away, or wrap them as they like.
func tokens(ls []string) []token {
	var out []token
	s := splitter{}
	for i, l := range ls {
		if len(out) >= manyWords {
			break
		}
		out = s.line(out, i, l)
	}
	return out
}

// splitter splits lines into words; a link's target may go over several.
type splitter struct {
	until byte // the bracket that ends a target being passed over; 0: none
	lines int  // how many lines it has been
}

func (s *splitter) line(out []token, n int, l string) []token {
	i := 0
	if s.until != 0 {
		s.lines++
		j := strings.LastIndexByte(quoteless(l), s.until)
		switch {
		case j >= 0:
			i = len(l) - len(quoteless(l)) + j + 1
			s.until = 0
		case s.lines > 8:
			s.until = 0
		default:
			return out
		}
	}
	for i < len(l) && len(out) < manyWords {
		if skip := s.target(l[i:]); skip > 0 {
			i += skip
			continue
		}
		c, size := utf8.DecodeRuneInString(l[i:])
		if !wordRune(c) && !unicode.Is(unicode.So, c) {
			i += size
			continue
		}
		j := i + size
		if !single(c) {
			for j < len(l) {
				d, m := utf8.DecodeRuneInString(l[j:])
				if (d == '\'' || d == '’') && j+m < len(l) {
					if e, _ := utf8.DecodeRuneInString(l[j+m:]); unicode.IsLetter(e) {
						j += m
						continue
					}
				}
				if !wordRune(d) || single(d) {
					break
				}
				j += m
			}
		}
		out = append(out, token{line: n, start: i, end: j, word: foldWord(l[i:j])})
		i = j
	}
	return out
}

// quoteless is a line without the quote marks at its beginning.
func quoteless(l string) string { return strings.TrimLeft(l, "> \t|") }

// target says how many bytes at the beginning are a link's target: <http…>,
// (http…), [image: …], or a bare address of a page.
func (s *splitter) target(l string) int {
	switch l[0] {
	case '<', '(', '[':
		inner := strings.ToLower(strings.TrimLeft(l[1:min(len(l), 20)], " "))
		if l[0] == '<' && inner == "" && len(l) == 1 { // broken right behind the bracket
			return 0
		}
		if !link(inner) && !(l[0] == '[' && (strings.HasPrefix(inner, "image:") || strings.HasPrefix(inner, "cid:") || strings.HasPrefix(inner, "bild:"))) {
			return 0
		}
		end := byte('>')
		if l[0] == '(' {
			end = ')'
		} else if l[0] == '[' {
			end = ']'
		}
		if j := strings.IndexByte(l, end); j > 0 {
			return j + 1
		}
		s.until, s.lines = end, 0
		return len(l)
	case 'h', 'H', 'm', 'M', 'w', 'W':
		if !link(strings.ToLower(l[:min(len(l), 10)])) {
			return 0
		}
		if j := strings.IndexAny(l, " \t<>()[]\""); j > 0 {
			return j
		}
		return len(l)
	}
	return 0
}

func link(s string) bool {
	return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "mailto:") || strings.HasPrefix(s, "www.")
}

func wordRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) }

// single says whether a character is a word by itself: scripts written without
// blanks, and emoji.
func single(c rune) bool {
	return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.So)
}

func foldWord(s string) string {
	if strings.ContainsAny(s, "'’") {
		s = strings.NewReplacer("'", "", "’", "").Replace(s)
	}
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return strings.ToLower(norm.NFKC.String(s))
		}
	}
	return strings.ToLower(s)
}
