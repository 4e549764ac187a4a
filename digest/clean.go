package digest

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a person's text safe to show, line breaks kept: no control
// characters, no bidirectional controls (they can make a line read as
// something else, Unicode TR 36 section 2.5), nothing invisible, no towers of
// combining marks, valid UTF-8.
func clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\u0085", "\n").Replace(s)
	var b strings.Builder
	b.Grow(len(s))
	marks, joined := 0, true
	for _, r := range s {
		if r >= ' ' && r < 0x7F { // most of every text
			b.WriteByte(byte(r))
			marks, joined = 0, false
			continue
		}
		if r != '\n' && !unicode.IsSpace(r) && invisible(r) {
			continue // nor does it part what stands on its two sides
		}
		joiner := r == '\u200C' || r == '\u200D'
		switch {
		case unicode.Is(unicode.M, r):
			if marks++; marks > 3 {
				continue
			}
		case !joiner:
			marks = 0
		case joined: // a row of them joins nothing
			continue
		}
		joined = joiner
		switch {
		case r == '\n':
			b.WriteRune(r)
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// invisible says that a character draws nothing of its own. The two joiners
// stay: Persian words and many emoji need them.
func invisible(r rune) bool {
	switch {
	case r == '\u200C' || r == '\u200D':
		return false
	case r == '\u2800' || r == '\u034F' || r == '\u115F' || r == '\u1160' || r == '\u3164' || r == '\uFFA0':
		return true
	case r >= 0xE0000 && r <= 0xE0FFF:
		return true
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Co, r)
}

// fold is clean text on one line.
func fold(s string) string { return strings.Join(strings.Fields(clean(s)), " ") }

// paragraphs splits clean text at blank lines, each paragraph on one line.
func paragraphs(s string) []string {
	var out []string
	var lines []string
	flush := func() {
		if len(lines) > 0 {
			out = append(out, strings.Join(strings.Fields(strings.Join(lines, " ")), " "))
			lines = nil
		}
	}
	for line := range strings.SplitSeq(clean(s), "\n") {
		if strings.TrimSpace(line) == "" {
			flush()
			continue
		}
		lines = append(lines, line)
	}
	flush()
	return out
}

// shorten cuts one line of text to at most limit characters, at a word's
// border, and says so with an ellipsis. A character with its combining marks
// or joiners is never torn.
func shorten(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit {
		return s
	}
	runes := []rune(s)
	end := limit - 1
	for end > 0 && (tied(runes[end]) || runes[end-1] == '\u200D') {
		end--
	}
	cut := string(runes[:end])
	if runes[end] != ' ' {
		// A border in the last half will do; a longer word is cut inside.
		if space := strings.LastIndexByte(cut, ' '); space > len(cut)/2 {
			cut = cut[:space]
		}
	}
	return strings.TrimRight(cut, " ,;:.-(\"'") + "…"
}

func tied(r rune) bool {
	return unicode.Is(unicode.Mn, r) || r == '\u200D' || r == '\uFE0F' || r >= 0x1F3FB && r <= 0x1F3FF
}

// gist is the ask's own words for a card: without the greeting on its first
// line and the closing formula on its last ones, in one paragraph.
func (l *language) gist(body, title, asker string) string {
	lines := strings.Split(clean(body), "\n")
	lines = slices.DeleteFunc(lines, func(s string) bool { return strings.TrimSpace(s) == "" })
	if len(lines) > 1 && isFormula(lines[0], l.greetings) {
		lines = lines[1:]
	}
	for len(lines) > 1 {
		last := strings.TrimSpace(lines[len(lines)-1])
		if !isFormula(last, l.closings) && !isName(last, asker) {
			break
		}
		lines = lines[:len(lines)-1]
	}
	text := strings.Join(strings.Fields(strings.Join(lines, " ")), " ")
	if strings.EqualFold(strings.TrimRight(text, " .!?…"), strings.TrimRight(title, " .!?…")) {
		return "" // a subject was the whole ask: the title says it already
	}
	return text
}

// isFormula says whether a line is nothing but a greeting or a closing: at most
// five words, of which the first ones are the formula.
func isFormula(line string, formulas []string) bool {
	line = strings.ToLower(strings.TrimSpace(line))
	if len(strings.Fields(line)) > 5 || strings.HasSuffix(line, "?") || strings.ContainsAny(line, "0123456789") {
		return false
	}
	for _, f := range formulas {
		rest, found := strings.CutPrefix(line, f)
		if found && (rest == "" || !unicode.IsLetter([]rune(rest)[0])) {
			return true
		}
	}
	return false
}

func isName(line, name string) bool {
	line = strings.Trim(strings.ToLower(line), " ,.!-–—")
	name = strings.ToLower(name)
	first, _, _ := strings.Cut(name, " ")
	return line != "" && (line == name || line == first)
}

// plainStart keeps a person's paragraph from looking like something of ours: a
// line that begins with "#17" is an item of a digest, one with ">" a quotation.
func plainStart(s string) string {
	if s == "" {
		return s
	}
	if s[0] == '>' || s[0] == '#' && len(s) > 1 && s[1] >= '0' && s[1] <= '9' || s == "--" || strings.HasPrefix(s, "-- ") {
		return "… " + s
	}
	return s
}
