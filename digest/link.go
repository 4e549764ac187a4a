package digest

import (
	"strings"
	"unicode/utf8"

	"askfirst/store/link"
)

// Links in people's words. A mail program makes a link of every address it
// finds, so what is shown is the address that it leads to and nothing else, and
// what should make a reader look twice stands beside it in words.

// links is clean text in which addresses say where they lead.
func (p *page) links(s string) (string, error) {
	var b strings.Builder
	for _, piece := range link.Split(s, p.hosts()) {
		if !piece.Is {
			b.WriteString(piece.Words)
			continue
		}
		note, err := p.doubt(piece.Address)
		if err != nil {
			return "", err
		}
		b.WriteString(piece.Address.URL)
		if note != "" {
			if piece.Address.URL != "" {
				b.WriteByte(' ')
			}
			b.WriteString(note)
		}
	}
	return b.String(), nil
}

// doubt is what makes a reader look twice, "" for most addresses.
func (p *page) doubt(a link.Address) (string, error) {
	if a.Doubt == link.Clear {
		return "", nil
	}
	as := a.As // in letters of which no program makes a link
	if strings.IndexFunc(as, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		as = ""
	}
	return p.lang.say("link."+string(a.Doubt), as)
}

// barely is clean text for a line that has no room for addresses: only their
// hosts, and of those that deserve a second look, that there was one. Where a
// line is cut, a word of care behind a host would be what is cut.
func (p *page) barely(s string) (string, error) {
	var b strings.Builder
	for _, piece := range link.Split(s, p.hosts()) {
		if !piece.Is {
			b.WriteString(piece.Words)
			continue
		}
		shown, err := piece.Address.Host, error(nil)
		if piece.Address.Doubt != link.Clear {
			shown, err = p.lang.say("link.odd", nil)
		}
		if err != nil {
			return "", err
		}
		b.WriteString(shown)
	}
	return b.String(), nil
}

// hosts are those that readers know: the school's own.
func (p *page) hosts() []string {
	if _, host, found := strings.Cut(p.exchange.Address, "@"); found {
		return []string{host}
	}
	return nil
}

// longLink is how much of a line's room an address takes at most: one of a
// shared document is long, and cut short it leads nowhere.
const longLink = 40

// shortenAround is shorten for text with addresses: none is cut.
func shortenAround(s string, limit int) string {
	if utf8.RuneCountInString(s) <= limit || !strings.Contains(s, "://") {
		return shorten(s, limit)
	}
	used := 0
	words := strings.Split(s, " ")
	for i, w := range words {
		n := utf8.RuneCountInString(w)
		isLink := strings.Contains(w, "://") && n <= link.Longest+10
		if isLink {
			n = min(n, longLink)
		}
		if used+n > limit {
			kept := strings.Join(words[:i], " ")
			if !isLink {
				room := limit - used
				if tail := shorten(w, max(room, 2)); room > 12 && n > 30 {
					return strings.TrimSpace(kept + " " + tail)
				}
			}
			return strings.TrimRight(kept, " ,;:.-(\"'") + "…"
		}
		used += n + 1
	}
	return s
}
