package trim_test

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/mailbox/trim"
)

// The shapes in testdata/clients are replies as mail programs write them, one
// file a program and language. What a person adds and our letter are filled in:
//
//	{{answer}} {{below}}        what was written above and below the quote
//	{{answer.html}} .div .word  the same in HTML: breaks, divs, Word's paragraphs
//	{{digest:> }}               our text part, each line with that mark
//	{{flat:> }}                 our HTML turned into text, each line with that mark
//	{{html}} {{gmail}} {{word}} our HTML, as it was and as programs rewrite it
type shape struct {
	name string
	raw  string
}

func shapes(t testing.TB) []shape {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "clients", "*.eml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no shapes: %v", err)
	}
	var out []shape
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, shape{strings.TrimSuffix(filepath.Base(f), ".eml"), string(raw)})
	}
	return out
}

// golden is a letter as it is composed, from the letters' room.
func golden(t testing.TB, kind string) trim.Letter {
	t.Helper()
	folder := filepath.Join("..", "..", "digest", "testdata", "letters")
	text, err := os.ReadFile(filepath.Join(folder, kind+".txt"))
	if err != nil {
		t.Skip("the golden letters are not here: ", err)
	}
	rich, err := os.ReadFile(filepath.Join(folder, kind+".html"))
	if err != nil {
		t.Skip("the golden letters are not here: ", err)
	}
	l := trim.Letter{Key: kind, HTML: string(rich)}
	head, body, _ := strings.Cut(string(text), "\n\n")
	l.Text = body
	for h := range strings.SplitSeq(head, "\n") {
		var position, ask int64
		if n, _ := fmt.Sscanf(h, "Item: %d #%d", &position, &ask); n == 2 {
			l.Asks = append(l.Asks, ask)
		}
	}
	return l
}

var (
	comments = regexp.MustCompile(`(?s)<!--.*?-->`)
	classes  = regexp.MustCompile(`class="`)
)

// body is what stands in the body of a letter's HTML.
func body(l trim.Letter) string {
	_, s, _ := strings.Cut(l.HTML, "<body")
	_, s, _ = strings.Cut(s, ">")
	s, _, _ = strings.Cut(s, "</body>")
	return s
}

// flat is a letter's HTML as programs turn it into text.
func flat(l trim.Letter) string {
	var b strings.Builder
	for _, line := range parse.Lines(l.HTML) {
		b.WriteString(line.Text)
		if line.Link != "" {
			b.WriteString("<" + line.Link + ">")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// inWord is a letter's HTML as Word writes it anew.
func inWord(rich string) string {
	var b strings.Builder
	b.WriteString(`<table class="MsoNormalTable" border="0" cellspacing="0"><tr><td style="padding:15.0pt 9.0pt">`)
	for _, line := range parse.Lines(rich) {
		text := html.EscapeString(line.Text)
		if line.Link != "" {
			text = `<a href="` + html.EscapeString(line.Link) + `"><span style="color:#17594A">` + text + `</span></a>`
		}
		if line.Text == "" {
			text = "&nbsp;"
		}
		b.WriteString(`<p class="MsoNormal" style="line-height:18.0pt"><span style="font-family:&quot;Segoe UI&quot;,sans-serif;color:#23292F">` + text + "<o:p></o:p></span></p>\n")
	}
	return b.String() + "</td></tr></table>"
}

// addition is what a person writes, and where.
type addition struct {
	answer, below string
	inline        map[int64]string // under the items with these numbers
	marked        bool             // the inline answers are typed inside the quote
}

// itemEnds are the last lines of two items of the digest.
var itemEnds = map[int64]string{17: "Priya N., Science", 11: "Sam D., Admissions / needed by Tue 24 Nov / waiting 3 days"}

// withInline puts inline answers below the ends of their items.
func withInline(text, mark string, add addition) string {
	out := prefixed(mark, text)
	for n, answer := range add.inline {
		end := itemEnds[n]
		i := strings.Index(out, end)
		if i < 0 {
			continue
		}
		j := i + strings.IndexByte(out[i:], '\n') + 1
		if add.marked {
			answer = prefixed(mark, answer)
			out = out[:j] + answer + out[j:]
			continue
		}
		out = out[:j] + "\n" + answer + "\n\n" + out[j:]
	}
	return out
}

func inlineHTML(source string, add addition, format string) string {
	for n, answer := range add.inline {
		i := strings.Index(source, itemEnds[n])
		j := i + strings.Index(source[i:], "</p>") + len("</p>")
		source = source[:j] + fmt.Sprintf(format, html.EscapeString(answer)) + source[j:]
	}
	return source
}

var (
	plainQuote = regexp.MustCompile(`[^\S\n]*\{\{(digest|flat):([^}]*)\}\}`)
	place      = regexp.MustCompile(`\{\{(answer|below)(\.\w+)?\}\}`)
)

// fill makes a message of a shape.
func (s shape) fill(l trim.Letter, add addition) []byte {
	raw := plainQuote.ReplaceAllStringFunc(s.raw, func(m string) string {
		part := plainQuote.FindStringSubmatch(m)
		if part[1] == "digest" {
			return withInline(l.Text, part[2], add)
		}
		return withInline(flat(l), part[2], add)
	})
	raw = place.ReplaceAllStringFunc(raw, func(m string) string {
		part := place.FindStringSubmatch(m)
		text := add.answer
		if part[1] == "below" {
			text = add.below
		}
		escaped := html.EscapeString(text)
		switch part[2] {
		case ".html":
			return strings.ReplaceAll(escaped, "\n", "<br>")
		case ".div":
			return "<div>" + strings.ReplaceAll(escaped, "\n", "</div><div>") + "</div>"
		case ".word":
			open, close := `<p class="MsoNormal"><span lang="EN-GB" style="mso-fareast-language:EN-US">`, "<o:p></o:p></span></p>"
			return open + strings.ReplaceAll(strings.ReplaceAll(escaped, "\n\n", "\n&nbsp;\n"), "\n", close+open) + close
		}
		return text
	})
	rich := inlineHTML(body(l), add, `<div style="color:#c00000">%s</div>`)
	page := strings.Replace(l.HTML, body(l), inlineHTML(body(l), add, `<p class="own">%s</p>`), 1)
	return []byte(strings.NewReplacer(
		"{{html}}", rich,
		"{{gmail}}", classes.ReplaceAllString(comments.ReplaceAllString(rich, ""), `class="m_-8765432109876543210`),
		"{{word}}", inWord(page),
	).Replace(raw))
}

func trimRaw(raw []byte, letters []trim.Letter) trim.Result {
	m := parse.Read(raw, parse.Standard())
	_, _, forward := parse.BaseSubject(m.Subject)
	return trim.Trim(trim.Input{Plain: m.Plain, HTML: m.HTML, Letters: letters, Names: []string{"Mark Evans"}, Forward: forward})
}

// Whatever program, language and place: exactly what the person wrote is found.
func TestClients(t *testing.T) {
	l := golden(t, "digest")
	additions := map[string]addition{
		"nothing":    {},
		"number":     {answer: "17"},
		"word":       {answer: "Merci"},
		"two lines":  {answer: "I can help with #17.\nMine is free on Thursday."},
		"paragraphs": {answer: "Hello all,\n\n17 and 11 are fine with me.\n\nBring a bag."},
		"signed":     {answer: "Yes, 17.\nI have one.\n\nBest regards,\nMark Evans\nHead of Physics\nTel. 0123 456789"},
		"unsigned":   {answer: "Ja, die 17.\n\nViele Grüße\nMark"},
		"below":      {below: "17, gladly"},
		"inline":     {answer: "See below.", inline: map[int64]string{17: "I have one in the lab", 11: "my neighbour does"}},
		"marked":     {answer: "See below.", inline: map[int64]string{17: "I have one in the lab"}, marked: true},
		"in red":     {answer: "See my answers in red below", inline: map[int64]string{17: "yes"}},
	}
	want := map[string]string{"signed": "Yes, 17.\nI have one.", "unsigned": "Ja, die 17."}
	bad := map[string]int{}
	for _, s := range shapes(t) {
		for name, add := range additions {
			if add.below != "" && !strings.Contains(s.raw, "{{below") {
				continue
			}
			got := trimRaw(s.fill(l, add), []trim.Letter{l})
			expected := []trim.Fragment{}
			if add.answer != "" {
				text := add.answer
				if w, ok := want[name]; ok {
					text = w
				}
				expected = append(expected, trim.Fragment{Text: text})
			}
			for _, n := range []int64{17, 11} {
				if text := add.inline[n]; text != "" {
					expected = append(expected, trim.Fragment{Text: text, Ask: n})
				}
			}
			if add.below != "" {
				expected = append(expected, trim.Fragment{Text: add.below})
			}
			if !same(got.Fragments, expected) || got.Letter != 0 {
				bad[s.name]++
				t.Errorf("%s, %s: letter %d\n got %+v\nwant %+v", s.name, name, got.Letter, got.Fragments, expected)
			}
		}
	}
	t.Logf("%d shapes, wrong in %d: %v", len(shapes(t)), len(bad), bad)
}

// same compares fragments but for white space.
func same(a, b []trim.Fragment) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Ask != b[i].Ask || collapse(a[i].Text) != collapse(b[i].Text) {
			return false
		}
	}
	return true
}
