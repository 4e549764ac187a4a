package parse

import (
	"strings"

	"askfirst/store/link"
)

// anchor is the link whose words are being written.
type anchor struct {
	target string // "" outside of links, and where nothing is to be shown
	from   int    // where its words begin in the line
}

// longestTarget is the longest address that is taken over; attributes are cut
// at more.
const longestTarget = 1900

// bracketless keeps an address from ending where the brackets around it do.
var bracketless = strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", "(", "%28", ")", "%29", "\"", "%22")

// startLink begins a link. Of the writer's own links the address is shown behind
// their words, as text: nothing else of the HTML is passed on, and words must not
// hide where they lead. What is quoted or signed is passed on to nobody.
func (w *writer) startLink(href string) {
	w.link = anchor{}
	href = strings.Map(func(r rune) rune { // as browsers do (WHATWG URL section 4.4)
		if r == '\n' || r == '\r' || r == '\t' {
			return -1
		}
		return r
	}, strings.TrimSpace(href))
	low := strings.ToLower(href[:min(len(href), 8)])
	if w.hidden > 0 || w.quote > 0 || w.mark() != NoMark || len(href) > longestTarget ||
		!strings.HasPrefix(low, "http://") && !strings.HasPrefix(low, "https://") {
		return
	}
	w.link = anchor{bracketless.Replace(link.Unwrap(href)), len(w.line)}
}

// endLink ends the link that is being written.
func (w *writer) endLink() {
	w.endLine()
	w.link = anchor{}
}

// endLine writes a link's address behind its words, if there are any yet: those
// of a link over several lines have it behind the first.
func (w *writer) endLine() {
	if w.link.target == "" {
		return
	}
	words := strings.TrimSpace(string(w.line[min(w.link.from, len(w.line)):]))
	if words == "" {
		w.link.from = 0
		return
	}
	if !link.Says(words, w.link.target) {
		w.line = append(w.line, " ("+w.link.target+")"...)
	}
	w.link = anchor{}
}
