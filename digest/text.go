package digest

import (
	"fmt"
	"strings"
	"unicode"
)

// columns is how wide the text part is: format=flowed asks for at most 78 and
// recommends less, so that answers can quote it (RFC 3676 section 4.2).
const columns = 72

// softBreak at the end of a line says that the paragraph goes on in the next
// one, so that a phone can fill its own lines (RFC 3676 section 4.1).
const softBreak = " "

// drawText draws a letter as plain lines. A heading stands on a line of its
// own between blank lines; a person's words are quoted with ">"; taps are left
// to the HTML part, the paragraphs say how to answer.
func (l *language) drawText(blocks []block, footer []string) string {
	var b strings.Builder
	for i, blk := range blocks {
		lines := l.textLines(blk)
		if len(lines) == 0 {
			continue
		}
		if b.Len() > 0 && (blk.kind != blockPoint && blk.kind != blockLine || blocks[i-1].kind != blk.kind) {
			b.WriteByte('\n')
		}
		for _, line := range lines {
			b.WriteString(line + "\n")
		}
	}
	if len(footer) > 0 {
		b.WriteString("\n-- \n") // the signature's mark keeps its space (RFC 3676 section 4.3)
		for _, f := range footer {
			for _, line := range l.wrap(f, "", "") {
				b.WriteString(line + "\n")
			}
		}
	}
	return b.String()
}

func (l *language) textLines(b block) []string {
	switch b.kind {
	case blockTitle:
		return append(l.wrap(b.text, "", ""), l.wrap(b.sub, "", "")...)
	case blockHeading, blockPara:
		return l.wrap(b.text, "", "")
	case blockPoint:
		return l.wrap(b.text, "- ", "  ")
	case blockQuote:
		var lines []string
		for i, p := range b.paras {
			if i > 0 {
				lines = append(lines, ">")
			}
			lines = append(lines, l.wrap(p, "> ", "> ")...)
		}
		return lines
	case blockLine:
		return l.wrap(fmt.Sprintf("#%d %s%s", b.card.Number, b.card.Title, b.text), "", "")
	case blockCard:
		lines := l.wrap(fmt.Sprintf("#%d %s", b.card.Number, b.card.Title), "", "")
		lines = append(lines, l.wrap(b.card.Body, "", "")...)
		return append(lines, l.wrap(b.card.Meta, "", "")...)
	}
	return nil
}

// wrap breaks one paragraph into lines of at most 72 columns. No line begins
// with a number, "#17", ">" or a word that acts when it comes first ("stop",
// "withdraw"): if a mail program quotes without a mark, such a line of ours
// must not read like an answer. A web address is not broken.
func (l *language) wrap(s, first, rest string) []string {
	words := strings.Fields(s)
	if len(words) == 0 {
		return nil
	}
	var lines []string
	prefix, line := first, ""
	soft := ""
	if rest == "" { // a quotation's or a list's lines do not run on
		soft = softBreak
	}
	room := func() int { return columns - width(prefix) - width(soft) }
	flush := func(end string) {
		lines = append(lines, prefix+line+end)
		prefix, line = rest, ""
	}
	for len(words) > 0 {
		n := 1
		for n < len(words) && l.glued(words[n]) && width(strings.Join(words[:n+1], " ")) <= room() {
			n++
		}
		chunk := strings.Join(words[:n], " ")
		words = words[n:]
		switch {
		case line == "":
			line = chunk
		case width(line)+1+width(chunk) <= room():
			line += " " + chunk
		default:
			flush(soft)
			line = chunk
		}
		for width(line) > room() && !isLink(line) {
			head, tail := splitAt(line, room())
			line = head
			flush("")
			line = tail
		}
	}
	if line != "" {
		flush("")
	}
	return lines
}

func (l *language) glued(word string) bool {
	if word[0] == '>' || word == "--" {
		return true
	}
	bare := strings.TrimFunc(strings.ToLower(word), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return l.glue[bare] || bare != "" && strings.Trim(bare, "0123456789") == ""
}

func isLink(s string) bool {
	return strings.Contains(s, "://") || strings.HasPrefix(strings.ToLower(s), "www.") || strings.Contains(s, "@")
}

// splitAt cuts a word that is wider than a line.
func splitAt(s string, room int) (head, tail string) {
	w := 0
	for i, r := range s {
		if w += runeWidth(r); w > room && i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}

// width counts the columns of a terminal: East Asian wide characters take two,
// combining marks none (Unicode TR 11).
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115F, r >= 0x2E80 && r <= 0x303E, r >= 0x3041 && r <= 0xA4CF, r >= 0xAC00 && r <= 0xD7A3,
		r >= 0xF900 && r <= 0xFAFF, r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60, r >= 0xFFE0 && r <= 0xFFE6,
		r >= 0x1F300 && r <= 0x1FAFF, r >= 0x20000 && r <= 0x3FFFD:
		return 2
	}
	return 1
}
