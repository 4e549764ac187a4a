package digest

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"askfirst/store"
)

// element is one tag on the way from the root to a text.
type element struct {
	name  string
	attr  map[string]string
	style map[string]string
}

// walk reads a letter's HTML as XML, which demands that every tag is closed in
// order and every attribute quoted, and calls text for each run of words.
func walk(t testing.TB, html string, text func(path []element, words string)) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(html))
	var path []element
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Errorf("html is not well-formed: %v\n%s", err, html)
			return
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			e := element{tok.Name.Local, map[string]string{}, map[string]string{}}
			for _, a := range tok.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			for rule := range strings.SplitSeq(e.attr["style"], ";") {
				if k, v, ok := strings.Cut(rule, ":"); ok {
					e.style[strings.TrimSpace(k)] = strings.TrimSpace(v)
				}
			}
			path = append(path, e)
			text(path, "")
		case xml.EndElement:
			path = path[:len(path)-1]
		case xml.CharData:
			if words := strings.Join(strings.Fields(string(tok)), " "); words != "" && len(path) > 0 {
				text(path, words)
			}
		}
	}
	if len(path) != 0 {
		t.Errorf("%s is not closed", path[len(path)-1].name)
	}
}

func checkHTML(t testing.TB, l store.Letter) {
	t.Helper()
	counts := map[string]int{}
	firstDiv := true
	walk(t, l.HTML, func(path []element, words string) {
		e := path[len(path)-1]
		if words != "" {
			return
		}
		counts[e.name]++
		switch e.name {
		case "html", "div":
			if (e.name == "html" || firstDiv) && (e.attr["lang"] == "" || e.attr["dir"] == "") {
				t.Errorf("%s: %s lacks lang or dir", l.Kind, e.name)
			}
			firstDiv = firstDiv && e.name != "div"
		case "table":
			if e.attr["role"] != "presentation" {
				t.Errorf("%s: a table for layout says nothing of it", l.Kind)
			}
		case "h3":
			if counts["h1"] == 0 {
				t.Errorf("%s: h3 before h1", l.Kind)
			}
		case "a":
			checkLink(t, l, e)
		case "img", "script", "iframe", "form", "input", "svg", "link", "object":
			t.Errorf("%s: contains %s", l.Kind, e.name)
		}
		if size := e.style["font-size"]; size != "" {
			if px, err := strconv.Atoi(strings.TrimSuffix(size, "px")); err != nil || px < 14 {
				t.Errorf("%s: text of %s", l.Kind, size)
			}
		}
	})
	if counts["h1"] != 1 {
		t.Errorf("%s: %d headings of the first level", l.Kind, counts["h1"])
	}
	for _, bad := range []string{"display:none", "visibility", "flex", "grid", "rem;", "var(", "ZgotmplZ", "font-size:0", "opacity", "http://", "https://"} {
		html := l.HTML
		if strings.HasPrefix(bad, "http") { // a person's link stays text, it never becomes one
			html = strings.ReplaceAll(html, "http://evil.example", "")
		}
		if strings.Contains(html, bad) {
			t.Errorf("%s: html contains %q", l.Kind, bad)
		}
	}
	if len(l.HTML) > 85<<10 {
		t.Errorf("%s: %d bytes of html", l.Kind, len(l.HTML))
	}
}

// checkLink: every link opens a mail that can be sent as it is, is short enough
// to survive, and its tap is 44 px high.
func checkLink(t testing.TB, l store.Letter, e element) {
	t.Helper()
	href := e.attr["href"]
	u, err := url.Parse(href)
	if err != nil || u.Scheme != "mailto" {
		t.Errorf("%s: link %q: %v", l.Kind, href, err)
		return
	}
	if len(href) > 500 || strings.Contains(href, "+") {
		t.Errorf("%s: link of %d bytes: %s", l.Kind, len(href), href)
	}
	if to, err := url.PathUnescape(u.Opaque); err != nil || to != "help@greenfield.example" {
		t.Errorf("%s: link to %q: %v", l.Kind, to, err)
	}
	if u.RawQuery != "" {
		q, err := url.ParseQuery(u.RawQuery)
		if err != nil || q.Get("subject") == "" || q.Get("body") == "" || len(q) != 2 {
			t.Errorf("%s: link %q: %v %v", l.Kind, href, q, err)
		}
		if !regexp.MustCompile(`#\d+|\[[a-z]{5}(-[a-z]{5}){2}\]`).MatchString(q.Get("subject")) {
			t.Errorf("%s: the link's subject %q does not carry the ask", l.Kind, q.Get("subject"))
		}
	}
	padding, _ := strconv.Atoi(strings.TrimSuffix(strings.Fields(e.style["padding"])[0], "px"))
	height, _ := strconv.Atoi(strings.TrimSuffix(e.style["line-height"], "px"))
	if 2*padding+height < 44 || e.style["display"] != "inline-block" {
		t.Errorf("%s: a tap is %d px high", l.Kind, 2*padding+height)
	}
}

func TestHTML(t *testing.T) {
	for _, l := range sampleLetters(t) {
		checkHTML(t, l)
	}
}

// TestTextAndHTMLSayTheSame: every word of the text part stands in the HTML
// part in the same order.
func TestTextAndHTMLSayTheSame(t *testing.T) {
	for _, l := range sampleLetters(t) {
		var shown []string
		walk(t, l.HTML, func(path []element, words string) {
			if inBody(path) {
				shown = append(shown, strings.Fields(words)...)
			}
		})
		i := 0
		for line := range strings.SplitSeq(l.Text, "\n") {
			if line == "-- " {
				continue
			}
			line = strings.TrimPrefix(strings.TrimPrefix(line, ">"), "- ")
			for _, w := range strings.Fields(line) {
				at := slices.Index(shown[i:], w)
				if at < 0 {
					t.Errorf("%s: %q of the text is missing in the html after %q", l.Kind, w, shown[max(i-5, 0):i])
					break
				}
				i += at + 1
			}
		}
	}
}

func inBody(path []element) bool {
	return len(path) > 1 && path[1].name == "body"
}

// TestContrast computes the contrast of every text on its background (WCAG 2.1,
// 1.4.3), light and dark; the dark colours are those of the style element.
func TestContrast(t *testing.T) {
	css := regexp.MustCompile(`(?m)^\.(\w+) \{ (.*) \}$`)
	colour := regexp.MustCompile(`(^|[; ])(color|background-color): (#[0-9a-f]{6})`)
	for _, l := range sampleLetters(t) {
		_, dark, found := strings.Cut(l.HTML, "prefers-color-scheme: dark")
		if !found {
			t.Fatalf("%s: no dark colours", l.Kind)
		}
		rules := map[string]map[string]string{}
		for _, m := range css.FindAllStringSubmatch(dark[:strings.Index(dark, "</style>")], -1) {
			rules[m[1]] = map[string]string{}
			for _, c := range colour.FindAllStringSubmatch(m[2], -1) {
				rules[m[1]][c[2]] = c[3]
			}
		}
		checked := 0
		walk(t, l.HTML, func(path []element, words string) {
			if words == "" || !inBody(path) {
				return
			}
			checked++
			for mode, classes := range map[string]map[string]map[string]string{"light": nil, "dark": rules} {
				ink, paper := "#000000", "#ffffff"
				for _, e := range path {
					paper = or(e.style["background-color"], paper)
					ink = or(e.style["color"], ink)
					for class := range strings.FieldsSeq(e.attr["class"]) {
						paper = or(classes[class]["background-color"], paper)
						ink = or(classes[class]["color"], ink)
					}
				}
				if c := contrast(t, ink, paper); c < 4.5 {
					t.Errorf("%s, %s: %s on %s is %.2f: %q", l.Kind, mode, ink, paper, c, words)
				}
			}
		})
		if checked < 4 {
			t.Errorf("%s: only %d texts checked", l.Kind, checked)
		}
	}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func contrast(t testing.TB, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t testing.TB, hex string) float64 {
	t.Helper()
	var rgb [3]int
	if _, err := fmt.Sscanf(hex, "#%02x%02x%02x", &rgb[0], &rgb[1], &rgb[2]); err != nil {
		t.Fatalf("%q is not a colour", hex)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		c := float64(rgb[i]) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}
