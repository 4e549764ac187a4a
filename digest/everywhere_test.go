package digest

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"askfirst/store"
)

// kept are fields that no sender fills: which letter it is and to whom, and what
// the book chooses from a list of its own.
var kept = []string{"Kind", "Key", "Email", "Language", "State", "Held", "To.Name", "ID", "Letters", "Aliases", "Thread", "Rhythm", "Code"}

// poison puts a value into every string of a fact that a person wrote.
func poison(v reflect.Value, value string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fresh := reflect.New(v.Elem().Type())
			fresh.Elem().Set(v.Elem())
			poison(fresh.Elem(), value)
			v.Set(fresh)
		}
	case reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		for i := range fresh.Len() {
			poison(fresh.Index(i), value)
		}
		if !v.IsNil() {
			v.Set(fresh)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && !slices.Contains(kept, f.Name) && !(f.Name == "Name" && v.Type() == reflect.TypeFor[store.DataSection]()) {
				poison(v.Field(i), value)
			}
		}
	case reflect.String:
		if v.String() != "" {
			v.SetString(value)
		}
	}
}

// cruel is a sample in which every person writes this, in every letter.
func cruel(value string, kinds ...string) store.Outcome {
	o := sample("en")
	if len(kinds) > 0 {
		o.Facts = slices.DeleteFunc(o.Facts, func(f store.Fact) bool { return !slices.Contains(kinds, f.Kind) })
	}
	o.Exchange.Name = "Greenfield " + value
	for i := range o.Facts {
		f := &o.Facts[i]
		reason := f.Reason
		if f.Kind != store.KindTakenDown && f.Kind != store.KindAdmin {
			defer func() { f.Reason = reason }() // a choice of ours
		}
		poison(reflect.ValueOf(f).Elem(), value)
		f.To.Name = value
		if f.Ask.Held != "" {
			f.Ask.Held = "pupil/0 phone/2"
		}
	}
	return o
}

// harm is what must not be in a letter.
func harm(t testing.TB, value string, l store.Letter) {
	t.Helper()
	for name, part := range map[string]string{"subject": l.Subject, "text": l.Text, "html": l.HTML} {
		if !utf8.ValidString(part) {
			t.Errorf("%s: %q makes the %s no UTF-8", l.Kind, short(value), name)
		}
		marks, joiners := 0, 0
		for i, r := range part {
			bad := r != '\n' && (r < ' ' || r >= 0x7F && r <= 0x9F || invisible(r)) || r == '\n' && name == "subject"
			if unicode.Is(unicode.M, r) {
				marks++
			} else if r != 0x200C && r != 0x200D {
				marks = 0
			}
			if r == 0x200C || r == 0x200D {
				joiners++
			} else {
				joiners = 0
			}
			if bad || marks > 4 || joiners > 1 {
				t.Errorf("%s: %q leaves %q in the %s", l.Kind, short(value), part[max(0, i-20):min(len(part), i+20)], name)
				break
			}
		}
	}
	if utf8.RuneCountInString(l.Subject) > 200 {
		t.Errorf("%s: %q makes a subject of %d characters", l.Kind, short(value), utf8.RuneCountInString(l.Subject))
	}
	for line := range strings.Lines(l.Text) {
		if w := width(strings.TrimSuffix(line, "\n")); w > 78 && !strings.Contains(line, "://") && !strings.Contains(line, "@") {
			t.Errorf("%s: %q makes a line of %d columns", l.Kind, short(value), w)
			break
		}
	}
}

func short(s string) string { return s[:min(len(s), 60)] }

// cruelties are values that draw, hide or order something where they are shown.
func cruelties() []string {
	return []string{
		"Sam \u202etxt.exe\u202c", "\u2066Sam\u2069 \u2067x\u2068", "S\u200e\u200f\u061cam", "Sam" + strings.Repeat("\u200d", 50) + "x", "Sam" + strings.Repeat("\u200c\u200d", 50), "Sam\u200d" + strings.Repeat("\x8d\u200b\u200d", 9) + "x", "Z" + strings.Repeat("\u0300\u0301\u200b", 9),
		"Z" + strings.Repeat("\u0300\u0301\u0489", 400), "Z" + strings.Repeat("\u20dd", 1000), "Z" + strings.Repeat("\u0903", 1000), "Sam\x00Doyle", "\x1b[31mSam\x1b[0m", "\u009b31mSam", "Sam\r\nBcc: all@else.example", "Sam\nDoyle\n\n\nX",
		"Sam\u2028Doyle\u2029x", "Sam\u0085Doyle", "\ufeffSam", "S\u00ada\u200bm", "\U000e0041\U000e0042Sam", "Sam\xff\xfe", "\ud7ff\uffff", "\x02" + "0" + "\x03", "\x02999\x03", "\x7fSam", strings.Repeat("Sam", 500), strings.Repeat("漢", 500), strings.Repeat(" ", 500) + "x", "\u3164", "\u2800\u2800", "\u115f", "\u180e", "\ufe0f\ufe0f\ufe0f", "{{.To}}", "<b>Sam</b>", "\"><script>", "Sam,\nstop", "> Sam", "-- \nSam", "#17 Sam", "17", "\ufff9a\ufffab\ufffb", "\U0001d173x\U0001d17a",
	}
}

// TestCruelWordsEverywhere puts hostile values into everything that people write,
// in every kind of letter.
func TestCruelWordsEverywhere(t *testing.T) {
	for _, value := range cruelties() {
		letters, err := voice(t).Letters(cruel(value))
		if err != nil {
			t.Errorf("%q: %v", short(value), err)
			continue
		}
		for _, l := range letters {
			harm(t, value, l)
		}
	}
}

// FuzzCruelWords does the same with whatever comes, in the letters that show most.
func FuzzCruelWords(f *testing.F) {
	v := voice(f)
	for _, c := range cruelties() {
		f.Add(c)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if len(value) > 5000 {
			return
		}
		letters, err := v.Letters(cruel(value, store.KindDigest, store.KindIntroduction, store.KindWhichPerson))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range letters {
			harm(t, value, l)
		}
	})
}
