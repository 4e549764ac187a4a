package words

import (
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

// Every section that the understanding of mail asks for is there, and in every
// language that people write.
func TestSections(t *testing.T) {
	for _, name := range []string{"en", "de", "fr", "es", "nl"} {
		text, err := files.ReadFile(name + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		for _, section := range []string{
			"small", "greeting", "offer", "assent", "refuse", "not", "idiom", "limit", "close", "withdraw", "unoffer", "reopen", "extend", "notyet", "failed",
			"thanks", "advance", "praise", "refer", "metoo", "decline", "private", "asking", "anyone", "courtesy", "okay", "pause", "resume", "weekly",
			"daily", "stop", "help", "status", "data", "forget", "undo", "meant", "change", "anonymous", "reveal", "new", "none", "every", "ordinal", "numberword", "place",
			"unit", "before_number", "common", "generic", "autoreply", "autoreplyweak", "calendar", "receipt", "weekday", "month", "cardinal", "dayunit", "shift",
			"nextweek", "nextmonth", "endweek", "endmonth", "by", "dayprep", "past", "moreword", "noname", "quantity", "need", "told", "article", "oneword", "reaction", "tapback", "ownneed", "noneed", "positive", "negative", "numeral", "thisday", "nextday", "endnextweek", "monthend", "monthmid", "monthstart", "notday", "within", "from", "to", "someday", "weekdayabbr",
		} {
			if !strings.Contains(string(text), "["+section+"]\n") {
				t.Errorf("%s has no section %s", name, section)
			}
		}
	}
	if v := Standard(); v.Size("offer") < 200 || v.Size("weekday") < 30 {
		t.Errorf("%d offers, %d weekdays", v.Size("offer"), v.Size("weekday"))
	}
}

// A word that begins or ends a mail without meaning must not be a command.
func TestNoSmallCommands(t *testing.T) {
	v := Standard()
	for _, class := range []Class{"stop", "pause", "resume", "weekly", "help", "status", "data", "forget", "undo", "close", "withdraw"} {
		for word := range v.sets[class] {
			if v.Is("small", word) && word != "back" {
				t.Errorf("%q is small talk and %s", word, class)
			}
		}
	}
	for _, pair := range [][2]Class{{"stop", "courtesy"}, {"stop", "offer"}, {"pause", "offer"}, {"refuse", "assent"}, {"close", "reopen"}, {"withdraw", "reopen"}} {
		for line := range v.lines[pair[0]] {
			if v.lines[pair[1]][line] {
				t.Errorf("%q is both %s and %s", line, pair[0], pair[1])
			}
		}
	}
}

func TestFind(t *testing.T) {
	v, err := Load(fstest.MapFS{"x.txt": {Data: []byte("; a comment\n[small]\nplease, thanks\n[end]\n^done$, all .. gone, ask @, two words\n[n]\n1: one, eins\n")}})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"done": 1, "Please DONE, thanks": 1, "it is done": 0, "done it": 0, "all gone": 1, "all of it is gone": 1, "all of it is really gone": 0,
		"ask Ben": 1, "ask ben": 0, "ask me@x.example": 1, "TWO  words": 1, "two": 0, "17 done": 1, "döne": 1,
	} {
		n := 0
		for _, m := range v.Find(Tokens(text)) {
			if m.Class == "end" {
				n++
			}
		}
		if n != want {
			t.Errorf("%q: %d, want %d", text, n, want)
		}
	}
	if n, ok := v.Value("n", "eins"); n != 1 || !ok {
		t.Error(n, ok)
	}
	for _, bad := range []string{"done\n", "[a]\n.. x\n", "[a]\n_ @\n"} {
		if _, err := Load(fstest.MapFS{"x.txt": {Data: []byte(bad)}}); err == nil || !strings.Contains(err.Error(), "x.txt:") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestTokens(t *testing.T) {
	for text, want := range map[string]string{
		"I can’t, #17!":             "i|cant|17",
		"on 7.12. at 09:30, £17.50": "on|7.12.|at|09:30|17.50",
		"x-ray 27/11/2026":          "x-ray|27/11/2026",
		"mail me@x.example.":        "mail|me@x.example",
		"Grüße Straße œuf":          "grusse|strasse|oeuf",
		"№１７ ＃１８":                   "17|18",
		"17.":                       "17",
		"":                          "",
	} {
		var got []string
		for _, tok := range Tokens(text) {
			got = append(got, tok.Fold)
			if text[tok.Start:tok.End] != tok.Raw {
				t.Errorf("%q: %+v is not where it says", text, tok)
			}
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is %q, want %q", text, strings.Join(got, "|"), want)
		}
	}
}

func FuzzTokens(f *testing.F) {
	f.Add("I can’t do 7.12., me@x.y #17")
	f.Add("\xff\xfe17")
	f.Fuzz(func(t *testing.T, s string) {
		last := 0
		for _, tok := range Tokens(s) {
			if tok.Start < last || tok.End <= tok.Start || tok.End > len(s) || tok.Fold == "" || utf8.ValidString(s) && !utf8.ValidString(tok.Fold) {
				t.Fatalf("%q: %+v", s, tok)
			}
			last = tok.End
		}
		Standard().Find(Tokens(s))
	})
}
