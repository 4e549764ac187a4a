package mailbox

import (
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// sound says what is wrong with an event, whatever the message was.
func sound(e store.Event) string {
	switch e.Verdict {
	case store.Accepted:
		if len(e.Acts) == 0 {
			return "accepted without acts"
		}
	case store.Refused, store.Ignored:
		if len(e.Acts) > 0 {
			return "acts without being accepted"
		}
	default:
		return "verdict " + string(e.Verdict)
	}
	if Reasons()[e.Reason] == "" {
		return "unexplained reason " + e.Reason
	}
	for _, a := range e.Acts {
		switch {
		case a.Kind == "":
			return "an act without kind"
		case a.Kind == store.ActAsk && (a.Text == "" || a.Title == "" || utf8.RuneCountInString(a.Title) > longestTitle || strings.ContainsAny(a.Title, "\r\n")):
			return "an ask without a usable title: " + strconv.Quote(a.Title)
		case (a.Kind == store.ActOffer || a.Kind == store.ActClose || a.Kind == store.ActWithdraw || a.Kind == store.ActEdit) && a.Ask == 0:
			return string(a.Kind) + " about no ask"
		case a.Kind == store.ActConfirm && e.Answers == "":
			return "confirmed without a question"
		}
	}
	return ""
}

func FuzzUnderstand(f *testing.F) {
	letters := []string{"", "digest", "digest-one", "acknowledgement/23", "introduction/21", "introduction/22", "did_it_help/21", "may_i_share/21", "still_looking/14", "which_ask", "thank_you/22", "help", "status"}
	f.Add("17 and 19", "", "Re: x", 1, 1)
	f.Add("", "<p>I can help with #17</p>", "Re: x", 1, 3)
	f.Add("until 99.99. 2 weeks 31 feb", "", "Fwd: private:", 6, 5)
	f.Add(digestText, "", digestSubject, 1, 0)
	f.Add("change to:", "", "private", 3, 5)
	f.Fuzz(func(t *testing.T, plain, html, subject string, letter, who int) {
		writers := []store.Member{priya, mark, sam, ben, maria, anna, {}}
		v := testWorld(writers[uint(who)%uint(len(writers))], letters[uint(letter)%uint(len(letters))])
		if who%5 == 0 {
			v.Letters, v.Recent = nil, v.Letters
		}
		if who%7 == 0 {
			v.Pending = &store.Question{Kind: "which_ask", Words: plain, Candidates: []int64{17, 19}}
		}
		m := &parse.Message{From: []parse.Address{{Email: "x@green.example"}}, Subject: subject, Plain: plain, HTML: html}
		RefsOf(m, exchangeAddress)
		e := Understand(m, v, Policy{Verify: "none"})
		if problem := sound(e); problem != "" {
			t.Errorf("%s\n%+v", problem, e)
		}
		if again := Understand(m, v, Policy{Verify: "none"}); !reflect.DeepEqual(e, again) {
			t.Errorf("two answers:\n%+v\n%+v", e, again)
		}
	})
}

func TestNilMessage(t *testing.T) {
	if e := Understand(nil, store.View{}, Policy{Verify: "none"}); e.Reason != ReasonNoSender {
		t.Errorf("%+v", e)
	}
}

// Every reason that the code can give is explained, and no other.
func TestReasons(t *testing.T) {
	file, err := goparser.ParseFile(gotoken.NewFileSet(), "reasons.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	consts := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, v := range spec.Values {
				value, _ := strconv.Unquote(v.(*ast.BasicLit).Value)
				consts[value] = true
			}
		}
		return true
	})
	explained := Reasons()
	for c := range consts {
		if explained[c] == "" || !strings.HasSuffix(explained[c], ".") {
			t.Errorf("%s is not explained in a sentence", c)
		}
	}
	if len(consts) != len(explained) {
		t.Errorf("%d reasons, %d explanations", len(consts), len(explained))
	}
}
