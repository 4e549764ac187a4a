// Package trim finds what the writer of a message newly wrote: it takes away
// what we sent ourselves, what a mail program quoted, attribution lines, and
// signatures. It is pure: values in, values out.
package trim

import (
	"strings"
	"unicode/utf8"
)

// Letter is a letter of ours that the message may quote.
type Letter struct {
	Key  string
	Text string // as sent
	HTML string // as sent
	// Asks lists the asks in the letter by position. In Text an item begins at
	// the line that starts with "#17 "; text after the line "-- " or after the
	// last section belongs to none.
	Asks []int64
}

// Input is what there is to look at.
type Input struct {
	Plain   string   // text/plain body, "" if none
	HTML    string   // text/html body, "" if none
	Letters []Letter // nearest first; may be empty
	Names   []string // the writer's own names, for the signature
	// Forward says that the subject marks a forward (Fwd:, WG:): what follows
	// the forwarding header is content, not a quote.
	Forward bool
}

// Fragment is a run of new lines that stand together.
type Fragment struct {
	Text string
	// Ask is the ask under whose quoted item the fragment stands (an inline
	// answer); 0: it stands above the quote or under no item.
	Ask int64
}

// Cut is something that was taken away, for the story that explain tells.
type Cut struct {
	Why  string // sent, quote, attribution, header_block, signature, disclaimer, banner
	Text string // the first line of it, shortened
}

// Result is what is new.
type Result struct {
	Text      string // the fragments joined by blank lines
	Fragments []Fragment
	Cuts      []Cut
	// Letter is the index in Input.Letters of the letter whose words were found
	// in the quote; -1: none.
	Letter int
	// Whole says that nothing was left after cutting and nothing aligned with a
	// letter, so that Text is the whole text after all.
	Whole bool
	// Signed says of a Whole text that it is a signature, a disclaimer or a
	// banner and nothing else: where there is a subject, that is what was said.
	Signed bool
}

// Trim finds what is new. It works first by what we sent, then by the marks
// that mail programs leave, then by signatures; and it never cuts to nothing
// what does not align with a letter of ours.
func Trim(in Input) Result {
	in.Plain, in.HTML = head(in.Plain, longestPlain), head(in.HTML, longestHTML)
	var best Result
	found := false
	for _, source := range sources(in) {
		r := trimLines(source, in)
		if !found || best.Letter < 0 && r.Letter >= 0 {
			best, found = r, true
		}
		if best.Letter >= 0 || len(in.Letters) == 0 {
			break
		}
	}
	if !found {
		best.Letter = -1
	}
	return best
}

// How much of a text is looked at, in bytes: ten times the longest mail of a
// person with a whole digest below it. Ten megabytes must not take longer.
const (
	longestPlain = 256 << 10
	longestHTML  = 512 << 10
)

// head is the beginning of a text, not longer than n bytes, in whole characters.
func head(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// sources are the forms of the text to look at, the better one first: the HTML
// where its program marked the border of the quote, else the plain text.
func sources(in Input) [][]line {
	plain := fromPlain(in.Plain)
	if strings.TrimSpace(in.HTML) == "" {
		if len(plain) == 0 {
			return nil
		}
		return [][]line{plain}
	}
	rich := fromHTML(in.HTML, in.Forward)
	switch {
	case blank(plain):
		return [][]line{rich}
	case blank(rich):
		return [][]line{plain}
	case marked(rich):
		return [][]line{rich, plain}
	}
	return [][]line{plain, rich}
}

// trimLines works on one form of the text.
func trimLines(ls []line, in Input) Result {
	armour(ls)
	closed(ls)
	pictures(ls)
	banner(ls)
	a := align(ls, in.Letters)
	if a.letter >= 0 {
		a.apply(ls)
		cut(ls[:a.start], in.Forward)
		above(ls, a.start)
		introduced(ls, a.start)
	} else {
		cut(ls, in.Forward)
		trailing(ls)
	}
	sign(ls, in.Names, a.letter >= 0)
	r := gather(ls)
	r.Letter = a.letter
	if r.Text == "" && a.letter < 0 {
		r = whole(ls)
	}
	return r
}

// above cuts the marked lines right above the start of a marked quote: words of
// the quote that are not ours, such as a program's own header.
func above(ls []line, start int) {
	if ls[start].depth == 0 {
		return
	}
	for i := start - 1; i >= 0 && (ls[i].depth > 0 || ls[i].why == "") && (ls[i].depth > 0 || ls[i].blank() || ls[i].why != ""); i-- {
		if ls[i].why == "" {
			ls[i].why = whyQuote
		}
	}
}

// introduced cuts the line right above our words that only says whose they are,
// "Help Exchange wrote:": some programs give neither address nor date.
func introduced(ls []line, start int) {
	i := start - 1
	for i >= 0 && ls[i].blank() {
		i--
	}
	if i < 0 || ls[i].why != "" || len(ls[i].bare) > 100 || !strings.HasSuffix(ls[i].bare, ":") {
		return
	}
	if name, ok := verbAtEnd(ls[i].bare); ok && !strings.ContainsAny(name, ".!?") {
		ls[i].why = whyAttribution
	}
}

// whole is the text with nothing taken away but the lines that only say who
// wrote what follows.
func whole(ls []line) Result {
	signed := true
	for _, l := range ls {
		signed = signed && (l.blank() || l.why == whySignature || l.why == whyDisclaimer || l.why == whyBanner)
	}
	for i := range ls {
		if ls[i].why != whyAttribution && ls[i].why != whyBanner {
			ls[i].why = ""
		}
	}
	for i := 0; i < len(ls); i++ {
		if n, prefix := attributionAt(ls, i); n > 0 && prefix == "" && ls[i].why == "" && !ls[i].blank() && !borderAt(ls, i).weak {
			take(ls[i:i+n], whyAttribution)
		}
	}
	if hollow(ls) {
		take(ls, whyQuote)
	}
	r := gather(ls)
	if r.Text == "" && !hollow(ls) {
		for i := range ls {
			ls[i].why = ""
		}
		r = gather(ls)
	}
	r.Whole, r.Signed, r.Letter = true, signed, -1
	return r
}

// hollow says whether there is nothing but the heads and the marks of quotes,
// one inside the other: truly no text.
func hollow(ls []line) bool {
	for _, l := range ls {
		if l.blank() {
			continue
		}
		k := strings.Index(l.bare, " wrote:") // words may follow on the same line
		if l.depth == 0 || l.why != whyAttribution || k >= 0 && k+len(" wrote:") < len(l.bare) {
			return false
		}
	}
	return true
}
