package digest

import (
	"fmt"
	"strings"
	"testing"

	"askfirst/store"
)

// attacks are what a sender may put into an ask so that it is not read but run,
// fetched or believed.
func attacks() []string {
	pieces := []string{
		`<script>alert(1)</script>`, `<img src=https://track.example/p.gif>`, `<a href="https://evil.example">https://bank.example</a>`, `</td></tr></table><h1>Official</h1>`,
		`<style>*{display:none}</style>`, `"><svg onload=alert(1)>`, `<iframe src="//evil.example">`, `<div style="display:none">secret</div>`, `<!-- --><b>`, `]]><b>`,
		`&lt;script&gt;`, `&#60;img src=x&#62;`, `<meta http-equiv=refresh content=0>`, `<base href=//evil.example>`, `<form action=//evil.example><input name=password>`, `javascript:alert(1)`,
		"\u202etxt.exe\u202c", "\u200b\u2066hidden\u2069", "a\u0300\u0301\u0302\u0303\u0304\u0305\u0306", "\x02" + "0" + "\x03", "\x00\x1b[31mred", "{{.To.Email}}{{template \"admin\"}}",
		`<a href="mailto:evil@else.example">answer</a>`, "\r\nBcc: everybody@else.example", "\u2028<link rel=stylesheet href=//evil.example>",
	}
	var all []string
	for _, p := range pieces {
		all = append(all, p, p+" "+p, "Forty chairs "+p+" please", strings.ToUpper(p))
	}
	return all
}

// TestHostileAsks puts a hundred hostile asks into digests, as title, words, name
// and thanks: the HTML has no tag, attribute or link but those of a digest with
// harmless words, and nothing that hides text.
func TestHostileAsks(t *testing.T) {
	shape := func(words string) (string, store.Letter) {
		o := sample("en")
		for i := range o.Facts {
			f := &o.Facts[i]
			if f.Kind != store.KindDigest {
				continue
			}
			e := *f.Edition
			for _, list := range []*[]store.Ask{&e.Yours, &e.New, &e.Waiting, &e.Also} {
				asks := append([]store.Ask(nil), *list...)
				for k := range asks {
					asks[k].Title, asks[k].Body, asks[k].Asker.Name, asks[k].Asker.Group = "An ask "+words, "Some words "+words, "Sam "+words, "Team "+words
				}
				*list = asks
			}
			e.Thanks = append([]store.Thanks(nil), e.Thanks...)
			e.Thanks[0].Words = "Who helped " + words
			f.Edition = &e
			o.Facts = []store.Fact{*f}
			break
		}
		letters, err := voice(t).Letters(o)
		if err != nil {
			t.Fatalf("%q: %v", words, err)
		}
		var b strings.Builder
		walk(t, letters[0].HTML, func(path []element, text string) {
			if e := path[len(path)-1]; text == "" {
				fmt.Fprintf(&b, "%d %s", len(path), e.name)
				for _, name := range []string{"style", "class", "src", "onload", "http-equiv", "type", "rel", "action"} {
					if v, ok := e.attr[name]; ok {
						v = strings.TrimPrefix(v, "word-break:break-word;") // long words are broken
						fmt.Fprintf(&b, " %s=%q", name, v)
					}
				}
				link, _, _ := strings.Cut(e.attr["href"], "?")
				fmt.Fprintf(&b, " %s %d\n", link, len(e.attr))
			}
		})
		return b.String(), letters[0]
	}
	want, _ := shape("for us all")
	for _, words := range attacks() {
		got, letter := shape(words)
		if got != want {
			t.Errorf("%q changes the tags of a digest:\n%s", words, got)
		}
		for _, part := range []string{letter.HTML, letter.Text, letter.Subject} {
			if i := strings.IndexFunc(part, func(r rune) bool { return r < ' ' && r != '\n' || invisible(r) && r != '\n' }); i >= 0 {
				t.Errorf("%q leaves %q in the letter", words, part[max(0, i-20):min(len(part), i+20)])
			}
		}
		if strings.ContainsAny(letter.Subject, "\r\n") || strings.Contains(letter.Text, "priya@greenfield.example{{") {
			t.Errorf("%q: subject %q", words, letter.Subject)
		}
	}
}
