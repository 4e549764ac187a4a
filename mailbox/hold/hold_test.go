package hold

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

// table reads "label: text" lines of a file in testdata.
func table(t testing.TB, name string) (labels, texts []string) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		label, text, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("%s: %q has no label", name, line)
		}
		labels, texts = append(labels, label), append(texts, strings.ReplaceAll(text, `\n`, "\n"))
	}
	return labels, texts
}

// colleagues are on the staff list of the tables.
func colleagues(word string) bool {
	switch word {
	case "mark", "ben", "sam", "ruth", "priya", "example":
		return true
	}
	return false
}

// TestFalseAlarms: what asks for a laminator is not asked about.
func TestFalseAlarms(t *testing.T) {
	labels, texts := table(t, "harmless.txt")
	if len(texts) < 150 {
		t.Errorf("%d harmless asks, want 150", len(texts))
	}
	alarms := 0
	for i, text := range texts {
		if found := Standard().Find("", text, colleagues); len(found) > 0 {
			alarms++
			t.Logf("%s %q: %s", labels[i], text, Join(found))
		}
	}
	t.Logf("%d of %d harmless asks would be held", alarms, len(texts))
	if alarms > 2 {
		t.Errorf("%d false alarms", alarms)
	}
}

// TestHeld: what names a pupil, or tells a number or a password, is asked about.
func TestHeld(t *testing.T) {
	labels, texts := table(t, "held.txt")
	if len(texts) < 120 {
		t.Errorf("%d asks to hold, want 120", len(texts))
	}
	missed, other := 0, 0
	for i, text := range texts {
		found := Standard().Find("", text, colleagues)
		switch {
		case len(found) == 0:
			missed++
			t.Logf("missed %s: %q", labels[i], text)
		case !strings.Contains(Join(found), labels[i]+"/"):
			other++
			t.Logf("%s for %s: %q", Join(found), labels[i], text)
		}
	}
	t.Logf("%d of %d held, %d under another name", len(texts)-missed, len(texts), other)
	if missed*20 > len(texts) {
		t.Errorf("%d of %d were let pass", missed, len(texts))
	}
}

// FuzzHold: nothing panics, lines and codes exist, and names do not depend on
// what is known of them.
func FuzzHold(f *testing.F) {
	for _, name := range []string{"held.txt", "harmless.txt"} {
		_, texts := table(f, name)
		for _, text := range texts {
			f.Add("Help please", text)
		}
	}
	f.Add("Jack's", "' mum pw:\n\nPIN 1 2 3 4 5 6 7 8 9\x00\xff\u00b2 called")
	f.Fuzz(func(t *testing.T, title, text string) {
		for _, found := range Standard().Find(title, text, nil) {
			if found.Line < 0 || found.Line > 1+strings.Count(text, "\n") || !slices.Contains(Codes(), found.Code) {
				t.Fatalf("%+v", found)
			}
		}
		Standard().Names(title, text)
		AnswerOf(text)
	})
}

// TestBait: texts made to be slow are not.
func TestBait(t *testing.T) {
	for _, bait := range []string{"1 ", "Jack in ", "password ", "password is ", "07 ", "my pupil called ", "DE89 3704 ", "-1-1", "mother of ", "Max 4b, ", "lives at 1 ", "born 1.", "a\n", "(((1", "send, "} {
		text := strings.Repeat(bait, 60<<10/len(bait))
		best := time.Hour
		for range 3 {
			begin := time.Now()
			Standard().Find(text, text, nil)
			AnswerOf(text)
			best = min(best, time.Since(begin))
		}
		if best > 250*time.Millisecond {
			t.Errorf("%q: %v", bait, best)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	_, texts := table(b, "harmless.txt")
	all := 0
	for i := 0; b.Loop(); i++ {
		text := texts[i%len(texts)]
		all += len(text)
		Standard().Names("", text)
		Standard().Find("", text, nil)
	}
	b.SetBytes(int64(all / b.N))
}
