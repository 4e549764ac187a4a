package trim_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"askfirst/mailbox/trim"
)

// kinds are the names of all letters we send, from their golden files.
func kinds(t testing.TB) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "digest", "testdata", "letters", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Skip("the golden letters are not here")
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(filepath.Base(f), ".txt")
	}
	return files
}

// damage is what programs and servers on the way do to a quoted letter.
type damage struct {
	name string
	do   func(l trim.Letter) string
}

var linked = regexp.MustCompile(`[\w.]+@[\w.]+\w`)

func damages() []damage {
	text := func(f func(string) string) func(trim.Letter) string {
		return func(l trim.Letter) string { return f(l.Text) }
	}
	marks := func(mark string) func(trim.Letter) string {
		return func(l trim.Letter) string { return prefixed(mark, l.Text) }
	}
	wrap := func(mark string, width int) func(trim.Letter) string {
		return func(l trim.Letter) string {
			var out []string
			for p := range strings.SplitSeq(l.Text, "\n\n") {
				out = append(out, strings.TrimRight(rewrapped(p, width), "\n"))
			}
			return prefixed(mark, strings.Join(out, "\n\n"))
		}
	}
	return []damage{
		{"bare", text(func(s string) string { return s })},
		{">", marks("> ")}, {">>", marks("> > ")}, {"tab", marks("\t")}, {"bar", marks("| ")}, {"AB>", marks("AB> ")},
		{"60", wrap("", 60)}, {"72", wrap("> ", 72)}, {"76", wrap("", 76)}, {"998", wrap("> ", 998)}, {"all one", text(func(s string) string { return strings.Join(strings.Fields(s), " ") + "\n" })},
		{"rewrapped without marks", text(func(s string) string { // a long marked line broken again
			var out []string
			for l := range strings.SplitSeq(prefixed("> ", s), "\n") {
				if len(l) > 60 {
					if i := strings.LastIndexByte(l[:60], ' '); i > 2 {
						l = l[:i] + "\n" + l[i+1:]
					}
				}
				out = append(out, l)
			}
			return strings.Join(out, "\n")
		})},
		{"smart", text(strings.NewReplacer("'", "’", " - ", " – ", "...", "…", "(", "（").Replace)},
		{"nbsp", text(strings.NewReplacer(" ", "\u00a0", "\u202f", " ").Replace)},
		{"trailing", text(func(s string) string { return strings.ReplaceAll(s, "\n", "  \t\n") })},
		{"linked", text(func(s string) string {
			return prefixed("> ", linked.ReplaceAllString(strings.ReplaceAll(s, "#17", "#17 <https://x.example/17>"), "$0 <mailto:$0>"))
		})},
		{"linked, broken", text(func(s string) string { return prefixed("> ", linked.ReplaceAllString(s, "$0\n<mailto:$0>")) })},
		{"cid", text(func(s string) string { return "[cid:image001.png@01DC5A]\n" + s + "[image: logo]\n" })},
		{"question marks", text(func(s string) string {
			return strings.Map(func(c rune) rune {
				if c > 0xff {
					return '?'
				}
				return c
			}, s)
		})},
		{"replacement", text(func(s string) string {
			return strings.Map(func(c rune) rune {
				if c > 0x7f {
					return '\ufffd'
				}
				return c
			}, s)
		})},
		{"stars", text(func(s string) string {
			var out []string
			for l := range strings.SplitSeq(s, "\n") {
				if len(l) > 2 && len(l) < 50 && strings.TrimSpace(l) != "--" {
					l = "*" + strings.TrimSpace(l) + "*"
				}
				out = append(out, l)
			}
			return strings.Join(out, "\n")
		})},
		{"flat", func(l trim.Letter) string { return flat(l) }},
		{"flat >", func(l trim.Letter) string { return prefixed("> ", flat(l)) }},
		{"no blank lines", text(func(s string) string { return strings.ReplaceAll(s, "\n\n", "\n") })},
		{"blank lines", text(func(s string) string { return strings.ReplaceAll(s, "\n", "\n\n") })},
		{"indented", marks("    ")},
	}
}

// Every letter we send, fed back as a reply with nothing added, says nothing,
// whatever was done to it on the way; and one word on top or below is exactly
// what is found.
func TestEveryLetterBack(t *testing.T) {
	bad := map[string]int{}
	words := []string{"17", "yes", "Merci", "👍"}
	for k, kind := range kinds(t) {
		l := golden(t, kind)
		for n, d := range damages() {
			quote := d.do(l)
			for _, word := range []string{"", words[(k+n)%len(words)]} {
				for place, plain := range map[string]string{"above": word + "\n\n" + quote, "below": quote + "\n\n" + word + "\n",
					"attributed": word + "\n\nOn Fri, 20 Nov 2026 at 07:30, Greenfield Help Exchange <help@greenfield.example> wrote:\n\n" + quote} {
					got := trim.Trim(trim.Input{Plain: plain, Letters: []trim.Letter{l}, Names: []string{"Mark Evans"}})
					if collapse(got.Text) != word {
						bad[d.name]++
						t.Errorf("%s, %s, %s: got %q, want %q (letter %d)", kind, d.name, place, got.Text, word, got.Letter)
					}
				}
			}
		}
		for name, rich := range map[string]string{"as sent": body(l), "word": inWord(l.HTML)} {
			for _, word := range []string{"", words[k%len(words)]} {
				for frame, source := range map[string]string{
					"blockquote": `<div>` + word + `</div><blockquote type="cite">` + rich + `</blockquote>`,
					"bare":       `<div>` + word + `</div>` + rich,
					"border":     `<div>` + word + `</div><div id="appendonsend"></div>` + rich,
					"below":      rich + `<div>` + word + `</div>`,
				} {
					got := trim.Trim(trim.Input{HTML: source, Letters: []trim.Letter{l}, Names: []string{"Mark Evans"}})
					if collapse(got.Text) != word {
						bad["html "+name]++
						t.Errorf("%s, html %s, %s: got %q, want %q (letter %d)", kind, name, frame, got.Text, word, got.Letter)
					}
				}
			}
		}
	}
	t.Logf("%v", bad)
}

// A word between two paragraphs of the quote is found, and belongs to the item
// above it.
func TestEveryLetterWithAWordInIt(t *testing.T) {
	for _, kind := range kinds(t) {
		l := golden(t, kind)
		for _, mark := range []string{"> ", "\t", ""} {
			paragraphs := strings.Split(strings.TrimRight(l.Text, "\n"), "\n\n")
			for i := 1; i < len(paragraphs); i++ {
				plain := prefixed(mark, strings.Join(paragraphs[:i], "\n\n")) + "\nMerci bien\n\n" + prefixed(mark, strings.Join(paragraphs[i:], "\n\n"))
				got := trim.Trim(trim.Input{Plain: "On Fri, 20 Nov 2026 at 07:30, Help <help@greenfield.example> wrote:\n" + plain, Letters: []trim.Letter{l}, Names: []string{"Mark Evans"}})
				if got.Text != "Merci bien" {
					t.Errorf("%s, mark %q, below %q: got %q (letter %d)", kind, mark, paragraphs[i-1], got.Text, got.Letter)
				}
			}
		}
	}
}
