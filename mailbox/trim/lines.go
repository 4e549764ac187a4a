package trim

import (
	"strings"
	"unicode/utf8"

	"askfirst/mailbox/parse"
)

// Why something was cut: the words of Cut.Why.
const (
	whySent        = "sent"
	whyQuote       = "quote"
	whyAttribution = "attribution"
	whyHeaders     = "header_block"
	whySignature   = "signature"
	whyDisclaimer  = "disclaimer"
	whyBanner      = "banner"
)

// line is one line of the text and what became of it.
type line struct {
	text    string // as written
	bare    string // without quote marks, blanks folded
	depth   int    // how deep it is quoted, by marks or by blockquotes
	mark    parse.Mark
	html    bool
	why     string // why it is cut; "" keeps it
	keep    string // what of it is new, where a part only is; "" all of it
	ask     int64  // the item above it, below the start of a quote
	forward bool   // belongs to a forwarded message
	below   bool   // stands below the start of the quote
}

func (l line) blank() bool { return l.bare == "" }

// most is how many lines are looked at; a letter from a person has fewer.
const most = 20000

// fromPlain takes plain text apart.
func fromPlain(s string) []line {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if strings.TrimSpace(s) == "" {
		return nil
	}
	var ls []line
	initials := initialMarks(s)
	for len(s) > 0 {
		text := s
		if i := strings.IndexByte(s, '\n'); i >= 0 && len(ls) < most {
			text, s = s[:i], s[i+1:]
		} else {
			s = ""
		}
		if initials != "" { // as if the marks were plain ones
			if rest, ok := strings.CutPrefix(strings.TrimLeft(text, " "), initials); ok {
				text = rest
			}
		}
		depth, bare := unquoted(text)
		written := strings.TrimRight(text, " \t\u00a0")
		if text == "-- " { // RFC 3676 section 4.3: the blank tells a signature from a list
			written = text
		}
		ls = append(ls, line{text: written, bare: fold(bare), depth: depth})
	}
	return ls
}

// fromHTML takes HTML apart.
func fromHTML(s string, forward bool) []line {
	var ls []line
	for _, l := range parse.Lines(s) {
		if l.Rule {
			ls = append(ls, line{text: "________________", bare: "________________", depth: l.Quote, mark: l.Mark, html: true})
			continue
		}
		ls = append(ls, line{text: l.Text, bare: fold(l.Text), depth: l.Quote, mark: l.Mark, html: true})
		if len(ls) >= most {
			break
		}
	}
	settle(ls, forward)
	return ls
}

// settle reads the marks of mail programs' HTML. In a container of quoted text
// what stands before the first blockquote says who wrote it, and what stands
// between blockquotes is an inline answer.
func settle(ls []line, forward bool) {
	for i := 0; i < len(ls); {
		switch ls[i].mark {
		case parse.Border:
			for j := i; j < len(ls); j++ {
				if forward {
					ls[j].mark = parse.ForwardMark
				} else {
					ls[j].why = whyQuote
				}
			}
			return
		case parse.Signature:
			ls[i].why = whySignature
		case parse.Quote, parse.Attribution:
			i = settleQuote(ls, i)
			continue
		}
		i++
	}
}

// settleQuote settles one run of lines in containers of quoted text.
func settleQuote(ls []line, from int) int {
	end, deep := from, -1
	for end < len(ls) && (ls[end].mark == parse.Quote || ls[end].mark == parse.Attribution || ls[end].mark == parse.Signature && ls[end].depth > 0) {
		if ls[end].depth > 0 && deep < 0 {
			deep = end
		}
		end++
	}
	first := from
	for first < end && ls[first].blank() {
		first++
	}
	if first < end && forwards(ls[first].bare) { // Gmail puts forwards into the same container
		for i := from; i < end; i++ {
			ls[i].mark = parse.ForwardMark
		}
		return end
	}
	for i := from; i < end; i++ {
		switch {
		case ls[i].mark == parse.Attribution && ls[i].depth == 0:
			ls[i].why = whyAttribution
		case deep < 0 || ls[i].depth > 0:
			ls[i].why = whyQuote
		case i < deep:
			ls[i].why = whyAttribution
		}
	}
	return end
}

// marked says whether the HTML shows the border of a quote and leaves
// something above or between.
func marked(ls []line) bool {
	border, text := false, false
	for _, l := range ls {
		border = border || l.why == whyQuote || l.mark == parse.ForwardMark
		text = text || l.why == "" && !l.blank() && !ruler(l.bare)
	}
	return border && text
}

func blank(ls []line) bool {
	for _, l := range ls {
		if !l.blank() {
			return false
		}
	}
	return true
}

// unquoted counts and takes off the marks of a plain text quote. A mark may
// stand behind blanks, and between marks there may be one.
func unquoted(s string) (int, string) {
	depth, rest := 0, s
	for {
		t := strings.TrimLeft(rest, " \t\u00a0")
		if !strings.HasPrefix(t, ">") || len(rest)-len(t) > 3 && depth == 0 {
			return depth, rest
		}
		depth, rest = depth+1, t[1:]
	}
}

// initialMarks finds the initials that some programs put before the marks of a
// quote, "AB> ", when a text has them on several lines.
func initialMarks(s string) string {
	count := map[string]int{}
	for n := 0; s != "" && n < most; n++ {
		l := s
		if i := strings.IndexByte(s, '\n'); i >= 0 {
			l, s = s[:i], s[i+1:]
		} else {
			s = ""
		}
		l = strings.TrimLeft(l, " ")
		i := 0
		for i < len(l) && i < 4 && (l[i] >= 'A' && l[i] <= 'Z' || i > 0 && l[i] >= 'a' && l[i] <= 'z') {
			i++
		}
		if i == 0 || i == len(l) || l[i] != '>' || i+1 < len(l) && !strings.ContainsRune("> \r", rune(l[i+1])) {
			continue
		}
		if count[l[:i]]++; count[l[:i]] >= 3 {
			return l[:i]
		}
	}
	return ""
}

// fold makes blanks one and drops characters that show nothing.
func fold(s string) string {
	s = strings.Map(func(c rune) rune {
		switch c {
		case '\u200b', '\u200c', '\u200d', '\u200e', '\u200f', '\ufeff', '\u202a', '\u202b', '\u202c', '\u2066', '\u2067', '\u2068', '\u2069', '\u00ad', '\u034f', '\u1427':
			return -1
		}
		return c
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 2*edge { // what is looked for stands at one end of a line
		s = strings.ToValidUTF8(s[:edge], "") + " " + strings.ToValidUTF8(s[len(s)-edge:], "")
	}
	return s
}

// edge is how much of a long line's ends is looked at.
const edge = 1000

// short is the first words of a line, for the story.
func short(s string) string {
	if utf8.RuneCountInString(s) <= 70 {
		return s
	}
	return string([]rune(s)[:69]) + "…"
}

// gather makes the result from the lines that were kept.
func gather(ls []line) Result {
	r := Result{Letter: -1}
	var now []string
	var ask int64
	below := false
	flush := func() {
		if text := tidy(now); text != "" {
			if !below {
				ask = 0
			}
			r.Fragments = append(r.Fragments, Fragment{Text: text, Ask: ask})
		}
		now = nil
	}
	last := ""
	for _, l := range ls {
		if l.why != "" {
			if !l.blank() {
				flush()
				if l.why != last {
					r.Cuts = append(r.Cuts, Cut{Why: l.why, Text: short(l.bare)})
				}
				last = l.why
			}
			continue
		}
		if len(now) > 0 && (l.below != below || l.below && l.ask != ask && !l.blank()) {
			flush()
		}
		if !l.blank() {
			below, ask, last = l.below, l.ask, ""
		} else if len(now) == 0 && l.text == "" {
			continue
		}
		text := l.text
		if l.keep != "" {
			text = l.keep
		}
		now = append(now, text)
	}
	flush()
	texts := make([]string, len(r.Fragments))
	for i, f := range r.Fragments {
		texts[i] = f.Text
	}
	r.Text = strings.Join(texts, "\n\n")
	return r
}

// tidy joins lines: no blank lines or rulers at either end, at most one blank
// line for three and more.
func tidy(lines []string) string {
	bare := func(s string) bool { s = fold(s); return s == "" || ruler(s) }
	for len(lines) > 0 && fold(lines[0]) == "" {
		lines = lines[1:]
	}
	for len(lines) > 0 && bare(lines[len(lines)-1]) {
		lines = lines[:len(lines)-1]
	}
	for len(lines) > 0 && bare(lines[0]) {
		lines = lines[1:]
	}
	var out []string
	empty := 0
	for _, l := range lines {
		l = strings.TrimRight(l, " \t\u00a0")
		if fold(l) == "" {
			empty++
			continue
		}
		if empty >= 3 {
			empty = 1
		}
		for ; empty > 0; empty-- {
			out = append(out, "")
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// ruler says whether a line is drawn, not written: "-----", "_____", "***".
func ruler(s string) bool {
	if s == "" {
		return false
	}
	n := 0
	for _, c := range s {
		switch c {
		case '-', '_', '*', '=', '#', '~', '+', '—', '–', '‐', '·', '•', '.', ' ':
			n++
		default:
			return false
		}
	}
	return n >= 2 && s != "..." || s == "—" || s == "–"
}
