package parse

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Mark is what a mail program's own HTML says about a line.
type Mark string

// The marks. Border is the strongest: from it to the end stands what the
// writer's program put below the new text.
const (
	NoMark      Mark = ""
	Quote       Mark = "quote"       // inside a container of quoted text
	Attribution Mark = "attribution" // "On … wrote:" in a container of its own
	Border      Mark = "border"      // below a reply header
	Signature   Mark = "signature"   // inside a signature's container
	ForwardMark Mark = "forward"     // inside a container of forwarded text
)

// Line is one line of an HTML text as it is seen.
type Line struct {
	Text  string
	Quote int    // how many blockquotes it stands in
	Mark  Mark   // what the program that wrote it says
	Rule  bool   // a horizontal line, without text
	Link  string // target of the first link in it
}

// Text is the visible text of HTML, its lines joined.
func Text(source string) string {
	return joined(Lines(source))
}

// joined is the text of some lines.
func joined(list []Line) string {
	var b strings.Builder
	for _, l := range list {
		if l.Rule {
			continue
		}
		b.WriteString(l.Text)
		b.WriteByte('\n')
	}
	return strings.Trim(b.String(), "\n")
}

// Lines is the visible text of HTML, line by line: nothing hidden, no styles,
// scripts, titles or pictures; list items as "- ", links as their text with the
// address behind it, where the writer's own words hide one. It
// works on tokens, with a bounded stack, so that its cost is linear.
func Lines(source string) []Line { return linesOf(source, mostLines) }

// linesOf is the first lines of it.
func linesOf(source string, most int) []Line {
	w := writer{tokens: html.NewTokenizer(strings.NewReader(source)), open: map[atom.Atom]int{}}
	w.tokens.SetMaxBuf(longestToken)
	for n := 0; n < mostTokens && len(w.out) < most; n++ {
		switch w.tokens.Next() {
		case html.ErrorToken:
			return w.done()
		case html.TextToken:
			w.text(w.tokens.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			w.start()
		case html.EndTagToken:
			name, _ := w.tokens.TagName()
			w.end(lookup(name))
		}
	}
	return w.done()
}

// Bounds of what is read of one HTML text: far more than a person writes, far
// less than it takes to keep a reader busy.
const (
	longestToken = 1 << 20
	mostTokens   = 200_000
	mostLines    = 20_000
)

// withoutPictures drops pictures that are written into the HTML itself, which
// are the one thing there that is long for good reason.
func withoutPictures(source string) string {
	if len(source) < longestToken {
		return source
	}
	var b strings.Builder
	for {
		i := strings.Index(source, `"data:`)
		if i < 0 {
			break
		}
		end := strings.IndexByte(source[i+1:], '"')
		if end < 0 {
			break
		}
		b.WriteString(source[:i+1])
		source = source[i+1+end:]
	}
	b.WriteString(source)
	return b.String()
}

func (w *writer) done() []Line {
	w.breakLine()
	for len(w.out) > 0 && w.out[len(w.out)-1].Text == "" && !w.out[len(w.out)-1].Rule {
		w.out = w.out[:len(w.out)-1]
	}
	return w.out
}

// element is an open element that matters for what is seen.
type element struct {
	tag    atom.Atom
	hidden bool
	pre    bool
	quote  bool
	mark   Mark
	space  bool // a paragraph with a blank line around it
}

const deepest = 128 // open elements remembered; what is deeper is read as if flat

// writer turns tokens into lines.
type writer struct {
	tokens *html.Tokenizer
	stack  []element
	open   map[atom.Atom]int // how often each is on the stack
	hidden int               // how many open elements hide their content
	pre    int
	quote  int
	border bool // a border was passed

	out   []Line
	line  []byte
	rest  Line // what is known of the line being written
	link  anchor
	blank bool // a blank between words is due
	item  bool // the line begins with a list mark only
	fixed bool // the line holds a fixed blank
}

func (w *writer) top() (element, bool) {
	if len(w.stack) == 0 {
		return element{}, false
	}
	return w.stack[len(w.stack)-1], true
}

func (w *writer) mark() Mark {
	if w.border {
		return Border
	}
	for i := len(w.stack) - 1; i >= 0; i-- {
		if m := w.stack[i].mark; m != NoMark {
			return m
		}
	}
	return NoMark
}

// start takes a start tag.
func (w *writer) start() {
	name, more := w.tokens.TagName()
	t := lookup(name)
	switch {
	case t == atom.Br:
		w.finish(w.hidden == 0)
		return
	case t == atom.Hr:
		w.attributes(more)
		w.breakLine()
		if w.hidden == 0 {
			w.out = append(w.out, Line{Rule: true, Quote: w.quote, Mark: w.mark()})
		}
		return
	case t == atom.Img:
		w.image(w.attributes(more))
		return
	case t == atom.Td || t == atom.Th:
		w.blank = true
	}
	isBlock := block(t)
	if !isBlock && !inline(t) && t != atom.Td && t != atom.Th && !unseen(t) {
		return
	}
	a := w.attributes(more)
	e := element{tag: t, hidden: unseen(t) || a.hidden(), pre: t == atom.Pre || a.preformatted(), quote: t == atom.Blockquote}
	if isBlock {
		w.implied(t)
		w.breakLine()
		e.space = a.spaced(t)
		if e.space {
			w.emptyLine()
		}
	}
	e.mark = a.mark(t)
	if e.mark == Border {
		w.breakLine()
		w.border, e.mark = true, NoMark
	}
	if t == atom.A {
		w.endLink()
		w.startLink(a.get("href"))
		if w.rest.Link == "" && w.hidden == 0 {
			w.rest.Link = a.get("href")
		}
	}
	w.push(e)
	if t == atom.Li && w.hidden == 0 {
		w.line, w.item = append(w.line, "- "...), true
	}
}

// implied closes what HTML lets authors leave open.
func (w *writer) implied(t atom.Atom) {
	for {
		e, ok := w.top()
		if !ok || !inline(e.tag) {
			break
		}
		if e.hidden || e.mark != NoMark {
			return
		}
		w.pop()
	}
	e, ok := w.top()
	if ok && (e.tag == atom.P || t == atom.Li && e.tag == atom.Li || t == atom.Tr && (e.tag == atom.Td || e.tag == atom.Th)) {
		w.pop()
		w.breakLine()
	}
}

func (w *writer) push(e element) {
	if len(w.stack) >= deepest {
		return
	}
	if inline(e.tag) && !e.hidden && !e.pre && e.mark == NoMark {
		return // nothing to remember
	}
	w.stack = append(w.stack, e)
	w.add(e, 1)
}

func (w *writer) add(e element, n int) {
	w.open[e.tag] += n
	if e.hidden {
		w.hidden += n
	}
	if e.pre {
		w.pre += n
	}
	if e.quote {
		w.quote += n
	}
}

func (w *writer) pop() {
	e := w.stack[len(w.stack)-1]
	w.stack = w.stack[:len(w.stack)-1]
	w.add(e, -1)
}

// end takes an end tag: it closes the nearest element of its kind, unless that
// would close a block from within by an inline tag.
func (w *writer) end(t atom.Atom) {
	if t == atom.A {
		w.endLink()
	}
	isBlock := block(t)
	if isBlock {
		w.breakLine()
	}
	if w.open[t] == 0 {
		return
	}
	at := -1
	for i := len(w.stack) - 1; i >= 0; i-- {
		e := w.stack[i]
		if e.tag == t {
			at = i
			break
		}
		if inline(t) && !inline(e.tag) || e.tag == atom.Table && t != atom.Table && t != atom.Body {
			break
		}
	}
	if at < 0 {
		return
	}
	space := w.stack[at].space
	for len(w.stack) > at {
		w.pop()
	}
	if space {
		w.emptyLine()
	}
}

// text adds visible text.
func (w *writer) text(b []byte) {
	if w.hidden > 0 {
		return
	}
	for len(b) > 0 {
		c, n := utf8.DecodeRune(b)
		switch {
		case w.pre > 0 && c == '\n':
			w.finish(true)
		case w.pre > 0 && (c == ' ' || c == '\t'):
			w.line = append(w.line, byte(c))
			w.blank = false
		case c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f':
			w.blank = true
		case c == '\u00a0':
			w.blank, w.fixed = true, true
		case c == '\u200b' || c == '\u200c' || c == '\ufeff' || c == '\u034f' || c == '\u00ad' || c == '\u2060' || c == 0:
		default:
			w.space()
			w.line = append(w.line, b[:n]...)
			w.item = false
		}
		b = b[n:]
	}
}

func (w *writer) space() {
	if w.blank && len(w.line) > 0 && !w.item {
		w.line = append(w.line, ' ')
	}
	if len(w.line) == 0 || w.item {
		w.rest.Quote, w.rest.Mark = w.quote, w.mark()
	}
	w.blank = false
}

// breakLine ends the line being written, if there is one.
func (w *writer) breakLine() { w.finish(false) }

// finish ends the line being written. Without text it makes an empty line only
// where one is seen: for a br, or a paragraph that holds a fixed blank.
func (w *writer) finish(empty bool) {
	w.endLine()
	empty = empty || w.fixed
	w.blank, w.fixed = false, false
	text := strings.TrimRight(string(w.line), " \t")
	if text == "" && !empty {
		w.rest.Link = ""
		return
	}
	w.rest.Text = text
	if w.item || text == "" {
		w.rest.Quote, w.rest.Mark = w.quote, w.mark()
	}
	w.out = append(w.out, w.rest)
	w.line, w.rest, w.item = w.line[:0], Line{}, false
}

// emptyLine makes sure that an empty line stands above what comes next.
func (w *writer) emptyLine() {
	if n := len(w.out); n > 0 && w.out[n-1].Text != "" && !w.out[n-1].Rule && w.hidden == 0 {
		w.out = append(w.out, Line{Quote: w.quote, Mark: w.mark()})
	}
}

// image shows what stands for a picture of one character: an emoji. Other
// pictures show nothing.
func (w *writer) image(a attributes) {
	alt := strings.TrimSpace(a.get("alt"))
	if w.hidden > 0 || a.hidden() || alt == "" || utf8.RuneCountInString(alt) > 8 {
		return
	}
	for _, c := range alt {
		if c < 0x2000 {
			return
		}
	}
	w.space()
	w.line = append(w.line, alt...)
	w.item = false
}
