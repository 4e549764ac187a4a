package mailbox

import (
	"strings"
	"testing"

	"askfirst/mailbox/parse"
	"askfirst/store"
)

// What marks an ask as anonymous, in the spellings that people use, and what does
// not.
func TestAnonymousMarks(t *testing.T) {
	for _, c := range []struct {
		subject, text string
		anonymous     bool
		title         string
	}{
		{"Anonymous: a difficult class", "I do not know what to do.", true, "a difficult class"},
		{"ANONYMOUS - a difficult class", "I do not know what to do.", true, "a difficult class"},
		{"[anonymous] a difficult class", "I do not know what to do.", true, "a difficult class"},
		{"(Anonymous) A difficult class", "I do not know what to do.", true, "A difficult class"},
		{"A difficult class (anonymous please)", "I do not know what to do.", true, "A difficult class"},
		{"A difficult class - anonymous", "I do not know what to do.", true, "A difficult class"},
		{"Anonymous", "Who can help with a difficult class?", true, "Who can help with a difficult class?"},
		{"Anonymous ask", "Who can help with a difficult class?", true, "Who can help with a difficult class?"},
		{"A difficult class", "Anonymous please.\n\nI do not know what to do.", true, "A difficult class"},
		{"A difficult class", "I do not know what to do. Please keep me anonymous.", true, "A difficult class"},
		{"A difficult class", "I do not know what to do.\n\nI'd like to stay anonymous.", true, "A difficult class"},
		{"Anonym: eine schwierige Klasse", "Was tun?", true, "eine schwierige Klasse"},
		{"Eine schwierige Klasse", "Bitte anonym. Wer kennt das auch?", true, "Eine schwierige Klasse"},
		{"Anonyme : une classe difficile", "Que faire ?", true, "une classe difficile"},
		{"Una clase difícil (anónimo)", "¿Qué hacer?", true, "Una clase difícil"},
		{"Anoniem: een lastige klas", "Wat te doen?", true, "een lastige klas"},
		{"Een lastige klas", "Ik wil graag anoniem blijven. Wie kent dit?", true, "Een lastige klas"},

		{"Anonymous letters", "Does anyone collect anonymous letters in their lessons?", false, ""},
		{"A survey", "Does anybody have a tool for an anonymous survey?", false, ""},
		{"Flowers", "They came from an anonymous donor. Who needs a vase?", false, ""},
		{"Umfrage", "Wer hat eine anonyme Umfrage für Eltern?", false, ""},
		{"Anonymous donor: who needs a vase", "Ten vases.", false, ""},
		{"Vote", "Should the vote be anonymous?", false, ""},
	} {
		m := &parse.Message{From: []parse.Address{{Email: mark.Email, Name: "Mark Evans"}}, Subject: c.subject, Plain: c.text, MessageID: "<x@y>"}
		e := Understand(m, testWorld(mark, ""), Policy{})
		if len(e.Acts) != 1 || e.Acts[0].Kind != store.ActAsk || e.Acts[0].Anonymous != c.anonymous || e.Nameless != c.anonymous {
			t.Errorf("%q, %q: %s, anonymous %v, want %v", c.subject, c.text, actsOf(e), len(e.Acts) == 1 && e.Acts[0].Anonymous, c.anonymous)
			continue
		}
		if c.anonymous && (!strings.EqualFold(e.Acts[0].Title, c.title) || strings.Contains(strings.ToLower(e.Acts[0].Text), "anon")) {
			t.Errorf("%q: title %q, text %q", c.subject, e.Acts[0].Title, e.Acts[0].Text)
		}
	}
	m := &parse.Message{From: []parse.Address{{Email: mark.Email}}, To: []parse.Address{{Email: "help+Anonym@green.example"}}, Subject: "A class", Plain: "What to do?"}
	w := testWorld(mark, "")
	m.To[0].Email = strings.Replace(w.Exchange.Address, "@", "+Anonym@", 1)
	if e := Understand(m, w, Policy{}); len(e.Acts) != 1 || !e.Acts[0].Anonymous {
		t.Errorf("the tagged address: %s", actsOf(e))
	}
	if e := Understand(&parse.Message{From: []parse.Address{{Email: mark.Email}}, Subject: "Anonymous please", Plain: "anonymous"}, w, Policy{}); e.Reason != ReasonAnonymousHow {
		t.Errorf("nothing but the mark: %s %s", actsOf(e), e.Reason)
	}
}
