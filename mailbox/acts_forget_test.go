package mailbox

import (
	"strings"
	"testing"

	"askfirst/store"
)

// What answers "shall everything about you be forgotten?", and what of it is the
// yes that cannot be taken back: "forget!" here.
func TestYesToForgetting(t *testing.T) {
	const code = "forget-k7q2m9xa" // no such letters: 9 and 8 are none of base32
	const real = "forget-k7q2m5xa"
	letter := store.Sent{Key: "forget_confirm/x", Kind: store.KindForgetConfirm, MessageID: "<forget.x@green.example>", Subject: "Shall everything about you be forgotten?",
		Text: "Nothing has happened yet. If so, answer yes.\n\n" + real}
	long := strings.Repeat("and I have thought about it for long ", 4)
	for _, row := range []struct {
		how  string // threaded, recent: the mail has lost its threading, theirs, another: it is somebody else's, or about something else
		text string
		want string
	}{
		{"threaded", "yes", "forget!"},
		{"threaded", "Yes please", "forget!"},
		{"threaded", "okay", "forget!"},
		{"threaded", "Yes, forget me", "forget!"},
		{"threaded", "forget me", "forget!"},
		{"threaded", "Please forget me. " + long, "forget"},
		{"threaded", "no", "chat"},
		{"threaded", "No, please do not forget me", "chat"},
		{"threaded", "yes?", "forget"},
		{"threaded", "Should I say yes?", "forget"},
		{"threaded", "Please don't forget me", ""},
		{"threaded", "No. Forget me not!", "chat"},
		{"threaded", "Thanks", "chat"},
		{"threaded", "status", "status"},
		{"threaded", "pause", "pause"},
		{"threaded", "Yes, " + long, ""},
		{"recent", "yes", "forget"},
		{"recent", "yes\n\n> " + code, "forget"},
		{"recent", "yes\n\n> " + real, "forget!"},
		{"recent", "yes\n\n> forget-aaaaaaaa", "forget"},
		{"theirs", "yes", ""},
		{"theirs", "forget me", "forget"},
		{"another", "yes", ""},
		{"another", "okay", ""},
		{"another", "forget me", "forget"},
		{"another", "Ik wil vergeten worden", "forget"},
		{"another", "Ich will, dass ihr mich vergesst", "forget"},
	} {
		v := testWorld(mark, "")
		l := letter
		if l.To = mark.ID; row.how == "theirs" {
			l.To = priya.ID
		}
		if row.how == "another" {
			l.Kind, l.Key = store.KindStatus, "status/x"
		}
		v.Letters = []store.Sent{l}
		m := written(mark, v, "", row.text)
		if row.how == "recent" {
			v.Letters, v.Recent = nil, []store.Sent{l}
			m.InReplyTo = nil
		}
		e := Understand(m, v, Policy{Verify: "none"})
		got := actsOf(e)
		for _, a := range e.Acts {
			if a.Kind == store.ActForget && a.Via == store.ViaForgetConfirm {
				got += "!"
			}
		}
		if got != row.want && (row.want != "" || strings.HasPrefix(got, "forget")) {
			t.Errorf("%s %q: %s (%s), want %s", row.how, row.text, got, e.Reason, row.want)
		}
	}
}
