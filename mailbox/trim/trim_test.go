package trim_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"askfirst/mailbox/mailboxtest"
	"askfirst/mailbox/parse"

	"askfirst/mailbox/trim"
)

type reply struct{ Corpus, ID, Input, HTML, Expected string }

func replies(t testing.TB) []reply {
	b, err := os.ReadFile(filepath.Join(mailboxtest.Corpora(t), "replies.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []reply
	if err := json.Unmarshal(b, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// The figures reached on other people's replies, exact but for white space.
func TestRepliesOfOthers(t *testing.T) {
	reached := map[string]int{"trimmer": 61, "talon-text": 50, "talon-eml": 10, "talon-html": 9, "crisp": 43, "activecollab": 27}
	score, count := map[string]int{}, map[string]int{}
	for _, r := range replies(t) {
		in := trim.Input{Plain: r.Input}
		if r.Input == "" {
			in.HTML = r.HTML
		}
		got := trim.Trim(in)
		count[r.Corpus]++
		if collapse(got.Text) == collapse(r.Expected) {
			score[r.Corpus]++
		} else if testing.Verbose() {
			t.Logf("%s %s\n got %.500q\nwant %.500q", r.Corpus, r.ID, got.Text, r.Expected)
		}
	}
	sum := 0
	for c, n := range count {
		t.Logf("%s %d/%d", c, score[c], n)
		if score[c] < reached[c] {
			t.Errorf("%s: %d, had reached %d", c, score[c], reached[c])
		}
		if c != "talon-html" {
			sum += score[c]
		}
	}
	t.Logf("sum %d/200", sum)
}

// Where a reply has HTML, its border decides: better than its text part does.
func TestRepliesWithHTML(t *testing.T) {
	score, count := 0, 0
	for _, r := range replies(t) {
		if r.Input == "" || r.HTML == "" {
			continue
		}
		count++
		got := trim.Trim(trim.Input{Plain: r.Input, HTML: r.HTML})
		if collapse(got.Text) == collapse(r.Expected) {
			score++
		} else if testing.Verbose() {
			t.Logf("%s %s\n got %.500q\nwant %.500q\n html %.3000s", r.Corpus, r.ID, got.Text, r.Expected, r.HTML)
		}
	}
	t.Logf("replies with HTML and text: %d/%d", score, count)
	if score < 22 {
		t.Errorf("%d, had reached 22", score)
	}
}

// No mail of the world is cut to nothing or taken for a quote of our digest.
func TestMailOfTheWorld(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(mailboxtest.Corpora(t), "raw", "*", "*"))
	if err != nil || len(files) < 1000 {
		t.Fatalf("%d raw messages: %v", len(files), err)
	}
	whole := 0
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		m := parse.Read(raw, parse.Standard())
		_, _, forward := parse.BaseSubject(m.Subject)
		got := trim.Trim(trim.Input{Plain: m.Plain, HTML: m.HTML, Letters: digest(), Forward: forward})
		if got.Letter != -1 {
			t.Errorf("%s: taken for our digest", f)
		}
		if got.Text == "" && strings.ContainsFunc(m.Text(), unicode.IsLetter) {
			t.Errorf("%s: cut to nothing", f)
		}
		if got.Whole {
			whole++
		}
	}
	t.Logf("%d messages, %d kept whole because nothing else was left", len(files), whole)
}
