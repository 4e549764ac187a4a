package parse_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"
)

// raws reads every raw message of the corpora by folder and name.
func raws(t testing.TB) map[string][]byte {
	out := map[string][]byte{}
	files, err := filepath.Glob(filepath.Join(mailboxtest.Corpora(t), "raw", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(filepath.Dir(f))+"/"+filepath.Base(f)] = b
	}
	if len(out) < 1000 {
		t.Fatalf("%d raw messages, there ought to be 1,493", len(out))
	}
	return out
}

func TestCorpusIsRead(t *testing.T) {
	text, mojibake := 0, 0
	all := raws(t)
	for name, raw := range all {
		m := parse.Read(raw, parse.Standard())
		s := m.Text()
		if strings.TrimSpace(s) != "" {
			text++
		} else if testing.Verbose() {
			t.Logf("no text: %s (%s) %v", name, m.Kind, m.Problems)
		}
		if !utf8.ValidString(s + m.HTML + m.Subject) {
			t.Errorf("%s: not UTF-8", name)
		}
		if strings.ContainsRune(s+m.Subject, '\uFFFD') && !strings.Contains(string(raw), "\uFFFD") {
			mojibake++
			t.Logf("mojibake: %s", name)
		}
	}
	t.Logf("%d messages, %d with text, %d with U+FFFD", len(all), text, mojibake)
	if text < 1433 || mojibake > 0 {
		t.Errorf("%d with text, %d with U+FFFD; had reached 1433 and 0", text, mojibake)
	}
}

// bare is text without white space.
func bare(s string) string { return strings.Join(strings.Fields(s), "") }

// What another reader of mail expects of its own test messages. It does not
// read the HTML beside a plain part, gives up on nested parts that are not
// closed, and keeps U+FFFD where we find the characters that were meant.
func TestMailParserExpectations(t *testing.T) {
	dir := mailboxtest.Corpora(t)
	b, err := os.ReadFile(filepath.Join(dir, "mail-parser-expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]struct {
		Subject    *string
		Text, HTML string
	}
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	bodies, subjects, nb, ns := 0, 0, 0, 0
	for name, w := range want {
		raw, err := os.ReadFile(filepath.Join(dir, "raw", "mail-parser", name))
		if err != nil {
			t.Fatal(err)
		}
		m := parse.Read(raw, parse.Standard())
		if w.Subject != nil {
			ns++
			if bare(m.Subject) == bare(strings.ReplaceAll(*w.Subject, "\x00", "")) {
				subjects++
			} else {
				t.Logf("subject %s\n got %q\nwant %q", name, m.Subject, *w.Subject)
			}
		}
		got, expected := m.Text(), w.Text
		if expected == "" {
			got, expected = m.HTML, w.HTML
		}
		if strings.TrimSpace(expected) != "" {
			nb++
			if bare(got) == bare(strings.ReplaceAll(expected, "\x00", "")) {
				bodies++
			} else {
				t.Logf("body %s\n got %.600q\nwant %.600q", name, got, expected)
			}
		}
	}
	t.Logf("mail-parser: bodies %d/%d, subjects %d/%d", bodies, nb, subjects, ns)
	if bodies < 75 || subjects < 74 {
		t.Errorf("bodies %d, subjects %d", bodies, subjects)
	}
}
