package main

import (
	"fmt"
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	nethtml "golang.org/x/net/html"

	"askfirst/mailbox/parse"
)

// A letter of ours as a mail program quotes it: as lines, from our text or from
// our HTML, and as markup, each with the answers that somebody wrote between.

// setLine is one line of a quoted letter; said marks what the writer put there.
type setLine struct {
	text string
	said bool
}

// The ways in which programs make text of our HTML.
const (
	setOwnText = iota // they quote our text
	setStars          // *bold*, a link's address behind its words
	setAngles         // a link's address right behind its words
	setBare           // words only
)

// setLines are the lines of a letter, wrapped at the width; 0: not at all.
func setLines(m *parse.Message, style, width int) []setLine {
	var lines []setLine
	if style == setOwnText {
		for line := range strings.Lines(strings.TrimRight(m.Plain, "\n")) {
			lines = append(lines, setLine{text: strings.TrimRight(line, "\r\n ")})
		}
		return lines
	}
	for i, p := range setParagraphs(m.HTML, style) {
		if i > 0 {
			lines = append(lines, setLine{})
		}
		for _, l := range wrapped(p, width) {
			lines = append(lines, setLine{text: l})
		}
	}
	return lines
}

// setParagraphs is the visible text of our HTML, a paragraph each.
func setParagraphs(source string, style int) []string {
	var paragraphs []string
	var b strings.Builder
	end := func() {
		if s := strings.Join(strings.Fields(b.String()), " "); s != "" {
			paragraphs = append(paragraphs, s)
		}
		b.Reset()
	}
	link, skip := "", 0
	z := nethtml.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == nethtml.ErrorToken {
			end()
			return paragraphs
		}
		token := z.Token()
		switch token.Data {
		case "style", "title", "head":
			skip += map[nethtml.TokenType]int{nethtml.StartTagToken: 1, nethtml.EndTagToken: -1}[kind]
			continue
		case "p", "h1", "h2", "h3", "td", "table", "div", "br", "li":
			if kind != nethtml.TextToken {
				end()
			}
		case "b":
			if style == setStars && kind != nethtml.TextToken {
				b.WriteString("*")
			}
		case "a":
			if kind == nethtml.StartTagToken {
				for _, a := range token.Attr {
					if a.Key == "href" {
						link = a.Val
					}
				}
			} else if kind == nethtml.EndTagToken {
				b.WriteString(map[int]string{setStars: " <" + link + ">", setAngles: "<" + link + ">"}[style])
			}
		}
		if kind == nethtml.TextToken && skip == 0 {
			b.WriteString(token.Data)
		}
	}
}

// wrapped breaks a text at blanks.
func wrapped(text string, width int) []string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		current := ""
		for _, word := range strings.Split(line, " ") {
			if current != "" && width > 0 && utf8.RuneCountInString(current)+1+utf8.RuneCountInString(word) > width {
				lines, current = append(lines, current), word
				continue
			}
			if current != "" {
				current += " "
			}
			current += word
		}
		lines = append(lines, current)
	}
	return lines
}

// answered puts what somebody wrote under the items, by number.
func answered(lines []setLine, under map[int64]string) []setLine {
	for n, said := range under {
		at := -1
		for i, l := range lines {
			text := strings.ReplaceAll(l.text, "*", "")
			if strings.HasPrefix(text, fmt.Sprintf("#%d ", n)) {
				at = i
				break
			}
		}
		if at < 0 {
			return nil // this letter does not show it
		}
		for at < len(lines) && lines[at].text != "" {
			at++
		}
		between := []setLine{{"", true}}
		for line := range strings.SplitSeq(said, "\n") {
			between = append(between, setLine{line, true})
		}
		lines = append(lines[:at:at], append(append(between, setLine{"", true}), lines[at:]...)...)
	}
	return lines
}

// quoteLines writes lines down with a mark before those that are not the writer's.
func quoteLines(lines []setLine, mark string) string {
	var b strings.Builder
	for _, l := range lines {
		switch {
		case l.said:
			b.WriteString(l.text + "\n")
		case mark == ">": // Apple and K-9 put a blank only before words
			b.WriteString(strings.TrimRight("> "+l.text, " ") + "\n")
		default:
			b.WriteString(mark + l.text + "\n")
		}
	}
	return b.String()
}

// setBody is the inside of our HTML's body.
func setBody(m *parse.Message) string {
	s := m.HTML
	if s == "" {
		return "<pre>" + html.EscapeString(m.Plain) + "</pre>"
	}
	if i := strings.Index(s, "<body"); i >= 0 {
		s = s[i:]
		s = s[strings.IndexByte(s, '>')+1:]
	}
	s, _, _ = strings.Cut(s, "</body>")
	return s
}

// answeredHTML puts what somebody wrote under the items of the markup, as the
// program marks it up; "" when an item is not there.
func answeredHTML(source string, under map[int64]string, open, shut string) string {
	for n, said := range under {
		at := regexp.MustCompile(fmt.Sprintf(`(?s)(<h3[^>]*>#%d .*?</h3>.*?</p>|<b>#%d</b>.*?</p>)`, n, n)).FindStringIndex(source)
		if at == nil {
			return ""
		}
		source = source[:at[1]] + open + marked(said) + shut + source[at[1]:]
	}
	return source
}

// marked is plain words as markup.
func marked(s string) string { return strings.ReplaceAll(html.EscapeString(s), "\n", "<br>\n") }

// classed is markup as Outlook on the web and Gmail rename its classes.
func classed(source, prefix string) string {
	return regexp.MustCompile(`(class|id)="([^"]*)"`).ReplaceAllStringFunc(source, func(s string) string {
		name, value, _ := strings.Cut(s, "=")
		names := strings.Fields(strings.Trim(value, `"`))
		for i := range names {
			names[i] = prefix + names[i]
		}
		return name + `="` + strings.Join(names, " ") + `"`
	})
}

// worded is markup as Word makes it: a paragraph each, styles of its own.
func worded(m *parse.Message, under map[int64]string) string {
	var b strings.Builder
	for _, l := range answered(setLines(m, setBare, 0), under) {
		switch {
		case l.said && l.text != "":
			b.WriteString(`<p class="MsoNormal"><span style="color:#1F497D">` + html.EscapeString(l.text) + "<o:p></o:p></span></p>\n")
		case l.text != "":
			b.WriteString(`<p class="MsoNormal" style="margin-bottom:9.0pt"><span style="font-family:&quot;Segoe UI&quot;,sans-serif">` + html.EscapeString(l.text) + "<o:p></o:p></span></p>\n")
		}
	}
	return b.String()
}
