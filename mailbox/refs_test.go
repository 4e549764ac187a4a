package mailbox

import (
	"slices"
	"strings"
	"testing"

	"askfirst/mailbox/parse"
)

func TestRefs(t *testing.T) {
	m := &parse.Message{
		From: []parse.Address{{Email: "Mark@Green.Example"}}, MessageID: "<m@x>", InReplyTo: []string{"<c@x>"}, References: []string{"<a@x>", "<b@x>", "<c@x>"},
		Subject: "Re: #17", Plain: "I can do 19 and №21, 17/8, not 020 7946 0018, in 2026.\n> 33\n",
	}
	refs := RefsOf(m, exchangeAddress)
	if refs.From != "mark@green.example" || refs.MessageID != "<m@x>" || !slices.Equal(refs.Answers, []string{"<c@x>", "<b@x>", "<a@x>"}) {
		t.Errorf("%+v", refs)
	}
	for _, n := range []int64{17, 19, 21, 8, 2026, 33} {
		if !slices.Contains(refs.Numbers, n) {
			t.Errorf("%d is missing in %v", n, refs.Numbers)
		}
	}
	if len(refs.Dup) != 64 {
		t.Errorf("key %q", refs.Dup)
	}
	two := *m
	two.From = append(two.From, parse.Address{Email: "b@x"})
	if r := RefsOf(&two, exchangeAddress); r.From != "" || r.Dup != "" {
		t.Errorf("two senders: %+v", r)
	}
	long := &parse.Message{From: m.From, Plain: strings.Repeat("1 22 333 4444 55555 ", 9) + strings.Repeat("x 7 ", 100000)}
	if n := len(RefsOf(long, exchangeAddress).Numbers); n == 0 || n > 50 {
		t.Errorf("%d numbers", n)
	}
}

// The key of a mail depends on who wrote it, on its id and on its words, not on
// how they were wrapped on the way.
func TestDuplicateKey(t *testing.T) {
	base := parse.Message{From: []parse.Address{{Email: "mark@green.example"}}, MessageID: "<m@x>", Plain: "17 please\nI can help"}
	key := func(change func(*parse.Message)) string {
		m := base
		change(&m)
		return RefsOf(&m, exchangeAddress).Dup
	}
	same := key(func(*parse.Message) {})
	for name, change := range map[string]func(*parse.Message){
		"wrapping": func(m *parse.Message) { m.Plain = "17 please I can\r\nhelp\r\n" },
		"case":     func(m *parse.Message) { m.From = []parse.Address{{Email: "Mark@GREEN.example"}} },
		"subject":  func(m *parse.Message) { m.Subject = "[EXTERNAL] x" },
	} {
		if key(change) != same {
			t.Errorf("%s changes the key", name)
		}
	}
	for name, change := range map[string]func(*parse.Message){
		"sender": func(m *parse.Message) { m.From = []parse.Address{{Email: "sam@green.example"}} },
		"id":     func(m *parse.Message) { m.MessageID = "<n@x>" },
		"words":  func(m *parse.Message) { m.Plain = "19 please" },
		"no id":  func(m *parse.Message) { m.MessageID = "" },
	} {
		if key(change) == same {
			t.Errorf("%s does not change the key", name)
		}
	}
	dated := func(date string) string {
		return key(func(m *parse.Message) {
			m.MessageID, m.Header = "", parse.Header{{Name: "Date", Value: date}}
		})
	}
	if dated("Fri, 20 Nov 2026 10:00:00 +0000") == dated("Mon, 23 Nov 2026 10:00:00 +0000") {
		t.Error("without an id, the same words on another day are a duplicate")
	}
}
