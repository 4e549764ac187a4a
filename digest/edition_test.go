package digest

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"askfirst/store"
)

// sampleEdition is the digest of the invented outcome.
func sampleEdition() (store.Edition, store.Outcome) {
	o := sample("en")
	for _, f := range o.Facts {
		if f.Edition != nil {
			e := *f.Edition
			e.First = false
			return e, o
		}
	}
	panic("the sample has no edition")
}

// manyAsks invents n asks whose every word costs as much as words can.
func manyAsks(from, n int, word string) []store.Ask {
	var asks []store.Ask
	for i := range n {
		asks = append(asks, store.Ask{Number: int64(from + i), Title: strings.Repeat(word, 40), Body: strings.Repeat(word+" ", 400), State: store.AskOpen,
			Asker: store.Member{ID: 99, Name: strings.Repeat(word, 50), Group: strings.Repeat(word, 50)}, NeededBy: store.Date{Year: 2026, Month: time.November, Day: 27},
			CreatedAt: time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC), Published: true})
	}
	return asks
}

func TestLimits(t *testing.T) {
	for _, word := range []string{"word", "\"'<&>", "👩‍🏫🏴", "漢字漢", "é\u0301\u0301"} {
		e, o := sampleEdition()
		asks := manyAsks(1000, 200, word)
		e.New, e.Waiting, e.Also, e.Yours = asks[:40], asks[40:80], asks[80:120], asks[120:160]
		e.Asked = 40
		e.Thanks = nil
		for i := range 40 {
			e.Thanks = append(e.Thanks, store.Thanks{ID: int64(i + 1), From: asks[0].Asker, To: []store.Member{asks[1].Asker, asks[2].Asker}, Words: strings.Repeat(word+" ", 300)})
		}
		l, err := voice(t).Digest(e, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(l.HTML) > 85<<10 {
			t.Errorf("%q: %d bytes of html", word, len(l.HTML))
		}
		if len(l.Items) != 3+8+3+6 || len(l.Thanks) != 4 {
			t.Errorf("%q: %d items, %d thanks", word, len(l.Items), len(l.Thanks))
		}
		checkHTML(t, l)
		checkItems(t, l)
		for line := range strings.SplitSeq(l.Text, "\n") {
			if width(line) > 72 {
				t.Errorf("%q: %d columns: %q", word, width(line), line)
			}
			if title, found := strings.CutPrefix(line, "#1000 "); found && utf8.RuneCountInString(title) > 70 {
				t.Errorf("%q: title of %d characters", word, utf8.RuneCountInString(title))
			}
		}
		if !strings.Contains(l.Text, "There are more; they follow") {
			t.Errorf("%q: nothing says that there are more", word)
		}
	}
}

// TestPlainDigestIsSmall: ordinary words keep all eleven cards and their taps.
func TestPlainDigestIsSmall(t *testing.T) {
	e, o := sampleEdition()
	asks := manyAsks(100, 40, "ordinary ")
	e.New, e.Waiting, e.Also = asks[:20], asks[20:30], asks[30:]
	l, err := voice(t).Digest(e, o)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(l.HTML, "<h3"); n != 8+3 || len(l.HTML) > 60<<10 {
		t.Errorf("%d cards, %d bytes", n, len(l.HTML))
	}
	if n := strings.Count(l.HTML, "I know who to ask</a>"); n != 8+3 {
		t.Errorf("%d taps", n)
	}
}

// TestTooLongBecomesLines: when cards grow too big, asks are shown in lines, and
// none of them is dropped.
func TestTooLongBecomesLines(t *testing.T) {
	layout, err := fs.ReadFile(embedded, "templates/layout.html")
	if err != nil {
		t.Fatal(err)
	}
	for bytes, want := range map[int]int{100: 11, 5000: 7, 12000: 3, 70000: 0} {
		heavy := strings.Replace(string(layout), `{{- define "card"}}`, `{{- define "card"}}<p title="`+strings.Repeat("x", bytes)+`"></p>`, 1)
		v, err := New(fstest.MapFS{"layout.html": {Data: []byte(heavy)}})
		if err != nil {
			t.Fatal(err)
		}
		e, o := sampleEdition()
		asks := manyAsks(100, 40, "ordinary ")
		e.New, e.Waiting, e.Also = asks[:8], asks[20:23], asks[30:36]
		l, err := v.Digest(e, o)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(l.HTML, "<h3"); n != want || len(l.HTML) > 60<<10 || len(l.Items) != 18 {
			t.Errorf("cards of %d bytes: %d cards, want %d; %d bytes, %d items", bytes, n, want, len(l.HTML), len(l.Items))
		}
		checkItems(t, l)
	}
}

// TestCardWords: at most 220 characters of an ask, and none that looks like ours.
func TestCardWords(t *testing.T) {
	e, o := sampleEdition()
	for body, want := range map[string]string{
		strings.Repeat("seven a ", 100):  strings.TrimSpace(strings.Repeat("seven a ", 27)) + "…",
		"#12 is what I need as well":     "… #12 is what I need as well",
		"> quoted by mistake":            "… > quoted by mistake",
		"-- not a signature":             "… -- not a signature",
		"#laminator needed":              "#laminator needed",
		"Hi there,\n#12 needs two of us": "… #12 needs two of us",
	} {
		e.New[0].Body = body
		l, err := voice(t).Digest(e, o)
		if err != nil {
			t.Fatal(err)
		}
		_, after, _ := strings.Cut(l.Text, "#17 Borrow a microscope for Year 8 on Thursday\n")
		got, _, _ := strings.Cut(after, "\nPriya N.")
		if got = strings.Join(strings.Fields(got), " "); got != want || utf8.RuneCountInString(got) > 220 {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
		checkItems(t, l)
	}
}

// checkItems: what the letter says it lists is what stands in its text, in that
// order, and every position is one more than the last.
func checkItems(t *testing.T, l store.Letter) {
	t.Helper()
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^#(\d+) `).FindAllStringSubmatch(l.Text, -1) {
		listed = append(listed, m[1])
	}
	var items []string
	for i, item := range l.Items {
		if item.Position != i+1 {
			t.Errorf("item %d has position %d", i+1, item.Position)
		}
		items = append(items, fmt.Sprint(item.Ask))
	}
	if !slices.Equal(listed, items) {
		t.Errorf("the text lists %v, the items are %v", listed, items)
	}
}

func TestDigestOrder(t *testing.T) {
	e, o := sampleEdition()
	l, err := voice(t).Digest(e, o)
	if err != nil {
		t.Fatal(err)
	}
	checkItems(t, l)
	at := -1
	for _, s := range []string{"2 colleagues asked for help today\nGreenfield Help Exchange, Friday 20 November\n", "\n\nYours\n\n#14 ", "\n\nNew today\n\n#17 ",
		"\n\nStill waiting, be the first\n\n#11 ", "\n\nAlso open\n\n#8 ", "\n\nThank you\n\nPriya N. thanks Mark E., who lent", "\n\nNeed something yourself?\n\n", "\n\n-- \nSent on working days at 07:30"} {
		next := strings.Index(l.Text, s)
		if next <= at {
			t.Errorf("%q stands at %d, after %d", s, next, at)
		}
		at = next
	}
	if l.Key != "digest/2026-11-20" || l.To != e.Member.Recipient() || l.Kind != store.KindDigest || len(l.Thread) != 0 {
		t.Errorf("key %q kind %q to %v thread %v", l.Key, l.Kind, l.To, l.Thread)
	}
	if !slices.Equal(l.Thanks, []int64{1}) {
		t.Errorf("thanks %v", l.Thanks)
	}
}

func TestSince(t *testing.T) {
	e, o := sampleEdition()
	for _, c := range []struct {
		date, since, want string
	}{
		{"2026-11-24", "2026-11-23", "asked for help today"},
		{"2026-11-23", "2026-11-20", "asked for help since Friday"},
		{"2027-01-04", "2026-12-18", "asked for help since Friday 18 December"},
		{"2026-11-24", "", "asked for help today"},
	} {
		e.Date, _ = store.ParseDate(c.date)
		e.Since, _ = store.ParseDate(c.since)
		l, err := voice(t).Digest(e, o)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(l.Text, c.want+"\n") || !strings.Contains(l.HTML, c.want) {
			t.Errorf("%s since %q: want %q in\n%s", c.date, c.since, c.want, l.Text)
		}
	}
}

// TestSameWords: members who are told the same read the same, byte for byte,
// and who is told something else does not.
func TestSameWords(t *testing.T) {
	e, o := sampleEdition()
	o.Facts = nil
	fact := func(m store.Member, e store.Edition) {
		e.Member = m
		o.Facts = append(o.Facts, store.Fact{Kind: store.KindDigest, Key: fmt.Sprintf("digest/x/m%d", m.ID), To: m.Recipient(), Edition: &e})
	}
	other := e
	other.Yours = nil
	changed := e
	changed.New = slices.Clone(e.New)
	changed.New[0].Body = "Something else."
	fact(store.Member{ID: 1, Name: "Ann Lee", Email: "ann@x.example"}, e)
	fact(store.Member{ID: 2, Name: "Bo Day", Email: "bo@x.example"}, e)
	fact(store.Member{ID: 3, Name: "Cy Fox", Email: "cy@x.example"}, other)
	fact(store.Member{ID: 4, Name: "Di Ray", Email: "di@x.example"}, changed)
	letters, err := voice(t).Letters(o)
	if err != nil {
		t.Fatal(err)
	}
	same := func(a, b store.Letter) bool {
		return a.Subject == b.Subject && a.Text == b.Text && a.HTML == b.HTML && slices.Equal(a.Items, b.Items) && slices.Equal(a.Thanks, b.Thanks)
	}
	if !same(letters[0], letters[1]) {
		t.Error("two members who are told the same read different words")
	}
	if same(letters[0], letters[2]) || same(letters[0], letters[3]) {
		t.Error("members who are told different things read the same words")
	}
	if strings.Contains(letters[3].HTML, "working microscope") || !strings.Contains(letters[3].HTML, "Something else.") {
		t.Error("a card was taken from another edition")
	}
	for _, name := range []string{"Ann", "Bo ", "Cy ", "Di "} {
		if strings.Contains(letters[0].Text+letters[0].HTML, name) {
			t.Errorf("the digest names %q", name)
		}
	}
	letters[0].Items[0].Ask = 999
	if letters[1].Items[0].Ask == 999 {
		t.Error("two letters share their items")
	}
}

// TestContentKey: whatever may change a digest's words changes its key.
func TestContentKey(t *testing.T) {
	e, _ := sampleEdition()
	d := newDay()
	seen := map[string]int{d.content(e): -1}
	if again, _ := sampleEdition(); seen[d.content(again)] != -1 {
		t.Error("the same edition has two names")
	}
	for i, change := range []func(*store.Edition){
		func(e *store.Edition) { e.Date = e.Date.AddDays(1) },
		func(e *store.Edition) { e.Since = e.Since.AddDays(-1) },
		func(e *store.Edition) { e.First = true },
		func(e *store.Edition) { e.Asked = 7 },
		func(e *store.Edition) { e.New, e.Also = e.New[:1], append(e.New[1:2:2], e.Also...) },
		func(e *store.Edition) { e.New[0].Title = "x" },
		func(e *store.Edition) { e.New[0].NeededBy = e.Date },
		func(e *store.Edition) { e.New[0].Asker.Group = "x" },
		func(e *store.Edition) { e.New[0].Asker.Name = "x" },
		func(e *store.Edition) { e.New[0].State = store.AskHelped },
		func(e *store.Edition) { e.New[0].Published = true },
		func(e *store.Edition) { e.New[0].CreatedAt = e.New[0].CreatedAt.AddDate(0, 0, -3) },
		func(e *store.Edition) { e.Also[0].Offers = e.Also[0].Offers[:1] },
		func(e *store.Edition) {
			e.Also[0].Offers = []store.Offer{e.Also[0].Offers[0], {State: store.OfferWithdrawn}}
		},
		func(e *store.Edition) { e.Thanks[0].Words = "x" },
		func(e *store.Edition) { e.Thanks[0].To = nil },
	} {
		e, _ := sampleEdition()
		change(&e)
		if other, ok := seen[d.content(e)]; ok {
			t.Errorf("changes %d and %d look the same", other, i)
		}
		seen[d.content(e)] = i
	}
}

func TestDigestSubject(t *testing.T) {
	title := func(titles ...string) []store.Ask {
		var asks []store.Ask
		for i, s := range titles {
			asks = append(asks, store.Ask{Number: int64(i + 1), Title: s, State: store.AskOpen})
		}
		return asks
	}
	long := "An unusually long title that goes on and on about one single thing"
	for _, c := range []struct {
		e    store.Edition
		want string
	}{
		{store.Edition{New: title("Microscope by Thursday", "A spelling app", "Pens")}, "3 asks: Microscope by Thursday, A spelling app, Pens (Fri 20 Nov)"},
		{store.Edition{New: title("Microscope by Thursday", "A spelling app", "Something heavy to carry", "Pens")}, "4 asks: Microscope by Thursday, A spelling app, +2 (Fri 20 Nov)"},
		{store.Edition{New: title("Pens"), Asked: 1}, "An ask: Pens (Fri 20 Nov)"},
		{store.Edition{New: title("Pens"), Asked: 30}, "30 asks: Pens, +29 (Fri 20 Nov)"},
		{store.Edition{New: title("Is #12 sorted?")}, "An ask: Is 12 sorted? (Fri 20 Nov)"},
		{store.Edition{Waiting: title("Pens.")}, "Still waiting: Pens (Fri 20 Nov)"},
		{store.Edition{Yours: title("Pens", "Ink")}, "About your asks: Pens, Ink (Fri 20 Nov)"},
		{store.Edition{Also: title("Pens")}, "What colleagues are looking for (Fri 20 Nov)"},
		{store.Edition{Thanks: []store.Thanks{{From: store.Member{Name: "Priya Nair"}, To: []store.Member{{Name: "Mark Evans"}}}}}, "Priya N. thanks Mark E. (Fri 20 Nov)"},
		{store.Edition{New: title(long, long, long, long)}, ""},
		{store.Edition{New: title(strings.Repeat("x", 300))}, ""},
	} {
		_, o := sampleEdition()
		c.e.Date = store.Date{Year: 2026, Month: time.November, Day: 20}
		l, err := voice(t).Digest(c.e, o)
		if err != nil {
			t.Fatal(err)
		}
		if c.want != "" && l.Subject != c.want {
			t.Errorf("%q, want %q", l.Subject, c.want)
		}
		lead, dated := strings.CutSuffix(l.Subject, " (Fri 20 Nov)")
		if n := utf8.RuneCountInString(lead); n > 60 || !dated || strings.Contains(lead, "#") {
			t.Errorf("%d characters before the date: %q", n, l.Subject)
		}
	}
}

func TestOwnAndOpenLines(t *testing.T) {
	e, o := sampleEdition()
	one := e.Yours[0]
	one.Offers = one.Offers[:1]
	none := one
	none.Offers, none.Number, none.Title = nil, 13, "Who has a laminator?"
	helped := e.Also[0]
	helped.State, helped.NeededBy = store.AskHelped, e.Date
	e.Yours, e.Also = []store.Ask{one, none}, []store.Ask{helped}
	l, err := voice(t).Digest(e, o)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(l.Text), " ")
	for _, want := range []string{
		"#14 Spare whiteboard pens: 1 offer. Sorted? Answer with the number and the word sorted.",
		"#13 Who has a laminator? Still looking. Answer with the number",
		"#8 A class set of Macbeth for two weeks (has help / needed by Fri 20 Nov)",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, l.Text)
		}
	}
}

// BenchmarkDigests composes the digests of 5,000 members: 50 different
// editions, as on a day on which some are asked about their own asks.
func BenchmarkDigests(b *testing.B) {
	v := voice(b)
	e, o := sampleEdition()
	asks := manyAsks(100, 80, "ordinary ")
	for i := range asks {
		asks[i].Title = fmt.Sprintf("Ask %d, an ordinary one", i)
	}
	e.New, e.Waiting, e.Also = asks[:8], asks[8:11], asks[11:17]
	o.Facts = nil
	for i := range 5000 {
		own := e
		own.Yours = asks[20+i%50 : 21+i%50]
		own.Member = store.Member{ID: int64(i), Name: "Ann Lee", Email: fmt.Sprintf("m%d@x.example", i)}
		o.Facts = append(o.Facts, store.Fact{Kind: store.KindDigest, Key: fmt.Sprintf("digest/x/m%d", i), To: own.Member.Recipient(), Edition: &own})
	}
	for b.Loop() {
		letters, err := v.Letters(o)
		if err != nil || len(letters) != 5000 {
			b.Fatal(err)
		}
	}
	b.ReportMetric(5000/b.Elapsed().Seconds()*float64(b.N), "digests/s")
}
