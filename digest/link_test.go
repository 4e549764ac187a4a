package digest

import (
	"strings"
	"testing"
	"unicode/utf8"

	"askfirst/store"
)

// digestOf is the digest of the sample with one ask that says these words.
func digestOf(t testing.TB, title, body string) store.Letter {
	t.Helper()
	o := sample("en")
	for i := range o.Facts {
		f := &o.Facts[i]
		if f.Kind != store.KindDigest {
			continue
		}
		e := *f.Edition
		e.New = append([]store.Ask(nil), e.New[:1]...)
		e.New[0].Title, e.New[0].Body = title, body
		e.Yours, e.Waiting, e.Also = nil, nil, nil
		e.Thanks = append([]store.Thanks(nil), e.Thanks...)
		e.Thanks[0].Words = body
		f.Edition = &e
		o.Facts = []store.Fact{*f}
		letters, err := voice(t).Letters(o)
		if err != nil {
			t.Fatal(err)
		}
		return letters[0]
	}
	t.Fatal("the sample has no digest")
	return store.Letter{}
}

// TestLinksInDigest: what a reader sees of an address in an ask or in thanks is
// where it leads, in both parts of the letter, and no link is ours to press.
func TestLinksInDigest(t *testing.T) {
	long := "https://docs.example/spreadsheets/d/1aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789/edit?usp=sharing#gid=0"
	for _, test := range []struct{ words, want, never string }{
		{"The plan is at " + long + " and needs a second pair of eyes before Friday.", long, ""},
		{"Log in at https://greenfield.example@evil.test/login please", "https://evil.test/login (careful: this link is not greenfield.example)", "greenfield.example@"},
		{"Log in at https://greenfie1d.example/login please", "https://greenfie1d.example/login (careful: this link is not greenfield.example)", ""},
		{"Log in at https://аpple.test/login please", "https://xn--pple-43d.test/login (careful: unusual letters in this address)", "аpple"},
		{"Log in at https://bank.test <https://evil.test/x> please", "https://bank.test (https://evil.test/x (careful: this link is not bank.test))", ""},
		{"Log in at http://192.0.2.7/x please", "http://192.0.2.7/x (careful: a link to a number, not to a name)", ""},
		{"Log in at https://a.test\\@b.test/x please", "Log in at (a broken link was taken out) please", "a.test"},
		{"See https://eur03.safelinks.protection.outlook.com/?url=https%3A%2F%2Fmaths.test%2Fx&data=05%7C01 please", "See https://maths.test/x please", "safelinks"},
		{"See https://maths.test/\u202efdp.exe please", "https://maths.test/fdp.exe", "\u202e"},
	} {
		letter := digestOf(t, "A link", test.words)
		plain := strings.Join(strings.Fields(letter.Text), " ")
		if !strings.Contains(plain, test.want) {
			t.Errorf("%q: the text says\n%s", test.words, letter.Text)
		}
		walk(t, letter.HTML, func(path []element, text string) {
			if href, ok := path[len(path)-1].attr["href"]; ok && href != "mailto:help@greenfield.example" && !strings.HasPrefix(href, "mailto:help@greenfield.example?") {
				t.Errorf("%q becomes a link to %q", test.words, href)
			}
		})
		if test.never != "" && (strings.Contains(letter.Text, test.never) || strings.Contains(letter.HTML, test.never)) {
			t.Errorf("%q: %q is shown", test.words, test.never)
		}
	}
	letter := digestOf(t, "Look at https://greenfield.example.evil.test/a/very/long/path/that/nobody/reads", "Please do.")
	if !strings.Contains(letter.Text, "#17 Look at (an odd link)\n") || strings.Contains(letter.HTML+letter.Subject, "evil.test") {
		t.Errorf("a title shows an odd link:\n%s", letter.Text)
	}
	letter = digestOf(t, "Look at https://maths.test/a/very/long/path/that/nobody/reads/at/all/in/a/title", "Please do.")
	if !strings.Contains(letter.Text, "#17 Look at maths.test\n") {
		t.Errorf("a title keeps more or less of an address than its host:\n%s", letter.Text)
	}
}

// TestLongWordsFitPhones: an address may be broken where it stands, or the page
// is as wide as it is; where nothing is long, nothing is said about it.
func TestLongWordsFitPhones(t *testing.T) {
	const style = "word-break:break-word"
	if n := strings.Count(digestOf(t, "A link", "Please look at https://docs.test/a/long/address/of/a/document").HTML, style); n < 2 {
		t.Errorf("an address is broken in %d places, not in card and thanks", n)
	}
	if strings.Contains(digestOf(t, "A microscope", "Please lend me one.").HTML, style) {
		t.Error("short words may be broken")
	}
	v := voice(t)
	page, err := v.drawHTML(v.language("en"), "A page", nil, []string{"Help Exchange, help-exchange@st-marys-primary.school.example"}, nil)
	if err != nil || !strings.Contains(page, style) {
		t.Errorf("the address in the footer is as wide as it is (%v)", err)
	}
}

func TestShortenAround(t *testing.T) {
	long := "https://x.test/" + strings.Repeat("a", 150)
	for _, test := range []struct {
		in    string
		limit int
		want  string
	}{
		{"one two", 20, "one two"},
		{"one two three four", 12, "one two…"},
		{"one " + long + " two", 60, "one " + long + " two"},
		{"one " + long + " two three four five", 60, "one " + long + " two three four…"},
		{"one two three " + long, 30, "one two three…"},
		{"https://x.test/" + strings.Repeat("a", 500), 30, ""},
	} {
		got := shortenAround(test.in, test.limit)
		if test.want == "" {
			if utf8.RuneCountInString(got) > test.limit {
				t.Errorf("%q becomes %q", test.in, got)
			}
		} else if got != test.want {
			t.Errorf("%q, %d: got %q, want %q", test.in, test.limit, got, test.want)
		}
	}
}
