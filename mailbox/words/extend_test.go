package words

import (
	"strings"
	"testing"
)

// A school's own phrases are found, in any spelling, and only in its vocabulary.
func TestWith(t *testing.T) {
	own, err := Standard().With(map[string][]string{"offer": {"deal me in", "Ich bin am Start"}, "close": {"In the bag"}, "stop": {"basta ya"}})
	if err != nil {
		t.Fatal(err)
	}
	has := func(v *Vocabulary, text string, class Class) bool {
		for _, m := range v.Find(Tokens(text)) {
			if m.Class == class {
				return true
			}
		}
		return false
	}
	for _, row := range []struct {
		text  string
		class Class
		found bool
	}{
		{"Deal me in!", "offer", true},
		{"ok, ICH BIN AM START", "offer", true},
		{"In the bag, thanks", "close", true},
		{"She put it in the bag", "close", false}, // not the first words
		{"basta ya", "stop", true},
		{"I can help", "offer", true},
	} {
		if got := has(own, row.text, row.class); got != row.found {
			t.Errorf("%q %s: %v", row.text, row.class, got)
		}
	}
	if has(Standard(), "deal me in", "offer") {
		t.Error("the standard vocabulary changed")
	}
}

// What would act by accident is refused in a sentence.
func TestCheck(t *testing.T) {
	for _, row := range []struct{ section, phrase, want string }{
		{"stop", "thanks", "by accident"},
		{"offer", "17", "by accident"},
		{"close", "", "no word"},
		{"close", "!!", "no word"},
		{"offer", "no", "by accident"},
		{"stop", "I can help", "means offer already"},
		{"offer", "stop sending", "means stop already"},
		{"offer", "one two three four five six seven eight nine", "too long"},
		{"offer", strings.Repeat("x", 61), "too long"},
		{"offer", "deal .. in", "mark"},
		{"weekday", "caturday", "no section"},
		{"offer", "deal me in", ""},
		{"thanks", "you rock", ""},
		{"stop", "bitte aufhören", ""},
	} {
		err := Standard().Check(row.section, row.phrase)
		if row.want == "" && err != nil || row.want != "" && (err == nil || !strings.Contains(err.Error(), row.want)) {
			t.Errorf("%s %q: %v, want %q", row.section, row.phrase, err, row.want)
		}
		if row.want != "" {
			if _, err := Standard().With(map[string][]string{row.section: {row.phrase}}); err == nil {
				t.Errorf("%s %q was added", row.section, row.phrase)
			}
		}
	}
}
