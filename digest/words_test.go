package digest

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"askfirst/store"
)

func TestWhen(t *testing.T) {
	l := voice(t).languages["en"]
	friday := store.Date{Year: 2026, Month: time.November, Day: 20}
	for _, c := range []struct {
		d    store.Date
		late bool
		want string
	}{
		{friday, false, "today at 07:30"},
		{friday, true, "today"},
		{friday.AddDays(1), true, "tomorrow at 07:30"},
		{friday.AddDays(3), true, "on Monday at 07:30"},
		{friday.AddDays(6), false, "on Thursday at 07:30"},
		{friday.AddDays(7), false, "on Friday 27 November at 07:30"},
		{friday.AddDays(-1), false, "with the next digest"},
		{store.Date{}, false, "with the next digest"},
	} {
		if got, err := l.when(c.d, friday, store.Clock{Hour: 7, Minute: 30}, c.late); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.d, got, err, c.want)
		}
	}
	for _, c := range []struct {
		d    store.Date
		want string
	}{
		{friday.AddDays(7), "Friday 27 November"},
		{friday.AddDays(365), "Saturday 20 November 2027"},
	} {
		if got, err := l.long(c.d, friday); err != nil || got != c.want {
			t.Errorf("%s: %q, %v; want %q", c.d, got, err, c.want)
		}
	}
}

func TestPlurals(t *testing.T) {
	v := voice(t)
	for n, want := range map[int]string{0: "0 offers", 1: "1 offer", 2: "2 offers", 11: "11 offers"} {
		if got, err := v.languages["en"].count("offers", n); err != nil || got != want {
			t.Errorf("%d: %q, %v", n, got, err)
		}
	}
	if french := (&language{tag: "fr-BE"}); french.plural(0) != "one" || french.plural(2) != "other" {
		t.Error("in French, none is singular")
	}
	e, o := sampleEdition()
	e.New, e.Asked = e.New[:1], 1
	if l, err := v.Digest(e, o); err != nil || !strings.HasPrefix(l.Text, "A colleague asked for help today\n") {
		t.Errorf("%v\n%s", err, l.Text)
	}
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  a\tb  ":                           "a b",
		"a\r\nb\rc\u2028d":                   "a\nb\nc\nd",
		"x\x00\x07\x1b[0my":                  "x[0my",
		"\u202Eevil\u202C \u2066i\u2069":     "evil i",
		"soft\u00ADhyphen\u200B\uFEFF":       "softhyphen",
		"می\u200Cخواهم":                      "می\u200Cخواهم",
		"👩\u200D🏫":                           "👩\u200D🏫",
		"a\u0301\u0301\u0301\u0301\u0301b":   "a\u0301\u0301\u0301b",
		"bad \xff\xfe bytes":                 "bad \uFFFD bytes",
		"hidden\U000E0041\U000E0042\u3164 x": "hidden x",
		"private \uE000 use":                 "private  use",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"short", 10, "short"},
		{"exactly ten", 11, "exactly ten"},
		{"one two three four", 10, "one two…"},
		{"one two, three", 9, "one two…"},
		{"abcdefghijklmnop", 8, "abcdefg…"},
		{"families 👩\u200D🏫👩\u200D🏫", 12, "families…"},
		{"eeeee\u0301eeee", 6, "eeee…"},
		{"漢字漢字漢字漢字", 5, "漢字漢字…"},
	} {
		got := shorten(c.in, c.limit)
		if got != c.want || utf8.RuneCountInString(got) > c.limit {
			t.Errorf("%q to %d: %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestGist(t *testing.T) {
	l := voice(t).languages["en"]
	for _, c := range []struct{ body, title, want string }{
		{"Hi all,\n\nA pen, please.\n\nMany thanks,\nPriya", "Pen", "A pen, please."},
		{"Dear colleagues\nA pen\nfor me\nThanks!", "Pen", "A pen for me"},
		{"Hello", "Pen", "Hello"},
		{"Hi, could anyone lend me a pen?", "Pen", "Hi, could anyone lend me a pen?"},
		{"Thanks to all who came. Now a pen?", "Pen", "Thanks to all who came. Now a pen?"},
		{"Lend me a pen", "Lend me a pen.", ""},
		{"High shelves need a ladder\nat 3", "Ladder", "High shelves need a ladder at 3"},
		{"A pen.\nBest before Friday 3pm", "Pen", "A pen. Best before Friday 3pm"},
		{"A pen.\n\nPriya Nair", "Pen", "A pen."},
		{"", "Pen", ""},
	} {
		if got := l.gist(c.body, c.title, "Priya Nair"); got != c.want {
			t.Errorf("%q: %q, want %q", c.body, got, c.want)
		}
	}
}

func TestMailto(t *testing.T) {
	got := mailto("help+x@greenfield.example", "I can help with #17", "Tea & cake, 50% off?", "One\nTwo + three")
	want := "mailto:help%2Bx@greenfield.example?subject=I%20can%20help%20with%20%2317%3A%20Tea%20%26%20cake%2C%2050%25%20off%3F&body=One%0D%0ATwo%20%2B%20three"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := mailto("help@x.example", "", "", "ignored"); got != "mailto:help@x.example" {
		t.Errorf("bare: %s", got)
	}
}

func FuzzMailto(f *testing.F) {
	f.Add("I can help with #17", "Borrow a microscope", "I can help.")
	f.Add("s", strings.Repeat("漢", 200), "b\r\nc")
	f.Add("many lines", "t", strings.Repeat("a\n", 39))
	f.Add("more lines", "", strings.Repeat("\n\x7f", 39)+"é")
	f.Fuzz(func(t *testing.T, subject, title, body string) {
		subject, title, body = fold(subject), fold(title), clean(body)
		if subject == "" || len(subject) > 60 || len(body) > 80 {
			return
		}
		link := mailto("help@x.example", subject, title, body)
		if len(link) > 500 {
			t.Fatalf("%d bytes", len(link))
		}
		u, err := url.Parse(link)
		if err != nil {
			t.Fatal(err)
		}
		q, err := url.ParseQuery(u.RawQuery)
		if bare := "mailto:help@x.example?subject=" + percent(subject) + "&body=" + percent(body); len(bare) > 500 {
			if link != "mailto:help@x.example?subject="+percent(subject) { // the body gave way, and nothing else
				t.Fatal(link)
			}
			return
		}
		if err != nil || !strings.HasPrefix(q.Get("subject"), subject) || q.Get("body") != strings.ReplaceAll(body, "\n", "\r\n") || len(q) != 2 {
			t.Fatalf("%q: %v, %v", link, q, err)
		}
		for _, r := range link {
			if r <= ' ' || r > '~' || strings.ContainsRune("+\"'<>\\^`{|}#", r) {
				t.Fatalf("%q in %s", r, link)
			}
		}
	})
}

// FuzzWrap: no line is too wide, nothing is lost, and the lines that run on
// give the paragraph back.
func FuzzWrap(f *testing.F) {
	f.Add("To take it back, answer with the word withdraw, or stop, or #17 and 18 and so on until Friday.", false)
	f.Add(hostile, true)
	f.Add(strings.Repeat("漢字", 100), false)
	f.Add(strings.Repeat("stop ", 100), false)
	v, err := New(nil)
	if err != nil {
		f.Fatal(err)
	}
	l := v.languages["en"]
	f.Fuzz(func(t *testing.T, s string, quoted bool) {
		s = fold(s)
		prefix := ""
		if quoted {
			prefix = "> "
		}
		var back strings.Builder
		for _, line := range l.wrap(s, prefix, prefix) {
			if width(line) > 72 && !isLink(line) {
				t.Fatalf("%d columns: %q", width(line), line)
			}
			rest, found := strings.CutPrefix(line, prefix)
			if !found {
				t.Fatalf("%q lacks %q", line, prefix)
			}
			back.WriteString(rest)
		}
		if squeeze(back.String()) != squeeze(s) {
			t.Fatalf("%q became %q", s, back.String())
		}
	})
}

func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

func TestWrapKeepsCommandsInside(t *testing.T) {
	l := voice(t).languages["en"]
	for n := range 80 {
		s := strings.Repeat("x", n+1) + " answer with the word withdraw, or stop. It is about #17 or 18, >like this, or 'sorted'."
		for i, line := range l.wrap(s, "", "") {
			if first := strings.Fields(line)[0]; i > 0 && (acts.MatchString(first) || first[0] == '>') {
				t.Errorf("a line begins with %q: %q", first, line)
			}
		}
	}
}

func TestOverride(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	_, err := New(fstest.MapFS{
		"en/help.txt":   file("Subject: How we do it\n\n{{.Hello}}\n\nAsk {{.Admin}}."),
		"de/words.txt":  file(`{{define "hello.name"}}Hallo {{.}},{{end}}{{define "weekdays"}}Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag{{end}}`),
		"de/closed.txt": file("Subject: Erledigt: {{.Ask.Brief}}\n\n{{.Hello}}\n\nSchön."),
		"README":        file("ours"),
	})
	if err == nil || !strings.Contains(err.Error(), "README") {
		t.Errorf("a stray file: %v", err)
	}
	v, err := New(fstest.MapFS{
		"en/help.txt":   file("Subject: How we do it\n\n{{.Hello}}\n\nAsk {{.Admin}}."),
		"de/words.txt":  file(`{{define "hello.name"}}Hallo {{.}},{{end}}{{define "weekdays"}}Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag{{end}}`),
		"de/closed.txt": file("Subject: Erledigt: {{.Ask.Brief}}\n\n{{.Hello}}\n\nSchön."),
		".git":          file("hidden files are nobody's business"),
	})
	if err != nil {
		t.Fatal(err)
	}
	o := sample("de-AT")
	letters, err := v.Letters(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		switch l.Kind {
		case store.KindHelp: // the school's English letter with a German greeting
			if l.Subject != "How we do it" || !strings.HasPrefix(l.Text, "Hallo Priya,\n\nAsk it@greenfield.example.\n") {
				t.Errorf("help: %q\n%s", l.Subject, l.Text)
			}
		case store.KindClosed:
			if !strings.HasPrefix(l.Subject, "Erledigt: ") || !strings.Contains(l.HTML, `lang="de"`) {
				t.Errorf("closed: %q", l.Subject)
			}
		case store.KindAcknowledgement: // English falls back, the day is German
			if !strings.Contains(l.Text, "Hallo Priya,") || !strings.Contains(l.Text, "Your ask has arrived") || !strings.Contains(l.Text, "on Montag at 07:30") {
				t.Errorf("acknowledgement:\n%s", l.Text)
			}
		}
	}
	o.Facts[0].To.Language = "fr"
	if letters, err = v.Letters(o); err != nil || !strings.HasPrefix(letters[0].Text, "Hallo ") {
		t.Errorf("a language without a folder is served by the exchange's: %v", err)
	}
}

func TestOverrideMistakes(t *testing.T) {
	for _, c := range []struct{ file, content, want string }{
		{"en/help.txt", "Subject: x\n\n{{.Hello}}\n{{if}}", "en/help.txt:4"},
		{"en/help.txt", "Subject: x\n\n{{.Wrong}}", "en/help.txt:3"},
		{"en/help.txt", "Hello there", "Subject:"},
		{"en/help.txt", "Subject: x\n\n{{.Say \"nothing\"}}", "nothing"},
		{"en/hlep.txt", "Subject: x", "en/hlep.txt"},
		{"en/help.html", "Subject: x", "en/help.html"},
		{"en/words.txt", `{{define "helo"}}Hi{{end}}`, "helo"},
		{"en/words.txt", `{{define "months"}}January{{end}}`, "months"},
		{"de/words.txt", `{{define "hello"}}`, "de/words.txt:1"},
		{"layout.html", "{{define \"page\"}}{{end}}", "layout.html"},
		{"layout.html", "\n\n{{define}}", "layout.html:3"},
		{"help.txt", "Subject: x", "en/help.txt"},
	} {
		_, err := New(fstest.MapFS{c.file: {Data: []byte(c.content)}})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v does not name %s", c.file, err, c.want)
		}
	}
}

// Who hears how to ask without a name is told what became of the ask that had one.
func TestAskingWithoutAName(t *testing.T) {
	said := map[string]string{"relay": "Everything stays as it is", "relay_taken_back": "taken back before anybody read it"}
	for reason := range said {
		o := sample("en")
		i := slices.IndexFunc(o.Facts, func(f store.Fact) bool { return f.Kind == store.KindNotBuilt })
		o.Facts[i].Reason = reason
		o.Facts = o.Facts[i : i+1]
		letters, err := voice(t).Letters(o)
		if err != nil {
			t.Fatal(err)
		}
		for other, words := range said {
			if strings.Contains(letters[0].Text, words) != (other == reason) {
				t.Errorf("%s:\n%s", reason, letters[0].Text)
			}
		}
	}
}
