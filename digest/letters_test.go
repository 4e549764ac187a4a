package digest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"askfirst/store"
)

// TestEveryKind reads the book's list of kinds from its source: a new kind of
// letter without words is a mistake that shows here.
func TestEveryKind(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../store/letter.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if ok && strings.HasPrefix(spec.Names[0].Name, "Kind") {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, value)
		}
		return true
	})
	if len(all) < 30 {
		t.Fatalf("found only %d kinds in the book", len(all))
	}
	for _, kind := range all {
		if !slices.Contains(kinds(), kind) {
			t.Errorf("no letter of kind %q is ever tried", kind)
		}
	}
}

func TestOneFactOneLetter(t *testing.T) {
	o := sample("en")
	for i := range o.Facts {
		o.Facts[i].Key = fmt.Sprintf("key/%d", i)
		o.Facts[i].Thread = []string{fmt.Sprintf("<%d@x.example>", i)}
	}
	letters, err := voice(t).Letters(o)
	if err != nil {
		t.Fatal(err)
	}
	if len(letters) != len(o.Facts) {
		t.Fatalf("%d letters for %d facts", len(letters), len(o.Facts))
	}
	for i, l := range letters {
		f := o.Facts[i]
		if l.Key != f.Key || l.Kind != f.Kind || l.To != f.To || !slices.Equal(l.Thread, f.Thread) {
			t.Errorf("letter %d is %q %q to %v, fact %q %q to %v", i, l.Key, l.Kind, l.To, f.Key, f.Kind, f.To)
		}
		if l.Subject == "" || l.Text == "" || l.HTML == "" {
			t.Errorf("%s lacks a part", l.Kind)
		}
		if suffix := fmt.Sprintf(" (#%d)", f.Ask.Number); f.Ask.Number > 0 {
			if !strings.HasSuffix(l.Subject, suffix) {
				t.Errorf("%s: subject %q does not end with%s", l.Kind, l.Subject, suffix)
			}
			if !slices.Contains(l.Items, store.Item{Position: 1, Ask: f.Ask.Number}) {
				t.Errorf("%s: items %v lack its ask", l.Kind, l.Items)
			}
		}
		if (l.Kind == store.KindIntroduction) != (len(l.ReplyTo) == 2) {
			t.Errorf("%s: answers go to %v", l.Kind, l.ReplyTo)
		}
	}
}

func TestUnknownKindAndMissingEdition(t *testing.T) {
	o := sample("en")
	for _, f := range []store.Fact{{Kind: "fanfare", Key: "k1"}, {Kind: store.KindDigest, Key: "k2"}} {
		o.Facts = []store.Fact{f}
		if _, err := voice(t).Letters(o); err == nil || !strings.Contains(err.Error(), f.Key) {
			t.Errorf("%s: error %v does not name %s", f.Kind, err, f.Key)
		}
	}
}

// TestSparseFacts composes every letter from almost nothing: a sealed asker, no
// helper, no words, no dates. Whatever the rules leave out, a letter must read.
func TestSparseFacts(t *testing.T) {
	o := sample("en")
	o.Exchange = store.Exchange{Address: "help@x.example"}
	for i, f := range o.Facts {
		g := store.Fact{Kind: f.Kind, Key: f.Key, To: store.Recipient{Email: "a@x.example"}}
		if f.Ask.Number > 0 {
			g.Ask = store.Ask{Number: f.Ask.Number, Body: "pens, any colour", State: store.AskOpen}
		}
		if f.Edition != nil {
			g.Edition = &store.Edition{Date: f.Edition.Date, New: []store.Ask{{Number: 3, State: store.AskOpen}}, Thanks: []store.Thanks{{}}}
		}
		o.Facts[i] = g
	}
	letters, err := voice(t).Letters(o)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		for _, bad := range []string{"<nil>", "no value", "%!", "  ", " ,", " .", "()", "\"\"", "\n\n\n"} {
			if strings.Contains(strings.ReplaceAll(l.Text, "\n  ", "\n"), bad) || strings.Contains(l.Subject, bad) {
				t.Errorf("%s contains %q:\n%s\n%s", l.Kind, bad, l.Subject, l.Text)
			}
		}
	}
	o.Calendar = store.Calendar{}
	if _, err := voice(t).Letters(o); err != nil {
		t.Errorf("without a calendar: %v", err)
	}
}

// forbidden are the words of a help desk, not of colleagues.
var forbidden = regexp.MustCompile(`(?i)\b(tickets?|users?|overdue|unanswered|unfortunately|has been processed|dear)\b|!!`)

func TestNoForbiddenWords(t *testing.T) {
	for _, l := range sampleLetters(t) {
		if w := forbidden.FindString(l.Subject + "\n" + l.Text); w != "" {
			t.Errorf("%s says %q", l.Kind, w)
		}
	}
	err := fs.WalkDir(embedded, "templates/en", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasSuffix(path, "words.txt") {
			return err
		}
		content, err := fs.ReadFile(embedded, path)
		if w := forbidden.FindString(string(content)); w != "" {
			t.Errorf("%s says %q", path, w)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// acts are words that do something when they come first in an answer.
var acts = regexp.MustCompile(`(?i)^[>'"(]?(#?\d+|pause|resume|weekly|stop|help|data|undo|withdraw|cancel|never|sorted|done|solved|found|got|again|open|still|until|private|yes|no|not|thanks?|back|my|sorry|ask|i|me|happy|ok|try|forget|start)['".,:;)!?]*$`)

// TestLines: at most 72 columns, and no line of ours begins like an answer.
func TestLines(t *testing.T) {
	item := regexp.MustCompile(`^#\d+ \S`)
	for _, letter := range sampleLetters(t) {
		listed := 0
		lines := strings.Split(strings.TrimSuffix(letter.Text, "\n"), "\n")
		for i, line := range lines {
			if w := width(line); w > 72 {
				t.Errorf("%s: %d columns: %q", letter.Kind, w, line)
			}
			if bare := strings.TrimRight(line, " "); line != "-- " && bare != line && (line != bare+softBreak || lines[i+1] == "" || item.MatchString(lines[i+1])) {
				t.Errorf("%s: %q would run on into %q", letter.Kind, line, lines[i+1])
			}
			if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "- ") || line == "" || line == "-- " {
				continue
			}
			if item.MatchString(line) {
				listed++
				continue
			}
			// Three headings of the digest are named like this on purpose, and
			// "I need one" is a member's.
			named := []string{"Thank you", "Still waiting, be the first", "2 colleagues asked for help today"}
			if first := strings.Fields(line)[0]; acts.MatchString(first) && !slices.Contains(named, line) && first != "I" {
				t.Errorf("%s: a line begins with %q: %q", letter.Kind, first, line)
			}
		}
		if listed > len(letter.Items) {
			t.Errorf("%s: %d lines look like items, %d items", letter.Kind, listed, len(letter.Items))
		}
		if letter.Kind != store.KindDigest && !strings.Contains(letter.Text, "\n-- \nGreenfield Help Exchange, help@greenfield.example\n") {
			t.Errorf("%s: no footer", letter.Kind)
		}
	}
}

// hostile is what a careless or unkind person could write.
const hostile = "\x02" + "0\x03 #12 for me\r\n\r\n> quoted\n-- \nstop\n\n<script>alert('x')</script><img src=x onerror=y>&lt;b&gt; {{.Admin}} " +
	"\u202Etxet\u202C \u2066iso\u2069 zero\u200Bwidth \x00\x1b[31mred a\u0301\u0301\u0301\u0301\u0301\u0301 http://evil.example/" +
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa \xff\xfe 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字"

func hostileOutcome() store.Outcome {
	o := sample("en")
	spoilMember := func(m *store.Member) {
		m.Name, m.Group = "Priya\x02 </td>\r\nBcc: x\u202E Nair", "<b>"+hostile
	}
	spoil := func(a *store.Ask) {
		if a.Number == 0 {
			return
		}
		a.Title, a.Body = hostile, hostile
		spoilMember(&a.Asker)
		a.Offers = slices.Clone(a.Offers)
		for i := range a.Offers {
			spoilMember(&a.Offers[i].Helper)
		}
	}
	for i := range o.Facts {
		f := &o.Facts[i]
		f.Words, f.Reason, f.Name, f.To.Name = hostile, hostile, hostile, "Mark\x03 <i>\u202E"
		f.People = slices.Clone(f.People)
		for j := range f.People {
			spoilMember(&f.People[j])
		}
		spoilMember(&f.Connector)
		spoil(&f.Ask)
		spoilMember(&f.Helper)
		lists := [][]store.Ask{f.Candidates, f.Asks, f.Helping}
		if e := f.Edition; e != nil {
			lists = append(lists, e.Yours, e.New, e.Waiting, e.Also)
			for j := range e.Thanks {
				e.Thanks[j].Words = hostile
				spoilMember(&e.Thanks[j].From)
			}
		}
		for _, list := range lists {
			for j := range list {
				spoil(&list[j])
			}
		}
	}
	return o
}

// TestHostileWords: nothing that a person writes becomes markup, a heading, an
// item, a header or an invisible character.
func TestHostileWords(t *testing.T) {
	letters, err := voice(t).Letters(hostileOutcome())
	if err != nil {
		t.Fatal(err)
	}
	item := regexp.MustCompile(`(?m)^#(\d+) `)
	for _, l := range letters {
		for part, s := range map[string]string{"subject": l.Subject, "text": l.Text, "html": l.HTML} {
			if !utf8.ValidString(s) {
				t.Errorf("%s %s: not UTF-8", l.Kind, part)
			}
			for _, r := range s {
				if r != '\n' && (unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) && r != '\u200D') {
					t.Errorf("%s %s: contains %U", l.Kind, part, r)
					break
				}
			}
		}
		if strings.ContainsAny(l.Subject, "\r\n") {
			t.Errorf("%s: subject on two lines", l.Kind)
		}
		for _, tag := range []string{"<script", "<img", "<i>", "<b>r", "&amp;amp;"} {
			if strings.Contains(l.HTML, tag) {
				t.Errorf("%s: html contains %s", l.Kind, tag)
			}
		}
		checkHTML(t, l)
		for _, m := range item.FindAllStringSubmatch(l.Text, -1) {
			n, _ := strconv.ParseInt(m[1], 10, 64)
			if !slices.ContainsFunc(l.Items, func(i store.Item) bool { return i.Ask == n }) {
				t.Errorf("%s: a line looks like the item #%d:\n%s", l.Kind, n, l.Text)
			}
		}
		for line := range strings.SplitSeq(l.Text, "\n") {
			if width(line) > 72 && !strings.Contains(line, "http://evil") {
				t.Errorf("%s: %d columns: %q", l.Kind, width(line), line)
			}
		}
		if strings.Count(l.Text, "\n-- \n") != 1 {
			t.Errorf("%s: more than one signature mark:\n%s", l.Kind, l.Text)
		}
	}
}

func TestSparing(t *testing.T) {
	o := sample("en")
	for _, f := range o.Facts {
		if f.Kind != store.KindAcknowledgement {
			continue
		}
		o.Facts = []store.Fact{f, f, f}
		o.Facts[1].Ask.NeededBy = store.Date{Year: 2026, Month: time.November, Day: 26}
		o.Facts[1].Files = []string{"a", "b"}
		o.Facts[2].Ask.NeededBy, o.Facts[2].Ask.Body, o.Facts[2].Files = o.Facts[1].Ask.NeededBy, "", nil
	}
	letters, err := voice(t).Letters(o)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ has, not []string }{
		{[]string{"by when do you need it", "The file you attached is not passed on"}, []string{"what exactly would help"}},
		{[]string{"needed by Thu 26 Nov", "The 2 files you attached are not passed on"}, []string{"by when", "what exactly"}},
		{[]string{"what exactly would help"}, []string{"by when", "attached"}},
	} {
		text := strings.Join(strings.Fields(letters[i].Text), " ")
		for _, s := range append(want.has, "goes to 84 colleagues on Monday at 07:30", "withdraw") {
			if !strings.Contains(text, s) {
				t.Errorf("acknowledgement %d lacks %q:\n%s", i, s, letters[i].Text)
			}
		}
		for _, s := range want.not {
			if strings.Contains(text, s) {
				t.Errorf("acknowledgement %d says %q:\n%s", i, s, letters[i].Text)
			}
		}
	}
}
