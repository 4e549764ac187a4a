package parse

import (
	"strconv"
	"strings"
	"unicode/utf16"
)

// rtfText is the text of an RTF document: plain, or the HTML that Outlook hid
// in it when it turned HTML into RTF (MS-OXRTFEX).
func rtfText(b []byte) segment {
	if !strings.HasPrefix(string(b[:min(len(b), 6)]), `{\rtf`) {
		return segment{}
	}
	r := rtf{rest: b, page: "windows-1252", group: rtfGroup{wide: 1}}
	for len(r.rest) > 0 && r.out.Len() < longestText {
		r.step()
	}
	r.flush()
	text := clean(r.out.String())
	if r.html {
		return segment{html: text}
	}
	return segment{plain: text}
}

// rtfGroup is what holds between two braces.
type rtfGroup struct {
	hidden bool // a table of fonts, a picture, whatever is no text
	seen   bool // of the HTML: a tag, which was put where only HTML readers look
	rtf    bool // of the HTML: for readers of RTF only
	wide   int  // how many characters stand after each \u for those that do not know it
}

type rtf struct {
	rest  []byte
	out   strings.Builder
	bytes []byte // of the code page, not yet decoded
	page  string
	html  bool
	skip  int  // characters that stand for a \u already written
	high  rune // the first half of a character that UTF-16 writes in two
	group rtfGroup
	stack []rtfGroup
}

func (r *rtf) flush() {
	if len(r.bytes) > 0 {
		r.out.WriteString(decodeText(r.bytes, r.page))
		r.bytes = r.bytes[:0]
	}
}

// shown says whether what stands here belongs to the text.
func (r *rtf) shown() bool {
	return (!r.group.hidden || r.group.seen) && (!r.html || !r.group.rtf || r.group.seen)
}

func (r *rtf) put(s string) {
	if r.skip > 0 {
		r.skip--
		return
	}
	if r.shown() {
		r.flush()
		r.out.WriteString(s)
	}
}

func (r *rtf) octet(c byte) {
	if r.skip > 0 {
		r.skip--
		return
	}
	if r.shown() {
		r.bytes = append(r.bytes, c)
	}
}

// unit writes one unit of UTF-16.
func (r *rtf) unit(c rune) {
	switch {
	case c >= 0xd800 && c < 0xdc00:
		r.high = c
	case utf16.IsSurrogate(c):
		r.put(string(utf16.DecodeRune(r.high, c)))
	default:
		r.put(string(c))
	}
}

func (r *rtf) step() {
	c := r.rest[0]
	r.rest = r.rest[1:]
	switch c {
	case '{':
		if len(r.stack) < 1000 {
			r.stack = append(r.stack, r.group)
		}
	case '}':
		if n := len(r.stack); n > 0 {
			r.flush()
			r.group, r.stack = r.stack[n-1], r.stack[:n-1]
			r.skip = 0
		}
	case '\\':
		r.control()
	case '\r', '\n':
	default:
		r.octet(c)
	}
}

// control reads what stands after a backslash.
func (r *rtf) control() {
	if len(r.rest) == 0 {
		return
	}
	c := r.rest[0]
	if c|0x20 >= 'a' && c|0x20 <= 'z' {
		r.word()
		return
	}
	r.rest = r.rest[1:]
	switch c {
	case '\'':
		if len(r.rest) >= 2 && unhex(r.rest[0]) >= 0 && unhex(r.rest[1]) >= 0 {
			r.octet(byte(unhex(r.rest[0])<<4 | unhex(r.rest[1])))
			r.rest = r.rest[2:]
		}
	case '*':
		r.group.hidden, r.group.seen = true, false
	case '\\', '{', '}':
		r.octet(c)
	case '~':
		r.put("\u00a0")
	case '_':
		r.put("-")
	case '\r', '\n':
		r.put("\n")
	}
}

// word reads a control word with its number.
func (r *rtf) word() {
	i := 0
	for i < len(r.rest) && i < 40 && r.rest[i]|0x20 >= 'a' && r.rest[i]|0x20 <= 'z' {
		i++
	}
	name := string(r.rest[:i])
	j := i
	for j < len(r.rest) && j < i+11 && (digit(r.rest[j]) || j == i && r.rest[j] == '-') {
		j++
	}
	value, err := strconv.Atoi(string(r.rest[i:j]))
	if err != nil {
		value = 1
	}
	if j < len(r.rest) && r.rest[j] == ' ' {
		j++
	}
	r.rest = r.rest[j:]
	switch name {
	case "par", "line", "row", "sect", "page":
		r.put("\n")
	case "tab", "cell":
		r.put("\t")
	case "emdash":
		r.put("—")
	case "endash":
		r.put("–")
	case "lquote":
		r.put("‘")
	case "rquote":
		r.put("’")
	case "ldblquote":
		r.put("“")
	case "rdblquote":
		r.put("”")
	case "bullet":
		r.put("•")
	case "u":
		r.skip = 0
		r.unit(rune(uint16(value)))
		r.skip = r.group.wide
	case "uc":
		r.group.wide = min(max(value, 0), 8)
	case "ansicpg":
		r.page = "cp" + strconv.Itoa(value)
	case "fromhtml":
		r.html = true
	case "htmltag":
		r.group.seen = true
	case "htmlrtf":
		r.group.rtf = value != 0
	case "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "header", "footer", "generator", "themedata", "datastore", "listtable", "listoverridetable":
		r.group.hidden, r.group.seen = true, false
	}
}
