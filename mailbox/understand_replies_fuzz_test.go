package mailbox

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// vocabulary is the phrases of the data files, and what people put between them.
func vocabulary(t testing.TB) []string {
	t.Helper()
	phrases := []string{
		"17", "#17", "#19", "4", "99", "#99", "2026", "№4", "④", "1️⃣7️⃣", "17:00", "17%", "£17", "17/19", "27/11", "7.12.", "0151 17 23", "Year 4", "room 17", "P17",
		",", ".", "!", "?", "\n", "\n\n", ":", "-", "(", ")", "and", "und", "et", "y", "en", "but", "not", "no", "👍", "🙋", "❌", "+1",
		"microscope", "piano", "Tigrinya", "Priya", "Sam", "Maria", "Ben", "Mark", "Anna", "-- ", "> quoted", "second one", "the last one",
		"\u200b", "\u202e", "\x00", "\u00a0", strings.Repeat("x", 300),
	}
	paths, err := filepath.Glob("words/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no vocabularies", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, ";") || strings.HasPrefix(line, "[") {
				continue
			}
			for phrase := range strings.SplitSeq(line, ",") {
				phrase = strings.NewReplacer("^", "", "$", "", "..", "x", "@", "Ben").Replace(strings.TrimSpace(phrase))
				if phrase != "" {
					phrases = append(phrases, phrase)
				}
			}
		}
	}
	return phrases
}

// FuzzReplies writes digest replies out of the vocabularies, numbers and names,
// quoted as mail programs do. Whatever they say: an act names only asks that the
// book has, a machine does nothing, and our own letter alone does nothing.
func FuzzReplies(f *testing.F) {
	phrases := vocabulary(f)
	styles := quotingStyles()
	names := slices.Sorted(maps.Keys(styles))
	letters := []string{"digest", "digest-one", "recent", "", "introduction/22", "introduction/21", "did_it_help/21", "still_looking/14", "acknowledgement/23", "may_i_share/21", "thank_you/22", "reserve/17", "help"}
	f.Add([]byte{0, 1, 0, 4, 0, 9}, byte(0), byte(0), byte(1))
	f.Add([]byte{1, 200, 0, 0, 3, 9}, byte(3), byte(1), byte(5))
	f.Add([]byte{}, byte(1), byte(0), byte(1))
	f.Fuzz(func(t *testing.T, picks []byte, style, letter, who byte) {
		var text strings.Builder
		for i := 0; i+1 < min(len(picks), 120); i += 2 {
			text.WriteString(phrases[(int(picks[i])<<8|int(picks[i+1]))%len(phrases)])
			text.WriteString(" ")
		}
		writer := []store.Member{priya, mark, sam, ben, maria, anna}[int(who)%6]
		name := letters[int(letter)%len(letters)]
		quote := styles[names[int(style)%len(names)]]
		for _, said := range []string{text.String(), ""} {
			v := testWorld(writer, name)
			body := said
			if len(v.Letters) > 0 && len(strings.Fields(v.Letters[0].Text)) >= 12 && style%2 == 0 { // shorter than any letter of ours
				body = quote(said, v.Letters[0].Text)
			}
			m := written(writer, v, "", body)
			e := Understand(m, v, Policy{Verify: "none"})
			holds(t, e, v, body)
			if said == "" && len(e.Acts) > 0 {
				t.Errorf("nothing was written, yet %s\n%s", actsOf(e), body)
			}
			m.Header = parse.Header{{Name: "Auto-Submitted", Value: "auto-replied"}}
			if e := Understand(m, v, Policy{Verify: "none"}); e.Verdict != store.Ignored || len(e.Acts) > 0 {
				t.Errorf("a machine's mail: %s", actsOf(e))
			}
		}
	})
}

// holds checks what is true of every event.
func holds(t *testing.T, e store.Event, v store.View, body string) {
	t.Helper()
	if problem := sound(e); problem != "" {
		t.Errorf("%s\n%s\n%q", problem, actsOf(e), body)
	}
	for _, a := range e.Acts {
		for _, n := range append([]int64{a.Ask}, a.Candidates...) {
			if _, ok := v.Asks[n]; !ok && n != 0 {
				t.Errorf("%s names #%d, which the book does not have\n%q", a.Kind, n, body)
			}
		}
		if a.Kind == store.ActOffer && v.Asks[a.Ask].Asker.ID == v.Writer.ID {
			t.Errorf("an offer on one's own ask #%d\n%q", a.Ask, body)
		}
		if !a.Until.IsZero() && a.Until.Before(v.Today) {
			t.Errorf("%s until %s, which is over\n%q", a.Kind, a.Until, body)
		}
	}
}
