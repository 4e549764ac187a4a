package mailbox

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

var greeted = regexp.MustCompile(`(?m)^(Hello )\pL+,`)

// Nothing that we print may act, even where the removal of quotes fails: every
// letter comes back once as a quote, and once as if its reader had typed it.
func TestOurOwnWords(t *testing.T) {
	paths, err := filepath.Glob("../digest/testdata/letters/*.txt")
	if err != nil || len(paths) == 0 {
		t.Skip("the golden letters are not here")
	}
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), ".txt"), "-")
		head, text, ok := strings.Cut(string(raw), "\n\n")
		if !ok || !strings.Contains(head, "Subject:") {
			text = string(raw)
		}
		letter := store.Sent{Key: kind + "/x", Kind: kind, MessageID: "<x@green.example>", Subject: "A letter (#17)", Text: text}
		for _, n := range []int64{17, 14} {
			if kind != store.KindDigest && kind != store.KindStatus && kind != store.KindWhichAsk {
				letter.Items = []store.Item{{Position: 1, Ask: n}}
			}
			for _, writer := range []store.Member{mark, anna} {
				text := greeted.ReplaceAllString(text, "${1}"+writer.FirstName()+",")
				v := testWorld(writer, "")
				v.Letters = []store.Sent{letter}
				e := Understand(&parse.Message{From: []parse.Address{{Email: writer.Email}}, Subject: "Re: A letter (#17)", Plain: "On Fri, 20 Nov 2026 at 07:30, Greenfield <help@green.example> wrote:\n" + prefixed(text, "> ")}, v, Policy{Verify: "none"})
				if e.Verdict != store.Ignored {
					t.Errorf("%s quoted by %s: %s %q", kind, writer.FirstName(), actsOf(e), e.Text)
				}
				v.Letters[0].Text = ""
				e = Understand(&parse.Message{From: []parse.Address{{Email: writer.Email}}, Subject: "Re: A letter (#17)", Plain: text}, v, Policy{Verify: "none"})
				for _, a := range e.Acts {
					switch a.Kind {
					case store.ActChat, store.ActUnclear, store.ActEdit:
					default:
						t.Errorf("%s typed by %s: %s (%s)\n%s", kind, writer.FirstName(), actsOf(e), e.Reason, strings.Join(e.Trace, "\n"))
					}
				}
			}
		}
	}
}
