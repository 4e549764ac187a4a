package parse

import (
	"html"
	"strings"
)

// A text comes in several forms: plain and HTML, in parts beside each other or
// one after another. Which of them are the same text is decided here.

// alternative takes the plain and the last HTML version that say anything (RFC
// 2046 section 5.1.4: increasing faithfulness). Plain texts that differ are no
// versions of each other, whatever their sender called them: none is lost.
func (r *reader) alternative(p *part, at scene) segment {
	var best segment
	for _, c := range p.children {
		s := r.join(r.segments(c, at))
		switch {
		case strings.TrimSpace(best.plain) == "":
			best.plain = s.plain
		case c.kind == "text/plain" && strings.TrimSpace(s.plain) != "" && best.html == "" && !like(best.plain, s.plain):
			best.plain = strings.TrimRight(best.plain, "\n") + "\n\n" + s.plain
		}
		if strings.TrimSpace(s.html) != "" {
			best.html = s.html
		}
	}
	if standIn(best) {
		best.plain = ""
	}
	return best
}

// standIn says whether the plain version only tells that there is another one:
// a sentence about HTML beside an HTML that says more, and something else.
func standIn(s segment) bool {
	const sentence = 400
	plain := strings.ToLower(strings.TrimSpace(s.plain))
	if plain == "" || len(plain) > sentence || s.html == "" || len(s.html) < len(plain) {
		return false
	}
	if !hasAny(plain, "html|browser|view this email|view this message|navigateur|navegador") ||
		!hasAny(plain, "support|view|display|read|show|unterstütz|anzeig|angezeigt|darstell|dargestellt|ansehen|lesen|affich|visualis|voir|compatible|admite|soporta|ver |visualizar|mostrar|weergeven|bekijk|ondersteun|lezen") {
		return false
	}
	rich := joined(linesOf(s.html, 1000))
	return len(rich) > len(plain)*5/4 && !strings.Contains(strings.Join(strings.Fields(strings.ToLower(rich)), " "), strings.Join(strings.Fields(plain), " "))
}

// join puts segments together. Where some are plain only and others HTML only,
// each form is completed from the other, so that neither loses words.
func (r *reader) join(list []segment) segment {
	list = pairs(list)
	var kept []segment
	hasPlain, hasHTML := false, false
	for _, s := range list {
		if s.empty() {
			continue
		}
		kept = append(kept, s)
		hasPlain = hasPlain || strings.TrimSpace(s.plain) != ""
		hasHTML = hasHTML || strings.TrimSpace(s.html) != ""
	}
	if len(kept) == 1 {
		return kept[0]
	}
	var plain, rich []string
	for _, s := range kept {
		if hasPlain {
			if strings.TrimSpace(s.plain) == "" && r.html < longestText/2 {
				r.html += len(s.html)
				s.plain = Text(s.html)
			}
			plain = append(plain, strings.Trim(s.plain, "\n"))
		}
		if hasHTML {
			if strings.TrimSpace(s.html) == "" {
				s.html = "<pre>" + html.EscapeString(s.plain) + "</pre>"
			}
			rich = append(rich, s.html)
		}
	}
	return segment{plain: strings.Join(plain, "\n\n"), html: strings.Join(rich, "\n")}
}

// pairs unites a plain text with the HTML after it that says the same: a
// multipart/mixed that ought to have been multipart/alternative.
func pairs(list []segment) []segment {
	const beginning = 200 // lines
	for i := 0; i+1 < len(list) && i < 20; i++ {
		a, b := list[i], list[i+1]
		if a.plain == "" || a.html != "" || b.html == "" || b.plain != "" {
			continue
		}
		if like(a.plain, joined(linesOf(b.html, beginning))) {
			list[i] = segment{plain: a.plain, html: b.html}
			list = append(list[:i+1], list[i+2:]...)
		}
	}
	return list
}

// like says whether two texts begin with the same letters.
func like(a, b string) bool {
	const much = 200
	letters := func(s string) string {
		var out strings.Builder
		for _, c := range s {
			if c > ' ' && c != '\u00a0' && c != '*' && c != '_' && c != '>' {
				if out.WriteRune(c); out.Len() > much {
					break
				}
			}
		}
		return out.String()
	}
	x, y := letters(a), letters(b)
	n := min(len(x), len(y), much)
	return n > 0 && x[:n] == y[:n] && (n == much || len(x) == len(y))
}
